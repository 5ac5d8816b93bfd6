"""Of one business day: which numbers are leased to which kiosk, and which tickets have them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from edge_agent.branch_queue.facts import Fact, NumbersLeased, TicketHandedInLate, TicketIssued


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """The labels from `first` to `last`, for what the kiosk keeps its numbers in (`store`)."""

    kiosk: str
    store: str
    service: str
    first: str
    last: str
    at: datetime

    def labels(self) -> Iterator[str]:
        """A9001, A9002, …"""
        numbers = range(self.number(self.first), self.number(self.last) + 1)
        return (f"{self._prefix}{number}" for number in numbers)

    def __contains__(self, label: str) -> bool:
        digits = label.removeprefix(self._prefix)
        alike = digits.isascii() and digits.isdigit() and len(label) == len(self.first)
        return alike and self.first <= label <= self.last

    def number(self, label: str) -> int:
        """9001 of A9001."""
        return int(label[len(self._prefix) :])

    @property
    def _prefix(self) -> str:
        return self.first.rstrip("0123456789")


@dataclass(frozen=True, slots=True)
class NumberBook:
    """`holders`: the ticket that has a label, for those handed in."""

    leases: tuple[Leased, ...] = ()
    holders: Mapping[str, str] = field(default_factory=dict)

    def leased(self, fact: NumbersLeased) -> "NumberBook":
        more = Leased(
            kiosk=fact.kiosk,
            store=fact.store,
            service=fact.service,
            first=fact.first,
            last=fact.last,
            at=fact.at,
        )
        return replace(self, leases=(*self.leases, more))

    def held(self, label: str, ticket: str) -> "NumberBook":
        return replace(self, holders={**self.holders, label: ticket})

    def given(self, service: str) -> int:
        """How many numbers of this service have been leased to anybody."""
        return sum(len(list(one.labels())) for one in self.leases if one.service == service)

    def left(self, kiosk: str, store: str, service: str) -> list[str]:
        """What this store may still give out, as far as it is known here."""
        mine = (one for one in self.leases if (one.kiosk, one.store) == (kiosk, store))
        return [
            label
            for one in mine
            if one.service == service
            for label in one.labels()
            if label not in self.holders
        ]

    def lease_of(self, kiosk: str, label: str) -> Leased | None:
        """None where this kiosk has not leased this label."""
        mine = (one for one in self.leases if one.kiosk == kiosk)
        return next((one for one in mine if label in one), None)


def book_of(day: date, facts: Iterable[Fact]) -> NumberBook:
    """A day's book from its facts, and from later ones about its late tickets."""
    book = NumberBook()
    for fact in facts:
        match fact:
            case NumbersLeased() if fact.business_day == day:
                book = book.leased(fact)
            case TicketIssued(offline=True) if fact.business_day == day:
                book = book.held(fact.label, fact.ticket)
            case TicketHandedInLate() if fact.taken_on == day:
                book = book.held(fact.label, fact.ticket)
    return book
