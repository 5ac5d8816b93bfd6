"""One simulated machine on a real pseudo-terminal, run by the bench in a thread."""

import io
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import serial

from devices.simulate import Machine, TruthLog, simulate

DEADLINE_S = 5.0


def await_true(condition: Callable[[], bool]) -> None:
    """Bounded wait for another thread or process."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, "took too long"
        threading.Event().wait(0.005)


def open_port(link: Path, xonxoff: bool = False) -> serial.Serial:
    return serial.Serial(
        str(link), 115200, timeout=DEADLINE_S, write_timeout=DEADLINE_S, xonxoff=xonxoff
    )


class Running:
    """simulate() in a thread, commands through a pipe."""

    def __init__(self, kind: str, build: Callable[[TruthLog], Machine], folder: Path) -> None:
        self.link, self.log = folder / "port", folder / "truth.jsonl"
        read_end, write_end = os.pipe()
        self._stdin = os.fdopen(read_end)
        self._type = os.fdopen(write_end, "w", buffering=1)
        self.stdout = io.StringIO()
        machine = build(TruthLog(self.log))
        self.thread = threading.Thread(target=self._simulate, args=(kind, machine))
        self.thread.start()
        await_true(lambda: f"ready {self.link}\n" in self.stdout.getvalue())

    def _simulate(self, kind: str, machine: Machine) -> None:
        clock = time.monotonic
        simulate(kind, machine, self.link, self.log, [], self._stdin, self.stdout, clock)

    def command(self, line: str) -> str:
        before = len(self.stdout.getvalue())
        self._type.write(line + "\n")
        await_true(lambda: self.stdout.getvalue()[before:].endswith("\n"))
        return self.stdout.getvalue()[before:].strip()

    def events(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def end(self) -> None:
        if self.thread.is_alive():
            self.command("quit")
        self.thread.join(DEADLINE_S)
        assert not self.thread.is_alive()
        self._type.close()
        self._stdin.close()
