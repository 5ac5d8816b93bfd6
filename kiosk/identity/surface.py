"""Whether a nose stands out of what turned: small structures of the face are compared in two portraits. Pure.

Whatever a flat picture does, one homography takes all its structures along; what a smooth bend adds is of the second order across the
face; what a fold adds grows with the distance from it. All are fitted to the structures around the nose, and say where those of the
nose should be. A picture keeps to that, also one that is bent or folded; a head's nose is ahead of it on the side that it turns to.
Where a fold may be nobody knows: many that pass the nose are tried, and the best counts if what lies around the nose is much better
understood with it. Some fold or other takes the nose off any head.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
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
AROUND_PX, FAINT = 6, 10  # grey levels: what is fainter may be a sensor's noise
GREY, CONTRAST = 128, 40
MOST, LEAST, QUALITY, APART_PX = 26, 12, 0.01, 4.5  # structures around the nose: of a band, of all
MOST_NOSE, LEAST_NOSE, QUALITY_NOSE, APART_NOSE_PX = 25, 4, 0.01, 3
LEAST_TOLD = 3  # sights
WINDOW = (11, 11)  # wider ones take the cheeks for the nose: bent pictures then came close to heads
RETURNS_PX = 0.7  # one that is followed there and back ends where it began, or was lost
INNER = ((84, 99), (45, 54))  # of a portrait: the face without its outline
NOSE_PX, NEAR_NOSE_PX = (12, 14), (16, 20)  # half its size, and with what belongs to neither
# Below brow, eyes and cheeks, in eye distances from the nose's tip: in one go the rims of glasses would leave nothing for the cheeks.
BANDS = (-0.75, -0.35, 0.3)
EVERY_WAY = np.radians(np.arange(-75, 91, 15))  # of a fold, from upright
BESIDE = (-0.05, 0.0, 0.05)  # where it passes the nose, in eye distances
BETTER = 0.8  # of what a bend leaves unexplained may be left with a fold
NOTHING = 1e-9  # so that structures in one line have a fit, too
ROUNDS = 2  # each fits the homography closer
FITS, LEAST_OFF_PX = 8, 0.12  # of the bend: what leaves it counts for less each time

Points: TypeAlias = NDArray[np.float32]
Values: TypeAlias = NDArray[np.float64]
Shown: TypeAlias = tuple[Image, Face]
Portrait: TypeAlias = NDArray[np.uint8]  # grey, PORTRAIT_PX square


@dataclass(frozen=True, eq=False, repr=False)
class Before:
    """A portrait that looks straight, and where it has structures. `tip`: of the nose, in px."""

    portrait: Portrait
    tip: Points
    around: Points
    of_nose: Points


def nose_ahead(straight: Shown, way: Sequence[Shown]) -> tuple[float, ...]:
    """Of each sight on the way to a turn, in eye distances for each degree; those that do not tell are left out."""
    face = straight[1]
    before = structures(portrait(straight), typical([face])[NOSE])
    seen = [(stands_out(before, portrait(one)), one[1]) for one in way]
    return tuple(ahead / turned([face], now).degrees for ahead, now in seen if ahead is not None)


def portrait(shown: Shown) -> Portrait:
    return in_even_light(upright(*shown, larger=LARGER))


def in_even_light(grey: Portrait) -> Portrait:
    """Each place only beside what lies around it: the shade of a lamp does not turn with a face, and a bend under it passed for a
    nose."""
    light = grey.astype(np.float32)
    off = light - cv2.GaussianBlur(light, (0, 0), AROUND_PX)
    usual = np.sqrt(cv2.GaussianBlur(off * off, (0, 0), AROUND_PX))
    even = GREY + CONTRAST * off / (usual + FAINT)
    return np.asarray(np.clip(even, 0, 255), np.uint8)


def quartiles(told: Sequence[float]) -> tuple[float, float]:
    """Between them lies half of what was told; zero and without end where it was too little."""
    if len(told) < LEAST_TOLD:
        return 0.0, float("inf")
    low, high = np.percentile(told, [25, 75])
    return float(low), float(high)


def structures(straight: Portrait, nose: Points) -> Before:
    """`nose`: where its tip is, in eye distances from the right eye."""
    tip = np.asarray(RIGHT_EYE + SPAN_PX * nose, np.float32)
    middle = round(float(tip[0])), round(float(tip[1]))
    on_nose = _ellipse(middle, NOSE_PX)
    of_nose = _structures(straight, on_nose, MOST_NOSE, QUALITY_NOSE, APART_NOSE_PX)
    return Before(straight, tip, _spread(straight, middle), of_nose)


def stands_out(before: Before, turned: Portrait) -> float | None:
    """How far the nose is ahead of what lies around it, toward the picture's right, in eye distances. None where too few structures
    could be found again to tell."""
    back = _brought_back(before.portrait, turned, before.around)
    if back is None:
        return None
    places, moved = _moved(before.portrait, back, before.around)
    nose_places, nose_moved = _moved(before.portrait, back, before.of_nose)
    if len(places) < LEAST or len(nose_places) < LEAST_NOSE:
        return None
    ahead = nose_moved - _expected(places - before.tip, moved, nose_places - before.tip)
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


def _expected(places: Points, moved: Values, of_nose: Points) -> Values:
    """How far structures of the nose move with what lies around it. All places from the nose's tip, in px."""
    terms, there = _bend_and_folds(places), _bend_and_folds(of_nose)
    bend, off = _fitted(terms[:1, :, :-1], moved)
    folded, offs = _fitted(terms, moved)
    most = 3 * max(float(np.median(off)), LEAST_OFF_PX)
    left = np.minimum(offs, most).mean(axis=1)
    best = int(left.argmin())
    if left[best] > BETTER * np.minimum(off, most).mean():
        return _at(there[:1, :, :-1], bend).ravel()
    return _at(there[[best]], folded[[best]]).ravel()


