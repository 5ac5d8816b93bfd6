"""Numbers in advance: leased to a kiosk for when the branch cannot be reached, and handed in as tickets.

(queue, wish, time) -> facts. A number of an ordinary ticket is never leased: `ServiceRule.label` leaves them out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from edge_agent.branch_queue.calling_order import counts_from
from edge_agent.branch_queue.facts import Fact, NumbersLeased, TicketHandedInLate, TicketIssued
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.number_book import Leased, NumberBook
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.rules import Rules, ServiceRule
from edge_agent.branch_queue.ticket import Errand

Books = Mapping[date, NumberBook]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A ticket that a kiosk gave out by itself; `touched_at` as the kiosk knows the branch's time."""

    id: str
    label: str
    business_day: date
    touched_at: datetime
    service: str
    segment: str
    language: str
    channel: str
    customer_token: str | None = None
    appointment: datetime | None = None
    then: tuple[str, ...] = ()
    errand: Errand | None = None
    identity: str = ""
    identity_reason: str = ""


def lease(queue: BranchQueue, rules: Rules, now: datetime, kiosk: str, store: str) -> Facts:
    """So many that each service has its numbers in advance again; fewer when its range is used up."""
    leases = (_top_up(queue, rules, now, one, kiosk, store) for one in rules.services.values())
    return tuple(fact for fact in leases if fact is not None)


def _top_up(
    queue: BranchQueue, rules: Rules, now: datetime, service: ServiceRule, kiosk: str, store: str
) -> NumbersLeased | None:
    book = queue.day.numbers
    given = book.given(service.code)
    wanted = rules.numbers_in_advance - len(book.left(kiosk, store, service.code))
    count = min(wanted, service.most_in_advance - given)
    if count <= 0:
        return None
    return NumbersLeased(
        at=now,
        business_day=queue.business_day,
        kiosk=kiosk,
        store=store,
        service=service.code,
        first=service.label_in_advance(given + 1),
        last=service.label_in_advance(given + count),
    )


def left(queue: BranchQueue, rules: Rules, kiosk: str, store: str) -> dict[str, list[str]]:
    """The labels by service, in the order in which they shall be used; none where they are turned off."""
    book, most = queue.day.numbers, rules.numbers_in_advance
    return {service: book.left(kiosk, store, service)[:most] for service in rules.services}


def hand_in(
    queue: BranchQueue,
    rules: Rules,
    now: datetime,
    kiosk: str,
    tickets: Iterable[Taken],
    past: Books,
) -> Facts:
    """What is new among these. Neither hours nor limits are asked: the customer has the paper in hand.

    `past` are the books of the earlier days that the tickets name; such a ticket is recorded, and in no line.
    """
    books = dict(past)
    facts: list[Fact] = []
    for ticket in tickets:
        book = _book(queue, books, ticket)
        leased = book.lease_of(kiosk, ticket.label)
        if leased is None or why_not(queue, books, kiosk, ticket) or ticket.label in book.holders:
            continue
        if ticket.business_day == queue.business_day:
            facts.append(_issued(queue, rules, now, leased, ticket))
        else:
            facts.append(_late(queue, now, leased, ticket))
        books[ticket.business_day] = book.held(ticket.label, ticket.id)
    return tuple(facts)


def why_not(queue: BranchQueue, books: Books, kiosk: str, ticket: Taken) -> str:
    """unknown-number, used; empty for a ticket that can be taken, or has been."""
    book = _book(queue, books, ticket)
    leased = book.lease_of(kiosk, ticket.label)
    if leased is None or leased.service != ticket.service:
        return "unknown-number"
    if book.holders.get(ticket.label, ticket.id) != ticket.id:
        return "used"
    others = [label for label, id_ in book.holders.items() if id_ == ticket.id]
    known = queue.tickets.get(ticket.id)
    if known is not None and ticket.label not in others:
        return "used"
    return "used" if any(label != ticket.label for label in others) else ""


def _book(queue: BranchQueue, books: Books, ticket: Taken) -> NumberBook:
    """Of the ticket's day; an empty one for a day of which nothing is known."""
    today = queue.day.numbers if ticket.business_day == queue.business_day else NumberBook()
    return books.get(ticket.business_day, today)


def _issued(
    queue: BranchQueue, rules: Rules, now: datetime, leased: Leased, ticket: Taken
) -> TicketIssued:
    """Its place is the moment of the touch: not in the future, and not before its number was leased."""
    touched = min(max(ticket.touched_at, leased.at), now)
    place = counts_from(rules.order, ticket.segment, ticket.appointment, touched)
    return TicketIssued(
        at=now,
        business_day=queue.business_day,
        ticket=ticket.id,
        label=ticket.label,
        service=ticket.service,
        segment=ticket.segment,
        number=leased.number(ticket.label),
        language=ticket.language,
        channel=ticket.channel,
        kiosk=leased.kiosk,
        customer_token=ticket.customer_token,
        appointment=ticket.appointment.isoformat() if ticket.appointment else None,
        counts_from=place,
        touched_at=touched,
        offline=True,
        then=tuple(one for one in ticket.then if one in rules.services) or None,
        errand=ticket.errand.code if ticket.errand else None,
        errand_choice=ticket.errand.choice if ticket.errand else None,
        identified=ticket.errand.identified if ticket.errand else None,
        identity=ticket.identity or None,
        identity_reason=ticket.identity_reason or None,
    )


def _late(queue: BranchQueue, now: datetime, leased: Leased, ticket: Taken) -> TicketHandedInLate:
    return TicketHandedInLate(
        at=now,
        business_day=queue.business_day,
        ticket=ticket.id,
        label=ticket.label,
        service=ticket.service,
        segment=ticket.segment,
        taken_on=ticket.business_day,
        touched_at=min(max(ticket.touched_at, leased.at), now),
        language=ticket.language,
        channel=ticket.channel,
        kiosk=leased.kiosk,
    )
