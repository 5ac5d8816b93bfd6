"""Files of older versions become files of this one, whole or not at all; files of newer ones are left alone."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edge_agent.journal import JournalUnusable, open_journal
from edge_agent.journal.check import JOURNAL_FILE
from edge_agent.journal.schema import SCHEMA_VERSION
from tests.edge_agent.conftest import KIOSK, Agent, bearer
from tests.edge_agent.journal_tools import Desk, Machine, bodies, desk_at, said, settings_of
from tests.edge_agent.old_journals import FILES, chained, unpacked, version

LATER = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)  # on the last day of the oldest file


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def old(request: Any, tmp_path: Path) -> Path:
    return unpacked(request.param, tmp_path)


def other_tables(file: Path) -> list[object]:
    with closing(sqlite3.connect(file)) as reader:
        tokens = reader.execute("SELECT seq, customer_token FROM event").fetchall()
        notes = reader.execute("SELECT * FROM note WHERE name != 'void' ORDER BY name").fetchall()
        return [tokens, notes, reader.execute("SELECT * FROM answer").fetchall()]


def test_there_is_a_real_file_of_every_older_version() -> None:
    assert [path.name for path in FILES] == [f"v{n}.sqlite.gz" for n in range(1, SCHEMA_VERSION)]


def test_everything_of_an_older_file_is_kept_and_chained(old: Path) -> None:
    before, beside = bodies(old), other_tables(old)
    open_journal(old).close()
    assert version(old) == SCHEMA_VERSION
    assert bodies(old) == before
    assert other_tables(old) == beside
    assert chained(old)
    status, words = said("verify", old)
    assert (status, f"{len(before)} entries" in words) == (0, True)
    open_journal(old).close()  # once more changes nothing
    assert bodies(old) == before


def test_an_older_file_ends_up_with_the_same_tables_as_a_new_one(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new" / JOURNAL_FILE
    open_journal(new).close()
    open_journal(old).close()

    def tables(file: Path) -> set[tuple[object, ...]]:
        with closing(sqlite3.connect(file)) as reader:
            names = reader.execute("SELECT name, type FROM sqlite_schema").fetchall()
            return {
                (*name, *column[1:])
                for name in names
                for column in reader.execute(f"PRAGMA table_xinfo({name[0]})")
            } | {(*name, "there") for name in names}

    assert tables(old) == tables(new)


def on_old(old: Path, story: Any) -> None:
    async def tell() -> None:
        async with desk_at(settings_of(old.parent), Machine(LATER)) as desk:
            await story(desk)

    asyncio.run(tell())


def test_tickets_of_an_older_file_stand_where_they_stood_and_go_on(old: Path) -> None:
    async def story(desk: Desk) -> None:
        before = await desk.events()
        told = {one["counter"]: one for one in (await desk.queues())["counters"]}
        last = {e["counter"]: e for e in before if e["type"] in ("TicketCalled", "ServiceStarted")}
        assert (told["1"]["state"], told["1"]["label"]) == ("called", last["1"]["label"])
        assert (told["2"]["state"], told["2"]["label"]) == ("serving", last["2"]["label"])
        assert (await desk.press("1", "start")).json()["label"] == last["1"]["label"]
        assert (await desk.press("1", "finish")).json()["state"] == "served"
        assert (await desk.press("2", "finish")).json()["label"] == last["2"]["label"]
        today = [e for e in before if e["business_day"] == before[-1]["business_day"]]
        for service in ("cash", "cards", "wealth", "business"):
            issued = [e for e in today if e["type"] == "TicketIssued" and e["service"] == service]
            new = await desk.issue(service)
            assert int(new["label"][1:]) == max(int(e["label"][1:]) for e in issued) + 1
        for _ in range(4):
            assert (await desk.press("2", "call-next")).status_code in (200, 204)
            await desk.press("2", "no-show")
        after = await desk.events()
        assert after[: len(before)] == before
        assert [e["seq"] for e in after] == [*range(1, len(after) + 1)]
        labels = [(e["business_day"], e["label"]) for e in after if e["type"] == "TicketIssued"]
        assert len({*labels}) == len(labels)

    on_old(old, story)
    assert said("verify", old)[0] == 0
    assert chained(old)


def test_who_waited_in_an_older_file_still_waits_and_nobody_else(old: Path) -> None:
    ends = {"TicketMissed", "TicketCancelled", "ServiceFinished", "ServiceStarted", "TicketCalled"}

    async def story(desk: Desk) -> None:
        waiting: dict[str, str] = {}
        events = await desk.events()
        for event in events:
            if event["business_day"] != events[-1]["business_day"]:
                continue
            if event["type"] == "TicketIssued":
                waiting[event["ticket"]] = event["service"]
            elif event["type"] in ends:
                waiting.pop(event["ticket"], None)
        for line in (await desk.queues())["queues"]:
            assert line["waiting"] == [*waiting.values()].count(line["service"])

    on_old(old, story)


def test_a_key_answered_by_the_older_version_is_still_known(old: Path) -> None:
    with closing(sqlite3.connect(old)) as reader:
        [key] = reader.execute("SELECT key FROM answer WHERE caller = 'kiosk-1'").fetchone()

    async def story(desk: Desk) -> None:
        headers = bearer(KIOSK) | {"Idempotency-Key": key}
        answer = await desk.http.post("/api/v1/tickets", json={"service": "cash"}, headers=headers)
        assert answer.status_code == 422  # another request than the one it was used for
        assert len(await desk.events()) == count

    count = len(bodies(old))
    on_old(old, story)


def test_a_whole_agent_starts_on_an_older_file(old: Path, tmp_path: Path) -> None:
    count = len(bodies(old))
    agent = Agent(tmp_path).start()
    try:
        agent.issue()
        assert len(agent.journal()) > count
    finally:
        agent.end()
    assert chained(old)


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_newer_file_is_refused_in_a_sentence_and_not_touched(tmp_path: Path, mode: str) -> None:
    file = tmp_path / JOURNAL_FILE
    open_journal(file).close()
    with closing(sqlite3.connect(file)) as tool:
        tool.execute(f"PRAGMA journal_mode = {mode}")
        tool.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = file.read_bytes()
    with pytest.raises(JournalUnusable, match="newer version") as refusal:
        open_journal(file)
    assert str(file) in str(refusal.value)
    assert file.read_bytes() == before
    assert said("verify", file)[0] == 2


def test_a_newer_file_with_a_log_left_by_a_kill_is_not_touched_either(tmp_path: Path) -> None:
    file = tmp_path / "first" / JOURNAL_FILE
    open_journal(file).close()
    with closing(sqlite3.connect(file)) as tool:
        tool.execute("PRAGMA journal_mode = WAL")
        tool.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        parts = [file, file.with_name(file.name + "-wal")]
        found = {path.name: path.read_bytes() for path in parts}
    left = tmp_path / "killed"
    left.mkdir()
    for name, raw in found.items():
        (left / name).write_bytes(raw)
    with pytest.raises(JournalUnusable, match="newer version"):
        open_journal(left / JOURNAL_FILE)
    assert {name: (left / name).read_bytes() for name in found} == found


def test_the_day_after_an_older_file_begins_with_number_one(old: Path) -> None:
    async def story() -> None:
        machine = Machine(LATER + timedelta(days=1))
        async with desk_at(settings_of(old.parent), machine) as desk:
            assert (await desk.issue())["label"] == "A001"

    asyncio.run(story())
    assert said("verify", old)[0] == 0
    assert all(token is None for _, token in other_tables(old)[0])  # type: ignore[attr-defined]
