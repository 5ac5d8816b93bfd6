"""Where faces are: YuNet on a reduced image, then once more on the face alone, whose five points it then sees best.

Not responsible for whether a face is good enough (quality.py) or whose it is.
"""

from dataclasses import replace

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
CLOSE_UP_PX = 160
CLOSE_UP_FACES = 2.0  # how many faces wide the close-up is
CENTRE = 0.15  # how fast a face counts less away from the centre, in longest sides


class Finder:
    """Raises ModelError."""

    def __init__(self) -> None:
        # Otherwise each model warns of a setting that is not ours.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        cv2.setNumThreads(1)  # the screen shall not stutter while a face is looked at
        size = CLOSE_UP_PX, CLOSE_UP_PX
        self._yunet = cv2.FaceDetectorYN.create(
            str(models.checked(models.YUNET)), "", size, CONFIDENCE, OVERLAP, MOST_FACES
        )

    def find(self, image: Image) -> list[Face]:
        """The face that is meant first: large and near the centre. A second and third look only where nothing was found."""
        for longest, border in LOOKS:
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
        scale = CLOSE_UP_PX / (CLOSE_UP_FACES * max(face.width, face.height, 1.0))
        seen = self._seen(image, Cut.around(face, CLOSE_UP_FACES, scale))
        again = [one for one in seen if _is_same(one, face)]
        if not again:
            return face
        best = max(again, key=lambda one: one.confidence)
        return replace(best, confidence=max(best.confidence, face.confidence))

    def _seen(self, image: Image, cut: Cut) -> list[Face]:
        small = cut.of(image)
        self._yunet.setInputSize((small.shape[1], small.shape[0]))
        _, rows = self._yunet.detect(small)
        return [] if rows is None else [cut.outside(_face(row)) for row in rows]


def prominence(face: Face, image: Image) -> float:
    """The area in pixels, less the farther the face is from the centre."""
    height, width = image.shape[:2]
    across = face.x + face.width / 2 - width / 2
    down = face.y + face.height / 2 - height / 2
    away = (across**2 + down**2) / max(width, height) ** 2
    return face.area * float(np.exp(-away / (2 * CENTRE**2)))


def _face(row: NDArray[np.float32]) -> Face:
    """From a row of YuNet."""
    x, y, width, height = (float(value) for value in row[:4])
    return Face(x, y, width, height, row[4:14].reshape(5, 2).copy(), float(row[14]))


def _is_same(one: Face, other: Face) -> bool:
    apart = np.hypot(
        one.x + one.width / 2 - other.x - other.width / 2,
        one.y + one.height / 2 - other.y - other.height / 2,
    )
    return bool(apart < other.width / 2)
