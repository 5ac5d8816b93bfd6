"""Staff who open the branch again are told why it still gives out no tickets."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from edge_agent.branch_queue.business_day import Calendar
from edge_agent.branch_queue.opening import Closed, why_closed
from tests.branch_queue.hall import MONDAY, SERVICES, Hall, rules

SHANGHAI = ZoneInfo("Asia/Shanghai")
NINE_TO_FIVE = Calendar(SHANGHAI, dict.fromkeys(range(7), ((time(9), time(17)),)))
HOLIDAY = replace(NINE_TO_FIVE, special={MONDAY: ()})
NEVER = Calendar(SHANGHAI, {})


def hall_at(hour: int, calendar: Calendar = NINE_TO_FIVE, services: Calendar | None = None) -> Hall:
    changed = {
        code: replace(one, calendar=services or one.calendar) for code, one in SERVICES.items()
    }
    now = datetime(2026, 3, 2, hour, tzinfo=SHANGHAI).astimezone(UTC)
    return Hall(rules(calendar=calendar, services=changed), now)


def reason(hall: Hall) -> Closed:
    closed = why_closed(hall.queue, hall.rules, hall.now)
    assert closed is not None
    return closed


def test_there_is_no_reason_while_tickets_can_be_had() -> None:
    hall = hall_at(9)
    assert why_closed(hall.queue, hall.rules, hall.now) is None


@pytest.mark.parametrize(
    ("hour", "calendar", "name", "again"),
    [
        (8, NINE_TO_FIVE, "outside-hours", "09:00 on 2026-03-02"),
        (17, NINE_TO_FIVE, "outside-hours", "09:00 on 2026-03-03"),
        (10, HOLIDAY, "holiday", "09:00 on 2026-03-03"),
        (10, NEVER, "outside-hours", "ask our staff"),
    ],
)
def test_the_hours_and_a_holiday_say_when_it_opens(
    hour: int, calendar: Calendar, name: str, again: str
) -> None:
    closed = reason(hall_at(hour, calendar))
    assert closed.name == name
    assert again in closed.detail


def test_an_open_branch_whose_services_have_other_hours_says_so() -> None:
    assert reason(hall_at(10, services=NEVER)).name == "no-service-now"


def test_early_closing_and_the_days_end_are_told_apart() -> None:
    hall = hall_at(10)
    hall.close_branch()
    assert reason(hall).name == "closed-early"
    hall.end_day()
    assert reason(hall).name == "day-ended"
