"""Why a ticket was called, as the journal keeps it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One who might have been called, with the numbers that were compared. `preferred_s` is what the score
    holds because this counter prefers the service."""

    label: str
    service: str
    segment: str
    waited_s: float
    score_s: float
    preferred_s: float = 0.0
    capped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why this one: the policy and its rule, how many waited, and the candidates, best first."""

    policy: str
    rule: str
    of: int
    chosen: Candidate
    candidates: tuple[Candidate, ...]
