"""What tests of several folders share: simulated machines on real pseudo-terminals, a browser, free ports, waiting."""

import fcntl
import gc
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests import forking

ROOT = Path(__file__).parent.parent
LONG = (  # the longest wait first; a file that computes for long while others still wait
    "torture", "whole_branch", "head_office", "edge_agent", "fleet", "kiosk/test_lint.py", "devices",
)  # fmt: skip
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used; loading certificates takes 50 ms
expect.set_options(timeout=20_000)  # ms; a busy machine draws a page late
_ports = count(997 * os.getpid())  # workers are far apart


def wait_for(look: Callable[[], Any], what: str, timeout_s: float = 15.0) -> Any:
    """The first true value of `look`; fails with `what` when the time is up. Half of the time at most goes by looking: what
    is waited for needs the other."""
    deadline = time.monotonic() + timeout_s
    while True:
        began = time.monotonic()
        found = look()
        if found:
            return found
        now = time.monotonic()
        if now > deadline:
            pytest.fail(f"waited {timeout_s} s in vain for {what}")
        time.sleep(max(0.02, now - began))


def free_port() -> int:
    """Given once, and from below those that the system gives to anybody (ip_local_port_range): it has to stay free until
    the program that is told it has started."""
    while True:
        port = 12_000 + next(_ports) % 20_000
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def demo_config(name: str, *kinds: str, folder: Path = Path()) -> str:
    """The demo's file with machines of these kinds only, at the ports of those simulated in `folder`."""
    text = (ROOT / "config" / "demo" / name).read_text(encoding="utf-8")
    text = text.replace('"run/', f'"{folder.absolute()}/')
    head, *machines = text.split("[[devices]]\n")
    camera = f'port = "sim://{folder.absolute()}/camera.port"'
    head = re.sub('^port = "sim://.*$', camera, head, flags=re.MULTILINE)
    if "camera" not in kinds:
        head = re.sub(r"^\[(identity|camera)\]\n(.+\n)*", "", head, flags=re.MULTILINE)
    for machine in machines:
        kind = tomllib.loads(machine)["kind"]
        if kind in kinds:
            port = f'port = "{folder / kind}.port"'
            head += "[[devices]]\n" + re.sub("^port = .*$", port, machine, flags=re.MULTILINE)
    return head


def pytest_configure() -> None:
    """Whoever runs the tests in the background has told them to ignore Ctrl-C, and so the programs they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Some hundreds of programs are started; each would spend more on compiling than on starting.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    gc.disable()  # until all tests are there: nothing of them is garbage


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Twice as many as cores: much of a test's time goes by waiting for programs and clocks."""
    return 2 * len(os.sched_getaffinity(0))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """Each worker collects every file; one compiles it, and the others wait for that rather than do it too."""
    if not isinstance(collector, pytest.Module):
        return (yield)
    with collector.path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits longest first, so that no core idles at the end beside the last long file."""
    items.sort(key=_place)


def pytest_collection_finish() -> None:
    """What was collected stays to the end: half a second each time that somebody looks through it for garbage."""
    gc.freeze()
    gc.enable()


def _place(item: pytest.Item) -> int:
    file = item.path.relative_to(ROOT / "tests").as_posix()
    return next((n for n, one in enumerate(LONG) if file.startswith(one)), len(LONG))


class Program:
    """One of our programs as a user starts it, its output in a file."""

    def __init__(self, *words: str, log: Path, env: dict[str, str] | None = None) -> None:
        self.log = log
        self._out = log.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=self._out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            start_new_session=True,  # a frozen program in an orphaned group would get SIGHUP
            text=True,
        )

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def end(self, timeout_s: float = 5.0) -> int:
        """SIGTERM; must end within 5 s."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(timeout_s)
        finally:
            self.process.kill()
            self._out.close()


class Begun(Program):
    """The same, forked after its imports; nothing can be said to it."""

    def __init__(self, *words: str, log: Path) -> None:
        self.log = log
        self._out = log.open("ab")
        self.process = forking.start(words, log)  # type: ignore[assignment]


class SimulatedMachine(Program):
    """`python -m devices simulate`, with its ground truth."""

    def __init__(self, kind: str, folder: Path, *faults: str) -> None:
        self.link = folder / f"{kind}.port"
        self.truth_file = folder / f"{kind}.truth"
        words = [f"--fault={fault}" for fault in faults]
        super().__init__(
            "devices", "simulate", kind, "--link", str(self.link), "--log", str(self.truth_file), *words,
            log=folder / f"{kind}.log",
        )  # fmt: skip
        wait_for(lambda: "ready" in self.output(), f"simulated {kind}")

    def truth(self, event: str) -> list[dict[str, Any]]:
        lines = self.truth_file.read_text(encoding="utf-8").splitlines()
        found = [json.loads(line) for line in lines]
        return [line for line in found if line["event"] == event]


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[Callable[..., SimulatedMachine]]:
    """Start a simulated machine: simulated("ticket_printer", "paper_out")."""
    started: list[SimulatedMachine] = []

    def start(kind: str, *faults: str) -> SimulatedMachine:
        machine = SimulatedMachine(kind, tmp_path, *faults)
        started.append(machine)
        return machine

    yield start
    for machine in started:
        machine.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, one for the tests of a file: while one is there, no event loop can be run in this thread."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield opened
        opened.close()
