"""When tickets can be had: the opening hours, early closing, and the day's end."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from edge_agent.branch_queue.business_day import Calendar
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.refusals import (
    BranchIsClosed,
    QueueFullUntilClosing,
    ServiceIsClosed,
)
from edge_agent.branch_queue.rules import Rules, ServiceRule
from edge_agent.branch_queue.ticket import Wait

ENDED = "This business day has ended. Please take a new ticket."


@dataclass(frozen=True, slots=True)
class Closed:
    """Why nobody gets a ticket. `name` is stable: day-ended, closed-early, holiday, outside-hours,
    no-service-now; `detail` says it to a person."""

    name: str
    detail: str


def is_open(queue: BranchQueue, service: ServiceRule, rules: Rules, now: datetime) -> bool:
    """Whether a ticket for this service can be had at this moment."""
    day = queue.business_day
    return (
        not queue.day.closed_by_staff
        and rules.calendar.is_open(day, now)
        and service.calendar.is_open(day, now)
    )


def why_closed(queue: BranchQueue, rules: Rules, now: datetime) -> Closed | None:
    """None while a ticket can be had for some service."""
    if closed := _branch_closed(queue, rules, now):
        return closed
    if any(is_open(queue, service, rules, now) for service in rules.services.values()):
        return None
    return Closed("no-service-now", "The branch is open, but offers no service at this hour.")


def check_open(queue: BranchQueue, service: ServiceRule, rules: Rules, now: datetime) -> None:
    """Raises BranchIsClosed, ServiceIsClosed."""
    if closed := _branch_closed(queue, rules, now):
        raise BranchIsClosed(closed.detail)
    day = queue.business_day
    if not service.calendar.is_open(day, now):
        raise ServiceIsClosed(
            f"The service '{service.code}' is not offered at this hour.{_again(service.calendar, day, now)}"
        )


def check_not_ended(queue: BranchQueue) -> None:
    """Raises BranchIsClosed."""
    if queue.day.ended:
        raise BranchIsClosed(ENDED)


def check_served_before_closing(
    queue: BranchQueue, service: ServiceRule, rules: Rules, now: datetime, wait: Wait | None
) -> None:
    """Nobody is let wait for a turn that will not come today. Raises QueueFullUntilClosing."""
    if calendar := too_late_for(queue, service, rules, now, wait):
        day = queue.business_day
        raise QueueFullUntilClosing(
            "We are sorry: so many people are waiting that we could not serve you before we close today."
            f"{_again(calendar, day, calendar.closes(day) or now)}"
        )


def too_late_for(
    queue: BranchQueue, service: ServiceRule, rules: Rules, now: datetime, wait: Wait | None
) -> Calendar | None:
    """The hours, of the service or the branch, that end before the likely turn of somebody who waits so long."""
    if wait is None:
        return None
    turn = now + timedelta(seconds=wait.likely_s)
    for calendar in (service.calendar, rules.calendar):
        closes = calendar.closes(queue.business_day)
        if closes is not None and turn >= closes:
            return calendar
    return None


def _branch_closed(queue: BranchQueue, rules: Rules, now: datetime) -> Closed | None:
    day, calendar = queue.business_day, rules.calendar
    if queue.day.ended:
        return Closed("day-ended", ENDED)
    if queue.day.closed_by_staff:
        again = _again(calendar, day, calendar.closes(day) or now)
        return Closed("closed-early", f"We are sorry: the branch has closed early today.{again}")
    if calendar.is_open(day, now):
        return None
    again = _again(calendar, day, now)
    if calendar.is_holiday(day):
        return Closed("holiday", f"The branch is closed for a holiday.{again}")
    return Closed("outside-hours", f"The branch is closed now.{again}")


def _again(calendar: Calendar, day: date, after: datetime) -> str:
    """When to come again."""
    opens = calendar.opens_after(day, after)
    if opens is None:
        return " Please ask our staff."
    return f" Please come again from {opens.astimezone(calendar.zone):%H:%M on %Y-%m-%d}."
