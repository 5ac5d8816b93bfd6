"""Who ends is started anew, and said once; whoever started them ends them."""

import asyncio
import logging
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from head_office.intake.crew import Crew


async def until(look: Callable[[], object], what: str) -> None:
    try:
        async with asyncio.timeout(20):
            while not look():
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"waited in vain for {what}")


def test_one_that_ends_at_once_is_started_again_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lives = tmp_path / "lives"
    crew = Crew([sys.executable, "-c", f"open({str(lives)!r}, 'a').write('x')"], 1)

    async def watch() -> None:
        running = asyncio.ensure_future(crew.run())
        await until(lambda: lives.exists() and len(lives.read_text()) >= 3, "three lives")
        running.cancel()
        await asyncio.wait([running])

    with caplog.at_level(logging.ERROR):
        asyncio.run(watch())
    assert [record.message for record in caplog.records] == [
        "Intake process 1 has ended (status 0). It is started anew."
    ]


def test_they_end_with_whoever_started_them(tmp_path: Path) -> None:
    code = f"import sys; print(open({str(tmp_path / 'up')!r}, 'w').close()); sys.stdin.read(); open({str(tmp_path / 'down')!r}, 'w')"
    crew = Crew([sys.executable, "-c", code], 1)

    async def watch() -> None:
        running = asyncio.ensure_future(crew.run())
        await until((tmp_path / "up").exists, "the start")
        running.cancel()
        await asyncio.wait([running])

    asyncio.run(watch())
    assert (tmp_path / "down").exists()


def test_a_program_that_is_not_there_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def watch() -> None:
        running = asyncio.ensure_future(Crew(["/nowhere/at/all"], 1).run())
        await until(lambda: caplog.records, "a word of it")
        assert not running.done()
        running.cancel()
        await asyncio.wait([running])

    with caplog.at_level(logging.ERROR):
        asyncio.run(watch())
