"""The queue inside the agent: rules, estimate, desk and journal, without HTTP; and a start with a long journal."""

import asyncio
import gc
import heapq
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import psutil

from bench.figures import quantile, tell, tell_times
from bench.programs import DEMO
from edge_agent import settings as branch_settings
from edge_agent.__main__ import steady_seconds
from edge_agent.answers import Answer
from edge_agent.branch import Branch, open_branch
from edge_agent.branch_queue import counter_moves, moves
from edge_agent.branch_queue.changes import apply_all
from edge_agent.branch_queue.estimate import Forecast
from edge_agent.branch_queue.facts import DeviceBack, TicketCalled
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.rules import Rules
from edge_agent.desk import Request
from edge_agent.journal import open_journal, snapshot

SERVICES = ("cash", "cards", "wealth", "business")
SEGMENTS = ("ordinary", "vip", "care")
DAY_S = 8 * 3600
CUSTOMERS = 10_000
LONG_JOURNAL = 5_000_000
MEMORY_TICKETS = 100_000


def run(folder: Path) -> None:
    """All figures of the queue."""
    settings = branch_settings.load(
        DEMO / "branch.toml", listen=None, data=folder / "d", broker=None
    )
    simulated_day(settings.rules())
    estimates(settings.rules())
    asyncio.run(desk_figures(folder / "desk"))
    asyncio.run(memory_of_a_day(folder / "memory"))
    start_with_long_journal(folder / "long")


class Day:
    """Customers and 16 counters against the rules alone."""

    def __init__(self, rules: Rules, forecast: Forecast | None) -> None:
        self.rules, self.forecast, self.random = rules, forecast, Random(3)
        self.queue = BranchQueue(date(2026, 3, 2))
        self.began = datetime(2026, 3, 2, 1, tzinfo=UTC)
        self.idle = set(rules.counters)
        self.events: list[tuple[float, str]] = []
        self.issued = 0

    def take(self, facts: Facts) -> Facts:
        apply_all(self.queue, facts)
        self.queue.keep()
        return facts

    def comes(self, at: float) -> None:
        now = self.began + timedelta(seconds=at)
        service, segment = self.random.choice(SERVICES), self.random.choices(SEGMENTS, (8, 1, 1))[0]
        wait = None
        if self.forecast is not None:
            wait = self.forecast.newcomer(self.queue, now, service, segment, now)
        self.issued += 1
        self.take(
            moves.issue(
                self.queue, self.rules, now, ticket=f"t{self.issued}", service=service,
                segment=segment, language="en", channel="kiosk", promised=wait,
            )
        )  # fmt: skip
        if self.idle:
            self.is_free(min(self.idle), at)

    def is_free(self, counter: str, at: float) -> None:
        now = self.began + timedelta(seconds=at)
        facts = self.take(counter_moves.call_next(self.queue, self.rules, now, counter))
        if not any(isinstance(fact, TicketCalled) for fact in facts):
            self.idle.add(counter)
            return
        self.idle.discard(counter)
        self.take(counter_moves.start(self.queue, self.rules, now, counter))
        mean = DAY_S / CUSTOMERS * len(self.rules.counters) * 0.95
        heapq.heappush(self.events, (at + self.random.expovariate(1 / mean), counter))

    def run(self, customers: int) -> None:
        at = 0.0
        for _ in range(customers):
            at += self.random.expovariate(CUSTOMERS / DAY_S)
            while self.events and self.events[0][0] <= at:
                free_at, counter = heapq.heappop(self.events)
                self.is_free(counter, free_at)
            self.comes(at)


def simulated_day(rules: Rules) -> None:
    for name, forecast in (("", None), ("_with_estimates", Forecast(rules, Random(1)))):
        day, before = Day(rules, forecast), time.process_time()
        day.run(CUSTOMERS)
        tell(f"simulated_day_cpu{name}", time.process_time() - before, "s", CUSTOMERS)


def estimates(rules: Rules) -> None:
    """With 40 people waiting for 16 counters: each played anew, as none is remembered."""
    day = Day(rules, None)
    day.run(400)
    for n in range(40):
        day.comes(10_000.0 + n)
    now = day.began + timedelta(seconds=10_060)
    seconds = []
    for n in range(200):
        forecast = Forecast(rules, Random(n))
        start = time.perf_counter()
        forecast.newcomer(day.queue, now, "cash", "ordinary", now)
        seconds.append(time.perf_counter() - start)
    tell_times("estimate", seconds)


