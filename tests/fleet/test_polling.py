"""What paho waits with in a process of many files."""

import os
import resource
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from fleet.polling import Polling

FILES = 1100


@pytest.fixture
def high() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A pair of sockets above what select(2) knows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2 * FILES)), hard))
    with ExitStack() as held:
        for _ in range(FILES):
            held.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        one, other = socket.socketpair()
        held.enter_context(one)
        held.enter_context(other)
        yield one, other
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_file_above_what_select_knows_is_waited_for(
    high: tuple[socket.socket, socket.socket],
) -> None:
    one, other = high
    with pytest.raises(ValueError, match="range"):
        select.select([one], [], [], 0)
    assert Polling.select([one], [one], [], 0) == ([], [one], [])
    other.send(b"x")
    assert Polling.select([one], [], [], 1) == ([one], [], [])


def test_an_end_can_be_read_and_a_closed_file_is_refused() -> None:
    one, other = socket.socketpair()
    other.close()
    assert Polling.select([one], [], [], 1) == ([one], [], [])
    one.close()
    with pytest.raises(ValueError, match="closed"):
        Polling.select([one], [], [], 0)
