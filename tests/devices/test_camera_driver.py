"""The camera's driver with its keeper: on a simulated camera's real socket, and on Video4Linux as far as it goes
without a camera: a real cv2.VideoCapture that reads a file, and one that hangs.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy
import pytest

from devices.camera.driver import Camera as Driver, EyeClosed, EyeOpen, PictureIs, Watch
from devices.camera.identity import Identity
from devices.camera.plug import Plug
from devices.camera.settings import Camera as Section
from devices.camera.simulated_socket import LocalSocket
from devices.camera.simulator import Simulator
from devices.camera.v4l2 import V4l2Plug
from devices.cameras import Camera
from devices.device import Health, State
from devices.keeper import Keeper
from tests.conftest import wait_for
from tests.devices.beside import Running

USB = Identity("usb", "HD Webcam", "046d:0825", "A1B2C3")


class Simulated(Running):
    """A simulated camera on its socket, and what really happened."""

    def __init__(self, link: Path) -> None:
        self._events: list[Mapping[str, Any]] = []
        super().__init__(Simulator(self._events.append), link, LocalSocket)

    @property
    def lights(self) -> list[bool]:
        return [bool(one["on"]) for one in list(self._events) if one["event"] == "light"]

    @property
    def light(self) -> bool:
        return self.lights[-1:] == [True]


class Heard:
    """Everything that was told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def __call__(self, event: Any) -> None:
        self.told.append(event)

    def all(self, kind: type) -> list[Any]:
        return [one for one in list(self.told) if isinstance(one, kind)]

    @property
    def words(self) -> list[str]:
        return [one.word for one in self.all(PictureIs)]


@pytest.fixture
def eye(tmp_path: Path) -> Iterator[Simulated]:
    with Simulated(tmp_path / "camera") as eye:
        yield eye


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def made(eye: Simulated, heard: Heard) -> Iterator[Callable[..., Camera]]:
    cameras: list[Camera] = []

    def make(**options: Any) -> Camera:
        cameras.append(Camera(Section(f"sim://{eye.link}", **options), heard))
        cameras[-1].keeper.start()
        return cameras[-1]

    yield make
    for camera in cameras:
        camera.keeper.stop()


def works(camera: Camera) -> None:
    wait_for(lambda: camera.keeper.health.state.works, "the camera to be there", 5)


@pytest.fixture
def camera(made: Callable[..., Camera]) -> Camera:
    camera = made()
    works(camera)
    return camera


def opened(camera: Camera, heard: Heard, job: str = "one") -> None:
    camera.open(job)
    wait_for(lambda: EyeOpen(job) in heard.told, "the eye to open", 5)


def test_the_light_is_off_until_somebody_is_looked_at_and_again_after(
    camera: Camera, eye: Simulated, heard: Heard
) -> None:
    assert eye.lights == []
    for session in (1, 2, 3):
        opened(camera, heard, f"session {session}")
        assert eye.light
        camera.close()
        wait_for(lambda: not eye.light, "the light to go out", 2)
        assert eye.lights == [True, False] * session


def test_pictures_are_one_block_of_blue_green_and_red(camera: Camera, heard: Heard) -> None:
    opened(camera, heard)
    picture = camera.newest(within_s=2)
    assert picture is not None
    assert picture.pixels.shape == (480, 640, 3)
    assert picture.pixels.dtype == numpy.uint8
    assert picture.pixels.flags.c_contiguous
    assert "pixels" not in repr(picture)


def test_a_large_picture_is_as_large(made: Callable[..., Camera], heard: Heard) -> None:
    camera = made(width=1280, height=720)
    works(camera)
    opened(camera, heard)
    picture = camera.newest(within_s=2)
    assert picture is not None
    assert picture.pixels.shape == (720, 1280, 3)


def test_only_the_newest_is_kept_and_it_comes_at_the_rate_of_a_camera(
    camera: Camera, heard: Heard
) -> None:
    opened(camera, heard)
    first = camera.newest(within_s=2)
    assert first is not None
    later = wait_for(lambda: camera.newest(first.number + 40), "forty pictures", 20)
    rate = (later.number - first.number) / (later.at - first.at)
    assert 2 < rate < 33  # slower only where the machine is busy
    assert time.monotonic() - later.at < 1.0


