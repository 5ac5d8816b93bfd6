"""What takes time: an error is told once, and the kiosk ends with what it cannot do without."""

import asyncio
import gc
import weakref
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from kiosk.under_way import UnderWay


class Heard:
    """In the app's place."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.ends = 0
        self.under_way = UnderWay(lambda error: self.errors.append(str(error)), self._end)

    def _end(self) -> None:
        self.ends += 1


@pytest.fixture
def heard() -> Heard:
    return Heard()


async def end() -> None:
    await asyncio.sleep(0)


async def fail() -> None:
    await asyncio.sleep(0)
    raise OSError("no disk")


async def until_nothing_runs() -> None:
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0)
    await asyncio.sleep(0)  # the call-backs


@pytest.mark.parametrize(
    ("work", "lasting", "errors", "ends"),
    [
        (end, False, [], 0),
        (fail, False, ["no disk"], 0),
        (fail, True, ["no disk"], 1),
        (end, True, [], 1),
    ],
)
def test_the_kiosk_ends_with_what_lasts_however_that_ended(
    heard: Heard,
    work: Callable[[], Coroutine[Any, Any, None]],
    lasting: bool,
    errors: list[str],
    ends: int,
) -> None:
    async def run() -> None:
        heard.under_way.begin(work(), lasting=lasting)
        await until_nothing_runs()

    asyncio.run(run())
    assert (heard.errors, heard.ends) == (errors, ends)


def test_what_is_cancelled_is_no_mishap(heard: Heard) -> None:
    async def run() -> None:
        heard.under_way.begin(asyncio.sleep(60), lasting=True)
        await asyncio.sleep(0)
        heard.under_way.cancel()
        await until_nothing_runs()

    asyncio.run(run())
    assert (heard.errors, heard.ends) == ([], 0)


class Slip:
    """Something that work holds."""


@pytest.mark.parametrize("lasting", [False, True])
def test_nothing_of_it_is_kept_when_it_has_ended(heard: Heard, lasting: bool) -> None:
    async def work(slip: Slip) -> None:
        await asyncio.sleep(0)
        assert slip

    async def run() -> None:
        slip = Slip()
        kept = weakref.ref(slip)
        heard.under_way.begin(work(slip), lasting=lasting)
        del slip
        await until_nothing_runs()
        gc.collect()
        assert kept() is None

    asyncio.run(run())
