"""Five thousand branches on their real uplinks, and how soon a ticket at one of them is on head office's board.

Whole agents beside the fleet give out tickets as customers come to a branch with some 200 a day; the time runs from just
before the press until the board's stream tells the branch's row with that ticket waiting. All on one machine.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from random import Random
from typing import IO, Any, cast

import httpx
import psutil

from bench.branch_bench import Kiosk
from bench.figures import tell, tell_times
from bench.programs import DEMO, answers, cpu_seconds, free_port, mosquitto, program, wait_until
from head_office.board.row import Standing

FLEET, PROCESSES, DAY = 5000, 3, "2h"  # nine opening hours in so much
AGENTS, TICKETS = 12, 11  # tickets at each
PAUSE_S = 20.0  # on average between two entries of such a branch
READER = {"Authorization": "Bearer demo-admin"}
FIELDS = Standing.__struct_fields__
BRANCH, WAITING = FIELDS.index("branch"), FIELDS.index("waiting")


def run(folder: Path) -> None:
    """All figures of the fleet."""
    broker, listen = free_port(), f"127.0.0.1:{free_port()}"
    url = f"mqtt://127.0.0.1:{broker}"
    with ExitStack() as running:
        enter = running.enter_context
        enter(mosquitto(folder, broker))
        words = ("--config", str(DEMO / "head_office.toml"), "--data", str(folder / "office"))
        server = enter(program("head_office", *words, "--listen", listen, "--broker", url))
        agents = [enter(agent(folder, f"probe-{n}", url)) for n in range(AGENTS)]
        connected_s = enter(fleet(url))
        tell("fleet_of_5000_connected", connected_s, "s", FLEET)
        office = psutil.Process(server.pid)
        before, start = cpu_seconds(office), time.perf_counter()
        tell_times("commit_to_board_of_5000_branches", to_the_board(listen, agents))
        share = (cpu_seconds(office) - before) / (time.perf_counter() - start)
        tell("head_office_of_5000_branches", share, "cores", FLEET)


@contextmanager
def agent(folder: Path, name: str, broker: str) -> Iterator[tuple[str, str]]:
    """A branch of that name; the name, and its address."""
    text = (DEMO / "branch.toml").read_text(encoding="utf-8")
    config = folder / f"{name}.toml"
    config.write_text(text.replace('id = "riverside"', f'id = "{name}"'), encoding="utf-8")
    listen = f"127.0.0.1:{free_port()}"
    words = ("--config", str(config), "--data", str(folder / name), "--broker", broker)
    with program("edge_agent", *words, "--listen", listen):
        wait_until(lambda: answers(f"http://{listen}/healthz"))
        yield name, f"http://{listen}"


@contextmanager
def fleet(broker: str) -> Iterator[float]:
    """Once all are connected and their day has begun; how long that took, in s."""
    words = ("--branches", str(FLEET), "--processes", str(PROCESSES), "--day", DAY)
    process = subprocess.Popen(
        [sys.executable, "-m", "fleet", *words, "--broker", broker, "--report", "5s"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        said: dict[str, Any] = {}
        while said.get("what") != "progress" or said["connected"] < FLEET:
            said = json.loads(cast(IO[str], process.stdout).readline())
        yield float(said["at_s"])
    finally:
        process.terminate()
        process.wait(60)


def to_the_board(listen: str, agents: list[tuple[str, str]]) -> list[float]:
    """In s, of each ticket."""
    board = Board(listen)
    threading.Thread(target=board.follow, daemon=True).start()
    wait_until(lambda: all(name in board.waiting for name, _ in agents))
    found: list[float] = []
    customers = [threading.Thread(target=press, args=(one, board, found)) for one in agents]
    for one in customers:
        one.start()
    for one in customers:
        one.join()
    return found


def press(at: tuple[str, str], board: "Board", found: list[float]) -> None:
    name, url = at
    random = Random(name)
    pressed: dict[int, float] = {}
    for number in range(1, TICKETS + 1):
        time.sleep(random.expovariate(1 / PAUSE_S))
        pressed[number] = time.perf_counter()
        Kiosk(url).issue(f"{name}-{number}")  # a line that rests so long is hung up
    wait_until(lambda: board.waiting[name] == TICKETS)
    seen = board.seen[name]
    for number, at_ in pressed.items():
        found.append(min(when for waiting, when in seen if waiting >= number) - at_)


class Board:
    """What the board's stream tells of every branch: how many wait, and when that was first told."""

    def __init__(self, listen: str) -> None:
        self._url = f"http://{listen}/api/v1/board"
        self.waiting: dict[str, int] = {}
        self.seen: dict[str, list[tuple[int, float]]] = {}

    def follow(self) -> None:
        """Until head office ends."""
        with (
            httpx.Client(headers=READER, trust_env=False, timeout=60) as http,
            suppress(httpx.HTTPError),
        ):
            while True:
                whole = http.get(self._url).json()
                self._take(whole["standing"])
                self._follow_from(http, whole["version"])

    def _follow_from(self, http: httpx.Client, version: int) -> None:
        """Until there is too much to tell."""
        words = {"after": version}
        with http.stream("GET", f"{self._url}/stream", params=words) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:") and (said := json.loads(line[5:]))["type"] == "Rows":
                    self._take(said["standing"])
                elif '"Anew"' in line:
                    return

    def _take(self, rows: list[list[Any]]) -> None:
        now = time.perf_counter()
        for row in rows:
            self.waiting[row[BRANCH]] = row[WAITING]
            self.seen.setdefault(row[BRANCH], []).append((row[WAITING], now))
