"""Choices in rows and columns: all of one size, as large as fits; what has no room comes after a touch on `more`."""

from collections.abc import Iterator
from math import ceil

from kiosk.journey.events import TurnedOver
from kiosk.look import icons, theme
from kiosk.look.boxes import Look, box
from kiosk.look.placed import Placed, Rect
from kiosk.look.theme import GAP
from kiosk.screens.page import Choice, Role

HIGHEST = {Role.CHIP: 30.0, Role.SCORE: 34.0, Role.KEY: 27.0}  # mm
WIDEST_KEY = 46.0
MOST_COLUMNS = 4
MOST_LETTERS = 6  # in a row
FEW = 5  # stand one below the other where there is room


def highest(choice: Choice, look: Look) -> float:
    return HIGHEST.get(choice.role, look.scale.tile)


def wish(choices: tuple[Choice, ...], width: float, columns: int, look: Look) -> float:
    """The height that these would like to have."""
    rows = _rows(choices, _columns(choices, width, columns, look)[0])
    return sum(highest(row[0], look) for row in rows) + GAP * (len(rows) - 1)


def grid(
    choices: tuple[Choice, ...], rect: Rect, columns: int, look: Look, more: str, first: int
) -> tuple[Placed, ...]:
    """In `rect`, from its top; from choice number `first` on."""
    if not choices:
        return ()
    for count in _columns(choices, rect.width, columns, look):
        for size in _sizes(choices, look):
            placed = _all(_rows(choices, count), rect, count, size, look)
            if placed is not None:
                return placed
    return _part(choices, rect, columns, look, more, first)


def complete(placed: tuple[Placed, ...], choices: tuple[Choice, ...]) -> bool:
    """Whether all of them are shown at once."""
    shown = {one.name for one in placed if one.group != "crowded"}
    return all(choice.key in shown for choice in choices)


def _sizes(choices: tuple[Choice, ...], look: Look) -> tuple[float, ...]:
    return (look.scale.key,) if any(c.role is Role.KEY for c in choices) else look.scale.tiles


def _columns(choices: tuple[Choice, ...], width: float, columns: int, look: Look) -> list[int]:
    """Numbers of columns to try, the best first."""
    if columns:
        return [columns]
    tiles = sum(choice.role is not Role.MAIN for choice in choices)
    most = max(1, min(MOST_COLUMNS, int((width + GAP) // (look.scale.narrowest + GAP)), tiles))
    best = most if width > 280 or look.scale.tile < 45 else min(most, 2 if tiles > FEW else 1)
    return [best, *(n for n in range(1, most + 1) if n != best)]


def _rows(choices: tuple[Choice, ...], columns: int) -> list[list[Choice]]:
    """A main choice has a row of its own; letters of a keypad stand before its digits."""
    rows: list[list[Choice]] = []
    letters = sum(map(_is_letter, choices))
    letters_a_row = ceil(letters / ceil(letters / MOST_LETTERS)) if letters else 0
    for choice in choices:
        letter = _is_letter(choice)
        last = rows[-1] if rows else []
        full = len(last) == (letters_a_row if letter else columns)
        apart = not last or last[0].role is Role.MAIN or _is_letter(last[0]) is not letter
        if full or apart or choice.role is Role.MAIN:
            rows.append([choice])
        else:
            last.append(choice)
    return rows


def _is_letter(choice: Choice) -> bool:
    return choice.role is Role.KEY and len(choice.text) == 1 and choice.text.isalpha()


def _all(
    rows: list[list[Choice]], rect: Rect, columns: int, size: float, look: Look
) -> tuple[Placed, ...] | None:
    """Rows as high as they like, or lower, never under the smallest target; None where that does not fit."""
    heights = _heights(rows, rect.height, look)
    if heights is None:
        return None
    y = rect.y
    placed: list[Placed] = []
    for cells, height in zip(rows, heights, strict=True):
        for choice, where in zip(cells, _cells(cells, columns, rect, y, height), strict=True):
            drawn = box(
                choice,
                where,
                size * (1.12 if choice.role is Role.MAIN else 1),
                look,
                "choices" if choice.role is not Role.MAIN else "main",
            )
            if drawn is None:
                return None
            placed += drawn
        y += height + GAP
    return tuple(placed)


def _heights(rows: list[list[Choice]], room: float, look: Look) -> list[float] | None:
    liked = [highest(row[0], look) for row in rows]
    share = (room - GAP * (len(rows) - 1)) / sum(liked)
    heights = [like * min(1.0, share) for like in liked]
    return None if min(heights) < theme.TARGET - 1e-6 else heights


def _cells(
    cells: list[Choice], columns: int, rect: Rect, y: float, height: float
) -> Iterator[Rect]:
    """Keys stand together in the middle; letters share the width of the digits."""
    alone = cells[0].role is Role.MAIN
    key = cells[0].role is Role.KEY
    room = min(rect.width, columns * WIDEST_KEY + GAP * (columns - 1)) if key else rect.width
    count = 1 if alone else len(cells) if key else columns
    width = (room - GAP * (count - 1)) / count
    x = rect.x + (rect.width - room) / 2
    for place in range(len(cells)):
        yield Rect(x + place * (width + GAP), y, width, height)


def _part(
    choices: tuple[Choice, ...], rect: Rect, columns: int, look: Look, more: str, first: int
) -> tuple[Placed, ...]:
    """As many as fit, and a way to the others. Where not even two fit, the smallest of all: the lint finds it."""
    first = first if first < len(choices) else 0
    for shown in range(len(choices) - 1, 0, -1):
        after = first + shown if first + shown < len(choices) else 0
        turn = Choice("more", more, TurnedOver(after), Role.PLAIN, icons.MORE)
        some = (*choices[first : first + shown], turn)
        for count in _columns(some, rect.width, columns, look):
            for size in _sizes(choices, look):
                placed = _all(_rows(some, count), rect, count, size, look)
                if placed is not None:
                    return placed
    return _crowded(choices, rect, look)


def _crowded(choices: tuple[Choice, ...], rect: Rect, look: Look) -> tuple[Placed, ...]:
    count = ceil(len(choices) ** 0.5)
    width, height = rect.width / count, rect.height / ceil(len(choices) / count)
    return tuple(
        Placed(
            choice.key,
            Rect(rect.x + n % count * width, rect.y + n // count * height, width, height),
            look.palette.off.ground,
            look.palette.off.ink,
            choice=choice,
            group="crowded",
        )
        for n, choice in enumerate(choices)
    )
