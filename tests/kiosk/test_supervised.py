"""The real kiosk under something that behaves as systemd does: it says when it is there, beats, hangs, ends."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Program, demo_config, free_port, wait_for

PERIOD_S = 3  # of the watchdog: a beat each second


class Supervised:
    """The kiosk off screen, without machines and without its branch, and systemd's end of its socket."""

    def __init__(self, folder: Path, *, changed: tuple[str, str] = ("", "")) -> None:
        self.heard: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self._socket.setblocking(False)
        text = demo_config("kiosk.toml", folder=folder)
        text = text.replace("127.0.0.1:8080", f"127.0.0.1:{free_port()}").replace(*changed)
        (folder / "kiosk.toml").write_text(text, encoding="utf-8")
        self.kiosk = Program(
            "kiosk",
            "--config",
            str(folder / "kiosk.toml"),
            log=folder / "kiosk.log",
            env={
                "SDL_VIDEODRIVER": "offscreen",
                "NOTIFY_SOCKET": str(folder / "notify"),
                "WATCHDOG_USEC": str(PERIOD_S * 1_000_000),
            },
        )

    def says(self, what: str, times: int = 1) -> Callable[[], bool]:
        return lambda: self.listen().count(what) >= times

    def listen(self) -> list[str]:
        while True:
            try:
                self.heard.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return self.heard

    def end(self) -> None:
        self.kiosk.kill()
        self._socket.close()


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    running = Supervised(tmp_path)
    yield running
    running.end()


def test_it_is_there_at_its_first_picture_beats_and_says_when_it_ends(
    supervised: Supervised,
) -> None:
    wait_for(supervised.says("READY=1"), "the first picture", 60)
    wait_for(supervised.says("WATCHDOG=1", 3), "three beats", 3 * PERIOD_S)
    assert supervised.kiosk.end() == 0
    assert supervised.listen()[-1] == "STOPPING=1"
    assert supervised.heard.count("READY=1") == 1


def test_it_ends_in_order_with_its_terminal_and_when_it_is_asked_twice(
    supervised: Supervised,
) -> None:
    wait_for(supervised.says("READY=1"), "the first picture", 60)
    process = supervised.kiosk.process
    process.send_signal(signal.SIGHUP)
    wait_for(supervised.says("STOPPING=1"), "its last word", 10)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_of_a_kiosk_that_hangs_the_log_says_where_and_shows_no_value(
    supervised: Supervised,
) -> None:
    wait_for(supervised.says("WATCHDOG=1"), "a beat", 60)
    limits = Path(f"/proc/{supervised.kiosk.process.pid}/limits").read_text().splitlines()
    [core] = [line.split()[4:6] for line in limits if line.startswith("Max core file size")]
    assert core in (["1", "1"], ["0", "0"])  # no fingerprint and no photo of a chip in it
    os.kill(supervised.kiosk.process.pid, signal.SIGABRT)  # systemd's WatchdogSignal
    assert supervised.kiosk.process.wait(10) == -signal.SIGABRT
    assert "Fatal Python error: Aborted" in supervised.kiosk.output()
    assert "kiosk/__main__.py" in supervised.kiosk.output()


def test_a_kiosk_that_cannot_start_what_stands_behind_its_screen_ends(tmp_path: Path) -> None:
    """Else it would beat, and say that it gets ready, for ever. No folder's name has a NUL in it."""
    impossible = ('data = "', 'data = "\\u0000')
    running = Supervised(tmp_path, changed=impossible)
    try:
        assert running.kiosk.process.wait(60) == 1
        assert "A mishap" in running.kiosk.output()
    finally:
        running.end()
