"""A branch's day as the tests drive it: wishes in, facts applied, refusals seen by name."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from edge_agent.branch_queue import counter_moves, moves
from edge_agent.branch_queue.changes import apply_all
from edge_agent.branch_queue.facts import Fact, TicketCalled
from edge_agent.branch_queue.lines import Line
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.refusals import Refusal
from edge_agent.branch_queue.rules import CounterRule, Rules, ServiceRule
from edge_agent.branch_queue.ticket import Ticket
from edge_agent.journal.entries import decode, encode

Facts = tuple[Fact, ...]
MONDAY = date(2026, 3, 2)
NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # in Shanghai
SERVICES = {
    "cash": ServiceRule("cash", "A"),
    "cards": ServiceRule("cards", "B"),
    "wealth": ServiceRule("wealth", "C"),
}
COUNTERS = {
    "1": CounterRule(frozenset({"cash"})),
    "2": CounterRule(frozenset({"cash", "cards"})),
    "3": CounterRule(frozenset({"wealth"})),
}
RULES = Rules(services=SERVICES, counters=COUNTERS)


def seconds(s: float) -> timedelta:
    return timedelta(seconds=s)


def minutes(m: float) -> timedelta:
    return timedelta(minutes=m)


def counter(*services: str, preferred: str = "", segments: str = "") -> CounterRule:
    return CounterRule(
        frozenset(services), frozenset(preferred.split()), frozenset(segments.split())
    )


def rules(**more: Any) -> Rules:
    return Rules(**{"services": SERVICES, "counters": COUNTERS, **more})


def snapshot(queue: BranchQueue) -> dict[str, object]:
    """Everything the queue knows, so that it can be compared with a later moment."""
    lines: dict[Line, tuple[object, ...]] = {
        line: tuple(places) for line, places in queue.lines.all() if places
    }
    return {
        "business_day": queue.business_day,
        "day": queue.day,
        "tickets": dict(queue.tickets),
        "lines": lines,
        "at_counter": dict(queue.at_counter),
        "parked": dict(queue.parked),
        "missed": dict(queue.missed),
        "by_label": dict(queue.by_label),
        "by_card": {card: sorted(ids) for card, ids in queue.by_card.items() if ids},
        "count": {state: n for state, n in queue.count.items() if n},
    }


def through_the_journal(seq: int, fact: Fact) -> Fact:
    """The card stands in the branch's own table only: it is not on the wire."""
    body, card = encode(seq, fact), getattr(fact, "customer_token", None)
    assert b"token" not in body
    return decode(type(fact).__name__, body, card)


def rebuilt(business_day: date, facts: list[Fact]) -> BranchQueue:
    """The queue after a restart, as the journal tells it."""
    read = [through_the_journal(seq, fact) for seq, fact in enumerate(facts, start=1)]
    return apply_all(BranchQueue(business_day), read)


class Hall:
    """Time stands still unless `later` is called."""

    def __init__(
        self, rules: Rules = RULES, now: datetime = NINE, business_day: date = MONDAY
    ) -> None:
        self.rules = rules
        self.queue = BranchQueue(business_day)
        self.now = now
        self.ids = 0
        self.facts: list[Fact] = []

    def later(self, by: timedelta) -> None:
        self.now += by

    def do(self, facts: Facts) -> Facts:
        apply_all(self.queue, facts)
        self.queue.keep()
        self.facts += facts
        return facts

    def take(self, service: str = "cash", segment: str = "ordinary", **more: Any) -> str:
        """The id of a new ticket."""
        ticket = f"t{self.ids + 1}"
        given: dict[str, Any] = {"language": "en", "channel": "kiosk", **more}
        self.do(
            moves.issue(
                self.queue, self.rules, self.now,
                ticket=ticket, service=service, segment=segment, **given,
            )
        )  # fmt: skip
        self.ids += 1
        return ticket

    def press(self, move: str, counter: str = "1", *more: Any, **named: Any) -> Facts:
        wish: Callable[..., Facts] = getattr(counter_moves, move)
        return self.do(wish(self.queue, self.rules, self.now, counter, *more, **named))

    def cancel(self, ticket: str, reason: str = "customer") -> Facts:
        return self.do(moves.cancel(self.queue, self.now, ticket, reason))

    def come_back(self, ticket: str) -> Facts:
        return self.do(moves.come_back(self.queue, self.rules, self.now, ticket))

    def rate(self, ticket: str, score: int = 5) -> Facts:
        return self.do(moves.rate(self.queue, self.now, ticket, score))

    def due(self) -> Facts:
        return self.do(moves.due(self.queue, self.rules, self.now))

    def close_branch(self) -> Facts:
        return self.do(moves.close_branch(self.queue, self.now))

    def open_branch(self) -> Facts:
        return self.do(moves.open_branch(self.queue, self.now))

    def end_day(self) -> Facts:
        return self.do(moves.end_day(self.queue, self.now))

    def call(self, counter: str = "1") -> TicketCalled | None:
        """What call-next calls to this counter."""
        facts = self.press("call_next", counter)
        return next((fact for fact in facts if isinstance(fact, TicketCalled)), None)

    def called(self, counter: str = "1") -> str | None:
        """The label that call-next calls to this counter."""
        call = self.call(counter)
        return call.label if call else None

    def call_all(self, counter: str = "1") -> list[str]:
        """The labels in the order in which this counter calls them, nobody coming."""
        labels = []
        while (label := self.called(counter)) is not None:
            labels.append(label)
            self.press("miss", counter)
        return labels

    def ticket(self, ticket: str) -> Ticket:
        return self.queue.tickets[ticket]

    def label(self, ticket: str) -> str:
        return self.queue.tickets[ticket].label

    def state(self, ticket: str) -> str:
        return str(self.queue.tickets[ticket].state)

    def refused(self, wish: Callable[[], object]) -> Refusal:
        """The refusal of this wish, which has changed nothing."""
        before = snapshot(self.queue)
        with pytest.raises(Refusal) as caught:
            wish()
        assert snapshot(self.queue) == before
        return caught.value

    def refused_press(self, move: str, counter: str = "1", *more: Any) -> str:
        """The stable name of the refusal of this press."""
        return self.refused(lambda: self.press(move, counter, *more)).name


def kinds(facts: Facts) -> list[str]:
    return [type(fact).__name__ for fact in facts]
