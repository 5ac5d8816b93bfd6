"""How a branch's day goes, by quarters of an hour, beside a usual day of that weekday. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from statistics import quantiles
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

QUARTER = timedelta(minutes=15)
USUAL_DAYS = 8
FEWEST_DAYS = 3  # of which it can be said what is usual
MOST_QUARTERS = 32 * 4  # a business day ends in the night, or a few hours into the next day


class Stay(NamedTuple):
    """Of one visit: when it came, when it was first called, when it ended; and its wait in s."""

    arrived: datetime | None
    called: datetime | None
    ended: datetime | None
    waited_s: int | None


class Quarter(msgspec.Struct, frozen=True):
    """At the end of a quarter of an hour, `minute` after the day's midnight: how many wait; and the mean wait in s of
    those who were called in it."""

    minute: int
    waiting: int
    wait_s: int | None


class Range(msgspec.Struct, frozen=True):
    """Of the usual days: the 10th, 50th and 90th percent."""

    low: float
    middle: float
    high: float


class UsualQuarter(msgspec.Struct, frozen=True):
    minute: int
    waiting: Range
    wait_s: Range | None


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """`usual` is empty where there are fewer than three such days; `days` are those it is made of. `time_zone`: the
    branch's, in which the minutes are counted."""

    branch: str
    day: date | None
    time_zone: str
    quarters: list[Quarter]
    usual: list[UsualQuarter]
    days: list[date]


def quarters(
    stays: Sequence[Stay], day: date, zone: ZoneInfo, until: datetime | None
) -> list[Quarter]:
    """From the first arrival to the last quarter that has ended by `until`, or to the last that somebody waited in."""
    midnight = datetime.combine(day, time(), zone)
    known = [_minutes(stay, midnight) for stay in stays if stay.arrived is not None]
    known = [stay for stay in known if 0 <= stay.came < MOST_QUARTERS * 15]
    if not known:
        return []
    now = None if until is None else (until - midnight).total_seconds() / 60
    first = int(min(stay.came for stay in known) // 15) + 1
    ends = [stay.left if stay.left is not None else stay.came for stay in known]
    last = int(max(ends) // 15) + 1 if now is None else int(now // 15)
    return [_quarter(known, n) for n in range(first, min(last, MOST_QUARTERS) + 1)]


def usual(days: Mapping[date, Sequence[Quarter]]) -> list[UsualQuarter]:
    """Before its first customer and after its last nobody waits on a day."""
    if len(days) < FEWEST_DAYS:
        return []
    minutes = sorted({quarter.minute for day in days.values() for quarter in day})
    by_day = [{quarter.minute: quarter for quarter in day} for day in days.values()]
    return [_usual(minute, [day.get(minute) for day in by_day]) for minute in minutes]


class _Minutes(NamedTuple):
    came: float
    left: float | None
    called: float | None
    waited_s: int | None


def _minutes(stay: Stay, midnight: datetime) -> _Minutes:
    def after(at: datetime | None) -> float | None:
        return None if at is None else (at - midnight).total_seconds() / 60

    called, ended = after(stay.called), after(stay.ended)
    came = after(stay.arrived)
    return _Minutes(came or 0.0, ended if called is None else called, called, stay.waited_s)


def _quarter(known: Sequence[_Minutes], number: int) -> Quarter:
    end, begin = number * 15, number * 15 - 15
    waiting = sum(stay.came < end and (stay.left is None or stay.left >= end) for stay in known)
    waits = [
        stay.waited_s
        for stay in known
        if stay.called is not None and stay.waited_s is not None and begin <= stay.called < end
    ]
    return Quarter(end, waiting, round(sum(waits) / len(waits)) if waits else None)


def _usual(minute: int, found: Iterable[Quarter | None]) -> UsualQuarter:
    days = list(found)
    waiting = [one.waiting if one else 0 for one in days]
    waits = [one.wait_s for one in days if one is not None and one.wait_s is not None]
    return UsualQuarter(
        minute, _range(waiting), _range(waits) if len(waits) >= FEWEST_DAYS else None
    )


def _range(values: Sequence[float]) -> Range:
    tenths = quantiles(values, n=10, method="inclusive")
    return Range(round(tenths[0], 1), round(tenths[4], 1), round(tenths[8], 1))
