"""What the branch says of its own estimates: told, and kept or not."""

import pytest

from edge_agent.branch_queue.ticket import Wait
from tests.branch_queue.hall import Hall, minutes, seconds

FIVE_TO_TEN = Wait(300, 420, 600)
NONE, SHORT = Wait(0, 0, 0), Wait(0, 0, 30)


@pytest.mark.parametrize(
    ("promised", "waited_s", "kept"),
    [
        (FIVE_TO_TEN, 299, 0),
        (FIVE_TO_TEN, 300, 1),
        (FIVE_TO_TEN, 600, 1),
        (FIVE_TO_TEN, 601, 0),
        (NONE, 0, 1),
        (NONE, 7, 1),
        (NONE, 60, 1),
        (NONE, 61, 0),
        (SHORT, 59, 1),
        (SHORT, 90, 0),
    ],
)
def test_a_promise_is_kept_within_its_range_and_within_a_minute_where_none_was_told(
    promised: Wait, waited_s: int, kept: int
) -> None:
    hall = Hall()
    hall.take(promised=promised)
    hall.later(seconds(waited_s))
    hall.call()
    found = hall.queue.day.accuracy
    assert (found.promises, found.within) == (1, kept)
    assert found.error_s == abs(waited_s - promised.likely_s)


def test_only_the_first_call_counts_and_who_was_told_nothing_does_not() -> None:
    hall = Hall()
    hall.take(promised=FIVE_TO_TEN)
    hall.take(promised=None)
    hall.later(minutes(6))
    hall.call()
    for move in ("recall", "recall", "miss"):
        hall.later(minutes(1))
        hall.press(move)
    hall.call()
    assert hall.queue.day.accuracy.promises == 1
