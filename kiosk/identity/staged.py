"""What a camera would see of a picture that somebody holds before it and moves: rendered, to measure what liveness refuses.

Also of a picture that is bent, and of one that stands out like a head, since there are no videos of people here: a drawing of the
one thing that liveness looks for, no more.
"""

from collections.abc import Callable
from dataclasses import astuple, dataclass
from itertools import product
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.identity.engine import Face, Image

Field: TypeAlias = NDArray[np.float32]
Depth: TypeAlias = Callable[[Field, Field], Field]  # toward the camera, in eye distances
Part: TypeAlias = tuple[slice, slice]  # of a picture: rows and columns
Rotation: TypeAlias = NDArray[np.float64]
SIZE = (640, 480)  # of the camera's pictures
FOCAL = 620.0  # px: about 55 degrees across
DEPTHS = (-3.0, 0.5)  # no surface here goes farther back, or toward the camera
MEETINGS = 12  # of a line of sight with a surface, each closer than the one before
NOSE, SKULL = (
    0.42,
    1.1,
)  # eye distances: how far a nose stands out, and how deep a face is round its edge


@dataclass(frozen=True)
class Held:
    """How a picture is held. Angles in degrees, yaw to the person's left; `x` and `y` in eye distances from the middle of the
    view, `distance` from the camera also: 10 is about 63 cm of a real face."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    x: float = 0.0
    y: float = 0.0
    distance: float = 9.0

    def toward(self, other: "Held", share: float) -> "Held":
        return Held(
            *(a + (b - a) * share for a, b in zip(astuple(self), astuple(other), strict=True))
        )

    @property
    def rotation(self) -> Rotation:
        return _about(0, 1, self.roll) @ _about(1, 2, self.pitch) @ _about(2, 0, -self.yaw)


def _about(one: int, other: int, degrees: float) -> Rotation:
    angle = np.radians(degrees)
    turn = np.eye(3)
    turn[[one, other], [one, other]] = np.cos(angle)
    turn[one, other], turn[other, one] = -np.sin(angle), np.sin(angle)
    return turn


def bent(u: Field, v: Field, *, radius: float, axis: float) -> Field:
    """Round a pipe: `radius` in eye distances, a head's is 1.3; `axis` in degrees from upright."""
    across = u * np.cos(np.radians(axis)) + v * np.sin(np.radians(axis))
    return np.asarray(np.sqrt(np.maximum(radius**2 - across**2, 0.04)) - radius, np.float32)


def folded(
    u: Field, v: Field, *, steep: float = 0.5, axis: float = 0.0, beside: float = 0.0
) -> Field:
    """Each half goes back by `steep`. `axis`: of the fold, in degrees from upright; it passes the middle of the face by `beside`
    eye distances."""
    across = u * np.cos(np.radians(axis)) + v * np.sin(np.radians(axis)) - beside
    return np.asarray(-steep * np.sqrt(np.minimum(across**2, 9) + 0.003), np.float32)


def head(u: Field, v: Field, *, nose: float = NOSE, skull: float = SKULL) -> Field:
    """A skull with a nose; the origin lies between the eyes and the mouth."""
    inside = np.maximum(1 - (u / 1.25) ** 2 - ((v + 0.1) / 1.75) ** 2, 0.02)
    tip = nose * np.exp(-((u / 0.17) ** 2)) * np.exp(-(((v + 0.02) / 0.26) ** 2))
    return np.asarray(skull * (np.sqrt(inside) - 1) + tip, np.float32)


def seen(photo: Image, face: Face, held: Held, scene: Image, depth: Depth | None = None) -> Image:
    """The photo before the scene, with the face it shows in the middle. Without `depth` it is flat."""
    if depth is None:
        return _flat(photo, face, held, scene)
    part = _part(photo, face, held)
    at_x, at_y = _surface(held, depth, part)
    middle, unit = _middle(face), face.eye_distance
    at_x, at_y = at_x * unit + middle[0], at_y * unit + middle[1]
    shown = cv2.remap(photo, at_x, at_y, cv2.INTER_LINEAR)
    height, width = photo.shape[:2]
    inside = (at_x >= 0) & (at_y >= 0) & (at_x < width - 1) & (at_y < height - 1)
    picture = scene.copy()
    picture[part] = np.where(inside[..., None], shown, scene[part])
    return picture


def _part(photo: Image, face: Face, held: Held) -> Part:
    """Rows and columns in which the photo can be seen, whatever its depth."""
    sides = [
        np.array([0, size]) - at for size, at in zip(photo.shape[1::-1], _middle(face), strict=True)
    ]
    corners = product(*(side / face.eye_distance for side in sides), (-one for one in DEPTHS))
    places = np.array(list(corners)) @ held.rotation.T + [held.x, held.y, held.distance]
    if places[:, 2].min() < 0.1:  # at the camera
        return slice(0, SIZE[1]), slice(0, SIZE[0])
    points = FOCAL * places[:, :2] / places[:, 2:] + np.array(SIZE) / 2
    least = np.clip(np.floor(points.min(axis=0)) - 1, 0, SIZE).astype(int)
    most = np.clip(np.ceil(points.max(axis=0)) + 2, 0, SIZE).astype(int)
    return slice(least[1], most[1]), slice(least[0], most[0])


def _flat(photo: Image, face: Face, held: Held, scene: Image) -> Image:
    to_units = np.diag([1 / face.eye_distance, 1 / face.eye_distance, 1.0])
    to_units[:2, 2] = -_middle(face) / face.eye_distance
    placed = np.column_stack([held.rotation[:, :2], [held.x, held.y, held.distance]])
    camera = np.array([[FOCAL, 0, SIZE[0] / 2], [0, FOCAL, SIZE[1] / 2], [0, 0, 1]])
    picture = scene.copy()
    cv2.warpPerspective(
        photo,
        camera @ placed @ to_units,
        SIZE,
        picture,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    return picture


def _middle(face: Face) -> NDArray[np.float32]:
    return np.asarray(face.points[[0, 1, 3, 4]].mean(axis=0), np.float32)


def _surface(held: Held, depth: Depth, part: Part) -> tuple[Field, Field]:
    """Where each line of sight meets the surface, in eye distances from the middle of the face."""
    down, across = (np.arange(one.start, one.stop, dtype=np.float32) for one in part)
    x, y = np.meshgrid(across, down)
    ahead = [(x - SIZE[0] / 2) / FOCAL, (y - SIZE[1] / 2) / FOCAL, np.ones_like(x)]
    back = held.rotation.T.astype(np.float32)
    eye = back @ -np.array([held.x, held.y, held.distance], np.float32)
    across, down, along = np.moveaxis(np.stack(ahead, axis=-1) @ back.T, -1, 0)
    along = np.where(np.abs(along) < 1e-3, 1e-3, along)
    u = v = np.zeros_like(x)
    for _ in range(MEETINGS):
        steps = (-depth(u, v) - eye[2]) / along
        u, v = eye[0] + steps * across, eye[1] + steps * down
    return u, v
