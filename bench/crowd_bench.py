"""Sixty-four kiosks at once: what committing together gains, on this disk, on one whose every sync takes 10 ms, and on
one whose syncs are uneven, the slowest hundredth at 10 ms; each beside bare commits on the same disk.
"""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

import psutil

from bench.figures import quantile, tell, tell_times
from bench.programs import cpu_seconds, free_port
from torture.agent import Agent
from torture.faults import Mode
from torture.wire import Wire

SLOW_MS = 10
MANY = 64
TICKETS = 640
ROOT = Path(__file__).parent.parent


def run(folder: Path) -> None:
    """All figures of the crowd."""
    asyncio.run(crowd(folder))


async def crowd(folder: Path) -> None:
    agent = Agent(ROOT, folder, free_port(), free_port())
    agent.spawn()
    try:
        await agent.until_it_answers()
        await at_once(agent.port, "warm", MANY, MANY)
        await serve_some(agent.port)
        await figures(agent, "this_disk", alone=200)
        agent.faults.begin(Mode.SLOW_SYNC, slow_ms=SLOW_MS)
        await figures(agent, "slow_disk", alone=50)
        agent.faults.begin(Mode.UNEVEN_SYNC, slow_ms=SLOW_MS)
        await figures(agent, "uneven_disk", alone=200)
    finally:
        agent.faults.heal()
        agent.kill()


async def serve_some(port: int) -> None:
    """Open counters and known times, so that every ticket comes with an estimated wait."""
    wire = Wire(port, "demo-staff")
    for counter in range(1, 17):
        for press in ("call-next", "start", "call-next"):
            await wire.ask(
                "POST",
                f"/api/v1/counters/{counter}/{press}",
                key=f"{press}-{counter}-{time.time()}",
            )
    wire.close()


async def figures(agent: Agent, disk: str, alone: int) -> None:
    process = psutil.Process(agent.pid)
    bare = bare_on(agent, alone)
    tell_times(f"{disk}_bare_commit", bare)
    one, _ = await at_once(agent.port, f"{disk}-1", 1, alone)
    _, eight = await at_once(agent.port, f"{disk}-8", 8, TICKETS)
    before = cpu_seconds(process)
    many, _ = await at_once(agent.port, f"{disk}-64", MANY, TICKETS)
    tell(
        f"{disk}_64_clients_server_cpu",
        (cpu_seconds(process) - before) / TICKETS * 1000,
        "ms",
        TICKETS,
    )
    tell(f"{disk}_rate_1_client", one, "1/s", alone)
    tell(f"{disk}_rate_64_clients", many, "1/s", TICKETS)
    tell(f"{disk}_64_clients_over_1", many / one, "ratio", TICKETS)
    tell(f"{disk}_64_clients_over_bare_commits", many * sum(bare) / len(bare), "ratio", TICKETS)
    tell_times(f"{disk}_8_clients", eight)
    tell(
        f"{disk}_8_clients_p99_in_syncs",
        quantile(eight, 0.99) / (SLOW_MS / 1000),
        "x 10 ms",
        TICKETS,
    )


def bare_on(agent: Agent, tickets: int) -> list[float]:
    """Bare commits on the disk that the agent has; seconds of each."""
    folder = agent.data.parent / f"bare-{time.time_ns()}"
    folder.mkdir()
    # the disk's faults hit files of this name only
    words = [
        sys.executable,
        "-m",
        "bench.bare_commit",
        str(folder / "journal.sqlite"),
        str(tickets),
    ]
    environment = {**agent.faults.environment(), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, check=True)
    seconds: list[float] = json.loads(done.stdout)
    return seconds


async def at_once(port: int, name: str, clients: int, tickets: int) -> tuple[float, list[float]]:
    """Tickets a second, and how long each took in s."""
    seconds: list[float] = []

    async def client(who: int) -> None:
        wire = Wire(port, "demo-kiosk")
        for n in range(tickets // clients):
            start = time.perf_counter()
            answer = await wire.ask(
                "POST", "/api/v1/tickets", {"service": "cash"}, f"{name}-{who}-{n}"
            )
            if answer.status != 201:
                raise RuntimeError(f"no ticket: {answer}")
            seconds.append(time.perf_counter() - start)
        wire.close()

    start = time.perf_counter()
    await asyncio.gather(*(client(who) for who in range(clients)))
    return len(seconds) / (time.perf_counter() - start), seconds
