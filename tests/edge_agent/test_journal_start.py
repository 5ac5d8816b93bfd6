"""A start knows what it must and reads no more than it needs."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec import structs

from edge_agent.journal import open_journal, snapshot
from edge_agent.journal.check import JOURNAL_FILE
from edge_agent.rule_settings import LimitSettings
from tests.edge_agent.journal_tools import (
    A_DAY,
    Desk,
    Machine,
    change,
    desk_at,
    fill,
    settings_of,
    until,
)

TODAY = date(2026, 3, 2)


def take_snapshot(desk: Desk) -> None:
    with desk.branch.journal.transaction():
        snapshot.save(desk.branch.journal, desk.branch.desk.queue)


def test_a_card_has_no_more_tickets_after_a_restart_than_before_it(tmp_path: Path) -> None:
    machine = Machine()
    limited = structs.replace(
        settings_of(tmp_path), limits=LimitSettings(per_card_open=1, per_card_a_day=2)
    )

    async def status(desk: Desk, card: str) -> int:
        body = {"service": "cash", "customer_token": card}
        return (await desk.post("/tickets", body)).status_code

    async def story() -> None:
        for shot in (False, True):
            async with desk_at(limited, machine) as desk:
                card = f"card-{shot}"
                assert (await status(desk, card), await status(desk, card)) == (201, 429)
                if shot:
                    take_snapshot(desk)
            async with desk_at(limited, machine) as desk:
                assert await status(desk, card) == 429
                for move in ("call-next", "no-show"):
                    await desk.press("1", move)
                assert (await status(desk, card), await status(desk, card)) == (201, 429)
                for move in ("call-next", "no-show"):
                    await desk.press("1", move)
                assert await status(desk, card) == 429  # both of today are taken
                machine.goes_on(timedelta(minutes=1))

    asyncio.run(story())


def test_whose_card_it_was_is_forgotten_with_its_day_in_snapshots_too(tmp_path: Path) -> None:
    machine = Machine()

    async def story() -> list[str]:
        async with desk_at(settings_of(tmp_path), machine) as desk:
            await desk.issue(customer_token="card-a")
            take_snapshot(desk)
            [token] = desk.branch.desk.queue.by_card
            machine.goes_on(A_DAY)
            await desk.issue()
            assert not desk.branch.desk.queue.by_card
        with closing(sqlite3.connect(tmp_path / JOURNAL_FILE)) as reader:
            return [
                table
                for table, column in (("event", "customer_token"), ("snapshot", "body"))
                for (value,) in reader.execute(f"SELECT CAST({column} AS TEXT) FROM {table}")
                if value and token in value
            ]

    assert asyncio.run(story()) == []


def read_by_this_thread() -> int:
    """Bytes, from the cache too (proc_pid_io(5))."""
    words = Path("/proc/thread-self/io").read_text(encoding="ascii").split()
    return int(words[words.index("rchar:") + 1])


def read_at_start(folder: Path) -> int:
    before = read_by_this_thread()
    journal = open_journal(folder / JOURNAL_FILE)
    snapshot.load(journal, TODAY)
    read = read_by_this_thread() - before
    journal.close()
    return read


def long_past(folder: Path, tickets_a_day: int) -> None:
    """Eight older days, and a small one today."""
    journal = open_journal(folder / JOURNAL_FILE)
    fill(journal, [TODAY - n * A_DAY for n in range(8, 0, -1)], tickets_a_day)
    journal.close()

    async def story() -> None:
        machine = Machine()
        async with desk_at(settings_of(folder), machine) as desk:
            for _ in range(25):
                await desk.issue()
                await desk.press("1", "call-next")
                await desk.press("1", "no-show")

    asyncio.run(story())


@pytest.mark.parametrize("with_snapshot", [True, False])
def test_a_start_does_not_read_the_entries_of_older_days(
    tmp_path: Path, with_snapshot: bool
) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    long_past(small, 10)
    long_past(large, 2_500)
    if not with_snapshot:
        change(small, "DELETE FROM snapshot")
        change(large, "DELETE FROM snapshot")
    assert read_at_start(large) < 2 * read_at_start(small)


def test_a_busy_day_is_read_from_its_latest_snapshot(tmp_path: Path) -> None:
    machine = Machine()

    async def story() -> None:
        async with desk_at(settings_of(tmp_path), machine) as desk:
            fill(desk.branch.journal, [TODAY], 3000)
        async with desk_at(settings_of(tmp_path), machine) as desk:
            journal = desk.branch.journal
            await until(journal.snapshots, "a snapshot when it is quiet")
            assert journal.snapshots()[0][0] == journal.last_seq

    asyncio.run(story())
