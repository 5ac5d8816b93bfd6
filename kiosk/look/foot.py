"""What leads on: back on the left, always as wide; the next step on the right of it, or above it where that is narrow."""

from kiosk.look.boxes import Look, column, needed, row, squeezed
from kiosk.look.placed import Placed, Rect
from kiosk.look.theme import GAP
from kiosk.screens.page import Choice, Role

NARROW = 0.42  # of the width: back is no wider


def foot(choices: tuple[Choice, ...], rect: Rect, look: Look) -> tuple[Placed, ...]:
    """At the bottom of `rect`."""
    if not choices:
        return ()
    high = look.scale.foot
    line = Rect(rect.x, rect.bottom - high, rect.width, high)
    sizes = look.scale.tiles[1:]
    for size in sizes:
        widths = _widths(choices, rect.width, size, look)
        placed = row(choices, widths, line, size, look, "foot") if widths else None
        if placed is not None:
            return placed
    tall = len(choices) * (high + GAP) - GAP
    for more in (0.0, 0.25, 0.5):  # higher, where words need three lines
        all_ = Rect(rect.x, rect.bottom - tall * (1 + more), rect.width, tall * (1 + more))
        for size in sizes:
            placed = column(choices[::-1], all_, size, look, "foot")
            if placed is not None:
                return placed
    return squeezed(choices, line, look, "foot")


def _widths(choices: tuple[Choice, ...], width: float, size: float, look: Look) -> list[float]:
    """Back has its own; the others share the rest as they need it. Nothing where they do not fit."""
    if len(choices) == 1 and choices[0].role is Role.MAIN:
        return [width]
    back = min(look.scale.back, width * NARROW if len(choices) > 1 else width)
    rest = width - back - GAP * (len(choices) - 1)
    wanted = [needed(choice, size, look) for choice in choices[1:]]
    if not wanted:
        return [back]
    spare = (rest - sum(wanted)) / len(wanted)
    shared = [one + spare for one in wanted] if spare > 0 else [rest / len(wanted)] * len(wanted)
    return [back, *shared]
