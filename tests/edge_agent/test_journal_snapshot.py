"""A snapshot is a short cut to the very queue that all entries lead to, and to no other."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from edge_agent.branch_queue.changes import apply_all
from edge_agent.branch_queue.facts import Fact
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.journal import Journal, open_journal, snapshot
from edge_agent.journal.check import JOURNAL_FILE
from edge_agent.journal.entries import decode
from tests.edge_agent.journal_tools import (
    A_DAY,
    Desk,
    Machine,
    change,
    desk_at,
    flipped,
    settings_of,
)

SERVICES = ("cash", "cards", "wealth", "business")
SEGMENTS = ("ordinary", "vip", "care")
COUNTERS = ("1", "2", "3")
TODAY = date(2026, 3, 2)


async def live(desk: Desk, chance: Random, machine: Machine, steps: int) -> None:
    """Some of everything that customers and tellers do; what the rules refuse is part of it."""
    ids: list[str] = []
    for _ in range(steps):
        machine.goes_on(timedelta(seconds=chance.randrange(1, 90)))
        counter = chance.choice(COUNTERS)
        match chance.randrange(14):
            case 0 | 1 | 2:
                first, *then = chance.sample(SERVICES, chance.choice((1, 1, 2, 3)))
                card: str | None = chance.choice((None, None, "card-a", "card-b", "card-c"))
                more: dict[str, Any] = {
                    "segment": chance.choice(SEGMENTS),
                    "customer_token": card,
                }
                if first == "cards":
                    more["errand"] = {"code": "lost-card", "choice": "passbook", "identified": True}
                ids.append((await desk.issue(first, then=then, **more))["id"])
            case 3 | 4 | 5:
                await desk.press(counter, "call-next")
            case 6:
                await desk.press(counter, "start")
            case 7:
                await desk.press(counter, chance.choice(("finish", "recall", "undo")))
            case 8:
                await desk.press(counter, "no-show")
            case 9:
                await desk.press(counter, "park", {"minutes": chance.randrange(1, 30)})
            case 10:
                to = {"service": chance.choice(SERVICES)}
                if chance.randrange(2):
                    to["counter"] = chance.choice(COUNTERS)
                await desk.press(counter, "transfer", to)
            case 11:
                await desk.press(counter, chance.choice(("open", "pause", "close")))
            case 12 if ids:
                what = chance.choice(("return", "cancel"))
                await desk.post(f"/tickets/{chance.choice(ids)}/{what}")
            case 13 if ids:
                score = {"score": chance.randrange(1, 6)}
                await desk.post(f"/tickets/{chance.choice(ids)}/rating", score)


def state(queue: BranchQueue) -> dict[str, Any]:
    """Everything that decides what is answered from now on, its order included."""
    return {
        "day": (queue.business_day, queue.day),
        "tickets": [*queue.tickets.items()],
        "lines": sorted((tuple(map(str, line)), places) for line, places in queue.lines.all()),
        "counters": queue.at_counter,
        "parked": [*queue.parked.items()],
        "missed": [*queue.missed.items()],
        "labels": queue.by_label,
        "cards": {card: sorted(tickets) for card, tickets in queue.by_card.items() if tickets},
        "count": +queue.count,
    }


def replayed(journal: Journal, until_day: date) -> BranchQueue:
    """The queue made from the first entry on."""
    facts: list[Fact] = [decode(kind, body, t) for _, kind, body, t, _ in journal.rows_after(0)]
    queue = BranchQueue(facts[0].business_day)
    for fact in facts:
        if fact.business_day != queue.business_day:
            queue = queue.following(fact.business_day)
        apply_all(queue, [fact])
    return queue if queue.business_day == until_day else queue.following(until_day)


def take_snapshot(desk: Desk) -> None:
    with desk.branch.journal.transaction():
        snapshot.save(desk.branch.journal, desk.branch.desk.queue)


@pytest.mark.parametrize("seed", range(6))
def test_snapshot_and_tail_lead_to_the_queue_of_all_entries(tmp_path: Path, seed: int) -> None:
    chance, machine = Random(seed), Machine()

    async def story() -> dict[str, Any]:
        async with desk_at(settings_of(tmp_path), machine) as desk:
            if seed % 2:
                await live(desk, chance, machine, 60)
                machine.goes_on(A_DAY)
            await live(desk, chance, machine, 120)
            take_snapshot(desk)
            await live(desk, chance, machine, chance.randrange(0, 60))
            return state(desk.branch.desk.queue)

    alive = asyncio.run(story())
    journal = open_journal(tmp_path / JOURNAL_FILE)
    loaded = snapshot.load(journal, machine.wall.date())
    whole = replayed(journal, loaded.business_day)
    journal.close()
    assert journal.last_seq > 60
    for name, expected in state(whole).items():
        assert (name, state(loaded)[name]) == (name, expected)
        assert (name, alive[name]) == (name, expected)


async def two_snapshots(folder: Path, machine: Machine) -> dict[str, Any]:
    async with desk_at(settings_of(folder), machine) as desk:
        await live(desk, Random(7), machine, 60)
        take_snapshot(desk)
        await live(desk, Random(8), machine, 40)
        take_snapshot(desk)
        await desk.issue()
        return state(desk.branch.desk.queue)


def state_after_start(folder: Path, machine: Machine) -> dict[str, Any]:
    async def story() -> dict[str, Any]:
        async with desk_at(settings_of(folder), machine) as desk:
            return state(desk.branch.desk.queue)

    return asyncio.run(story())


BAD = {
    "cut": "UPDATE snapshot SET body = substr(body, 1, length(body) / 2)",
    "empty": "UPDATE snapshot SET body = x''",
    "no text": "UPDATE snapshot SET body = x'fffefd00'",
    "other JSON": "UPDATE snapshot SET body = CAST('[1, 2]' AS BLOB)",
    "nested without end": "UPDATE snapshot SET body = CAST('{\"x\":' || "
    "replace(hex(zeroblob(60000)), '00', '[') AS BLOB)",
    "a day that no calendar has": "UPDATE snapshot SET body = CAST(replace(CAST(body AS TEXT), "
    "'2026-03-02', '2026-02-31') AS BLOB)",
    "newer version": "UPDATE snapshot SET version = version + 1",
    "older version": "UPDATE snapshot SET version = version - 1",
    "other chain": "UPDATE snapshot SET hash = randomblob(32)",
    "other place": "UPDATE snapshot SET seq = seq + 1",
    "behind the end": "UPDATE snapshot SET seq = seq + 1000",
    "none": "DELETE FROM snapshot",
    "the latest is bad": "UPDATE snapshot SET body = x'7b' WHERE seq = (SELECT max(seq) FROM snapshot)",
}


@pytest.mark.parametrize("statement", BAD.values(), ids=BAD)
def test_an_unusable_snapshot_is_passed_over(tmp_path: Path, statement: str) -> None:
    machine = Machine()
    expected = asyncio.run(two_snapshots(tmp_path, machine))
    assert change(tmp_path, statement) >= 1
    found = state_after_start(tmp_path, machine)
    for name, value in expected.items():
        assert (name, found[name]) == (name, value)


def test_a_damaged_byte_of_a_snapshot_never_leads_to_another_queue(tmp_path: Path) -> None:
    machine = Machine()
    expected = asyncio.run(two_snapshots(tmp_path, machine))
    for name in ("missed", "parked"):  # their order is another test's
        expected[name] = sorted(expected[name])
    with closing(sqlite3.connect(tmp_path / JOURNAL_FILE)) as tool:
        [(_, old), (last, body)] = tool.execute("SELECT seq, body FROM snapshot ORDER BY seq")
        assert old != body
        for at in range(5, len(body), len(body) // 60):
            tool.execute("UPDATE snapshot SET body = ? WHERE seq = ?", (flipped(body, at), last))
            tool.commit()
            journal = open_journal(tmp_path / JOURNAL_FILE)
            found = state(snapshot.load(journal, TODAY))
            journal.close()
            for name, value in expected.items():
                told = sorted(found[name]) if name in ("missed", "parked") else found[name]
                where = body[max(0, at - 30) : at + 10]
                assert (at, where, name, told) == (at, where, name, value)


def test_the_latest_parked_and_missed_are_still_first_after_a_restart(tmp_path: Path) -> None:
    machine = Machine()

    async def story() -> tuple[Any, Any]:
        async with desk_at(settings_of(tmp_path), machine) as desk:
            for _ in range(4):
                await desk.issue()
            for counter in "1234":
                await desk.press(counter, "call-next")
            for counter, what in (("3", "park"), ("1", "park"), ("4", "no-show"), ("2", "no-show")):
                machine.goes_on(timedelta(seconds=10))
                await desk.press(counter, what)
            take_snapshot(desk)
            before = await desk.queues()
        async with desk_at(settings_of(tmp_path), machine) as desk:
            return before, await desk.queues()

    before, after = asyncio.run(story())
    assert [one["label"] for one in before["parked"]] == ["A001", "A003"]
    assert [one["label"] for one in before["missed_calls"]] == ["A002", "A004"]
    assert after["parked"] == before["parked"]
    assert after["missed_calls"] == before["missed_calls"]
