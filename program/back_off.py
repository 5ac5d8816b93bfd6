"""Growing pauses between attempts, spread at random so that a thousand branches do not knock at once."""

from collections.abc import Iterator
from random import Random


def pauses(first_s: float, longest_s: float, random: Random) -> Iterator[float]:
    """Seconds to wait before attempt 2, 3, …: anything up to a limit that doubles until `longest_s`.

    The whole width is used (full jitter): after a broker's restart a fleet comes back evenly, not in waves.
    """
    limit = first_s
    while True:
        yield random.uniform(0.0, limit)
        limit = min(limit * 2, longest_s)
