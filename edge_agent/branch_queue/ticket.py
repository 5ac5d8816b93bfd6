"""One customer's ticket: its states, and the one table of moves between them."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from edge_agent.branch_queue.reason import Why


class State(StrEnum):
    """Where a ticket is in its life."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    SERVED = "served"
    MISSED = "missed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


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
    "undo": (frozenset({State.CALLED}), State.WAITING),
    "start": (frozenset({State.CALLED}), State.SERVING),
    "finish": (frozenset({State.SERVING}), State.SERVED),
    "go on to the next service": (frozenset({State.SERVING}), State.WAITING),
    "resume": (frozenset({State.SERVED, State.WAITING}), State.SERVING),  # a finish undone
    "miss": (frozenset({State.CALLED}), State.MISSED),
    "park": (frozenset({State.CALLED, State.SERVING}), State.PARKED),
    "transfer": (frozenset({State.CALLED, State.SERVING}), State.WAITING),
    "return": (frozenset({State.MISSED, State.PARKED}), State.WAITING),
    "cancel": (frozenset({State.WAITING, State.CALLED, State.PARKED}), State.CANCELLED),
    "rate": (frozenset({State.SERVED}), State.SERVED),
    "end day": (
        frozenset({State.WAITING, State.CALLED, State.SERVING, State.PARKED}),
        State.EXPIRED,
    ),
}
AT_COUNTER = frozenset({State.CALLED, State.SERVING})
ENDED = frozenset({State.SERVED, State.MISSED, State.CANCELLED, State.EXPIRED})


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds: 80 % of waits lie between low and high."""

    low_s: int
    likely_s: int
    high_s: int


@dataclass(frozen=True, slots=True)
class Errand:
    """What the customer has said at the kiosk. `identified`: by a card or an ID that was read there."""

    code: str
    choice: str | None = None
    identified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket as it stands. Times are UTC.

    `place` is the moment from which it counts as waiting, `turn` tells apart those of one moment;
    `handed_in_at` is when the branch heard of a ticket that its kiosk gave out by itself; `then` are the services still to come in this visit; `for_counter` is the only counter that may call it; `kiosk` is the one that asked
    for it.
    """

    id: str
    label: str
    service: str
    segment: str
    language: str
    channel: str
    issued_at: datetime
    place: datetime
    turn: int
    handed_in_at: datetime | None = None
    then: tuple[str, ...] = ()
    service_before: str | None = None
    for_counter_before: str | None = None
    for_counter: str | None = None
    state: State = State.WAITING
    counter: str | None = None
    calls: int = 0
    called_at: datetime | None = None
    recalled_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    parked_until: datetime | None = None
    returns: int = 0
    returned_at: datetime | None = None
    why: Why | None = None
    printed: str | None = None
    rating: int | None = None
    promised: Wait | None = None
    customer_token: str | None = None
    kiosk: str | None = None
    errand: Errand | None = None
    identity: str = ""
    identity_reason: str = ""

    def may(self, move: str) -> bool:
        return self.state in MOVES[move][0]

    def at_next_service(self) -> "Ticket":
        """A visit of several services, the first of them finished: anybody may call it for the next."""
        return replace(
            self,
            state=State.WAITING,
            counter=None,
            for_counter=None,
            service=self.then[0],
            then=self.then[1:],
            service_before=self.service,
            for_counter_before=self.for_counter,
        )
