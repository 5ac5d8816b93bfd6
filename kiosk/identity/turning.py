"""How a face has turned since it looked straight, and whether it did so as something flat does. Pure.

All points of a flat picture move by one homography, however it is held. The eyes and the corners of the mouth give it; the tip of a
nose, which stands before them, leaves it when a head turns. A flat picture held aslant looks narrow instead, and its nose stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.identity.engine import Face
from kiosk.identity.quality import pose

Points: TypeAlias = NDArray[np.float32]
CORNERS = [0, 1, 4, 3]  # eyes and corners of the mouth, around
NOSE = 2


@dataclass(frozen=True)
class Turned:
    """Since the face looked straight. `degrees`: to the person's left is positive, roughly; `nose`: how far its tip has left the
    homography of the other points, along the eyes, in eye distances; `width`: of the face to its height, 1 when it has not changed."""

    degrees: float
    nose: float
    width: float


def turned(straight: Sequence[Face], face: Face) -> Turned:
    """`straight`: at least one face that looks straight."""
    before = typical(straight)
    now = _upright(face)
    plane = cv2.getPerspectiveTransform(before[CORNERS], now[CORNERS])
    expected = cv2.perspectiveTransform(before[NOSE][None, None], plane)[0, 0]
    yaw = float(np.median([pose(one)[0] for one in straight]))
    return Turned(
        degrees=pose(face)[0] - yaw,
        nose=float(now[NOSE][0] - expected[0]),
        width=_width(now) / _width(before),
    )


def typical(faces: Sequence[Face]) -> Points:
    """The points of several faces at once, upright."""
    return np.asarray(np.median([_upright(one) for one in faces], axis=0), np.float32)


def _upright(face: Face) -> Points:
    """Points from the right eye, in eye distances, the eyes level."""
    points = face.points.astype(np.float64)
    across = points[1] - points[0]
    length = max(float(np.hypot(*across)), 1.0)
    cos, sin = across / length
    level = np.array([[cos, sin], [-sin, cos]]) / length
    return np.asarray((points - points[0]) @ level.T, np.float32)


def _width(upright: Points) -> float:
    eyes, mouth = upright[:2].mean(axis=0), upright[3:].mean(axis=0)
    return 1.0 / max(float(np.hypot(*(mouth - eyes))), 0.1)
