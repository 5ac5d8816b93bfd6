"""A whole branch of real programs: real broker, real browser, a kiosk that is touched through X."""

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from demo.screen import Shown, VirtualScreen
from tests.conftest import (
    NO_TLS,
    Program,
    SimulatedMachine,
    demo_config,
    free_port,
    wait_for,
)
from tests.edge_agent.conftest import Agent

STAFF = {"Authorization": "Bearer demo-staff"}
MACHINES = ("ticket_printer", "magnetic_stripe", "id_card", "scanner")  # that somebody here uses
SECOND_KIOSK = '\n[[kiosks]]\nname = "kiosk-2"\ntoken = "demo-kiosk-2"\n'
WIDTH, HEIGHT = 1080, 1920
GATE_S = 0.4


CONSOLE = {"width": 1366, "height": 768}


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    """Of this test's own, with an empty journal."""
    running = Agent(tmp_path).start()
    yield running
    running.end()


@pytest.fixture
def console(agent: Agent, page: Page) -> Page:
    """Of counter 1, with somebody signed in."""
    page.set_viewport_size(CONSOLE)
    page.goto(f"http://{agent.address}/counter")
    sign_in(page)
    page.select_option("#counter", "1")
    return page


def sign_in(page: Page) -> None:
    page.fill("#name", "lin")
    page.fill("#pin", "2468")
    page.click("#sign-in")
    expect(page.locator("#desk")).to_be_visible()


class Adopted:
    """What `VirtualScreen` wants to tell about the process it started."""

    process: "subprocess.Popen[str]"

    def adopt(self, _name: str, process: "subprocess.Popen[str]") -> None:
        self.process = process


class AtRest:
    """Something on the screen that a finger is to touch: the kiosk passes over a touch in the first moment after what
    can be touched has changed, for it was meant for what stood there before."""

    GONE = (-1.0, -1.0)

    def __init__(self, shown: Shown, key: str) -> None:
        self._shown, self._key = shown, key
        self._places: dict[str, tuple[float, float]] = {}
        self._since = 0.0

    def seen(self, *, gone: bool = False) -> tuple[float, float] | None:
        """Its place, once nothing has changed for a moment; with `gone`, GONE where it has left the screen."""
        places = self._shown.places()
        if places != self._places:
            self._places, self._since = places, time.monotonic()
        if time.monotonic() - self._since < GATE_S:
            return None
        return places.get(self._key) or (self.GONE if gone else None)


