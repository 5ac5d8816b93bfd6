"""`python -m fleet --branches 5000 --processes 2 --day 120s`: prints what it did as JSON lines.

Exit status 0 when head office has acknowledged every entry of every branch.
"""

import argparse
import asyncio
import json
import multiprocessing
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import deque
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from fleet.places import write_list
from fleet.plan import Plan, TooMany, raise_file_limit
from fleet.states import StatesOnly
from fleet.worker import Figures, work
from program.broker import Broker
from program.settings_file import SettingsError

UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0}
IN_MEMORY = Path("/dev/shm")  # noqa: S108  thousands of syncs a second are no part of what is simulated
UNUSABLE = 2


def arguments() -> argparse.Namespace:
    words = argparse.ArgumentParser(
        "python -m fleet", description=(__doc__ or "").partition("\n")[0]
    )
    words.add_argument("--branches", type=int, default=5000)
    words.add_argument("--broker", default="mqtt://127.0.0.1:1883", metavar="URL")
    words.add_argument("--processes", type=int, default=2)
    words.add_argument(
        "--day",
        type=seconds,
        default=120.0,
        metavar="TIME",
        help="what nine opening hours take: 60s, 10m",
    )
    words.add_argument(
        "--days", type=int, default=1, help="one after the other; the last one is today's date"
    )
    words.add_argument(
        "--visits", type=float, default=40.0, help="customers a day and branch, on average"
    )
    words.add_argument("--counters", type=int, default=3, help="that are manned, at each branch")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="for the journals; kept afterwards (default: in memory)",
    )
    words.add_argument(
        "--report", type=seconds, default=10.0, metavar="TIME", help="between two lines"
    )
    words.add_argument(
        "--settle",
        type=seconds,
        default=60.0,
        metavar="TIME",
        help="at the end, for head office to take the rest",
    )
    words.add_argument(
        "--list", type=Path, metavar="FILE", help="write the bank's list of these branches first"
    )
    words.add_argument(
        "--states-only",
        action="store_true",
        help="births, queues and health, without journals, until SIGTERM or --seconds",
    )
    words.add_argument("--seconds", type=float, help="for --states-only")
    return words.parse_args()  # fmt: skip


def seconds(text: str) -> float:
    """'90s', '2m', '9h'."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if found is None or float(found[1]) <= 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no time; write it as 90s, 2m or 9h")
    return float(found[1]) * UNITS_S[found[2] or "s"]


def main() -> int:
    asked = arguments()
    try:
        Broker(url=asked.broker).addresses()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE
    if asked.list is not None:
        write_list(asked.list, asked.branches, asked.seed)
    if asked.states_only:
        return asyncio.run(states_only(asked))
    folder = asked.data or Path(tempfile.mkdtemp(prefix="lobby-fleet-", dir=_in_memory()))
    try:
        plan = plan_of(asked, folder)
        raise_file_limit(len(plan.numbers(0)))
        return run(plan)
    except TooMany as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE
    finally:
        if asked.data is None:
            shutil.rmtree(folder, ignore_errors=True)


def plan_of(asked: argparse.Namespace, folder: Path) -> Plan:
    today: date = datetime.now(UTC).date()
    return Plan(
        branches=asked.branches,
        processes=min(asked.processes, asked.branches),
        broker=asked.broker,
        first=today - timedelta(days=asked.days - 1),
        days=asked.days,
        day_s=asked.day,
        visits=asked.visits,
        counters=asked.counters,
        seed=asked.seed,
        data=folder,
        report_s=asked.report,
        settle_s=asked.settle,
    )


def run(plan: Plan) -> int:
    """Starts the processes, adds up what they tell, and prints it."""
    began = time.monotonic()
    start = multiprocessing.get_context("spawn")
    together, ears, children = start.Barrier(plan.processes), [], []
    for process in range(plan.processes):
        ear, mouth = start.Pipe(duplex=False)
        child = start.Process(target=work, args=(plan, process, mouth, together))
        child.start()
        mouth.close()
        ears.append(ear)
        children.append(child)

    def end(*_: object) -> None:
        for child in children:
            child.terminate()

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, end)
    total = follow(ears, began)
    for child in children:
        child.join()
    good = all(child.exitcode == 0 for child in children) and total.get("behind") == 0
    return 0 if good else 1


def follow(ears: list[Connection], began: float) -> Figures:
    """Prints a line whenever every process has told its part of it; the last one."""
    told: dict[str, list[deque[Figures]]] = {}
    last: Figures = {}
    speaking = dict(enumerate(ears))
    while speaking:
        for process, ear in [(p, e) for p, e in speaking.items() if e in wait(speaking.values())]:
            try:
                what, figures = ear.recv()
            except EOFError:
                del speaking[process]
                continue
            parts = told.setdefault(what, [deque() for _ in ears])
            parts[process].append(figures)
            if all(parts):
                last = summed([part.popleft() for part in parts])
                say({"what": what, "at_s": round(time.monotonic() - began, 1), **last})
    return last


def summed(parts: list[Figures]) -> Figures:
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: round(sum(part.get(name, 0) for part in parts), 1) for name in names}


async def states_only(asked: argparse.Namespace) -> int:
    states = StatesOnly(
        Broker(url=asked.broker), asked.branches, asked.seed, asked.day, lambda: datetime.now(UTC)
    )
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    task = asyncio.create_task(states.run())
    until = time.monotonic() + (asked.seconds or float("inf"))
    while not stop.is_set() and not task.done() and time.monotonic() < until:
        with suppress(TimeoutError):
            await asyncio.wait_for(
                stop.wait(), min(asked.report, max(0.0, until - time.monotonic()))
            )
        say({"what": "states", "branches": asked.branches, "messages": states.told})
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return 0 if states.told else 1


def say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


def _in_memory() -> Path | None:
    return IN_MEMORY if IN_MEMORY.is_dir() else None


if __name__ == "__main__":
    sys.exit(main())
