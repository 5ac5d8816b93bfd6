"""What the transactions of intake took, for the metrics."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from math import inf

LIMITS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, inf)


class Commits:
    """`took_s` of all those that are on disk, in all; `failed` could not be written, each try counts."""

    def __init__(self) -> None:
        self._counts = [0] * len(LIMITS_S)
        self.took_s = 0.0
        self.failed = 0

    def took(self, seconds: float) -> None:
        self._counts[bisect_left(LIMITS_S, seconds)] += 1
        self.took_s += seconds

    def within(self) -> Iterator[tuple[float, int]]:
        """Each limit in s, and how many took no longer; the last is all of them."""
        return zip(LIMITS_S, accumulate(self._counts), strict=True)
