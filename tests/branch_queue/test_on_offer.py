"""What a customer is told of a service before choosing it. Hours of the branch: 09:00 to 17:00 in Shanghai."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from edge_agent.branch_queue import moves
from edge_agent.branch_queue.business_day import ALWAYS, Calendar, Hours
from edge_agent.branch_queue.on_offer import Note, note
from edge_agent.branch_queue.refusals import QueueFullUntilClosing
from edge_agent.branch_queue.ticket import Wait
from tests.branch_queue.hall import SERVICES, Hall, minutes, rules

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def daily(*hours: tuple[int, int]) -> Calendar:
    spans: Hours = tuple((time(a), time(b)) for a, b in hours)
    return Calendar(SHANGHAI, dict.fromkeys(range(7), spans))


NINE_TO_FIVE = daily((9, 17))


def hall_at(now: datetime, branch: Calendar = NINE_TO_FIVE, cash: Calendar = ALWAYS) -> Hall:
    services = {**SERVICES, "cash": replace(SERVICES["cash"], calendar=cash)}
    return Hall(rules(calendar=branch, services=services), now)


def noted(hall: Hall, wait_min: float | None = 0) -> Note:
    wait = None if wait_min is None else Wait(0, round(wait_min * 60), round(wait_min * 120))
    return note(hall.queue, hall.rules.services["cash"], hall.rules, hall.now, wait)


def serve(hall: Hall, took: timedelta) -> None:
    """One customer of the cash line, whose turn takes so long."""
    hall.take()
    hall.call()
    hall.press("start")
    hall.later(took)
    hall.press("finish")


def test_in_the_middle_of_the_day_there_is_nothing_to_say() -> None:
    assert noted(hall_at(at(11))) == Note()


def test_a_branch_that_is_always_open_says_nothing_however_long_the_wait() -> None:
    assert noted(hall_at(at(11), ALWAYS), 600) == Note()


@pytest.mark.parametrize(
    ("now", "branch", "cash", "opens"),
    [
        (at(8), NINE_TO_FIVE, ALWAYS, at(9)),
        (at(17), NINE_TO_FIVE, ALWAYS, at(9, day=3)),
        (at(12, 30), daily((9, 12), (13, 17)), ALWAYS, at(13)),
        (at(9, 30), NINE_TO_FIVE, daily((10, 16)), at(10)),
        (at(12), daily((9, 12), (13, 17)), daily((10, 16)), at(13)),
        (at(16, 30), NINE_TO_FIVE, daily((10, 16)), at(10, day=3)),
        (at(11), replace(NINE_TO_FIVE, special={at(11).date(): ()}), ALWAYS, at(9, day=3)),
        (at(11), ALWAYS, daily((8, 10)), at(8, day=3)),
        (at(11), NINE_TO_FIVE, daily((18, 20)), None),
        (at(11), Calendar(SHANGHAI, {}), ALWAYS, None),
    ],
)
def test_closed_is_said_with_the_next_time_when_branch_and_service_are_open(
    now: datetime, branch: Calendar, cash: Calendar, opens: datetime | None
) -> None:
    assert noted(hall_at(now, branch, cash)) == Note("closed", opens)


def test_after_an_early_closing_it_opens_on_the_next_day() -> None:
    hall = hall_at(at(10), daily((9, 12), (13, 17)))
    hall.close_branch()
    assert noted(hall) == Note("closed", at(9, day=3))


def test_who_closes_a_branch_without_hours_early_has_told_nobody_when_it_opens() -> None:
    hall = hall_at(at(10), ALWAYS)
    hall.close_branch()
    assert noted(hall) == Note("closed", None)


@given(wait_min=st.integers(0, 600), minute=st.integers(0, 479))
def test_full_is_exactly_what_a_ticket_is_refused_for(wait_min: int, minute: int) -> None:
    hall = hall_at(at(9) + minutes(minute))
    wait = Wait(0, wait_min * 60, wait_min * 60)
    try:
        moves.issue(
            hall.queue, hall.rules, hall.now, ticket="t", service="cash", segment="ordinary",
            language="en", channel="kiosk", promised=wait,
        )  # fmt: skip
        refused = False
    except QueueFullUntilClosing:
        refused = True
    said = note(hall.queue, hall.rules.services["cash"], hall.rules, hall.now, wait)
    assert (said.name == "full") == refused


@pytest.mark.parametrize(
    ("now", "wait_min", "name"),
    [
        (at(15), 105, ""),  # called 16:45
        (at(15), 106, "last"),
        (at(15), 119, "last"),
        (at(15), 120, "full"),
        (at(16, 46), 0, "last"),
        (at(16, 46), None, "last"),  # nobody knows the wait, but the clock
        (at(16, 44), None, ""),
    ],
)
def test_the_last_are_those_served_in_the_last_quarter_of_an_hour(
    now: datetime, wait_min: int | None, name: str
) -> None:
    assert noted(hall_at(now), wait_min).name == name


def test_the_usual_length_of_a_turn_counts() -> None:
    hall = hall_at(at(10))
    serve(hall, minutes(20))
    hall.now = at(16)
    assert noted(hall, 24).name == ""  # 16:00, 24 min of waiting and a turn of 20: 16:44
    assert noted(hall, 26).name == "last"


def test_the_earlier_closing_of_service_and_branch_counts() -> None:
    hall = hall_at(at(15, 50), cash=daily((9, 16)))
    assert noted(hall).name == "last"
