"""Head office: batches taken in, snapshots shown, live news while a backlog drains, 5,000 branches coming back.

Beside each stands what a bare `mosquitto_sub` costs for the same messages in the same run.
"""

import asyncio
import shutil
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import IO, cast

import msgspec
import psutil

from bench.figures import tell, tell_times
from bench.programs import DEMO, cpu_seconds, free_port, mosquitto, program, wait_until
from bench.wire import Branch, Wire
from edge_agent import messages, topics
from program import mqtt_packets as mqtt
from program.back_off import pauses
from program.in_flight import Message
from program.mqtt_connection import ANSWER_S, CONNECT_S
from program.mqtt_link import FIRST_PAUSE_S, LONGEST_PAUSE_S
from tests.head_office.authority import Authority
from tests.head_office.postgres import Postgres

BRANCHES, FLEET = 500, 5000
BATCH = 200  # entries a message, as a branch sends them after an outage
BATCHES = 2  # of each branch, for the ingest
BACKLOG = 5  # batches of each branch, for the drain
RECONNECT_S = 120.0  # at most
HEARD = 20_000  # messages
SNAPSHOTS = 4  # of each branch of the fleet, one a second


def run(folder: Path) -> None:
    """All figures of head office."""
    for kind in ("lean", "paho"):
        hearing(folder, kind)
    with office(folder / "sqlite", f'data = "{folder}/sqlite"') as at:
        ingest(at, "sqlite")
        drain(at)
    with office(folder / "fleet", f'data = "{folder}/fleet"') as at:
        snapshots(at)
    server = Postgres()
    server.start()
    try:
        with office(folder / "postgresql", f'url = "{server.store().url}"') as at:
            ingest(at, "postgresql")
    finally:
        server.end()
    asyncio.run(reconnect(folder))


@dataclass(frozen=True)
class Office:
    """A head office, a mosquitto_sub where it is installed, and where their broker is."""

    port: int
    process: psutil.Process
    bare: psutil.Process | None

    def cpu(self) -> tuple[float, float]:
        """In s so far: head office, mosquitto_sub."""
        return cpu_seconds(self.process), cpu_seconds(self.bare) if self.bare else 0.0


@contextmanager
def office(folder: Path, store: str) -> Iterator[Office]:
    folder.mkdir(exist_ok=True)
    port = free_port()
    text = (DEMO / "head_office.toml").read_text(encoding="utf-8")
    config = folder / "head_office.toml"
    config.write_text(text.replace('data = "run/head_office"', store), encoding="utf-8")
    words = ("--config", str(config), "--broker", f"mqtt://127.0.0.1:{port}")
    with ExitStack() as running:
        running.enter_context(mosquitto(folder, port))
        listen = f"127.0.0.1:{free_port()}"
        server = running.enter_context(program("head_office", *words, "--listen", listen))
        bare = running.enter_context(_mosquitto_sub(port))
        at = Office(port, psutil.Process(server.pid), bare)
        _warm_up(at)
        yield at


