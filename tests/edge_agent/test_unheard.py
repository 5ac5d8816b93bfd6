"""A branch that nobody listens to is alive, and says that nobody does."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from edge_agent.unheard import Unheard
from edge_agent.uplink import Uplink
from program.broker import Broker as BrokerSettings
from program.line_state import LineState
from tests.edge_agent.conftest import API, KIOSK, bearer, branch_at
from tests.head_office.conftest import Broker, Line, base

PATIENCE_S = 0.3
OURS = base("riverside")


class Watch:
    """A line that is looked at as time goes on by itself."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.line = LineState()
        self.unheard = Unheard(self.line, lambda: self.now, 120.0)

    def go_on(self, seconds: int, *, connected: bool = True, acked: int = 0, last: int = 0) -> None:
        for _ in range(seconds):
            self.now += 1
            self.unheard.look(connected=connected, acked=acked, last=last)

    def told(self) -> list[str]:
        return list(self.line.names)


def test_a_broker_that_is_away_for_a_while_is_said_until_it_is_back() -> None:
    watch = Watch()
    watch.go_on(119, connected=False)
    assert watch.told() == []
    watch.go_on(5, connected=False)
    assert watch.told() == ["broker-away"]
    assert "120 s" in watch.line.sentence("broker-away")
    watch.go_on(1)
    assert watch.told() == []


def test_a_line_that_comes_and_goes_is_not_away() -> None:
    watch = Watch()
    for _ in range(50):
        watch.go_on(30, connected=False)
        watch.go_on(1)
    assert watch.told() == []


def test_a_head_office_that_acknowledges_nothing_is_said_until_it_does() -> None:
    watch = Watch()
    watch.go_on(119, acked=7, last=9)
    assert watch.told() == []
    watch.go_on(5, acked=7, last=30)
    assert watch.told() == ["unacknowledged"]
    watch.go_on(1, acked=8, last=30)
    assert watch.told() == []


def test_a_slow_head_office_and_one_with_nothing_to_acknowledge_are_well() -> None:
    watch = Watch()
    for acked in range(20):
        watch.go_on(100, acked=acked, last=1000)
    watch.go_on(600, acked=1000, last=1000)
    assert watch.told() == []


def test_without_a_broker_nobody_blames_or_praises_head_office() -> None:
    watch = Watch()
    watch.go_on(600, connected=False, acked=7, last=9)
    assert watch.told() == ["broker-away"]
    watch.go_on(119, acked=7, last=9)
    assert watch.told() == []
    watch.go_on(5, acked=7, last=9)
    watch.go_on(300, connected=False, acked=7, last=9)
    assert watch.told() == ["broker-away", "unacknowledged"]


def test_both_ends_are_logged_once_and_the_link_speaks_of_the_broker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    watch = Watch()
    watch.go_on(300, acked=7, last=9)
    watch.go_on(3, acked=9, last=9)
    watch.go_on(300, connected=False, acked=9, last=9)
    watch.go_on(3, acked=9, last=9)
    assert [record.message for record in caplog.records] == [
        "The line: head office has acknowledged nothing for more than 120 s; what is sent is kept.",
        "The line: head office acknowledges again.",
    ]


async def until(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    deadline = time.monotonic() + 20
    while not await holds():
        assert time.monotonic() < deadline, f"no {what}"
        await asyncio.sleep(0.05)


def test_healthz_says_it_and_stays_well(tmp_path: Path) -> None:
    """First no broker, then one behind which nobody acknowledges, then head office."""
    broker = Broker(tmp_path, start=False)

    async def live() -> None:
        async with branch_at(tmp_path / "data", lambda: datetime.now(UTC)) as (branch, http):

            async def says(*words: str) -> bool:
                health: Any = (await http.get("/healthz")).json()
                assert (health["status"], health["reasons"]) == ("ok", [])
                said = [one for one in health["warnings"] if "for more than" in one]
                return len(said) == len(words) and all(
                    word in one for word, one in zip(words, said, strict=True)
                )

            there = BrokerSettings(url=broker.url)
            uplink = Uplink(branch, there, Random(1), lambda _: None, unheard_after_s=PATIENCE_S)
            running = asyncio.create_task(uplink.run())
            try:
                asked = {"service": "cash"}
                await http.post(f"{API}/tickets", json=asked, headers=bearer(KIOSK))
                await until(lambda: says("no broker has answered"), "word of the broker")
                await asyncio.to_thread(broker.start)
                await until(lambda: says("head office has acknowledged nothing"), "word of it")
                line = await asyncio.to_thread(Line, broker)
                ack = {"epoch": branch.journal.epoch, "seq": branch.desk.seq}
                await asyncio.to_thread(line.say, f"{OURS}/ack", ack, retain=True)
                await until(says, "end of it")
                line.end()
            finally:
                running.cancel()

    try:
        asyncio.run(live())
    finally:
        broker.kill()
