"""What the tests of the journal share: a machine's two clocks, branches with a short memory, ways to do damage."""

import asyncio
import io
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, redirect_stderr, redirect_stdout
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import httpx
from msgspec import structs

from edge_agent import settings as branch_settings
from edge_agent.branch import Branch, open_branch
from edge_agent.branch_queue.facts import TicketIssued
from edge_agent.journal import Journal
from edge_agent.journal.__main__ import main
from edge_agent.journal.check import JOURNAL_FILE
from edge_agent.settings import Settings, Store
from edge_agent.web import application
from tests.edge_agent.conftest import API, DEMO, KIOSK, STAFF, bearer

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 9 o'clock at the demo's branch
A_DAY = timedelta(days=1)


class Machine:
    """A machine's wall clock, which may leap, and its steady one, which does not."""

    def __init__(self, wall: datetime = MORNING) -> None:
        self.wall = wall
        self.steady = 1000.0

    def goes_on(self, time: timedelta) -> None:
        self.wall += time
        self.steady += time.total_seconds()

    def leaps(self, time: timedelta) -> None:
        self.wall += time


def settings_of(folder: Path, keep_days: int = 92) -> Settings:
    settings = branch_settings.load(DEMO, listen=None, data=folder, broker=None)
    return structs.replace(settings, store=Store(data=str(folder), keep_days=keep_days))


class Desk:
    """A branch in this process, asked as kiosks and tellers ask it."""

    def __init__(self, branch: Branch, http: httpx.AsyncClient) -> None:
        self.branch = branch
        self.http = http

    async def post(self, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
        named = {} if key is None else {"Idempotency-Key": key}
        headers = bearer(STAFF) | named
        return await self.http.post(API + path, json=body, headers=headers)

    async def issue(self, service: str = "cash", **more: Any) -> dict[str, Any]:
        answer = await self.http.post(
            f"{API}/tickets", json={"service": service, **more}, headers=bearer(KIOSK)
        )
        assert answer.status_code == 201, answer.text
        issued: dict[str, Any] = answer.json()
        return issued

    async def press(self, counter: str, move: str, body: Any = None) -> httpx.Response:
        return await self.post(f"/counters/{counter}/{move}", body)

    async def queues(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.http.get(f"{API}/queues")).raise_for_status().json()
        return found

    async def events(self, limit: int = 1000) -> list[dict[str, Any]]:
        """Every entry, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            asked = {"after": found[-1]["seq"] if found else 0, "limit": limit}
            answer = await self.http.get(f"{API}/journal", params=asked, headers=bearer(STAFF))
            page = answer.raise_for_status().json()["events"]
            if not page:
                return found
            found += page


@asynccontextmanager
async def desk_at(settings: Settings, machine: Machine) -> AsyncIterator[Desk]:
    branch = open_branch(settings, lambda: machine.wall, lambda: machine.steady, Random(1))
    running = asyncio.create_task(branch.desk.run())
    app: Any = application(branch)
    transport = httpx.ASGITransport(app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            yield Desk(branch, http)
    finally:
        running.cancel()
        branch.close()


async def until(look: Callable[[], Any], what: str, timeout_s: float = 10.0) -> None:
    """Lets the branch in this process go on until `look` is true."""
    deadline = asyncio.get_running_loop().time() + timeout_s
    while not look():
        assert asyncio.get_running_loop().time() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.02)


def fill(journal: Journal, days: list[date], tickets_a_day: int) -> None:
    """Days of nothing but tickets, a transaction a day."""
    for day in days:
        at = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
        with journal.transaction():
            journal.append([_ticket(day, at, n + 1) for n in range(tickets_a_day)])


def _ticket(day: date, at: datetime, number: int) -> TicketIssued:
    return TicketIssued(
        at=at + timedelta(seconds=number % 20_000), business_day=day, ticket=f"{day}-{number:016d}",
        label=f"A{number:03d}", service="cash", segment="ordinary", number=number, language="en",
        channel="kiosk",
    )  # fmt: skip


async def lived_days(folder: Path, days: int, tickets: int = 4, keep_days: int = 92) -> Machine:
    """A journal of so many business days, written by a branch; its agent has ended on the last of them."""
    machine = Machine()
    async with desk_at(settings_of(folder, keep_days), machine) as desk:
        for _ in range(days):
            for n in range(tickets):
                await desk.issue(customer_token=f"card-{n}")
            await desk.press("1", "call-next")
            await desk.press("1", "start")
            await desk.press("1", "finish")
            machine.goes_on(A_DAY)
    machine.goes_on(-A_DAY)
    return machine


def archived(folder: Path, days: int = 5, keep_days: int = 2) -> Machine:
    """A journal of so many days, all but the last and those kept before it archived."""

    async def story() -> Machine:
        machine = await lived_days(folder, days)
        async with desk_at(settings_of(folder, keep_days), machine) as desk:
            await all_quiet(desk, folder, days - keep_days - 1)
        return machine

    return asyncio.run(story())


async def all_quiet(desk: Desk, folder: Path, files: int) -> None:
    """One old day leaves at a time, when it is quiet after something has happened."""
    while (count := len([*archives(folder)])) < files:
        await desk.issue()
        await until(partial(_more_than, count, folder), "a day to leave")


def _more_than(count: int, folder: Path) -> bool:
    return len([*archives(folder)]) > count


def bodies(file: Path) -> list[tuple[int, bytes]]:
    with closing(sqlite3.connect(file)) as reader:
        return reader.execute("SELECT seq, body FROM event ORDER BY seq").fetchall()


def change(folder: Path, statement: str, values: tuple[object, ...] = ()) -> int:
    """An attacker with a database tool; how many rows were hit."""
    with closing(sqlite3.connect(folder / JOURNAL_FILE)) as tool:
        hit = tool.execute(statement, values).rowcount
        tool.commit()
        return hit


def said(*words: object) -> tuple[int, str]:
    """Exit status and words of `python -m edge_agent.journal`."""
    raw, given = io.BytesIO(), ["edge_agent.journal", *(str(word) for word in words)]
    with io.TextIOWrapper(raw, encoding="utf-8", write_through=True) as out:
        with patch.object(sys, "argv", given), redirect_stdout(out), redirect_stderr(out):
            status = main()
        return status, raw.getvalue().decode()


def ended_or_grown(process: "subprocess.Popen[Any]", file: Path, size: int) -> bool:
    return process.poll() is not None or (file.exists() and file.stat().st_size >= size)


def flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def archives(folder: Path) -> Iterator[Path]:
    return iter(sorted((folder / "archive").glob("*.gz")))
