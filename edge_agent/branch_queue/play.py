"""A line played forward, 200 times over, with chance made beforehand: nothing but numbers.

Of a long line only the head is played person by person; the many behind it take, by the central limit theorem,
their mean with a normal spread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import heapify, heappop, heappush, heapreplace
from itertools import cycle
from math import sqrt
from operator import add, itemgetter
from random import Random
from statistics import fmean

from edge_agent.branch_queue.ticket import Wait

DRAWS = 200
ORDERS = 64
MOST_UNSURE = 0.35  # about a mean of few times seen; no draw then falls below an eighth of it


class Chances:
    """Chance made beforehand: drawing anew for every person would cost most of the time.

    Times are drawn evenly, each as often as the others, in one of many orders made once.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self.normals = [max(-2.5, min(2.5, random.gauss())) for _ in range(DRAWS)]
        self.more_normals = [random.gauss() for _ in range(DRAWS)]
        self._orders = cycle(
            [itemgetter(*random.sample(range(DRAWS), DRAWS)) for _ in range(ORDERS)]
        )

    def of(self, times: Sequence[float]) -> Sequence[float]:
        """DRAWS of these times."""
        if len(times) > DRAWS:
            return self._random.sample(times, DRAWS)
        every = [*times] * (DRAWS // len(times) + 1)
        drawn: Sequence[float] = next(self._orders)(every)
        return drawn


@dataclass(frozen=True, slots=True)
class Played:
    """When our turn came, in s, once for each draw. `more` people before us were not played; `counters` take them,
    and `ours` of these may call us."""

    starts_s: Sequence[float]
    more: int
    counters: int
    ours: int
    chances: Chances

    def told(self, turns: Sequence[float]) -> tuple[Wait, float]:
        """Our wait, and how much longer it is for one more before us, in s; `turns` are our own service's."""
        mean = fmean(turns)
        spread = sqrt(fmean([(turn - mean) ** 2 for turn in turns]))
        starts = self._after_the_many(mean, spread) if self.more else self.starts_s
        unsure = min(spread / (mean or 1.0) / sqrt(len(turns)), MOST_UNSURE)
        drawn = zip(starts, self.chances.normals, strict=True)
        waits = sorted([start * (1 + unsure * z) for start, z in drawn])
        tenth = DRAWS // 10
        wait = Wait(round(waits[tenth - 1]), round(waits[DRAWS // 2]), round(waits[-tenth]))
        return wait, mean / self.ours

    def _after_the_many(self, mean: float, spread: float) -> list[float]:
        """Those who were not played one by one take their time, too."""
        mean, spread = self.more * mean, sqrt(self.more) * spread
        normals = self.chances.more_normals
        many = (max(0.0, mean + spread * z) / self.counters for z in normals)
        return list(map(add, self.starts_s, many))


@dataclass(frozen=True, slots=True)
class Play:
    """`times`: what each person before us may take in s, in order; `able`: which counters may call each of them, and
    us last; `left`: what may still be left of each counter's present turn in s, empty for an idle one; `more`
    people stand between."""

    times: Sequence[Sequence[float]]
    able: Sequence[set[str]]
    left: Mapping[str, Sequence[float]]
    more: int
    chances: Chances

    def played(self) -> Played:
        alike = all(some == self.able[-1] for some in self.able)
        once = _once_alike if alike else partial(_once_skilled, self._may_call())
        nobody = [()] * DRAWS
        free = zip(*(self.chances.of(left or (0.0,)) for left in self.left.values()), strict=True)
        turns = [self.chances.of(times) for times in self.times]
        starts = list(map(once, free, zip(*turns, strict=True) if turns else nobody))
        return Played(starts, self.more, len(self.left), len(self.able[-1]), self.chances)

    def _may_call(self) -> list[int]:
        """For each counter, a bit for each person whom it may call."""
        people = list(enumerate(self.able))
        return [sum(1 << n for n, able in people if counter in able) for counter in self.left]


def _once_alike(free_at: tuple[float, ...], turns: tuple[float, ...]) -> float:
    free = list(free_at)
    heapify(free)
    for turn in turns:
        heapreplace(free, free[0] + turn)
    return free[0]


def _once_skilled(
    may_call: list[int], free_at: tuple[float, ...], turns: tuple[float, ...]
) -> float:
    """Who waits, and whom each counter may call, are bits of a number: the lowest is the first in order."""
    free = list(zip(free_at, may_call, strict=True))
    heapify(free)
    ours = 1 << len(turns)
    waiting = 2 * ours - 1
    while free:
        at, counter = heappop(free)
        called = waiting & counter
        if not called:
            continue  # nobody left whom this counter may serve
        first = called & -called
        if first == ours:
            return at
        waiting ^= first
        heappush(free, (at + turns[first.bit_length() - 1], counter))
    return 0.0
