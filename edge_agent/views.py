"""The queue as callers see it."""

from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile

import msgspec

from edge_agent import messages
from edge_agent.branch_queue import estimate
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.ticket import State, Ticket
from edge_agent.journal import Entry
from edge_agent.settings import Settings

CALLS_SHOWN = 16  # a call at each of 16 counters at once, so that a wall display misses none


class Views:
    """Needs the configuration for names, and the rules for estimates."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rules = settings.rules()

    def services(self, queue: BranchQueue, now: datetime) -> messages.Services:
        return messages.Services(
            services=[
                messages.Service(
                    code=service.code,
                    prefix=service.prefix,
                    names=service.names,
                    waiting=len(queue.waiting_for(service.code)),
                    estimated_wait=self._wait(queue, service.code, now),
                    open=True,
                )
                for service in self._settings.services
            ],
            branch_name=self._settings.branch.name,
            public_url=self._settings.http.public_url,
            time_zone=self._settings.branch.time_zone,
        )

    def issued(self, queue: BranchQueue, ticket: Ticket, now: datetime) -> messages.IssuedTicket:
        """What the customer is told."""
        return messages.IssuedTicket(
            id=ticket.id,
            label=ticket.label,
            service=ticket.service,
            segment=ticket.segment,
            business_day=queue.business_day,
            issued_at=ticket.issued_at,
            ahead=self._ahead(queue, ticket),
            estimated_wait=self._wait(queue, ticket.service, now, ticket.id),
        )

    def ticket(
        self, queue: BranchQueue, ticket: Ticket, now: datetime, entries: Iterable[Entry] = ()
    ) -> messages.Ticket:
        waiting = ticket.state is State.WAITING
        return messages.Ticket(
            ahead=self._ahead(queue, ticket) if waiting else None,
            estimated_wait=self._wait(queue, ticket.service, now, ticket.id) if waiting else None,
            business_day=queue.business_day,
            history=[happened(entry) for entry in entries],
            **{name: getattr(ticket, name) for name in _SAME_NAME},
        )

    def queues(self, queue: BranchQueue, seq: int, epoch: str, now: datetime) -> messages.Queues:
        states = [ticket.state for ticket in queue.tickets.values()]
        return messages.Queues(
            branch=self._settings.branch.id,
            name=self._settings.branch.name,
            at=now,
            business_day=queue.business_day,
            epoch=epoch,
            journal_seq=seq,
            queues=[self._queue_now(queue, s.code, s.names, now) for s in self._settings.services],
            counters=[_counter_now(queue, counter) for counter in self._rules.counters],
            calls=_calls(queue),
            issued=len(states),
            served=states.count(State.SERVED),
            missed=states.count(State.MISSED),
        )

    def _queue_now(
        self, queue: BranchQueue, service: str, names: messages.Names, now: datetime
    ) -> messages.QueueNow:
        waiting = queue.waiting_for(service)
        longest = max(((now - t.issued_at).total_seconds() for t in waiting), default=0.0)
        return messages.QueueNow(
            service=service,
            names=names,
            waiting=len(waiting),
            longest_wait_s=max(0, int(longest)),
            estimated_wait=self._wait(queue, service, now),
        )

    def _ahead(self, queue: BranchQueue, ticket: Ticket) -> int:
        """Those of the same service who came before."""
        before = takewhile(lambda other: other.id != ticket.id, queue.waiting.values())
        return sum(1 for other in before if other.service == ticket.service)

    def _wait(
        self, queue: BranchQueue, service: str, now: datetime, ticket: str | None = None
    ) -> messages.EstimatedWait | None:
        wait = estimate.wait_for(queue, self._rules, service, now, ticket)
        if wait is None:
            return None
        return messages.EstimatedWait(low_s=wait.low_s, likely_s=wait.likely_s, high_s=wait.high_s)


_SAME_NAME = [
    "id",
    "label",
    "service",
    "segment",
    "language",
    "state",
    "counter",
    "printed",
    "issued_at",
    "called_at",
    "started_at",
    "ended_at",
    "calls",
]


def happened(entry: Entry) -> messages.Happened:
    """One journal entry as a line of a ticket's history."""
    return msgspec.json.decode(entry.body, type=messages.Happened)


def _counter_now(queue: BranchQueue, counter: str) -> messages.CounterNow:
    ticket = queue.at(counter)
    if ticket is None:
        return messages.CounterNow(counter=counter, state="idle")
    serving = ticket.state is State.SERVING
    return messages.CounterNow(
        counter=counter,
        state="serving" if serving else "called",
        label=ticket.label,
        service=ticket.service,
        since=ticket.started_at if serving else ticket.called_at,
    )


def _calls(queue: BranchQueue) -> list[messages.Call]:
    """The latest calls, newest first."""
    called = [
        t for t in queue.tickets.values() if t.called_at is not None and t.counter is not None
    ]
    called.sort(key=lambda t: t.called_at or t.issued_at, reverse=True)
    return [
        messages.Call(
            label=t.label, counter=t.counter or "", at=t.called_at or t.issued_at, times=t.calls
        )
        for t in called[:CALLS_SHOWN]
    ]
