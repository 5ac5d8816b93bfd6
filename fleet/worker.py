"""One process of the fleet: some hundreds or thousands of branches on one event loop."""

import asyncio
import logging
import signal
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import psutil
import uvloop

from edge_agent import settings as branch_settings
from fleet.branch import SimulatedBranch, settings_of
from fleet.clock import Clock
from fleet.places import place
from fleet.plan import Plan

Figures = dict[str, float]
AT_ONCE, CONNECT_S = 16, 10.0  # connections on their way, and how long one more is waited for
DEMO = Path(__file__).parents[1] / "config/demo/branch.toml"


class Worker:
    """`tell` takes the figures as they stand, from time to time and at the end; `together` waits for the other
    processes."""

    def __init__(self, plan: Plan, process: int, tell: Connection, together: Barrier) -> None:
        self._plan, self._tell, self._together = plan, tell, together
        demo = branch_settings.load(DEMO, listen=None, data=None, broker=plan.broker)
        self.clock = Clock(
            time.monotonic, plan.first, ZoneInfo(demo.branch.time_zone), days=plan.days, day_s=plan.day_s
        )  # fmt: skip
        self._begun = False
        self._branches: list[SimulatedBranch] = []
        for number in plan.numbers(process):
            where = place(number, plan.seed)
            settings = settings_of(where, demo, plan.data, plan.broker, plan.counters)
            chance = Random(f"{plan.seed}-{number}")
            self._branches.append(SimulatedBranch(where, settings, self.clock, chance, plan.visits))

    async def run(self) -> None:
        """All days, then until head office has everything or the time for that is up; earlier on SIGTERM."""
        enough, loop = asyncio.Event(), asyncio.get_running_loop()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, enough.set)
        life = asyncio.create_task(self._live(enough))
        waiting = asyncio.create_task(enough.wait())
        await asyncio.wait({life, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not self._begun:
            self._together.abort()  # nobody shall wait for us
        self._tell.send(("total", self.figures()))
        for branch in self._branches:
            branch.say_goodbye()
        life.cancel()
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await life
        for branch in self._branches:
            branch.close()

    async def _live(self, enough: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as together:
            await self._connect(together)
            self._tell.send(("connected", self.figures()))
            await asyncio.to_thread(self._together.wait)
            self._begun = True
            self.clock.begin()
            together.create_task(self.clock.tick())
            together.create_task(self._report())
            await self._days_and_settling()
            enough.set()

    async def _connect(self, together: asyncio.TaskGroup) -> None:
        """Some at a time: one event loop cannot greet a broker a thousand times at once within the seconds that a
        branch of its own has for it. Without a broker nobody waits long."""
        patient = True
        for number, branch in enumerate(self._branches, 1):
            together.create_task(branch.run())
            until = time.monotonic() + CONNECT_S
            while patient and self._connected < number - AT_ONCE:
                await asyncio.sleep(0.02)
                patient = time.monotonic() < until

    @property
    def _connected(self) -> int:
        return sum(one.uplink.connected for one in self._branches)

    def figures(self) -> Figures:
        """Sums over the branches of this process, and what the process costs."""
        me = psutil.Process()
        pressed: Figures = {}
        for branch in self._branches:
            for what, times in branch.pressed.items():
                pressed[what] = pressed.get(what, 0) + times
        return {
            "branches": len(self._branches),
            "connected": self._connected,
            **pressed,
            "entries": sum(one.branch.desk.seq for one in self._branches),
            "late": sum(map(self._is_late, self._branches)),
            "behind": sum(one.behind for one in self._branches),
            "rss_mb": round(me.memory_info().rss / 1e6, 1),
            "cpu_s": round(sum(me.cpu_times()[:2]), 1),
            "threads": threading.active_count(),
        }

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(self._plan.report_s)
            self._tell.send(("progress", self.figures()))

    async def _days_and_settling(self) -> None:
        """A branch is late where the machine is too slow for the pace: it lives its days to the end all the same."""
        await self.clock.until(self._plan.days, 0)
        until = time.monotonic() + self._plan.settle_s
        while any(map(self._goes_on, self._branches)) and time.monotonic() < until:
            await asyncio.sleep(0.5)

    def _is_late(self, branch: SimulatedBranch) -> bool:
        """Its last day is over by the clock, and customers are still there."""
        return self.clock.over and branch.days_lived < self._plan.days

    def _goes_on(self, branch: SimulatedBranch) -> bool:
        return branch.days_lived < self._plan.days or branch.behind > 0


def work(plan: Plan, process: int, tell: Connection, together: Barrier) -> None:
    """The whole life of one process: it opens its journals, waits for the others, and lives its days."""
    logging.basicConfig(level=logging.ERROR)
    worker = Worker(plan, process, tell, together)
    tell.send(("opened", worker.figures()))
    uvloop.run(worker.run())