class WholeBranch:
    """Everything running; `http` speaks to the branch as staff, `office` to head office. `times` stand in place of the
    demo's in kiosk.toml."""

    def __init__(
        self,
        folder: Path,
        times: Mapping[str, float] | None = None,
        *,
        more: Sequence[str] = (),
        records: str = "",
    ) -> None:
        """`more` machines than MACHINES; `records`: where the bank has its customers' pictures."""
        self.folder = folder
        self._kinds, self._records = (*MACHINES, *more), records
        self._times = times or {}
        broker, agent, office = free_port(), free_port(), free_port()
        self.broker = self._mosquitto(broker)
        url = f"mqtt://127.0.0.1:{broker}"
        self.agent_words = (
            "edge_agent", "--config", self._config("branch.toml", agent, SECOND_KIOSK),
            "--listen", f"127.0.0.1:{agent}", "--data", str(folder / "branch"), "--broker", url,
        )  # fmt: skip
        self.agent_url, self.office_url = (f"http://127.0.0.1:{p}" for p in (agent, office))
        self.http = httpx.Client(
            base_url=self.agent_url, headers=STAFF, trust_env=False, verify=NO_TLS
        )
        self.office = httpx.Client(base_url=self.office_url, trust_env=False, verify=NO_TLS)
        self.machines = {kind: SimulatedMachine(kind, folder) for kind in self._kinds}
        self.printer = self.machines["ticket_printer"]
        self.reader = self.machines["magnetic_stripe"]
        self.start_agent()
        self.head_office = Program(
            "head_office", "--listen", f"127.0.0.1:{office}", "--data", str(folder / "office"),
            "--broker", url, log=folder / "office.log",
        )  # fmt: skip
        self._adopted = Adopted()
        self.screen = VirtualScreen(self._adopted, folder, WIDTH, HEIGHT)
        self.shown = Shown(folder / "kiosk-1.outline")
        self.start_kiosk(agent)

    def start_agent(self) -> None:
        self.agent = Program(*self.agent_words, log=self.folder / "agent.log")
        wait_for(self._agent_answers, "the agent")

    def start_kiosk(self, agent: int) -> None:
        config = self._config("kiosk.toml", agent)
        self.kiosk = Program(
            "kiosk",
            "--config",
            config,
            log=self.folder / "kiosk.log",
            env={"DISPLAY": self.screen.name},
        )
        wait_for(
            lambda: len(self.working()) == 1 + len(self._kinds), "the kiosk with its machines", 60
        )

    def devices(self) -> dict[str, str]:
        """How each is."""
        told = self.http.get("/api/v1/devices").json()["devices"]
        return {one["device"]: one["state"] for one in told}

    def working(self) -> list[str]:
        return [device for device, state in self.devices().items() if state == "ready"]

    def touch(self, key: str, *, wait: bool = True) -> None:
        """A finger, by xdotool, on what is on the screen under this name; `wait` False: if it is still there."""
        at_rest = AtRest(self.shown, key)
        place = wait_for(lambda: at_rest.seen(gone=not wait), f"'{key}' at rest on the screen", 20)
        if place is not at_rest.GONE:
            self._finger(_touch(place))

    def type(self, text: str) -> None:
        """Key after key, each where it is then; then OK."""
        for key in (*(f"key-{one}" for one in text), "enter"):
            self.touch(key)

    def _finger(self, words: list[str]) -> None:
        subprocess.run(
            ["xdotool", *words], check=True, env={"DISPLAY": self.screen.name, "PATH": "/usr/bin"}
        )

    def leave(self) -> None:
        """The customer goes; the screen may have gone back to the start by itself already."""
        if self.shown.place("done") is not None:
            self.touch("done", wait=False)
        wait_for(lambda: self.shown.screen == "welcome", "the welcome screen", 20)

    def events(self, kind: str) -> list[dict[str, object]]:
        found = self.http.get("/api/v1/journal", params={"limit": 1000}).json()["events"]
        return [event for event in found if event["type"] == kind]

    def end(self) -> None:
        for program in (self.kiosk, self.head_office, self.agent, *self.machines.values()):
            program.end()
        for process in (self._adopted.process, self.broker):
            process.terminate()
            process.wait(5)

    def _agent_answers(self) -> bool:
        try:
            return self.http.get("/healthz").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def _mosquitto(self, port: int) -> "subprocess.Popen[bytes]":
        config = self.folder / "mosquitto.conf"
        config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
        words = ["/usr/sbin/mosquitto", "-c", str(config)]
        return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _config(self, name: str, agent: int, more: str = "") -> str:
        text = demo_config(name, *self._kinds, folder=self.folder) + more
        text = text.replace("http://127.0.0.1:8060", self._records)
        if name == "kiosk.toml":
            text = _with_times(text, self._times)
        path = self.folder / name
        path.write_text(text.replace("127.0.0.1:8080", f"127.0.0.1:{agent}"), encoding="utf-8")
        return str(path)


def _touch(place: tuple[float, float]) -> list[str]:
    x, y = int(place[0] * WIDTH), int(place[1] * HEIGHT)
    down = ["mousemove", str(x), str(y), "mousedown", "1", "sleep", "0.08"]
    return [*down, "mouseup", "1", "sleep", "0.05"]


def _with_times(text: str, times: Mapping[str, float]) -> str:
    """The demo's section, with these lines in place of its own."""
    before, rest = text.split("[times]\n")
    old, after = rest.split("\n\n", 1)
    lines = {line.split(" = ")[0]: line for line in old.splitlines()}
    lines |= {key: f"{key} = {value}" for key, value in times.items()}
    return "\n".join([before + "[times]", *lines.values(), "", after])


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeBranch]:
    whole = WholeBranch(tmp_path_factory.mktemp("branch"))
    yield whole
    whole.end()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(locale="zh-CN")
    opened.set_default_timeout(10_000)
    yield opened
    opened.close()
