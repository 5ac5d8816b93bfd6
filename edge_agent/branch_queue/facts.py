"""What happened in the branch, in the past tense. A fact is never changed; the journal keeps them all.

The class names are the event types of the outside contract.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Every fact knows when it happened (UTC) and to which business day it belongs."""

    at: datetime
    business_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFact(Fact):
    """A fact about one ticket. `ticket` cannot be guessed; `label` is what the customer reads."""

    ticket: str
    label: str
    service: str
    segment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketIssued(TicketFact):
    number: int
    language: str
    channel: str
    customer_token: str | None = None
    appointment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPrinted(TicketFact):
    """`outcome` is confirmed, failed or indeterminate: what the printer proved, not what we hope."""

    outcome: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtCounter(TicketFact):
    """A fact that happened at a counter."""

    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCalled(AtCounter):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRecalled(AtCounter):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStarted(AtCounter):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFinished(AtCounter):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketMissed(AtCounter):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCancelled(TicketFact):
    """`reason`: customer, staff, or day_ended when the branch closed over a waiting ticket."""

    reason: str
    counter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFact(Fact):
    """`device` is `kiosk/name`, as the configuration names them."""

    device: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLost(DeviceFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceBack(DeviceFact):
    pass


FACTS: dict[str, type[Fact]] = {
    kind.__name__: kind
    for kind in (
        TicketIssued,
        TicketPrinted,
        TicketCalled,
        TicketRecalled,
        ServiceStarted,
        ServiceFinished,
        TicketMissed,
        TicketCancelled,
        DeviceLost,
        DeviceBack,
    )
}


def in_words(fact: Fact) -> str:
    """One line for the log: labels and counters, never a person."""
    parts = [
        getattr(fact, name, None)
        for name in ("label", "device", "service", "counter", "outcome", "reason", "detail")
    ]
    return " ".join([type(fact).__name__, *(part for part in parts if part)])
