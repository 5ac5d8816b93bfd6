"""The simulated camera: what it is asked and says, what is held before it, and as the program that users start."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy
import pytest

from devices.camera.simulated_scene import Pixels, open_seen
from devices.camera.simulator import RATE, Simulator
from tests.conftest import ROOT, wait_for

SIZE = b"stream 320 240\n"


class Machine:
    """A camera with a clock of its own."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, object]] = []
        self.camera = Simulator(self.events.append)
        self.camera.power_on(0.0)
        self.now = 0.0

    def hello(self, asked: bytes = SIZE) -> Any:
        return json.loads(self.camera.receive(asked, self.now))

    def picture(self) -> Pixels:
        """The next one."""
        due = self.camera.next_deadline()
        assert due is not None
        self.now = max(self.now, due)
        data = self.camera.pass_time(self.now)
        assert int.from_bytes(data[:4]) == len(data) - 4
        pixels = cv2.imdecode(numpy.frombuffer(data[4:], numpy.uint8), cv2.IMREAD_COLOR)
        assert pixels is not None
        return pixels.astype(numpy.uint8)

    def colour(self) -> int:
        """How light the middle is."""
        return round(float(self.picture()[110:130, 150:170].mean()))

    def later(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


def still(path: Path, light: int) -> Path:
    cv2.imwrite(str(path), numpy.full((100, 100, 3), light, numpy.uint8))
    return path


def near(a: int, b: int) -> bool:
    return abs(a - b) <= 3


def test_who_it_is_opens_no_eye(machine: Machine) -> None:
    assert machine.hello(b"identity\n")["serial"] == "SIM0001"
    assert machine.camera.next_deadline() is None
    assert machine.events == []


def test_pictures_come_at_the_rate_of_a_camera_and_in_the_size_asked_for(machine: Machine) -> None:
    machine.hello()
    assert machine.picture().shape == (240, 320, 3)
    began = machine.now
    for _ in range(30):
        machine.picture()
    assert machine.now - began == pytest.approx(30 / RATE)


def test_a_host_that_was_away_gets_no_flood_afterwards(machine: Machine) -> None:
    machine.hello()
    machine.picture()
    machine.later(10)
    machine.picture()
    assert machine.camera.pass_time(machine.now) == b""


def test_no_two_pictures_of_it_are_alike_but_when_it_is_frozen(machine: Machine) -> None:
    machine.hello()
    assert not numpy.array_equal(machine.picture(), machine.picture())
    machine.camera.fault("freeze", True, machine.now)
    assert numpy.array_equal(machine.picture(), machine.picture())


def test_a_picture_is_held_before_it_and_taken_away(machine: Machine, tmp_path: Path) -> None:
    machine.hello()
    empty = machine.colour()
    machine.camera.present(str(still(tmp_path / "a.png", 220)), machine.now)
    assert near(machine.colour(), 220)
    machine.camera.remove(machine.now)
    assert near(machine.colour(), empty)
    assert [event["event"] for event in machine.events] == ["light", "held_before", "taken_away"]


def test_a_list_shows_each_picture_for_its_time(machine: Machine, tmp_path: Path) -> None:
    for name, light in (("a.png", 40), ("b.png", 140), ("c.png", 240)):
        still(tmp_path / name, light)
    (tmp_path / "turn.txt").write_text("1.5 a.png\n0.5 b.png\n9 c.png\n")
    machine.hello()
    machine.camera.present(str(tmp_path / "turn.txt"), 0.0)
    seen = {}
    for at in (0.0, 1.4, 1.6, 2.1, 60.0):
        machine.now = at
        seen[at] = machine.colour()
    expected = {0.0: 40, 1.4: 40, 1.6: 140, 2.1: 240, 60.0: 240}
    assert all(near(seen[at], light) for at, light in expected.items()), seen


def test_a_folder_shows_its_pictures_by_name(machine: Machine, tmp_path: Path) -> None:
    still(tmp_path / "2.png", 200)
    still(tmp_path / "1.png", 50)
    machine.hello()
    machine.camera.present(str(tmp_path), 0.0)
    first = machine.colour()
    machine.later(1.1)
    assert near(first, 50)
    assert near(machine.colour(), 200)


def test_a_video_plays_at_its_own_rate_and_its_last_picture_stays(
    machine: Machine, tmp_path: Path
) -> None:
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (320, 240))
    for light in (30, 90, 150, 210):
        for _ in range(5):
            writer.write(numpy.full((240, 320, 3), light, numpy.uint8))
    writer.release()
    machine.hello()
    machine.camera.present(str(path), 0.0)
    seen = []
    for at in (0.2, 0.7, 1.2, 1.7, 30.0):
        machine.now = at
        seen.append(machine.colour())
    assert all(near(a, b) for a, b in zip(seen, (30, 90, 150, 210, 210), strict=True)), seen


