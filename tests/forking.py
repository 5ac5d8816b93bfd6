"""Our programs without their imports: each is forked from a process that has done those of this program once, and begins
where `python -m` begins. Some hundreds of starts cost half a second of a core less each. Torture, the fleet, the whole branch
and the demo start programs as a user does.
"""

import gc
import importlib
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def start(words: tuple[str, ...], log: Path) -> "Forked":
    """`words`: the program, and what is said to it; its output goes to the end of `log`."""
    origin = _origin(words[0])
    return Forked(origin, origin.ask(words=words, log=str(log), env=dict(os.environ)))


class Forked:
    """As much of `subprocess.Popen` as the tests use."""

    stdin = None

    def __init__(self, origin: "Origin", pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._origin, self._handle = origin, os.pidfd_open(pid)

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            over = select.poll()
            over.register(self._handle, select.POLLIN)
            if not over.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            self.returncode = self._origin.ask(ended=self.pid)
            os.close(self._handle)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Origin:
    """The process that has imported one program; it ends when its input does."""

    def __init__(self, program: str) -> None:
        self._one_asks = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forking", program],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )

    def ask(self, **order: Any) -> int:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        with self._one_asks:
            stdin.write(json.dumps(order) + "\n")
            stdin.flush()
            return int(stdout.readline())


_origin = cache(Origin)


def main(program: str) -> None:
    importlib.import_module(f"{program}.__main__")
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        if "ended" in order:
            answer = os.waitstatus_to_exitcode(os.waitpid(order["ended"], 0)[1])
        else:
            answer = os.fork()
        if answer == 0 and "words" in order:
            return _become(**order)
        print(answer, flush=True)
    return None


def _become(words: list[str], log: str, env: dict[str, str]) -> None:
    os.setsid()
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), out, out)):
        os.dup2(file, number)
    os.environ.clear()
    os.environ.update(env)
    sys.argv, sys.orig_argv = words, [sys.executable, "-m", *words]
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1])
