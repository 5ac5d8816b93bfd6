"""The edge agent under torture: one process after the other on the same folder and address."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from torture.faults import Faults
from torture.wire import Unanswered, Wire

TOKEN = "demo-staff"  # noqa: S105 -- of the demo configuration, known to everybody
ANSWERS_WITHIN_S = 30.0


class DoesNotAnswer(Exception):
    """The agent ended or kept silent when it should have begun to answer."""


class Agent:
    """`root` is the checkout whose agent runs, with the interpreter that runs the torture."""

    def __init__(self, root: Path, folder: Path, port: int, silent_port: int) -> None:
        self.root, self.port = root, port
        self.data = folder / "data"
        self.log = folder / "agent.log"
        self.faults = Faults(folder)
        self._broker = f"mqtt://127.0.0.1:{silent_port}"
        self._process: subprocess.Popen[bytes] | None = None

    def spawn(self) -> None:
        words = ["-m", "edge_agent", "--config", str(self.root / "config/demo/branch.toml")]
        words += ["--listen", f"127.0.0.1:{self.port}", "--data", str(self.data)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *words, "--broker", self._broker],
                cwd=self.root,
                env={**self.faults.environment(), "PYTHONPATH": str(self.root)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def exit_status(self) -> int | None:
        """None while it runs."""
        return self._started().poll()

    @property
    def pid(self) -> int:
        return self._started().pid

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("no agent was started yet")
        return self._process

    async def until_it_answers(self) -> float:
        """Seconds it took. Raises DoesNotAnswer."""
        began = time.monotonic()
        wire = Wire(self.port, TOKEN)
        while time.monotonic() < began + ANSWERS_WITHIN_S and self.exit_status is None:
            with suppress(Unanswered):
                if (await wire.ask("GET", "/healthz")).status in (200, 503):
                    wire.close()
                    return time.monotonic() - began
            await asyncio.sleep(0.02)
        wire.close()
        raise DoesNotAnswer(f"exit status {self.exit_status}; it said last:\n{self.last_words()}")

    async def until_it_is_dead(self, timeout_s: float) -> bool:
        """Waits for an end that somebody else brings about."""
        deadline = time.monotonic() + timeout_s
        while self.exit_status is None and time.monotonic() < deadline:
            await asyncio.sleep(0.005)
        return self.exit_status is not None

    def kill(self) -> None:
        """kill -9, of it and of whatever it started."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    async def end(self) -> int | None:
        """SIGTERM; its exit status, None if it had not ended after 5 s."""
        self._started().terminate()
        ended = await self.until_it_is_dead(5.0)
        return self.exit_status if ended else None

    def last_words(self) -> str:
        """The end of its log."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-25:])
