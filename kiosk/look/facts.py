"""Names and values on cards: few of them side by side, more as a table."""

from kiosk.look.boxes import Look
from kiosk.look.placed import Line, Placed, Rect
from kiosk.look.theme import GAP, LINE
from kiosk.screens.page import Facts

NARROWEST = 60.0  # a card beside another
FEW = 2  # may stand side by side
ROW = 1.15  # height of a row of the table, in lines

Pair = tuple[str, str]


def height(block: Facts, width: float, look: Look) -> float:
    scale = look.scale
    if _as_table(block, width, look):
        return len(block.pairs) * scale.large * LINE * ROW + 2 * scale.pad
    rooms = _widths(block, width, look)
    heights = [_card_height(pair, rooms, look) for pair in block.pairs]
    return (
        max(heights)
        if _side_by_side(block, width, look)
        else sum(heights) + GAP * (len(heights) - 1)
    )


def place(block: Facts, rect: Rect, look: Look) -> list[Placed]:
    if _as_table(block, rect.width, look):
        return [_table(block, rect, look)]
    width, x, y, placed = _widths(block, rect.width, look), rect.x, rect.y, []
    for pair in block.pairs:
        beside = _side_by_side(block, rect.width, look)
        high = rect.height if beside else _card_height(pair, width, look)
        placed.append(_card(pair, Rect(x, y, width, high), look))
        x, y = (x + width + GAP, y) if beside else (x, y + high + GAP)
    return placed


def _side_by_side(block: Facts, width: float, look: Look) -> bool:
    """Two of them, where their words have room."""
    if len(block.pairs) != FEW or width < FEW * NARROWEST:
        return False
    room = (width - GAP) / FEW - 2 * look.scale.pad
    return _values(block, look) <= room


def _widths(block: Facts, width: float, look: Look) -> float:
    return (width - GAP) / FEW if _side_by_side(block, width, look) else width


def _as_table(block: Facts, width: float, look: Look) -> bool:
    """Where each pair has room in one row."""
    if _side_by_side(block, width, look):
        return False
    return _names(block, look) + _values(block, look) <= width - 2 * look.scale.pad


def _names(block: Facts, look: Look) -> float:
    return max(look.measure(name, look.scale.small, False) for name, _ in block.pairs) + 2 * GAP


def _values(block: Facts, look: Look) -> float:
    return max(look.measure(value, look.scale.large, True) for _, value in block.pairs)


def _table(block: Facts, rect: Rect, look: Look) -> Placed:
    scale, card, quiet = look.scale, look.palette.card, look.palette.quiet
    left, start = rect.x + scale.pad, rect.x + scale.pad + _names(block, look)
    high, lines = scale.large * LINE * ROW, []
    for n, (name, value) in enumerate(block.pairs):
        y = rect.y + scale.pad + (n + 0.5) * high
        lines += [
            Line(name, left, y, scale.small, quiet.ink),
            Line(value, start, y, scale.large, card.ink, bold=True),
        ]
    return Placed("facts", rect, card.ground, card.ink, edge=card.edge, lines=tuple(lines))


def _wrapped(pair: Pair, width: float, look: Look) -> tuple[list[str], list[str]]:
    scale, room = look.scale, width - 2 * look.scale.pad
    return look.wrap(pair[0], room, scale.small), look.wrap(pair[1], room, scale.large, bold=True)


def _card_height(pair: Pair, width: float, look: Look) -> float:
    scale = look.scale
    name, value = _wrapped(pair, width, look)
    return (len(name) * scale.small + len(value) * scale.large) * LINE + 2 * scale.pad


def _card(pair: Pair, rect: Rect, look: Look) -> Placed:
    scale, card, quiet = look.scale, look.palette.card, look.palette.quiet
    name, value = _wrapped(pair, rect.width, look)
    y, lines = rect.y + scale.pad, []
    for texts, size, ink, bold in (
        (name, scale.small, quiet.ink, False),
        (value, scale.large, card.ink, True),
    ):
        for text in texts:
            y += size * LINE
            lines.append(Line(text, rect.x + scale.pad, y - size * LINE / 2, size, ink, bold=bold))
    return Placed("facts", rect, card.ground, card.ink, edge=card.edge, lines=tuple(lines))
