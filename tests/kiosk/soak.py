"""`python -m tests.kiosk.soak --customers 1000`: months in minutes. The real app draws for one customer after the other,
off screen, against a real branch; what it holds after the last must be what it held after the first few.

Half of the customers take a ticket; the others wander through whatever they are shown. Most mean what they touch at
once; some touch the glass, with the pauses that a finger has.
"""

import argparse
import asyncio
import ctypes
import gc
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from msgspec import structs

from kiosk import settings as kiosk_settings
from kiosk.beat import Beat
from kiosk.journey.events import Event, LanguageChosen, Left
from kiosk.journey.step import Screen
from kiosk.log import Recent
from kiosk.look import window
from kiosk.look.finger import GATE_S
from kiosk.settings import Settings
from kiosk.words import languages
from program import command_line
from tests.conftest import ROOT, Program, demo_config, free_port

GLASS = 25  # one of so many touches the glass
FRAMES = 5
STEPS = 8  # of a wanderer
PATIENCE_S = 20.0
SETTLED = 2  # looks, until every cache is full
MOST_MB = 1.0
LIBC = ctypes.CDLL(None)
PANEL = kiosk_settings.Screen(width_px=540, height_px=960, diagonal_inch=21.5)


@dataclass(frozen=True, slots=True)
class Held:
    """What the process holds."""

    customers: int
    mb: float
    objects: int
    files: int
    threads: int


