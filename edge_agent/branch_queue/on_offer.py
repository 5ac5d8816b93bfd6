"""What a customer must know of a service before choosing it: closed, full, or only a few more today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Literal

from edge_agent.branch_queue.business_day import DAYS_LOOKED_AHEAD, ONE_DAY, Calendar
from edge_agent.branch_queue.opening import is_open, too_late_for
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.rules import Rules, ServiceRule
from edge_agent.branch_queue.ticket import Wait

LAST_BEFORE_CLOSING = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Note:
    """`opens_at`: of a closed service, where the configuration knows it."""

    name: Literal["", "closed", "full", "last"] = ""
    opens_at: datetime | None = None


def note(
    queue: BranchQueue, service: ServiceRule, rules: Rules, now: datetime, wait: Wait | None
) -> Note:
    """`wait` is what somebody would be told who comes now.

    `full` is what a ticket would be refused for. `last`: the likely end of this customer's turn lies in the last
    15 minutes before closing, or behind; what is not known counts as no time.
    """
    if not is_open(queue, service, rules, now):
        return Note("closed", opens_at(queue, service, rules, now))
    if too_late_for(queue, service, rules, now, wait):
        return Note("full")
    closings = [calendar.closes(queue.business_day) for calendar in _calendars(service, rules)]
    served = now + timedelta(seconds=(wait.likely_s if wait else 0) + _turn_s(queue, service.code))
    if any(at and served > at - LAST_BEFORE_CLOSING for at in closings):
        return Note("last")
    return Note()


def opens_at(
    queue: BranchQueue, service: ServiceRule, rules: Rules, now: datetime
) -> datetime | None:
    """When both the branch and the service are open next; after an early closing not on the same day."""
    day, calendars = queue.business_day, _calendars(service, rules)
    over = queue.day.closed_by_staff or queue.day.ended
    days = (day + ONE_DAY * n for n in range(int(over), DAYS_LOOKED_AHEAD))
    return next((at for d in days if (at := _first_opening(calendars, d, now))), None)


def _first_opening(calendars: Sequence[Calendar], day: date, after: datetime) -> datetime | None:
    openings = sorted(opens for calendar in calendars for opens, _ in calendar.hours(day))
    both = (at for at in openings if all(calendar.is_open(day, at) for calendar in calendars))
    return next((at for at in both if at > after), None)


def _calendars(service: ServiceRule, rules: Rules) -> tuple[Calendar, Calendar]:
    return service.calendar, rules.calendar


def _turn_s(queue: BranchQueue, service: str) -> float:
    """How long this service usually takes; 0 before anybody was served."""
    turns = queue.day.turn_seconds.get(service)
    return median(turns) if turns else 0.0
