"""How each fact changes the queue."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import singledispatch
from statistics import median

from edge_agent.branch_queue import facts as happened, opinions
from edge_agent.branch_queue.day_changes import day_after
from edge_agent.branch_queue.facts import AtCounter, Fact
from edge_agent.branch_queue.queue import (
    A_MINUTE,
    Accuracy,
    BranchQueue,
    CounterNow,
    Day,
    LastCall,
)
from edge_agent.branch_queue.ticket import Errand, State, Ticket

REMEMBERED_TURNS = 50  # per service, for the estimate: about half a day of one counter
FEW_TURNS = 5
UNUSUAL = 10  # times the usual turn; of exponential times, one in a thousand is longer
SHORTEST_S = 60  # that customers read
CALLS_REMEMBERED = 16  # a call at each of 16 counters at once, so that a wall display misses none


def apply_all(queue: BranchQueue, facts: Iterable[Fact]) -> BranchQueue:
    """The same queue after these facts, in order."""
    for fact in facts:
        apply(fact, queue)
        day = queue.day
        if day.last_at is None or fact.at > day.last_at:
            queue.day = replace(day, last_at=fact.at)
    return queue


@singledispatch
def apply(fact: Fact, queue: BranchQueue) -> None:
    """Change the queue by one fact. What concerns no ticket can only change the day."""
    queue.day = day_after(fact, queue.day)


@apply.register
def _issued(fact: happened.TicketIssued, queue: BranchQueue) -> None:
    ticket = Ticket(
        id=fact.ticket,
        label=fact.label,
        service=fact.service,
        segment=fact.segment,
        language=fact.language,
        channel=fact.channel,
        issued_at=fact.touched_at or fact.at,
        handed_in_at=fact.at if fact.offline else None,
        place=fact.counts_from or fact.at,
        turn=queue.count.total() + 1,
        then=fact.then or (),
        promised=fact.promised,
        customer_token=fact.customer_token,
        kiosk=fact.kiosk,
        errand=_errand(fact),
        identity=fact.identity or "",
        identity_reason=fact.identity_reason or "",
    )
    queue.put(ticket)
    day = queue.day
    if fact.offline:
        queue.day = replace(day, numbers=day.numbers.held(fact.label, fact.ticket))
        return
    numbers = {**day.last_number, fact.service: fact.number}
    queue.day = replace(day, last_number=numbers, issued_at_kiosk=_noted(day, fact))


def _errand(fact: happened.TicketIssued) -> Errand | None:
    if fact.errand is None:
        return None
    return Errand(fact.errand, fact.errand_choice, bool(fact.identified))


def _noted(day: Day, fact: happened.TicketIssued) -> Mapping[str, tuple[datetime, ...]]:
    """The tickets of the last minute at each kiosk."""
    if fact.kiosk is None:
        return day.issued_at_kiosk
    recent = [at for at in day.issued_at_kiosk.get(fact.kiosk, ()) if fact.at - at < A_MINUTE]
    return {**day.issued_at_kiosk, fact.kiosk: (*recent, fact.at)}


@apply.register
def _leased(fact: happened.NumbersLeased, queue: BranchQueue) -> None:
    queue.day = replace(queue.day, numbers=queue.day.numbers.leased(fact))


@apply.register
def _late(fact: happened.TicketHandedInLate, queue: BranchQueue) -> None:
    """It changes the queue of its own day, which is looked at again for its customer; never today's."""
    if fact.taken_on == queue.business_day:
        ticket = Ticket(
            id=fact.ticket, label=fact.label, service=fact.service, segment=fact.segment,
            language=fact.language, channel=fact.channel, kiosk=fact.kiosk, turn=0, state=State.EXPIRED,
            issued_at=fact.touched_at, handed_in_at=fact.at, place=fact.touched_at, ended_at=fact.at,
        )  # fmt: skip
        queue.put(ticket)