def test_nothing_is_left_of_a_session(camera: Camera, heard: Heard) -> None:
    opened(camera, heard)
    camera.close()
    wait_for(lambda: heard.all(EyeClosed), "the end", 2)
    assert camera.newest() is None
    assert heard.all(EyeClosed) == [EyeClosed("one", "canceled")]


def test_an_eye_that_somebody_forgot_closes_by_itself(
    camera: Camera, eye: Simulated, heard: Heard
) -> None:
    camera.open("one", within_s=0.8)
    wait_for(lambda: heard.all(EyeClosed), "the end", 5)
    assert heard.all(EyeClosed) == [EyeClosed("one", "timeOut")]
    wait_for(lambda: not eye.light, "the light to go out", 2)


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ("black", "lensCovered"),
        ("dark", "tooDark"),
        ("bright", "tooBright"),
        ("freeze", "frozen"),
    ],
)
def test_what_is_wrong_with_the_picture_is_said_and_taken_back(
    camera: Camera, eye: Simulated, heard: Heard, fault: str, word: str
) -> None:
    opened(camera, heard)
    eye.say(f"fault {fault}")
    wait_for(lambda: heard.words == [word], f"the word {word}", 3)
    eye.say(f"clear {fault}")
    wait_for(lambda: heard.words == [word, ""], "the word to be taken back", 3)
    camera.close()
    wait_for(lambda: camera.keeper.health.state is State.READY, "a healthy camera", 3)


def test_a_covered_lens_stands_at_the_camera_until_its_next_session(
    camera: Camera, eye: Simulated, heard: Heard
) -> None:
    eye.say("fault black")
    opened(camera, heard)
    wait_for(lambda: heard.words, "the word", 3)
    camera.close()
    wait_for(lambda: heard.all(EyeClosed), "the end", 3)
    wait_for(lambda: camera.keeper.health.state is State.DEGRADED, "its health", 3)
    assert camera.keeper.health.detail == "lensCovered"


def test_a_person_before_the_hall_is_neither_dark_nor_frozen(
    camera: Camera, eye: Simulated, heard: Heard, tmp_path: Path
) -> None:
    face = numpy.full((200, 200, 3), (120, 150, 190), numpy.uint8)
    cv2.imwrite(str(tmp_path / "face.png"), face)
    eye.say(f"present {tmp_path / 'face.png'}")
    opened(camera, heard)
    seen = wait_for(lambda: camera.newest(70), "seventy pictures", 6)
    assert heard.words == []
    middle = seen.pixels[200:280, 280:360].reshape(-1, 3).mean(axis=0)
    assert numpy.abs(middle - (120, 150, 190)).max() < 4


def test_a_camera_built_in_upside_down_is_turned(
    made: Callable[..., Camera], eye: Simulated, heard: Heard
) -> None:
    eye.say("fault upside_down")
    camera = made(turned=180)
    works(camera)
    opened(camera, heard)
    picture = camera.newest(within_s=2)
    assert picture is not None
    assert picture.pixels[:40].mean() > picture.pixels[-40:].mean() + 40  # the light is above
    assert picture.pixels.flags.c_contiguous


def test_a_pulled_plug_ends_the_session_and_a_replugged_camera_is_used_again(
    camera: Camera, eye: Simulated, heard: Heard
) -> None:
    opened(camera, heard)
    eye.say("unplug")
    wait_for(lambda: camera.keeper.health.state is State.ABSENT, "the loss", 5)
    assert camera.keeper.health.detail == "noDevice"
    wait_for(lambda: heard.all(EyeClosed), "the end", 3)
    assert heard.all(EyeClosed) == [EyeClosed("one", "hardwareError", "noDevice")]
    eye.say("replug")
    works(camera)
    opened(camera, heard, "two")


