"""The watchdog's beat, against a socket such as systemd's."""

import logging
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.beat import Beat

WATCHDOG = {"WATCHDOG_USEC": "15000000", "WATCHDOG_PID": str(os.getpid())}


class Systemd:
    """Its end of the socket, and a clock."""

    def __init__(self, address: str) -> None:
        self.now = 50.0
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.socket.setblocking(False)
        self.environment = {"NOTIFY_SOCKET": address, **WATCHDOG}

    def beat(self, **changed: str) -> Beat:
        return Beat({**self.environment, **changed}, lambda: self.now)

    def heard(self) -> list[str]:
        said = []
        while True:
            try:
                said.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return said

    def seconds(self, beat: Beat, seconds: int, a_second: int = 36) -> list[str]:
        """The loop turns so often each second."""
        for _ in range(seconds * a_second):
            beat.turn()
            self.now += 1 / a_second
        return self.heard()


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Systemd]:
    name = f"@lobby-test-{os.getpid()}" if request.param == "abstract" else str(tmp_path / "n")
    far = Systemd(name)
    yield far
    far.socket.close()


def test_it_says_when_the_first_picture_is_there_and_when_it_ends(systemd: Systemd) -> None:
    beat = systemd.beat()
    beat.ready()
    beat.stopping()
    assert systemd.heard() == ["READY=1", "STOPPING=1"]


def test_it_beats_three_times_within_the_period_however_fast_the_loop_turns(
    systemd: Systemd,
) -> None:
    beat = systemd.beat()
    assert beat.every_s == 5.0
    assert systemd.seconds(beat, 30) == ["WATCHDOG=1"] * 6


def test_a_loop_that_does_not_turn_does_not_beat(systemd: Systemd) -> None:
    beat = systemd.beat()
    systemd.seconds(beat, 1)
    systemd.now += 60.0
    assert systemd.heard() == []


@pytest.mark.parametrize(
    "changed", [{"WATCHDOG_USEC": ""}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_PID": "1"}], ids=str
)
def test_without_a_watchdog_it_only_says_ready(changed: dict[str, str], systemd: Systemd) -> None:
    beat = systemd.beat(**changed)
    assert beat.every_s is None
    assert systemd.seconds(beat, 30) == []
    beat.ready()
    assert systemd.heard() == ["READY=1"]


def test_without_systemd_it_does_nothing(caplog: pytest.LogCaptureFixture) -> None:
    beat = Beat(WATCHDOG, lambda: 0.0)
    for say in (beat.ready, beat.turn, beat.stopping):
        say()
    assert not beat.supervised
    assert caplog.records == []


def test_a_reader_that_has_stopped_never_stops_the_screen(
    systemd: Systemd, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    beat = systemd.beat(WATCHDOG_USEC="3")
    began = time.monotonic()
    for _ in range(5000):  # the kernel keeps some hundreds at most
        beat.turn()
        systemd.now += 1.0
    assert time.monotonic() - began < 5.0
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert 0 < len(systemd.heard()) < 5000
    beat.ready()
    assert systemd.heard() == ["READY=1"]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_a_socket_that_is_made_anew_is_found_again(tmp_path: Path) -> None:
    far = Systemd(str(tmp_path / "n"))
    beat = far.beat()
    beat.ready()
    far.socket.close()
    beat.ready()
    (tmp_path / "n").unlink()
    again = Systemd(str(tmp_path / "n"))
    beat.ready()
    assert again.heard() == ["READY=1"]
    again.socket.close()


def test_a_socket_that_comes_later_is_found(tmp_path: Path) -> None:
    beat = Beat({"NOTIFY_SOCKET": str(tmp_path / "n"), **WATCHDOG}, lambda: 0.0)
    beat.ready()
    far = Systemd(str(tmp_path / "n"))
    beat.ready()
    assert far.heard() == ["READY=1"]
    far.socket.close()
