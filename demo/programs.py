"""Starts the branch's programs as their users would, one readable log for all, and ends them all."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

END_S = 5.0


class Failed(Exception):
    """The demo cannot go on; the text says why."""


class Programs:
    """Every program in a session of its own, so that Ctrl-C reaches the demo first and ends are orderly."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._started: list[tuple[str, subprocess.Popen[str]]] = []

    def start(
        self, name: str, *words: str, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """`python -m words…`; what it prints goes into the one log."""
        return self.start_other(name, sys.executable, "-u", "-m", *words, env=env)

    def start_other(
        self, name: str, *command: str, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**os.environ, **(env or {})},
        )
        self.adopt(name, process)
        threading.Thread(target=self._read, args=(name, process), daemon=True).start()
        return process

    def adopt(self, name: str, process: subprocess.Popen[str]) -> None:
        """A program somebody else started; it ends with the others."""
        self._started.append((name, process))

    def check(self) -> None:
        """Raises Failed when a program has ended by itself."""
        for name, process in self._started:
            if process.poll() is not None:
                raise Failed(f"{name} ended by itself (status {process.returncode})")

    def end(self) -> None:
        """SIGTERM, patience, SIGKILL; the last started first, each before the one it needs."""
        for name, process in reversed(self._started):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                self._say(f"{name} did not end within {END_S:.0f} s and was killed")
                process.kill()
                process.wait()

    def _read(self, name: str, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101  for the type checker
        for line in process.stdout:
            self._say(
                line.rstrip()
                if " " in line[:22] and line[:2] == "20"
                else f"{name}: {line.rstrip()}"
            )


def wait_until(look: Callable[[], object], what: str, timeout_s: float, programs: Programs) -> None:
    """Raises Failed when the time is up or a program ends."""
    await_nothing_missing(lambda: [] if look() else [what], timeout_s, programs)


def await_nothing_missing(
    missing: Callable[[], list[str]], timeout_s: float, programs: Programs
) -> None:
    """Raises Failed when the time is up, with what is missing then, or when a program ends."""
    deadline = time.monotonic() + timeout_s
    while still := missing():
        programs.check()
        if time.monotonic() > deadline:
            raise Failed(f"waited {timeout_s:.0f} s in vain for {'; '.join(still)}")
        time.sleep(0.1)


def fresh_folder(path: Path) -> Path:
    """Empty, whatever an earlier demo left in it."""
    path.mkdir(parents=True, exist_ok=True)
    for old in sorted(path.rglob("*"), reverse=True):
        old.rmdir() if old.is_dir() and not old.is_symlink() else old.unlink()
    return path
