"""A check by face without its process: what the camera and the worker tell it comes from here."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devices.camera.driver import EyeOpen, PictureIs
from devices.camera.settings import Camera
from kiosk.identity.face_check import JOB, READY_S, FaceCheck
from kiosk.identity.session import Patience
from kiosk.identity.session_events import Seen
from kiosk.identity.told import Again, Begin
from kiosk.identity.tries import Tries
from kiosk.identity.trying import Trying
from kiosk.settings import Identity
from tests.conftest import wait_for


class Kiosk:
    """Time passes when it is told to."""

    def __init__(self, folder: Path) -> None:
        identity = Identity(consent="2026-11", records="http://127.0.0.1:9")
        camera = Camera(port=f"sim://{folder}/camera.port")
        begin = Begin("face", "anne", str(folder), identity, camera)
        self.tries = Tries(folder, lambda: datetime.now(UTC))
        trying = Trying(self.tries, "anne", "face", "2026-11", lambda _entry: None)
        self.check = FaceCheck(begin, trying, lambda _event: None, lambda _message: None)
        self.now = time.monotonic()
        self.passes(READY_S + 1)  # it does not wait for a camera longer

    def passes(self, seconds: float) -> None:
        self.now += seconds
        self.check.turn(self.now)

    def says(self, *events: object) -> str:
        for event in events:
            self.check.happen(event)
        return self.check.shown().says


def workers() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "face"]


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    kiosk = Kiosk(tmp_path)
    yield kiosk
    kiosk.check.leave()
    kiosk.check.stop()
    kiosk.tries.close()
    wait_for(lambda: not workers(), "the end of the workers", 20)


def test_the_light_of_one_try_says_nothing_of_the_next(kiosk: Kiosk) -> None:
    dark = PictureIs(JOB, "tooDark")
    assert kiosk.says(EyeOpen(JOB), dark, Seen("no_face")) == "face.too_dark"
    kiosk.passes(Patience().face_s)
    assert kiosk.says() == "face.again"
    assert kiosk.says(Again(), EyeOpen(JOB), Seen("no_face")) == "face.no_face"
