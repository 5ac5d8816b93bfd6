"""The kiosk under Xvfb with its machines: cold start, press to picture, card to picture, idle, memory, touch to paper.

Times are those of a customer: from what is done to the glass until other pixels are on the screen, whatever has its share
in that, the X server too.
"""

import json
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import psutil
from Xlib import display
from Xlib.ext import damage

from bench.device_bench import BAUD, in_a_thread
from bench.figures import tell, tell_times
from bench.programs import DEMO, branch, cpu_seconds, memory_mb, program, wait_until
from demo.people import SWIPED
from demo.programs import Programs
from demo.screen import Finger, Shown, VirtualScreen
from devices.magnetic_stripe.driver import SAME_SWIPE_S
from devices.simulate import TruthLog
from devices.ticket_printer.protocol import CUT, INITIALISE
from devices.ticket_printer.simulator import Simulator

PRESSES = 30
IDLE_S = 20.0
STARTS = 3
SWIPES = 15
TITLE = 0.098  # a row through the title: different on every screen and in every language
AFTER_A_CHANGE_S = 0.45  # what is touched in the first moment of a screen is passed over
ANOTHER_SWIPE_S = SAME_SWIPE_S + 0.1  # sooner, the same card is a reader that sends one swipe twice
LONGEST_S = 2.0
LANGUAGES = ("zh-Hant", "en", "zh-Hans")


class Printer(Simulator):
    """Notes when the first and the last byte of a job came; the bench hands bytes over at the line's speed."""

    first_at = last_at = 0.0
    heard = b""

    def receive(self, data: bytes, now: float) -> bytes:
        self.heard += data
        if not self.first_at and INITIALISE in self.heard:
            self.first_at = now + 10 / BAUD
        if not self.last_at and CUT in self.heard:
            self.last_at = now + len(data) * 10 / BAUD
        return super().receive(data, now)

    def wait_for_job(self) -> None:
        self.heard, self.first_at, self.last_at = b"", 0.0, 0.0


def run(folder: Path) -> None:
    """All figures of the kiosk."""
    programs = Programs(lambda _line: None)
    try:
        with branch(folder) as (agent, _, _processes):
            screen = VirtualScreen(programs, folder, 1080, 1920)
            config = folder / "kiosk.toml"
            text = (DEMO / "kiosk.toml").read_text(encoding="utf-8")
            text = text.replace("http://127.0.0.1:8080", agent).replace('"run/', f'"{folder}/')
            config.write_text(text, encoding="utf-8")
            truth = folder / "ticket_printer.truth"
            printer = Printer(TruthLog(truth))
            with machines(config) as simulated, in_a_thread(printer, folder / "printer"):
                cold_starts(screen, config)
                with program(
                    "kiosk", "--config", str(config), env={"DISPLAY": screen.name}
                ) as kiosk:
                    wait_until(lambda: _drawn(screen))
                    time.sleep(3)  # machines probed, first services shown: an idle kiosk
                    process = psutil.Process(kiosk.pid)
                    tell("kiosk_memory_at_start", memory_mb(process), "MB", 1)
                    idle(process, screen)
                    finger = Finger(screen.name, (1080, 1920))
                    shown = Shown(folder / "kiosk-1.outline")
                    touches(screen, finger, shown)
                    card_to_picture(screen, finger, shown, simulated["magnetic_stripe"])
                    touch_to_paper(finger, shown, printer, truth)
                    walk(finger, shown)
                    tell("kiosk_memory", memory_mb(process), "MB", 1)
    finally:
        programs.end()


@contextmanager
def machines(config: Path) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """The simulators of the kiosk's machines, by kind; but for the printer."""
    devices = tomllib.loads(config.read_text(encoding="utf-8"))["devices"]
    with ExitStack() as running:
        yield {
            one["kind"]: running.enter_context(
                program(
                    *("devices", "simulate", one["kind"], "--link", one["port"]),
                    *("--log", str(config.parent / f"{one['kind']}.truth")),
                )
            )
            for one in devices
            if one["kind"] != "ticket_printer"
        }


def cold_starts(screen: VirtualScreen, config: Path) -> None:
    """From exec to the first picture on the screen."""
    seconds, cpu = [], []
    for _ in range(STARTS):
        start = time.perf_counter()
        with program("kiosk", "--config", str(config), env={"DISPLAY": screen.name}) as kiosk:
            wait_until(lambda: _drawn(screen))
            seconds.append(time.perf_counter() - start)
            cpu.append(cpu_seconds(psutil.Process(kiosk.pid)))
        wait_until(lambda: not _drawn(screen))
    tell_times("kiosk_cold_start", seconds)
    tell_times("kiosk_cold_start_cpu", cpu)


def idle(process: psutil.Process, screen: VirtualScreen) -> None:
    """What the kiosk costs while nobody is there, and how many pictures it gave to the X server meanwhile: the time on its
    screen makes one a minute."""
    eyes = display.Display(screen.name)
    eyes.damage_query_version()  # the server wants to be asked this first
    eyes.screen().root.damage_create(damage.DamageReportRawRectangles)
    eyes.sync()
    while eyes.pending_events():
        eyes.next_event()  # what stands there already is told as well
    before = cpu_seconds(process)
    time.sleep(IDLE_S)
    tell("kiosk_idle_cpu", (cpu_seconds(process) - before) / IDLE_S * 100, "% of a core", 1)
    tell("kiosk_idle_pictures", eyes.pending_events(), "pictures", 1)
    eyes.close()


