"""A mistake of ours: counted with a clock that the test moves, logged without what a customer gave."""

import asyncio
import io
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from kiosk import mishaps
from kiosk.mishaps import Mishaps, WithoutValues, places
from tests.conftest import ROOT

CARD = "6222021234567890128"


def caught(fails: Callable[[], object]) -> BaseException:
    with pytest.raises(Exception) as found:  # noqa: PT011  any
        fails()
    return found.value


def reads_card() -> None:
    raise ValueError(f"no such card: {CARD}")


def looks_up() -> object:
    return {}[CARD]


def wraps() -> None:
    try:
        looks_up()
    except KeyError as error:
        raise RuntimeError(f"{CARD} is unknown") from error


class Kiosk:
    def __init__(self) -> None:
        self.now = 500.0
        self._mishaps = Mishaps(lambda: self.now)

    def fails(self, *after_s: float) -> list[bool]:
        ends = []
        for seconds in after_s:
            self.now += seconds
            ends.append(self._mishaps.happened(caught(reads_card)))
        return ends


def test_three_in_a_minute_are_borne_and_the_fourth_ends_it() -> None:
    assert Kiosk().fails(0, 20, 20, 19) == [False, False, False, True]


def test_four_that_take_longer_are_borne_for_ever() -> None:
    assert not any(Kiosk().fails(*[20.1] * 100))


def test_a_storm_after_a_quiet_month_ends_it_as_well() -> None:
    assert Kiosk().fails(0, 2_600_000, 0, 0, 0) == [False, False, False, False, True]


def test_its_kind_and_its_place_are_logged_and_no_value(caplog: pytest.LogCaptureFixture) -> None:
    Mishaps(lambda: 0.0).happened(caught(wraps))
    assert "RuntimeError\n  tests/kiosk/test_mishaps.py:" in caplog.text
    assert "after KeyError" in caplog.text
    assert " looks_up" in caplog.text
    assert CARD not in caplog.text


def test_the_whole_way_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    kiosk = Kiosk()
    kiosk.fails(0, 100, 100)
    first, *again = [record.getMessage() for record in caplog.records]
    assert "reads_card" in first
    assert [line.count("\n") for line in again] == [0, 0]
    assert "3. time: ValueError" in again[-1]


def test_which_error_of_the_system_it_was_is_said_without_its_path() -> None:
    error = caught(lambda: open(f"/nowhere/{CARD}"))  # noqa: SIM115
    assert places(error)[0] == "FileNotFoundError (No such file or directory)"
    assert CARD not in "".join(places(error))


def test_those_of_a_group_are_all_named() -> None:
    group = ExceptionGroup(CARD, [ValueError(CARD), KeyError(CARD)])
    assert [line for line in places(group) if not line.startswith(" ")] == [
        "ExceptionGroup", "after ValueError", "after KeyError",
    ]  # fmt: skip


def test_a_circle_of_causes_has_an_end() -> None:
    error = ValueError()
    error.__cause__ = KeyError()
    error.__cause__.__cause__ = error
    assert places(error) == ["ValueError", "after KeyError"]


@pytest.fixture
def written() -> Iterator[Callable[[], str]]:
    """What a handler with our formatter writes."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(WithoutValues("%(levelname)s %(message)s"))
    logging.getLogger().addHandler(handler)
    yield out.getvalue
    logging.getLogger().removeHandler(handler)


def test_whoever_logs_an_exception_logs_no_value(written: Callable[[], str]) -> None:
    try:
        wraps()
    except RuntimeError:
        logging.getLogger("a.library").exception("it failed")
    assert written().startswith("ERROR it failed\nRuntimeError\n")
    assert CARD not in written()


def test_what_asyncio_tells_of_has_no_value() -> None:
    told: list[BaseException] = []

    async def story() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: told.append(mishaps.of_loop(context)))
        loop.call_soon(reads_card)
        loop.call_exception_handler({"message": CARD})
        await asyncio.sleep(0)

    asyncio.run(story())
    assert [type(error) for error in told] == [RuntimeError, ValueError]
    assert CARD not in str(told[0])


@pytest.mark.parametrize("thread", [False, True], ids=["main thread", "another thread"])
def test_what_nobody_catches_is_written_without_values(thread: bool) -> None:
    program = (
        "import logging, threading, time\nfrom kiosk import mishaps\n"
        "logging.basicConfig()\nmishaps.catch_all()\n"
        f"def read(): raise ValueError('{CARD}')\n"
        + ("t = threading.Thread(target=read); t.start(); t.join()" if thread else "read()")
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == (0 if thread else 1)
    assert "ValueError\n" in done.stderr
    assert " read" in done.stderr
    assert CARD not in done.stderr


@pytest.mark.parametrize(("most", "left"), [(-1, "1"), (10_000, "1"), (0, "0")])
def test_no_crash_leaves_a_core_also_where_none_may_be_left_already(most: int, left: str) -> None:
    """As an ordinary user, who cannot raise a limit."""
    script = (
        "import os, resource\nfrom kiosk.mishaps import leave_no_core\n"
        f"resource.setrlimit(resource.RLIMIT_CORE, ({min(most, 0)}, {most}))\n"
        "os.geteuid() or os.setuid(65534)\nleave_no_core()\n"
        "print(*resource.getrlimit(resource.RLIMIT_CORE))"
    )
    program = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert program.stdout.split() == [left, left]
