"""A check by face in a process of its own: camera, worker and limits around the session. One thread calls it.

The process ends with the check: no frame, no template and no open eye can stay.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from random import SystemRandom
from typing import Any

import cv2
import numpy as np

from devices.camera.driver import EyeClosed, EyeOpen, PictureIs
from devices.camera.picture import Picture
from devices.cameras import Camera
from devices.device import Health
from kiosk.identity import reference
from kiosk.identity.audit import engine_words
from kiosk.identity.check import Check
from kiosk.identity.engine import Engine, Image, engine_of
from kiosk.identity.liveness import FRONT_SIGHTS
from kiosk.identity.session import Patience, Phase
from kiosk.identity.session_events import (
    Agreed,
    CameraTrouble,
    EyeOpened,
    Matched,
    Outcome,
    Seen,
    Tick,
    TriedAgain,
    Unusable,
    WentAnotherWay,
)
from kiosk.identity.session_shown import shown
from kiosk.identity.told import Again, Begin, CameraIs, Mirror, Shown, Told
from kiosk.identity.trying import Trying
from kiosk.identity.worker import UPSIDE_DOWN, Worker

log = logging.getLogger(__name__)

READY_S = 4.0  # for the camera to say who it is
BROKEN = ("lensCovered", "frozen")  # nobody can be seen so
LIGHT = {"tooDark": "too_dark", "tooBright": "too_bright"}
MIRROR_WIDTH = 400  # pixels
LOOK_EVERY_S = 1 / 15  # no more than that is gained by looking, or shown to the customer
JOB = "face"


class FaceCheck:
    """`put` takes what other threads tell, for `happen`; `tell` goes to the kiosk. Over when `ended` is not empty."""

    def __init__(
        self, begin: Begin, trying: Trying, put: Callable[[Any], None], tell: Callable[[Told], None]
    ) -> None:
        if begin.camera is None:
            raise ValueError("a check by face needs a camera")
        self._begin, self._trying, self._put, self._tell = begin, trying, put, tell
        self._engine = engine_of(begin.identity.engine)
        trying.engine = engine_words(
            self._engine.name,
            tuple(model.name for model in self._engine.models),
            self._engine.calibration.threshold,
        )
        self._camera = Camera(begin.camera, put)
        self._light, self._well = "", False
        self._latest: Picture | None = None
        self._shown_number = 0
        self._stopped = threading.Event()
        patience = Patience(face_s=begin.patience_s)
        self._check = Check(self, time.monotonic(), patience)
        self._agree_by: float | None = time.monotonic() + READY_S
        self._camera.keeper.start()
        threading.Thread(target=self._look, name="frames", daemon=True).start()

    @property
    def ended(self) -> str:
        """The outcome."""
        session = self._check.session
        return session.outcome or "timeout" if session.phase is Phase.ENDED else ""

    @property
    def reasons(self) -> tuple[str, ...]:
        return self._check.session.reasons

    def shown(self) -> Shown:
        return shown(self._check.session)

    def happen(self, event: Any) -> None:
        match event:
            case Health():
                if event.state.works:
                    self._agree()
            case EyeOpen():
                self._check.happen(EyeOpened())
            case PictureIs(word=word):
                self._picture_is(word)
            case EyeClosed(completion=completion, detail=detail) if completion != "canceled":
                self._trouble(detail or completion)
            case Seen(advice="no_face") if self._light:
                self._check.happen(replace(event, advice=self._light))
            case Unusable(reasons=reasons) if UPSIDE_DOWN in reasons:
                self._tell(CameraIs("upsideDown"))
                self._check.happen(event)
            case Seen() | Matched() | Unusable():
                if isinstance(event, Seen) and event.fit >= FRONT_SIGHTS:
                    self._is_well()
                self._check.happen(event)
            case Again():
                self._check.happen(TriedAgain())

    def turn(self, now: float) -> None:
        """Again and again, some 30 times a second."""
        self._check.happen(Tick(now))
        if self._agree_by is not None and now >= self._agree_by:
            self._agree()  # a camera that is not there refuses the order, and says why
        self._show_mirror()

    def leave(self) -> None:
        """The customer goes another way, or away."""
        self._check.happen(WentAnotherWay())

    def stop(self) -> None:
        self._stopped.set()
        self._camera.close()
        self._camera.keeper.stop()

    # what the check borrows

    def open_eye(self) -> None:
        self._light = ""  # of the try before
        self._camera.open(JOB)

    def close_eye(self) -> None:
        self._camera.close()

    def worker(self) -> Worker:
        blink = self._begin.identity.blink
        return Worker(self._open_engine, self._reference, self._put, SystemRandom(), blink=blink)

    def begin_try(self) -> str:
        return self._trying.begin()

    def end_try(self, outcome: Outcome) -> str:
        return self._trying.end(outcome, self._check.session.reasons)

    # inside

    def _open_engine(self) -> Engine:
        return self._engine()

    def _reference(self) -> Image:
        """In the worker's thread."""
        asked = self._begin.identity
        if self._begin.photo and asked.chip:
            return reference.of_chip(asked.chip, self._begin.photo)
        return reference.of_record(asked.records, asked.token, self._begin.customer)

    def _agree(self) -> None:
        """The customer has agreed before this process began."""
        if self._agree_by is not None:
            self._agree_by = None
            self._check.happen(Agreed())

    def _picture_is(self, word: str) -> None:
        self._light = LIGHT.get(word, "")
        if word in BROKEN:
            self._trouble(word)

    def _is_well(self) -> None:
        """A face was seen well enough to be judged. Told once; what was wrong at another customer's check is over."""
        if not self._well:
            self._well = True
            self._tell(CameraIs(""))

    def _trouble(self, word: str) -> None:
        self._tell(CameraIs(word))
        self._check.happen(CameraTrouble(word))

    def _look(self) -> None:
        """In a thread of its own: the kiosk that is slow to take a mirror's picture must not make a face seem away."""
        number, at = 0, 0.0
        while not self._stopped.is_set():
            picture = self._camera.newest(number, LOOK_EVERY_S)
            if picture is None or picture.at - at < LOOK_EVERY_S * 0.9:
                self._stopped.wait(LOOK_EVERY_S / 4)
                continue
            number, at, self._latest = picture.number, picture.at, picture
            self._check.look(picture.pixels, picture.at)

    def _show_mirror(self) -> None:
        picture = self._latest
        if picture is None or picture.number == self._shown_number or not self.shown().mirror:
            return
        self._shown_number = picture.number
        self._tell(mirrored(picture.pixels))


def mirrored(pixels: Image) -> Mirror:
    """Left and right as in a mirror; rows from below, as a texture wants them."""
    height = round(pixels.shape[0] * MIRROR_WIDTH / pixels.shape[1])
    small = cv2.resize(pixels, (MIRROR_WIDTH, height), interpolation=cv2.INTER_AREA)
    turned = np.ascontiguousarray(small[::-1, ::-1, ::-1])
    return Mirror(MIRROR_WIDTH, height, turned.tobytes())
