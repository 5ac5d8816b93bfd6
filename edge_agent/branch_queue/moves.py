"""What customers and the day itself bring about: (queue, wish, time) -> facts, or a refusal.

Nothing is changed here. What tellers do is in `counter_moves`, when there are tickets at all in `opening`.
"""

from datetime import datetime, timedelta
from typing import Any

from edge_agent.branch_queue.calling_order import counts_from, missed_counts_from
from edge_agent.branch_queue.facts import (
    BranchClosed,
    BranchOpened,
    Fact,
    TicketCancelled,
    TicketIssued,
    TicketRated,
    TicketReturned,
)
from edge_agent.branch_queue.opening import (
    check_not_ended,
    check_open,
    check_served_before_closing,
)
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.refusals import (
    AlreadyRated,
    Refusal,
    ReturnLimit,
    TooManyTickets,
    UnknownService,
    UnknownTicket,
    UnusableWish,
    WrongState,
)
from edge_agent.branch_queue.rules import Rules, ServiceRule
from edge_agent.branch_queue.ticket import ENDED, Errand, State, Ticket, Wait

Facts = tuple[Fact, ...]
HIGHEST_SCORE = 5
A_MINUTE = timedelta(minutes=1)


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
    kiosk: str | None = None,
    customer_token: str | None = None,
    appointment: datetime | None = None,
    then: tuple[str, ...] = (),
    promised: Wait | None = None,
    errand: Errand | None = None,
    identity: str = "",
    identity_reason: str = "",
) -> Facts:
    """A new ticket with the next number of its service. `ticket` is the id it shall have; `promised` is what
    its customer is told about the wait."""
    rule = service_of(rules, service)
    _check_visit(service, then)
    for one in (service, *then):
        check_open(queue, service_of(rules, one), rules, now)
    check_served_before_closing(queue, rule, rules, now, promised)
    _check_limits(queue, rules, now, kiosk, customer_token)
    number = queue.day.last_number.get(service, 0) + 1
    place = counts_from(rules.order, segment, appointment, now)
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
        kiosk=kiosk,
        customer_token=customer_token,
        appointment=appointment.isoformat() if appointment else None,
        counts_from=None if place == now else place,
        then=then or None,
        promised=promised,
        errand=errand.code if errand else None,
        errand_choice=errand.choice if errand else None,
        identified=errand.identified if errand else None,
        identity=identity or None,
        identity_reason=identity_reason or None,
    )
    return (issued,)


def cancel(queue: BranchQueue, now: datetime, ticket: str, reason: str) -> Facts:
    """The customer or the staff gives the ticket up, before its service has started or while it is parked."""
    found = known_ticket(queue, ticket)
    allowed(found, "cancel")
    return (TicketCancelled(**of_ticket(queue, found, now), reason=reason, counter=found.counter),)


def rate(
    queue: BranchQueue, now: datetime, ticket: str, score: int, reasons: tuple[str, ...] = ()
) -> Facts:
    """How satisfied the customer was, 1 to 5; once a visit. `reasons` are checked ones."""
    if not 1 <= score <= HIGHEST_SCORE:
        raise UnusableWish(f"A rating is a whole number from 1 to {HIGHEST_SCORE}.")
    found = known_ticket(queue, ticket)
    allowed(found, "rate")
    if found.rating is not None:
        raise AlreadyRated(f"{found.label} has been rated already. Thank you.")
    return (TicketRated(**of_ticket(queue, found, now), score=score, reasons=reasons or None),)


def come_back(queue: BranchQueue, rules: Rules, now: datetime, ticket: str) -> Facts:
    """Back in line: after a missed call at a fair place and only so often; from parking at the old place."""
    found = known_ticket(queue, ticket)
    allowed(found, "return")
    check_not_ended(queue)
    if found.state is State.PARKED:
        return (_returned(queue, found, now, "parked", found.place),)
    courtesy = rules.courtesy
    gone = now - (found.ended_at or now)
    if found.returns >= courtesy.most_returns or gone > courtesy.return_within:
        minutes = courtesy.return_within // A_MINUTE
        raise ReturnLimit(
            f"{found.label} can go back in line {courtesy.most_returns} time(s), within {minutes} "
            "minutes of the missed call. Please take a new ticket."
        )
    place = missed_counts_from(courtesy.returned_counts_as_waited, found.place, now)
    return (_returned(queue, found, now, "missed", place),)


def may_come_back(queue: BranchQueue, rules: Rules, now: datetime, ticket: Ticket) -> bool:
    """Whether `come_back` would be granted."""
    try:
        come_back(queue, rules, now, ticket.id)
    except Refusal:
        return False
    return True


