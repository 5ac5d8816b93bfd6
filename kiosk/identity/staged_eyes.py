"""Eyelids, glasses and a mask drawn on a still picture, to measure what is seen of eyes. A drawing, no more."""

from collections.abc import Iterator
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.identity.engine import Face, Image

Field: TypeAlias = NDArray[np.float64]

HALF_WIDE, UP, DOWN = 0.28, 0.12, 0.10  # of an open eye from its middle, in eye distances
LASHES = 0.016
BLACK = (30, 25, 22)


def eyelids(image: Image, face: Face, closed: float) -> Image:
    """`closed`: from 0 to 1. The skin around the eye grows over it, with a line of lashes at its edge."""
    shown = image.astype(np.float64)
    places = [_around(image, face, middle) for middle in face.points[:2]]
    skin = _skin(image, face, places)
    for across, down in places:
        arch = np.sqrt(np.maximum(1 - (across / HALF_WIDE) ** 2, 0))
        edge = arch * (closed * (UP + DOWN) - UP)
        lid = _share((down + UP * arch) / 0.03 + 0.5) * _share((edge - down) / 0.012 + 0.5)
        shown += (skin - shown) * (lid * _share(arch * 6))[..., None]
        lashes = np.exp(-(((down - edge) / LASHES) ** 2)) * _share(arch * 3 - 0.5)
        shown *= 1 - 0.5 * min(1.0, closed * 3) * lashes[..., None]
    return shown.astype(np.uint8)


def glasses(image: Image, face: Face, *, dark: bool, share: float = 1.0) -> Image:
    """`share`: how much of what lies behind dark ones they take away."""
    unit, drawn = face.eye_distance, image.copy()
    thin = max(1, round(0.035 * unit))
    for x, y in face.points[:2]:
        axes = round(0.40 * unit), round(0.28 * unit)
        thick = -1 if dark else thin
        place = round(float(x)), round(float(y))
        cv2.ellipse(drawn, place, axes, face.roll, 0, 360, BLACK, thick, cv2.LINE_AA)
    middle = face.points[:2].mean(axis=0)
    bridge = middle + np.array([[-0.1 * unit, 0], [0.1 * unit, 0]])
    cv2.polylines(drawn, [bridge.astype(np.int32)], False, BLACK, thin, cv2.LINE_AA)
    return np.asarray(cv2.addWeighted(drawn, share, image, 1 - share, 0), np.uint8)


def mask(image: Image, face: Face) -> Image:
    """Over nose, mouth and chin."""
    eyes = face.points[[0, 1, 1, 0]]
    corners = np.array([[-0.35, 0.4], [0.35, 0.4], [0.2, 1.75], [-0.2, 1.75]])
    places = (eyes + corners * face.eye_distance).astype(np.int32)
    drawn = image.copy()
    cv2.fillPoly(drawn, [places], (205, 190, 170), cv2.LINE_AA)
    return drawn


def _around(image: Image, face: Face, point: NDArray[np.float32]) -> tuple[Field, Field]:
    """Across and down from the middle of the eye, in eye distances."""
    x, y = _middle(image, face, point)
    down, across = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(np.float64)
    angle = np.radians(face.roll)
    cos, sin = np.cos(angle), np.sin(angle)
    across, down = (across - x) / face.eye_distance, (down - y) / face.eye_distance
    return across * cos + down * sin, down * cos - across * sin


def _middle(image: Image, face: Face, point: NDArray[np.float32]) -> tuple[float, float]:
    """The darkest place near the finder's point: the iris."""
    unit = face.eye_distance
    wide = max(3, round(0.11 * unit))
    grey = cv2.blur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (wide, wide)).astype(np.float64)
    down, across = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]]
    across, down = (across - point[0]) / unit, (down - point[1]) / unit
    near = (np.abs(across) < 0.09) & (down > -0.04) & (down < 0.12)
    light = np.where(near, grey + 1200 * (across**2 + down**2), np.inf)
    y, x = np.unravel_index(int(np.argmin(light)), light.shape)
    return float(x), float(y)


def _skin(image: Image, face: Face, places: list[tuple[Field, Field]]) -> Field:
    """What would be there without eyes."""
    away = np.zeros(image.shape[:2], np.uint8)
    for across, down in places:
        away[(across / 0.29) ** 2 + (down / 0.13) ** 2 < 1] = 255
    filled = cv2.inpaint(image, away, 3, cv2.INPAINT_TELEA)
    smooth = cv2.GaussianBlur(filled, (0, 0), 0.02 * face.eye_distance)
    return smooth.astype(np.float64) * 0.96


def _share(values: Field) -> Field:
    return np.clip(values, 0.0, 1.0)


def blink(begins: int, shut: int) -> Iterator[float]:
    """How far the eyes are closed in each frame: open, closing within two frames, closed, and as fast open again."""
    yield from [0.0] * begins
    yield from (0.5, *[1.0] * shut, 0.5)
    while True:
        yield 0.0
