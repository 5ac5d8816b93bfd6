"""Many random wishes under many random policies, against a model too simple to be wrong."""

import math
from collections import Counter
from collections.abc import Callable, Collection
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge_agent.branch_queue import counter_moves, moves, printing
from edge_agent.branch_queue.changes import apply_all
from edge_agent.branch_queue.facts import (
    Fact,
    ServiceFinished,
    ServiceResumed,
    TicketCalled,
    TicketCancelled,
    TicketFact,
    TicketReturned,
)
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.reason import Candidate
from edge_agent.branch_queue.refusals import Refusal
from edge_agent.branch_queue.rules import (
    CallingOrder,
    CounterRule,
    Courtesy,
    Limits,
    Rules,
    ServiceRule,
)
from tests.branch_queue.hall import MONDAY, NINE, Facts, rebuilt, seconds, snapshot

PREFIX = {"cash": "A", "cards": "B", "wealth": "C"}
NAMES = ("1", "2", "3", "4")
SEGMENTS = ("ordinary", "vip", "care", "appointment")
OPEN = ("waiting", "called", "serving", "parked")
CHANCE = st.integers(0, 2**20)
QUARTERS = st.one_of(st.just(0), st.integers(0, 24), st.integers(0, 4 * 600), st.integers(0, 9600))
STEP = QUARTERS.map(lambda quarters: seconds(quarters / 4))  # exact as a float: ties stay ties
ANY_REFUSAL = ("*",)


def minutes_up_to(most: int) -> st.SearchStrategy[timedelta]:
    return st.integers(0, most).map(lambda m: timedelta(minutes=m))


ORDERS = st.builds(
    CallingOrder,
    rule=st.sampled_from(["arrival", "strict", "head_start", "deadline"]),
    head_start=st.dictionaries(st.sampled_from(SEGMENTS), minutes_up_to(20)),
    rank=st.dictionaries(st.sampled_from(SEGMENTS), st.integers(-2, 2)),
    targets=st.dictionaries(
        st.tuples(st.sampled_from([*PREFIX, "*"]), st.sampled_from([*SEGMENTS, "*"])),
        minutes_up_to(30),
    ),
    worst_wait=st.one_of(st.none(), minutes_up_to(40)),
    preferred=minutes_up_to(5),
    lead=minutes_up_to(8),
    late=minutes_up_to(15),
)
SKILLS = st.builds(
    CounterRule,
    services=st.sampled_from(
        [*({code} for code in PREFIX), {"cash", "cards"}, {*PREFIX}, {*PREFIX}]
    ).map(frozenset),
    preferred=st.frozensets(st.sampled_from([*PREFIX])),
    segments=st.one_of(st.just(frozenset()), st.frozensets(st.sampled_from(SEGMENTS), min_size=2)),
)
COURTESY = st.builds(
    Courtesy,
    most_recalls=st.integers(0, 3),
    recall_pause=st.sampled_from([seconds(0), seconds(2), seconds(10)]),
    most_returns=st.integers(0, 2),
    return_within=st.sampled_from([seconds(60), seconds(3600)]),
    returned_counts_as_waited=minutes_up_to(10),
    parked_for=st.sampled_from([seconds(60), seconds(600)]),
    longest_parking=st.sampled_from([seconds(1200), seconds(7200)]),
    undo_within=st.sampled_from([seconds(0), seconds(5), seconds(60)]),
)
LIMITS = st.builds(
    Limits,
    per_card_open=st.one_of(st.none(), st.integers(1, 2)),
    per_card_a_day=st.one_of(st.none(), st.integers(2, 4)),
)
SERVICES = st.builds(
    lambda first, more: {
        code: ServiceRule(code, prefix, first, None if more is None else first + more)
        for code, prefix in PREFIX.items()
    },
    st.integers(1, 50),
    st.one_of(st.none(), st.integers(0, 3)),
)
TRIED = [  # what is tried, the frequent more than once
    *["issue"] * 24, *["call_next"] * 28, *["start"] * 16, *["finish"] * 8, *["miss"] * 12,
    *["park"] * 8, *["undo"] * 16, *["transfer"] * 12, *["come_back"] * 12, *["recall"] * 8,
    *["due"] * 8, *["man"] * 6, *["cancel"] * 4, *["printed"] * 3, *["rate"] * 4,
    *["commit"] * 8, *["close_early_or_open_again"] * 3, "end_day",
]  # fmt: skip
AT_A_COUNTER = ("start", "finish", "miss", "park", "undo", "transfer", "recall")


