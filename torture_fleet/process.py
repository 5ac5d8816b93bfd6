"""A program that is killed and comes back."""

import asyncio
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

ROOT = Path(__file__).parents[1]
STARTS_WITHIN_S = 240.0  # on a busy machine, with its database dead or its line frozen in between
PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None)


class DidNotStart(Exception):
    """The program does not come back; the text has its last words."""


class Ports:
    """Below those that the system gives to anybody (ip_local_port_range): a program's port stays its own while the
    program is dead."""

    def __init__(self, first: int) -> None:
        self._numbers = count(first)

    def next(self) -> int:
        while True:
            port = 10_000 + next(self._numbers) % 22_000
            with socket.socket() as probe, suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


class Process:
    """`words` start it. `answers` says whether it can be used. Within `patience_s` it must."""

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        log: Path,
        answers: Callable[[], Awaitable[bool]],
        *,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        patience_s: float = STARTS_WITHIN_S,
    ) -> None:
        self.name, self.log = name, log
        self._patience_s = patience_s
        self._words, self._answers = list(words), answers
        self._env, self._user = dict(env or os.environ), user
        self._child: subprocess.Popen[bytes] | None = None
        self._log_began = 0

    def spawn(self) -> None:
        with self.log.open("ab") as log:
            self._log_began = log.tell()
            self._child = subprocess.Popen(
                self._words,
                cwd=ROOT if self._user is None else "/",
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  we start no thread before the first child
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user else None,
            )

    @property
    def exit_status(self) -> int | None:
        """None while it runs."""
        return None if self._child is None else self._child.poll()

    @property
    def runs(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def kill(self) -> None:
        """kill -9, of it and of whatever it started in its group."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()

    async def end(self, within_s: float) -> int | None:
        """SIGTERM; its exit status, None if it had to be killed."""
        if self._child is None:
            return 0
        self._child.terminate()
        until = time.monotonic() + within_s
        while self.runs and time.monotonic() < until:
            await asyncio.sleep(0.02)
        status = self._child.poll()
        self.kill()
        return status

    async def start(self) -> float:
        """Until it answers, spawned again whenever it gives up before; the seconds it took. Raises DidNotStart."""
        began = time.monotonic()
        while time.monotonic() < began + self._patience_s:
            if not self.runs:
                self.spawn()
            if await self._answers():
                return time.monotonic() - began
            await asyncio.sleep(0.1 if self.runs else 0.5)
        raise DidNotStart(f"{self.name} does not answer; it said last:\n{self.last_words()}")

    def has_said(self, words: bytes) -> bool:
        """Since it was spawned last."""
        with self.log.open("rb") as log:
            log.seek(self._log_began)
            return words in log.read()

    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-15:])


def python(module: str, *words: str) -> list[str]:
    """With the interpreter that runs the torture."""
    return [sys.executable, "-m", module, *words]


async def accepts(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        async with asyncio.timeout(1):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def _die_with_parent() -> None:
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