@contextmanager
def _mosquitto_sub(port: int) -> Iterator[psutil.Process | None]:
    """Hears what head office hears."""
    found = shutil.which("mosquitto_sub")
    if found is None:
        yield None
        return
    heard = [word for leaf in topics.FROM_BRANCH for word in ("-t", topics.from_all_branches(leaf))]
    process = subprocess.Popen(
        [found, "-p", str(port), "-q", "1", *heard], stdout=subprocess.DEVNULL
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


def _warm_up(at: Office) -> None:
    """A first branch is taken in: both listen."""
    branch = Branch("warm-up")
    acks = Acks()
    wire = Wire(at.port, "warm-up", acks.hear)
    wire.subscribe(branch.topic("ack"))
    first = branch.batch(1)
    while not acks.of("warm-up"):
        wire.say(branch.topic("events"), first)
        time.sleep(0.1)
    wire.close()


def hearing(folder: Path, kind: str) -> None:
    """What a message of 400 bytes costs that nobody looks at, by our own connection and by paho's."""
    port = free_port()
    with (
        mosquitto(folder, port),
        subprocess.Popen(
            [sys.executable, "-m", "bench.hearing", str(port), str(HEARD), kind],
            stdout=subprocess.PIPE,
            text=True,
        ) as ear,
    ):
        said = cast(IO[str], ear.stdout)
        said.readline()  # it listens
        wire = Wire(port, "says")
        wire.say_all([(topics.topic("riverside", "events"), b"x" * 400)] * HEARD)
        tell(f"message_heard_{kind}_cpu", float(said.readline()), "us", HEARD)
        wire.close()


class Acks:
    """The last number that each branch was told, and when."""

    def __init__(self) -> None:
        self._acked: dict[str, int] = {}
        self.at: dict[tuple[str, int], float] = {}

    def hear(self, message: Message) -> None:
        branch = topics.parse(message.topic).branch
        seq = msgspec.json.decode(message.payload, type=messages.Ack).seq
        self._acked[branch] = max(seq, self._acked.get(branch, 0))
        self.at.setdefault((branch, seq), time.perf_counter())

    def of(self, branch: str) -> int:
        return self._acked.get(branch, 0)

    def all_of(self, branches: list[Branch]) -> bool:
        return all(self.of(branch.name) >= branch.sent for branch in branches)


def ingest(at: Office, store: str) -> None:
    """Batches decoded, checked against their chain, stored, acknowledged."""
    branches = [Branch(f"in-{number:04d}") for number in range(BRANCHES)]
    said = [(b.topic("history"), b.batch(BATCH)) for _ in range(BATCHES) for b in branches]
    acks = Acks()
    wire = Wire(at.port, "ingest", acks.hear)
    wire.subscribe(topics.from_all_branches("ack"))
    events, before, start = BRANCHES * BATCHES * BATCH, at.cpu(), time.perf_counter()
    wire.say_all(said)
    wait_until(lambda: acks.all_of(branches), 120)
    seconds = time.perf_counter() - start
    ours, bare = (after - then for after, then in zip(at.cpu(), before, strict=True))
    wire.close()
    tell(f"head_office_ingest_{store}", events / seconds, "events/s", events)
    tell(f"head_office_ingest_{store}_per_cpu_second", events / ours, "events/s", events)
    tell(f"head_office_ingest_{store}_cpu", ours / events * 1e6, "us/event", events)
    if at.bare is not None:
        tell("mosquitto_sub_ingest_cpu", bare / events * 1e6, "us/event", events)


def drain(at: Office) -> None:
    """Five hundred branches come back with a backlog while fifty others go on working."""
    behind = [Branch(f"back-{number:04d}") for number in range(BRANCHES)]
    said = [(b.topic("history"), b.batch(BATCH)) for _ in range(BACKLOG) for b in behind]
    live, sent, acks = [Branch(f"live-{n:02d}") for n in range(50)], {}, Acks()
    wire, news = Wire(at.port, "drain", acks.hear), Wire(at.port, "live")
    wire.subscribe(topics.from_all_branches("ack"))
    start = time.perf_counter()
    feeding = threading.Thread(target=wire.say_all, args=(said,), daemon=True)
    feeding.start()
    while not acks.all_of(behind) and time.perf_counter() - start < 120:
        for branch in live:
            payload = branch.batch(1)
            sent[branch.name, branch.sent] = time.perf_counter()
            news.say(branch.topic("events"), payload)
        time.sleep(0.25)
    seconds = time.perf_counter() - start
    wait_until(lambda: acks.all_of(live), 60)
    lag = [acks.at[key] - at_ for key, at_ in sent.items() if key in acks.at]
    events = BRANCHES * BACKLOG * BATCH
    tell("head_office_fleet_drain", events / seconds, "events/s", events)
    tell_times("head_office_live_lag_while_draining", lag)
    tell("head_office_live_lag_while_draining_worst", max(lag) * 1000, "ms", len(lag))
    wire.close()
    news.close()


def snapshots(at: Office) -> None:
    """Five thousand branches each say once a second how they are."""
    branches = [Branch(f"fleet-{number:04d}") for number in range(FLEET)]
    wire = Wire(at.port, "fleet")
    said = [(branch.topic("queues"), branch.snapshot()) for branch in branches]
    wire.say_all(said)  # each is greeted, once
    time.sleep(3)
    before, start = at.cpu(), time.perf_counter()
    for second in range(SNAPSHOTS):
        wire.say_all(said)
        time.sleep(max(0.0, start + second + 1 - time.perf_counter()))
    last = Branch("last")
    acks = Acks()
    ear = Wire(at.port, "ear", acks.hear)
    ear.subscribe(last.topic("ack"))
    ear.say(last.topic("events"), last.batch(1))
    wait_until(lambda: acks.all_of([last]), 60)  # behind everything else
    seconds = time.perf_counter() - start
    ours, bare = (after - then for after, then in zip(at.cpu(), before, strict=True))
    count = FLEET * SNAPSHOTS
    tell("head_office_snapshots", count / seconds, "1/s", count)
    tell("head_office_snapshots_of_5000_branches", ours / count * FLEET, "cores", count)
    if at.bare is not None:
        tell("mosquitto_sub_snapshots_of_5000_branches", bare / count * FLEET, "cores", count)
    wire.close()
    ear.close()


async def reconnect(folder: Path) -> None:
    """Five thousand branches come back to a broker with TLS, in their own pauses; the broker and all of them are on
    this one machine, which has other work: what the broker's part costs is told beside."""
    authority = Authority(folder)
    cert, key, _ = authority.issue("localhost", "broker")
    port = free_port()
    files = f"certfile {cert}\nkeyfile {key}\nuser root\n"  # who starts it owns the files
    tls = ssl.create_default_context(cafile=str(authority.file))
    with mosquitto(folder, port, files) as broker:
        process = psutil.Process(broker.pid)
        before, start = cpu_seconds(process), time.perf_counter()
        coming = [asyncio.create_task(_come_back(port, number, tls)) for number in range(FLEET)]
        back, still_out = await asyncio.wait(coming, timeout=RECONNECT_S)
        spent = cpu_seconds(process) - before
        for one in still_out:
            one.cancel()
    came = [one.result() - start for one in back]
    tell("reconnect_over_tls_of_5000_branches_back", len(came), "count", FLEET)
    tell("reconnect_over_tls_last", max(came), "s", len(came))
    tell_times("reconnect_over_tls", came)
    tell("reconnect_over_tls_broker_cpu", spent / len(came) * 1000, "ms", len(came))


async def _come_back(port: int, number: int, tls: ssl.SSLContext) -> float:
    """As `mqtt_link` does after a long outage; when it was let in."""
    waits = pauses(FIRST_PAUSE_S, LONGEST_PAUSE_S, Random(number))
    for _ in range(7):
        next(waits)
    while True:
        await asyncio.sleep(next(waits))
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(CONNECT_S + ANSWER_S):
                reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
                writer.write(mqtt.connect(mqtt.MQTT_5, f"branch-{number}", 0))
                if (await reader.readexactly(4))[3] == 0:
                    return time.perf_counter()