class Chance(Random):
    """Many small decisions from one number: few draws keep hypothesis fast and its runs long."""

    def of(self, *options: Any) -> Any:
        return self.choice(options)

    def once_in(self, n: int) -> bool:
        return not self.randrange(n)


RULES = st.builds(
    Rules,
    services=SERVICES,
    counters=st.fixed_dictionaries(dict.fromkeys(NAMES, SKILLS)),
    order=ORDERS,
    courtesy=COURTESY,
    limits=LIMITS,
)


@dataclass
class Row:
    """One customer. `moved` counts the moves of the ticket, so that an undo knows whether it may."""

    id: str
    label: str
    number: int
    service: str
    segment: str
    place: datetime
    then: tuple[str, ...]
    card: str | None
    state: str = "waiting"
    counter: str | None = None
    for_counter: str | None = None
    recalls: int = 0
    last_call: datetime = NINE
    until: datetime | None = None
    missed_at: datetime = NINE
    missed_returns: int = 0
    rating: int | None = None
    printed: str | None = None
    moved: int = 0

    def move(self, state: str, counter: str | None = None) -> None:
        self.state, self.counter, self.until = state, counter, None
        self.moved += 1


@dataclass
class Call:
    """What an undo takes back: the ticket as it was before, and whom the press finished, as it was."""

    at: datetime
    called: int
    before: Row
    moved: int
    finished: Row | None
    finished_moved: int


@dataclass
class Model:
    rows: list[Row] = field(default_factory=list)
    counters: dict[str, str] = field(default_factory=lambda: dict.fromkeys(NAMES, "closed"))
    calls: dict[str, Call] = field(default_factory=dict)
    closed: bool = False
    ended: bool = False

    def at(self, counter: str) -> Row | None:
        standing = [row for row in self.rows if row.counter == counter and row.state in OPEN[1:3]]
        assert len(standing) <= 1
        return standing[0] if standing else None


def expected_label(rule: ServiceRule, number: int) -> str:
    if rule.last is None:
        return f"{rule.prefix}{rule.first + number - 1:03d}"
    length, round_ = rule.last - rule.first + 1, 1
    while number > length:
        number, round_ = number - length, round_ + 1
    round_ += round_ > 8  # the ninth is for numbers in advance
    return f"{rule.prefix}{round_ if round_ > 1 else ''}{rule.first + number - 1:03d}"


def may_serve(skills: CounterRule, service: str, segment: str) -> bool:
    return service in skills.services and (not skills.segments or segment in skills.segments)


def target(order: CallingOrder, row: Row) -> timedelta:
    for service in (row.service, "*"):
        for segment in (row.segment, "*"):
            if (service, segment) in order.targets:
                return order.targets[service, segment]
    return timedelta(0)


def score(order: CallingOrder, skills: CounterRule, row: Row, now: datetime) -> float:
    """More is sooner."""
    if order.rule == "strict":
        return order.rank.get(row.segment, 0)
    points = now - row.place
    if order.rule == "head_start":
        points += order.head_start.get(row.segment, timedelta(0))
    if order.rule == "deadline":
        points -= target(order, row)
    if row.service in skills.preferred:
        points += order.preferred
    return points.total_seconds()


def over_cap(order: CallingOrder, row: Row, now: datetime) -> bool:
    return order.worst_wait is not None and now - row.place > order.worst_wait


