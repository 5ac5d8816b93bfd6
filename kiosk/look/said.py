"""What is said where nothing is touched but the foot: in one column or two, and where it is too much, page by page."""

from collections.abc import Iterable
from dataclasses import replace

from kiosk.look import blocks
from kiosk.look.blocks import Sized
from kiosk.look.boxes import Look
from kiosk.look.placed import Placed, Rect
from kiosk.look.theme import GAP
from kiosk.screens.page import Block, Facts, Items

ABOVE = 0.3  # of the room to spare
BETWEEN = 1.6  # most of the distance between blocks, in gaps of the page


def pages(said: list[Block], rect: Rect, look: Look, *, wide: bool) -> list[list[Block]]:
    """What is said at once: all of it, where it fits."""
    if any(_fits(said, rect, look, columns) for columns in _columns(said, wide=wide)):
        return [said]
    found: list[list[Block]] = []
    for block in (part for one in said for part in _parts(one, rect, look)):
        longer = [*(found[-1] if found else []), block]
        fits = any(_fits(longer, rect, look, columns) for columns in _columns(longer, wide=wide))
        if found and fits:
            found[-1] = longer
        else:
            found.append([block])
    return found


def _parts(block: Block, rect: Rect, look: Look) -> Iterable[Block]:
    """A list or table that is too high by itself, piece by piece."""
    if _fits([block], rect, look, 1):
        return (block,)
    if isinstance(block, Facts):
        return tuple(Facts((pair,)) for pair in block.pairs)
    if isinstance(block, Items):
        return tuple(replace(block, lines=(line,)) for line in block.lines)
    return (block,)


def place(said: list[Block], rect: Rect, look: Look, *, wide: bool, centred: bool) -> list[Placed]:
    """Where nothing is to be touched beside them, they stand a little above the middle."""
    fitting = [n for n in _columns(said, wide=wide) if _fits(said, rect, look, n)]
    columns = (fitting or [1])[0] if centred else 1
    width = (rect.width - 2 * GAP * (columns - 1)) / columns
    placed: list[Placed] = []
    for n, part in enumerate(_split(said, width, columns, look)):
        where = Rect(rect.x + n * (width + 2 * GAP), rect.y, width, rect.height)
        placed += _below_each_other(part, where, look, centred=centred)
    return placed


def least(said: list[Block], width: float, look: Look) -> float:
    """Height of what may not go."""
    sizes = [blocks.sized(block, width, look) for block in said]
    return blocks.least([one for one in sizes if not one.may_go])


def _columns(said: list[Block], *, wide: bool) -> list[int]:
    """The best first."""
    if len(said) < 2:
        return [1]
    return [2, 1] if wide and len(said) > 2 else [1, 2]


def _split(said: list[Block], width: float, columns: int, look: Look) -> list[list[Block]]:
    """So that the higher one is as low as can be."""
    if columns == 1:
        return [said]
    sizes = [blocks.sized(block, width, look) for block in said]
    at = min(
        range(1, len(said)),
        key=lambda place: max(blocks.least(sizes[:place]), blocks.least(sizes[place:])),
    )
    return [said[:at], said[at:]]


def _fits(said: list[Block], rect: Rect, look: Look, columns: int) -> bool:
    width = (rect.width - 2 * GAP * (columns - 1)) / columns
    parts = _split(said, width, columns, look)
    return all(least(part, width, look) <= rect.height for part in parts)


def _below_each_other(said: list[Block], rect: Rect, look: Look, *, centred: bool) -> list[Placed]:
    sizes = [blocks.sized(block, rect.width, look) for block in said]
    heights: list[tuple[Sized, float]] = blocks.room_for(sizes, rect.height)
    spare = rect.height - sum(high + GAP for _, high in heights) + GAP
    between = GAP
    if len(heights) > 1:
        between += max(0.0, min(BETWEEN * look.scale.pad, spare / (len(heights) - 1) * ABOVE))
    spare -= (between - GAP) * (len(heights) - 1)
    y = rect.y + (max(0.0, spare) * ABOVE if centred else 0.0)
    placed: list[Placed] = []
    for one, high in heights:
        placed += blocks.place(one.block, Rect(rect.x, y, rect.width, high), look, centred=centred)
        y += high + between
    return placed
