"""The programs as a bank runs them, on free ports, in a folder that goes away."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "config" / "demo"
STAFF = {"Authorization": "Bearer demo-staff"}
KIOSK = {"Authorization": "Bearer demo-kiosk"}


@contextmanager
def program(*words: str, env: dict[str, str] | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    """`python -m words…`, ended at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(env or {})},
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


@contextmanager
def branch(
    folder: Path, *, head_office: bool = True
) -> Iterator[tuple[str, str, dict[str, psutil.Process]]]:
    """Agent, broker and head office; their addresses and processes."""
    broker, agent, office = (free_port() for _ in range(3))
    url = f"mqtt://127.0.0.1:{broker}"
    with ExitStack() as running:
        started: dict[str, Any] = {"broker": running.enter_context(mosquitto(folder, broker))}
        for name, port, file in (
            ("edge_agent", agent, "branch.toml"),
            ("head_office", office, "head_office.toml"),
        )[: 2 if head_office else 1]:
            words = (
                *(name, "--config", str(DEMO / file), "--listen", f"127.0.0.1:{port}"),
                *("--data", str(folder / name), "--broker", url),
            )
            started[name] = running.enter_context(program(*words))
        agent_url, office_url = f"http://127.0.0.1:{agent}", f"http://127.0.0.1:{office}"
        wait_until(lambda: answers(f"{agent_url}/healthz"))
        wait_until(lambda: not head_office or answers(f"{office_url}/healthz"))
        processes = {name: psutil.Process(process.pid) for name, process in started.items()}
        yield agent_url, office_url, processes


@contextmanager
def mosquitto(folder: Path, port: int, more: str = "") -> Iterator["subprocess.Popen[bytes]"]:
    config = folder / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\n{more}allow_anonymous true\nmax_queued_messages 0\n"
    )
    process = subprocess.Popen(
        ["/usr/sbin/mosquitto", "-c", str(config)], stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: _listens(port))
        yield process
    finally:
        process.terminate()
        process.wait(10)


def cpu_seconds(process: psutil.Process) -> float:
    """User and system time so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def memory_mb(process: psutil.Process) -> float:
    """Resident memory in MB (10^6 bytes)."""
    return float(process.memory_info().rss) / 1e6


def wait_until(look: Callable[[], object], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not look():
        if time.monotonic() > deadline:
            raise TimeoutError("the programs did not get ready")
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
