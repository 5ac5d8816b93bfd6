"""A check by face without its process: what the camera and the worker tell it comes from here."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devices.camera.driver import EyeOpen, PictureIs
from devices.camera.settings import Camera
from edge_agent.messages import IdentityCheck
from kiosk.identity.face_check import JOB, READY_S, FaceCheck
from kiosk.identity.liveness import Judgement
from kiosk.identity.session import Patience
from kiosk.identity.session_events import Seen
from kiosk.identity.told import Again, Begin, CameraIs, Told
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
        self.entries: list[IdentityCheck] = []
        self.told: list[Told] = []
        trying = Trying(self.tries, "anne", "face", "2026-11", self.entries.append)
        self.check = FaceCheck(begin, trying, lambda _event: None, self.told.append)
        self.now = time.monotonic()
        self.passes(READY_S + 1)  # it does not wait for a camera longer

    @property
    def written(self) -> list[tuple[str, str]]:
        return [(one.decision, one.reason) for one in self.entries]

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


def test_who_is_seen_to_hold_up_a_picture_and_goes_away_in_time_has_failed(kiosk: Kiosk) -> None:
    """They read nothing of it. It is one of the five failures of this customer."""
    flat = Seen("", 3, Judgement("attack", ("flat",)), "left")
    assert kiosk.says(EyeOpen(JOB), Seen(fit=3), flat) == "face.ready"
    kiosk.check.leave()
    assert (kiosk.check.ended, kiosk.written) == ("attack", [("failed", "flat")])
    assert kiosk.tries.counts() == (1, 1)


def test_who_covers_the_lens_then_has_failed_too(kiosk: Kiosk) -> None:
    flat = Seen("", 3, Judgement("attack", ("flat",)), "left")
    kiosk.says(EyeOpen(JOB), Seen(fit=3), flat, PictureIs(JOB, "lensCovered"))
    assert (kiosk.check.ended, kiosk.written) == ("attack", [("failed", "flat")])
    assert CameraIs("lensCovered") in kiosk.told  # staff look after it all the same
