"""Whether both eyes have closed since they were seen open a moment before. Pure; no model, so nothing that could not be licensed.

A face is only compared with itself: what an open eye looks like differs too much between people, and with glasses. Lids take
the upright lines of iris and white away, on both eyes at once, while nose and mouth stay as they were. Where these have
changed too, or are blurred, nothing is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.identity.engine import Face, Image

Lids = Literal["open", "shut", "unseen"]
Pixels: TypeAlias = NDArray[np.float32]
Grey: TypeAlias = NDArray[np.uint8]
Part: TypeAlias = tuple[slice, slice]

SIZE = (152, 144)  # px of a strip
SPAN_PX = 64.0  # between the eyes
RIGHT_EYE = (44, 44)


def _part(across: int, down: int, half_wide: int, half_high: int) -> Part:
    return slice(down - half_high, down + half_high), slice(across - half_wide, across + half_wide)


EYES = (_part(*RIGHT_EYE, 20, 10), _part(RIGHT_EYE[0] + int(SPAN_PX), RIGHT_EYE[1], 20, 10))
REST = _part(76, 97, 32, 30)  # nose and mouth
STRUCTURES, LEAST = 60, 8  # by which one strip is laid over another
APART_PX, WINDOW, RETURNS_PX, FITS_PX = 5, (15, 15), 1.0, 1.5
EYES_MOVE_PX = 2  # beside that

# Set on 102 people of London, drawn as they move, turn, close their eyes and go out of focus; figures in docs/identity.md.
REST_ALIKE = 0.75  # less, and the face has turned far or laughs
REST_LINES = 0.9  # less is blurred: 0.88 at most where a picture is 2 px out of focus
SHUT = (
    (0.88, 0.93),
    (0.97, 0.7),
)  # lines fewer, likeness less: either; closed eyes 0.60 and 0.61 at the median
OPEN_LINES = 0.93  # of 204 that were open none had less
# Of an eye. Of 204 faces behind dark glasses one has 0.04 and 0.24, the others at most 0.04 and 0.17; open eyes, narrow ones too, at least 0.033 and 0.18.
SEEN_LINES, SEEN_CONTRAST = 0.028, 0.175
BLINK_S = 3.5  # for all of it, and once more as long: beside how the eyes look by then
SHUT_S = 1.6  # longer, and the eyes are closed, not blinking
SHUT_SIGHTS, OPEN_SIGHTS = 2, 2


@dataclass(frozen=True, eq=False, repr=False)
class Strip:
    """Eyes, nose and mouth in grey, the eyes level. Of a person: only held while it is needed."""

    grey: Pixels

    @property
    def lines(self) -> float:
        """How many upright lines there are in the eye that has fewer."""
        return min(_lines(self.grey[eye]) for eye in EYES)


def strip(image: Image, face: Face) -> Strip:
    right, left = face.points[:2].astype(np.float64)
    across = left - right
    along = SPAN_PX * across / max(float(across @ across), 1.0)
    turn = np.array([[along[0], along[1]], [-along[1], along[0]]])
    placing = np.column_stack([turn, np.array(RIGHT_EYE) - turn @ right])
    small = cv2.warpAffine(image, placing, SIZE, borderMode=cv2.BORDER_REPLICATE)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (0, 0), 1.0)
    return Strip(grey.astype(np.float32))


def most_open(strips: Sequence[Strip]) -> Strip:
    return max(strips, key=lambda one: one.lines)


def can_be_seen(open_: Strip) -> bool:
    """Not behind dark glasses. Says nothing of whether they are open."""
    light = max(float(open_.grey.mean()), 1.0)
    contrast = max(float(open_.grey[REST].std()), 1.0)
    return open_.lines >= SEEN_LINES * light and open_.lines >= SEEN_CONTRAST * contrast


def lids(open_: Strip, now: Strip) -> Lids:
    """`unseen`: nothing can be told of this one."""
    over = _laid_over(open_.grey, now.grey)
    if over is None:
        return "unseen"
    rest = _lines(over[REST]) / max(_lines(open_.grey[REST]), 0.1)
    if rest < REST_LINES or _alike(over[REST], open_.grey[REST]) < REST_ALIKE:
        return "unseen"
    eyes = [_found(open_.grey, over, eye) for eye in EYES]
    lines = max(one for one, _ in eyes) / rest
    alike = max(alike for _, alike in eyes)
    if any(lines < fewer and alike < other for fewer, other in SHUT):
        return "shut"
    return "open" if lines >= OPEN_LINES else "unseen"


def _laid_over(before: Pixels, now: Pixels) -> Pixels | None:
    """By what lies around the eyes: the finder sees a closed eye at another place than an open one. None where too little is
    found again."""
    one, other = before.astype(np.uint8), now.astype(np.uint8)
    found = cv2.goodFeaturesToTrack(one, STRUCTURES, 0.01, APART_PX, mask=_around_eyes())
    if found is None or len(found) < LEAST:
        return None
    points = np.asarray(found, np.float32)
    there, came = _flow(one, other, points)
    back, went = _flow(other, one, there)
    kept = came & went & (np.linalg.norm(back - points, axis=-1).ravel() < RETURNS_PX)
    if kept.sum() < LEAST:
        return None
    moved, fit = cv2.estimateAffine2D(
        points[kept], there[kept], method=cv2.RANSAC, ransacReprojThreshold=FITS_PX
    )
    if moved is None or int(np.asarray(fit).sum()) < LEAST:
        return None
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    over = cv2.warpAffine(now, moved, SIZE, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(over, np.float32)


def _flow(one: Grey, other: Grey, points: Pixels) -> tuple[Pixels, NDArray[np.bool_]]:
    there, came, _ = cv2.calcOpticalFlowPyrLK(
        one, other, points, points.copy(), winSize=WINDOW, maxLevel=3
    )
    return np.asarray(there, np.float32), np.asarray(came).ravel() == 1


def _around_eyes() -> Grey:
    where = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    where[6:-6, 6:-6] = 255
    for down, across in EYES:
        where[down.start - 4 : down.stop + 4, across.start - 4 : across.stop + 4] = 0
    return where


def _found(before: Pixels, now: Pixels, eye: Part) -> tuple[float, float]:
    """How many upright lines an eye has of those it had, and how alike it is, from -1 to 1."""
    down, across = eye
    by = EYES_MOVE_PX
    around = now[down.start - by : down.stop + by, across.start - by : across.stop + by]
    was = before[eye]
    _, alike, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(around, was, cv2.TM_CCOEFF_NORMED))
    there = around[y : y + was.shape[0], x : x + was.shape[1]]
    return _lines(there) / max(_lines(was), 0.1), float(alike)


def _alike(one: Pixels, other: Pixels) -> float:
    return float(cv2.matchTemplate(one, other, cv2.TM_CCOEFF_NORMED)[0, 0])


def _lines(part: Pixels) -> float:
    return float(np.abs(part[:, 2:] - part[:, :-2]).mean())


@dataclass(frozen=True, eq=False, repr=False)
class Blink:
    """Of somebody who was asked to blink. `again`: for the second time; `shut`: sights with closed eyes, since `shut_at`; `after`: open ones since."""

    open: Strip
    until: float
    again: bool = False
    shut_at: float = 0.0
    shut: int = 0
    after: int = 0

    @property
    def done(self) -> bool:
        return self.shut >= SHUT_SIGHTS and self.after >= OPEN_SIGHTS

    def under_way(self, at: float) -> bool:
        """The eyes are closed, and not for long yet."""
        return self.shut > 0 and at - self.shut_at <= SHUT_S

    def see(self, image: Image, face: Face, at: float) -> "Blink":
        """Both eyes closed for a moment, and open again."""
        now = lids(self.open, strip(image, face))
        if now == "shut":
            began = self.shut_at if self.shut else at
            return replace(self, shut_at=began, shut=self.shut + 1, after=0)
        if now == "unseen" or not self.shut:
            return self
        if at - self.shut_at > SHUT_S or self.shut < SHUT_SIGHTS:
            return replace(self, shut=0, after=0)
        return replace(self, after=self.after + 1)
