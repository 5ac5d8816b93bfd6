"""Real brokers, real branches and a real head office on free ports, and a line to speak on oneself."""

import json
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import httpx
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge_agent.branch_queue.facts import DeviceLost
from edge_agent.journal import open_journal
from head_office.ledger import Ledger
from head_office.settings import Store
from head_office.store import open_ledger
from tests.conftest import NO_TLS, Begun, Program, demo_config, free_port, wait_for
from tests.head_office.postgres import Postgres

STAFF = {"Authorization": "Bearer demo-staff"}
BROKERS = ("mosquitto", "embedded")
READS_AGAIN = "Reloading config."
ROOMY = httpx.Timeout(10)


def base(branch: str) -> str:
    """The contract's `P`, computed by hand."""
    return f"bank/v1/{crc32(branch.encode()) % 64:02d}/{branch}"


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Broker:
    """A broker that keeps nothing on disk; restartable on the same port."""

    def __init__(self, folder: Path, kind: str = "mosquitto", *, start: bool = True) -> None:
        self.folder, self.kind, self.port = folder, kind, free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.more = ""  # lines of mosquitto.conf
        self._process: subprocess.Popen[Any] | None = None
        if start:
            self.start()

    def start(self, *, anonymous: bool = True) -> None:
        log = (self.folder / f"broker-{self.port}.log").open("ab")
        if self.kind == "mosquitto":
            config = self.folder / f"mosquitto-{self.port}.conf"
            allow = "true" if anonymous else "false"
            listen = f"listener {self.port} 127.0.0.1\nallow_anonymous {allow}\n"
            config.write_text(listen + self.more)
            words = ["/usr/sbin/mosquitto", "-c", str(config)]
            self._process = subprocess.Popen(words, stdout=log, stderr=log)
        else:
            path = self.folder / f"broker-{self.port}.out"
            self._process = Program("demo.broker", str(self.port), log=path).process
        log.close()
        wait_for(lambda: accepts(self.port), f"{self.kind} on {self.port}")

    def read_files_again(self) -> None:
        """mosquitto reads its list of permissions and its certificates anew, before it speaks with anybody else."""
        assert self._process is not None
        # It takes connections before it handles signals: until it says that it runs, this one would end it.
        wait_for(lambda: " running" in self.said(), "mosquitto to run")
        before = self.said().count(READS_AGAIN)
        self._process.send_signal(signal.SIGHUP)
        wait_for(
            lambda: self.said().count(READS_AGAIN) > before, "mosquitto to read its files again"
        )

    def said(self) -> str:
        log = self.folder / f"broker-{self.port}.log"
        return log.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Served:
    """One of our servers as a process: start, end, kill -9, and speak HTTP with it. `broker`: its URL for the
    command line, or what stands in section [broker] of the file."""

    name = ""

    def __init__(self, folder: Path, broker: str, config: str, headers: Any = None) -> None:
        port = free_port()
        self.data, self.log = folder / "data", folder / f"{self.name}.log"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{self.name}.toml"
        by_url = broker.startswith("mqtt")
        text = config if by_url else config.replace('url = "mqtt://127.0.0.1:1883"', broker)
        file.write_text(text, encoding="utf-8")
        self.words = (
            self.name, "--config", str(file), "--listen", f"127.0.0.1:{port}",
            "--data", str(self.data), *(["--broker", broker] if by_url else []),
        )  # fmt: skip
        self.url = f"http://127.0.0.1:{port}"
        self.http = httpx.Client(
            base_url=self.url, headers=headers, trust_env=False, timeout=ROOMY, verify=NO_TLS
        )
        self.program: Program | None = None

    def start(self) -> None:
        self.program = Begun(*self.words, log=self.log)
        wait_for(self.answers, self.name)

    def answers(self) -> bool:
        """Whatever it says of its health."""
        try:
            self.http.get("/healthz")
        except httpx.HTTPError:
            return False
        return True

    def kill(self) -> None:
        assert self.program is not None
        self.program.kill()

    def end(self) -> int:
        """SIGTERM; must end within 5 s."""
        return 0 if self.program is None else self.program.end()

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


class Agent(Served):
    name = "edge_agent"

    def __init__(self, folder: Path, broker: str, branch: str) -> None:
        self.branch = branch
        text = demo_config("branch.toml").replace('id = "riverside"', f'id = "{branch}"')
        super().__init__(folder, broker, text, STAFF)

    def issue(self, how_many: int = 1) -> None:
        for _ in range(how_many):
            answer = self.http.post("/api/v1/tickets", json={"service": "cash"})
            assert answer.status_code == httpx.codes.CREATED, answer.text

    def health(self) -> Any:
        return self.http.get("/healthz").json()

    @property
    def acked(self) -> int:
        return int(self.health()["acked_by_head_office"])

    @property
    def epoch(self) -> str:
        return str(self.http.get("/api/v1/queues").json()["epoch"])

    def journal(self) -> list[Any]:
        return paged(self.http, "/api/v1/journal", {})

    def fill(self, entries: int) -> None:
        """Entries of an outage, written to the journal of an agent that does not run."""
        journal = open_journal(self.data / "journal.sqlite")
        now, day = datetime.now(UTC), date(2026, 1, 2)
        facts = [
            DeviceLost(at=now, business_day=day, device=f"kiosk-1/{n}", detail="x")
            for n in range(entries)
        ]
        with journal.transaction():
            journal.append(facts)
        journal.close()


