"""Nobody hoards tickets: limits for kiosks and cards."""

import pytest

from edge_agent.branch_queue.refusals import Refusal
from edge_agent.branch_queue.rules import Limits
from tests.branch_queue.hall import MONDAY, Hall, minutes, rebuilt, rules, seconds


def hall_with(**limits: int) -> Hall:
    return Hall(rules(limits=Limits(**limits)))


def test_without_limits_everybody_gets_as_many_as_they_like() -> None:
    hall = Hall()
    for _ in range(200):
        hall.take(kiosk="k1", customer_token="card")
    assert len(hall.queue.waiting()) == 200


def test_a_kiosk_gives_so_many_tickets_a_minute() -> None:
    hall = hall_with(per_kiosk_a_minute=3)
    for _ in range(3):
        hall.take(kiosk="k1")
        hall.later(seconds(10))
    refusal = hall.refused(lambda: hall.take(kiosk="k1"))
    assert refusal.name == "too-many-tickets"
    hall.take(kiosk="k2")
    hall.take()


def test_the_minute_of_a_kiosk_moves_on() -> None:
    hall = hall_with(per_kiosk_a_minute=2)
    hall.take(kiosk="k1")
    hall.later(seconds(40))
    hall.take(kiosk="k1")
    hall.later(seconds(21))
    hall.take(kiosk="k1")
    assert hall.refused(lambda: hall.take(kiosk="k1")).name == "too-many-tickets"
    hall.later(seconds(40))
    hall.take(kiosk="k1")


def test_in_no_minute_does_a_kiosk_give_more() -> None:
    hall = hall_with(per_kiosk_a_minute=5)
    given = []
    for _ in range(600):
        hall.later(seconds(3))
        try:
            hall.take(kiosk="k1")
        except Refusal:
            continue
        given.append(hall.now)
    assert all(later - first >= minutes(1) for first, later in zip(given, given[5:], strict=False))
    assert len(given) == 5 * 30


@pytest.mark.parametrize("limit", [1, 2])
def test_a_card_has_so_many_open_tickets(limit: int) -> None:
    hall = hall_with(per_card_open=limit)
    for _ in range(limit):
        hall.take(customer_token="card")
    assert hall.refused(lambda: hall.take(customer_token="card")).name == "too-many-tickets"
    hall.take(customer_token="another card")
    hall.take()


@pytest.mark.parametrize(
    "presses", [[], ["call_next"], ["call_next", "start"], ["call_next", "park"]]
)
def test_a_ticket_is_open_until_it_is_over(presses: list[str]) -> None:
    hall = hall_with(per_card_open=1)
    hall.take(customer_token="card")
    for press in presses:
        hall.press(press)
    assert hall.refused(lambda: hall.take(customer_token="card")).name == "too-many-tickets"


@pytest.mark.parametrize("presses", [["call_next", "start", "finish"], ["call_next", "miss"]])
def test_a_card_gets_a_new_ticket_when_the_old_one_is_over(presses: list[str]) -> None:
    hall = hall_with(per_card_open=1)
    hall.take(customer_token="card")
    for press in presses:
        hall.press(press)
    hall.take(customer_token="card")


def test_a_card_gets_a_new_ticket_after_a_cancellation() -> None:
    hall = hall_with(per_card_open=1)
    hall.cancel(hall.take(customer_token="card"))
    hall.take(customer_token="card")


def test_a_card_gets_so_many_tickets_a_day_whatever_became_of_them() -> None:
    hall = hall_with(per_card_a_day=3)
    for _ in range(3):
        hall.later(minutes(90))
        hall.cancel(hall.take(customer_token="card"))
    assert hall.refused(lambda: hall.take(customer_token="card")).name == "too-many-tickets"
    hall.take(customer_token="another card")


def test_the_limits_of_a_card_end_with_the_day() -> None:
    hall = hall_with(per_card_a_day=1, per_card_open=1)
    hall.take(customer_token="card")
    hall.end_day()
    hall.queue = hall.queue.following(hall.queue.business_day)
    hall.take(customer_token="card")


def test_a_refused_ticket_does_not_count() -> None:
    hall = hall_with(per_kiosk_a_minute=1, per_card_a_day=1)
    for _ in range(3):
        hall.refused(lambda: hall.take("loans", kiosk="k1", customer_token="card"))
    hall.take(kiosk="k1", customer_token="card")


def test_the_limits_hold_after_a_restart() -> None:
    hall = hall_with(per_kiosk_a_minute=1, per_card_open=1)
    hall.take(kiosk="k1", customer_token="card")
    hall.queue = rebuilt(MONDAY, hall.facts)
    assert hall.refused(lambda: hall.take(kiosk="k1")).name == "too-many-tickets"
    assert hall.refused(lambda: hall.take(customer_token="card")).name == "too-many-tickets"
