"""How often somebody may try to be a card's owner: the rule, and that no restart, kill or clock gives more tries."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from kiosk.identity.limits import LIMITS, why_not
from kiosk.identity.tries import FILE, Session, Tries, TriesUnusable
from tests.conftest import ROOT

NOON = datetime(2026, 11, 26, 4, tzinfo=UTC)
A_MINUTE, AN_HOUR, A_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24)


class World:
    """A kiosk with a clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOON
        self.tries = self.started()

    def started(self) -> Tries:
        return Tries(self.folder, lambda: self.now)

    def restart(self) -> None:
        self.tries.close()
        self.tries = self.started()

    def fails(self, customer: str, times: int, session: Session | None = None) -> Session:
        session = session or self.tries.session(customer)
        for _ in range(times):
            session.end(session.begin(), "failed")
        return session

    def later(self, time: timedelta) -> None:
        self.now += time


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.tries.close()


# --- the rule --------------------------------------------------------------------------------


def test_nist_allows_more_than_a_kiosk_does() -> None:
    assert LIMITS.session_tries == 3
    assert LIMITS.customer_failures <= 5  # then it begins to delay; 50 in all


@given(st.lists(st.integers(0, 100_000), max_size=30), st.integers(0, 6))
def test_more_failures_never_allow_more(seconds: list[int], session_tries: int) -> None:
    failures = [NOON - timedelta(seconds=one) for one in sorted(seconds, reverse=True)]
    if why_not(LIMITS, NOON, session_tries, failures, failures):
        one_more = [*failures, NOON]
        assert why_not(LIMITS, NOON, session_tries, one_more, one_more)
        assert why_not(LIMITS, NOON, session_tries + 1, failures, failures)


def test_the_kiosks_limit_is_said_before_the_customers() -> None:
    assert why_not(LIMITS, NOON, 9, [NOON] * 10, [NOON] * 10) == "kiosk"


# --- kept ------------------------------------------------------------------------------------


def test_three_tries_a_session(world: World) -> None:
    session = world.tries.session("a")
    for _ in range(3):
        assert session.why_not() == ""
        session.end(session.begin(), "undecided")
    assert session.why_not() == "session"
    with pytest.raises(PermissionError):
        session.begin()
    assert world.tries.session("a").why_not() == ""


def test_five_failures_in_a_row_are_for_staff_at_any_session(world: World) -> None:
    world.fails("a", 3)
    world.fails("a", 2)
    assert world.tries.session("a").why_not() == "customer"
    assert world.tries.session("b").why_not() == ""


def test_a_success_ends_the_row(world: World) -> None:
    session = world.fails("a", 2)
    session.end(session.begin(), "passed")
    world.fails("a", 3)
    assert world.tries.session("a").why_not() == ""


def test_what_could_not_be_judged_is_no_failure(world: World) -> None:
    for _ in range(5):
        session = world.tries.session("a")
        for _ in range(3):
            session.end(session.begin(), "undecided")
    assert world.tries.session("a").why_not() == ""
    assert world.tries.counts() == (0, 0)


def test_a_day_after_the_last_failure_a_customer_starts_afresh_and_is_forgotten(
    world: World,
) -> None:
    world.fails("a", 3)
    world.later(A_DAY - A_MINUTE)
    world.fails("a", 2)
    world.later(A_DAY - A_MINUTE)
    assert world.tries.session("a").why_not() == "customer"
    world.later(2 * A_MINUTE)
    assert world.tries.session("a").why_not() == ""
    assert world.tries.counts() == (0, 0)


def test_somebody_with_several_cards_stops_the_kiosk_for_an_hour(world: World) -> None:
    for customer in "abcde":
        world.fails(customer, 2)
    assert world.tries.session("f").why_not() == "kiosk"
    world.later(AN_HOUR)
    assert world.tries.session("f").why_not() == ""


def test_staff_may_reset_one_customer_or_all(world: World) -> None:
    for customer in "ab":
        world.fails(customer, 3)
        world.fails(customer, 2)
    assert world.tries.reset("a") == 5
    assert world.tries.session("a").why_not() == ""
    assert world.tries.session("b").why_not() == "customer"
    assert world.tries.reset() == 5
    assert world.tries.counts() == (0, 0)


def test_a_restart_gives_no_tries_back(world: World) -> None:
    world.fails("a", 3)
    world.restart()
    world.fails("a", 2)
    world.restart()
    assert world.tries.session("a").why_not() == "customer"


def test_a_clock_that_is_turned_back_gives_no_tries_back(world: World) -> None:
    world.fails("a", 3)
    world.fails("a", 2)
    world.later(-365 * A_DAY)
    assert world.tries.session("a").why_not() == "customer"


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from kiosk.identity.tries import Tries
tries = Tries(Path(sys.argv[1]), lambda: datetime(2026, 11, 26, 4, tzinfo=UTC))
tries.session("a").begin()
os.kill(os.getpid(), signal.SIGKILL)  # while the customer is being looked at
"""


def test_a_pulled_plug_uses_the_try_up(tmp_path: Path) -> None:
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, check=False, timeout=30
        )
        assert done.returncode == -signal.SIGKILL
    tries = Tries(tmp_path, lambda: NOON)
    assert tries.session("a").why_not() == "customer"


@pytest.fixture
def damaged(tmp_path: Path) -> Callable[[bytes], Path]:
    def damage(content: bytes) -> Path:
        (tmp_path / FILE).write_bytes(content)
        return tmp_path

    return damage


def test_a_file_that_is_none_lets_nobody_try(damaged: Callable[[bytes], Path]) -> None:
    with pytest.raises(TriesUnusable, match="staff look"):
        Tries(damaged(b"no database at all, by no means" * 200), lambda: NOON)
