"""One simulated branch: the edge agent's own desk, journal (its SQLite file, in full) and uplink, without its HTTP.

Customers and tellers press at the desk itself. What only the HTTP does is not here: tokens, idempotency keys,
estimated waits promised on a ticket, papers.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from random import Random

from msgspec import structs

from edge_agent.answers import Answer
from edge_agent.branch import Branch, open_branch
from edge_agent.branch_queue import counter_moves, moves
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.rules import Rules
from edge_agent.settings import Settings
from edge_agent.uplink import Uplink
from fleet import rhythm
from fleet.clock import Clock
from fleet.machines import KIOSK, Machines
from fleet.places import Place
from fleet.rhythm import OPEN_FOR_S, Visit
from program.lean_connection import LeanConnection

FAILURES = 0.1  # of machines, a day and branch
TO_THE_COUNTER_S = 30.0  # simulated, from the call to the start
Decide = Callable[[BranchQueue, datetime], Facts]


class SimulatedBranch:
    """`visits`: customers a day on average. `counters` of the settings are manned all day."""

    def __init__(
        self, place: Place, settings: Settings, clock: Clock, chance: Random, visits: float
    ) -> None:
        self._clock, self._chance = clock, chance
        self._mean = visits * rhythm.size(chance)
        self.branch: Branch = open_branch(settings, clock, clock.steady, chance)
        self.uplink = Uplink(self.branch, settings.broker, chance, lambda _: None, LeanConnection)
        self._services = tuple(self.branch.rules.services)
        self._free = deque(self.branch.rules.counters)
        self._waiting: dict[str, Visit] = {}
        self._today = asyncio.TaskGroup()
        self._machines = Machines(chance, FAILURES)
        self.pressed: Counter[str] = Counter()
        self.place = place
        self.days_lived = 0

    @property
    def behind(self) -> int:
        """Entries that head office has not acknowledged."""
        return self.branch.desk.seq - self.branch.journal.acked

    async def run(self) -> None:
        """All its days; then it stays in touch until cancelled."""
        async with asyncio.TaskGroup() as together:
            together.create_task(self.branch.desk.run())
            together.create_task(self.uplink.run())
            for day in range(self._clock.days):
                await self._live(day)
                self.days_lived += 1

    def say_goodbye(self) -> None:
        self.uplink.say_goodbye()

    def close(self) -> None:
        """When `run` has ended."""
        self.branch.close()

    async def _live(self, day: int) -> None:
        """Until the last customer has gone, however late."""
        today = rhythm.visits(self._chance, self._mean, self._services)
        failing = self._machines.plan(OPEN_FOR_S)
        await self._clock.until(day, self._chance.uniform(0, 60))
        await self._open()
        async with asyncio.TaskGroup() as self._today:
            for at_s, kind, for_s in failing:
                self._today.create_task(self._failure(day, at_s, kind, for_s))
            await self._customers(day, today)

    async def _open(self) -> None:
        await self._report()
        rules = self.branch.rules
        for counter in rules.counters:
            await self._press("opened", partial(_opened, rules, counter))

    async def _customers(self, day: int, today: list[Visit]) -> None:
        for visit in today:
            await self._clock.until(day, visit.at_s)
            await self._arrive(visit)
            self._serve_whom_they_can()

    async def _arrive(self, visit: Visit) -> None:
        ticket, rules = self.branch.new_ticket_id(), self.branch.rules
        self._waiting[ticket] = visit
        await self._press(
            "issued",
            lambda queue, now: moves.issue(
                queue, rules, now, ticket=ticket, service=visit.service, segment=visit.segment,
                language=visit.language, channel="kiosk", kiosk=KIOSK,
            ),
        )  # fmt: skip

    def _serve_whom_they_can(self) -> None:
        for _ in range(min(len(self._free), len(self._waiting))):
            self._today.create_task(self._serve(self._free.popleft()))

    async def _serve(self, counter: str) -> None:
        """One customer after the other, until nobody waits."""
        rules = self.branch.rules
        try:
            while await self._press(
                "called", lambda queue, now: counter_moves.call_next(queue, rules, now, counter)
            ):
                await self._with_one(counter)
        finally:
            self._free.append(counter)

    async def _with_one(self, counter: str) -> None:
        rules = self.branch.rules
        called = self.branch.desk.queue.at(counter)
        visit = self._waiting.pop(called.id, None) if called is not None else None
        if called is None or visit is None:
            return
        await self._pass(TO_THE_COUNTER_S)
        if not visit.stays:
            await self._press(
                "missed", lambda queue, now: counter_moves.miss(queue, rules, now, counter)
            )
            return
        await self._press(
            "started", lambda queue, now: counter_moves.start(queue, rules, now, counter)
        )
        await self._pass(visit.service_s)
        await self._press(
            "finished", lambda queue, now: counter_moves.finish(queue, rules, now, counter)
        )
        if visit.score:
            await self._press(
                "rated", lambda queue, now: moves.rate(queue, now, called.id, visit.score)
            )

    async def _failure(self, day: int, at_s: float, kind: str, for_s: float) -> None:
        await self._clock.until(day, at_s)
        self._machines.fails(kind, self._clock())
        self.pressed["machines_failed"] += 1
        await self._report()
        await self._clock.until(day, min(at_s + for_s, OPEN_FOR_S))
        self._machines.works(kind, self._clock())
        await self._report()

    async def _report(self) -> None:
        """As the kiosk does it."""
        devices = self._machines.all(self._clock())
        now = self.branch.clock()
        await self.branch.record_machines(lambda: self.branch.machines.report(KIOSK, devices, now))

    async def _press(self, what: str, decide: Decide) -> bool:
        """Whether anything came of it."""
        done: list[bool] = []

        def say(_queue: BranchQueue, facts: Facts, _now: datetime) -> Answer:
            done.append(bool(facts))
            return Answer(HTTPStatus.NO_CONTENT)

        await self.branch.desk.ask(decide, say, None)
        if any(done):
            self.pressed[what] += 1
        return any(done)

    async def _pass(self, simulated_s: float) -> None:
        await asyncio.sleep(simulated_s / self._clock.pace)


def _opened(rules: Rules, counter: str, queue: BranchQueue, now: datetime) -> Facts:
    return counter_moves.open_counter(queue, rules, now, counter)


def settings_of(place: Place, demo: Settings, data: Path, broker: str, counters: int) -> Settings:
    """The demo's branch under another name, with so many counters and no machines of its own."""
    return structs.replace(
        demo,
        branch=structs.replace(demo.branch, id=place.branch, name=place.names),
        store=structs.replace(demo.store, data=str(data / place.branch)),
        broker=demo.broker.instead(broker),
        counters=demo.counters[:counters],
        appointments=None,
        devices=[],
    )
