"""Which day it is, when the branch is open, and what those hear who come at the wrong hour."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from edge_agent.branch_queue.business_day import ALWAYS, Calendar, Hours, business_day
from edge_agent.branch_queue.facts import BranchClosed, BranchOpened
from edge_agent.branch_queue.rules import ServiceRule
from edge_agent.branch_queue.ticket import Wait
from tests.branch_queue.hall import SERVICES, Hall, kinds, minutes, rules

SHANGHAI, LONDON, NEW_YORK = map(ZoneInfo, ("Asia/Shanghai", "Europe/London", "America/New_York"))
MIDNIGHT, FOUR = time(0), time(4)
DAY = date(2026, 3, 2)  # a Monday; no clock changes in Shanghai
HOUR = timedelta(hours=1)


def hours(*spans: str) -> Hours:
    """hours("09:00-12:00", "13:00-17:00")."""
    ends = [span.split("-") for span in spans]
    return tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in ends)


def every_day(zone: ZoneInfo, *spans: str, **special: Hours) -> Calendar:
    days = {date.fromisoformat(name[1:].replace("_", "-")): h for name, h in special.items()}
    return Calendar(zone, dict.fromkeys(range(7), hours(*spans)), days)


def local(zone: ZoneInfo, when: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(when).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def utc(when: str) -> datetime:
    return datetime.fromisoformat(when).replace(tzinfo=UTC)


# --- business day -----------------------------------------------------------------------------


@pytest.mark.parametrize("zone", [SHANGHAI, LONDON, NEW_YORK])
@pytest.mark.parametrize(
    ("when", "day"),
    [("2026-06-10T23:59:59", 10), ("2026-06-11T00:00:00", 10), ("2026-06-11T03:59:59", 10),
     ("2026-06-11T04:00:00", 11), ("2026-06-11T12:00:00", 11)],
)  # fmt: skip
def test_the_hours_after_midnight_belong_to_the_day_before(
    zone: ZoneInfo, when: str, day: int
) -> None:
    assert business_day(local(zone, when), zone, FOUR) == date(2026, 6, day)


def test_the_business_day_is_the_branchs_own_and_not_utcs() -> None:
    now = utc("2026-03-01T16:30")
    assert business_day(now, SHANGHAI, MIDNIGHT) == date(2026, 3, 2)
    assert business_day(now, NEW_YORK, MIDNIGHT) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("zone", "clock_changes"),
    [
        (LONDON, "2026-03-29"),
        (LONDON, "2026-10-25"),
        (NEW_YORK, "2026-03-08"),
        (NEW_YORK, "2026-11-01"),
    ],
)
@pytest.mark.parametrize("starts_at", [time(0), time(1, 30), time(2, 30), FOUR])
def test_the_business_day_never_goes_back_while_time_goes_on(
    zone: ZoneInfo, clock_changes: str, starts_at: time
) -> None:
    """Not even in the hour that the clock's change repeats."""
    first = utc(f"{clock_changes}T00:00") - 12 * HOUR
    days = [business_day(first + minutes(10 * n), zone, starts_at) for n in range(6 * 48)]
    assert days == sorted(days)
    assert len(set(days)) == 3


# --- opening hours ----------------------------------------------------------------------------


def test_without_hours_a_branch_is_always_open() -> None:
    assert ALWAYS.is_open(DAY, utc("2026-03-02T03:00"))
    assert ALWAYS.closes(DAY) is None


@pytest.mark.parametrize(
    ("at", "is_open"),
    [("08:59", False), ("09:00", True), ("11:59", True), ("12:00", False), ("12:59", False),
     ("13:00", True), ("16:59", True), ("17:00", False)],
)  # fmt: skip
@pytest.mark.parametrize("zone", [SHANGHAI, LONDON, NEW_YORK])
def test_a_branch_is_open_in_its_hours(zone: ZoneInfo, at: str, is_open: bool) -> None:
    calendar = every_day(zone, "09:00-12:00", "13:00-17:00")
    assert calendar.is_open(DAY, local(zone, f"2026-03-02T{at}")) == is_open