@apply.register
def _printed(fact: happened.TicketPrinted, queue: BranchQueue) -> None:
    ticket = queue.tickets[fact.ticket]
    if fact.reprint:
        still = {
            t: kiosk
            for t, kiosk in queue.day.reprints.items()
            # that an earlier kiosk had no paper for it takes nothing from the one that has the order now
            if t != fact.ticket or (fact.outcome == "failed" and fact.kiosk not in (None, kiosk))
        }
        queue.day = replace(queue.day, reprints=still)
    nothing_new = ticket.printed == "confirmed" or (fact.reprint and fact.outcome == "failed")
    if not nothing_new:  # a reprint that failed takes no paper away, nor a doubt
        queue.put(replace(ticket, printed=fact.outcome))


@apply.register
def _reprint_ordered(fact: happened.ReprintOrdered, queue: BranchQueue) -> None:
    queue.day = replace(queue.day, reprints={**queue.day.reprints, fact.ticket: fact.kiosk})


@apply.register
def _rated(fact: happened.TicketRated, queue: BranchQueue) -> None:
    queue.put(replace(queue.tickets[fact.ticket], rating=fact.score))
    queue.day = replace(queue.day, scores=queue.day.scores.and_one(fact.score))


@apply.register
def _opinion(fact: happened.OpinionFact, queue: BranchQueue) -> None:
    queue.day = opinions.after(queue.day, fact)


@apply.register
def _called(fact: happened.TicketCalled, queue: BranchQueue) -> None:
    ticket = queue.tickets[fact.ticket]
    called = replace(
        ticket, state=State.CALLED, counter=fact.counter, calls=1, called_at=fact.at,
        recalled_at=None, ended_at=None, why=fact.why,
    )  # fmt: skip
    queue.put(called)
    day = queue.day
    queue.day = replace(
        _active(day, fact),
        last_calls={
            **day.last_calls, fact.counter: LastCall(ticket.id, fact.at, fact.finished)
        },
        recent_calls=_first(ticket.id, day.recent_calls),
        accuracy=_judged(day.accuracy, ticket, fact.at),
    )  # fmt: skip


def _judged(accuracy: Accuracy, ticket: Ticket, at: datetime) -> Accuracy:
    """The first call of a ticket keeps or breaks the promise that its customer was given. They were told no shorter wait than a
    minute, nor would it be one: also who is next waits until somebody presses."""
    if ticket.promised is None or ticket.called_at is not None:
        return accuracy
    waited = (at - ticket.issued_at).total_seconds()
    promised = ticket.promised
    return Accuracy(
        accuracy.promises + 1,
        accuracy.within + (promised.low_s <= waited <= max(promised.high_s, SHORTEST_S)),
        accuracy.error_s + abs(waited - promised.likely_s),
    )


@apply.register
def _recalled(fact: happened.TicketRecalled, queue: BranchQueue) -> None:
    ticket = queue.tickets[fact.ticket]
    queue.put(replace(ticket, calls=ticket.calls + 1, recalled_at=fact.at))
    day = _active(queue.day, fact)
    queue.day = replace(day, recent_calls=_first(ticket.id, day.recent_calls))


@apply.register
def _undone(fact: happened.TicketCallUndone, queue: BranchQueue) -> None:
    ticket = queue.tickets[fact.ticket]
    queue.put(replace(ticket, state=State.WAITING, counter=None, calls=0))
    day = _without_undo(_active(queue.day, fact), fact.counter)
    recent = tuple(one for one in day.recent_calls if one != ticket.id)
    queue.day = replace(day, recent_calls=recent)


@apply.register
def _resumed(fact: happened.ServiceResumed, queue: BranchQueue) -> None:
    ticket = queue.tickets[fact.ticket]
    resumed = replace(
        ticket,
        state=State.SERVING,
        counter=fact.counter,
        ended_at=None,
        calls=max(1, ticket.calls),
        service=fact.service,
    )
    if ticket.state is not State.SERVED:  # it had gone on to the next service of its visit
        resumed = replace(
            resumed,
            then=(ticket.service, *ticket.then),
            for_counter=ticket.for_counter_before,
        )
    queue.put(resumed)
    turns = queue.day.turn_seconds
    queue.day = replace(
        queue.day, turn_seconds={**turns, fact.service: turns.get(fact.service, ())[:-1]}
    )


