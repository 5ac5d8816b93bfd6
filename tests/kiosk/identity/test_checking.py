"""The process of one check as the kiosk begins it: `python -m kiosk.identity.checking`, spoken to through its pipes."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from demo import faces
from devices.camera.settings import Camera
from kiosk.identity import told
from kiosk.identity.told import Begin, CameraIs, Ended, Judged, Mirror, Shown
from kiosk.identity.tries import FILE
from kiosk.settings import Identity, Templates
from tests.conftest import ROOT, SimulatedMachine, wait_for

ANNE = "token-of-anne"
LONG_S = 40.0
ENDS_WITHIN_S = 6.0  # on a busy machine; a second or so otherwise


class Process:
    """`heard`: what it told, in order; `over`: its pipe has ended."""

    def __init__(self) -> None:
        self._pipe, its_end = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kiosk.identity.checking"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=its_end,
            stderr=subprocess.PIPE,
        )
        os.close(its_end)
        self.heard: list[told.FromCheck] = []
        self._errors: list[bytes] = []
        self.listens = threading.Event()
        self.listens.set()
        self.deaf = False
        self._threads = [
            threading.Thread(target=one, daemon=True) for one in (self._hear, self._complaints)
        ]
        for thread in self._threads:
            thread.start()

    def _hear(self) -> None:
        while (body := told.read_all(lambda count: os.read(self._pipe, count))) and not self.deaf:
            self.heard.append(told.from_check(body))
            self.listens.wait()
        os.close(self._pipe)

    def _complaints(self) -> None:
        assert self.process.stderr is not None
        self._errors.extend(self.process.stderr)

    def say(self, message: told.Told | bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(message if isinstance(message, bytes) else told.packed(message))
        self.process.stdin.flush()

    def leave(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def ended(self, within_s: float = LONG_S) -> int:
        status = self.process.wait(within_s)
        for thread in self._threads:
            thread.join(5)
        return status

    @property
    def errors(self) -> str:
        return b"".join(self._errors).decode()

    @property
    def says(self) -> list[str]:
        return [one.says for one in self.heard if isinstance(one, Shown)]

    @property
    def judged(self) -> list[tuple[str, str]]:
        return [
            (one.entry.decision, one.entry.reason) for one in self.heard if isinstance(one, Judged)
        ]

    @property
    def said(self) -> str:
        last = self.heard[-1]
        assert isinstance(last, Ended), self.heard
        return last.said

    def limit(self, name: str) -> list[str]:
        lines = Path(f"/proc/{self.process.pid}/limits").read_text().splitlines()
        return next(line for line in lines if line.startswith(name))[len(name) :].split()


@pytest.fixture
def start() -> Iterator[Callable[[], Process]]:
    started: list[Process] = []

    def one() -> Process:
        started.append(Process())
        return started[-1]

    yield one
    for process in started:
        process.listens.set()
        process.process.kill()
        process.process.wait()


def by_finger(folder: Path) -> Begin:
    keys = folder / "keys"
    keys.write_text(f"old {bytes(range(32)).hex()}\n")
    keys.chmod(0o600)
    return Begin(
        method="fingerprint",
        customer=ANNE,
        folder=str(folder),
        identity=Identity(consent="2026-11"),
        templates=Templates(keys=str(keys)),
    )


def by_face(folder: Path, records: str = "http://127.0.0.1:9", patience_s: float = 30.0) -> Begin:
    return Begin(
        method="face",
        customer=ANNE,
        folder=str(folder),
        identity=Identity(consent="2026-11", records=records),
        camera=Camera(port=f"sim://{folder}/camera.port"),
        patience_s=patience_s,
    )


# --- begun by somebody else, or not at all ----------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        b"",
        b"\0\0",
        b"\0\0\0\5ab",
        b"\xff\xff\xff\xff",
        b"\0\0\0\4\xc1\xc1\xc1\xc1",
        b"GET / HTTP/1.1\r\n\r\n",
        told.packed(told.Again()),
    ],
)
def test_it_is_not_begun_by_hand(words: bytes, start: Callable[[], Process]) -> None:
    process = start()
    process.say(words)
    process.leave()
    assert process.ended() != 0
    assert process.heard == []
    assert process.errors
    assert "Traceback" not in process.errors


# --- by finger: the way through, without OpenCV -------------------------------------------------------


def test_who_has_no_template_is_told_at_once_and_it_ends(
    start: Callable[[], Process], tmp_path: Path
) -> None:
    process = start()
    process.say(by_finger(tmp_path))
    assert process.ended() == 0
    assert process.judged == [("undecided", "no_template")]
    assert process.said == "failed"
    assert ANNE not in process.errors


def test_where_tries_cannot_be_counted_nobody_is_looked_at(
    start: Callable[[], Process], tmp_path: Path
) -> None:
    (tmp_path / FILE).mkdir()
    process = start()
    process.say(by_finger(tmp_path))
    assert process.ended() == 1
    assert process.judged == [("locked", "tries_unusable")]
    assert process.said == "failed"
    assert "staff look" in process.errors


# --- by face ------------------------------------------------------------------------------------------


@pytest.fixture
def camera(simulated: Callable[..., SimulatedMachine]) -> SimulatedMachine:
    return simulated("camera")


def light(camera: SimulatedMachine) -> list[object]:
    return [one["on"] for one in camera.truth("light")]


class Bank:
    """Gives this picture to everybody."""

    def __init__(self, content: bytes) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def bank() -> Iterator[Callable[[bytes], Bank]]:
    open_ones: list[Bank] = []

    def one(content: bytes) -> Bank:
        open_ones.append(Bank(content))
        return open_ones[-1]

    yield one
    for server in open_ones:
        server.close()


def looks(process: Process, camera: SimulatedMachine, begin: Begin) -> None:
    process.say(begin)
    wait_for(lambda: light(camera), "the open eye", LONG_S)


def portrait() -> bytes:
    return faces.hopper().read_bytes()


def test_who_leaves_in_the_middle_leaves_no_open_eye(
    start: Callable[[], Process],
    camera: SimulatedMachine,
    bank: Callable[[bytes], Bank],
    tmp_path: Path,
) -> None:
    process = start()
    looks(process, camera, by_face(tmp_path, bank(portrait()).url))
    wait_for(lambda: any(isinstance(one, Mirror) for one in process.heard), "a mirror", LONG_S)
    # nothing of a face reaches a disk when it crashes, whatever the machine does with crashes
    assert process.limit("Max core file size")[:2] == ["1", "1"]
    process.leave()
    assert process.ended(ENDS_WITHIN_S) == 0
    wait_for(lambda: light(camera) == [True, False], "the closed eye", 5)
    assert process.judged == [("declined", "")]


@pytest.mark.parametrize("how", ["closes both ends", "listens later", "falls asleep first"])
def test_a_kiosk_that_is_gone_leaves_no_open_eye(
    how: str, start: Callable[[], Process], camera: SimulatedMachine,
    bank: Callable[[bytes], Bank], tmp_path: Path,
) -> None:  # fmt: skip
    process = start()
    looks(process, camera, by_face(tmp_path, bank(portrait()).url))
    wait_for(lambda: any(isinstance(one, Mirror) for one in process.heard), "a mirror", LONG_S)
    process.listens.clear()
    if how == "falls asleep first":
        time.sleep(1.5)  # its pipe is full by then
    process.leave()
    process.deaf = how != "listens later"
    process.listens.set()
    process.process.wait(ENDS_WITHIN_S)
    wait_for(lambda: light(camera) == [True, False], "the closed eye", 5)


def test_stopped_killed_or_crashed_the_machine_closes_the_eye(
    start: Callable[[], Process],
    camera: SimulatedMachine,
    bank: Callable[[bytes], Bank],
    tmp_path: Path,
) -> None:
    process = start()
    looks(process, camera, by_face(tmp_path, bank(portrait()).url))
    process.process.send_signal(signal.SIGSEGV)
    assert process.ended() == -signal.SIGSEGV
    wait_for(lambda: light(camera) == [True, False], "the closed eye", 5)
    assert list(ROOT.glob("core*")) == []


FAULTS = {
    "black": ("lensCovered", "lens_covered"),
    "freeze": ("frozen", "frozen"),
    "virtual": ("wrongDevice", "wrong_device"),
    "stall": ("notResponding", "not_responding"),
    "silent": ("notResponding", "not_responding"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_camera_that_fails_is_told_by_its_word_and_is_nobody_s_failure(
    fault: str, start: Callable[[], Process], camera: SimulatedMachine,
    bank: Callable[[bytes], Bank], tmp_path: Path,
) -> None:  # fmt: skip
    word, reason = FAULTS[fault]
    camera.say(f"fault {fault}")
    process = start()
    process.say(by_face(tmp_path, bank(portrait()).url))
    assert process.ended() == 0
    assert [one.word for one in process.heard if isinstance(one, CameraIs)][-1:] == [word]
    assert process.judged == [("undecided", reason)]
    assert process.said == "failed"
    assert light(camera)[-1:] in ([], [False])


def test_an_upside_down_camera_is_told(
    start: Callable[[], Process],
    camera: SimulatedMachine,
    bank: Callable[[bytes], Bank],
    tmp_path: Path,
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(portrait())
    camera.say("fault upside_down")
    camera.say(f"present {photo}")
    process = start()
    process.say(by_face(tmp_path, bank(portrait()).url))
    assert process.ended() == 0
    assert process.judged == [("undecided", "upside_down")]
    assert CameraIs("upsideDown") in process.heard


def test_a_camera_that_shows_a_face_well_is_told_to_be_well_once(
    start: Callable[[], Process],
    camera: SimulatedMachine,
    bank: Callable[[bytes], Bank],
    tmp_path: Path,
) -> None:
    """What was wrong with it at another customer's check is over."""
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(portrait())
    camera.say(f"present {photo}")
    process = start()
    process.say(by_face(tmp_path, bank(portrait()).url, patience_s=60))
    asked = {"face.turn_left", "face.turn_right", "face.blink"}
    wait_for(lambda: asked & set(process.says), f"something asked; {process.says}", LONG_S)
    process.leave()
    assert process.ended(ENDS_WITHIN_S) == 0
    assert [one.word for one in process.heard if isinstance(one, CameraIs)] == [""]


