"""What customers write with their rating: staff of the branch read it, nobody else, as long as its day is kept."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import structs

from edge_agent.journal import open_journal
from edge_agent.journal.check import JOURNAL_FILE
from tests.edge_agent.conftest import API, KIOSK, STAFF, Agent, bearer, check_problem
from tests.edge_agent.journal_tools import (
    A_DAY,
    Desk,
    Machine,
    all_quiet,
    change,
    desk_at,
    said,
    settings_of,
)
from tests.edge_agent.test_opinions import stream_of, visit

WORDS = "等了一个小时！<b>Ms Lin</b> said:\n“come back tomorrow”"


def rate(agent: Agent, score: int, comment: str | None, reasons: Sequence[str] = ()) -> Any:
    """The ticket of a visit that was rated so."""
    ticket = visit(agent)
    asked = {"score": score, "comment": comment, "reasons": list(reasons)}
    answer = agent.post(f"/tickets/{ticket}/rating", asked, token=None)
    return answer.raise_for_status().json()


def read(agent: Agent, **asked: Any) -> list[Any]:
    found = agent.http.get(f"{API}/ratings", params=asked, headers=bearer(STAFF))
    ratings: list[Any] = found.raise_for_status().json()["ratings"]
    return ratings


def test_staff_read_what_was_written_newest_first_with_the_rating_it_belongs_to(
    own_agent: Agent,
) -> None:
    assert read(own_agent) == []
    first = rate(own_agent, 2, WORDS, ["waited-long", "unclear"])
    rate(own_agent, 5, None)
    rate(own_agent, 4, " \n")
    second = rate(own_agent, 5, "Thank you.")
    newest, oldest = read(own_agent)
    assert (newest["label"], newest["score"], newest["reasons"]) == (second["label"], 5, [])
    entry = next(one for one in own_agent.journal() if one["type"] == "TicketRated")
    assert [one["code"] for one in oldest["reasons"]] == ["waited-long", "unclear"]
    assert oldest["reasons"][0]["names"]["zh-Hans"] == "等候太久"
    del oldest["reasons"]
    same = ("seq", "label", "business_day", "at", "service", "score")
    assert oldest == {**{key: entry[key] for key in same}, "comment": WORDS}
    assert first["label"] == oldest["label"]


def test_only_staff_read_it(agent: Agent) -> None:
    check_problem(agent.http.get(f"{API}/ratings"), 401, "token-missing")
    check_problem(agent.http.get(f"{API}/ratings", headers=bearer("nobodys")), 401, "unknown-token")
    check_problem(agent.http.get(f"{API}/ratings", headers=bearer(KIOSK)), 403, "not-allowed")
    for before in ("0", "x", str(2**63)):
        asked = {"before": before}
        answer = agent.http.get(f"{API}/ratings", params=asked, headers=bearer(STAFF))
        check_problem(answer, 400)


def test_it_outlives_kill_9(own_agent: Agent) -> None:
    rate(own_agent, 1, WORDS)
    before = read(own_agent)
    own_agent.kill()
    own_agent.start()
    assert read(own_agent) == before


def test_a_rating_that_is_refused_leaves_no_words(own_agent: Agent) -> None:
    ticket = rate(own_agent, 1, "First.")["id"]
    again = {"score": 1, "comment": "Second."}
    check_problem(own_agent.post(f"/tickets/{ticket}/rating", again), 409, "already-rated")
    wrong = {"score": 5, "comment": "Third.", "reasons": ["waited-long"]}
    check_problem(
        own_agent.post(f"/tickets/{visit(own_agent)}/rating", wrong), 400, "unusable-wish"
    )
    assert [one["comment"] for one in read(own_agent)] == ["First."]


def test_it_stands_in_no_entry_stream_log_or_answer_to_anybody_else(own_agent: Agent) -> None:
    secret = "Ms Lin of counter one"
    ticket = rate(own_agent, 1, secret)["id"]
    others = [
        json.dumps([own_agent.journal(), own_agent.ticket(ticket), own_agent.queues()]),
        json.dumps([*stream_of(own_agent, own_agent.seq(), bearer(STAFF))]),
        own_agent.http.get("/metrics").text,
    ]
    assert [one["comment"] for one in read(own_agent)] == [secret]
    others.append(own_agent.log.read_text(encoding="utf-8"))
    assert "TicketRated" in others[-1]
    for one in others:
        assert secret not in one


# --- from one business day to the next ---------------------------------------------------------


async def rated_at(desk: Desk, comment: str) -> str:
    """The id of the ticket."""
    issued = await desk.issue()
    for move in ("call-next", "start", "finish"):
        (await desk.press("1", move)).raise_for_status()
    rating = {"score": 3, "comment": comment, "reasons": ["waited-long"]}
    (await desk.post(f"/tickets/{issued['id']}/rating", rating)).raise_for_status()
    return str(issued["id"])


async def read_at(desk: Desk, before: int | None = None) -> list[Any]:
    asked = {} if before is None else {"before": before}
    found: httpx.Response = await desk.http.get(
        f"{API}/ratings", params=asked, headers=bearer(STAFF)
    )
    ratings: list[Any] = found.raise_for_status().json()["ratings"]
    return ratings


async def words_at(desk: Desk) -> list[str]:
    return [one["comment"] for one in await read_at(desk)]


def notes(folder: Path) -> int:
    with closing(sqlite3.connect(folder / JOURNAL_FILE)) as reader:
        count: int = reader.execute(
            "SELECT count(*) FROM note WHERE name GLOB 'comment*'"
        ).fetchone()[0]
        return count


def test_it_is_read_on_later_days_until_its_day_is_archived(tmp_path: Path) -> None:
    async def story() -> None:
        machine = Machine()
        async with desk_at(settings_of(tmp_path, 2), machine) as desk:
            for day in ("first", "second", "third"):
                await rated_at(desk, day)
                machine.goes_on(A_DAY)
            assert await words_at(desk) == ["third", "second", "first"]
            await all_quiet(desk, tmp_path, 1)
            assert await words_at(desk) == ["third", "second"]
            machine.goes_on(5 * A_DAY)
            await all_quiet(desk, tmp_path, 4)
            assert await words_at(desk) == []
        assert notes(tmp_path) == 0
        assert said("verify", tmp_path)[0] == 0

    asyncio.run(story())


def test_at_most_200_at_once_and_the_others_before_a_number(tmp_path: Path) -> None:
    async def story() -> None:
        machine = Machine()
        async with desk_at(settings_of(tmp_path), machine) as desk:
            for n in range(203):
                await rated_at(desk, str(n))
                machine.goes_on(timedelta(seconds=1))
            page = await read_at(desk)
            assert [one["comment"] for one in page] == [str(n) for n in range(202, 2, -1)]
            rest = await read_at(desk, page[-1]["seq"])
            assert [one["comment"] for one in rest] == ["2", "1", "0"]
            assert await read_at(desk, rest[-1]["seq"]) == []

    asyncio.run(story())


@pytest.mark.parametrize("how_many", ["all", "one"])
def test_words_that_an_earlier_version_kept_are_read_too(tmp_path: Path, how_many: str) -> None:
    """It kept them under their ticket alone; and it may have run again in between."""

    async def story() -> None:
        machine = Machine()
        async with desk_at(settings_of(tmp_path), machine) as desk:
            for words in ("first", "second", "third"):
                ticket = await rated_at(desk, words)
        where = "" if how_many == "all" else f"AND value = '{ticket}'"
        assert change(tmp_path, f"DELETE FROM note WHERE name GLOB 'comment-at:*' {where}")
        machine.goes_on(timedelta(minutes=1))
        async with desk_at(settings_of(tmp_path), machine) as desk:
            assert await words_at(desk) == ["third", "second", "first"]

    asyncio.run(story())


def test_a_reason_that_is_no_longer_offered_is_called_by_its_code(tmp_path: Path) -> None:
    async def story() -> None:
        machine = Machine()
        async with desk_at(settings_of(tmp_path), machine) as desk:
            await rated_at(desk, "Slow.")
        fewer = structs.replace(settings_of(tmp_path), rating_reasons=[])
        async with desk_at(fewer, machine) as desk:
            [rating] = await read_at(desk)
            assert rating["reasons"] == [{"code": "waited-long", "names": {"en": "waited-long"}}]

    asyncio.run(story())


def test_the_newest_are_found_without_reading_the_others(tmp_path: Path) -> None:
    """The database is asked how it finds them: by key only, and in the order of the notes."""
    journal = open_journal(tmp_path / JOURNAL_FILE)
    asked: list[str] = []
    journal._reader.set_trace_callback(asked.append)
    assert journal.comments(2**63 - 1, 200) == []
    journal.close()
    with closing(sqlite3.connect(tmp_path / JOURNAL_FILE)) as tool:
        plan = [row[3] for row in tool.execute(f"EXPLAIN QUERY PLAN {asked[0]}")]
    assert [step.split()[0] for step in plan] == ["SEARCH"] * 3, plan
