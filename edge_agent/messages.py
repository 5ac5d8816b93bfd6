"""Every shape that leaves a process: over HTTP (/api/v1) and over MQTT (bank/v1).

JSON; times are RFC 3339 in UTC; durations are whole seconds. Nothing here holds a name, a card number,
a document number, a phone number or a face.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Language = Literal["zh-Hans", "zh-Hant", "en"]
Names = Mapping[str, str]  # language -> what customers and staff read
Moment = Annotated[datetime, Meta(tz=True)]
Number = Annotated[int, Meta(ge=1, le=2**63 - 1)]  # of a journal entry; what databases can count to
Code = Annotated[str, Meta(min_length=1, max_length=32)]
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
    """The rest is for the kiosk's screens and paper; `public_url` is where phones reach the branch."""

    services: list[Service]
    branch_name: Names
    public_url: str
    time_zone: str


class TicketRequest(Asked, frozen=True):
    """A ticket please. `customer_token` is a pseudonym made by the kiosk, never a card number."""

    service: Code
    segment: Literal["ordinary", "vip", "care", "appointment"] = "ordinary"
    language: Language = "zh-Hans"
    channel: Code = "kiosk"
    customer_token: Annotated[str, Meta(min_length=1, max_length=128)] | None = None
    appointment: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class IssuedTicket(Shape, frozen=True):
    id: str
    label: str
    service: str
    segment: str
    business_day: date
    issued_at: datetime
    ahead: int
    estimated_wait: EstimatedWait | None


class Happened(Shape, frozen=True):
    """One line of a ticket's history."""

    at: Moment
    type: str
    counter: str | None = None
    outcome: str | None = None
    reason: str | None = None


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
    ahead: int | None = None
    estimated_wait: EstimatedWait | None = None
    history: list[Happened] = []


class Printed(Asked, frozen=True):
    outcome: PrintOutcome
    reason: Annotated[str, Meta(max_length=64)] | None = None


class SignIn(Asked, frozen=True):
    name: Annotated[str, Meta(min_length=1, max_length=64)]
    pin: Annotated[str, Meta(min_length=1, max_length=64)]


class SignedIn(Shape, frozen=True):
    token: str
    name: str
    expires_at: datetime


class DeviceHealth(Shape, frozen=True):
    """One machine: what state it is in since when; `detail` says the cause in XFS4IoT's words."""

    device: str
    kind: str
    state: DeviceState
    since: Moment
    detail: str = ""


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
    counter: str
    state: Literal["idle", "called", "serving"]
    label: str | None = None
    service: str | None = None
    since: datetime | None = None


class Call(Shape, frozen=True):
    """A ticket called today, for the wall display."""

    label: str
    counter: str
    at: Moment
    times: int


class Queues(Shape, frozen=True):
    """The branch at one moment. `served` and `issued` count today's tickets."""

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