class Desk:
    """Wishes put to the desk as the routes put them."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch
        self.asked = 0

    async def issue(self) -> Answer:
        branch, self.asked = self.branch, self.asked + 1
        ticket, service = branch.new_ticket_id(), SERVICES[self.asked % 4]

        def decide(queue: BranchQueue, now: datetime) -> Facts:
            return moves.issue(
                queue, branch.rules, now, ticket=ticket, service=service, segment="ordinary",
                language="en", channel="kiosk",
                promised=branch.views.promise(queue, service, "ordinary", now, now),
            )  # fmt: skip

        request = Request.of("kiosk-1", f"k{self.asked}", "POST", "/", b"")
        return await branch.desk.ask(decide, self._said, request)

    async def press(self, move: Callable[..., Facts], counter: str) -> Answer:
        rules = self.branch.rules
        return await self.branch.desk.ask(
            lambda queue, now: move(queue, rules, now, counter), self._said, None
        )

    @staticmethod
    def _said(_queue: BranchQueue, _facts: Facts, _now: datetime) -> Answer:
        return Answer(200, b"{}" * 100)


@asynccontextmanager
async def desk_at(folder: Path) -> AsyncIterator[Desk]:
    settings = branch_settings.load(DEMO / "branch.toml", listen=None, data=folder, broker=None)
    branch = open_branch(settings, lambda: datetime.now(UTC), steady_seconds, Random(1))
    running = asyncio.create_task(branch.desk.run())
    try:
        yield Desk(branch)
    finally:
        running.cancel()
        branch.close()


async def desk_figures(folder: Path) -> None:
    async with desk_at(folder) as desk:
        few = await calls(desk, waiting=5)
        many = await calls(desk, waiting=5000)
    tell_times("call_with_5_waiting", few)
    tell_times("call_with_5000_waiting", many)
    ratio = quantile(many, 0.5) / quantile(few, 0.5)
    tell("call_with_5000_waiting_over_5", ratio, "ratio", len(many))


async def calls(desk: Desk, waiting: int) -> list[float]:
    """How long a call takes while so many wait."""
    for _ in range(waiting):
        await desk.issue()
    seconds = []
    for _ in range(200):
        await desk.issue()
        start = time.perf_counter()
        await desk.press(counter_moves.call_next, "1")
        seconds.append(time.perf_counter() - start)
        await desk.press(counter_moves.miss, "1")
    return seconds


async def memory_of_a_day(folder: Path) -> None:
    """Resident memory after a tenth of the tickets of one day, and after all of them; each is served."""
    async with desk_at(folder) as desk:
        at_a_tenth = 0.0
        for n in range(MEMORY_TICKETS // 16):
            await asyncio.gather(*(desk.issue() for _ in range(16)))
            counters = [str(c) for c in range(1, 17)]
            await asyncio.gather(*(desk.press(counter_moves.call_next, c) for c in counters))
            await asyncio.gather(*(desk.press(counter_moves.start, c) for c in counters))
            if n == MEMORY_TICKETS // 160:
                at_a_tenth = resident_mb()
        grown = resident_mb() - at_a_tenth
    tell("memory_after_10000_tickets", at_a_tenth, "MB", 1)
    tell("memory_grown_until_100000_tickets", grown, "MB", 1)


def resident_mb() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1e6


def start_with_long_journal(folder: Path) -> None:
    """A branch of some years without archiving: how long until the queue stands again."""
    folder.mkdir()
    path = folder / "journal.sqlite"
    journal = open_journal(path)
    now, day = datetime.now(UTC), datetime.now(UTC).date()
    facts = [DeviceBack(at=now, business_day=day, device="kiosk-1/x", detail="x")] * 50_000
    for _ in range(LONG_JOURNAL // len(facts)):
        with journal.transaction():
            journal.append(facts)
    with journal.transaction():
        snapshot.save(journal, BranchQueue(day))
    journal.close()
    start = time.perf_counter()
    journal = open_journal(path)
    snapshot.load(journal, day)
    tell("start_with_5_million_entries", time.perf_counter() - start, "s", 1)
    journal.close()
