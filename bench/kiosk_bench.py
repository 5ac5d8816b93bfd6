"""The kiosk under Xvfb with its machines: cold start, press to picture, card to picture, idle, memory, touch to paper."""

import json
import subprocess
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import psutil

from bench.figures import tell, tell_times
from bench.programs import DEMO, branch, cpu_seconds, memory_mb, program, wait_until
from demo.people import BEGIN, DONE, LANGUAGE, SERVICES, SWIPED
from demo.programs import Programs
from demo.screen import Finger, VirtualScreen

PRESSES = 30
IDLE_S = 20.0
STARTS = 3
SWIPES = 15
PATIENCE_S = 2  # of this bench, with a customer who has gone
TILES = 0.45  # a row of the screen on which the first picture and the services differ


def run(folder: Path) -> None:
    """All figures of the kiosk."""
    programs = Programs(lambda _line: None)
    try:
        with branch(folder) as (agent, _, _processes):
            screen = VirtualScreen(programs, folder, 1080, 1920)
            config = folder / "kiosk.toml"
            text = (DEMO / "kiosk.toml").read_text(encoding="utf-8")
            text = text.replace("http://127.0.0.1:8080", agent).replace('"run/', f'"{folder}/')
            text = text.replace("idle_s = 60", f"idle_s = {PATIENCE_S}")
            config.write_text(text, encoding="utf-8")
            with machines(config) as simulated:
                cold_starts(screen, config)
                with program(
                    "kiosk", "--config", str(config), env={"DISPLAY": screen.name}
                ) as kiosk:
                    wait_until(lambda: _drawn(screen))
                    time.sleep(3)  # machines probed, first services shown: an idle kiosk
                    process = psutil.Process(kiosk.pid)
                    idle(process)
                    finger = Finger(screen.name, (1080, 1920))
                    press_to_picture(screen, finger)
                    card_to_picture(screen, simulated["magnetic_stripe"])
                    touch_to_paper(finger, folder / "ticket_printer.truth")
                    tell("kiosk_memory", memory_mb(process), "MB", 1)
    finally:
        programs.end()


@contextmanager
def machines(config: Path) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """The simulators of the kiosk's machines, by kind."""
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
        }


def cold_starts(screen: VirtualScreen, config: Path) -> None:
    """From exec to the first picture on the screen."""
    seconds = []
    for _ in range(STARTS):
        start = time.perf_counter()
        with program("kiosk", "--config", str(config), env={"DISPLAY": screen.name}):
            wait_until(lambda: _drawn(screen))
            seconds.append(time.perf_counter() - start)
        wait_until(lambda: not _drawn(screen))
    tell_times("kiosk_cold_start", seconds)


def idle(process: psutil.Process) -> None:
    before = cpu_seconds(process)
    time.sleep(IDLE_S)
    tell("kiosk_idle_cpu", (cpu_seconds(process) - before) / IDLE_S * 100, "% of a core", 1)


def press_to_picture(screen: VirtualScreen, finger: Finger) -> None:
    """From the finger's contact on the language button until the pixels of the screen change."""
    seconds = []
    for _ in range(PRESSES):
        time.sleep(0.4)
        before = screen.row(LANGUAGE[1])
        start = time.perf_counter()
        finger.press(*LANGUAGE)
        while screen.row(LANGUAGE[1]) == before and time.perf_counter() - start < 2:
            time.sleep(0.001)
        seconds.append(time.perf_counter() - start)
        finger.release()
    tell_times("kiosk_press_to_picture", seconds)


def card_to_picture(screen: VirtualScreen, reader: "subprocess.Popen[bytes]") -> None:
    """From the command to the simulated reader to swipe, until the pixels of the screen change."""
    seconds = []
    for _ in range(SWIPES):
        time.sleep(PATIENCE_S + 1.5)  # the welcome screen is back by itself
        before = screen.row(TILES)
        start = time.perf_counter()
        _say(reader, f"present {SWIPED[0]}\n")
        while screen.row(TILES) == before and time.perf_counter() - start < 2:
            time.sleep(0.001)
        seconds.append(time.perf_counter() - start)
    time.sleep(PATIENCE_S + 1.5)
    tell_times("card_to_picture", seconds)


def _say(simulator: "subprocess.Popen[bytes]", line: str) -> None:
    if simulator.stdin is not None:
        simulator.stdin.write(line.encode())
        simulator.stdin.flush()


def touch_to_paper(finger: Finger, truth: Path) -> None:
    """From the finger's lifting off a service until the ticket is cut."""
    seconds = []
    for number in range(5):
        finger.touch(*BEGIN)
        time.sleep(0.7)
        start = time.perf_counter()
        finger.touch(*SERVICES[0])
        wait_until(partial(_printed, truth, number + 1))
        seconds.append(time.perf_counter() - start)
        time.sleep(0.7)
        finger.touch(*DONE)
        time.sleep(0.7)
    tell_times("touch_to_printed", seconds)
    last = [line for line in truth.read_text().splitlines() if '"paper"' in line][-1]
    wire = len(json.loads(last)["bytes_hex"].split()) * 10 / 38400
    tell("touch_to_printed_wire_limit", wire * 1000, "ms", 1)


def _printed(truth: Path, tickets: int) -> bool:
    return truth.read_text().count('"event": "paper"') >= tickets


def _drawn(screen: VirtualScreen) -> bool:
    """Something other than an empty root window."""
    return len(set(screen.pixels()[::4001])) > 3
