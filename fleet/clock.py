"""The fleet's time: the opening hours pass in so many real seconds, the nights in none."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from fleet.rhythm import OPEN_FOR_S, OPENS_S

DAY_S = 86_400.0
TICK_S = 0.02  # real


class Clock:
    """`real` gives seconds that run on. Days are counted from 0; the first one is `first`, and `begin` opens it."""

    def __init__(
        self, real: Callable[[], float], first: date, zone: ZoneInfo, *, days: int, day_s: float
    ) -> None:
        self._real, self._began, self._now = real, float("inf"), 0.0
        self._begun = asyncio.Event()
        midnight = datetime.combine(first, datetime.min.time(), zone).astimezone(UTC)
        self._opens = midnight + timedelta(seconds=OPENS_S)
        self.days, self._day_s = days, day_s

    def begin(self) -> None:
        self._began = self._now = self._real()
        self._begun.set()

    async def tick(self) -> None:
        """Time goes on in steps, between the turns of the event loop: at this pace a journal's write of some
        milliseconds would otherwise count as one of seconds, and every disk as slow."""
        while True:
            await asyncio.sleep(TICK_S)
            self._now = self._real()

    @property
    def pace(self) -> float:
        """Simulated seconds a real one."""
        return OPEN_FOR_S / self._day_s

    @property
    def over(self) -> bool:
        """The last day is."""
        return self._now - self._began >= self.days * self._day_s

    def steady(self) -> float:
        """Simulated seconds since the first opening; it stands still when the last day is over."""
        passed = max(0.0, self._now - self._began)
        day, part = divmod(passed / self._day_s, 1.0)
        if day >= self.days:
            day, part = self.days - 1, 1.0
        return day * DAY_S + part * OPEN_FOR_S

    def __call__(self) -> datetime:
        """UTC."""
        return self._opens + timedelta(seconds=self.steady())

    async def until(self, day: int, at_s: float) -> None:
        """Wait for the beginning, and then for so many seconds after opening of that day."""
        await self._begun.wait()
        real_s = (day + at_s / OPEN_FOR_S) * self._day_s
        await asyncio.sleep(max(0.0, self._began + real_s - self._real()))
