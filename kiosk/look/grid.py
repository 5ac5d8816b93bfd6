"""Choices in rows and columns: all of one size, as large as fits; what has no room comes after a touch on `more`."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kiosk.journey.events import TurnedOver
from kiosk.look import icons, keys, theme
from kiosk.look.boxes import Look, box, height, squeezed
from kiosk.look.placed import Placed, Rect, moved
from kiosk.look.theme import GAP
from kiosk.screens.page import Choice, Role

MAIN = 1.12  # letters of a main choice beside others
MOST_COLUMNS = 4
FEW = 5  # stand one below the other where there is room
BROAD = 1.9  # of the least width of a tile: so wide that two columns are better for fewer
FACES = 5
MORE = "more"
OTHER = 2.5  # so many sizes of letters is the best number of columns worth
HEIGHTS = (1.0, 1.6, 2.2)  # of what is liked; where words need more lines
NEEDED = 0.0  # instead: as high as the words of each row need, which makes them uneven
FACE = 1.4  # height of a tile with a face, in tiles


@dataclass(frozen=True, slots=True)
class Plan:
    """Choices as they stand; `size` of their letters; how many are `shown` at once; where the next turn begins."""

    placed: tuple[Placed, ...] = ()
    size: float = 0.0
    shown: int = 0
    high: float = 0.0
    wide: float = 0.0
    after: int = 0

    def at(self, right: float, down: float) -> tuple[Placed, ...]:
        return moved(self.placed, right, down)


def plan(choices: tuple[Choice, ...], rect: Rect, look: Look, more: str, first: int) -> Plan:
    """In `rect`, from its top; from choice number `first` on where not all have room. With no word for `more`, the way
    to the others is not here."""
    if not choices:
        return Plan()
    if any(choice.role is Role.KEY for choice in choices):
        placed = keys.keypad(choices, rect, look)
        if placed:
            return _plan(placed, look.scale.key, len(choices))
        return _plan(squeezed(choices, rect, look, "choices"), 0.0, 0)
    whole = _fitting(choices, rect, look)
    return whole if whole is not None else _part(choices, rect, look, more, first)


def _plan(placed: tuple[Placed, ...], size: float, shown: int) -> Plan:
    left, top = min(one.rect.x for one in placed), min(one.rect.y for one in placed)
    right, low = max(one.rect.right for one in placed), max(one.rect.bottom for one in placed)
    return Plan(placed, size, shown, low - top, right - left)


def _fitting(choices: tuple[Choice, ...], rect: Rect, look: Look) -> Plan | None:
    """With large letters, and in the best number of columns."""
    counts = _columns(choices, rect.width, look)
    tries = sorted(
        ((size, count) for size in look.scale.tiles for count in counts),
        key=lambda one: look.scale.tiles.index(one[0]) + OTHER * (one[1] != counts[0]),
    )
    rows = {count: _rows(choices, count) for count in counts}
    for higher in (*HEIGHTS, NEEDED):
        for size, count in tries:
            placed = _all(rows[count], rect, count, size, higher, look)
            if placed is not None:
                return _plan(placed, size, len(choices))
    return None


def _columns(choices: tuple[Choice, ...], width: float, look: Look) -> list[int]:
    """Numbers of columns to try, the best first."""
    if choices[0].role is Role.SCORE:
        return [FACES, 1, 2]
    tiles = sum(choice.role is not Role.MAIN for choice in choices)
    narrowest = look.scale.narrowest
    most = max(1, min(MOST_COLUMNS, int((width + GAP) // (narrowest + GAP)), tiles))
    best = most if width > 2 * BROAD * narrowest else min(most, 2 if tiles > FEW else 1)
    if tiles in (2, 4) and most >= 2 and width > BROAD * narrowest * 2:
        best = 2
    return [best, *(n for n in range(1, most + 1) if n != best)]


def _rows(choices: tuple[Choice, ...], columns: int) -> list[list[Choice]]:
    """A main choice has a row of its own."""
    rows: list[list[Choice]] = []
    for choice in choices:
        last = rows[-1] if rows else []
        alone = not last or Role.MAIN in (last[0].role, choice.role)
        if alone or len(last) == columns:
            rows.append([choice])
        else:
            last.append(choice)
    return rows


def _all(
    rows: list[list[Choice]], rect: Rect, columns: int, size: float, higher: float, look: Look
) -> tuple[Placed, ...] | None:
    """Rows as high as they like, or lower, never under the smallest target; None where that does not fit."""
    if higher == NEEDED:
        heights = _needed(rows, rect, columns, size, look)
    else:
        heights = _heights(rows, rect.height, columns, higher, look)
    if heights is None:
        return None
    y, placed = rect.y, list[Placed]()
    for cells, high in zip(rows, heights, strict=True):
        main = cells[0].role is Role.MAIN
        for choice, where in zip(cells, _cells(cells, columns, rect, y, high), strict=True):
            letters, group = (size * MAIN, "main") if main else (size, "choices")
            drawn = box(choice, where, letters, look, group)
            if drawn is None or where.width < theme.TARGET:
                return None
            placed += drawn
        y += high + GAP
    return tuple(placed)


def _heights(
    rows: list[list[Choice]], room: float, columns: int, higher: float, look: Look
) -> list[float] | None:
    """A way to more that stands alone is no higher than the foot."""
    turning = [cells[0].key == MORE for cells in rows]
    fixed = look.scale.foot * sum(turning)
    liked = [
        0.0 if turn else higher * _liked(cells[0], columns, look)
        for cells, turn in zip(rows, turning, strict=True)
    ]
    share = (room - fixed - GAP * (len(rows) - 1)) / (sum(liked) or 1.0)
    heights = [like * min(1.0, share) or look.scale.foot for like in liked]
    return None if min(heights) < theme.TARGET - 1e-6 else heights


def _needed(
    rows: list[list[Choice]], rect: Rect, columns: int, size: float, look: Look
) -> list[float] | None:
    """Of tiles of words alone: each row as high as its words need, and the same more for all, as far as is liked."""
    width = (rect.width - GAP * (columns - 1)) / columns
    heights = list[float]()
    for cells in rows:
        highest = [height(choice, width, size, look) for choice in cells if _is_words(choice)]
        if len(highest) < len(cells) or None in highest:
            return None
        heights.append(max(high for high in highest if high is not None))
    spare = rect.height - GAP * (len(rows) - 1) - sum(heights)
    more = min(spare / len(rows), look.scale.tile - max(heights))
    return [high + max(0.0, more) for high in heights] if spare >= 0 else None


def _is_words(choice: Choice) -> bool:
    return choice.role is Role.TILE and not (choice.badge or choice.icon)


def _liked(choice: Choice, columns: int, look: Look) -> float:
    """Height in mm."""
    scale = look.scale
    if choice.role is Role.SCORE:
        return scale.tile * FACE if columns == FACES else scale.chip
    return scale.chip if choice.role is Role.CHIP else scale.tile


def _cells(
    cells: list[Choice], columns: int, rect: Rect, y: float, height: float
) -> Iterator[Rect]:
    count = 1 if cells[0].role is Role.MAIN else columns
    width = (rect.width - GAP * (count - 1)) / count
    for place in range(len(cells)):
        yield Rect(rect.x + place * (width + GAP), y, width, height)


def _part(choices: tuple[Choice, ...], rect: Rect, look: Look, more: str, first: int) -> Plan:
    """As many as fit on every turn, and a way to the others."""
    first = first if first < len(choices) else 0
    rows = int((rect.height + GAP) // (theme.TARGET + GAP))
    for shown in range(min(len(choices), rows * MOST_COLUMNS) - 1, 0, -1):
        plans = list[Plan]()
        for start in range(0, len(choices), shown):
            found = _fitting(_turn(choices, start, shown, more), rect, look)
            if found is None:
                break
            plans.append(found)
        if len(plans) * shown >= len(choices):
            after = _after(choices, first // shown * shown, shown)
            return replace(plans[first // shown], shown=shown, after=after)
    return _plan(squeezed(choices, rect, look, "choices"), 0.0, 0)


def _turn(choices: tuple[Choice, ...], start: int, shown: int, more: str) -> tuple[Choice, ...]:
    there = choices[start : start + shown]
    if not more:
        return there
    turn = TurnedOver(_after(choices, start, shown))
    return (*there, Choice(MORE, more, turn, Role.PLAIN, icons.MORE))


def _after(choices: tuple[Choice, ...], start: int, shown: int) -> int:
    return start + shown if start + shown < len(choices) else 0