def test_a_shaken_plug_does_not_end_the_session(
    camera: Camera, eye: Simulated, heard: Heard
) -> None:
    opened(camera, heard)
    eye.say("unplug")
    eye.say("replug")
    wait_for(lambda: len(heard.all(EyeOpen)) == 2, "the eye to open again", 5)
    assert heard.all(EyeClosed) == []


def test_a_pulled_plug_is_noticed_without_opening_the_eye(camera: Camera, eye: Simulated) -> None:
    eye.say("unplug")
    wait_for(lambda: camera.keeper.health.state is State.ABSENT, "the loss", 5)
    assert eye.lights == []


def test_no_pictures_any_more_is_said(camera: Camera, eye: Simulated, heard: Heard) -> None:
    opened(camera, heard)
    eye.say("fault stall")
    wait_for(lambda: camera.keeper.health.detail == "notResponding", "the word", 6)


def test_a_camera_that_says_nothing_is_not_there(
    made: Callable[..., Camera], eye: Simulated
) -> None:
    eye.say("fault silent")
    camera = made()
    wait_for(lambda: camera.keeper.health.state is State.ABSENT, "the loss", 12)
    assert camera.keeper.health.detail == "notResponding"


@pytest.mark.parametrize("fault", ["virtual", "wrong_device"])
def test_an_injected_camera_is_refused_and_never_opened(
    made: Callable[..., Camera], eye: Simulated, heard: Heard, fault: str
) -> None:
    eye.say(f"fault {fault}")
    camera = made(identity="simulated:1d6b:0102:SIM0001")
    wait_for(lambda: camera.keeper.health.state is State.FAULT, "the fault", 5)
    assert camera.keeper.health.detail == "wrongDevice"
    camera.open("one")
    wait_for(lambda: heard.all(EyeClosed), "the refusal", 5)
    assert heard.all(EyeClosed) == [EyeClosed("one", "deviceNotReady", "wrongDevice")]
    assert eye.lights == []


def test_a_camera_exchanged_between_two_sessions_is_refused(
    camera: Camera, eye: Simulated, heard: Heard
) -> None:
    opened(camera, heard)
    camera.close()
    wait_for(lambda: heard.all(EyeClosed), "the end", 3)
    eye.say("fault wrong_device")
    wait_for(lambda: camera.keeper.health.detail == "wrongDevice", "the word", 5)


def test_a_second_program_is_turned_away(
    camera: Camera, made: Callable[..., Camera], heard: Heard
) -> None:
    opened(camera, heard)
    second = made(name="second")
    wait_for(lambda: second.keeper.health.state is State.ABSENT, "the refusal", 5)
    assert second.keeper.health.detail in ("deviceBusy", "noDevice")


# --- Video4Linux through OpenCV ---------------------------------------------------------------


