"""What happened in the branch, in the past tense. A fact is never changed; the journal keeps them all.

The class names are the event types of the outside contract.
"""

from dataclasses import dataclass
from datetime import date, datetime

from edge_agent.branch_queue.reason import Why
from edge_agent.branch_queue.ticket import Wait


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
    """`counts_from`: the place in line where it is not the moment of issue. `promised`: the wait that the
    customer was told. `kiosk`: who asked for it. `then`: the services still to come in this visit. `errand`: what it is about, with the
    `errand_choice` and whether the customer was `identified` by a card or an ID. `offline`: the
    kiosk gave it out by itself at `touched_at`, and has handed it in now. `identity`: what came of looking whether it is
    the card's owner: face, fingerprint, failed, declined; nothing where nobody looked."""

    number: int
    language: str
    channel: str
    customer_token: str | None = None
    appointment: str | None = None
    kiosk: str | None = None
    counts_from: datetime | None = None
    promised: Wait | None = None
    then: tuple[str, ...] | None = None
    errand: str | None = None
    errand_choice: str | None = None
    identified: bool | None = None
    identity: str | None = None
    identity_reason: str | None = None
    offline: bool | None = None
    touched_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketHandedInLate(TicketFact):
    """A kiosk gave it out by itself on the business day `taken_on`, which was over when it was handed in: it is on
    record, and in no line."""

    taken_on: date
    touched_at: datetime
    language: str
    channel: str
    kiosk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPrinted(TicketFact):
    """`outcome` is confirmed, failed or indeterminate: what the printer proved, not what we hope. `reprint`: of a
    paper that is marked as one; `kiosk`: where."""

    outcome: str
    reason: str | None = None
    reprint: bool | None = None
    kiosk: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReprintOrdered(TicketFact):
    """A second paper, marked as such, shall come out at this kiosk. `reason`: staff (at `counter`), or
    printer_failed, when the kiosk that asked for the ticket could not print at all."""

    kiosk: str
    reason: str
    counter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRated(TicketFact):
    """`score` is 1 to 5, `reasons` are the branch's own codes. What the customer wrote stays in the branch."""

    score: int
    reasons: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtCounter(TicketFact):
    """A fact that happened at a counter."""

    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCalled(AtCounter):
    """`why` this one; `finished` is the label of the ticket that the same press has finished."""

    why: Why | None = None
    finished: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRecalled(AtCounter):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCallUndone(AtCounter):
    """The call was a mistake: the ticket waits again where it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStarted(AtCounter):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFinished(AtCounter):
    """`next_service`: the visit goes on there."""

    next_service: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceResumed(AtCounter):
    """The finish was a mistake, undone together with the call that followed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketMissed(AtCounter):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketParked(AtCounter):
    """Set aside until then; it returns to its line by itself."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTransferred(AtCounter):
    """`service` is the one it comes from. It keeps its place in time."""

    to_service: str
    to_counter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketReturned(TicketFact):
    """Back in line. `reason`: missed, or parked. `counts_from` is its place now."""

    reason: str
    counts_from: datetime
    counter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCancelled(TicketFact):
    """`reason`: customer, staff, or day_ended when the business day ended over a ticket that `was` open."""

    reason: str
    counter: str | None = None
    was: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterFact(Fact):
    """A fact about a counter itself."""

    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterOpened(CounterFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterPaused(CounterFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterClosed(CounterFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchFact(Fact):
    """`reason`: hours, staff, day_ended or new_day."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchOpened(BranchFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchClosed(BranchFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationFact(Fact):
    """About a configuration from head office; `version` is 0 where it could not be believed."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationApplied(ConfigurationFact):
    """The branch works by it, on trial at first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationRefused(ConfigurationFact):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationRolledBack(ConfigurationFact):
    """The branch works by the version `to` again; 0 is its own file alone."""

    to: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFact(Fact):
    """About a message from head office to customers or staff."""

    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTaken(NoticeFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWithdrawn(NoticeFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersLeased(Fact):
    """For the time when the branch cannot be reached, this kiosk has the labels from `first` to `last`. `store`: what
    it keeps them in; a kiosk that has lost that is given others."""

    kiosk: str
    store: str
    service: str
    first: str
    last: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpFact(Fact):
    """A customer's call for a person, at this kiosk."""

    kiosk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAsked(HelpFact):
    """`screen`: what the customer has before them."""

    screen: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpComing(HelpFact):
    """`by`: a counter, or staff."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpDone(HelpFact):
    """`by`: a counter, staff, or the customer who no longer needed anybody."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityChecked(Fact):
    """At this kiosk it was looked, by face or fingerprint (`method`), whether a customer is the card's owner. `engine`:
    which program judged, with which limit; `consent`: the version of the text that the customer agreed to. Nothing of
    the customer: no picture, no template, no likeness, no pseudonym."""

    kiosk: str
    method: str
    decision: str
    engine: str
    consent: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionFact(Fact):
    """A fact about a suggestion or complaint. `opinion` cannot be guessed; `label` is the number to quote. What was
    written by hand, and the answer's text, stay in the branch: either may name a person."""

    opinion: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionGiven(OpinionFact):
    """`topic` and `phrases` are the branch's own codes."""

    topic: str
    phrases: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionAnswered(OpinionFact):
    pass


FACTS: dict[str, type[Fact]] = {
    kind.__name__: kind
    for kind in (
        BranchOpened,
        BranchClosed,
        CounterOpened,
        CounterPaused,
        CounterClosed,
        TicketIssued,
        TicketHandedInLate,
        NumbersLeased,
        TicketPrinted,
        ReprintOrdered,
        TicketCalled,
        TicketRecalled,
        TicketCallUndone,
        ServiceStarted,
        ServiceFinished,
        ServiceResumed,
        TicketMissed,
        TicketParked,
        TicketTransferred,
        TicketReturned,
        TicketCancelled,
        TicketRated,
        OpinionGiven,
        OpinionAnswered,
        DeviceLost,
        DeviceBack,
        HelpAsked,
        HelpComing,
        HelpDone,
        IdentityChecked,
        ConfigurationApplied,
        ConfigurationRefused,
        ConfigurationRolledBack,
        NoticeTaken,
        NoticeWithdrawn,
    )
}


def in_words(fact: Fact) -> str:
    """One line for the log: labels and counters, never a person."""
    parts = [
        getattr(fact, name, None)
        for name in (
            "label",
            "version",
            "notice",
            "device",
            "kiosk",
            "screen",
            "by",
            "service",
            "counter",
            "outcome",
            "reason",
            "detail",
            "first",
            "last",
        )
    ]
    return " ".join([type(fact).__name__, *(str(part) for part in parts if part)])
