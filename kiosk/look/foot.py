"""What leads on: back on the left, always as wide; the next step on the right of it, or above it where that is narrow."""

from kiosk.look.boxes import Look, column, needed, row, squeezed
from kiosk.look.placed import Placed, Rect
from kiosk.look.theme import GAP, LINE
from kiosk.screens.page import Choice, Role

NARROW = 0.42  # of the width: back is no wider
HIGHER = 1.4  # where words need more lines


def foot(choices: tuple[Choice, ...], rect: Rect, look: Look) -> tuple[Placed, ...]:
    """At the bottom of `rect`."""
    if not choices:
        return ()
    for high in (look.scale.foot, look.scale.foot * HIGHER):
        line = Rect(rect.x, rect.bottom - high, rect.width, high)
        for size in look.scale.tiles[1:]:
            widths = _widths(choices, rect.width, size, look)
            placed = row(choices, widths, line, size, look, "foot")
            if placed is not None:
                return placed
    return _in_rows(choices, rect, look)


def _in_rows(choices: tuple[Choice, ...], rect: Rect, look: Look) -> tuple[Placed, ...]:
    """The last one above the others; or each in a row of its own, as high as three lines need."""
    high = look.scale.foot
    for size in look.scale.tiles[1:]:
        y = rect.bottom - 2 * high - GAP
        above = row(
            choices[-1:], [rect.width], Rect(rect.x, y, rect.width, high), size, look, "foot"
        )
        below = Rect(rect.x, y + high + GAP, rect.width, high)
        widths = [(rect.width - GAP * (len(choices) - 2)) / max(1, len(choices) - 1)]
        others = row(choices[:-1], widths * (len(choices) - 1), below, size, look, "foot")
        if above and others:
            return (*others, *above)
    for size in look.scale.tiles[1:]:
        three = max(high, (3 * size * LINE) + 2.1)
        tall = len(choices) * (three + GAP) - GAP
        where = Rect(rect.x, rect.bottom - tall, rect.width, tall)
        placed = column(choices[::-1], where, size, look, "foot")
        if placed is not None:
            return placed
    return squeezed(choices, Rect(rect.x, rect.bottom - high, rect.width, high), look, "foot")


def _widths(choices: tuple[Choice, ...], width: float, size: float, look: Look) -> list[float]:
    """Back has its own; the others share the rest as they need it."""
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
