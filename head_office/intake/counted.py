"""What intake has done, for the metrics: of one process, or of all of them together. Pure values."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from math import inf

import msgspec
from msgspec import structs

# who changes these gives the table of the sums another name
LIMITS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, inf)


class Counted(msgspec.Struct, frozen=True):
    """`dropped`: messages, for too many waited. `failed`: tries to write the ledger. `commits` by how long they took, each
    under the first limit that holds; `took_s` of all of them."""

    dropped: int = 0
    failed: int = 0
    took_s: float = 0.0
    commits: tuple[int, ...] = (0,) * len(LIMITS_S)

    def committed(self, seconds: float) -> "Counted":
        place = bisect_left(LIMITS_S, seconds)
        commits = tuple(count + (at == place) for at, count in enumerate(self.commits))
        return structs.replace(self, took_s=self.took_s + seconds, commits=commits)

    def within(self) -> Iterator[tuple[float, int]]:
        """Each limit in s, and how many took no longer; the last is all of them."""
        return zip(LIMITS_S, accumulate(self.commits), strict=True)

    def plus(self, more: "Counted", *, since: "Counted") -> "Counted":
        """With what `more` has more than it had `since`."""
        each = zip(self.commits, more.commits, since.commits, strict=True)
        return Counted(
            dropped=self.dropped + more.dropped - since.dropped,
            failed=self.failed + more.failed - since.failed,
            took_s=self.took_s + more.took_s - since.took_s,
            commits=tuple(ours + now - then for ours, now, then in each),
        )


NOTHING = Counted()
