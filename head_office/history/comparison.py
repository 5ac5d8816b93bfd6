"""Is it better than before, or is that chance? Days are what is compared, not customers: those of one day share its
weather, its staff and its queue. Pure.

Each day is paired with one of the same weekday before. Over the differences of the pairs stands Wilcoxon's signed-rank
test with the interval of Hodges and Lehmann, exact for any number of days, whatever the days' figures are spread like.
In a list of many rows some would always look better by chance: the level is Benjamini and Hochberg's, and the
intervals are widened as Benjamini and Yekutieli say.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from head_office.history.change import Change, Days, Verdict

LEVEL = 0.05
Floats = npt.NDArray[np.float64]


def compared(
    rows: Mapping[str, Days],
    paired: Sequence[tuple[date, date]],
    *,
    more_is_better: bool | Mapping[str, bool],
) -> dict[str, Change]:
    """By row, for each of which more may be better or not. Of all rows together that are called better or worse at most 5 % are expected to be chance; of one row
    alone that is the usual 95 %."""
    found = {name: _pairs(days, paired) for name, days in rows.items()}
    level = _level([_chance(now - before) for before, now in found.values() if len(now)])
    more = more_is_better
    better = dict.fromkeys(rows, more) if isinstance(more, bool) else more
    return {name: _change(*both, level, better[name]) for name, both in found.items()}


def _pairs(days: Days, paired: Sequence[tuple[date, date]]) -> tuple[Floats, Floats]:
    """A pair counts where both days have a figure: a closed day, or one that is not here, says nothing."""
    both = [(days[b], days[a]) for a, b in paired if a in days and b in days]
    values = np.array(both, dtype=np.float64).reshape(-1, 2)
    return values[:, 0], values[:, 1]


def _change(before: Floats, now: Floats, level: float, more_is_better: bool) -> Change:
    days = len(now)
    if not days:
        return Change(0, None, None, None, None, None, 1 - level, "cannot be told")
    averages = _walsh(now - before)
    low, high = _interval(averages, days, level)
    verdict: Verdict = "cannot be told"
    if low is not None and high is not None and (low > 0 or high < 0):
        verdict = "better" if (low > 0) is more_is_better else "worse"
    return Change(
        days,
        float(before.mean()),
        float(now.mean()),
        float(np.median(averages)),
        low,
        high,
        1 - level,
        verdict,
    )


def _walsh(differences: Floats) -> Floats:
    """The mean of every two differences, each with itself too, in order."""
    first, second = np.triu_indices(len(differences))
    return np.sort((differences[first] + differences[second]) / 2)


def _interval(averages: Floats, days: int, level: float) -> tuple[float | None, float | None]:
    """None where even the widest would not keep the promise."""
    within = int(np.searchsorted(_at_most(days), level / 2, side="right"))
    if within == 0:
        return None, None
    return float(averages[within - 1]), float(averages[-within])


def _chance(differences: Floats) -> float:
    """How often chance alone makes a difference as one-sided as this, either way."""
    averages = _walsh(differences)
    fewer = min(int((averages >= 0).sum()), int((averages <= 0).sum()))
    at_most = _at_most(len(differences))
    return float(min(1.0, 2 * at_most[min(fewer, len(at_most) - 1)]))


@lru_cache(maxsize=512)
def _at_most(days: int) -> Floats:
    """How likely the signed-rank sum of so many days is at most 0, 1, 2, … where nothing has changed."""
    exactly = np.zeros(days * (days + 1) // 2 + 1)
    exactly[0] = 1.0
    for rank in range(1, days + 1):
        shifted = np.zeros_like(exactly)
        shifted[rank:] = exactly[:-rank]
        exactly = (exactly + shifted) / 2
    return np.cumsum(exactly)


def _level(chances: Sequence[float]) -> float:
    """Benjamini and Hochberg: as many rows as can be called without more than 5 % of them being chance."""
    count = len(chances)
    if count == 0:
        return LEVEL
    called = [n for n, p in enumerate(sorted(chances), 1) if p <= n * LEVEL / count]
    return max([1, *called]) * LEVEL / count
