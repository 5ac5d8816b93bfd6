"""A keypad: digits as on a telephone, or letters; where it is too low for that, in fewer rows."""

from kiosk.look import theme
from kiosk.look.boxes import Look, row
from kiosk.look.placed import Placed, Rect
from kiosk.look.theme import GAP
from kiosk.screens.page import Choice

WIDEST = 1.7  # of the height of a key
COLUMNS = {True: (3, 4, 6), False: (4, 6, 8)}  # of digits; of letters
SIZES = (1.0, 0.8, 0.7)  # of the letters of a key, where its words are long


def keypad(keys: tuple[Choice, ...], rect: Rect, look: Look) -> tuple[Placed, ...] | None:
    """From the top, in the middle. None where the keys would be smaller than a target."""
    digits = any(key.text.isdigit() for key in keys)
    for columns in COLUMNS[digits]:
        for size in SIZES:
            letters = max(look.scale.small, size * look.scale.key)
            placed = _placed(keys, min(columns, len(keys)), rect, letters, look)
            if placed is not None:
                return placed
    return None


def _placed(
    keys: tuple[Choice, ...], columns: int, rect: Rect, size: float, look: Look
) -> tuple[Placed, ...] | None:
    rows = [keys[start : start + columns] for start in range(0, len(keys), columns)]
    high = min(look.scale.keys, (rect.height - GAP * (len(rows) - 1)) / len(rows))
    wide = min(rect.width, columns * (high * WIDEST + GAP) - GAP)
    width = (wide - GAP * (columns - 1)) / columns
    if high < theme.TARGET - 1e-6:
        return None
    x, y, placed = rect.x + (rect.width - wide) / 2, rect.y, list[Placed]()
    for cells in rows:
        where = Rect(x, y, wide, high)
        drawn = row(cells, [width] * len(cells), where, size, look, "keys")
        if drawn is None:
            return None
        placed += drawn
        y += high + GAP
    return tuple(placed)
