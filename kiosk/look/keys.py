"""A keypad: digits as on a telephone, with the letters above them, to their left, or before them, as there is room."""

from collections.abc import Iterator
from math import ceil

from kiosk.look import theme
from kiosk.look.boxes import Look, row
from kiosk.look.placed import Placed, Rect
from kiosk.look.theme import GAP
from kiosk.screens.page import Choice

Rows = list[tuple[Choice, ...]]

WIDEST = 1.7  # of the height of a key
DIGITS = 3  # in a row
MOST_LETTERS = 6  # in a row of their own


def keypad(keys: tuple[Choice, ...], rect: Rect, look: Look) -> tuple[Placed, ...] | None:
    """From the top, in the middle. None where the keys would be smaller than a target."""
    for rows, columns in _orders(keys):
        placed = _placed(rows, columns, rect, look)
        if placed is not None:
            return placed
    return None


def _orders(keys: tuple[Choice, ...]) -> Iterator[tuple[Rows, int]]:
    """Ways to order them, the best first, with the number of keys that are as wide as usual in a row."""
    letters = tuple(key for key in keys if len(key.text) == 1 and key.text.isalpha())
    digits = _in_rows(keys[len(letters) :], DIGITS)
    if not letters:
        yield digits, DIGITS
        return
    a_row = ceil(len(letters) / ceil(len(letters) / MOST_LETTERS))
    yield [*_in_rows(letters, a_row), *digits], DIGITS
    beside = ceil(len(letters) / len(digits))
    sides = [letters[n * beside : (n + 1) * beside] for n in range(len(digits))]
    if all(len(side) == beside for side in sides):
        yield [side + line for side, line in zip(sides, digits, strict=True)], beside + DIGITS
    for columns in (4, 5, 6, 7):
        yield _in_rows(keys, columns), columns


def _in_rows(keys: tuple[Choice, ...], columns: int) -> Rows:
    return [keys[start : start + columns] for start in range(0, len(keys), columns)]


def _placed(rows: Rows, columns: int, rect: Rect, look: Look) -> tuple[Placed, ...] | None:
    high = min(look.scale.keys, (rect.height - GAP * (len(rows) - 1)) / len(rows))
    wide = min(rect.width, columns * (high * WIDEST + GAP) - GAP)
    if high < theme.TARGET - 1e-6:
        return None
    x, y, placed = rect.x + (rect.width - wide) / 2, rect.y, list[Placed]()
    for keys in rows:
        width = (wide - GAP * (len(keys) - 1)) / len(keys)
        where = Rect(x, y, wide, high)
        drawn = row(keys, [width] * len(keys), where, look.scale.key, look, "keys")
        if drawn is None:
            return None
        placed += drawn
        y += high + GAP
    return tuple(placed)