def _bend_and_folds(from_tip: Points) -> Values:
    """For each fold, of each place: what a bend is made of, and last how far it is from the fold. Folds x places x 7."""
    u, v = (from_tip / SPAN_PX).astype(np.float64).T
    bend = np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], axis=1)
    across = np.outer(np.cos(EVERY_WAY), u) + np.outer(np.sin(EVERY_WAY), v)
    away = np.concatenate([np.abs(across - beside) for beside in BESIDE])[..., None]
    return np.concatenate([np.broadcast_to(bend, (len(away), *bend.shape)), away], axis=2)


def _fitted(terms: Values, moved: Values) -> tuple[Values, Values]:
    """For each fold, the fit, and how far each place is off it, in px. Those that do not keep to the others count for less."""
    weights = np.ones(terms.shape[:2])
    for _ in range(FITS):
        weighed = np.swapaxes(terms * weights[..., None] ** 2, 1, 2)
        least = weighed @ terms + NOTHING * np.eye(terms.shape[2])
        solved = np.linalg.solve(least, (weighed @ moved)[..., None])
        fit = np.asarray(solved[..., 0], np.float64)
        off = np.abs(moved - _at(terms, fit))
        usual = np.maximum(1.5 * np.median(off, axis=1, keepdims=True), LEAST_OFF_PX)
        weights = 1 / np.maximum(1, off / (2 * usual))
    return fit, off


def _at(terms: Values, fit: Values) -> Values:
    """Folds x places: how far each should have moved."""
    return np.asarray((terms @ fit[..., None])[..., 0], np.float64)


def _spread(straight: Portrait, nose: tuple[int, int]) -> Points:
    """Structures around the nose, of each band as many."""
    around = np.where(_ellipse(nose, NEAR_NOSE_PX) > 0, 0, _ellipse(*INNER)).astype(np.uint8)
    ends = [max(0, nose[1] + round(SPAN_PX * end)) for end in BANDS]
    found = []
    for top, bottom in pairwise([0, *ends, PORTRAIT_PX]):
        band = np.zeros_like(around)
        band[top:bottom] = around[top:bottom]
        found.append(_structures(straight, band, MOST, QUALITY, APART_PX))
    return np.concatenate(found)


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
