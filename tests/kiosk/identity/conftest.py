"""Engines, opened once for all tests of a process."""

import pytest

from kiosk.identity.engine import ENGINES, Engine, open_engine


@pytest.fixture(scope="session")
def opencv() -> Engine:
    return open_engine("opencv")


@pytest.fixture(scope="session", params=ENGINES)
def engine(request) -> Engine:
    """Each engine in turn: what one promises, the other promises."""
    return open_engine(request.param)