@pytest.mark.parametrize(
    ("zone", "day", "opens"),
    [
        (LONDON, "2026-03-28", "09:00"),
        (LONDON, "2026-03-29", "08:00"),  # summer time
        (LONDON, "2026-10-24", "08:00"),
        (LONDON, "2026-10-25", "09:00"),
        (NEW_YORK, "2026-03-07", "14:00"),
        (NEW_YORK, "2026-03-08", "13:00"),
        (NEW_YORK, "2026-10-31", "13:00"),
        (NEW_YORK, "2026-11-01", "14:00"),
        (SHANGHAI, "2026-03-29", "01:00"),
    ],
)
def test_opening_time_is_nine_by_the_clock_on_the_wall(
    zone: ZoneInfo, day: str, opens: str
) -> None:
    calendar = every_day(zone, "09:00-17:00")
    moment = utc(f"{day}T{opens}")
    assert calendar.hours(date.fromisoformat(day)) == [(moment, moment + 8 * HOUR)]


@pytest.mark.parametrize(
    ("zone", "day", "long"),
    [(LONDON, "2026-03-28", 7), (LONDON, "2026-10-24", 9), (NEW_YORK, "2026-03-07", 7),
     (NEW_YORK, "2026-10-31", 9), (SHANGHAI, "2026-10-24", 8)],
)  # fmt: skip
def test_a_night_in_which_the_clock_changes_is_an_hour_shorter_or_longer(
    zone: ZoneInfo, day: str, long: int
) -> None:
    [(opens, closes)] = every_day(zone, "20:00-04:00").hours(date.fromisoformat(day))
    assert closes - opens == long * HOUR


def test_a_day_that_ends_after_midnight_is_one_day() -> None:
    calendar = every_day(SHANGHAI, "18:00-02:00")
    late = local(SHANGHAI, "2026-03-03T01:30")
    assert business_day(late, SHANGHAI, FOUR) == DAY
    assert calendar.is_open(DAY, late)
    assert calendar.closes(DAY) == local(SHANGHAI, "2026-03-03T02:00")
    assert not calendar.is_open(DAY, local(SHANGHAI, "2026-03-03T02:00"))


def test_a_repeated_hour_counts_as_open_both_times() -> None:
    calendar = every_day(LONDON, "20:00-01:30")
    sunday = date(2026, 10, 24)
    for fold in (0, 1):
        assert calendar.is_open(sunday, local(LONDON, "2026-10-25T01:15", fold))


def test_hours_that_close_in_the_hour_the_clock_skips_last_until_the_clock_jumps() -> None:
    """01:30 does not exist in London that night: after 00:59 comes 02:00."""
    [(_, closes)] = every_day(LONDON, "20:00-01:30").hours(date(2026, 3, 28))
    assert utc("2026-03-29T01:00") <= closes <= utc("2026-03-29T01:30")


@pytest.mark.parametrize("span", ["01:15-01:45", "00:45-01:30", "01:30-03:00"])
def test_no_hours_end_before_they_begin(span: str) -> None:
    [(opens, closes)] = every_day(LONDON, span).hours(date(2026, 3, 29))
    assert opens <= closes


def test_around_the_clock_is_a_whole_day() -> None:
    [(opens, closes)] = every_day(SHANGHAI, "00:00-00:00").hours(DAY)
    assert closes - opens == 24 * HOUR


def test_closing_time_is_that_of_the_last_hours() -> None:
    calendar = every_day(SHANGHAI, "09:00-12:00", "13:00-17:00")
    assert calendar.closes(DAY) == local(SHANGHAI, "2026-03-02T17:00")


# --- holidays and special days ----------------------------------------------------------------


def test_a_holiday_has_no_hours_and_the_branch_opens_on_the_day_after() -> None:
    calendar = every_day(SHANGHAI, "09:00-17:00", _2026_03_02=())
    noon = local(SHANGHAI, "2026-03-02T12:00")
    assert not calendar.is_open(DAY, noon)
    assert calendar.closes(DAY) is None
    assert calendar.opens_after(DAY, noon) == local(SHANGHAI, "2026-03-03T09:00")


