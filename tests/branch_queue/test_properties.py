"""Many random presses at many counters, against a model too simple to be wrong."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.strategies import sampled_from

from edge_agent.branch_queue import moves
from edge_agent.branch_queue.facts import Fact, TicketCalled
from edge_agent.branch_queue.queue import BranchQueue, apply_all
from edge_agent.branch_queue.refusals import Refusal
from edge_agent.branch_queue.rules import Rules, ServiceRule
from edge_agent.journal import decode, encode

DAY = date(2026, 3, 2)
SERVES = {"1": {"cash"}, "2": {"cash", "cards"}, "3": {"wealth", "cards"}, "4": {"wealth"}}
PREFIX = {"cash": "A", "cards": "B", "wealth": "C"}
RULES = Rules(
    services={code: ServiceRule(code, prefix) for code, prefix in PREFIX.items()},
    counters={counter: frozenset(services) for counter, services in SERVES.items()},
)
WISH = {"recall": moves.recall, "start": moves.start, "finish": moves.finish, "miss": moves.miss}
TABLE = {  # (move, state before) -> state after
    ("recall", "called"): "called",
    ("start", "called"): "serving",
    ("miss", "called"): "missed",
    ("finish", "serving"): "served",
}
Row = dict[str, Any]  # one customer in the model: id, label, service, state, counter, printed


class Branch(RuleBasedStateMachine):
    """The queue under test beside a plain list of customers in order of arrival."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = BranchQueue(business_day=DAY)
        self.facts: list[Fact] = []
        self.now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
        self.model: list[Row] = []

    def _tell(self, facts: tuple[Fact, ...]) -> None:
        self.facts += facts
        self.queue = apply_all(self.queue, facts)
        self.now += timedelta(seconds=7.25)

    def _at(self, counter: str) -> Row | None:
        standing = [
            row
            for row in self.model
            if row["counter"] == counter and row["state"] in ("called", "serving")
        ]
        return standing[0] if standing else None

    @rule(service=sampled_from([*PREFIX, "loans"]), token=sampled_from([None, "pseudonym"]))
    def issue(self, service: str, token: str | None) -> None:
        ticket = f"id-{len(self.model)}"
        try:
            facts = moves.issue(
                self.queue, RULES, self.now, ticket=ticket, service=service,
                segment="ordinary", language="en", channel="kiosk", customer_token=token,
            )  # fmt: skip
        except Refusal:
            assert service not in PREFIX
            return
        number = sum(row["service"] == service for row in self.model) + 1
        self._tell(facts)
        row = {"id": ticket, "label": f"{PREFIX[service]}{number:03d}", "service": service}
        self.model.append({**row, "state": "waiting", "counter": None, "printed": None})

    @rule(counter=sampled_from([*SERVES, "99"]))
    def call_next(self, counter: str) -> None:
        before = self._at(counter)
        try:
            facts = moves.call_next(self.queue, RULES, self.now, counter)
        except Refusal:
            assert counter == "99" or (before is not None and before["state"] == "called")
            return
        assert counter in SERVES
        if before is not None:
            assert before["state"] == "serving"
            before["state"] = "served"
        first = next(
            (
                row
                for row in self.model
                if row["state"] == "waiting" and row["service"] in SERVES[counter]
            ),
            None,
        )
        called = [fact.label for fact in facts if isinstance(fact, TicketCalled)]
        assert called == ([first["label"]] if first else [])
        if first is not None:
            first.update(state="called", counter=counter)
        self._tell(facts)

    @rule(move=sampled_from(list(WISH)), counter=sampled_from([*SERVES, "99"]))
    def press(self, move: str, counter: str) -> None:
        standing = self._at(counter)
        after = TABLE.get((move, standing["state"])) if standing else None
        try:
            facts = WISH[move](self.queue, RULES, self.now, counter)
        except Refusal:
            assert after is None
            return
        assert standing is not None
        assert after is not None
        assert len(facts) == 1
        standing["state"] = after
        self._tell(facts)

    @rule(which=sampled_from(range(12)))
    def cancel(self, which: int) -> None:
        row = self.model[which] if which < len(self.model) else None
        try:
            facts = moves.cancel(self.queue, self.now, row["id"] if row else "nobody", "customer")
        except Refusal:
            assert row is None or row["state"] not in ("waiting", "called")
            return
        assert row is not None
        assert row["state"] in ("waiting", "called")
        row["state"] = "cancelled"
        self._tell(facts)

    @rule(which=sampled_from(range(12)), outcome=sampled_from(["confirmed", "indeterminate"]))
    def printed(self, which: int, outcome: str) -> None:
        if which >= len(self.model):
            return
        row = self.model[which]
        facts = moves.printed(self.queue, self.now, row["id"], outcome, None)
        assert bool(facts) == (row["printed"] != outcome)
        row["printed"] = outcome
        self._tell(facts)

    @invariant()
    def agrees_with_the_model(self) -> None:
        found = [
            (t.id, t.label, t.service, str(t.state), t.printed) for t in self.queue.tickets.values()
        ]
        names = ("id", "label", "service", "state", "printed")
        assert found == [tuple(row[name] for name in names) for row in self.model]

    @invariant()
    def gives_no_label_twice(self) -> None:
        labels = [ticket.label for ticket in self.queue.tickets.values()]
        assert len(set(labels)) == len(labels)

    @invariant()
    def keeps_one_ticket_a_counter_and_one_counter_a_ticket(self) -> None:
        expected = {counter: row["id"] for counter in SERVES if (row := self._at(counter))}
        assert dict(self.queue.at_counter) == expected
        assert len(set(expected.values())) == len(expected)
        for counter, ticket in self.queue.at_counter.items():
            assert self.queue.at(counter) == self.queue.tickets[ticket]
            assert self.queue.tickets[ticket].counter == counter

    @invariant()
    def keeps_those_waiting_in_order_and_away_from_counters(self) -> None:
        expected = [row["id"] for row in self.model if row["state"] == "waiting"]
        assert list(self.queue.waiting) == expected
        assert not set(expected) & set(self.queue.at_counter.values())
        assert all(self.queue.waiting[id_] == self.queue.tickets[id_] for id_ in expected)

    def teardown(self) -> None:
        """The journal's copy of the facts tells the same story."""
        read = [
            decode(type(fact).__name__, encode(seq, fact))
            for seq, fact in enumerate(self.facts, start=1)
        ]
        assert apply_all(BranchQueue(business_day=DAY), read) == self.queue


Branch.TestCase.settings = settings(
    max_examples=60, stateful_step_count=50, deadline=None, derandomize=True, database=None
)
test_random_presses_agree_with_a_naive_model = Branch.TestCase
test_random_presses_agree_with_a_naive_model.__test__ = True
