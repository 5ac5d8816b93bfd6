"""A full disk: callers are told that nothing was recorded, and with room again all goes on by itself."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest

from edge_agent.__main__ import watch
from edge_agent.desk import NotRecorded
from tests.conftest import wait_for
from tests.edge_agent.conftest import (
    API,
    KIOSK,
    Agent,
    Clock,
    bearer,
    branch_at,
    check_problem,
    check_whole,
)


class Disk:
    """A small disk of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.filler = path / "filler"

    def fill(self) -> None:
        with self.filler.open("ab", buffering=0) as filler:
            for size in (65536, 4096, 1):
                with suppress(OSError):  # no space left
                    while True:
                        filler.write(b"x" * size)

    def make_room(self) -> None:
        self.filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    path = tmp_path / "disk"
    path.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    words = ["mount", "-t", "tmpfs", "-o", "size=2m", "lobby-test", str(path)]
    mounted = subprocess.run(words, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield Disk(path)
    subprocess.run(["umount", "--lazy", str(path)], check=True)


@pytest.fixture
def full(disk: Disk, tmp_path: Path) -> Iterator[tuple[Agent, Disk, list[dict[str, Any]], str]]:
    """An agent whose disk has just become full, what it issued, and the key of the first refusal."""
    agent = Agent(tmp_path, data=disk.path / "data").start()
    issued = [agent.issue() for _ in range(3)]
    disk.fill()
    for n in count():
        answer = take(agent, f"key-{n}")
        if answer.status_code != 201:
            break
        assert n < 3000
        issued.append(answer.json())
    check_problem(answer, 503, "not-recorded")
    yield agent, disk, issued, f"key-{n}"
    agent.end()


Full = tuple[Agent, Disk, list[dict[str, Any]], str]


def take(agent: Agent, key: str) -> httpx.Response:
    return agent.post("/tickets", {"service": "cash"}, token=KIOSK, key=key)


def test_a_full_disk_is_told_and_with_room_again_everything_goes_on(full: Full) -> None:
    agent, disk, issued, key = full
    assert agent.seq() == len(issued)
    check_problem(agent.press("1", "call-next"), 503, "not-recorded")
    health = agent.http.get("/healthz")
    assert (health.status_code, bool(health.json()["reasons"])) == (503, True)
    assert agent.queues()["queues"][0]["waiting"] == len(issued)

    disk.make_room()
    answer = take(agent, key)
    assert answer.status_code == 201
    issued.append(answer.json())
    assert agent.http.get("/healthz").status_code == 200
    assert agent.press("1", "call-next").json()["id"] == issued[0]["id"]

    agent.kill()
    agent.start()
    entries = agent.journal()
    check_whole(entries)
    recorded = [(e["ticket"], e["label"]) for e in entries if e["type"] == "TicketIssued"]
    assert recorded == [(ticket["id"], ticket["label"]) for ticket in issued]


def test_health_is_ok_again_once_there_is_room_though_nobody_asks(full: Full) -> None:
    agent, disk, _, _ = full
    disk.make_room()
    wait_for(lambda: agent.http.get("/healthz").status_code == 200, "health to be ok again", 5)


def report(agent: Agent, state: str) -> int:
    health = {"device": "kiosk-1/printer", "kind": "ticket_printer", "detail": "paper_out"}
    devices = [{**health, "state": state, "since": "2026-03-02T01:00:00Z"}]
    path = f"{API}/kiosks/kiosk-1/devices"
    return agent.http.put(path, json={"devices": devices}, headers=bearer(KIOSK)).status_code


def test_a_machine_lost_while_the_disk_was_full_is_recorded_when_it_is_told_again(
    full: Full,
) -> None:
    agent, disk, issued, _ = full
    assert report(agent, "fault") == 503
    disk.make_room()
    assert report(agent, "fault") == 204
    news = [(e["type"], e["device"]) for e in agent.journal(after=len(issued))]
    assert news == [("DeviceLost", "kiosk-1/printer")]


class FullDesk:
    """A desk whose journal cannot be written."""

    async def ask(self, *_: object) -> NoReturn:
        raise NotRecorded("database or disk is full")


def test_a_kiosk_falling_silent_while_the_disk_is_full_does_not_end_the_agent(
    tmp_path: Path,
) -> None:
    clock = Clock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))

    async def story() -> None:
        async with branch_at(tmp_path, clock) as (branch, _):
            branch.machines.report("kiosk-1", [], clock.now)
            clock.now += timedelta(minutes=2)
            stuck: Any = FullDesk()
            watching = watch(replace(branch, desk=stuck))
            with pytest.raises(TimeoutError):  # it is still watching
                await asyncio.wait_for(watching, 5.5)

    asyncio.run(story())