class Crowd:
    """`app` is a KioskApp that runs in this loop."""

    def __init__(self, app: Any, window_: Any) -> None:
        self._app = app
        self._window = window_
        self._process = psutil.Process()
        self.served = self.tickets = 0

    async def come(self, count: int, seed: int) -> Held:
        """So many, one after the other; the same seed brings the same ones."""
        self._random = random.Random(seed)
        for _ in range(count):
            await self._until(lambda: self._screen is Screen.WELCOME and self._app._step.issuing)
            await (self._ticket() if self.served % 2 else self._wander())
            await self._until(lambda: not self._app._step.asking)
            self._app.happen(Left())
            await self._drawn()
            self.served += 1
        gc.collect()
        for _ in range(FRAMES):  # pictures are let go of when something is drawn
            self._window.canvas.ask_update()
            await self._drawn()
        return self.held()

    def held(self) -> Held:
        gc.collect()
        LIBC.malloc_trim(0)  # what the heap has to spare is not held
        process = self._process
        return Held(
            self.served,
            round(own_mb(), 2),
            len(gc.get_objects()),
            process.num_fds(),
            process.num_threads(),
        )

    async def _ticket(self) -> None:
        glass = self.served % GLASS == 1
        self._app.happen(LanguageChosen(self._random.choice(languages())))
        await self._choose("begin", glass=glass)
        await self._until(lambda: self._screen is Screen.SERVICES)
        await self._choose(self._random.choice(self._services()), glass=glass)
        await self._until(lambda: self._screen is Screen.TICKET)
        self.tickets += 1
        await self._drawn()

    async def _wander(self) -> None:
        """Whatever can be touched, but for what staff touch."""
        for _ in range(STEPS):
            can = sorted(self._choices())
            if not can:
                return
            await self._choose(self._random.choice(can), glass=False)

    async def _choose(self, key: str, *, glass: bool) -> None:
        before = self._app._step
        while glass and self._app._step.screen is before.screen and not self._app._step.asking:
            await self._touch(self._boxes()[key].rect)  # again, where the gate did not let it in
        if not glass:
            self._app.happen(self._boxes()[key].choice.does)

    async def _touch(self, rect: Any) -> None:
        from kivy.tests.common import UnitTestTouch  # noqa: PLC0415  Kivy is prepared first

        await asyncio.sleep(GATE_S * 1.1)  # a finger is slower than the gate
        px = self._app._canvas._px
        x, y = (rect.x + rect.width / 2) * px, (rect.y + rect.height / 2) * px
        touch = UnitTestTouch(x, self._window.height - y)
        touch.touch_down()
        await self._drawn()
        touch.touch_up()

    async def _drawn(self) -> None:
        """Until the window has had its turn."""
        from kivy.clock import Clock  # noqa: PLC0415

        frames = Clock.frames
        await self._until(lambda: Clock.frames > frames)

    async def _until(self, look: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not look():
            if time.monotonic() > deadline:
                raise TimeoutError(f"the kiosk stays on {self._screen}")
            await asyncio.sleep(0)

    @property
    def _screen(self) -> Screen:
        screen: Screen = self._app._step.screen
        return screen

    def _boxes(self) -> dict[str, Any]:
        return {box.choice.key: box for box in self._app._canvas._boxes if box.choice is not None}

    def _choices(self) -> dict[str, Event]:
        return {key: box.choice.does for key, box in self._boxes().items() if box.choice.does}

    def _services(self) -> list[str]:
        return sorted(key for key in self._choices() if key.startswith("service-"))


def own_mb() -> float:
    """Memory of this process that is of no file: what it maps of files counts as its own or not, as other programs with
    the same libraries come and go."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    (kib,) = (int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))
    return kib * 1024 / 1e6


@contextmanager
def branch(folder: Path) -> Iterator[str]:
    """A real one, without machines; its address."""
    config = folder / "branch.toml"
    config.write_text(demo_config("branch.toml", folder=folder), encoding="utf-8")
    listen = f"127.0.0.1:{free_port()}"
    words = ("--config", str(config), "--listen", listen, "--data", str(folder / "data"))
    agent = Program("edge_agent", *words, log=folder / "agent.log")
    try:
        yield f"http://{listen}"
    finally:
        agent.end()


def settings_for(url: str, folder: Path) -> Settings:
    demo = kiosk_settings.load(ROOT / "config" / "demo" / "kiosk.toml")
    kiosk = structs.replace(demo.kiosk, outline="", data=str(folder / "kiosk"))
    address = structs.replace(demo.branch, url=url)
    return structs.replace(demo, kiosk=kiosk, branch=address, screen=PANEL, speech=None, devices=[])


async def soak(
    settings: Settings, customers: int, looks: int, looked: list[Held], seed: int
) -> None:
    """The same crowd comes `looks` times; what is held after each is printed and kept."""
    from kivy.core.window import Window  # noqa: PLC0415  it opens when it is imported
    from kivy.graphics.opengl import glFinish  # noqa: PLC0415

    from kiosk.app import KioskApp  # noqa: PLC0415

    # nothing is shown off screen, so nothing else would free the pictures that are done with
    Window.bind(on_flip=lambda *_: glFinish())
    stop = asyncio.Event()
    beat = Beat({}, time.monotonic)
    app = KioskApp(settings, beat, Recent(), lambda: None)
    running = asyncio.create_task(app.run_until_stopped(stop))
    crowd = Crowd(app, Window)
    try:
        for _ in range(looks):
            looked.append(await crowd.come(customers // looks, seed))
            sys.stdout.write(json.dumps(asdict(looked[-1])) + "\n")
            sys.stdout.flush()
    finally:
        stop.set()
        await running


def mb_a_thousand(looked: Sequence[Held]) -> float:
    """For 1,000 customers, from the least of the first half to the least of the second: a software renderer holds some
    tens of megabytes more for a while, and gives them back."""
    half = len(looked) // 2
    if half == 0:
        return 0.0
    first, second = (min(some, key=lambda one: one.mb) for some in (looked[:half], looked[half:]))
    return 1000 * (second.mb - first.mb) / (second.customers - first.customers)


def main() -> int:
    given = argparse.ArgumentParser(prog="python -m tests.kiosk.soak", description=__doc__)
    given.add_argument("--customers", type=int, default=1000)
    given.add_argument("--looks", type=int, default=10, help="how often what it holds is printed")
    given.add_argument("--seed", type=int, default=1)
    words = given.parse_args()
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    command_line.start_log("kiosk")
    looked: list[Held] = []
    with tempfile.TemporaryDirectory() as folder, branch(Path(folder)) as url:
        settings = settings_for(url, Path(folder))
        window.prepare(settings.screen)
        asyncio.run(soak(settings, words.customers, words.looks, looked, words.seed))
    growth = mb_a_thousand(looked[SETTLED:])
    sys.stdout.write(json.dumps({"mb_a_thousand": round(growth, 2)}) + "\n")
    return int(growth > MOST_MB)


if __name__ == "__main__":
    sys.exit(main())
