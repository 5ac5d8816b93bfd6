"""Whether a face came from where it was seen before as heads move, and whether it moves at all. Pure."""

import numpy as np

from kiosk.identity.engine import Face

JUMP_DEG, JUMP_DEG_S = 10.0, 100.0  # between two sights: for the finder, and for the head
JUMP_WIDTHS, JUMP_WIDTHS_S = 0.25, 3.0  # the same for the place, in widths of the face
STILL_PX = 0.02  # a camera's own noise moves the points more


def turned_too_fast(step: float, passed: float) -> bool:
    """`step` in degrees; `passed` in s."""
    return abs(step) > JUMP_DEG + JUMP_DEG_S * passed


def moved_too_fast(one: Face, other: Face, passed: float) -> bool:
    across = other.x + other.width / 2 - one.x - one.width / 2
    down = other.y + other.height / 2 - one.y - one.height / 2
    widths = float(np.hypot(across, down)) / max(one.width, other.width, 1.0)
    return widths > JUMP_WIDTHS + JUMP_WIDTHS_S * passed


def is_still(one: Face, other: Face) -> bool:
    return float(np.abs(other.points - one.points).max()) < STILL_PX
