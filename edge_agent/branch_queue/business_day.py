"""Which business day a moment belongs to, and when the branch is open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
ONE_MINUTE = timedelta(minutes=1)
DAYS_LOOKED_AHEAD = 31
Hours = tuple[
    tuple[time, time], ...
]  # opens, closes (local); one that closes earlier does so after midnight
Weekly = Mapping[int, Hours]  # by weekday, Monday is 0


def business_day(now: datetime, zone: ZoneInfo, starts_at: time) -> date:
    """The branch's date; the hours before `starts_at` (local) still belong to the day before. An hour that
    the clock's change repeats begins a day at its first passing only."""
    day = now.astimezone(zone).date()
    begins = datetime.combine(day, starts_at, zone).astimezone(UTC)
    return day if now >= begins else day - ONE_DAY


def ends(day: date, zone: ZoneInfo, starts_at: time) -> datetime:
    """The moment (UTC) from which `business_day` names the next day."""
    return datetime.combine(day + ONE_DAY, starts_at, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours in the branch's own time. `weekly` None: always open; `special` days have hours of
    their own, a holiday none at all."""

    zone: ZoneInfo | None = None
    weekly: Weekly | None = None
    special: Mapping[date, Hours] = field(default_factory=dict)

    def hours(self, day: date) -> list[tuple[datetime, datetime]]:
        """The opening hours of a business day, as moments in UTC."""
        if self.weekly is None:
            return []
        hours = self.special.get(day, self.weekly.get(day.weekday(), ()))
        return [self._moments(day, opens, closes) for opens, closes in hours]

    def is_open(self, day: date, now: datetime) -> bool:
        """Whether at `now`, on this business day, customers are let in."""
        return self.weekly is None or any(a <= now < b for a, b in self.hours(day))

    def is_holiday(self, day: date) -> bool:
        """Whether this very day is closed, whatever its weekday."""
        return day in self.special and not self.special[day]

    def closes(self, day: date) -> datetime | None:
        """When this business day's last hours end; None without hours."""
        return max((b for _, b in self.hours(day)), default=None)

    def opens_after(self, day: date, now: datetime) -> datetime | None:
        """The next time the branch opens; None when that is not within a month."""
        days = (day + ONE_DAY * n for n in range(DAYS_LOOKED_AHEAD))
        return min((a for d in days for a, _ in self.hours(d) if a > now), default=None)

    def _moments(self, day: date, opens: time, closes: time) -> tuple[datetime, datetime]:
        """An hour that the clock's change repeats: opened at its first, closed at its second."""
        last_day = day if closes > opens else day + ONE_DAY
        first = datetime.combine(day, opens, self.zone)
        last = datetime.combine(last_day, closes, self.zone).replace(fold=1)
        return _moment(first), _moment(last)


def _moment(local: datetime) -> datetime:
    """In UTC; for a time that the clock skips, the moment when it does (PEP 495: fold tells its two sides)."""
    moment = local.astimezone(UTC)
    if moment.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    early, late = (local.replace(fold=fold).astimezone(UTC) for fold in (1, 0))
    offset = early.astimezone(local.tzinfo).utcoffset()
    while early < late and early.astimezone(local.tzinfo).utcoffset() == offset:
        early += ONE_MINUTE
    return early


ALWAYS = Calendar()
