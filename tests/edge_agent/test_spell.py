"""What anybody can send as often as they like makes no log grow: one line, and then a count a minute."""

import logging
import socket
from collections.abc import Callable

import pytest

from program.spell import A_MINUTE_S, Spell
from tests.conftest import wait_for
from tests.edge_agent.conftest import Agent

NO_HTTP = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
UPGRADE = b"GET /hall HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"


class Timer:
    def __init__(self) -> None:
        self.set: list[Callable[[], None]] = []

    def __call__(self, delay_s: float, call: Callable[[], None]) -> None:
        assert delay_s == A_MINUTE_S
        self.set.append(call)

    def a_minute_passes(self) -> None:
        self.set.pop()()


def test_it_is_said_when_it_begins_and_counted_by_the_minute_until_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    timer = Timer()
    spell = Spell("Bad requests", timer)
    with caplog.at_level(logging.WARNING):
        assert [spell.came() for _ in range(100)] == [True] + [False] * 99
        timer.a_minute_passes()
        assert caplog.messages == ["Bad requests: 99 more within a minute."]
        timer.a_minute_passes()
        assert (timer.set, len(caplog.messages)) == ([], 1)
        assert spell.came()


@pytest.mark.parametrize("said", [NO_HTTP, UPGRADE], ids=["no-http", "upgrade"])
def test_requests_that_are_none_are_warned_of_once(own_agent: Agent, said: bytes) -> None:
    def lines() -> list[str]:
        return own_agent.log.read_text(encoding="utf-8").splitlines()

    host, _, port = own_agent.address.partition(":")
    wait_for(lambda: any("No broker" in one for one in lines()), "it to miss its broker")
    before = len(lines())
    for _ in range(200):
        with socket.create_connection((host, int(port)), timeout=5) as line:
            line.sendall(said)
            line.shutdown(socket.SHUT_WR)
            while line.recv(4096):
                pass
    log = lines()[before:]
    assert len(log) == 1, log
