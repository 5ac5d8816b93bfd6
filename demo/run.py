"""One whole branch on this machine, alive with customers. Ctrl-C ends everything."""

import argparse
import fcntl
import os
import signal
import socket
import tempfile
import threading
import time
import tomllib
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import httpx
from Xlib.error import ConnectionClosedError

from demo import appointments, faces, records, screen
from demo.machines import Machines
from demo.pad_teller import PadTeller
from demo.people import SWIPED, Customers, Seen, Teller
from demo.programs import Failed, Programs, await_nothing_missing, fresh_folder, wait_until
from demo.summary import Summary, told

ROOT = Path(__file__).parent.parent
CONFIG = ROOT / "config" / "demo"
TELLERS = ("1", "2")
PAD_TELLER = "3"
START_S = 60.0
SETTLE_S = 45.0
LAST_CUSTOMERS_S = 15.0  # before the end, nobody new comes in and those inside are served


class Demo:
    """The branch, its people, and the addresses to look at."""

    def __init__(self, folder: Path) -> None:
        self.folder = fresh_folder(folder)
        self.programs = Programs(say)
        self.closed = threading.Event()  # no new customers
        self.stop = threading.Event()
        self.seen = Seen()
        usual = (8080, 8090, 1883, 8070, 8060) if self._first() else (0, 0, 0, 0, 0)
        ports = [_port(wanted) for wanted in usual]
        self.branch, self.office, _, self.picture, self._records = (
            f"http://127.0.0.1:{port}" for port in ports
        )
        self._ports = ports
        self._random = Random()
        self._people: list[threading.Thread] = []
        self._size = (screen.WIDTH, screen.HEIGHT)
        self._machines = Machines(self.programs, self.folder, CONFIG)
        truth = self._machines.truth("printer")
        self.summary = Summary(self.branch, self.office, truth, (*TELLERS, PAD_TELLER))

    def _first(self) -> bool:
        """Whether no other demo runs on this machine; it would want the same ports."""
        self._lock = (Path(tempfile.gettempdir()) / f"lobby-demo-{os.getuid()}.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def start(self) -> None:
        """Every program, in the order in which one needs another. Raises Failed."""
        branch, office, broker, _, bank = self._ports
        url = f"mqtt://127.0.0.1:{broker}"
        start = self.programs.start
        self._machines.start()
        number = SWIPED[0].strip(";").partition("=")[0]
        records.serve(bank, number, self._cards_key(), faces.hopper().read_bytes())
        appointments.write(self.folder / "appointments.csv", datetime.now(UTC))
        start("broker", "demo.broker", str(broker))
        for program, port, file in (
            ("edge_agent", branch, self._config("branch.toml")),
            ("head_office", office, self._config("head_office.toml")),
        ):
            data = str(self.folder / program)
            listen = f"127.0.0.1:{port}"
            start(
                program,
                program,
                "--config",
                file,
                "--listen",
                listen,
                "--data",
                data,
                "--broker",
                url,
            )
        self._await(f"{self.branch}/healthz", "the edge agent")
        self._await(f"{self.office}/healthz", "head office")
        self._start_kiosk()

    def say_addresses(self) -> None:
        say("")
        say("One branch is at work. Look at it:")
        say(f"  counter      {self.branch}/counter   (name lin, PIN 2468, a counter from 4 on)")
        say(f"  hall         {self.branch}/hall")
        say(f"  head office  {self.office}/")
        say(f"  kiosk        {'on your screen' if self._on_screen else self.picture}")
        say("")

    def open_doors(self) -> None:
        """Customers and tellers come in."""
        tellers = [
            Teller(self.branch, counter, self.seen, Random(self._random.random()), self.stop)
            for counter in TELLERS
        ]
        by_pad = PadTeller(
            self.branch,
            PAD_TELLER,
            self._machines,
            self.seen,
            Random(self._random.random()),
            self.stop,
        )
        customers = Customers(
            screen.Finger(self._display, self._size).touch,
            screen.Shown(self.folder / "kiosk-1.outline"),
            self._machines.say,
            self.seen,
            Random(self._random.random()),
            self.closed,
            self.folder / "person",
        )
        for person in (*tellers, by_pad, customers):
            thread = threading.Thread(target=self._live, args=(person,), daemon=True)
            thread.start()
            self._people.append(thread)

    def settle(self) -> None:
        """The door is closed; those inside are served. Raises Failed when that takes too long."""
        self.closed.set()
        self._people[-1].join(20)
        self._await_settled()
        self.stop.set()
        for thread in self._people:
            thread.join(SETTLE_S)  # a teller finishes with whom they have just called
        self._await_settled()

    def _await_settled(self) -> None:
        await_nothing_missing(lambda: self.summary.missing(self.seen), SETTLE_S, self.programs)

    def end(self) -> None:
        self.closed.set()
        self.stop.set()
        for thread in self._people:
            thread.join(3)
        self.programs.end()

    def _live(self, person: Customers | Teller | PadTeller) -> None:
        try:
            person.run()
        except (httpx.HTTPError, ConnectionClosedError) as error:
            if not self.stop.is_set():
                say(f"demo: {type(person).__name__} could not go on: {error}")

    def _start_kiosk(self) -> None:
        display = screen.attached()
        self._on_screen = display is not None
        if display is None:
            virtual = screen.VirtualScreen(self.programs, self.folder, screen.WIDTH, screen.HEIGHT)
            display = virtual.name
            screen.serve(virtual.png, self._ports[3])
        self._display = display
        self._size = screen.kiosk_size(display)
        kiosk = self.programs.start(
            "kiosk", "kiosk", "--config", self._config("kiosk.toml"), env={"DISPLAY": display}
        )
        devices = f"{self.branch}/api/v1/devices"
        staff = {"Authorization": "Bearer demo-staff"}

        def all_ready() -> bool:
            known = httpx.get(devices, headers=staff, trust_env=False).json()["devices"]
            return len(known) == 1 + len(self._machines) and all(
                one["state"] == "ready" for one in known
            )

        wait_until(all_ready, "the kiosk and all machines", START_S, self.programs)
        if kiosk.poll() is not None:
            raise Failed("the kiosk ended by itself")

    def _config(self, name: str) -> str:
        """The demo's file as it stands, with the addresses and wires of this run."""
        text = (CONFIG / name).read_text(encoding="utf-8")
        for as_it_stands, now in (
            ("http://127.0.0.1:8080", self.branch),
            ("http://127.0.0.1:8060", self._records),
            ('"run/', f'"{self.folder}/'),
            ('"sim://run/', f'"sim://{self.folder.absolute()}/'),
        ):
            text = text.replace(as_it_stands, now)
        text = text.replace("width_px = 1080", f"width_px = {self._size[0]}")
        text = text.replace("height_px = 1920", f"height_px = {self._size[1]}")
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def _cards_key(self) -> str:
        with (CONFIG / "kiosk.toml").open("rb") as file:
            return str(tomllib.load(file)["cards"]["key"])

    def _await(self, url: str, what: str) -> None:
        def answers() -> bool:
            with suppress(httpx.HTTPError):
                return httpx.get(url, trust_env=False).status_code == httpx.codes.OK
            return False

        wait_until(answers, what, START_S, self.programs)


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    words.add_argument("--seconds", type=float, metavar="S", help="end by itself, with a summary")
    words.add_argument("--folder", type=Path, default=ROOT / "run" / "demo", metavar="DIR")
    given = words.parse_args()
    asked_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: asked_to_stop.set())
    demo = Demo(given.folder.absolute())
    try:
        demo.start()
        demo.say_addresses()
        demo.open_doors()
        if given.seconds is None:
            return _until_stopped(demo, asked_to_stop)
        return _for_seconds(demo, given.seconds, asked_to_stop)
    except Failed as error:
        say(f"demo: failed: {error}")
        return 1
    finally:
        demo.end()


def _until_stopped(demo: Demo, asked_to_stop: threading.Event) -> int:
    while not asked_to_stop.wait(1):
        demo.programs.check()
    say("demo: ending everything")
    return 0


def _for_seconds(demo: Demo, seconds: float, asked_to_stop: threading.Event) -> int:
    end = time.monotonic() + max(5.0, seconds - LAST_CUSTOMERS_S)
    while time.monotonic() < end:
        demo.programs.check()
        if asked_to_stop.wait(0.5):
            say("demo: stopped before its time; no summary")
            return 1
    demo.settle()
    lines = demo.summary.lines(demo.seen)
    say(told(lines))
    wrong = [line.name for line in lines if not line.agrees]
    if wrong or not lines[0].seen:
        say(f"demo: failed: {', '.join(wrong) or 'no ticket was issued'}: see the table above")
        return 1
    say("demo: what was seen outside agrees with the journal")
    return 0


def _port(wanted: int) -> int:
    """The usual port, or a free one when somebody else has it."""
    for port in (wanted, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise Failed("no free port on this machine")


def say(line: str) -> None:
    print(line, flush=True)
