"""What has changed from one time to another, and which days of the two are compared. How: see comparison.py."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

import msgspec

ONE_WEEK = timedelta(days=7)
Verdict = Literal["better", "worse", "cannot be told"]
Days = Mapping[date, float]  # a day's own figure


class Change(msgspec.Struct, frozen=True):
    """`days` pairs of days; `before` and `now` are the means of their figures. `difference`: what a day typically is
    more now, with the interval from `low` to `high`; none where there are too few days for one. `confidence` is the
    interval's, 0 to 1."""

    days: int
    before: float | None
    now: float | None
    difference: float | None
    low: float | None
    high: float | None
    confidence: float
    verdict: Verdict


def pairs(
    now: tuple[date, date], before: tuple[date, date] | None = None
) -> list[tuple[date, date]]:
    """Each day with its partner of the same weekday: so many whole weeks earlier that the two periods do not overlap, or
    the first Monday of one with the first of the other and so on."""
    days = _days(*now)
    if before is None:
        shift = ONE_WEEK * -(-len(days) // 7)
        return [(day, day - shift) for day in days]
    partners: dict[int, list[date]] = {}
    for day in _days(*before):
        partners.setdefault(day.weekday(), []).append(day)
    return [(day, partners[day.weekday()].pop(0)) for day in days if partners.get(day.weekday())]


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