@pytest.mark.parametrize("fault", ["dark", "bright"])
def test_the_light_is_something_the_customer_can_do_about(
    fault: str, start: Callable[[], Process], camera: SimulatedMachine,
    bank: Callable[[bytes], Bank], tmp_path: Path,
) -> None:  # fmt: skip
    camera.say(f"fault {fault}")
    process = start()
    process.say(by_face(tmp_path, bank(portrait()).url, patience_s=60))
    wait_for(lambda: f"face.too_{fault}" in process.says, f"the words; {process.says}", LONG_S)
    process.leave()
    assert process.ended(ENDS_WITHIN_S) == 0
    assert not any(isinstance(one, CameraIs) for one in process.heard)


def test_a_photo_held_up_does_not_pass_and_another_try_is_offered(
    start: Callable[[], Process],
    camera: SimulatedMachine,
    bank: Callable[[bytes], Bank],
    tmp_path: Path,
) -> None:
    """The owner's own picture, which does not turn."""
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(portrait())
    camera.say(f"present {photo}")
    process = start()
    process.say(by_face(tmp_path, bank(portrait()).url, patience_s=6))
    wait_for(lambda: "face.again" in process.says, f"the question; {process.says}", LONG_S)
    wait_for(lambda: light(camera) == [True, False], "the closed eye", 5)
    process.leave()
    assert process.ended(ENDS_WITHIN_S) == 0
    assert process.said == "failed"
    assert process.judged[0][0] in ("undecided", "failed")
    assert "passed" not in json.dumps(process.judged)


