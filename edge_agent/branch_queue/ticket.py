"""One customer's ticket: its states, and the one table of moves between them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a ticket is in its life."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    SERVED = "served"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Segment(StrEnum):
    """Which kind of customer, as the branch tells them apart."""

    ORDINARY = "ordinary"
    VIP = "vip"
    CARE = "care"
    APPOINTMENT = "appointment"


# move: (states it may start from, state it leads to)
MOVES: dict[str, tuple[frozenset[State], State]] = {
    "call": (frozenset({State.WAITING}), State.CALLED),
    "recall": (frozenset({State.CALLED}), State.CALLED),
    "start": (frozenset({State.CALLED}), State.SERVING),
    "finish": (frozenset({State.SERVING}), State.SERVED),
    "miss": (frozenset({State.CALLED}), State.MISSED),
    "cancel": (frozenset({State.WAITING, State.CALLED}), State.CANCELLED),
    "end day": (frozenset({State.WAITING, State.CALLED, State.SERVING}), State.CANCELLED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket as it stands. Times are UTC."""

    id: str
    label: str
    service: str
    segment: str
    language: str
    channel: str
    issued_at: datetime
    state: State = State.WAITING
    counter: str | None = None
    calls: int = 0
    called_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    printed: str | None = None

    def may(self, move: str) -> bool:
        return self.state in MOVES[move][0]