def test_a_special_day_has_hours_of_its_own_even_on_a_closed_weekday() -> None:
    sunday = date(2026, 3, 1)
    calendar = Calendar(
        SHANGHAI,
        {0: hours("09:00-17:00")},
        {sunday: hours("10:00-11:00"), DAY: hours("09:00-12:00")},
    )
    assert calendar.closes(sunday) == local(SHANGHAI, "2026-03-01T11:00")
    assert calendar.closes(DAY) == local(SHANGHAI, "2026-03-02T12:00")


def test_a_branch_on_holiday_for_a_week_opens_after_it() -> None:
    closed = {f"_2026_10_0{n}": hours() for n in range(1, 8)}
    calendar = every_day(SHANGHAI, "09:00-17:00", **closed)
    evening = local(SHANGHAI, "2026-09-30T18:00")
    assert calendar.opens_after(date(2026, 9, 30), evening) == local(SHANGHAI, "2026-10-08T09:00")


def test_the_next_opening_is_after_the_lunch_break_the_night_or_the_weekend() -> None:
    weekdays = Calendar(SHANGHAI, dict.fromkeys(range(5), hours("09:00-12:00", "13:00-17:00")))
    friday = date(2026, 3, 6)
    for now, then in (
        ("2026-03-06T08:00", "2026-03-06T09:00"),
        ("2026-03-06T12:00", "2026-03-06T13:00"),
        ("2026-03-06T17:00", "2026-03-09T09:00"),
    ):
        assert weekdays.opens_after(friday, local(SHANGHAI, now)) == local(SHANGHAI, then)


# --- taking a ticket --------------------------------------------------------------------------

OFFICE = every_day(SHANGHAI, "09:00-12:00", "13:00-17:00")
MORNINGS = every_day(SHANGHAI, "10:00-11:30")


def hall_at(when: str, calendar: Calendar = OFFICE) -> Hall:
    services = {**SERVICES, "wealth": ServiceRule("wealth", "C", calendar=MORNINGS)}
    return Hall(
        rules(calendar=calendar, services=services), now=local(SHANGHAI, f"2026-03-02T{when}")
    )


def come(hall: Hall, when: str) -> Hall:
    hall.now = local(SHANGHAI, f"2026-03-02T{when}")
    return hall


@pytest.mark.parametrize("when", ["08:59", "12:30", "17:00", "23:59"])
def test_outside_the_hours_nobody_gets_a_ticket(when: str) -> None:
    hall = hall_at(when)
    assert hall.refused(hall.take).name == "branch-closed"


def test_within_the_hours_everybody_gets_a_ticket() -> None:
    for when in ("09:00", "11:59", "13:00", "16:59"):
        assert hall_at(when).take()


@pytest.mark.parametrize(("when", "open_"), [("09:30", False), ("10:00", True), ("11:30", False)])
def test_a_service_has_opening_hours_of_its_own(when: str, open_: bool) -> None:
    hall = hall_at(when)
    hall.take("cash")
    if open_:
        hall.take("wealth")
    else:
        assert hall.refused(lambda: hall.take("wealth")).name == "service-closed"


def test_a_visit_begins_with_a_service_that_is_open() -> None:
    hall = hall_at("09:30")
    assert hall.refused(lambda: hall.take("wealth", then=("cash",))).name == "service-closed"


@pytest.mark.parametrize(
    ("when", "again"), [("08:00", "09:00"), ("12:10", "13:00"), ("17:30", "09:00")]
)
def test_who_comes_too_early_or_too_late_hears_when_to_come_again(when: str, again: str) -> None:
    hall = hall_at(when)
    assert again in str(hall.refused(hall.take))


def test_who_comes_after_early_closing_hears_when_to_come_again() -> None:
    hall = hall_at("14:00")
    hall.close_branch()
    refusal = hall.refused(hall.take)
    assert refusal.name == "branch-closed"
    assert "09:00" in str(refusal)


def test_who_asks_for_a_service_at_the_wrong_hour_hears_when_it_is_offered() -> None:
    hall = hall_at("09:30")
    assert "10:00" in str(hall.refused(lambda: hall.take("wealth")))