@pytest.mark.parametrize("name", ["nowhere.png", "text.png", "text.avi", "empty"])
def test_what_cannot_be_shown_is_refused_and_leaves_what_is_there(
    machine: Machine, tmp_path: Path, name: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "text.avi").write_text("no video")
    with pytest.raises(ValueError, match=r"picture|video"):
        open_seen(tmp_path / name)


@pytest.mark.parametrize(
    "asked", [b"\n", b"stream\n", b"stream -1 0\n", b"stream a b\n", bytes(range(256)), b"x" * 9999]
)
def test_nonsense_from_the_host_does_it_no_harm(machine: Machine, asked: bytes) -> None:
    machine.camera.receive(asked, 0.0)
    machine.camera.pass_time(1.0)
    assert machine.camera.receive(b"\nidentity\n", 1.0).splitlines()[-1].startswith(b'{"bus"')


# --- the program ------------------------------------------------------------------------------


@pytest.fixture
def started(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    words = ["simulate", "camera", "--link", str(tmp_path / "eye"), "--log", str(tmp_path / "log")]
    with subprocess.Popen(
        [sys.executable, "-m", "devices", *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as program:
        yield program
        program.terminate()


def said(program: "subprocess.Popen[str]", command: str = "") -> str:
    assert program.stdin is not None
    assert program.stdout is not None
    if command:
        program.stdin.write(command + "\n")
    return program.stdout.readline().strip()


def test_it_is_started_and_told_what_to_do_as_every_machine(
    started: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    assert said(started) == f"ready {tmp_path / 'eye'}"
    assert said(started, "fault black") == "ok fault black"
    assert said(started, "fault tired").startswith("error: unknown fault 'tired'; allowed: black")
    assert said(started, f"present {still(tmp_path / 'a.png', 9)}") == "ok present"
    assert said(started, "present nowhere.jpg").startswith("error: nowhere.jpg is no picture")
    assert said(started, "remove") == "ok remove"
    assert said(started, "unplug") == "ok unplug"
    assert not (tmp_path / "eye").exists()
    assert said(started, "replug").startswith("ok replug")
    assert said(started, "quit") == "ok quit"
    assert started.wait(5) == 0
    log = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [one["event"] for one in log][:3] == ["ready", "fault", "held_before"]
    assert not [line for line in log if "a.png" in json.dumps(line)]


def test_a_host_that_goes_without_a_word_leaves_the_light_off(
    started: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    said(started)
    with socket.socket(socket.AF_UNIX) as host:
        host.connect(str(tmp_path / "eye"))
        host.sendall(SIZE)
        assert host.recv(1) == b"{"
    log = tmp_path / "log"
    wait_for(lambda: '"on": false' in log.read_text(), "the light to go out", 5)


def test_only_this_user_may_show_the_kiosk_pictures(
    started: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    said(started)
    assert (tmp_path / "eye").stat().st_mode & 0o077 == 0


def test_without_a_link_it_says_so_and_the_list_has_its_faults() -> None:
    words = [sys.executable, "-m", "devices", "simulate"]
    lost = subprocess.run(
        [*words, "camera"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )
    assert lost.returncode == 2
    assert "--link PATH" in lost.stderr
    listed = subprocess.run(
        [*words, "--list"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    ).stdout
    assert "camera: " in listed
    assert [name for name in Simulator.FAULTS if f"    {name}: " not in listed] == []
