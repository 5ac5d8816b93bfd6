"""Every shape that leaves a process: over HTTP (/api/v1) and over MQTT (bank/v1).

JSON; times are RFC 3339 in UTC; durations are whole seconds. Nothing here holds a name, a card number,
a document number, a phone number or a face.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, structs

Language = Literal["zh-Hans", "zh-Hant", "en"]
Names = Mapping[str, str]  # language -> what customers and staff read
Moment = Annotated[datetime, Meta(tz=True)]
Number = Annotated[int, Meta(ge=1, le=2**63 - 1)]  # of a journal entry; what databases can count to
Code = Annotated[str, Meta(min_length=1, max_length=32)]
SegmentName = Literal["ordinary", "vip", "care", "appointment"]
# never into a journal or a log: 11 digits are a mobile phone, 12 to 19 a card, 18 an ID card
LIKE_A_NUMBER_OF_A_PERSON = re.compile(r"\d(?:[ -]?\d){10}")
Word = Annotated[
    str,
    Meta(
        max_length=80,
        pattern=r"^(?!.*\d{11})[^\x00-\x1f\x7f]*\Z",
        description="at most 80 characters, none of them a control character, no 11 digits in a row",
    ),
]
PrintOutcome = Literal["confirmed", "failed", "indeterminate"]
DeviceState = Literal["absent", "opening", "probing", "ready", "busy", "degraded", "fault"]


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What we send, and what we read from others: unknown keys are from a newer version and ignored."""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a caller asks for: an unknown key is a mistake and is refused."""


# --- the branch over HTTP -------------------------------------------------------------------------


class EstimatedWait(Shape, frozen=True):
    """Seconds; 80 % of customers wait between low and high."""

    low_s: int
    likely_s: int
    high_s: int


class Service(Shape, frozen=True):
    code: str
    prefix: str
    names: Names
    waiting: int
    estimated_wait: EstimatedWait | None
    open: bool


class Services(Shape, frozen=True):
    """The rest is for the kiosk's screens and paper; `public_url` is where phones reach the branch; `reprints` is
    what the kiosk that asks shall print again, marked as a reprint."""

    services: list[Service]
    branch_name: Names
    public_url: str
    time_zone: str
    reprints: "list[Reprint]" = []


class TicketRequest(Asked, frozen=True):
    """A ticket please. `customer_token` is a pseudonym made by the kiosk, never a card number; `appointment`
    is the booked time (RFC 3339), or a reference of the bank's own, which moves nobody and does not begin like a
    date; `then` are the further services of the same visit, in this order."""

    service: Code
    segment: SegmentName = "ordinary"
    language: Language = "zh-Hans"
    channel: Code = "kiosk"
    customer_token: Annotated[str, Meta(min_length=1, max_length=128)] | None = None
    appointment: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    then: Annotated[list[Code], Meta(max_length=8)] = []


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


class Ticket(Shape, frozen=True):
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
    why: Why | None = None
    ahead: int | None = None
    estimated_wait: EstimatedWait | None = None
    history: list[Happened] = []


class Rating(Asked, frozen=True):
    """What the customer writes stays in the branch."""

    score: Annotated[int, Meta(ge=1, le=5)]
    comment: Annotated[str, Meta(max_length=2000)] | None = None


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


class DeviceHealth(Shape, frozen=True):
    """One machine: what state it is in since when; `detail` says the cause in XFS4IoT's words. `tickets_left`: about
    so many on a printer's roll, where that is known."""

    device: Word
    kind: Word
    state: DeviceState
    since: Moment
    detail: Word = ""
    tickets_left: int | None = None


class DeviceReport(Asked, frozen=True):
    """What a kiosk says of its machines, as often as it likes."""

    devices: Annotated[list[DeviceHealth], Meta(max_length=64)]


# --- the branch as it stands: HTTP and MQTT -------------------------------------------------------


class QueueNow(Shape, frozen=True):
    service: str
    names: Names
    waiting: int
    longest_wait_s: int
    estimated_wait: EstimatedWait | None


class CounterNow(Shape, frozen=True):
    """`idle` is open with nobody there; `undo_until`: its last call can be undone until then."""

    counter: str
    state: Literal["closed", "paused", "idle", "called", "serving"]
    label: str | None = None
    service: str | None = None
    segment: str | None = None
    since: datetime | None = None
    undo_until: datetime | None = None
    then: list[str] = []
    why: Why | None = None


class SetAside(Shape, frozen=True):
    """A parked ticket, or one whose call was missed."""

    label: str
    service: str
    counter: str | None
    at: Moment
    until: datetime | None = None
    may_return: bool = True


class Back(Shape, frozen=True):
    """A ticket that has just gone back in line, for the wall display."""

    label: str
    service: str
    at: Moment


class Accuracy(Shape, frozen=True):
    """Today's promises about waits: how many came due, how many were within their range, and how far from
    the likely wait they were on average, in s."""

    promises: int
    within: int
    mean_error_s: int


class Call(Shape, frozen=True):
    """A ticket called today, for the wall display."""

    label: str
    counter: str
    at: Moment
    times: int


class Queues(Shape, frozen=True):
    """The branch at one moment. `served`, `issued` and `missed` count today's tickets; `clock_off_s` is how far
    the machine's clock is off the branch's time, when it is not believed."""

    branch: str
    name: Names
    at: Moment
    business_day: date
    epoch: str
    journal_seq: int
    queues: list[QueueNow]
    counters: list[CounterNow]
    calls: list[Call]
    issued: int
    served: int
    missed: int
    parked: list[SetAside] = []
    missed_calls: list[SetAside] = []
    back: list[Back] = []
    open: bool = True
    accuracy: Accuracy | None = None
    journal: Literal["ok", "slow", "failing"] = "ok"
    clock_off_s: int = 0


def for_everybody(queues: Queues) -> Queues:
    """Without what would tell one customer about another."""
    counters = [structs.replace(one, segment=None, why=None) for one in queues.counters]
    return structs.replace(queues, counters=counters)


# --- the branch over MQTT -------------------------------------------------------------------------


class Birth(Shape, frozen=True):
    """Retained. The last will is the same message with status offline."""

    branch: str
    name: Names
    version: str
    epoch: str
    session: str
    status: Literal["online", "offline"]
    at: Moment


class Health(Shape, frozen=True):
    at: Moment
    devices: list[DeviceHealth]


class Batch(Shape, frozen=True):
    """Journal entries in order; the first has number `first_seq`, each next one more."""

    epoch: str
    first_seq: Number
    events: list[msgspec.Raw]


class Event(Shape, frozen=True):
    """What every journal entry has; other keys depend on its type and are kept as they are."""

    seq: Number
    at: Moment
    type: str
    business_day: date
    ticket: str | None = None
    label: str | None = None
    service: str | None = None
    segment: str | None = None
    counter: str | None = None


class Ack(Shape, frozen=True):
    """Everything up to `seq` of this epoch is committed at head office.

    `digest` is of the entry `seq` as it stands there: a branch that has another one under that number has
    been restored from a backup.
    """

    epoch: str
    seq: int
    digest: str | None = None


def digest(body: bytes) -> str:
    """Of a journal entry, as it goes over the wire: half a SHA-256 in hex."""
    return hashlib.sha256(body).hexdigest()[:32]


class Command(Shape, frozen=True):
    """From head office. `rebirth`: say who you are again; `resend`: send `from` … `to` again;
    `new-epoch`: your numbers were taken before, begin a new epoch."""

    command: str
    first: int | None = msgspec.field(name="from", default=None)
    last: int | None = msgspec.field(name="to", default=None)
    epoch: str | None = None
