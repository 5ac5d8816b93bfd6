"""Reasons of a rating, suggestions and complaints, and how many visits were rated: the rules alone."""

from datetime import date
from typing import Any

import pytest

from edge_agent.branch_queue import opinions
from edge_agent.branch_queue.facts import OpinionAnswered, OpinionGiven
from edge_agent.branch_queue.queue import Scores
from tests.branch_queue.hall import Hall, kinds, rebuilt, rules

RULES = rules(
    reasons={"slow": frozenset({1, 2}), "fair": frozenset({2, 4, 5}), "kind": frozenset({5})},
    topics={"hall": ("seats", "cold"), "staff": ("praise",)},
)


@pytest.fixture
def hall() -> Hall:
    return Hall(RULES)


def give(hall: Hall, opinion: str = "o1", topic: str = "hall", *phrases: str) -> OpinionGiven:
    wish: dict[str, Any] = {"opinion": opinion, "topic": topic, "phrases": phrases or ("seats",)}
    facts = opinions.give(hall.queue, hall.rules, hall.now, language="en", **wish)
    hall.do(facts)
    return facts[0]


def answer(hall: Hall, opinion: str = "o1") -> OpinionAnswered:
    facts = opinions.answer(hall.queue, hall.now, opinion)
    hall.do(facts)
    return facts[0]


def served(hall: Hall) -> str:
    ticket = hall.take()
    for press in ("call_next", "start", "finish"):
        hall.press(press)
    return ticket


# --- why a visit was rated so ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "reasons"), [(1, []), (1, ["slow"]), (2, ["slow", "fair"]), (5, ["kind", "fair"])]
)
def test_reasons_offered_with_the_score_may_be_given(score: int, reasons: list[str]) -> None:
    opinions.check_reasons(RULES, score, reasons)


@pytest.mark.parametrize(
    ("score", "reasons"),
    [(5, ["slow"]), (1, ["kind"]), (3, ["fair"]), (2, ["fair", "unheard-of"]), (5, ["kind"] * 2)],
)
def test_other_reasons_are_refused(hall: Hall, score: int, reasons: list[str]) -> None:
    refusal = hall.refused(lambda: opinions.check_reasons(RULES, score, reasons))
    assert refusal.name == "unusable-wish"


def test_the_refusal_says_what_is_offered_with_this_score(hall: Hall) -> None:
    said = str(hall.refused(lambda: opinions.check_reasons(RULES, 5, ["slow"])))
    assert "fair, kind" in said


# --- how many were rated -----------------------------------------------------------------------


def test_ratings_are_counted_with_their_scores(hall: Hall) -> None:
    for score in (5, 2, 4):
        hall.rate(served(hall), score)
    served(hall)
    assert hall.queue.day.scores == Scores(rated=3, total=11)


def test_yesterdays_ratings_do_not_count_today(hall: Hall) -> None:
    hall.rate(served(hall), 5)
    assert hall.queue.following(date(2026, 3, 3)).day.scores == Scores()


# --- suggestions and complaints ----------------------------------------------------------------


def test_opinions_have_numbers_of_their_own(hall: Hall) -> None:
    hall.take()
    assert [give(hall, one).label for one in ("o1", "o2")] == ["S001", "S002"]
    assert hall.ticket(hall.take()).label == "A002"


def test_the_numbers_begin_anew_each_day_and_whoever_waits_for_an_answer_is_kept(
    hall: Hall,
) -> None:
    give(hall)
    give(hall, "o2")
    answer(hall, "o1")
    hall.queue = hall.queue.following(date(2026, 3, 3))
    assert hall.queue.day.open_opinions == {"o2": "S002"}
    assert give(hall, "o3").label == "S001"
    assert answer(hall, "o2").label == "S002"


@pytest.mark.parametrize(
    ("topic", "phrases"),
    [("weather", ("seats",)), ("hall", ("praise",)), ("hall", ("cold", "cold"))],
)
def test_what_the_branch_does_not_offer_is_refused(
    hall: Hall, topic: str, phrases: tuple[str, ...]
) -> None:
    refusal = hall.refused(lambda: give(hall, "o1", topic, *phrases))
    assert refusal.name == "unusable-wish"
    assert not hall.queue.day.open_opinions


def test_a_branch_without_topics_takes_none() -> None:
    hall = Hall(rules())
    assert "none" in str(hall.refused(lambda: give(hall)))


def test_an_opinion_is_answered_once(hall: Hall) -> None:
    give(hall)
    assert kinds((answer(hall),)) == ["OpinionAnswered"]
    assert hall.refused(lambda: answer(hall)).name == "already-answered"


def test_what_is_taken_back_was_never_given(hall: Hall) -> None:
    give(hall)
    hall.queue.keep()
    mark = hall.queue.mark()
    give(hall, "o2")
    answer(hall, "o1")
    hall.queue.roll_back(mark)
    assert hall.queue.day.open_opinions == {"o1": "S001"}
    assert give(hall, "o3").label == "S002"


def test_the_journal_gives_back_every_opinion(hall: Hall) -> None:
    give(hall, "o1", "hall", "cold", "seats")
    give(hall, "o2")
    answer(hall, "o2")
    again = rebuilt(hall.queue.business_day, hall.facts)
    assert again.day == hall.queue.day
