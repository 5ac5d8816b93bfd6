"""The queue of one business day as it stands, and how a fact changes it. Values are never changed in place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import singledispatch

from edge_agent.branch_queue.facts import (
    AtCounter,
    Fact,
    ServiceFinished,
    ServiceStarted,
    TicketCalled,
    TicketCancelled,
    TicketIssued,
    TicketMissed,
    TicketPrinted,
    TicketRecalled,
)
from edge_agent.branch_queue.ticket import State, Ticket

REMEMBERED_SERVICES = 50  # service times kept for the estimate: about half a day of one counter


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchQueue:
    """Tickets of the day by id, who waits in order of arrival, and who stands at which counter."""

    business_day: date
    tickets: Mapping[str, Ticket] = field(default_factory=dict)
    waiting: Mapping[str, Ticket] = field(default_factory=dict)
    at_counter: Mapping[str, str] = field(default_factory=dict)
    last_number: Mapping[str, int] = field(default_factory=dict)
    last_active: Mapping[str, datetime] = field(default_factory=dict)
    service_seconds: tuple[float, ...] = ()

    def at(self, counter: str) -> Ticket | None:
        """The ticket called to or served at this counter."""
        ticket = self.at_counter.get(counter)
        return None if ticket is None else self.tickets[ticket]

    def waiting_for(self, service: str) -> list[Ticket]:
        """Those waiting for one service, in order of arrival."""
        return [ticket for ticket in self.waiting.values() if ticket.service == service]


def apply_all(queue: BranchQueue, facts: Iterable[Fact]) -> BranchQueue:
    """The queue after these facts, in order."""
    for fact in facts:
        queue = apply(fact, queue)
    return queue


@singledispatch
def apply(fact: Fact, queue: BranchQueue) -> BranchQueue:
    """The queue after one fact. Facts that do not concern the queue leave it as it is."""
    return queue


@apply.register
def _issued(fact: TicketIssued, queue: BranchQueue) -> BranchQueue:
    ticket = Ticket(
        id=fact.ticket,
        label=fact.label,
        service=fact.service,
        segment=fact.segment,
        language=fact.language,
        channel=fact.channel,
        issued_at=fact.at,
    )
    return replace(
        queue,
        tickets={**queue.tickets, ticket.id: ticket},
        waiting={**queue.waiting, ticket.id: ticket},
        last_number={**queue.last_number, fact.service: fact.number},
    )


@apply.register
def _printed(fact: TicketPrinted, queue: BranchQueue) -> BranchQueue:
    ticket = replace(queue.tickets[fact.ticket], printed=fact.outcome)
    waiting = queue.waiting
    if ticket.id in waiting:
        waiting = {**waiting, ticket.id: ticket}
    return replace(queue, tickets={**queue.tickets, ticket.id: ticket}, waiting=waiting)


@apply.register
def _called(fact: TicketCalled, queue: BranchQueue) -> BranchQueue:
    called = replace(
        queue.tickets[fact.ticket],
        state=State.CALLED,
        counter=fact.counter,
        calls=1,
        called_at=fact.at,
    )
    queue = _keep(queue, called, fact)
    return replace(queue, at_counter={**queue.at_counter, fact.counter: called.id})


@apply.register
def _recalled(fact: TicketRecalled, queue: BranchQueue) -> BranchQueue:
    ticket = queue.tickets[fact.ticket]
    return _keep(queue, replace(ticket, calls=ticket.calls + 1, called_at=fact.at), fact)


@apply.register
def _started(fact: ServiceStarted, queue: BranchQueue) -> BranchQueue:
    ticket = replace(queue.tickets[fact.ticket], state=State.SERVING, started_at=fact.at)
    return _keep(queue, ticket, fact)


@apply.register
def _finished(fact: ServiceFinished, queue: BranchQueue) -> BranchQueue:
    ticket = queue.tickets[fact.ticket]
    queue = _leave(queue, replace(ticket, state=State.SERVED, ended_at=fact.at), fact)
    if ticket.started_at is None:
        return queue
    seconds = max(0.0, (fact.at - ticket.started_at).total_seconds())
    return replace(queue, service_seconds=(*queue.service_seconds, seconds)[-REMEMBERED_SERVICES:])


@apply.register
def _missed(fact: TicketMissed, queue: BranchQueue) -> BranchQueue:
    ticket = replace(queue.tickets[fact.ticket], state=State.MISSED, ended_at=fact.at)
    return _leave(queue, ticket, fact)


@apply.register
def _cancelled(fact: TicketCancelled, queue: BranchQueue) -> BranchQueue:
    ticket = replace(queue.tickets[fact.ticket], state=State.CANCELLED, ended_at=fact.at)
    return _leave(queue, ticket, fact)


def _keep(queue: BranchQueue, ticket: Ticket, fact: AtCounter) -> BranchQueue:
    """The ticket stands at a counter: it waits no longer, and the counter is at work."""
    return replace(
        queue,
        tickets={**queue.tickets, ticket.id: ticket},
        waiting={k: v for k, v in queue.waiting.items() if k != ticket.id},
        last_active={**queue.last_active, fact.counter: fact.at},
    )


def _leave(queue: BranchQueue, ticket: Ticket, fact: Fact) -> BranchQueue:
    """The ticket's life has ended: it is neither waiting nor at a counter."""
    active = queue.last_active
    if isinstance(fact, AtCounter):
        active = {**active, fact.counter: fact.at}
    return replace(
        queue,
        tickets={**queue.tickets, ticket.id: ticket},
        waiting={k: v for k, v in queue.waiting.items() if k != ticket.id},
        at_counter={k: v for k, v in queue.at_counter.items() if v != ticket.id},
        last_active=active,
    )
