"""Who is called next, by every rule, in examples worked by hand."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from edge_agent.branch_queue.rules import CallingOrder, CounterRule
from tests.branch_queue.hall import NINE, Hall, counter, minutes, rules, seconds

ALL = counter("cash", "cards", "wealth")


def hall_with(skills: CounterRule = ALL, **order: object) -> Hall:
    return Hall(rules(counters={"1": skills, "2": ALL}, order=CallingOrder(**order)))  # type: ignore[arg-type]


def at(hall: Hall, minute: float) -> Hall:
    """The hall at so many minutes past nine."""
    hall.now = NINE + minutes(minute)
    return hall


def scores(hall: Hall) -> list[tuple[str, float]]:
    """The candidates of the next call, best first, with their scores."""
    call = hall.call()
    assert call is not None
    assert call.why is not None
    return [(candidate.label, candidate.score_s) for candidate in call.why.candidates]


# --- arrival ----------------------------------------------------------------------------------


def test_by_arrival_the_segment_does_not_matter() -> None:
    hall = hall_with(rule="arrival", rank={"vip": 9})
    for minute, segment in enumerate(["ordinary", "vip", "care", "appointment"]):
        at(hall, minute).take(segment=segment)
    at(hall, 10)
    assert scores(hall) == [("A001", 600), ("A002", 540), ("A003", 480), ("A004", 420)]


def test_by_arrival_customers_of_different_services_are_in_one_order() -> None:
    hall = hall_with(rule="arrival")
    for minute, service in enumerate(["cards", "cash", "wealth", "cash", "cards"]):
        at(hall, minute).take(service)
    assert hall.call_all() == ["B001", "A001", "C001", "A002", "B002"]


def test_of_those_who_came_at_one_moment_the_first_is_first() -> None:
    hall = hall_with(rule="arrival")
    for service in ("cards", "cash", "wealth", "cash"):
        hall.take(service)
    assert hall.call_all() == ["B001", "A001", "C001", "A002"]


# --- strict -----------------------------------------------------------------------------------


def test_by_strict_priority_the_rank_comes_first_and_then_the_wait() -> None:
    hall = hall_with(rule="strict", rank={"vip": 2, "care": 1, "appointment": -1})
    for minute, segment in enumerate(["appointment", "ordinary", "care", "vip", "care", "vip"]):
        at(hall, minute).take(segment=segment)
    at(hall, 60)
    assert hall.call_all() == ["A004", "A006", "A003", "A005", "A002", "A001"]


def test_by_strict_priority_the_score_is_the_rank() -> None:
    hall = hall_with(rule="strict", rank={"vip": 2})
    hall.take()
    hall.take(segment="vip")
    assert scores(hall) == [("A002", 2), ("A001", 0)]


def test_by_strict_priority_a_preferred_service_does_not_pass_a_higher_rank() -> None:
    hall = hall_with(
        counter("cash", "cards", preferred="cards"), rule="strict", rank={"vip": 1},
        preferred=minutes(30),
    )  # fmt: skip
    hall.take("cards")
    hall.take(segment="vip")
    assert hall.called() == "A001"


# --- head start -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("came", "first"), [(7.99, "vip"), (8, "ordinary"), (8.01, "ordinary")]
)  # fmt: skip
def test_by_head_start_somebody_favoured_passes_those_who_came_shortly_before(
    came: float, first: str
) -> None:
    """Of equal scores, whoever has waited longer goes first."""
    hall = hall_with(rule="head_start", head_start={"vip": minutes(8)})
    tickets = {"ordinary": hall.take()}
    tickets["vip"] = at(hall, came).take(segment="vip")
    at(hall, 20)
    assert hall.called() == hall.label(tickets[first])


def test_by_head_start_the_score_is_the_wait_and_the_head_start() -> None:
    hall = hall_with(
        rule="head_start",
        head_start={"vip": minutes(8), "care": minutes(5), "ordinary": minutes(1)},
    )
    for segment in ("ordinary", "care", "vip"):
        hall.take(segment=segment)
    at(hall, 2)
    assert scores(hall) == [("A003", 600), ("A002", 420), ("A001", 180)]


def test_the_shipped_order_is_by_head_start() -> None:
    order = CallingOrder()
    assert order.rule == "head_start"
    assert order.longest_head_start() > timedelta(0)


# --- deadline ---------------------------------------------------------------------------------


def test_by_deadline_whoever_is_furthest_over_the_target_goes_first() -> None:
    hall = hall_with(
        rule="deadline",
        targets={("cash", "vip"): minutes(3), ("*", "vip"): minutes(6), ("*", "*"): minutes(20)},
    )
    hall.take("cash")  # A001: due at 20
    at(hall, 10).take("cards", "vip")  # B001: due at 16
    at(hall, 12).take("cash", "vip")  # A002: due at 15
    at(hall, 16)
    assert scores(hall) == [("A002", 60), ("B001", 0), ("A001", -240)]


@pytest.mark.parametrize(
    ("service", "segment", "target"),
    [
        ("cash", "vip", 1),
        ("cash", "care", 2),
        ("cards", "vip", 3),
        ("cards", "ordinary", 4),
    ],
)
def test_the_most_particular_target_counts(service: str, segment: str, target: int) -> None:
    hall = hall_with(
        rule="deadline",
        targets={
            ("*", "*"): minutes(4),
            ("*", "vip"): minutes(3),
            ("cash", "*"): minutes(2),
            ("cash", "vip"): minutes(1),
        },
    )
    hall.take(service, segment)
    assert [score for _, score in scores(hall)] == [-60 * target]


def test_without_a_target_the_deadline_is_the_arrival() -> None:
    hall = hall_with(rule="deadline", targets={("wealth", "vip"): minutes(5)})
    hall.take(segment="vip")
    at(hall, 1).take()
    assert scores(hall) == [("A001", 60), ("A002", 0)]


# --- the cap ----------------------------------------------------------------------------------


def test_whoever_is_over_the_worst_wait_goes_before_everybody_who_is_not() -> None:
    hall = hall_with(rule="strict", rank={"vip": 5}, worst_wait=minutes(30))
    hall.take()
    at(hall, 1).take(segment="vip")
    at(hall, 29)
    call = hall.call("2")
    assert call is not None
    assert call.label == "A002"
    hall.press("undo", "2")
    at(hall, 30.5)
    call = hall.call()
    assert call is not None
    assert call.why is not None
    found = [(candidate.label, candidate.capped) for candidate in call.why.candidates]
    assert found == [("A001", True), ("A002", False)]


def test_nobody_is_over_the_worst_wait_who_has_waited_just_so_long() -> None:
    """The contract: capped is who *has waited longer than* the worst wait allowed."""
    hall = hall_with(rule="strict", rank={"vip": 5}, worst_wait=minutes(30))
    hall.take()
    at(hall, 1).take(segment="vip")
    at(hall, 30)
    assert hall.called() == "A002"


@pytest.mark.parametrize("rule", ["arrival", "strict", "head_start", "deadline"])
def test_of_those_over_the_cap_whoever_waits_longest_goes_first(rule: str) -> None:
    hall = hall_with(
        rule=rule, rank={"vip": 5}, head_start={"vip": minutes(20)},
        targets={("*", "ordinary"): minutes(60)}, worst_wait=minutes(30),
    )  # fmt: skip
    hall.take()
    at(hall, 1).take(segment="vip")
    at(hall, 32)
    assert hall.call_all() == ["A001", "A002"]


def test_without_a_cap_strict_priority_starves() -> None:
    hall = hall_with(rule="strict", rank={"vip": 1})
    hall.take()
    for n in range(1, 20):
        at(hall, n * 60).take(segment="vip")
        assert hall.called() == f"A{n + 1:03d}"
        hall.press("miss")


# --- preferred services -----------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["arrival", "head_start", "deadline"])
@pytest.mark.parametrize(("came", "first"), [(2.9, "B001"), (3, "A001"), (3.1, "A001")])
def test_a_preferred_service_has_a_head_start_at_its_counter(
    rule: str, came: float, first: str
) -> None:
    hall = hall_with(
        counter("cash", "cards", preferred="cards"), rule=rule, preferred=minutes(3), head_start={}
    )
    hall.take("cash")
    at(hall, came).take("cards")
    at(hall, 10)
    assert hall.called() == first


def test_elsewhere_a_preferred_service_is_not_preferred() -> None:
    hall = hall_with(counter("cash", "cards", preferred="cards"))
    hall.take("cash")
    at(hall, 1).take("cards")
    assert hall.called("2") == "A001"


def test_a_counter_serves_others_when_nobody_waits_for_what_it_prefers() -> None:
    hall = hall_with(counter("cash", "cards", preferred="cards"))
    hall.take("cash")
    assert hall.called() == "A001"


# --- appointments -----------------------------------------------------------------------------


def place_of(booked: float, came: float, segment: str = "appointment") -> float:
    """Minutes past nine from which somebody counts who is booked then and comes then."""
    hall = at(hall_with(lead=minutes(5), late=minutes(10)), came)
    ticket = hall.take(segment=segment, appointment=NINE + minutes(booked))
    return (hall.ticket(ticket).place - NINE) / minutes(1)


@pytest.mark.parametrize("came", [0, 30, 54.9])
def test_somebody_booked_who_is_early_counts_as_anybody(came: float) -> None:
    assert place_of(60, came) == pytest.approx(came)


@pytest.mark.parametrize("came", [55, 55.1, 58, 60, 65, 70])
def test_somebody_booked_who_is_on_time_counts_from_shortly_before_the_booked_time(
    came: float,
) -> None:
    assert place_of(60, came) == pytest.approx(55)


@pytest.mark.parametrize("came", [70.1, 90, 300])
def test_somebody_booked_who_is_late_counts_as_anybody(came: float) -> None:
    assert place_of(60, came) == pytest.approx(came)


def test_a_booked_time_matters_only_to_the_segment_of_appointments() -> None:
    assert place_of(60, 65, "ordinary") == pytest.approx(65)


def test_somebody_booked_passes_those_who_came_after_the_place_of_the_appointment() -> None:
    hall = hall_with(lead=minutes(5), late=minutes(10))
    at(hall, 54).take()
    at(hall, 56).take()
    at(hall, 62).take(segment="appointment", appointment=NINE + minutes(60))
    assert hall.call_all() == ["A001", "A003", "A002"]


def test_a_booked_time_is_a_moment_whatever_clock_it_was_read_from() -> None:
    hall = hall_with(lead=minutes(5))
    booked = (NINE + minutes(5)).astimezone(ZoneInfo("America/New_York"))
    assert hall.ticket(hall.take(segment="appointment", appointment=booked)).place == NINE


# --- why --------------------------------------------------------------------------------------


def test_why_names_policy_rule_and_how_many_waited_and_at_most_eight_candidates() -> None:
    lines = {(s, g) for s in ("cash", "cards", "wealth") for g in ("ordinary", "vip", "care")}
    hall = hall_with(version="2026-11", rule="arrival")
    for service, segment in sorted(lines):
        for _ in range(2):
            hall.later(seconds(1))
            hall.take(service, segment)
    call = hall.call()
    assert call is not None
    why = call.why
    assert why is not None
    assert (why.policy, why.rule, why.of) == ("2026-11", "arrival", 18)
    assert len(why.candidates) == 8
    assert why.chosen == why.candidates[0]
    found = (why.chosen.label, why.chosen.service, why.chosen.segment, why.chosen.waited_s)
    assert found == (call.label, call.service, call.segment, 17)


def test_why_counts_only_those_whom_the_counter_may_call() -> None:
    hall = hall_with(counter("cash", segments="ordinary"))
    for service, segment in (("cash", "ordinary"), ("cash", "vip"), ("cards", "ordinary")):
        hall.take(service, segment)
    call = hall.call()
    assert call is not None
    assert call.why is not None
    assert call.why.of == 1