class Hanging:
    """A capture whose read hangs in the kernel until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.reading = threading.Event()
        self.released = threading.Event()

    def isOpened(self) -> bool:  # noqa: N802  OpenCV's
        return True

    def read(self) -> tuple[bool, Any]:
        self.reading.set()
        self.let_go.wait(30)
        return False, None

    def release(self) -> None:
        self.released.set()


@pytest.fixture
def kept(heard: Heard) -> Iterator[Callable[[Plug], tuple[Driver, Keeper]]]:
    keepers: list[Keeper] = []

    def keep(plug: Plug) -> tuple[Driver, Keeper]:
        driver = Driver(heard)
        keeper = Keeper("camera", "camera", driver, lambda: plug, heard, lambda: datetime.now(UTC))
        keepers.append(keeper)
        keeper.start()
        wait_for(lambda: keeper.health.state is State.READY, "the camera", 5)
        return driver, keeper

    yield keep
    for keeper in keepers:
        keeper.stop()


def v4l2(capture: Callable[..., Any], who: Callable[[], Identity] = lambda: USB) -> Plug:
    return V4l2Plug("/dev/video0", 640, 480, found=lambda: ("/dev/video0", who()), capture=capture)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Ten seconds of Motion JPEG."""
    path = tmp_path / "film.avi"
    code = cv2.VideoWriter.fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(path), code, 30, (640, 480))
    for light in range(300):
        writer.write(numpy.full((480, 640, 3), 60 + light // 3, numpy.uint8))
    writer.release()
    return path


def test_pictures_of_opencv_come_the_same_way(
    film: Path, heard: Heard, kept: Callable[[Plug], tuple[Driver, Keeper]]
) -> None:
    driver, keeper = kept(v4l2(lambda *_: cv2.VideoCapture(str(film))))
    keeper.order(Watch("one"), 10)
    picture = wait_for(lambda: driver.newest.after(0, 1.0), "a picture", 5)
    assert picture.pixels.shape == (480, 640, 3)
    assert picture.pixels.flags.c_contiguous


def test_a_read_that_hangs_holds_up_neither_the_end_nor_the_program(
    heard: Heard, kept: Callable[[Plug], tuple[Driver, Keeper]]
) -> None:
    capture = Hanging()
    _, keeper = kept(v4l2(lambda *_: capture))
    order = keeper.order(Watch("one"), 30)
    assert capture.reading.wait(5)
    before = time.monotonic()
    order.cancel()
    wait_for(lambda: heard.all(EyeClosed), "the end", 5)
    keeper.stop()
    assert time.monotonic() - before < 4
    assert not capture.released.is_set()
    capture.let_go.set()
    assert capture.released.wait(5)  # by the thread that read, when the kernel let it go


def test_a_read_that_hangs_is_notResponding_and_no_second_one_is_begun(  # noqa: N802
    heard: Heard, kept: Callable[[Plug], tuple[Driver, Keeper]]
) -> None:
    captures: list[Hanging] = []

    def capture(*_: Any) -> Hanging:
        captures.append(Hanging())
        return captures[-1]

    _, keeper = kept(v4l2(capture))
    keeper.order(Watch("one"), 30)
    wait_for(lambda: keeper.health.state is State.ABSENT, "the loss", 20)
    assert keeper.health.detail == "notResponding"
    assert len(captures) == 1
    captures[0].let_go.set()
    wait_for(lambda: keeper.health.state is State.READY, "the camera to be back", 10)


def test_a_camera_exchanged_in_the_middle_of_a_session_is_refused(
    film: Path, heard: Heard, kept: Callable[[Plug], tuple[Driver, Keeper]]
) -> None:
    there = [USB]

    class Slow:
        """The film at about its own rate, again and again."""

        def __init__(self, *_: Any) -> None:
            self._film = cv2.VideoCapture(str(film))

        def isOpened(self) -> bool:  # noqa: N802  OpenCV's
            return True

        def read(self) -> tuple[bool, Any]:
            threading.Event().wait(1 / 30)
            return self._film.read()

        def release(self) -> None:
            self._film.release()

    driver, keeper = kept(v4l2(Slow, lambda: there[0]))
    keeper.order(Watch("one"), 30)
    wait_for(lambda: driver.newest.after(0, 0.1), "a picture", 5)
    there[0] = Identity("virtual", "OBS Virtual Camera")
    wait_for(lambda: keeper.health.state is State.FAULT, "the refusal", 5)
    assert keeper.health.detail == "wrongDevice"
    assert keeper.health.identity == "virtual OBS Virtual Camera"
    wait_for(lambda: driver.newest.after(0, 0) is None, "the pictures to be gone", 3)


def test_a_camera_that_does_not_open_says_why(
    heard: Heard, kept: Callable[[Plug], tuple[Driver, Keeper]]
) -> None:
    class Shut(Hanging):
        def isOpened(self) -> bool:  # noqa: N802  OpenCV's
            return False

    _, keeper = kept(v4l2(lambda *_: Shut()))
    keeper.order(Watch("one"), 30)
    told = wait_for(lambda: heard.all(EyeClosed), "the end", 10)
    assert told == [EyeClosed("one", "hardwareError", "noDevice")]  # there is no /dev/video0 here
    assert all(isinstance(one, Health | EyeClosed) for one in heard.told)
