"""The queue as callers see it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from edge_agent import errands, messages, notices
from edge_agent.branch_queue import counter_moves, moves, on_offer
from edge_agent.branch_queue.calling_order import Rank, rank
from edge_agent.branch_queue.estimate import Forecast
from edge_agent.branch_queue.opening import is_open, why_closed
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.rules import Rules
from edge_agent.branch_queue.ticket import ENDED, Segment, State, Ticket, Wait
from edge_agent.central.told import FromOffice
from edge_agent.journal import Entry
from edge_agent.opinions import OpinionViews, ratings
from edge_agent.settings import Service, Settings
from program.line_state import Trouble

SET_ASIDE_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """How journal, clock and line stand; `clock_off_s` is 0 unless the machine's clock is not believed."""

    seq: int
    epoch: str
    journal: Literal["ok", "slow", "failing"]
    clock_off_s: int
    line: list[Trouble]
    from_office: FromOffice


class Views:
    """Needs the configuration for names, and the rules for estimates."""

    def __init__(self, settings: Settings, rules: Rules, forecast: Forecast) -> None:
        self._settings = settings
        self._rules = rules
        self._forecast = forecast
        self.opinions = OpinionViews(settings)

    def services(
        self, queue: BranchQueue, now: datetime, kiosk: str | None = None
    ) -> messages.Services:
        """What a kiosk shows; `kiosk` is the one that asks, if it is one."""
        return messages.Services(
            services=[self._service(queue, service, now) for service in self._settings.services],
            branch_name=self._settings.branch.name,
            public_url=self._settings.http.public_url,
            time_zone=self._settings.branch.time_zone,
            at=now,
            business_day=queue.business_day,
            reasons=self.opinions.reasons,
            topics=self.opinions.topics,
            reprints=[
                messages.Reprint(
                    ticket=self.issued(queue, queue.tickets[ticket], now),
                    language=queue.tickets[ticket].language,
                    marked=queue.tickets[ticket].printed != "failed",
                )
                for ticket, where in queue.day.reprints.items()
                if where == kiosk
                and ticket in queue.tickets
                and queue.tickets[ticket].state not in ENDED
            ],
            closed=self._closed(queue, now),
            errands=errands.offered(self._settings.errands),
            help=notices.help_at(queue, kiosk),
        )

    def _service(self, queue: BranchQueue, service: Service, now: datetime) -> messages.Service:
        rule = self._rules.services[service.code]
        wait = self._forecast.newcomer(queue, now, service.code, Segment.ORDINARY, now)
        note = on_offer.note(queue, rule, self._rules, now, wait)
        return messages.Service(
            code=service.code,
            prefix=service.prefix,
            names=service.names,
            waiting=queue.lines.waiting(service.code),
            estimated_wait=_shape(wait),
            open=note.name != "closed",
            note=note.name,
            opens_at=note.opens_at,
            identity=service.identity,
        )

    def promise(
        self, queue: BranchQueue, service: str, segment: str, place: datetime, now: datetime
    ) -> Wait | None:
        """What somebody is told who takes a ticket now."""
        return self._forecast.newcomer(queue, now, service, segment, place)

    def issued(self, queue: BranchQueue, ticket: Ticket, now: datetime) -> messages.IssuedTicket:
        """What the customer is told."""
        return messages.IssuedTicket(
            id=ticket.id,
            label=ticket.label,
            service=ticket.service,
            segment=ticket.segment,
            business_day=queue.business_day,
            issued_at=ticket.issued_at,
            ahead=self._ahead(queue, ticket, now),
            estimated_wait=_shape(ticket.promised),
        )

    def ticket(
        self, queue: BranchQueue, ticket: Ticket, now: datetime, entries: Iterable[Entry] = ()
    ) -> messages.Ticket:
        waiting = ticket.state is State.WAITING
        return messages.Ticket(
            ahead=self._ahead(queue, ticket, now) if waiting else None,
            estimated_wait=_shape(self._forecast.waiting(queue, now, ticket)) if waiting else None,
            business_day=queue.business_day,
            then=list(ticket.then),
            reprint_at=queue.day.reprints.get(ticket.id),
            may_return=moves.may_come_back(queue, self._rules, now, ticket),
            errand=errands.in_words(self._settings.errands, ticket.errand),
            why=_why(ticket),
            history=[happened(entry) for entry in entries],
            **{name: getattr(ticket, name) for name in _SAME_NAME},
        )

    def queues(self, queue: BranchQueue, standing: Standing, now: datetime) -> messages.Queues:
        return messages.Queues(
            branch=self._settings.branch.id,
            name=self._settings.branch.name,
            at=now,
            business_day=queue.business_day,
            epoch=standing.epoch,
            journal_seq=standing.seq,
            queues=[self._queue_now(queue, s.code, s.names, now) for s in self._settings.services],
            counters=[self.counter(queue, counter) for counter in self._rules.counters],
            calls=notices.calls(queue),
            issued=queue.count.total(),
            served=queue.count[State.SERVED],
            missed=queue.count[State.MISSED],
            parked=self._set_aside(queue, queue.parked.values(), now),
            missed_calls=self._set_aside(queue, queue.missed.values(), now),
            back=notices.back(queue, now),
            open=any(
                is_open(queue, service, self._rules, now)
                for service in self._rules.services.values()
            ),
            accuracy=notices.accuracy(queue),
            journal=standing.journal,
            clock_off_s=standing.clock_off_s,
            line=list(standing.line),
            help_wanted=notices.help_wanted(queue),
            ratings=ratings(queue, visits=queue.count[State.SERVED]),
            open_opinions=len(queue.day.open_opinions),
            notices=standing.from_office.shown(now),
            **standing.from_office.config_keys,
        )

    def open_or_closed(self, queue: BranchQueue, now: datetime) -> messages.OpenOrClosed:
        closed = self._closed(queue, now)
        return messages.OpenOrClosed(open=closed is None, reason=closed)

    def _closed(self, queue: BranchQueue, now: datetime) -> messages.Closed | None:
        closed = why_closed(queue, self._rules, now)
        return messages.Closed(name=closed.name, detail=closed.detail) if closed else None

    def _queue_now(
        self, queue: BranchQueue, service: str, names: messages.Names, now: datetime
    ) -> messages.QueueNow:
        firsts = [
            queue.tickets[places[0][2]]
            for line, places in queue.lines.all()
            if line.service == service
        ]
        longest = max(((now - t.place).total_seconds() for t in firsts), default=0.0)
        return messages.QueueNow(
            service=service,
            names=names,
            waiting=queue.lines.waiting(service),
            longest_wait_s=max(0, int(longest)),
            estimated_wait=self._wait(queue, service, now),
        )

    def counter(self, queue: BranchQueue, counter: str) -> messages.CounterNow:
        ticket = queue.at(counter)
        if ticket is None:
            state = queue.counter_state(counter)
            return messages.CounterNow(counter=counter, state="idle" if state == "open" else state)
        serving = ticket.state is State.SERVING
        last = queue.day.last_calls.get(counter)
        return messages.CounterNow(
            counter=counter,
            state="serving" if serving else "called",
            label=ticket.label,
            service=ticket.service,
            segment=ticket.segment,
            since=ticket.started_at if serving else ticket.recalled_at or ticket.called_at,
            undo_until=counter_moves.undo_until(self._rules, last) if last else None,
            then=list(ticket.then),
            errand=errands.in_words(self._settings.errands, ticket.errand),
            identity=ticket.identity,
            identity_reason=ticket.identity_reason,
            why=_why(ticket),
        )

    def _set_aside(
        self, queue: BranchQueue, tickets: Iterable[Ticket], now: datetime
    ) -> list[messages.SetAside]:
        """The latest first."""
        return [
            messages.SetAside(
                label=t.label,
                service=t.service,
                counter=t.counter,
                at=t.ended_at or t.called_at or t.issued_at,
                until=t.parked_until,
                may_return=moves.may_come_back(queue, self._rules, now, t),
            )
            for t in list(tickets)[: -SET_ASIDE_SHOWN - 1 : -1]
        ]

    def _ahead(self, queue: BranchQueue, ticket: Ticket, now: datetime) -> int:
        """Those of the same service who are called before, as it stands."""
        order = self._rules.order

        def rank_of(ticket_id: str) -> Rank:
            return rank(queue.tickets[ticket_id], order, now)

        return queue.lines.sooner(ticket.service, rank_of, rank_of(ticket.id))

    def _wait(
        self, queue: BranchQueue, service: str, now: datetime
    ) -> messages.EstimatedWait | None:
        return _shape(self._forecast.newcomer(queue, now, service, Segment.ORDINARY, now))


_SAME_NAME = [
    "id",
    "label",
    "service",
    "segment",
    "language",
    "state",
    "counter",
    "printed",
    "identity",
    "identity_reason",
    "issued_at",
    "called_at",
    "started_at",
    "ended_at",
    "calls",
    "for_counter",
    "parked_until",
    "returns",
    "rating",
]


def happened(entry: Entry) -> messages.Happened:
    """One journal entry as a line of a ticket's history."""
    return msgspec.json.decode(entry.body, type=messages.Happened)


def _shape(wait: Wait | None) -> messages.EstimatedWait | None:
    if wait is None:
        return None
    return messages.EstimatedWait(low_s=wait.low_s, likely_s=wait.likely_s, high_s=wait.high_s)


def _why(ticket: Ticket) -> messages.Why | None:
    """While it stands at a counter, or has."""
    if ticket.why is None:
        return None
    return msgspec.convert(ticket.why, messages.Why, from_attributes=True)
