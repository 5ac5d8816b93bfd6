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
from operator import add, itemgetter, mul
from random import Random

from edge_agent.branch_queue.ticket import Wait

DRAWS = 200
ORDERS = 64
MOST_UNSURE = 0.35  # about a mean; no draw then falls below an eighth of it


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
class Play:
    """`times`: what each person may take in s, in order, ourselves last; `able`: which counters may call each of them;
    `left`: what may still be left of each counter's present turn in s, empty for an idle one; `more` people
    stand between. Mean and spread are of our own service's turns."""

    times: Sequence[Sequence[float]]
    able: Sequence[set[str]]
    left: Mapping[str, Sequence[float]]
    more: int
    mean_s: float
    spread_s: float
    chances: Chances

    def wait(self) -> Wait:
        alike = all(some == self.able[-1] for some in self.able)
        once = self._once_alike if alike else partial(self._once_skilled, self._may_call())
        nobody = [()] * DRAWS
        free = zip(*(self.chances.of(left or (0.0,)) for left in self.left.values()), strict=True)
        turns = [self.chances.of(times) for times in self.times[:-1]]
        played = map(once, free, zip(*turns, strict=True) if turns else nobody)
        waits = list(map(mul, map(add, played, self._many_more()), self._stretches()))
        waits.sort()
        tenth = DRAWS // 10
        return Wait(round(waits[tenth - 1]), round(waits[DRAWS // 2]), round(waits[-tenth]))

    def pace_s(self) -> float:
        return self.mean_s / len(self.able[-1])

    def _once_alike(self, free_at: tuple[float, ...], turns: tuple[float, ...]) -> float:
        free = list(free_at)
        heapify(free)
        for turn in turns:
            heapreplace(free, free[0] + turn)
        return free[0]

    def _once_skilled(
        self, may_call: list[int], free_at: tuple[float, ...], turns: tuple[float, ...]
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

    def _may_call(self) -> list[int]:
        """For each counter, a bit for each person whom it may call."""
        people = list(enumerate(self.able))
        return [sum(1 << n for n, able in people if counter in able) for counter in self.left]

    def _stretches(self) -> list[float]:
        """A few times seen know their mean badly: one factor for each draw."""
        unsure = self.spread_s / (self.mean_s or 1.0) / sqrt(len(self.times[-1]))
        unsure = min(unsure, MOST_UNSURE)
        return [1 + unsure * z for z in self.chances.normals]

    def _many_more(self) -> list[float]:
        """How long the people take who are not played one by one."""
        if not self.more:
            return [0.0] * DRAWS
        mean, spread = self.more * self.mean_s, sqrt(self.more) * self.spread_s
        counters = len(self.left)
        return [max(0.0, mean + spread * z) / counters for z in self.chances.more_normals]
