"""Whether a nose stands out of what turned: small structures of the face are compared in two portraits. Pure.

Whatever a flat picture does, one homography takes all its structures along; what a smooth bend adds is of the second order across the
face. Both are fitted to the structures around the nose, and say where those of the nose should be. A picture keeps to that, also one
that is bent round something; a head's nose is ahead of it on the side that it turns to.
"""

from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.identity.engine import Face, Image
from kiosk.identity.quality import EYES, SIDE_PX, upright
from kiosk.identity.turning import NOSE, turned, typical

LARGER = 1.5  # than the portraits of quality.py: the eyes are 60 px apart, as a customer's who stands where they are told to
PORTRAIT_PX, RIGHT_EYE = round(LARGER * SIDE_PX), LARGER * np.array(EYES[0])
SPAN_PX = LARGER * (EYES[1][0] - EYES[0][0])
MOST, LEAST, QUALITY, APART_PX = 90, 12, 0.01, 4.5  # structures around the nose
MOST_NOSE, LEAST_NOSE, QUALITY_NOSE, APART_NOSE_PX = 25, 4, 0.01, 3
LEAST_TOLD = 3  # sights
WINDOW = (11, 11)  # wider ones take the cheeks for the nose: bent pictures then came close to heads
RETURNS_PX = 0.7  # one that is followed there and back ends where it began, or was lost
INNER = ((84, 99), (45, 54))  # of a portrait: the face without its outline
NOSE_PX, NEAR_NOSE_PX = (12, 14), (16, 20)  # half its size, and with what belongs to neither
ROUNDS = 2  # each fits the homography closer
FITS, LEAST_OFF_PX = 8, 0.12  # of the bend: what leaves it counts for less each time

Points: TypeAlias = NDArray[np.float32]
Values: TypeAlias = NDArray[np.float64]
Shown: TypeAlias = tuple[Image, Face]
Portrait: TypeAlias = NDArray[np.uint8]  # PORTRAIT_PX square, as `portrait` makes it


def nose_ahead(straight: Shown, way: Sequence[Shown]) -> tuple[float, ...]:
    """Of each sight on the way to a turn, in eye distances for each degree; those that do not tell are left out."""
    face = straight[1]
    before, nose = portrait(straight), typical([face])[NOSE]
    seen = [(stands_out(before, portrait(one), nose), one[1]) for one in way]
    return tuple(ahead / turned([face], now).degrees for ahead, now in seen if ahead is not None)


def portrait(shown: Shown) -> Portrait:
    return upright(*shown, larger=LARGER)


def quartiles(told: Sequence[float]) -> tuple[float, float]:
    """Between them lies half of what was told; zero and without end where it was too little."""
    if len(told) < LEAST_TOLD:
        return 0.0, float("inf")
    low, high = np.percentile(told, [25, 75])
    return float(low), float(high)


def stands_out(straight: Portrait, turned: Portrait, nose: Points) -> float | None:
    """How far the nose is ahead of a smooth surface, toward the picture's right, in eye distances. `nose`: where its tip is in
    `straight`, in eye distances from the right eye. None where too few structures could be found again to tell."""
    x, y = RIGHT_EYE + SPAN_PX * nose
    middle = round(float(x)), round(float(y))
    around = _structures(straight, _around(middle), MOST, QUALITY, APART_PX)
    on_nose = _ellipse(middle, NOSE_PX)
    of_nose = _structures(straight, on_nose, MOST_NOSE, QUALITY_NOSE, APART_NOSE_PX)
    back = _brought_back(straight, turned, around)
    if back is None:
        return None
    places, moved = _moved(straight, back, around)
    nose_places, nose_moved = _moved(straight, back, of_nose)
    if len(places) < LEAST or len(nose_places) < LEAST_NOSE:
        return None
    ahead = nose_moved - _second_order(nose_places) @ _fitted(_second_order(places), moved)
    return float(np.median(ahead)) / SPAN_PX


def _brought_back(straight: Portrait, turned: Portrait, structures: Points) -> Portrait | None:
    """As it would look from where the other was taken, were it flat."""
    back, plane = turned, np.eye(3)
    for _ in range(ROUNDS):
        before, after = _followed(straight, back, structures)
        if len(before) < LEAST:
            return None
        nearer, _ = cv2.findHomography(before, after, method=cv2.LMEDS)
        if nearer is None:
            return None
        plane = plane @ nearer
        flags = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
        warped = cv2.warpPerspective(turned, plane, (PORTRAIT_PX, PORTRAIT_PX), flags=flags)
        back = np.asarray(warped, np.uint8)
    return back


def _second_order(places: Points) -> Values:
    u, v = ((places - INNER[0]) / SPAN_PX).astype(np.float64).T
    return np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], axis=1)


def _fitted(terms: Values, moved: Values) -> Values:
    weights = np.ones(len(moved))
    for _ in range(FITS):
        fit = np.linalg.lstsq(terms * weights[:, None], moved * weights, rcond=None)[0]
        off = np.abs(moved - terms @ fit)
        usual = max(1.5 * float(np.median(off)), LEAST_OFF_PX)
        weights = 1 / np.maximum(1, off / (2 * usual))
    return np.asarray(fit, np.float64)


def _around(nose: tuple[int, int]) -> Portrait:
    return np.where(_ellipse(nose, NEAR_NOSE_PX) > 0, 0, _ellipse(*INNER)).astype(np.uint8)


def _ellipse(middle: tuple[int, int], half: tuple[int, int]) -> Portrait:
    where = np.zeros((PORTRAIT_PX, PORTRAIT_PX), np.uint8)
    return np.asarray(cv2.ellipse(where, middle, half, 0, 0, 360, 255, -1), np.uint8)


def _structures(
    of: Portrait, where: Portrait, most: int, quality: float, apart_px: float
) -> Points:
    found = cv2.goodFeaturesToTrack(of, most, quality, apart_px, mask=where)
    return np.zeros((0, 1, 2), np.float32) if found is None else np.asarray(found, np.float32)


def _moved(before: Portrait, after: Portrait, points: Points) -> tuple[Points, Values]:
    """Places, and how far across the portrait the structures there have moved, in px."""
    was, now = _followed(before, after, points)
    return was[:, 0], (now - was)[:, 0, 0].astype(np.float64)


def _followed(before: Portrait, after: Portrait, points: Points) -> tuple[Points, Points]:
    """Where the points are before and after; those that are lost are left out."""
    if not len(points):
        return points, points
    there, came = _flow(before, after, points)
    back, went = _flow(after, before, there)
    missed = np.linalg.norm(back - points, axis=-1).ravel()
    kept = came & went & (missed < RETURNS_PX)
    return points[kept], there[kept]


def _flow(one: Portrait, other: Portrait, points: Points) -> tuple[Points, NDArray[np.bool_]]:
    there, came, _ = cv2.calcOpticalFlowPyrLK(
        one, other, points, points.copy(), winSize=WINDOW, maxLevel=2
    )
    return np.asarray(there, np.float32), np.asarray(came).ravel() == 1
