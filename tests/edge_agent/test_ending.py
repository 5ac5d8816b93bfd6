"""Whoever is told to end ends, also when something has happened in the same moment."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from msgspec import structs

from edge_agent import settings as branch_settings
from edge_agent.branch import Branch, open_branch
from program.bell import Bell, heard
from tests.conftest import ROOT

TURNS = range(5)  # of the event loop, between the news and the end
PATIENCE_S = 1.0


async def ends(task: asyncio.Task[None], turns: int) -> bool:
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=PATIENCE_S)
    while not task.done():
        task.cancel()
        await asyncio.sleep(0.01)
    return bool(done)


@pytest.mark.parametrize("turns", TURNS)
def test_who_waits_for_a_bell_ends_though_it_has_just_rung(turns: int) -> None:
    async def follow(bell: Bell) -> None:
        while True:
            await heard(bell.next(), 10)

    async def story() -> bool:
        bell = Bell()
        task = asyncio.create_task(follow(bell))
        await asyncio.sleep(0.01)
        bell.ring()
        return await ends(task, turns)

    assert asyncio.run(story())


def branch(folder: Path) -> Branch:
    demo = branch_settings.load(
        ROOT / "config/demo/branch.toml", listen=None, data=folder, broker=None
    )
    settings = structs.replace(demo, appointments=None, devices=[])
    return open_branch(settings, lambda: datetime.now(UTC), time.monotonic, Random(1))


@pytest.mark.parametrize("turns", TURNS)
def test_the_desk_ends_though_a_wish_has_just_come(tmp_path: Path, turns: int) -> None:
    async def story() -> bool:
        desk = asyncio.create_task(opened.desk.run())
        await asyncio.sleep(0.01)
        wish = asyncio.create_task(opened.desk.record(lambda _journal: None))
        await asyncio.sleep(0)
        ended = await ends(desk, turns)
        wish.cancel()
        return ended

    opened = branch(tmp_path)
    try:
        assert asyncio.run(story())
    finally:
        opened.close()
