"""What the monkey plays with: a real kiosk on a virtual screen, a real agent, simulated machines; no broker, no people."""

import subprocess
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psutil
from Xlib import XK, X, display
from Xlib.ext import xtest

from demo import appointments
from demo.screen import Finger, Shown, VirtualScreen
from tests.conftest import Program, SimulatedMachine, demo_config, free_port, wait_for

MACHINES = ("ticket_printer", "magnetic_stripe", "id_card", "scanner", "contactless")
SIZE = (1080, 1920)
MB = 1_000_000
TIMES = """[times]
idle_s = 4
slow_idle_s = 6
warning_s = 20
ticket_s = 6
ticket_without_paper_s = 8
"""
NULL_SOUND = "pcm.!default { type null }\nctl.!default { type null }\n"


class Outline(Shown):
    """The kiosk's outline, all of it at one moment."""

    def look(self) -> dict[str, Any]:
        return self._now()


class Adopted:
    process: "subprocess.Popen[str]"

    def adopt(self, _name: str, process: "subprocess.Popen[str]") -> None:
        self.process = process


class MonkeyBranch:
    """`finger` and `press_key` go through X; `say` is to a simulated machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"127.0.0.1:{free_port()}"
        url = f"http://{self.address}"
        appointments.write(folder / "appointments.csv", datetime.now(ZoneInfo("Asia/Shanghai")))
        self._words = (
            "edge_agent", "--config", self._config("branch.toml"), "--listen", self.address,
            "--data", str(folder / "branch"), "--broker", f"mqtt://127.0.0.1:{free_port()}",
        )  # fmt: skip
        self.staff = httpx.Client(
            base_url=f"{url}/api/v1", headers={"Authorization": "Bearer demo-staff"},
            timeout=5, trust_env=False,
        )  # fmt: skip
        self.page = f"{url}/t/"
        self.machines = {kind: SimulatedMachine(kind, folder) for kind in MACHINES}
        self.agent: Program | None = None
        self.start_agent()
        self._adopted = Adopted()
        screen = VirtualScreen(self._adopted, folder, *SIZE)  # type: ignore[arg-type]
        self.picture = screen.png
        self._display = display.Display(screen.name)
        self.finger = Finger(screen.name, SIZE)
        self.outline_file = folder / "kiosk-1.outline"
        self.outline = Outline(self.outline_file)
        (folder / "asound.conf").write_text(NULL_SOUND, encoding="utf-8")
        sound = {"ALSA_CONFIG_PATH": str(folder / "asound.conf")}
        self._kiosk_words = ("kiosk", "--config", self._config("kiosk.toml"))
        self._kiosk_env = {"DISPLAY": screen.name, **sound}
        self._read = 0
        self.start_kiosk()

    def start_kiosk(self) -> None:
        """Until its first picture."""
        self.outline_file.unlink(missing_ok=True)
        self.kiosk = Program(*self._kiosk_words, log=self.folder / "kiosk.log", env=self._kiosk_env)
        wait_for(lambda: self.outline.screen, "the kiosk", 90)

    def start_agent(self) -> None:
        self.agent = Program(*self._words, log=self.folder / "agent.log")

    def kill_agent(self) -> None:
        if self.agent is not None:
            self.agent.kill()
            self.agent = None

    def say(self, machine: str, line: str) -> None:
        with suppress(BrokenPipeError):
            self.machines[machine].say(line)

    def press_key(self, name: str) -> None:
        """As a pad that counts as a keyboard sends it."""
        code = self._display.keysym_to_keycode(XK.string_to_keysym(name))
        for kind in (X.KeyPress, X.KeyRelease):
            xtest.fake_input(self._display, kind, code)
        self._display.sync()

    def ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """As staff; None where the agent is dead or refuses."""
        try:
            answer = self.staff.request(method, path, json=body)
        except httpx.HTTPError:
            return None
        return answer.json() if answer.is_success and answer.content else None

    def new_log(self) -> str:
        """What the kiosk has logged since the last look."""
        with self.kiosk.log.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        return whole.decode(errors="replace")

    def memory_mb(self) -> float:
        return float(psutil.Process(self.kiosk.process.pid).memory_info().rss / MB)

    def end(self) -> None:
        self.kill_agent()
        for program in (self.kiosk, *self.machines.values()):
            program.end()
        self._adopted.process.terminate()
        self._adopted.process.wait(5)

    def _config(self, name: str) -> str:
        text = demo_config(name, *MACHINES, folder=self.folder)
        text = text.replace("127.0.0.1:8080", self.address)
        if name == "kiosk.toml":
            before, rest = text.split("[times]\n")
            text = before + TIMES + "\n" + rest.split("\n\n", 1)[1]
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)
