"""The branch over MQTT."""

import hashlib
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge_agent.messages.chain import DayOnRecord, Hash
from edge_agent.messages.from_office import OfConfig
from edge_agent.messages.machines import DeviceHealth
from edge_agent.messages.shapes import Moment, Names, Number, Shape


class Birth(OfConfig, frozen=True, kw_only=True):
    """Retained. The last will is the same message with status offline. `session` is of one connection, `run` of
    one start of the agent's program. `days`: the last closed business days of the journal; a branch that comes online,
    or closes a day, says them."""

    branch: str
    name: Names
    version: str
    epoch: str
    session: str
    status: Literal["online", "offline"]
    at: Moment
    run: str = ""
    days: list[DayOnRecord] = []


class Health(Shape, frozen=True):
    at: Moment
    devices: list[DeviceHealth]


class Batch(Shape, frozen=True):
    """Journal entries in order; the first has number `first_seq`, each next one more. `before` and `hash`: the
    chain before the first and after the last of them."""

    epoch: str
    first_seq: Number
    events: list[msgspec.Raw]
    before: Hash | None = None
    hash: Hash | None = None


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
    seq: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    digest: str | None = None


def digest(body: bytes) -> str:
    """Of a journal entry, as it goes over the wire: half a SHA-256 in hex."""
    return hashlib.sha256(body).hexdigest()[:32]


class Command(Shape, frozen=True, omit_defaults=True):
    """From head office. `rebirth`: say who you are again; `resend`: send `from` … `to` again;
    `new-epoch`: your numbers were taken before, begin a new epoch. `config` and `message` bring a signed `document`
    (JSON: ConfigDocument, NoticeDocument or WithdrawalDocument); `signature` is Ed25519 over its UTF-8 bytes, base64."""

    command: str
    first: int | None = msgspec.field(name="from", default=None)
    last: int | None = msgspec.field(name="to", default=None)
    epoch: str | None = None
    document: str | None = None
    signature: str | None = None
