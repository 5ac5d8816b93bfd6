"""A camera as the program sees it: its eye opens for an order and is closed when the order ends.

Not responsible for: whose face it is, whether it is alive, and which way up a face is; a camera that is built in
the wrong way round has `turned`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

import cv2

from devices.camera.identity import Identity
from devices.camera.picture import Judge, Pixels
from devices.camera.plug import Plug
from devices.camera.reading import Newest, Reading
from devices.completion import not_carried_out
from devices.device import IDLE_S, READY, Condition, Patience, Retry, State
from devices.port import PortLost

FIRST_S = 6.0  # until the first picture: some cameras take seconds to wake up
STALL_S = 2.5  # between two pictures; a little more than OpenCV waits for one
STEP_S = 0.1  # within which a session ends that nobody wants any more
END_S = 1.0  # for the eye to close; a read that hangs is left alone
LOOK_EVERY_S = 1.0

Turned = Literal[0, 90, 180, 270]
TURNS = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


@dataclass(frozen=True, slots=True)
class Watch:
    """Keep the eye open until this is canceled or its time is up; the pictures are in `newest`."""

    retry: ClassVar[Retry] = Retry.SAFE
    job: str


@dataclass(frozen=True, slots=True)
class EyeOpen:
    """The first picture is there."""

    job: str


@dataclass(frozen=True, slots=True)
class PictureIs:
    """What is wrong with what it shows: lensCovered, tooDark, tooBright, frozen; nothing when it is well."""

    job: str
    word: str


@dataclass(frozen=True, slots=True)
class EyeClosed:
    """How an order ended. `completion` is canceled (as it should), timeOut, hardwareError or deviceNotReady with the
    cause as `detail`."""

    job: str
    completion: str
    detail: str = ""


Event = EyeOpen | PictureIs | EyeClosed


class Camera:
    """Driver of any camera behind a Plug."""

    def __init__(
        self,
        tell: Callable[[Event], None],
        *,
        turned: Turned = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`turned`: by how much the pictures must be turned clockwise to stand upright."""
        self.identity = ""
        self.newest = Newest()
        self._tell = tell
        self._turned = turned
        self._clock = clock
        self._known: Identity | None = None
        self._condition = READY
        self._reading: Reading | None = None

    def probe(self, plug: Plug, /) -> Condition:
        """Who is it? Its eye stays closed."""
        self._check_closed()
        self._known = known = plug.identity()
        self.identity = str(known)
        if known.bus == "virtual":
            raise PortLost("wrongDevice", f"{known} is no camera but a program")
        return self._condition

    def idle(self, plug: Plug, /) -> Condition:
        """Whether it is still there, and still the same."""
        plug.rest(IDLE_S)
        self._check_closed()
        self._check(plug)
        return self._condition

    def do(self, plug: Plug, order: Watch, patience: Patience, /) -> Condition:
        """Until nobody wants pictures any more."""
        self._check_closed()
        judge = Judge()
        self._reading = reading = Reading(plug, self._turn, self.newest, self._clock)
        try:
            self._watch(plug, reading, judge, order.job, patience)
        finally:
            reading.stop(END_S)
            self.newest.clear()
        self._condition = Condition(State.DEGRADED, judge.word) if judge.word else READY
        self._tell(EyeClosed(order.job, patience.over))
        return self._condition

    def refuse(self, order: Watch, detail: str) -> None:
        """May come from any thread."""
        self._tell(EyeClosed(order.job, *not_carried_out(detail, "deviceNotReady")))

    def abandon(self, order: Watch, detail: str) -> None:
        self._tell(EyeClosed(order.job, *not_carried_out(detail, "hardwareError")))

    def _watch(
        self, plug: Plug, reading: Reading, judge: Judge, job: str, patience: Patience
    ) -> None:
        seen, heard_at, deadline_s = 0, self._clock(), FIRST_S
        looked_at = heard_at
        while not patience.over:
            picture = self.newest.after(seen, STEP_S)
            now = self._clock()
            if picture is None:
                self._missed(reading, now - heard_at > deadline_s)
                continue
            if not seen:
                self._check(plug)
                self._tell(EyeOpen(job))
            elif now - looked_at >= LOOK_EVERY_S:
                self._check(plug)
                looked_at = now
            seen, heard_at, deadline_s = picture.number, now, STALL_S
            before = judge.word
            if judge.look(picture) != before:
                self._tell(PictureIs(job, judge.word))

    def _missed(self, reading: Reading, too_long: bool) -> None:
        if reading.lost is not None:
            raise reading.lost
        if too_long:
            raise PortLost("notResponding", "no picture comes")

    def _check_closed(self) -> None:
        """A read that hangs keeps the eye open; a second one would hang as well."""
        if self._reading is not None and self._reading.alive:
            raise PortLost("notResponding", "the last read still hangs")

    def _check(self, plug: Plug) -> None:
        now = plug.identity()
        if now != self._known:
            self.identity = str(now)
            raise PortLost("wrongDevice", f"{now} is there now")

    def _turn(self, pixels: Pixels) -> Pixels:
        if not self._turned:
            return pixels
        turned: Pixels = cv2.rotate(pixels, TURNS[self._turned])  # type: ignore[assignment]
        return turned