def due(queue: BranchQueue, rules: Rules, now: datetime) -> Facts:
    """What the clock brings about: parked tickets whose time is up, and the branch's hours."""
    back = [t for t in queue.parked.values() if t.parked_until and t.parked_until <= now]
    facts: list[Fact] = [_returned(queue, t, now, "parked", t.place) for t in back]
    return (*facts, *_by_the_hours(queue, rules, now))


def _by_the_hours(queue: BranchQueue, rules: Rules, now: datetime) -> Facts:
    if rules.calendar.weekly is None or queue.day.closed_by_staff:
        return ()
    is_open = rules.calendar.is_open(queue.business_day, now)
    if is_open == queue.day.said_open:
        return ()
    kind = BranchOpened if is_open else BranchClosed
    return (kind(at=now, business_day=queue.business_day, reason="hours"),)


def close_branch(queue: BranchQueue, now: datetime) -> Facts:
    """Early closing: no more tickets today; who waits is still served. Closed already: nothing happens."""
    if queue.day.closed_by_staff:
        return ()
    return (BranchClosed(at=now, business_day=queue.business_day, reason="staff"),)


def open_branch(queue: BranchQueue, now: datetime) -> Facts:
    """Takes an early closing back."""
    if not queue.day.closed_by_staff:
        return ()
    return (BranchOpened(at=now, business_day=queue.business_day, reason="staff"),)


def end_day(queue: BranchQueue, now: datetime) -> Facts:
    """Every ticket that the day leaves open ends with it, and says what it was. Once for each day."""
    if queue.day.ended:
        return ()
    ended = [
        TicketCancelled(
            **of_ticket(queue, t, now), reason="day_ended", counter=t.counter, was=t.state.value
        )
        for t in queue.tickets.values()
        if t.may("end day")
    ]
    return (*ended, BranchClosed(at=now, business_day=queue.business_day, reason="day_ended"))


def known_ticket(queue: BranchQueue, ticket: str) -> Ticket:
    """The ticket with this id. Raises UnknownTicket."""
    try:
        return queue.tickets[ticket]
    except KeyError:
        raise UnknownTicket("There is no ticket with this id today.") from None


def service_of(rules: Rules, service: str) -> ServiceRule:
    """Raises UnknownService."""
    try:
        return rules.services[service]
    except KeyError:
        known = ", ".join(rules.services)
        raise UnknownService(
            f"There is no service '{service}'. This branch offers: {known}."
        ) from None


def allowed(ticket: Ticket, move: str) -> None:
    """Raises WrongState."""
    if not ticket.may(move):
        raise WrongState(f"{ticket.label} is {ticket.state}; '{move}' is not possible now.")


def of_ticket(queue: BranchQueue, ticket: Ticket, now: datetime) -> dict[str, Any]:
    """What every fact about this ticket begins with."""
    return {
        "at": now,
        "business_day": queue.business_day,
        "ticket": ticket.id,
        "label": ticket.label,
        "service": ticket.service,
        "segment": ticket.segment,
    }


def _returned(
    queue: BranchQueue, ticket: Ticket, now: datetime, reason: str, place: datetime
) -> TicketReturned:
    return TicketReturned(
        **of_ticket(queue, ticket, now), reason=reason, counts_from=place, counter=ticket.counter
    )


def _check_limits(
    queue: BranchQueue, rules: Rules, now: datetime, kiosk: str | None, card: str | None
) -> None:
    limits = rules.limits
    if kiosk is not None and limits.per_kiosk_a_minute is not None:
        recent = [at for at in queue.day.issued_at_kiosk.get(kiosk, ()) if now - at < A_MINUTE]
        if len(recent) >= limits.per_kiosk_a_minute:
            raise TooManyTickets(
                "Too many tickets have been taken here within a minute. Please wait a moment."
            )
    if card is None:
        return
    taken = queue.taken_with_card[card]
    mine = (queue.tickets[one] for one in queue.by_card.get(card, ()))
    still = [ticket.label for ticket in mine if ticket.state not in ENDED]
    if limits.per_card_open is not None and len(still) >= limits.per_card_open:
        raise TooManyTickets(
            f"With this card you already have {', '.join(still)}. Please wait for your call."
        )
    if limits.per_card_a_day is not None and taken >= limits.per_card_a_day:
        raise TooManyTickets(
            "No more tickets can be taken with this card today. Please ask our staff."
        )


def _check_visit(service: str, then: tuple[str, ...]) -> None:
    """A visit goes through each service once. Raises UnusableWish."""
    if len({service, *then}) != len(then) + 1:
        raise UnusableWish("A visit names each of its services once, in the order of the visit.")
