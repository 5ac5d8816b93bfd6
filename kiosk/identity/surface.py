"""Whether what turned is flat: small structures of the face are compared in two portraits. Pure.

Whatever a flat picture does, one homography takes all its structures along. It is fitted to those that agree best, so that on a real
head it fits some part of the face and the others are seen to leave it. What the finder makes of the face only says where to begin.
"""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.identity.quality import EYES, SIDE_PX

SPAN_PX = EYES[1][0] - EYES[0][0]
MOST, LEAST = 90, 10  # structures
APART_PX = 3
WINDOW = (13, 13)
RETURNS_PX = 0.7  # one that is followed there and back ends where it began, or was lost
INNER = ((56, 66), (30, 36))  # of a portrait: the face without its outline
ROUNDS = 3  # each fits the homography closer

Points: TypeAlias = NDArray[np.float32]
Portrait: TypeAlias = NDArray[np.uint8]  # as quality.upright makes it


def off_plane(straight: Portrait, turned: Portrait) -> float | None:
    """How far the structures have left their homography, in eye distances: three quarters of them less than this. None where
    too few could be found again to tell."""
    structures = _structures(straight)
    plane = np.eye(3)
    left = np.zeros(0)
    for _ in range(ROUNDS):
        before, after = _followed(straight, _brought_back(turned, plane), structures)
        if len(before) < LEAST:
            return None
        nearer, _ = cv2.findHomography(before, after, method=cv2.LMEDS)
        if nearer is None:
            return None
        left = np.linalg.norm(cv2.perspectiveTransform(before, nearer) - after, axis=-1)
        plane = plane @ nearer
    return float(np.percentile(left, 75)) / SPAN_PX


def _brought_back(turned: Portrait, plane: NDArray[np.float64]) -> Portrait:
    flags = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
    back = cv2.warpPerspective(turned, plane, (SIDE_PX, SIDE_PX), flags=flags)
    return np.asarray(back, np.uint8)


def _structures(portrait: Portrait) -> Points:
    where = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    cv2.ellipse(where, INNER[0], INNER[1], 0, 0, 360, 255, -1)
    found = cv2.goodFeaturesToTrack(portrait, MOST, 0.01, APART_PX, mask=where)
    return np.zeros((0, 1, 2), np.float32) if found is None else np.asarray(found, np.float32)


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