class Office(Served):
    name = "head_office"

    def __init__(
        self, folder: Path, broker: str, store: Store | None = None, more: str = ""
    ) -> None:
        text = demo_config("head_office.toml") + more
        if store is not None and store.url is not None:
            there = f'url = "{store.url}"\nanswers_s = {store.answers_s}'
            text = re.sub("^data = .*$", there, text, flags=re.MULTILINE)
        super().__init__(folder, broker, text)
        if store is not None and store.url is not None:
            self.words = without_data(self.words)

    def branch(self, branch: str) -> Any:
        """The branch on the board; {} while nobody knows it."""
        answer = self.http.get(f"/api/v1/branches/{branch}")
        return answer.json() if answer.status_code == httpx.codes.OK else {}

    def status(self, branch: str) -> str | None:
        return self.branch(branch).get("status")

    def events(self, branch: str, epoch: str | None = None) -> list[Any]:
        of = {} if epoch is None else {"epoch": epoch}
        return paged(self.http, f"/api/v1/branches/{branch}/events", of)

    def metric(self, name: str) -> float:
        """Over all its labels; what is counted may be called by its name without `_total`."""
        samples = (line.rsplit(" ", 1) for line in self.http.get("/metrics").text.splitlines())
        named = {f"lobby_{name}", f"lobby_{name}_total"}
        return sum(float(value) for what, value in samples if what.partition("{")[0] in named)

    def wait_equal(self, agent: Agent, timeout_s: float = 20) -> None:
        """Until the ledger holds exactly what the branch's journal holds, bodies and all."""
        wait_for(
            lambda: (
                self._newest(agent) and self.events(agent.branch, agent.epoch) == agent.journal()
            ),
            f"the entries of {agent.branch} at head office",
            timeout_s,
        )

    def _newest(self, agent: Agent) -> bool:
        """Whether it has the newest entry of the journal, which may grow; all of them are dear to ask for."""
        asked = {"epoch": agent.epoch, "after": agent.health()["journal_seq"] - 1}
        answer = self.http.get(f"/api/v1/branches/{agent.branch}/events", params=asked)
        return bool(answer.json().get("events"))


def without_data(words: tuple[str, ...]) -> tuple[str, ...]:
    place = words.index("--data")
    return words[:place] + words[place + 2 :]


def paged(http: httpx.Client, path: str, asked: dict[str, str]) -> list[Any]:
    found: list[Any] = []
    while True:
        after = found[-1]["seq"] if found else 0
        answer = http.get(path, params={**asked, "after": after, "limit": 1000})
        page = answer.json().get("events", [])
        found += page
        if len(page) < 1000:
            return found


@dataclass(frozen=True)
class Heard:
    topic: str
    payload: bytes
    retain: bool

    @property
    def leaf(self) -> str:
        return self.topic.rpartition("/")[2]

    def json(self) -> Any:
        return json.loads(self.payload)


class Line:
    """A plain MQTT 3.1.1 client: a fake branch, a fake head office, or an eavesdropper."""

    def __init__(self, broker: Broker, *subscriptions: str) -> None:
        self.heard: list[Heard] = []
        self._ready = threading.Event()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv311
        )
        self._client.on_message = lambda _c, _u, m: self.heard.append(
            Heard(m.topic, bytes(m.payload), bool(m.retain))
        )
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.connect("127.0.0.1", broker.port, 60)
        self._client.loop_start()
        wait_for(self._client.is_connected, "our own connection")
        if subscriptions:
            self._client.subscribe([(topic, 1) for topic in subscriptions])
            assert self._ready.wait(5)

    def say(self, topic: str, what: Any, *, retain: bool = False) -> None:
        payload = what if isinstance(what, bytes) else json.dumps(what).encode()
        self._client.publish(topic, payload, 1, retain).wait_for_publish(5)

    def of(self, leaf: str) -> list[Heard]:
        return [one for one in list(self.heard) if one.leaf == leaf]

    def end(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class House:
    """Everything a test has started; ended together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ends: list[Callable[[], Any]] = []

    def broker(self, kind: str = "mosquitto", *, start: bool = True) -> Broker:
        made = Broker(self.folder, kind, start=start)
        self._ends.append(made.kill)
        return made

    def agent(self, broker: str, branch: str = "riverside", *, start: bool = True) -> Agent:
        return self._served(Agent(self.folder / branch, broker, branch), start)

    def office(
        self, broker: str, *, start: bool = True, store: Store | None = None, more: str = ""
    ) -> Office:
        """`more`: lines at the end of its file."""
        return self._served(Office(self.folder / "office", broker, store, more), start)

    def line(self, broker: Broker, *subscriptions: str) -> Line:
        made = Line(broker, *subscriptions)
        self._ends.append(made.end)
        return made

    def end(self) -> None:
        for end in reversed(self._ends):
            end()

    def _served(self, made: Any, start: bool) -> Any:
        self._ends.append(lambda: made.program and made.program.kill())
        if start:
            made.start()
        return made


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    server.start()
    yield server
    server.end()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Where a ledger is kept, of both kinds."""
    if request.param == "sqlite":
        return Store(data=str(tmp_path / "ledger"))
    made: Store = request.getfixturevalue("postgres").store()
    return made


@pytest.fixture
def ledger(store: Store) -> Iterator[Ledger]:
    made = open_ledger(store)
    yield made
    made.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.end()


@pytest.fixture(scope="module")
def module_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.end()
