"""Any order of ordinary tickets, leases, papers given out alone, hand-ins, lost answers and kills of both sides, by the
branch's own rules and the kiosk's own file: no label twice, every paper in the journal once, called by the touch."""

import tempfile
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import Phase, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from edge_agent.branch_queue import business_day, counter_moves, moves, numbers as at_branch
from edge_agent.branch_queue.changes import apply_all
from edge_agent.branch_queue.facts import (
    Fact,
    TicketCalled,
    TicketHandedInLate,
    TicketIssued,
)
from edge_agent.branch_queue.number_book import book_of
from edge_agent.branch_queue.numbers import Taken
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.rules import CallingOrder, CounterRule, Rules, ServiceRule
from edge_agent.journal.entries import decode, encode
from edge_agent.messages import HandedIn, Lease, NotTaken, NumberBlock, TakenTicket, TicketRequest
from kiosk.numbers import Numbers, open_numbers

ZONE, MIDNIGHT = ZoneInfo("UTC"), time(0, 0)
START = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
RULES = Rules(
    services={
        "cash": ServiceRule("cash", "A", last=3),  # rounds go up to the ninth and past it
        "cards": ServiceRule("cards", "B"),
    },
    counters={"1": CounterRule(frozenset({"cash", "cards"}))},
    order=CallingOrder(rule="arrival"),
    numbers_in_advance=4,
)
KIOSKS, SERVICES = ("kiosk-1", "kiosk-2"), ("cash", "cards")
HEARD = 0.7
TRIED = [  # the frequent more than once
    *["later"] * 4, *["ordinary"] * 6, *["lease"] * 6, *["alone"] * 12, *["hand_in"] * 8,
    *["kill_the_kiosk"] * 2, *["kill_the_agent"] * 2, *["call"] * 3, "lose_the_kiosks_disk", *["the_day_ends"] * 2,
]  # fmt: skip


class Kiosk:
    """One machine: its folder, and the program on it."""

    def __init__(self, name: str, folder: Path, now: "Now") -> None:
        self.name, self.folder, self.now = name, folder, now
        self.ids = count(1)
        self.start()

    def start(self) -> None:
        """After a kill: whatever was in memory is gone."""
        self.numbers: Numbers = open_numbers(self.folder, self.now.steady, self.now, self.new_id)

    def new_id(self) -> str:
        return f"{self.name}-{self.folder.name}-{next(self.ids):08d}"