def test_a_day_off_is_named_so_that_nobody_comes_in_vain() -> None:
    hall = hall_at("12:00", every_day(SHANGHAI, "09:00-17:00", _2026_03_02=(), _2026_03_03=()))
    assert "2026-03-04" in str(hall.refused(hall.take))


@pytest.mark.parametrize(
    ("likely", "gets_one"), [(60, True), (19 * 60, True), (21 * 60, False), (3600, False)]
)
def test_the_last_ticket_is_the_last_that_can_be_served(likely: int, gets_one: bool) -> None:
    hall = hall_at("16:40")
    promised = Wait(likely, likely, likely)
    if gets_one:
        hall.take(promised=promised)
        return
    refusal = hall.refused(lambda: hall.take(promised=promised))
    assert refusal.name == "queue-full-until-closing"
    assert "09:00" in str(refusal)
    assert "sorry" in str(refusal)


def test_who_gets_no_promise_gets_a_ticket() -> None:
    assert hall_at("16:59").take(promised=None)


def test_a_service_that_closes_before_the_branch_gives_no_more_than_it_can_serve() -> None:
    hall = hall_at("11:20")
    long = Wait(900, 900, 900)
    hall.take("cash", promised=long)
    refusal = hall.refused(lambda: hall.take("wealth", promised=long))
    assert refusal.name == "queue-full-until-closing"
    assert "10:00" in str(refusal), "when this service is offered again, not when the doors open"


def test_a_branch_without_hours_is_never_too_full() -> None:
    assert Hall().take(promised=Wait(80_000, 90_000, 99_999))


# --- the day as the clock brings it -----------------------------------------------------------


def test_the_branch_says_once_that_it_opens_and_closes() -> None:
    hall = hall_at("09:00")
    said = []
    for when in ("09:00", "10:00", "11:59", "12:00", "12:30", "13:00", "14:00", "17:00", "18:00"):
        said += [(when, kind) for kind in kinds(come(hall, when).due())]
    assert said == [
        ("09:00", "BranchOpened"),
        ("12:00", "BranchClosed"),
        ("13:00", "BranchOpened"),
        ("17:00", "BranchClosed"),
    ]


def test_what_the_hours_bring_about_says_so() -> None:
    hall = hall_at("09:00")
    opened = hall.due()
    closed = come(hall, "17:00").due()
    assert [f.reason for f in (*opened, *closed) if isinstance(f, BranchOpened | BranchClosed)] == [
        "hours",
        "hours",
    ]


def test_early_closing_outlasts_the_lunch_break() -> None:
    hall = hall_at("11:00")
    hall.due()
    assert kinds(hall.close_branch()) == ["BranchClosed"]
    assert "BranchOpened" not in kinds(come(hall, "13:00").due())
    assert hall.refused(hall.take).name == "branch-closed"
    hall.open_branch()
    hall.take()


def test_reopening_at_night_does_not_let_anybody_in() -> None:
    hall = hall_at("14:00")
    hall.close_branch()
    come(hall, "20:00").open_branch()
    assert hall.refused(hall.take).name == "branch-closed"


def test_who_waits_at_closing_time_is_still_served() -> None:
    hall = hall_at("16:59")
    hall.take()
    hall.take()
    come(hall, "17:05").due()
    assert hall.called() == "A001"
    hall.press("miss")
    hall.press("put_back", "1", "A001")
    assert hall.call_all() == ["A002", "A001"]


def test_parked_tickets_return_after_closing_time() -> None:
    hall = hall_at("16:59")
    ticket = hall.take()
    hall.press("call_next")
    hall.press("park")
    assert "TicketReturned" in kinds(come(hall, "17:10").due())
    assert hall.state(ticket) == "waiting"


def test_an_evening_branch_gives_tickets_after_midnight_until_it_closes() -> None:
    hall = hall_at("18:00", every_day(SHANGHAI, "18:00-02:00"))
    hall.now = local(SHANGHAI, "2026-03-03T01:00")
    hall.take()
    assert hall.refused(lambda: hall.take(promised=Wait(0, 3601, 9999))).name == (
        "queue-full-until-closing"
    )
    hall.now = local(SHANGHAI, "2026-03-03T02:00")
    assert "18:00" in str(hall.refused(hall.take))
