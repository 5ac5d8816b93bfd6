"""Old business days leave the database with their chain, and nobody who reads the journal notices."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge_agent import settings as branch_settings
from edge_agent.journal import archive, open_journal
from edge_agent.journal.check import JOURNAL_FILE
from edge_agent.messages import DeviceHealth
from tests.conftest import wait_for
from tests.edge_agent.conftest import API, DEMO, STAFF, bearer, check_problem
from tests.edge_agent.journal_tools import (
    A_DAY,
    Desk,
    Machine,
    all_quiet,
    archived,
    archives,
    bodies,
    change,
    desk_at,
    fill,
    lived_days,
    said,
    settings_of,
    until,
)
from tests.head_office.conftest import House, paged

A_MARCH = [date(2026, 3, n) for n in range(2, 9)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.end()


def is_intact(folder: Path) -> str:
    status, words = said("verify", folder)
    assert status == 0, words
    return words


def test_days_older_than_those_to_be_kept_leave_and_no_others(tmp_path: Path) -> None:
    async def story() -> None:
        machine = await lived_days(tmp_path, 6)
        before = bodies(tmp_path / JOURNAL_FILE)
        async with desk_at(settings_of(tmp_path, 3), machine) as desk:
            whole = await desk.events()
            await all_quiet(desk, tmp_path, 2)
            await desk.issue()
            with suppress(AssertionError):
                await until(lambda: len([*archives(tmp_path)]) > 2, "one too many", 2.5)
            assert [path.name[:10] for path in archives(tmp_path)] == ["2026-03-02", "2026-03-03"]
            assert (await desk.events())[: len(before)] == whole
        is_intact(tmp_path)
        days = {
            body.split(b'"business_day":"')[1][:10] for _, body in bodies(tmp_path / JOURNAL_FILE)
        }
        assert min(days) == b"2026-03-04"

    asyncio.run(story())


def test_the_days_to_be_kept_are_those_of_the_settings_also_with_another_folder(
    tmp_path: Path,
) -> None:
    config = tmp_path / "branch.toml"
    text = DEMO.read_text(encoding="utf-8")
    config.write_text(text.replace('data = "run/branch"', 'data = "x"\nkeep_days = 7'))
    without = branch_settings.load(config, listen=None, data=None, broker=None)
    given = branch_settings.load(config, listen=None, data=tmp_path, broker=None)
    assert (without.store.keep_days, given.store.keep_days) == (7, 7)


@pytest.mark.parametrize("limit", [1, 4, 7, 1000])
def test_paging_goes_over_the_boundary_without_a_gap(tmp_path: Path, limit: int) -> None:
    machine = archived(tmp_path)

    async def story() -> None:
        async with desk_at(settings_of(tmp_path, 2), machine) as desk:
            events = await desk.events(limit)
            assert [event["seq"] for event in events] == [*range(1, len(events) + 1)]
            assert events == await desk.events()
            assert len(events) == desk.branch.desk.seq

    asyncio.run(story())


def test_a_ticket_of_an_archived_day_is_said_to_be_in_the_archive_and_costs_no_reading(
    tmp_path: Path,
) -> None:
    machine = archived(tmp_path)
    last = [*archives(tmp_path)][-1].name[:10]
    for path in archives(tmp_path):
        path.unlink()

    async def story() -> None:
        async with desk_at(settings_of(tmp_path, 2), machine) as desk:
            answer = await desk.http.get(f"{API}/tickets/nobody")
            check_problem(answer, 404, "unknown-ticket")
            assert f"after {last}" in answer.json()["detail"]
            assert "archive" in answer.json()["detail"]
            assert not desk.branch.journal.unreadable_days

    asyncio.run(story())


def test_a_page_of_a_long_archived_day_does_not_cost_the_whole_day(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / JOURNAL_FILE)
    fill(journal, A_MARCH[:2], 8000)
    assert journal.archive_oldest_day(A_MARCH[1])
    began = time.thread_time()
    assert len(journal.after(0, 8000)) == 8000
    once = time.thread_time() - began
    began = time.thread_time()
    for seq in range(0, 8000, 200):  # what the uplink does for head office
        assert len(journal.after(seq, 200)) == 200
    in_pages = time.thread_time() - began
    journal.close()
    assert in_pages < 8 * once


@pytest.mark.parametrize("kind", ["appointment", "comment"])
def test_what_a_ticket_left_beside_the_entries_leaves_with_its_day(
    tmp_path: Path, kind: str
) -> None:
    journal = open_journal(tmp_path / JOURNAL_FILE)
    fill(journal, A_MARCH[:3], 2)
    names = [f"{kind}:{day}-{1:016d}" for day in A_MARCH[:3]]
    with journal.transaction():
        for name in names:
            journal.keep_note(name, "Thank you, Ms Lin!")
    journal.archive_oldest_day(A_MARCH[1])
    assert [name for name in names if journal.note(name)] == names[1:]
    with journal.transaction():  # what an earlier version left behind
        journal.keep_note(names[0], "Thank you, Ms Lin!")
    journal.archive_oldest_day(A_MARCH[2])
    assert [name for name in names if journal.note(name)] == names[2:]
    assert journal.note("epoch")
    journal.close()


def test_what_a_customer_wrote_to_their_rating_leaves_with_the_day(tmp_path: Path) -> None:
    async def story() -> None:
        machine = Machine()
        async with desk_at(settings_of(tmp_path, 2), machine) as desk:
            for _ in range(2):
                visit = await desk.issue()
                for move in ("call-next", "start", "finish"):
                    await desk.press("1", move)
                rating = {"score": 5, "comment": "Thank you, Ms Lin!"}
                (await desk.post(f"/tickets/{visit['id']}/rating", rating)).raise_for_status()
                machine.goes_on(2 * A_DAY)
            await all_quiet(desk, tmp_path, 1)
            assert desk.branch.journal.note(f"comment:{visit['id']}")
        with closing(sqlite3.connect(tmp_path / JOURNAL_FILE)) as reader:
            kept = reader.execute("SELECT count(*) FROM note WHERE name GLOB 'comment:*'")
            assert kept.fetchone() == (1,)

    asyncio.run(story())


class Fault(OSError):
    """The machine stops here."""


POINTS = ("before the file", "the file unfinished", "file written", "entries taken out")


@pytest.mark.parametrize("point", POINTS)
def test_a_death_while_archiving_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    asyncio.run(lived_days(tmp_path, 3))
    whole = bodies(tmp_path / JOURNAL_FILE)
    journal = open_journal(tmp_path / JOURNAL_FILE)
    comment = f"comment:{msgspec.json.decode(journal.after(0, 2)[-1].body)['ticket']}"
    with journal.transaction():
        journal.keep_note(comment, "Thank you, Ms Lin!")
    write = archive.write

    def dies(*_: object) -> None:
        raise Fault(point)

    def writes_and_dies(*given: Any) -> None:
        write(*given)
        raise Fault(point)

    with monkeypatch.context() as patched:
        if point == "the file unfinished":
            patched.setattr(archive, "check", dies)
        elif point == "entries taken out":
            connection = Stumbling(journal._writer)
            patched.setattr(journal, "_writer", connection)
        else:
            patched.setattr(archive, "write", dies if point == POINTS[0] else writes_and_dies)
        with pytest.raises(Fault):
            journal.archive_oldest_day(A_MARCH[1])
    journal.close()
    is_intact(tmp_path)
    for days in (1, 2):
        journal = open_journal(tmp_path / JOURNAL_FILE)
        assert (journal.note(comment) is not None) == (days == 1)
        assert journal.archive_oldest_day(A_MARCH[2])
        assert [(e.seq, e.body) for e in journal.after(0, 10**6)] == whole
        journal.close()
        assert f"{days} archived days" in is_intact(tmp_path)
    assert not [*(tmp_path / "archive").glob("*.unfinished")]
    journal = open_journal(tmp_path / JOURNAL_FILE)
    assert not journal.archive_oldest_day(A_MARCH[2])
    assert [(e.seq, e.body) for e in journal.after(0, 10**6)] == whole
    journal.close()


class Stumbling:
    """A connection whose COMMIT fails."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self._stumbled = False

    def execute(self, statement: str, *values: Any) -> Any:
        if statement == "COMMIT" and not self._stumbled:
            self._stumbled = True
            raise Fault(statement)
        return self._real.execute(statement, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def test_the_folder_of_archives_is_durable_before_entries_leave_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(lived_days(tmp_path, 2))
    synced: list[str] = []
    fsync = os.fsync

    def noted(handle: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{handle}"))
        fsync(handle)

    journal = open_journal(tmp_path / JOURNAL_FILE)
    monkeypatch.setattr(os, "fsync", noted)
    assert journal.archive_oldest_day(A_MARCH[1])
    journal.close()
    assert str(tmp_path / "archive") in synced
    assert str(tmp_path) in synced  # it is here that the folder's own name stands


def test_a_branch_that_slept_until_every_day_was_old_goes_on_counting(tmp_path: Path) -> None:
    async def story() -> None:
        machine = await lived_days(tmp_path, 2)
        machine.goes_on(30 * A_DAY)
        async with desk_at(settings_of(tmp_path, 3), machine) as desk:
            await desk.branch.desk.look_at_clock()
            await until(lambda: len([*archives(tmp_path)]) == 1, "a day to leave")
            before = await desk.events()
            machine.goes_on(30 * A_DAY)
            await desk.branch.desk.look_at_clock()
            await until(lambda: len([*archives(tmp_path)]) == 2, "the other one to leave")
        last = desk.branch.desk.seq
        for _ in range(2):
            async with desk_at(settings_of(tmp_path, 3), machine) as desk:
                assert desk.branch.desk.seq == last
                assert (await desk.events())[: len(before)] == before
                machine.goes_on(timedelta(hours=1))
        async with desk_at(settings_of(tmp_path, 3), machine) as desk:
            assert (await desk.issue())["label"] == "A001"
        is_intact(tmp_path)
        change(tmp_path, "DELETE FROM snapshot")
        async with desk_at(settings_of(tmp_path, 3), machine) as desk:
            assert (await desk.issue())["label"] == "A002"

    asyncio.run(story())


def test_a_machine_lost_on_an_archived_day_is_still_lost(tmp_path: Path) -> None:
    async def report(desk: Desk, state: Any) -> None:
        machine = DeviceHealth(
            device="kiosk-1/printer", kind="ticket_printer", state=state, since=desk.branch.clock()
        )
        look = lambda: desk.branch.machines.report("kiosk-1", [machine], desk.branch.clock())  # noqa: E731
        await desk.branch.record_machines(look)

    async def story() -> None:
        machine = Machine()
        async with desk_at(settings_of(tmp_path, 2), machine) as desk:
            await report(desk, "fault")
            machine.goes_on(5 * A_DAY)
            await desk.issue()
            await until(lambda: [*archives(tmp_path)], "the day to leave")
        async with desk_at(settings_of(tmp_path, 2), machine) as desk:
            await report(desk, "ready")
            told = [e["type"] for e in await desk.events() if e.get("device") == "kiosk-1/printer"]
            assert told == ["DeviceLost", "DeviceBack"]

    asyncio.run(story())


def test_head_office_still_gets_everything_again(house: House, tmp_path: Path) -> None:
    data = tmp_path / "riverside" / "data"
    archived(data)
    broker = house.broker()
    agent = house.agent(broker.url)
    office = house.office(broker.url)
    office.wait_equal(agent)
    assert len([*archives(data)]) >= 2


@pytest.mark.parametrize("damage", ["gone", "flipped", "cut"])
def test_a_branch_with_a_damaged_archive_serves_its_customers(
    house: House, tmp_path: Path, damage: str
) -> None:
    data = tmp_path / "riverside" / "data"
    archived(data)
    bad = next(archives(data))
    whole = bad.read_bytes()
    bad.unlink()
    if damage != "gone":
        middle = len(whole) // 2
        bad.write_bytes(
            whole[:middle] + (b"" if damage == "cut" else b"\0\0\0" + whole[middle + 3 :])
        )
    broker = house.broker()
    agent = house.agent(broker.url)  # head office has nothing of it: it is all sent again
    line = house.line(broker, "bank/v1/+/+/queues")
    assert agent.program is not None
    process = agent.program.process
    wait_for(lambda: process.poll() is not None or line.of("queues"), "the branch to go on")
    assert process.poll() is None, agent.said()[-1200:]
    agent.issue(3)
    answer = agent.http.get(f"{API}/journal", headers=bearer(STAFF))
    assert "unforeseen" not in check_problem(answer, answer.status_code)
    assert answer.status_code >= 500
    said = f"the archived day {bad.name[:10]} cannot be read"
    health = agent.http.get("/healthz")
    assert (health.status_code, said in health.json()["warnings"]) == (200, True)
    bad.write_bytes(whole)  # from the backup
    events = paged(agent.http, f"{API}/journal", {})
    assert said not in agent.http.get("/healthz").json()["warnings"]
    assert [event["seq"] for event in events] == [*range(1, len(events) + 1)]