@apply.register
def _started(fact: happened.ServiceStarted, queue: BranchQueue) -> None:
    ticket = replace(queue.tickets[fact.ticket], state=State.SERVING, started_at=fact.at)
    queue.put(ticket)
    queue.day = _without_undo(_active(queue.day, fact), fact.counter)


@apply.register
def _finished(fact: happened.ServiceFinished, queue: BranchQueue) -> None:
    ticket = queue.tickets[fact.ticket]
    if ticket.then:
        after = ticket.at_next_service()
    else:
        after = replace(ticket, state=State.SERVED, ended_at=fact.at)
    _leave_counter(queue, ticket, after, fact)


@apply.register
def _missed(fact: happened.TicketMissed, queue: BranchQueue) -> None:
    ticket = queue.tickets[fact.ticket]
    _leave_counter(queue, ticket, replace(ticket, state=State.MISSED, ended_at=fact.at), fact)


@apply.register
def _parked(fact: happened.TicketParked, queue: BranchQueue) -> None:
    ticket = queue.tickets[fact.ticket]
    _leave_counter(
        queue, ticket, replace(ticket, state=State.PARKED, parked_until=fact.until), fact
    )


@apply.register
def _transferred(fact: happened.TicketTransferred, queue: BranchQueue) -> None:
    ticket = queue.tickets[fact.ticket]
    after = replace(
        ticket, state=State.WAITING, counter=None, service=fact.to_service,
        for_counter=fact.to_counter,
        then=tuple(service for service in ticket.then if service != fact.to_service),
    )  # fmt: skip
    _leave_counter(queue, ticket, after, fact)


@apply.register
def _returned(fact: happened.TicketReturned, queue: BranchQueue) -> None:
    ticket = queue.tickets[fact.ticket]
    queue.put(
        replace(
            ticket, state=State.WAITING, counter=None, place=fact.counts_from, ended_at=None,
            parked_until=None, returns=ticket.returns + (fact.reason == "missed"), returned_at=fact.at,
        )
    )  # fmt: skip
    queue.day = replace(queue.day, returned=_first(ticket.id, queue.day.returned))


@apply.register
def _cancelled(fact: happened.TicketCancelled, queue: BranchQueue) -> None:
    state = State.EXPIRED if fact.reason == "day_ended" else State.CANCELLED
    ticket = queue.tickets[fact.ticket]
    queue.put(replace(ticket, state=state, ended_at=fact.at, parked_until=None))


def _leave_counter(queue: BranchQueue, before: Ticket, after: Ticket, fact: AtCounter) -> None:
    """The counter is free again; how long the ticket kept it is remembered for the estimate. Why it was called
    stays in the journal."""
    queue.put(replace(after, why=None))
    day = _without_undo(_active(queue.day, fact), fact.counter)
    if before.called_at is not None:
        seconds = max(0.0, (fact.at - before.called_at).total_seconds())
        known = day.turn_seconds.get(before.service, ())
        if _is_usual(seconds, known):
            turns = (*known, seconds)[-REMEMBERED_TURNS:]
            day = replace(day, turn_seconds={**day.turn_seconds, before.service: turns})
    queue.day = day


def _is_usual(seconds: float, known: tuple[float, ...]) -> bool:
    """A ticket forgotten at a counter, or a clock put forward, says nothing about the next customer."""
    return len(known) < FEW_TURNS or seconds <= UNUSUAL * max(median(known), 1.0)


def _active(day: Day, fact: AtCounter) -> Day:
    """A press at a counter: whoever presses there has it open."""
    known = day.counters.get(fact.counter)
    now = CounterNow("open", known.since if known else fact.at, fact.at)
    return replace(day, counters={**day.counters, fact.counter: now})


def _without_undo(day: Day, counter: str) -> Day:
    """Whatever else is done at a counter, its last call stands."""
    kept = {name: call for name, call in day.last_calls.items() if name != counter}
    return replace(day, last_calls=kept)


def _first(ticket: str, tickets: tuple[str, ...]) -> tuple[str, ...]:
    return (ticket, *(one for one in tickets if one != ticket))[:CALLS_REMEMBERED]
