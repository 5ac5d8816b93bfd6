"""What a teller's press brings about: (queue, rules, time, counter) -> facts, or a refusal."""

from datetime import datetime, timedelta
from typing import Any

from edge_agent.branch_queue.calling_order import choose
from edge_agent.branch_queue.facts import (
    CounterClosed,
    CounterOpened,
    CounterPaused,
    Fact,
    ServiceFinished,
    ServiceResumed,
    ServiceStarted,
    TicketCalled,
    TicketCallUndone,
    TicketMissed,
    TicketParked,
    TicketRecalled,
    TicketTransferred,
)
from edge_agent.branch_queue.lines import line_of
from edge_agent.branch_queue.moves import Facts, allowed, come_back, of_ticket, service_of
from edge_agent.branch_queue.queue import BranchQueue, LastCall
from edge_agent.branch_queue.reason import Why
from edge_agent.branch_queue.refusals import (
    CounterBusy,
    NobodyAtCounter,
    NothingToUndo,
    RecallLimit,
    RecallTooSoon,
    TicketStillCalled,
    TooLateToUndo,
    UnknownCounter,
    UnknownTicket,
    UnusableWish,
)
from edge_agent.branch_queue.rules import CounterRule, Rules
from edge_agent.branch_queue.ticket import State, Ticket

NOT_YET = timedelta(0)


