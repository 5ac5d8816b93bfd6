"""A page that hears nothing for 25 s takes its line for lost: streams say that they are there, whoever else makes news."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from head_office.access import Person, Role
from head_office.board.routes import follow_one
from head_office.board.steps import Steps
from head_office.office import Office
from head_office.picture import Picture
from head_office.web import follow
from program.bell import Bell

EAST = Person("east", Role.MANAGER, ("East",))
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
STILL_S = 0.1


def busy_office() -> Any:
    picture = Picture()
    return SimpleNamespace(
        picture=picture,
        bell=Bell(),
        steps=Steps(picture, lambda: NOON),
        alerts=SimpleNamespace(version=0, open=lambda _person: {}),
        closed=False,
        following=0,
    )


async def hears_still(office: Any, stream: AsyncIterator[bytes]) -> bool:
    async def make_news() -> None:
        while True:
            office.picture.alert("elsewhere", "cloned", NOON)
            office.bell.ring()
            office.steps.bell.ring()
            await asyncio.sleep(STILL_S / 5)

    news = asyncio.create_task(make_news())
    try:
        async with asyncio.timeout(30 * STILL_S):
            async for frame in stream:
                if b'"Still"' in frame:
                    return True
    except TimeoutError:
        pass
    finally:
        news.cancel()
    return False


@pytest.mark.parametrize("which", ["all", "one"])
def test_a_stream_is_never_dumb(which: str) -> None:
    async def listen() -> bool:
        office = busy_office()
        known = cast(Office, office)
        if which == "all":
            return await hears_still(office, follow(known, EAST, None, STILL_S))
        return await hears_still(office, follow_one(known, EAST, "bund", STILL_S))

    assert asyncio.run(listen())
