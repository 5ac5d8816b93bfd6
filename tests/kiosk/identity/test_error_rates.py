"""Intervals and thresholds against values worked out elsewhere."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kiosk.identity.error_rates import refused, threshold_at, wilson


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (0, 102, 0.0, 0.0363),  # as published for 0 of 102
        (2, 3000, 0.0002, 0.0024),
        (10, 100, 0.0552, 0.1744),  # the textbook example
        (5, 5, 0.5655, 1.0),
    ],
)
def test_wilson(count: int, of: int, low: float, high: float) -> None:
    assert wilson(count, of) == pytest.approx((low, high), abs=1e-4)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=300),
    st.sampled_from([1e-2, 1e-1, 0.5]),
)
def test_no_more_impostors_than_allowed_pass(likenesses, rate: float) -> None:
    impostors = np.array(likenesses)
    threshold = threshold_at(rate, impostors)
    if threshold is None:
        assert rate * len(impostors) < 1
    else:
        passed = len(impostors) - refused(threshold, impostors)
        assert passed <= rate * len(impostors)


def test_as_many_as_allowed_pass_where_all_differ() -> None:
    impostors = np.linspace(0, 1, 1000)
    threshold = threshold_at(0.01, impostors)
    assert threshold is not None
    assert len(impostors) - refused(threshold, impostors) == 10
