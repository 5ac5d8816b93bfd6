"""Which business day a moment belongs to."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def business_day(now: datetime, zone: ZoneInfo, starts_at: time) -> date:
    """The branch's date; the hours before `starts_at` (local) still belong to the day before."""
    local = now.astimezone(zone)
    day = local.date()
    return day - timedelta(days=1) if local.time() < starts_at else day