def call_next(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    """Finish whoever is being served here, then call whom the policy names.

    No TicketCalled among the facts means that nobody is waiting for this counter.
    """
    counter_rule(rules, counter)
    current = queue.at(counter)
    if current is not None and current.state is State.CALLED:
        raise TicketStillCalled(
            f"{current.label} is called to counter {counter} and has neither started nor been "
            "missed. Start it, or mark it as missed, then call the next."
        )
    facts: list[Fact] = [*_opened(queue, now, counter)]
    going_on = None
    if current is not None:
        facts.append(_finished(queue, current, now, counter))
        going_on = current.at_next_service() if current.then else None
    chosen = next_for(queue, rules, now, counter, going_on)
    if chosen is not None:
        ticket, why = chosen
        finished = current.label if current else None
        facts.append(TicketCalled(**_here(queue, ticket, now, counter), why=why, finished=finished))
    return tuple(facts)


def next_for(
    queue: BranchQueue, rules: Rules, now: datetime, counter: str, also: Ticket | None = None
) -> tuple[Ticket, Why] | None:
    """Whom this counter would call now, and why; `also` has just got in line."""
    rule = counter_rule(rules, counter)
    lines = [p for line, p in queue.lines.all() if queue.may_call(counter, rule, line)]
    heads = [queue.tickets[places[0][2]] for places in lines]
    waiting = sum(len(places) for places in lines)
    if also is not None and queue.may_call(counter, rule, line_of(also)):
        heads.append(also)
        waiting += 1
    return choose(heads, rules.order, rule, now, waiting)


def recall(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    """Call the same ticket again; so often, and with a pause between."""
    ticket = _standing(queue, rules, counter, "recall")
    courtesy = rules.courtesy
    if ticket.calls > courtesy.most_recalls:
        raise RecallLimit(
            f"{ticket.label} has been called {ticket.calls} times. Mark it as missed; "
            "it can be put back in line when its customer comes."
        )
    since = now - (ticket.recalled_at or ticket.called_at or now)
    if NOT_YET <= since < courtesy.recall_pause:
        left = (courtesy.recall_pause - since).total_seconds()
        raise RecallTooSoon(f"{ticket.label} has only just been called. Wait {left:.0f} s more.")
    return (TicketRecalled(**_here(queue, ticket, now, counter)),)


def start(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    """The called customer has come; the service begins."""
    ticket = _standing(queue, rules, counter, "start")
    return (ServiceStarted(**_here(queue, ticket, now, counter)),)


def finish(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    """The customer has been served; a visit of several services goes on with the next."""
    ticket = _standing(queue, rules, counter, "finish")
    return (_finished(queue, ticket, now, counter),)


def miss(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    """The called customer did not come."""
    ticket = _standing(queue, rules, counter, "miss")
    return (TicketMissed(**_here(queue, ticket, now, counter)),)


def undo(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    """The last call was a mistake: its ticket waits where it did, and whom that press finished is served on."""
    counter_rule(rules, counter)
    last = queue.day.last_calls.get(counter)
    ticket = queue.at(counter)
    if last is None or ticket is None or ticket.id != last.ticket:
        raise NothingToUndo(f"There is no call at counter {counter} that could be undone.")
    if now >= undo_until(rules, last) or now < last.at:
        seconds = rules.courtesy.undo_within.total_seconds()
        raise TooLateToUndo(
            f"A call can be undone within {seconds:.0f} s. Mark {ticket.label} as missed, or transfer it."
        )
    allowed(ticket, "undo")
    return (
        TicketCallUndone(**_here(queue, ticket, now, counter)),
        *_resumed(queue, last, now, counter),
    )


def undo_until(rules: Rules, last: LastCall) -> datetime:
    """From this moment on, the call stands."""
    return last.at + rules.courtesy.undo_within


def park(
    queue: BranchQueue, rules: Rules, now: datetime, counter: str, minutes: int | None = None
) -> Facts:
    """Set the ticket aside; it returns to its line by itself after so many minutes."""
    ticket = _standing(queue, rules, counter, "park")
    courtesy = rules.courtesy
    time = courtesy.parked_for if minutes is None else timedelta(minutes=minutes)
    if not NOT_YET < time <= courtesy.longest_parking:
        most = courtesy.longest_parking // timedelta(minutes=1)
        raise UnusableWish(f"A ticket can be parked for 1 to {most} minutes.")
    return (TicketParked(**_here(queue, ticket, now, counter), until=now + time),)


def transfer(
    queue: BranchQueue,
    rules: Rules,
    now: datetime,
    counter: str,
    to_service: str | None = None,
    to_counter: str | None = None,
) -> Facts:
    """To another service, or to one counter, or both; the ticket keeps its place in time."""
    ticket = _standing(queue, rules, counter, "transfer")
    if to_service is None and to_counter is None:
        raise UnusableWish("Say where to: a service, a counter, or both.")
    service = service_of(rules, to_service or ticket.service).code
    if to_counter is not None and not counter_rule(rules, to_counter).may_serve(
        service, ticket.segment
    ):
        raise UnusableWish(f"Counter {to_counter} does not serve '{service}' for this customer.")
    if to_counter is None and not _anyone_serves(rules, service, ticket.segment):
        raise UnusableWish(f"No counter serves '{service}' for this customer.")
    return (
        TicketTransferred(
            **_here(queue, ticket, now, counter), to_service=service, to_counter=to_counter
        ),
    )


def put_back(queue: BranchQueue, rules: Rules, now: datetime, counter: str, label: str) -> Facts:
    """A missed or parked ticket's customer is here: back in line."""
    counter_rule(rules, counter)
    ticket = queue.by_label.get(label)
    if ticket is None:
        raise UnknownTicket(f"There is no ticket {label} today.")
    return come_back(queue, rules, now, ticket)


def open_counter(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    """The counter is manned. Open already: nothing happens."""
    counter_rule(rules, counter)
    return _opened(queue, now, counter)


def pause_counter(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    """The teller is away for a while."""
    return _left(queue, rules, now, counter, CounterPaused)


def close_counter(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    """Nobody serves here any more today."""
    return _left(queue, rules, now, counter, CounterClosed)


def counter_rule(rules: Rules, counter: str) -> CounterRule:
    """Raises UnknownCounter."""
    try:
        return rules.counters[counter]
    except KeyError:
        known = ", ".join(rules.counters)
        raise UnknownCounter(
            f"There is no counter '{counter}'. This branch has: {known}."
        ) from None


def _opened(queue: BranchQueue, now: datetime, counter: str) -> Facts:
    if queue.counter_state(counter) == "open":
        return ()
    return (CounterOpened(at=now, business_day=queue.business_day, counter=counter),)


def _left(
    queue: BranchQueue,
    rules: Rules,
    now: datetime,
    counter: str,
    kind: type[CounterPaused] | type[CounterClosed],
) -> Facts:
    counter_rule(rules, counter)
    ticket = queue.at(counter)
    if ticket is not None:
        raise CounterBusy(
            f"{ticket.label} stands at counter {counter}. Finish it, park it or mark it as missed first."
        )
    wanted = "paused" if kind is CounterPaused else "closed"
    if queue.counter_state(counter) == wanted:
        return ()
    return (kind(at=now, business_day=queue.business_day, counter=counter),)


def _finished(queue: BranchQueue, ticket: Ticket, now: datetime, counter: str) -> ServiceFinished:
    following = ticket.then[0] if ticket.then else None
    return ServiceFinished(**_here(queue, ticket, now, counter), next_service=following)


def _resumed(queue: BranchQueue, last: LastCall, now: datetime, counter: str) -> Facts:
    """Whom the undone press had finished is served on, unless somebody else has called them meanwhile."""
    finished = queue.by_label.get(last.finished or "")
    if finished is None:
        return ()
    ticket = queue.tickets[finished]
    its_own_call = finished == last.ticket
    if not (its_own_call or ticket.may("resume")):
        return ()
    service = ticket.service if ticket.state is State.SERVED else ticket.service_before
    return (ServiceResumed(**_here(queue, ticket, now, counter) | {"service": service}),)


def _anyone_serves(rules: Rules, service: str, segment: str) -> bool:
    return any(rule.may_serve(service, segment) for rule in rules.counters.values())


def _standing(queue: BranchQueue, rules: Rules, counter: str, move: str) -> Ticket:
    counter_rule(rules, counter)
    ticket = queue.at(counter)
    if ticket is None:
        raise NobodyAtCounter(f"No ticket stands at counter {counter}. Call the next one first.")
    allowed(ticket, move)
    return ticket


def _here(queue: BranchQueue, ticket: Ticket, now: datetime, counter: str) -> dict[str, Any]:
    return {**of_ticket(queue, ticket, now), "counter": counter}