def touches(screen: VirtualScreen, finger: Finger, shown: Shown) -> None:
    """From a finger's contact to the pressed look; from its lifting to the other language, and to the next screen."""
    pressed: list[float] = []
    languages, screens = [], []
    for number in range(PRESSES):
        away, there, there_again = (
            ("en", "services", "back") if number % 2 else ("zh-Hant", "services", "back")
        )
        languages.append(_touch(screen, finger, shown, f"language-{away}", TITLE, pressed))
        screens.append(_touch(screen, finger, shown, "begin", TITLE, pressed))
        wait_until(lambda there=there: shown.screen == there)  # type: ignore[misc]
        screens.append(_touch(screen, finger, shown, there_again, TITLE, pressed))
    tell_times("kiosk_press_to_picture", pressed)
    tell_times("kiosk_language_switch", languages)
    tell_times("kiosk_next_screen", screens)


def _touch(
    screen: VirtualScreen,
    finger: Finger,
    shown: Shown,
    key: str,
    row: float,
    pressed: list[float],
) -> float:
    """Seconds from lifting the finger until this row of the picture changes."""
    time.sleep(AFTER_A_CHANGE_S)
    place = shown.place(key)
    if place is None:
        raise SystemExit(f"bench: '{key}' cannot be touched on {shown.screen}")
    finger.move(*place)
    pressed.append(_until_changed(screen, place[1], finger.down))
    time.sleep(0.1)
    return _until_changed(screen, row, finger.release)


def _until_changed(screen: VirtualScreen, row: float, do: Callable[[], None]) -> float:
    before = screen.row(row)
    start = time.perf_counter()
    do()
    while screen.row(row) == before:
        if time.perf_counter() - start > LONGEST_S:
            raise SystemExit("bench: nothing changed on the kiosk's screen")
        time.sleep(0.001)
    return time.perf_counter() - start


def card_to_picture(
    screen: VirtualScreen, finger: Finger, shown: Shown, reader: "subprocess.Popen[bytes]"
) -> None:
    """From the command to the simulated reader to swipe, until the pixels of the screen change."""
    seconds = []
    for _ in range(SWIPES):
        time.sleep(ANOTHER_SWIPE_S)
        seconds.append(
            _until_changed(screen, TITLE, lambda: _say(reader, f"present {SWIPED[0]}\n"))
        )
        _go(finger, shown, "back")
        wait_until(lambda: shown.screen == "welcome")
    tell_times("card_to_picture", seconds)


def _say(simulator: "subprocess.Popen[bytes]", line: str) -> None:
    if simulator.stdin is not None:
        simulator.stdin.write(line.encode())
        simulator.stdin.flush()


def touch_to_paper(finger: Finger, shown: Shown, printer: Printer, truth: Path) -> None:
    """From the finger's lifting off a service until the job's first and last byte are at the printer, and the ticket is
    cut."""
    firsts, lasts, cuts = [], [], []
    for number in range(5):
        _go(finger, shown, "begin")
        time.sleep(AFTER_A_CHANGE_S)
        place = shown.place("service-cash")
        printer.wait_for_job()
        start = time.monotonic()  # the printer's clock
        finger.touch(*(place or (0.5, 0.5)))
        wait_until(partial(_printed, truth, number + 1))
        cuts.append(time.monotonic() - start)
        firsts.append(printer.first_at - start)
        lasts.append(printer.last_at - start)
        _go(finger, shown, "done")
    tell_times("touch_to_first_byte", firsts)
    tell_times("touch_to_last_byte", lasts)
    tell_times("touch_to_printed", cuts)
    last = [line for line in truth.read_text().splitlines() if '"paper"' in line][-1]
    wire = len(json.loads(last)["bytes_hex"].split()) * 10 / BAUD
    tell("touch_to_printed_wire_limit", wire * 1000, "ms", 1)


def walk(finger: Finger, shown: Shown) -> None:
    """All languages in both sizes of letters: what a branch's customers do to the memory in a day."""
    for size in ("usual", "large"):
        for language in LANGUAGES:
            _go(finger, shown, f"language-{language}")
            wait_until(lambda language=language: shown.language == language)  # type: ignore[misc]
            for key in ("begin", "back", "opinion", "back"):
                _go(finger, shown, key)
        if size == "usual":
            for key in ("access", "large", "done"):
                _go(finger, shown, key)


def _go(finger: Finger, shown: Shown, key: str) -> None:
    wait_until(lambda: shown.place(key) is not None)
    time.sleep(AFTER_A_CHANGE_S)
    finger.touch(*(shown.place(key) or (0.5, 0.5)))


def _printed(truth: Path, tickets: int) -> bool:
    return truth.read_text().count('"event": "paper"') >= tickets


def _drawn(screen: VirtualScreen) -> bool:
    """Something other than an empty root window."""
    return len(set(screen.pixels()[::4001])) > 3
