"""Requests that come while the desk is about to write share its one sync: a slow disk is not asked once for each."""

import asyncio
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from pathlib import Path

from edge_agent import answers
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue
from tests.edge_agent.conftest import branch_at

BEGUN = datetime(2026, 11, 25, 9, tzinfo=UTC)


def test_what_comes_while_the_first_is_taken_is_written_with_it(tmp_path: Path) -> None:
    """The clock is read once for what is written at once."""
    written_at = asyncio.run(written(tmp_path))
    assert len(set(written_at)) == 1, written_at


async def written(folder: Path) -> list[datetime]:
    """When three that come a turn of the loop apart were written."""
    seconds = count()
    written_at: list[datetime] = []

    def decide(_queue: BranchQueue, now: datetime) -> Facts:
        written_at.append(now)
        return ()

    def say(_queue: BranchQueue, _facts: Facts, _now: datetime) -> answers.Answer:
        return answers.answer(HTTPStatus.OK, {})

    async with branch_at(folder, lambda: BEGUN + timedelta(seconds=next(seconds))) as (branch, _):
        await branch.desk.ask(decide, say, None)

        async def comes_after(turns: int) -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            await branch.desk.ask(decide, say, None)

        await asyncio.gather(*(comes_after(turns) for turns in range(3)))
    return written_at[1:]