class Now:
    """One true time; the kiosks' clocks run with it."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def steady(self) -> float:
        return self.at.timestamp()


class OneBranch(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.tmp = tempfile.TemporaryDirectory()
        self.folders = count(1)
        self.now = Now()
        self.queue = BranchQueue(START.date())
        self.journal: list[Fact] = []
        self.ids = count(1)
        self.papers: dict[tuple[date, str], tuple[str, datetime]] = {}  # -> (ticket, touched)
        self.kiosks = {name: self.machine(name) for name in KIOSKS}

    def machine(self, name: str) -> Kiosk:
        return Kiosk(name, Path(self.tmp.name) / str(next(self.folders)), self.now)

    def teardown(self) -> None:
        for kiosk in self.kiosks.values():
            kiosk.numbers.store.close()
        self.tmp.cleanup()

    def commit(self, facts: tuple[Fact, ...]) -> None:
        apply_all(self.queue, facts)
        self.queue.keep()
        self.journal += facts

    def paper(self, day: date, label: str, ticket: str, touched: datetime) -> None:
        """A customer holds it."""
        assert (day, label) not in self.papers, f"{label} of {day} is on two papers"
        self.papers[day, label] = (ticket, touched)

    # what happens

    @rule(what=st.sampled_from(TRIED), chance=st.integers(0, 2**20))
    def step(self, what: str, chance: int) -> None:
        getattr(self, what)(Random(chance))

    def later(self, chance: Random) -> None:
        self.now.at += timedelta(seconds=chance.randint(1, 900))

    def ordinary(self, chance: Random) -> None:
        service = chance.choice(SERVICES)
        for _ in range(chance.randint(1, 12)):
            self.issue(service)

    def issue(self, service: str) -> None:
        ticket = f"ordinary-ticket-{next(self.ids):06d}"
        facts = moves.issue(
            self.queue, RULES, self.now(), ticket=ticket, service=service, segment="ordinary",
            language="en", channel="kiosk",
        )  # fmt: skip
        self.commit(facts)
        (fact,) = facts
        assert isinstance(fact, TicketIssued)
        self.paper(fact.business_day, fact.label, ticket, fact.at)

    def lease(self, chance: Random) -> None:
        """Its answer may be lost."""
        name = chance.choice(KIOSKS)
        kiosk, queue = self.kiosks[name], self.queue
        store = kiosk.numbers.store.name
        self.commit(at_branch.lease(queue, RULES, self.now(), name, store))
        left = at_branch.left(queue, RULES, name, store)
        assert max(map(len, left.values())) <= RULES.numbers_in_advance
        if chance.random() < HEARD:
            kiosk.numbers.keep(
                Lease(
                    business_day=queue.business_day,
                    at=self.now(),
                    until=business_day.ends(queue.business_day, ZONE, MIDNIGHT),
                    blocks=[NumberBlock(service=s, labels=some) for s, some in left.items()],
                )
            )

    def alone(self, chance: Random) -> None:
        asked = TicketRequest(service=chance.choice(SERVICES))
        issued = self.kiosks[chance.choice(KIOSKS)].numbers.take(asked)
        if issued is not None:
            assert issued.business_day == self.now().date()
            self.paper(issued.business_day, issued.label, issued.id, self.now())

    def hand_in(self, chance: Random) -> None:
        """Its answer may be lost."""
        name = chance.choice(KIOSKS)
        tickets = self.kiosks[name].numbers.to_hand_in()
        answer = self.take_in(name, tickets)
        assert answer.refused == []
        if chance.random() < HEARD:
            self.kiosks[name].numbers.handed_in(tickets, answer)

    def take_in(self, name: str, tickets: list[TakenTicket]) -> HandedIn:
        taken = [_taken(ticket) for ticket in tickets]
        today = self.queue.business_day

        def books() -> dict[date, at_branch.NumberBook]:
            days = {one.business_day for one in taken} - {today}
            return {day: book_of(day, self.journal) for day in days}

        facts = at_branch.hand_in(self.queue, RULES, self.now(), name, taken, books())
        self.commit(facts)
        reasons = {one.label: at_branch.why_not(self.queue, books(), name, one) for one in taken}
        return HandedIn(
            taken=[label for label, why in reasons.items() if not why],
            refused=[NotTaken(label=label, reason=why) for label, why in reasons.items() if why],
        )

    def kill_the_kiosk(self, chance: Random) -> None:
        name = chance.choice(KIOSKS)
        self.kiosks[name].numbers.store.close()
        self.kiosks[name].start()

    def lose_the_kiosks_disk(self, chance: Random) -> None:
        """Its papers that were not handed in are lost with it; its numbers must not come back."""
        name = chance.choice(KIOSKS)
        kiosk = self.kiosks[name]
        for ticket in iter(kiosk.numbers.to_hand_in, []):
            self.lose(kiosk, ticket)
        kiosk.numbers.store.close()
        self.kiosks[name] = self.machine(name)

    def lose(self, kiosk: Kiosk, tickets: list[TakenTicket]) -> None:
        labels = [one.label for one in tickets]
        kiosk.numbers.handed_in(tickets, HandedIn(taken=labels, refused=[]))
        known = {fact.ticket for fact in self.journal if hasattr(fact, "ticket")}
        for one in tickets:
            if one.id not in known:
                self.papers[one.business_day, one.label] = ("", self.now())

    def kill_the_agent(self, _chance: Random) -> None:
        """The queue is what the journal says of the last business day."""
        day = self.queue.business_day
        facts = [fact for fact in self.journal if fact.business_day == day]
        read = [decode(type(f).__name__, encode(n, f)) for n, f in enumerate(facts, start=1)]
        self.queue = apply_all(BranchQueue(day), read)
        self.queue.keep()

    def call(self, _chance: Random) -> None:
        """Everybody who waits is called in the order in which they touched."""
        waiting = {ticket.id for ticket in self.queue.waiting()}
        order: list[str] = []
        while True:
            facts = counter_moves.call_next(self.queue, RULES, self.now(), "1")
            self.commit(facts)
            called = [fact.ticket for fact in facts if isinstance(fact, TicketCalled)]
            if not called:
                break
            order += called
            self.commit(counter_moves.start(self.queue, RULES, self.now(), "1"))
        touched = dict(self.papers.values())
        assert set(order) == waiting
        assert [touched[one] for one in order] == sorted(touched[one] for one in order)

    def the_day_ends(self, _chance: Random) -> None:
        self.commit(moves.end_day(self.queue, self.now()))
        self.now.at = (self.now.at + timedelta(days=1)).replace(hour=1, minute=0, second=0)
        self.queue = self.queue.following(self.now.at.date())

    # what is always so

    @invariant()
    def no_label_is_in_the_journal_twice_a_day(self) -> None:
        issued = [f for f in self.journal if isinstance(f, TicketIssued)]
        labels = [(f.business_day, f.label) for f in issued]
        late = [f for f in self.journal if isinstance(f, TicketHandedInLate)]
        labels += [(f.taken_on, f.label) for f in late]
        assert max(Counter(labels).values(), default=1) == 1
        tickets = Counter(fact.ticket for fact in [*issued, *late])
        assert max(tickets.values(), default=1) == 1

    @invariant()
    def every_paper_is_in_the_journal_or_still_at_its_kiosk(self) -> None:
        journal = {
            fact.ticket
            for fact in self.journal
            if isinstance(fact, TicketIssued | TicketHandedInLate)
        }
        kept = {
            row[0]
            for kiosk in self.kiosks.values()
            for row in kiosk.numbers.store.rows("SELECT id FROM ticket")
        }
        held = {ticket for ticket, _ in self.papers.values() if ticket}
        assert held == journal | kept


def _taken(ticket: TakenTicket) -> Taken:
    return Taken(
        id=ticket.id,
        label=ticket.label,
        business_day=ticket.business_day,
        touched_at=ticket.touched_at,
        service=ticket.asked.service,
        segment=ticket.asked.segment,
        language=ticket.asked.language,
        channel=ticket.asked.channel,
    )


OneBranch.TestCase.settings = settings(
    max_examples=32, stateful_step_count=50, deadline=None, derandomize=True, database=None,
    report_multiple_bugs=False, phases=[Phase.generate],  # the shortest way to a failure takes minutes
)  # fmt: skip
test_any_order_of_things = OneBranch.TestCase
test_any_order_of_things.__test__ = True  # type: ignore[attr-defined]
