"""What each wish leads to: (queue, wish, time) -> facts, or a refusal. Nothing is changed here."""

from datetime import date, datetime
from typing import Any

from edge_agent.branch_queue.facts import (
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
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.refusals import (
    NobodyAtCounter,
    TicketStillCalled,
    UnknownCounter,
    UnknownService,
    UnknownTicket,
    WrongState,
)
from edge_agent.branch_queue.rules import Rules
from edge_agent.branch_queue.ticket import State, Ticket

Facts = tuple[Fact, ...]


def issue(
    queue: BranchQueue,
    rules: Rules,
    now: datetime,
    *,
    ticket: str,
    service: str,
    segment: str,
    language: str,
    channel: str,
    customer_token: str | None = None,
    appointment: str | None = None,
) -> Facts:
    """A new ticket with the next number of its service. `ticket` is the id it shall have."""
    rule = rules.services.get(service)
    if rule is None:
        known = ", ".join(rules.services)
        raise UnknownService(f"There is no service '{service}'. This branch offers: {known}.")
    number = queue.last_number.get(service, 0) + 1
    issued = TicketIssued(
        at=now,
        business_day=queue.business_day,
        ticket=ticket,
        label=rule.label(number),
        service=service,
        segment=segment,
        number=number,
        language=language,
        channel=channel,
        customer_token=customer_token,
        appointment=appointment,
    )
    return (issued,)


def call_next(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    """Finish whoever is being served here, then call the first arrival this counter may serve.

    No TicketCalled among the facts means that nobody is waiting for this counter.
    """
    serves = _services_of(rules, counter)
    current = queue.at(counter)
    if current is not None and current.state is State.CALLED:
        raise TicketStillCalled(
            f"{current.label} is called to counter {counter} and has neither started nor been "
            "missed. Start it, or mark it as missed, then call the next."
        )
    facts: list[Fact] = []
    if current is not None:
        facts.append(ServiceFinished(**_at_counter(queue, current, now, counter)))
    first = next((t for t in queue.waiting.values() if t.service in serves), None)
    if first is not None:
        facts.append(TicketCalled(**_at_counter(queue, first, now, counter)))
    return tuple(facts)


def recall(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    """Call the same ticket again."""
    ticket = _standing_at(queue, rules, counter, "recall")
    return (TicketRecalled(**_at_counter(queue, ticket, now, counter)),)


def start(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    """The called customer has come; the service begins."""
    ticket = _standing_at(queue, rules, counter, "start")
    return (ServiceStarted(**_at_counter(queue, ticket, now, counter)),)


def finish(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    """The customer has been served."""
    ticket = _standing_at(queue, rules, counter, "finish")
    return (ServiceFinished(**_at_counter(queue, ticket, now, counter)),)


def miss(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    """The called customer did not come."""
    ticket = _standing_at(queue, rules, counter, "miss")
    return (TicketMissed(**_at_counter(queue, ticket, now, counter)),)


def cancel(queue: BranchQueue, now: datetime, ticket: str, reason: str) -> Facts:
    """The customer or the staff gives the ticket up, before its service has started."""
    found = known_ticket(queue, ticket)
    _allowed(found, "cancel")
    return (TicketCancelled(**_of_ticket(queue, found, now), reason=reason, counter=found.counter),)


def printed(
    queue: BranchQueue, now: datetime, ticket: str, outcome: str, reason: str | None
) -> Facts:
    """What the printer proved about the paper. The same outcome told again changes nothing."""
    found = known_ticket(queue, ticket)
    if found.printed == outcome:
        return ()
    return (TicketPrinted(**_of_ticket(queue, found, now), outcome=outcome, reason=reason),)


def end_day(queue: BranchQueue, now: datetime) -> Facts:
    """Every ticket that the day leaves open ends with it, and says so."""
    return tuple(
        TicketCancelled(**_of_ticket(queue, t, now), reason="day_ended", counter=t.counter)
        for t in queue.tickets.values()
        if t.may("end day")
    )


def known_ticket(queue: BranchQueue, ticket: str) -> Ticket:
    """The ticket with this id. Raises UnknownTicket."""
    try:
        return queue.tickets[ticket]
    except KeyError:
        raise UnknownTicket("There is no ticket with this id today.") from None


def _services_of(rules: Rules, counter: str) -> frozenset[str]:
    try:
        return rules.counters[counter]
    except KeyError:
        known = ", ".join(rules.counters)
        raise UnknownCounter(
            f"There is no counter '{counter}'. This branch has: {known}."
        ) from None


def _standing_at(queue: BranchQueue, rules: Rules, counter: str, move: str) -> Ticket:
    _services_of(rules, counter)
    ticket = queue.at(counter)
    if ticket is None:
        raise NobodyAtCounter(f"No ticket stands at counter {counter}. Call the next one first.")
    _allowed(ticket, move)
    return ticket


def _allowed(ticket: Ticket, move: str) -> None:
    if not ticket.may(move):
        raise WrongState(f"{ticket.label} is {ticket.state}; '{move}' is not possible now.")


def _of_ticket(queue: BranchQueue, ticket: Ticket, now: datetime) -> dict[str, Any]:
    day: date = queue.business_day
    return {
        "at": now,
        "business_day": day,
        "ticket": ticket.id,
        "label": ticket.label,
        "service": ticket.service,
        "segment": ticket.segment,
    }


def _at_counter(queue: BranchQueue, ticket: Ticket, now: datetime, counter: str) -> dict[str, Any]:
    return {**_of_ticket(queue, ticket, now), "counter": counter}
