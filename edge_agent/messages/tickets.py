"""Tickets: what becomes of them, and what staff and phones ask for."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta

from edge_agent.messages.shapes import Asked, Code, Moment, Names, PrintOutcome, Shape, Word


class EstimatedWait(Shape, frozen=True):
    """Seconds; 80 % of customers wait between low and high."""

    low_s: int
    likely_s: int
    high_s: int


class IssuedTicket(Shape, frozen=True):
    id: str
    label: str
    service: str
    segment: str
    business_day: date
    issued_at: datetime
    ahead: int
    estimated_wait: EstimatedWait | None


class Reprint(Shape, frozen=True):
    """A further paper for this ticket; `marked`: it must say that it is one, as there may be a first."""

    ticket: IssuedTicket
    language: str
    marked: bool = True


class Happened(Shape, frozen=True):
    """One line of a ticket's history."""

    at: Moment
    type: str
    counter: str | None = None
    outcome: str | None = None
    reason: str | None = None
    service: str | None = None
    to_service: str | None = None
    to_counter: str | None = None
    until: Moment | None = None


class Candidate(Shape, frozen=True):
    """One who might have been called. `score_s` is what the rule compared: more is sooner; `preferred_s` of it
    because the counter prefers the service; `capped`: waited
    longer than the worst wait allowed, and so goes before all who have not."""

    label: str
    service: str
    segment: str
    waited_s: float
    score_s: float
    preferred_s: float = 0.0
    capped: bool = False


class Why(Shape, frozen=True):
    """Why this ticket was called: the policy's version and rule, how many waited, and the candidates, best
    first."""

    policy: str
    rule: str
    of: int
    chosen: Candidate
    candidates: list[Candidate]


class ErrandOf(Shape, frozen=True):
    """What the customer has already said at the kiosk, in words. `identified`: by a card or an ID read there."""

    code: str
    names: Names
    choice: Names | None = None
    identified: bool = False


class Ticket(Shape, frozen=True):
    """`appointment`: the bank's own reference that it was taken with, where one ticket is asked for."""

    id: str
    label: str
    service: str
    segment: str
    language: str
    business_day: date
    state: str
    counter: str | None
    printed: str | None
    issued_at: datetime
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    calls: int
    then: list[str] = []
    for_counter: str | None = None
    parked_until: datetime | None = None
    returns: int = 0
    may_return: bool = False
    reprint_at: str | None = None
    rating: int | None = None
    errand: ErrandOf | None = None
    identity: str = ""
    identity_reason: str = ""
    appointment: str | None = None
    why: Why | None = None
    ahead: int | None = None
    estimated_wait: EstimatedWait | None = None
    history: list[Happened] = []


class Rating(Asked, frozen=True):
    """What the customer writes stays in the branch; `reasons` are the branch's own codes."""

    score: Annotated[int, Meta(ge=1, le=5)]
    comment: Annotated[str, Meta(max_length=2000)] | None = None
    reasons: Annotated[list[Code], Meta(max_length=5)] = []


class Park(Asked, frozen=True):
    minutes: Annotated[int, Meta(ge=1, le=24 * 60)] | None = None


class Transfer(Asked, frozen=True):
    """To a service, to one counter, or both."""

    service: Code | None = None
    counter: Code | None = None


class Return(Asked, frozen=True):
    """The customer of a missed or parked ticket is here."""

    label: Annotated[str, Meta(min_length=1, max_length=32)]


class AskReprint(Asked, frozen=True):
    """A second paper for a ticket of today."""

    label: Annotated[str, Meta(min_length=1, max_length=32)]


class ReprintAt(Shape, frozen=True):
    """Where the second paper comes out."""

    label: str
    kiosk: str


class PaperAt(Shape, frozen=True):
    """Of a ticket, all that a kiosk needs after it has told what became of the paper."""

    reprint_at: str | None = None


class Closed(Shape, frozen=True):
    """`name` is stable: day-ended, closed-early, holiday, outside-hours, no-service-now; `detail` says it to a
    person."""

    name: str
    detail: str


class OpenOrClosed(Shape, frozen=True):
    """Whether the branch gives out tickets now, and why not."""

    open: bool
    reason: Closed | None = None


class Printed(Asked, frozen=True, omit_defaults=True):
    """What the printer proved; `reprint`: of a paper that the branch had asked for."""

    outcome: PrintOutcome
    reason: Word | None = None
    reprint: bool = False


class SignIn(Asked, frozen=True):
    name: Annotated[str, Meta(min_length=1, max_length=64)]
    pin: Annotated[str, Meta(min_length=1, max_length=64)]


class SignedIn(Shape, frozen=True):
    token: str
    name: str
    expires_at: datetime
