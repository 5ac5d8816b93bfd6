"""Where faces are: YuNet on a reduced image, then once more on the face alone, whose five points it then sees best.

Not responsible for whether a face is good enough (quality.py) or whose it is.
"""

from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.identity import models
from kiosk.identity.cut import Cut
from kiosk.identity.engine import Face, Image

CONFIDENCE = 0.6
OVERLAP = 0.3  # boxes that share more are one face
MOST_FACES = 50
LOOKS = ((320, 0.0), (320, 0.5), (1280, 0.0))  # longest side in pixels, border around the image
LARGEST_WITH_BORDER = 2000  # a border around more would take hundreds of megabytes
CENTRE = 0.15  # how fast a face counts less away from the centre, in longest sides
OFF_CENTRE = 0.25  # of a close-up: what is farther from its middle is another face
# Degrees of roll as YuNet sees it, measured on portraits that were turned.
SUSPECT = 1.2  # in a small look; a head tilted by 20 degrees is seen at 2
TILTED = 6.0  # in a large one
TILT_A_ROLL = 1.25  # real degrees for each that a large look sees


class Close(NamedTuple):
    """A close-up: its side in pixels, and how many faces wide it is."""

    px: int
    faces: float


SMALL, LARGE = Close(160, 2.0), Close(320, 1.6)


class Finder:
    """Raises ModelError."""

    def __init__(self) -> None:
        # Otherwise each model warns of a setting that is not ours.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        cv2.setNumThreads(1)  # the screen shall not stutter while a face is looked at
        size = SMALL.px, SMALL.px
        self._yunet = cv2.FaceDetectorYN.create(
            str(models.checked(models.YUNET)), "", size, CONFIDENCE, OVERLAP, MOST_FACES
        )

    def find(self, image: Image) -> list[Face]:
        """The face that is meant first: large and near the centre. A second and third look only where nothing was found."""
        for longest, border in LOOKS:
            if border and max(image.shape[:2]) > LARGEST_WITH_BORDER:
                continue
            faces = self._look(image, longest, border)
            if faces:
                faces.sort(key=lambda face: prominence(face, image), reverse=True)
                return [self._close_up(image, faces[0]), *faces[1:]]
        return []

    def _look(self, image: Image, longest: int, border: float) -> list[Face]:
        height, width = image.shape[:2]
        around = round(border * max(height, width))
        wide, high = width + 2 * around, height + 2 * around
        return self._seen(
            image, Cut(-around, -around, wide, high, min(1.0, longest / max(wide, high)))
        )

    def _close_up(self, image: Image, face: Face) -> Face:
        """YuNet draws the eyes of a small tilted head nearly level, and of a large one less so, but shakily. So where a small
        look suspects a tilt and a large one agrees, the picture is turned and looked at again."""
        small = self._look_at(image, face, SMALL, 0.0)
        if small is None:
            return face
        large = self._look_at(image, face, LARGE, 0.0) if abs(small.roll) > SUSPECT else None
        if large is not None and abs(large.roll) > TILTED:
            small = self._look_at(image, face, SMALL, TILT_A_ROLL * large.roll) or small
        return replace(small, confidence=max(small.confidence, face.confidence))

    def _look_at(self, image: Image, face: Face, size: "Close", tilt: float) -> Face | None:
        """The face alone, the picture turned by so many degrees."""
        cut = Cut.around(face, size.faces, size.px / (size.faces * face.longer_side))
        close = _turned(cut.of(image), tilt)
        faces = [one for one in self._rows(close) if from_centre(one, close) < OFF_CENTRE]
        best = max(faces, key=lambda one: one.confidence, default=None)
        return None if best is None else cut.outside(_turned_back(best, tilt, size.px))

    def _seen(self, image: Image, cut: Cut) -> list[Face]:
        return [cut.outside(face) for face in self._rows(cut.of(image))]

    def _rows(self, small: Image) -> list[Face]:
        self._yunet.setInputSize((small.shape[1], small.shape[0]))
        _, rows = self._yunet.detect(small)
        return [] if rows is None else [_face(row) for row in rows]


def prominence(face: Face, image: Image) -> float:
    """The area in pixels, less the farther the face is from the centre."""
    return face.area * float(np.exp(-((from_centre(face, image) / CENTRE) ** 2) / 2))


def from_centre(face: Face, image: Image) -> float:
    """In longest sides of the image."""
    height, width = image.shape[:2]
    across = face.x + face.width / 2 - width / 2
    down = face.y + face.height / 2 - height / 2
    return float(np.hypot(across, down) / max(width, height))


def _face(row: NDArray[np.float32]) -> Face:
    """From a row of YuNet."""
    x, y, width, height = (float(value) for value in row[:4])
    return Face(x, y, width, height, row[4:14].reshape(5, 2).copy(), float(row[14]))


def _turned(small: Image, tilt: float) -> Image:
    if tilt == 0:
        return small
    side = small.shape[0]
    turned = cv2.warpAffine(small, _turn(tilt, side), (side, side), borderMode=cv2.BORDER_REPLICATE)
    return turned.astype(np.uint8, copy=False)


def _turned_back(face: Face, tilt: float, side: float) -> Face:
    """The points are turned; the box only moves."""
    turn = _turn(-tilt, side)
    middle = np.array([face.x + face.width / 2, face.y + face.height / 2])
    x, y = turn[:, :2] @ middle + turn[:, 2] - (face.width / 2, face.height / 2)
    points = (face.points @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
    return replace(face, x=float(x), y=float(y), points=points)


def _turn(degrees: float, side: float) -> NDArray[np.float64]:
    """About the middle; positive is against the clock."""
    return cv2.getRotationMatrix2D((side / 2, side / 2), degrees, 1.0).astype(np.float64)
