"""What is written down of a check, and what the teller is told: a decision and its reason, never a picture, a template
or a likeness.
"""

import re
from typing import Literal

from edge_agent.messages import IdentityCheck

Method = Literal["face", "fingerprint"]
Decision = Literal["passed", "failed", "undecided", "declined", "locked"]
ToTeller = Literal["", "face", "fingerprint", "failed", "declined"]

WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")
# what engines and liveness say -> what is written down
DECISIONS: dict[str, Decision] = {
    "same": "passed",
    "different": "failed",
    "attack": "failed",
    "no_face": "undecided",
    "many_faces": "undecided",
    "poor_quality": "undecided",
    "unsure": "undecided",
    "timeout": "undecided",
    "canceled": "undecided",
    "unavailable": "undecided",
    "declined": "declined",
    "locked": "locked",
}


def entry(
    method: Method, outcome: str, reasons: tuple[str, ...], engine: str, consent: str
) -> IdentityCheck:
    """`outcome`: a word of DECISIONS; an unknown one raises KeyError. Of several reasons the first is written down."""
    return IdentityCheck(
        method=method,
        decision=DECISIONS[outcome],
        engine=engine,
        consent=consent,
        reason=first(reasons),
    )


def first(reasons: tuple[str, ...]) -> str:
    """The one that is written down."""
    return snake(reasons[0]) if reasons else ""


def snake(word: str) -> str:
    """A machine's word as the journal has it: noMatch -> no_match."""
    return WORD_START.sub("_", word).lower()


def engine_words(name: str, models: tuple[str, ...], threshold: float) -> str:
    """Which program judged with which limit: another model or threshold is another engine."""
    return f"{name}: {' + '.join(models)} t={threshold:g}"


def to_teller(method: Method, decision: Decision) -> ToTeller:
    """After the last try of a session. What could not be judged has not been confirmed."""
    if decision == "passed":
        return method
    return "declined" if decision == "declined" else "failed"