def test_somebody_beside_the_customer_is_asked_to_step_aside(
    start: Callable[[], Process],
    camera: SimulatedMachine,
    bank: Callable[[bytes], Bank],
    tmp_path: Path,
) -> None:
    from PIL import Image  # noqa: PLC0415  skimage brings it

    one = Image.open(io.BytesIO(portrait())).resize((480, 600))
    both = Image.new("RGB", (960, 600))
    both.paste(one, (0, 0))
    both.paste(one.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (480, 0))
    both.save(tmp_path / "both.png")
    camera.say(f"present {tmp_path / 'both.png'}")
    process = start()
    process.say(by_face(tmp_path, bank(portrait()).url, patience_s=60))
    wait_for(lambda: "face.several_people" in process.says, f"the words; {process.says}", LONG_S)
    process.leave()
    assert process.ended(ENDS_WITHIN_S) == 0
    assert process.judged == [("declined", "")]


def test_before_nobody_the_eye_closes_and_it_costs_nothing(
    start: Callable[[], Process],
    camera: SimulatedMachine,
    bank: Callable[[bytes], Bank],
    tmp_path: Path,
) -> None:
    process = start()
    process.say(by_face(tmp_path, bank(portrait()).url, patience_s=3))
    wait_for(lambda: "face.again" in process.says, f"the question; {process.says}", LONG_S)
    wait_for(lambda: light(camera) == [True, False], "the closed eye", 5)
    assert set(process.says) <= {"face.opening", "face.no_face", "face.wait", "face.again"}
    assert process.judged == [("undecided", "no_front")]


def png(width: int, height: int) -> bytes:
    """All black, of one bit a pixel: small on the wire, whatever its size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + bytes((1, 0, 0, 0, 0))
    packer = zlib.compressobj(9)
    line = bytes(1 + (width + 7) // 8)
    body = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_a_record_that_would_fill_the_memory_is_none(
    start: Callable[[], Process],
    camera: SimulatedMachine,
    bank: Callable[[bytes], Bank],
    tmp_path: Path,
) -> None:
    """300 megapixels in 100 kB."""
    process = start()
    process.say(by_face(tmp_path, bank(png(20_000, 15_000)).url))
    wait_for(lambda: process.judged, "the entry", LONG_S)
    assert process.judged == [("undecided", "record_unusable")]
    process.ended()


@pytest.mark.parametrize("content", [b"<html>", png(1, 1)])
def test_a_record_without_a_face_judges_nobody(
    content: bytes, start: Callable[[], Process], camera: SimulatedMachine,
    bank: Callable[[bytes], Bank], tmp_path: Path,
) -> None:  # fmt: skip
    process = start()
    process.say(by_face(tmp_path, bank(content).url))
    assert process.ended() == 0
    assert process.judged in (
        [("undecided", "record_unusable")],
        [("undecided", "reference_no_face")],
    )
    assert light(camera) == [True, False]
