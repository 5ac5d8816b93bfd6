"""What leads on: back on the left, always as wide; the next step on the right of it, or above it where that is narrow."""

from dataclasses import replace
from itertools import product

from kiosk.look.boxes import Look, bare, column, needed, row, squeezed
from kiosk.look.placed import Placed, Rect
from kiosk.look.theme import GAP, TARGET
from kiosk.screens.page import Choice, Role

NARROW = 0.42  # of the width: back is no wider
HEIGHTS = ((1.0, 1.4), (1.75, 2.3))  # where words need more lines
TIGHT = ((1.0, 1.1, 1.4), (1.75, 2.3))


def foot(
    choices: tuple[Choice, ...], rect: Rect, look: Look, *, tight: bool = False
) -> tuple[Placed, ...]:
    """At the bottom of `rect`; `tight`: no higher than it must be."""
    if not choices:
        return ()
    every = TIGHT if tight else HEIGHTS
    looks = tuple(dict.fromkeys((choices, bare(choices))))
    ways = product(every, (_in_one_row, _in_two_rows), looks)
    for heights, way, shown in (*ways, (sum(every, ()), _in_a_column, choices)):
        for higher, size in product(heights, look.scale.tiles[1:]):
            placed = way(shown, rect, look.scale.foot * higher, size, look)
            if placed is not None:
                return placed
    high = look.scale.foot
    return squeezed(choices, Rect(rect.x, rect.bottom - high, rect.width, high), look, "foot")


def _in_one_row(
    choices: tuple[Choice, ...], rect: Rect, high: float, size: float, look: Look
) -> tuple[Placed, ...] | None:
    line = Rect(rect.x, rect.bottom - high, rect.width, high)
    return row(choices, _widths(choices, rect.width, size, look), line, size, look, "foot")


def _in_two_rows(
    choices: tuple[Choice, ...], rect: Rect, high: float, size: float, look: Look
) -> tuple[Placed, ...] | None:
    """What leads on has the upper one."""
    *others, last = choices
    if not others:
        return None
    below = Rect(rect.x, rect.bottom - high, rect.width, high)
    above = replace(below, y=below.y - GAP - high)
    width = (rect.width - GAP * (len(others) - 1)) / len(others)
    upper = row((last,), [rect.width], above, size, look, "foot")
    lower = row(tuple(others), [width] * len(others), below, size, look, "foot")
    return (*lower, *upper) if upper and lower else None


def _in_a_column(
    choices: tuple[Choice, ...], rect: Rect, high: float, size: float, look: Look
) -> tuple[Placed, ...] | None:
    tall = len(choices) * (high + GAP) - GAP
    where = Rect(rect.x, rect.bottom - tall, rect.width, tall)
    return column(choices[::-1], where, size, look, "foot")


def _widths(choices: tuple[Choice, ...], width: float, size: float, look: Look) -> list[float]:
    """Back has its own, if that leaves the others enough; they share the rest as they need it."""
    if len(choices) == 1 and choices[0].role is Role.MAIN:
        return [width]
    back = min(look.scale.back, width * NARROW if len(choices) > 1 else width)
    back = max(back, needed(choices[0], size, look))
    wanted = [needed(choice, size, look) for choice in choices[1:]]
    if not wanted:
        return [back]
    rest = width - back - GAP * len(wanted)
    if rest < sum(wanted):
        back = max(TARGET, needed(choices[0], size, look))
        rest = width - back - GAP * len(wanted)
    spare = (rest - sum(wanted)) / len(wanted)
    shared = [one + spare for one in wanted] if spare > 0 else [rest / len(wanted)] * len(wanted)
    return [back, *shared]
