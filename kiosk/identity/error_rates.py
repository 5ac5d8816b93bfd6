"""Rates of error and how sure they are. Pure."""

from math import sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Likenesses: TypeAlias = NDArray[np.float64]
Z95 = 1.959964


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), from 0 to 1. Of nothing, nothing is known."""
    if of == 0:
        return 0.0, 1.0
    share = count / of
    middle = share + Z95**2 / (2 * of)
    spread = Z95 * sqrt(share * (1 - share) / of + Z95**2 / (4 * of**2))
    below = 1 + Z95**2 / of
    return max(0.0, (middle - spread) / below), min(1.0, (middle + spread) / below)


def threshold_at(rate: float, impostors: Likenesses) -> float | None:
    """The lowest threshold that no more than this share of the impostors reaches; None where they are too few to tell."""
    allowed = int(rate * len(impostors))
    if allowed < 1:
        return None
    highest = np.sort(impostors)[::-1]
    return float(np.nextafter(highest[allowed], np.inf))


def refused(threshold: float, likenesses: Likenesses) -> int:
    """How many stay below."""
    return int((likenesses < threshold).sum())
