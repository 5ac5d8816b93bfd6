"""What is called better is better: chance alone is called so at most as often as promised."""

from datetime import date, timedelta
from itertools import product

import numpy as np
import numpy.typing as npt
import pytest

from head_office.history.change import pairs
from head_office.history.comparison import LEVEL, compared

NOVEMBER = (date(2026, 11, 2), date(2026, 11, 29))
# Wilcoxon's signed-rank test, two-sided 5 %: the largest sum that still is a difference, from printed tables
TABLE = {6: 0, 7: 2, 8: 3, 9: 5, 10: 8, 12: 13, 15: 25, 20: 52, 25: 89}
Rng = np.random.Generator


def days(values: npt.NDArray[np.float64], first: date) -> dict[date, float]:
    return {first + timedelta(days=n): float(value) for n, value in enumerate(values)}


def two_months(
    rng: Rng, *, change: float = 0.0, length: int = 28, weekly: float = 0.0
) -> dict[date, float]:
    """Daily mean waits in minutes: busy Mondays, bad days, and a change of the later ones."""
    week = weekly * np.tile([5.0, 1.0, 0.0, 0.0, 2.0, -3.0, -3.0], 2 * length)[: 2 * length]
    values = rng.lognormal(2.3, 0.5, 2 * length) + week
    values[length:] += change
    return days(values, NOVEMBER[0] - timedelta(days=length))


def month(length: int = 28) -> list[tuple[date, date]]:
    return pairs((NOVEMBER[0], NOVEMBER[0] + timedelta(days=length - 1)))


def test_every_day_is_paired_with_one_of_its_weekday_before_the_period() -> None:
    for length, weeks in ((1, 1), (5, 1), (7, 1), (8, 2), (28, 4), (30, 5)):
        found = month(length)
        assert len(found) == length
        assert {now - before for now, before in found} == {timedelta(weeks=weeks)}


def test_two_months_are_paired_weekday_by_weekday() -> None:
    june = (date(2026, 6, 1), date(2026, 6, 30))
    found = pairs((date(2026, 11, 1), date(2026, 11, 30)), june)
    assert all(now.weekday() == before.weekday() for now, before in found)
    assert len({before for _, before in found}) == len(found) >= 28
    assert (date(2026, 11, 2), date(2026, 6, 1)) in found


@pytest.mark.parametrize(("count", "largest"), TABLE.items())
def test_the_test_is_wilcoxons(count: int, largest: int) -> None:
    """Days whose differences are 1, 2, 3, … with just as many of the small ones against it as the table allows."""
    for against, told in ((largest, True), (largest + 1, False)):
        signs = np.ones(count)
        left = against
        for rank in range(count, 0, -1):
            if rank <= left:
                signs[rank - 1], left = -1, left - rank
        differences = signs * np.arange(1, count + 1)
        all_days = days(np.zeros(count), NOVEMBER[0] - timedelta(days=7 * -(-count // 7)))
        all_days |= days(differences, NOVEMBER[0])
        found = compared({"": all_days}, month(count), more_is_better=True)[""]
        assert (found.verdict != "cannot be told") is told
        assert found.days == count


def test_five_days_are_too_few_whatever_they_show() -> None:
    found = compared(
        {"": two_months(np.random.default_rng(1), change=-500, length=5)},
        month(5),
        more_is_better=False,
    )[""]
    assert (found.verdict, found.low, found.high) == ("cannot be told", None, None)


@pytest.mark.parametrize(
    ("more_is_better", "change", "verdict"),
    [(False, -9, "better"), (False, 9, "worse"), (True, 9, "better"), (True, -9, "worse")],
)
def test_a_great_change_is_told_which_way_it_goes(
    more_is_better: bool, change: float, verdict: str
) -> None:
    found = compared(
        {"": two_months(np.random.default_rng(2), change=change)},
        month(),
        more_is_better=more_is_better,
    )[""]
    assert found.verdict == verdict
    assert found.low is not None
    assert found.high is not None
    assert found.low <= change <= found.high


@pytest.mark.parametrize("length", [7, 14, 28])
@pytest.mark.parametrize("weekly", [0.0, 1.0])
def test_without_any_change_chance_is_called_one_as_rarely_as_promised(
    length: int, weekly: float
) -> None:
    rng, tries = np.random.default_rng(length), 1500
    called = sum(
        compared(
            {"": two_months(rng, length=length, weekly=weekly)}, month(length), more_is_better=False
        )[""].verdict
        != "cannot be told"
        for _ in range(tries)
    )
    assert called <= LEVEL * tries + 3 * np.sqrt(LEVEL * (1 - LEVEL) * tries)


def test_the_interval_holds_the_true_change_as_often_as_promised() -> None:
    rng, tries, held = np.random.default_rng(5), 1000, 0
    for _ in range(tries):
        found = compared({"": two_months(rng, change=-2)}, month(), more_is_better=False)[""]
        held += found.low is not None and found.high is not None and found.low <= -2 <= found.high
    assert held >= (1 - LEVEL) * tries - 3 * np.sqrt(LEVEL * (1 - LEVEL) * tries)


def test_in_a_list_of_many_branches_without_change_hardly_any_list_calls_one() -> None:
    rng, tries = np.random.default_rng(6), 60
    called = 0
    for _ in range(tries):
        rows = {str(n): two_months(rng) for n in range(100)}
        found = compared(rows, month(), more_is_better=False)
        called += any(one.verdict != "cannot be told" for one in found.values())
    assert called <= LEVEL * tries + 3 * np.sqrt(LEVEL * (1 - LEVEL) * tries)


def test_of_those_that_are_called_in_a_list_few_are_chance() -> None:
    """Twenty of a hundred have become better."""
    rng, false, called = np.random.default_rng(7), 0, 0
    for _ in range(30):
        rows = {str(n): two_months(rng, change=-8 if n < 20 else 0) for n in range(100)}
        found = {
            name: one
            for name, one in compared(rows, month(), more_is_better=False).items()
            if one.verdict != "cannot be told"
        }
        called += len(found)
        false += sum(int(name) >= 20 or one.verdict == "worse" for name, one in found.items())
    assert called > 300
    assert false <= LEVEL * called


def test_the_words_never_contradict_the_interval() -> None:
    rng = np.random.default_rng(8)
    for changed, of in product((0, 5, 30), (1, 50)):
        rows = {str(n): two_months(rng, change=-6 if n < changed else 0) for n in range(of)}
        for one in compared(rows, month(), more_is_better=False).values():
            outside = one.low is not None and one.high is not None and (one.low > 0 or one.high < 0)
            assert outside is (one.verdict != "cannot be told")


def test_days_that_are_not_there_on_both_sides_do_not_count() -> None:
    values = two_months(np.random.default_rng(9))
    for n in (0, 3, 30):
        del values[NOVEMBER[0] - timedelta(days=28) + timedelta(days=n)]
    found = compared({"": values}, month(), more_is_better=False)[""]
    assert found.days == 28 - 3 + (30 - 28 in (0, 3))
