"""One play is good for all who would stand at the same place, and for nobody else."""

from random import Random
from unittest.mock import patch

import pytest

from edge_agent.branch_queue.estimate import Forecast
from edge_agent.branch_queue.play import Play
from edge_agent.branch_queue.rules import CallingOrder, CounterRule
from edge_agent.branch_queue.ticket import Wait
from tests.branch_queue.hall import Hall, counter, minutes, rules, seconds

BOTH = counter("cash", "cards")
ALIKE = {"1": BOTH, "2": BOTH}
SPLIT = {"1": counter("cash"), "2": counter("cards")}
TARGETS = {("cash", "*"): minutes(5), ("*", "*"): minutes(20)}


def busy_hall(counters: dict[str, CounterRule], order: CallingOrder | None = None) -> Hall:
    """Cash takes 2 minutes and cards 6; somebody is served everywhere, and some wait."""
    hall = Hall(rules(counters=counters, order=order or CallingOrder()))
    for at, service, turn in (("1", "cash", 120), ("2", "cards", 360)):
        for _ in range(5):
            hall.take(service)
            hall.press("call_next", at)
            hall.press("start", at)
            hall.later(seconds(turn))
            hall.press("finish", at)
    for at, service in (("1", "cash"), ("2", "cards")):
        hall.take(service)
        hall.press("call_next", at)
    for service in ("cash", "cash", "cards"):
        hall.take(service)
    return hall


def asked(hall: Hall, *whom: tuple[str, str]) -> tuple[list[Wait | None], int]:
    """What these newcomers are told, and how often that was played."""
    forecast = Forecast(hall.rules, Random(7))
    with patch.object(Play, "played", autospec=True, side_effect=Play.played) as plays:
        told = [
            forecast.newcomer(hall.queue, hall.now, service, segment, hall.now)
            for service, segment in whom
        ]
    return told, plays.call_count


CASH, CARDS, CASH_VIP = ("cash", "ordinary"), ("cards", "ordinary"), ("cash", "vip")


@pytest.mark.parametrize(
    ("counters", "order", "whom", "plays"),
    [
        (ALIKE, None, (CASH, CASH), 1),
        (ALIKE, None, (CASH, CARDS, CASH, CARDS), 1),
        (ALIKE, None, (CASH, CASH_VIP), 2),  # by head start a VIP has fewer before them
        (ALIKE, CallingOrder(rule="arrival"), (CASH, CASH_VIP), 1),
        (ALIKE, CallingOrder(rule="deadline", targets=TARGETS), (CASH, CARDS), 2),
        (SPLIT, None, (CASH, CARDS), 2),
    ],
)
def test_only_those_who_would_stand_at_the_same_place_share_a_play(
    counters: dict[str, CounterRule],
    order: CallingOrder | None,
    whom: tuple[tuple[str, str], ...],
    plays: int,
) -> None:
    assert asked(busy_hall(counters, order), *whom)[1] == plays


def test_each_service_is_told_by_its_own_turns() -> None:
    """Few turns of very different length: the range of this service is wider, whatever was played."""
    hall = busy_hall(ALIKE)
    for turn in (5, 1500):
        hall.press("start", "1")
        hall.later(seconds(turn))
        hall.press("call_next", "1")
    for _ in range(6):
        hall.take("cards")
    (cash, cards), plays = asked(hall, CASH, CARDS)
    assert plays == 1
    assert cash is not None
    assert cards is not None
    assert cash.high_s - cash.low_s > cards.high_s - cards.low_s


def test_a_shared_play_tells_what_an_own_one_would() -> None:
    hall = busy_hall(ALIKE)
    for _ in range(10):
        hall.take("cards")
    (_, shared), _ = asked(hall, CASH, CARDS)
    (own,), _ = asked(hall, CARDS)
    assert shared is not None
    assert own is not None
    assert shared.likely_s == pytest.approx(own.likely_s, rel=0.1)
