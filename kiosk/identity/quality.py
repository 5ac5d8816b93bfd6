"""Is this face good enough to be judged? Pure functions of an image and a face in it.

After ISO/IEC 29794-5: each measure is plain to explain, and the first one out of its bounds is what the customer is asked to
change. The bounds were set on pictures of both kinds, good and spoilt: `tests/kiosk/identity/test_quality.py`.
Not responsible for liveness, nor for whether the eyes are open (opened.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import atan2, degrees
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.identity.cut import Cut
from kiosk.identity.engine import Face, Image

Reason = Literal[
    "no_face",
    "several_people",
    "move_to_middle",
    "come_closer",
    "step_back",
    "too_dark",
    "too_bright",
    "light_from_one_side",
    "look_straight",
    "hold_head_upright",
    "hold_still",
]

SIDE_PX = 112  # of the small upright portrait that light and sharpness are measured on
EYES = ((36.0, 46.0), (76.0, 46.0))  # where the portrait has them
NOSE_AHEAD = 0.55  # how far the tip of a nose stands before the eyes, in eye distances
NOSE_DOWN = 0.57  # where it is seen between eyes and mouth when a person looks straight


@dataclass(frozen=True)
class Measures:
    """`eye_distance` in px, of a face turned straight; `inside`: share of the face within the picture; `height`: in heights
    of the picture; angles in degrees (yaw and pitch are estimates from five points); light from 0 to 255;
    `one_sided`: how many times brighter one half of the face is; `sharpness` is of the finest structure, `detail` of what
    a face is known by."""

    inside: float
    eye_distance: float
    height: float
    light: float
    glare: float
    contrast: float
    one_sided: float
    yaw: float
    pitch: float
    roll: float
    sharpness: float
    detail: float


def measure(image: Image, face: Face) -> Measures:
    portrait = upright(image, face)
    inner = portrait[26:102, 22:90]
    yaw, pitch, roll = pose(face)
    return Measures(
        inside=_inside(image, face),
        eye_distance=face.eye_distance / float(np.cos(np.radians(min(abs(yaw), 60.0)))),
        height=face.height / image.shape[0],
        light=float(inner.mean()),
        glare=float((inner >= 250).mean()),
        contrast=float(inner.std()),
        one_sided=_one_sided(inner),
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        sharpness=_sharpness(inner, 1),
        detail=_sharpness(inner, 5),
    )


def upright(image: Image, face: Face, larger: float = 1.0) -> NDArray[np.uint8]:
    """The face in grey, SIDE_PX square, its eyes level at EYES; both so much larger."""
    side, span = round(larger * SIDE_PX), larger * (EYES[1][0] - EYES[0][0])
    cut = Cut.around(face, 1.7, min(1.0, 2 * span / max(face.eye_distance, 1.0)))
    right, left = cut.inside(face).points[:2].astype(np.float64)
    across = left - right
    scale = span / max(float(np.hypot(*across)), 1.0)
    angle = np.arctan2(across[1], across[0])
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.array([[cos, sin], [-sin, cos]])
    placing = np.column_stack([turn, larger * np.array(EYES[0]) - turn @ right])
    small = cv2.warpAffine(cut.of(image), placing, (side, side), borderMode=cv2.BORDER_REPLICATE)
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)


def pose(face: Face) -> tuple[float, float, float]:
    """Yaw (to the person's left is positive), pitch (up is positive) and roll in degrees, roughly."""
    right, left, nose, mouth_right, mouth_left = face.points.astype(np.float64)
    across = left - right
    span = max(float(np.hypot(*across)), 1.0)
    eyes, mouth = (right + left) / 2, (mouth_right + mouth_left) / 2
    along = across / span
    down = np.array([-along[1], along[0]])
    beside = float((nose - (eyes + mouth) / 2) @ along) / span
    high = max(float((mouth - eyes) @ down), 1.0)
    below = float((nose - eyes) @ down) / high
    yaw = degrees(atan2(beside, NOSE_AHEAD))
    pitch = degrees(atan2((NOSE_DOWN - below) * high / span, NOSE_AHEAD))
    return yaw, pitch, face.roll


def _inside(image: Image, face: Face) -> float:
    height, width = image.shape[:2]
    wide: float = min(face.x + face.width, width) - max(face.x, 0.0)
    high: float = min(face.y + face.height, height) - max(face.y, 0.0)
    return max(wide, 0.0) * max(high, 0.0) / max(face.area, 1.0)


def _one_sided(inner: NDArray[np.uint8]) -> float:
    half = inner.shape[1] // 2
    sides = sorted(float(side.mean()) for side in (inner[:, :half], inner[:, half:]))
    darker, brighter = sides
    return (brighter + 1) / (darker + 1)


def _sharpness(inner: NDArray[np.uint8], size: int) -> float:
    """The structure of so many pixels beside all structure, in the direction that has less of it: what moves is blurred in one."""
    grey = inner.astype(np.float64)
    of_size = []
    for lines in (grey, grey.T):
        bent = lines[2 * size :] - 2 * lines[size:-size] + lines[: -2 * size]
        of_size.append(float(bent.std()))
    return min(of_size) / max(float(grey.std()), 1.0)


UNUSABLE: Sequence[tuple[str, Callable[[Measures], bool]]] = (
    ("too_small", lambda m: m.eye_distance < 5),
    ("too_dark", lambda m: m.light < 6 or m.contrast < 1.6),
    ("too_bright", lambda m: m.glare > 0.85),
    ("blurred", lambda m: m.detail < 0.38),
)


def unusable(measures: Measures) -> str | None:
    """Why nobody could judge this face, whatever the camera; None for all that is merely not good."""
    return next((reason for reason, spoilt in UNUSABLE if spoilt(measures)), None)