def eligible(model: Model, rules: Rules, counter: str) -> list[Row]:
    """Those this counter may call. What waits for a counter that is closed is anybody's."""
    skills = rules.counters[counter]
    return [
        row
        for row in model.rows
        if row.state == "waiting"
        and may_serve(skills, row.service, row.segment)
        and (
            row.for_counter in (None, counter) or model.counters[row.for_counter or ""] == "closed"
        )
    ]


def in_order(model: Model, rules: Rules, counter: str, now: datetime) -> list[Row]:
    """Those this counter may call, the next one first; of those over the cap, who waits longest."""
    order, skills = rules.order, rules.counters[counter]

    def rank(row: Row) -> tuple[bool, float, datetime, int]:
        capped = over_cap(order, row, now)
        points = 0.0 if capped else score(order, skills, row, now)
        return not capped, -points, row.place, row.number

    return sorted(eligible(model, rules, counter), key=rank)


def expected_place(
    order: CallingOrder, segment: str, booked: datetime | None, now: datetime
) -> datetime:
    if segment != "appointment" or booked is None:
        return now
    early, late = now < booked - order.lead, now > booked + order.late
    return now if early or late else booked - order.lead


class Branch(RuleBasedStateMachine):
    """The queue under test beside the model; some wishes are committed together, some taken back."""

    @initialize(rules=RULES, crowd=st.lists(CHANCE, min_size=3, max_size=8))
    def opens(self, rules: Rules, crowd: list[int]) -> None:
        self.house_rules = rules
        self.queue = BranchQueue(MONDAY)
        self.facts: list[Fact] = []
        self.now = NINE
        self.model = Model()
        self.group: tuple[dict[str, object], Model, int] | None = None
        for number in crowd:
            self._issue(Chance(number))

    @rule(step=STEP, tried=st.sampled_from(TRIED), number=CHANCE)
    def something_happens(self, step: timedelta, tried: str, number: int) -> None:
        if tried in AT_A_COUNTER and not self.queue.at_counter and number % 8:
            tried = "call_next"
        if tried != "undo" or not number % 4:
            self.now += step
        getattr(self, f"_{tried}")(Chance(number))

    # --- wishes -------------------------------------------------------------------------------

    def _wish(
        self, wish: Callable[..., Facts], *given: Any, refusals: Collection[str], **named: Any
    ) -> Facts | None:
        """What the rules say; None for a refusal, which must be one of those expected."""
        before = snapshot(self.queue)
        answer: Facts | Refusal
        try:
            answer = wish(self.queue, *given, **named)
        except Refusal as refusal:
            answer = refusal
        assert snapshot(self.queue) == before
        if isinstance(answer, Refusal):
            assert refusals, f"refused: {answer.name}: {answer}"
            assert refusals == ANY_REFUSAL or answer.name in refusals, answer.name
            assert str(answer).endswith((".", "!", "?"))
            return None
        assert not refusals, f"not refused as {refusals}: {answer}"
        self._apply(answer, before)
        return answer

    def _apply(self, facts: Facts, before: dict[str, object]) -> None:
        for fact in facts:
            assert (fact.at, fact.business_day) == (self.now, MONDAY)
        assert apply_all(self.queue, facts) is self.queue
        self.facts += facts
        if self.group is not None:
            return
        after = snapshot(self.queue)
        self.queue.roll_back()
        assert snapshot(self.queue) == before
        apply_all(self.queue, facts)
        self.queue.keep()
        assert snapshot(self.queue) == after
        self.queue.roll_back()
        assert snapshot(self.queue) == after

    def _press(
        self, wish: Callable[..., Facts], counter: str, *more: Any, refusals: Collection[str] = ()
    ) -> Facts | None:
        if counter not in self.house_rules.counters:
            refusals = {"unknown-counter", *refusals} - {"nobody-at-counter"}
        return self._wish(wish, self.house_rules, self.now, counter, *more, refusals=refusals)

    def _standing(self, counter: str, *states: str) -> tuple[Row | None, set[str]]:
        """Who stands there, and the refusals when nobody does so in one of these states."""
        row = self.model.at(counter)
        if row is None:
            return None, {"nobody-at-counter"}
        return row, set() if row.state in states else {"wrong-state"}

    def _counter(self, chance: Chance, *states: str) -> str:
        """A counter where somebody in one of these states stands ("": nobody); now and then any."""
        standing = {name: self.model.at(name) for name in NAMES}
        fit = [name for name, row in standing.items() if (row.state if row else "") in states]
        picked: str = chance.of(*NAMES, "99") if not fit or chance.once_in(8) else chance.of(*fit)
        return picked

    def _row(self, chance: Chance, *states: str) -> Row | None:
        """A customer in one of these states; now and then any, or nobody."""
        fit = [row for row in self.model.rows if row.state in states]
        picked: Row | None = (
            chance.of(None, *self.model.rows) if not fit or chance.once_in(8) else chance.of(*fit)
        )
        return picked

    def _issue(self, chance: Chance) -> None:
        service = chance.of(*[*PREFIX] * 5, "loans")
        segment = chance.of(*SEGMENTS)
        card = chance.of(None, None, None, None, "a", "b")
        then = tuple(chance.of(*[*PREFIX] * 5, "loans") for _ in range(chance.of(0, 0, 0, 1, 2)))
        booked = chance.of(None, *range(-20, 10))
        appointment = None if booked is None else self.now + timedelta(minutes=booked)
        number = len(self.model.rows) + 1
        facts = self._wish(
            moves.issue, self.house_rules, self.now, ticket=f"id-{number}", service=service, segment=segment,
            language="en", channel="kiosk", customer_token=card, then=then, appointment=appointment,
            refusals=self._no_ticket(service, then, card),
        )  # fmt: skip
        if facts is None:
            return
        assert len(facts) == 1
        same = sum(row.label.startswith(PREFIX[service]) for row in self.model.rows)
        self.model.rows.append(
            Row(
                id=f"id-{number}",
                label=expected_label(self.house_rules.services[service], same + 1),
                number=number,
                service=service,
                segment=segment,
                place=expected_place(self.house_rules.order, segment, appointment, self.now),
                then=then,
                card=card,
            )
        )

    def _no_ticket(self, service: str, then: tuple[str, ...], card: str | None) -> Collection[str]:
        visit, refusals, limits = (service, *then), set(), self.house_rules.limits
        if "loans" in visit:
            refusals.add("unknown-service")
        if len(set(visit)) < len(visit):
            refusals.add("unusable-wish")
        if self.model.closed:
            refusals.add("branch-closed")
        taken = [row for row in self.model.rows if card is not None and row.card == card]
        held = [row for row in taken if row.state in OPEN]
        if limits.per_card_open is not None and len(held) >= limits.per_card_open:
            refusals.add("too-many-tickets")
        if limits.per_card_a_day is not None and len(taken) >= limits.per_card_a_day:
            refusals.add("too-many-tickets")
        return ANY_REFUSAL if self.model.ended else refusals

    def _call_next(self, chance: Chance) -> None:
        counter = self._counter(chance, "serving", "")
        standing = self.model.at(counter)
        busy = standing is not None and standing.state == "called"
        facts = self._press(
            counter_moves.call_next, counter, refusals={"ticket-still-called"} if busy else ()
        )
        if facts is None:
            return
        self.model.counters[counter] = "open"
        finished = deepcopy(standing)
        if standing is not None:
            self._check_finished(standing, facts)
            self._goes_on(standing)
        expected = in_order(self.model, self.house_rules, counter, self.now)
        calls = [fact for fact in facts if isinstance(fact, TicketCalled)]
        assert [fact.ticket for fact in calls] == [row.id for row in expected[:1]]
        self.model.calls.pop(counter, None)
        if not expected:
            return
        chosen = expected[0]
        self._check_why(calls[0], expected, counter)
        assert calls[0].finished == (finished and finished.label)
        self.model.calls[counter] = Call(
            at=self.now,
            called=chosen.number,
            before=deepcopy(chosen),
            moved=chosen.moved + 1,
            finished=finished,
            finished_moved=standing.moved if standing is not None else 0,
        )
        chosen.move("called", counter)
        chosen.recalls, chosen.last_call = 0, self.now

    def _check_finished(self, row: Row, facts: Facts) -> None:
        finished = [fact for fact in facts if isinstance(fact, ServiceFinished)]
        goes_on = row.then[0] if row.then else None
        assert [(fact.ticket, fact.next_service) for fact in finished] == [(row.id, goes_on)]

    def _check_why(self, call: TicketCalled, expected: list[Row], counter: str) -> None:
        why, order, skills = call.why, self.house_rules.order, self.house_rules.counters[counter]
        assert why is not None
        assert (why.policy, why.rule, why.of) == (order.version, order.rule, len(expected))
        assert why.chosen == why.candidates[0]
        assert why.chosen.label == call.label == expected[0].label
        assert len(why.candidates) <= 8
        place = {row.label: number for number, row in enumerate(expected)}
        found = [place[candidate.label] for candidate in why.candidates]
        assert found == sorted(set(found)), "best first, nobody twice, nobody who may not be called"
        for candidate in why.candidates:
            self._check_numbers(candidate, expected[place[candidate.label]], skills)

    def _check_numbers(self, found: Candidate, row: Row, skills: CounterRule) -> None:
        order = self.house_rules.order
        assert (found.service, found.segment) == (row.service, row.segment)
        assert math.isclose(found.waited_s, (self.now - row.place).total_seconds())
        assert math.isclose(found.score_s, score(order, skills, row, self.now), abs_tol=1e-6)
        assert found.capped == over_cap(order, row, self.now)

    def _goes_on(self, row: Row) -> None:
        if not row.then:
            row.move("served")
            return
        row.service, *then = row.then
        row.then, row.for_counter = tuple(then), None
        row.move("waiting")

    def _recall(self, chance: Chance) -> None:
        counter = self._counter(chance, "called")
        row, refusals = self._standing(counter, "called")
        courtesy = self.house_rules.courtesy
        if row is not None and row.state == "called":
            if row.recalls >= courtesy.most_recalls:
                refusals.add("recall-limit")
            if self.now - row.last_call < courtesy.recall_pause:
                refusals.add("recall-too-soon")
        if self._press(counter_moves.recall, counter, refusals=refusals) is not None and row:
            row.recalls, row.last_call = row.recalls + 1, self.now

    def _start(self, chance: Chance) -> None:
        counter = self._counter(chance, "called")
        row, refusals = self._standing(counter, "called")
        if self._press(counter_moves.start, counter, refusals=refusals) is not None and row:
            row.move("serving", counter)

    def _finish(self, chance: Chance) -> None:
        counter = self._counter(chance, "serving")
        row, refusals = self._standing(counter, "serving")
        facts = self._press(counter_moves.finish, counter, refusals=refusals)
        if facts is not None and row:
            self._check_finished(row, facts)
            self._goes_on(row)

    def _miss(self, chance: Chance) -> None:
        counter = self._counter(chance, "called")
        row, refusals = self._standing(counter, "called")
        if self._press(counter_moves.miss, counter, refusals=refusals) is not None and row:
            row.move("missed")
            row.missed_at = self.now

    def _undo(self, chance: Chance) -> None:
        counter = self._counter(chance, "called")
        call, row = self.model.calls.get(counter), self.model.at(counter)
        refusals = set()
        if call is None or row is None or row.number != call.called or row.moved != call.moved:
            refusals = {"nothing-to-undo", "wrong-state"}
        if call is not None and self.now - call.at >= self.house_rules.courtesy.undo_within:
            refusals.add("too-late-to-undo")
        facts = self._press(counter_moves.undo, counter, refusals=refusals)
        if facts is None:
            return
        assert call is not None
        assert row is not None
        self._replace(row, replace(call.before, printed=row.printed))
        del self.model.calls[counter]
        resumed = [fact.ticket for fact in facts if isinstance(fact, ServiceResumed)]
        finished = call.finished
        if finished is None:
            assert not resumed
            return
        now = self.model.rows[finished.number - 1]
        untouched = now.moved == call.finished_moved
        assert resumed == ([finished.id] if untouched else [])
        if untouched:
            as_it_was = replace(
                finished, printed=now.printed, rating=now.rating, moved=now.moved + 1
            )
            self._replace(now, as_it_was)

    def _replace(self, row: Row, other: Row) -> None:
        self.model.rows[row.number - 1] = other

    def _park(self, chance: Chance) -> None:
        counter = self._counter(chance, "called", "serving")
        row, refusals = self._standing(counter, "called", "serving")
        courtesy, minutes = (
            self.house_rules.courtesy,
            chance.of(None, None, -1, 0, 1, 3, 20, 21, 120, 121),
        )
        wished = courtesy.parked_for if minutes is None else timedelta(minutes=minutes)
        if not timedelta(0) < wished <= courtesy.longest_parking:
            refusals.add("unusable-wish")
        if self._press(counter_moves.park, counter, minutes, refusals=refusals) is not None and row:
            row.move("parked")
            row.until = self.now + wished

    def _transfer(self, chance: Chance) -> None:
        counter = self._counter(chance, "called", "serving")
        row, refusals = self._standing(counter, "called", "serving")
        service = chance.of(None, None, *PREFIX, *PREFIX, "loans")
        to = chance.of(None, None, None, *NAMES, "98")
        if service is None and to is None:
            refusals.add("unusable-wish")
        if service == "loans":
            refusals.add("unknown-service")
        if to == "98":
            refusals.add("unknown-counter")
        if (
            row is not None
            and not refusals
            and not self._served_there(row, service or row.service, to)
        ):
            refusals.add("unusable-wish")
        facts = self._press(counter_moves.transfer, counter, service, to, refusals=refusals)
        if facts is not None and row:
            row.service, row.for_counter = service or row.service, to
            row.then = tuple(code for code in row.then if code != service)
            row.move("waiting")

    def _served_there(self, row: Row, service: str, to: str | None) -> bool:
        """That counter, or any at all, serves this customer this service."""
        counters = NAMES if to is None else (to,)
        return any(may_serve(self.house_rules.counters[c], service, row.segment) for c in counters)

    def _come_back(self, chance: Chance) -> None:
        """By the customer, or by the staff at a counter."""
        row = self._row(chance, "missed", "parked")
        refusals = self._no_return(row)
        counter = chance.of(None, *NAMES, "99")
        if counter is None:
            ticket = row.id if row else "nobody"
            facts = self._wish(
                moves.come_back, self.house_rules, self.now, ticket, refusals=refusals
            )
        else:
            label = row.label if row else "Z999"
            facts = self._press(counter_moves.put_back, counter, label, refusals=refusals)
        if facts is None or row is None:
            return
        if row.state == "missed":
            fair = self.now - self.house_rules.courtesy.returned_counts_as_waited
            row.place, row.missed_returns = max(fair, row.place), row.missed_returns + 1
        row.move("waiting")

    def _no_return(self, row: Row | None) -> Collection[str]:
        if row is None:
            return {"unknown-ticket"}
        if row.state == "parked":
            return set()
        if row.state != "missed":
            return {"wrong-state"}
        if self.model.ended:
            return ANY_REFUSAL
        courtesy = self.house_rules.courtesy
        often = row.missed_returns >= courtesy.most_returns
        late = self.now - row.missed_at > courtesy.return_within
        return {"return-limit"} if often or late else set()

    def _cancel(self, chance: Chance) -> None:
        row = self._row(chance, "waiting", "called", "parked")
        refusals = {"unknown-ticket"} if row is None else set()
        if row is not None and row.state not in ("waiting", "called", "parked"):
            refusals = {"wrong-state"}
        ticket = row.id if row else "nobody"
        facts = self._wish(
            moves.cancel, self.now, ticket, chance.of("customer", "staff"), refusals=refusals
        )
        if facts is not None and row:
            row.move("cancelled")

    def _printed(self, chance: Chance) -> None:
        row, outcome = self._row(chance, *OPEN), chance.of("confirmed", "indeterminate", "failed")
        refusals = {"unknown-ticket"} if row is None else set()
        ticket = row.id if row else "nobody"
        facts = self._wish(printing.printed, self.now, ticket, outcome, None, refusals=refusals)
        if facts is not None and row is not None:
            assert bool(facts) == (row.printed != outcome)
            if row.printed != "confirmed":  # what was proven stays so
                row.printed = outcome

    def _rate(self, chance: Chance) -> None:
        row, score = self._row(chance, "served"), chance.of(0, 1, 2, 3, 4, 5, 6)
        refusals = {"unknown-ticket"} if row is None else set()
        if not 1 <= score <= 5:
            refusals.add("unusable-wish")
        if row is not None and row.state != "served":
            refusals.add("wrong-state")
        if row is not None and row.rating is not None:
            refusals.add("already-rated")
        ticket = row.id if row else "nobody"
        if self._wish(moves.rate, self.now, ticket, score, refusals=refusals) is not None and row:
            row.rating = score

    def _due(self, _chance: Chance) -> None:
        facts = self._wish(moves.due, self.house_rules, self.now, refusals=())
        assert facts is not None
        back = [row for row in self.model.rows if row.until is not None and row.until <= self.now]
        returned = {fact.ticket: fact for fact in facts if isinstance(fact, TicketReturned)}
        assert set(returned) == {row.id for row in back}
        for row in back:
            assert (returned[row.id].reason, returned[row.id].counts_from) == ("parked", row.place)
            row.move("waiting")

    def _man(self, chance: Chance) -> None:
        counter, state = self._counter(chance, ""), chance.of("open", "open", "paused", "closed")
        wish = {
            "open": counter_moves.open_counter,
            "paused": counter_moves.pause_counter,
            "closed": counter_moves.close_counter,
        }[state]
        busy = state != "open" and self.model.at(counter) is not None
        facts = self._press(wish, counter, refusals={"counter-busy"} if busy else ())
        if facts is not None:
            assert not facts or self.model.counters[counter] != state
            self.model.counters[counter] = state

    def _close_early_or_open_again(self, chance: Chance) -> None:
        if self.model.ended:
            return
        closed = chance.of(False, True)
        wish = moves.close_branch if closed else moves.open_branch
        facts = self._wish(wish, self.now, refusals=())
        assert bool(facts) == (closed != self.model.closed)
        self.model.closed = closed

    def _end_day(self, _chance: Chance) -> None:
        facts = self._wish(moves.end_day, self.now, refusals=())
        assert facts is not None
        left = [row for row in self.model.rows if row.state in OPEN]
        ended = {f.ticket: (f.reason, f.was) for f in facts if isinstance(f, TicketCancelled)}
        assert ended == {row.id: ("day_ended", row.state) for row in left}
        assert not (facts and self.model.ended), "the day ends once"
        for row in left:
            row.move("expired")
        self.model.ended = True

    # --- commits ------------------------------------------------------------------------------

    def _commit(self, chance: Chance) -> None:
        """What follows is committed together, or not at all."""
        if self.group is None:
            self.group = (snapshot(self.queue), deepcopy(self.model), len(self.facts))
            return
        before, model, facts = self.group
        self.group = None
        if chance.of(True, True, True, False):
            self.queue.keep()
            return
        self.queue.roll_back()
        assert snapshot(self.queue) == before
        self.model = model
        del self.facts[facts:]

    # --- what must hold after every step ------------------------------------------------------

    @invariant()
    def agrees(self) -> None:
        self._every_ticket_is_as_the_model_says()
        self._the_same_people_stand_at_the_counters()
        self._the_counters_are_open_paused_or_closed_as_pressed()
        self._each_line_is_in_order_of_place()
        self._counts_and_indexes_agree()
        self._nobody_is_left_once_the_day_has_ended()
        self._the_facts_say_whom_they_are_about()

    def _every_ticket_is_as_the_model_says(self) -> None:
        found = [
            (t.id, t.label, t.service, t.segment, str(t.state), t.place, t.then, t.for_counter)
            for t in self.queue.tickets.values()
        ]
        assert found == [
            (r.id, r.label, r.service, r.segment, r.state, r.place, r.then, r.for_counter)
            for r in self.model.rows
        ]
        small = [(t.printed, t.rating, t.parked_until) for t in self.queue.tickets.values()]
        assert small == [(r.printed, r.rating, r.until) for r in self.model.rows]
        labels = {row.label: row.id for row in self.model.rows}
        assert self.queue.by_label == labels
        assert len(labels) == len(self.model.rows)

    def _the_same_people_stand_at_the_counters(self) -> None:
        expected = {name: row.id for name in NAMES if (row := self.model.at(name))}
        assert self.queue.at_counter == expected
        for name in NAMES:
            assert self.queue.at(name) == self.queue.tickets.get(expected.get(name, ""))
            if name in expected:
                assert self.queue.tickets[expected[name]].counter == name

    def _the_counters_are_open_paused_or_closed_as_pressed(self) -> None:
        if not self.model.ended:
            assert {c: self.queue.counter_state(c) for c in NAMES} == self.model.counters

    def _each_line_is_in_order_of_place(self) -> None:
        waiting = sorted(
            (row for row in self.model.rows if row.state == "waiting"),
            key=lambda row: (row.place, row.number),
        )
        lines: dict[tuple[str, str, str | None], list[str]] = {}
        for row in waiting:
            lines.setdefault((row.service, row.segment, row.for_counter), []).append(row.id)
        found = {
            tuple(line): [p[2] for p in places] for line, places in self.queue.lines.all() if places
        }
        assert found == lines
        assert [ticket.id for ticket in self.queue.waiting()] == [row.id for row in waiting]
        for service in PREFIX:
            here = [row.id for row in waiting if row.service == service]
            assert [ticket.id for ticket in self.queue.waiting_for(service)] == here
            assert self.queue.lines.waiting(service) == len(here)

    def _counts_and_indexes_agree(self) -> None:
        counted = {str(state): n for state, n in self.queue.count.items() if n}
        assert counted == Counter(row.state for row in self.model.rows)
        for state, index in (("parked", self.queue.parked), ("missed", self.queue.missed)):
            rows = [row.id for row in self.model.rows if row.state == state]
            assert index == {id_: self.queue.tickets[id_] for id_ in rows}

    def _nobody_is_left_once_the_day_has_ended(self) -> None:
        if self.model.ended:
            assert not [t.label for t in self.queue.tickets.values() if t.state in OPEN]

    def _the_facts_say_whom_they_are_about(self) -> None:
        labels = {row.id: (row.label, row.segment) for row in self.model.rows}
        for fact in self.facts[-4:]:
            if isinstance(fact, TicketFact):
                assert (fact.label, fact.segment) == labels[fact.ticket]

    def teardown(self) -> None:
        """The journal's copy of the facts tells the same story; the card stays in the branch."""
        if not hasattr(self, "facts"):
            return
        assert snapshot(rebuilt(MONDAY, self.facts)) == snapshot(self.queue)


Branch.TestCase.settings = settings(
    max_examples=200, stateful_step_count=60, deadline=None, derandomize=True, database=None,
    report_multiple_bugs=False,
)  # fmt: skip
pytest.mark.timeout(400)(Branch.TestCase)  # when it fails, the shortest way there takes a while
test_random_wishes_agree_with_a_naive_model = Branch.TestCase
test_random_wishes_agree_with_a_naive_model.__test__ = True  # type: ignore[attr-defined]
