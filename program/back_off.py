"""Growing pauses between attempts, spread at random so that a thousand branches do not knock at once."""

from collections.abc import Iterator
from random import Random


def pauses(first_s: float, longest_s: float, random: Random) -> Iterator[float]:
    """Seconds to wait before attempt 2, 3, …: doubling up to `longest_s`, each 50 to 100 % of that."""
    limit = first_s
    while True:
        yield limit * random.uniform(0.5, 1.0)
        limit = min(limit * 2, longest_s)
