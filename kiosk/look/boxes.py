"""How a choice looks in its box: icon or badge, words, second lines. None where they do not fit at this size."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.look import icons, theme
from kiosk.look.placed import Line, Placed, Rect
from kiosk.look.theme import GAP, LINE, Colour, Pair, Palette, Scale
from kiosk.look.wrap import lines_of
from kiosk.screens.page import Choice, Role

Measure = Callable[[str, float, bool], float]  # a text at a size, bold or not: mm

CENTRED = (Role.MAIN, Role.PLAIN, Role.KEY)
PAD = 4.0
TIGHT = 1.0  # above and below
BADGE = 22.0
MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class Look:
    """What all of one screen have in common."""

    palette: Palette
    scale: Scale
    measure: Measure

    def wrap(self, text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
        return lines_of(text, width, lambda line: self.measure(line, size, bold))


def box(
    choice: Choice, rect: Rect, size: float, look: Look, group: str
) -> tuple[Placed, ...] | None:
    """The box, and its badge above it."""
    pair = pair_of(choice, look.palette)
    drawn = (
        _centred(choice, rect, size, look, pair)
        if choice.role in CENTRED
        else _left(choice, rect, size, look, pair)
    )
    if drawn is None:
        return None
    lines, badge = drawn
    placed = Placed(
        choice.key,
        rect,
        pair.ground,
        pair.ink,
        pair.pressed,
        pair.edge,
        thick=choice.chosen,
        lines=lines,
        choice=choice,
        group=group,
    )
    return (placed, *badge)


def pair_of(choice: Choice, palette: Palette) -> Pair:
    if choice.does is None:
        return palette.off
    if choice.chosen:
        return palette.chosen
    return {
        Role.MAIN: palette.main,
        Role.PLAIN: palette.plain,
        Role.KEY: palette.plain,
    }.get(choice.role, palette.tile)


def _centred(
    choice: Choice, rect: Rect, size: float, look: Look, pair: Pair
) -> tuple[tuple[Line, ...], tuple[Placed, ...]] | None:
    icon = size * 1.6 if choice.icon else 0.0
    room = rect.width - 2 * PAD - (icon if choice.text else 0.0)
    texts = _texts(choice, room, size, look)
    if texts is None or _height(texts) > rect.height - 2 * TIGHT:
        return None
    if not texts:
        x, y = rect.x + rect.width / 2, rect.y + rect.height / 2
        return (Line(choice.icon, x, y, size, pair.ink, centred=True, icon=True),), ()
    words = [text for text in texts if text[2]]
    widest = max(look.measure(*text) for text in words)
    middle = rect.x + (rect.width + icon) / 2
    lines = tuple(
        line if line.bold else replace(line, x=rect.x + rect.width / 2)
        for line in _stack(texts, middle, rect, pair.ink, centred=True)
    )
    if icon:
        at = middle - widest / 2 - icon * 0.55
        y = (lines[0].y + lines[len(words) - 1].y) / 2
        lines = (*lines, Line(choice.icon, at, y, size, pair.ink, centred=True, icon=True))
    return lines, ()


def _left(
    choice: Choice, rect: Rect, size: float, look: Look, pair: Pair
) -> tuple[tuple[Line, ...], tuple[Placed, ...]] | None:
    lead = _lead(choice)
    side = min(BADGE, rect.height - 2 * TIGHT, size * 1.9) if lead else 0.0
    start = rect.x + PAD + (side + PAD if lead else 0.0)
    texts = _texts(choice, rect.right - PAD - start, size, look)
    if texts is None or _height(texts) > rect.height - 2 * TIGHT:
        return None
    lines = _stack(texts, start, rect, pair.ink, centred=False)
    if not lead:
        return lines, ()
    return lines, (_badge(choice, lead, rect, side, size, look, pair),)


def _lead(choice: Choice) -> str:
    if choice.role is Role.CHIP and not choice.icon:
        return icons.DONE if choice.chosen else " "
    return choice.badge or choice.icon


def _badge(
    choice: Choice, lead: str, rect: Rect, side: float, size: float, look: Look, pair: Pair
) -> Placed:
    """A disc with a letter or icon; for what may be chosen with others, a box with a tick."""
    where = Rect(rect.x + PAD, rect.y + (rect.height - side) / 2, side, side)
    middle = (where.x + side / 2, where.y + side / 2)
    tick = choice.role is Role.CHIP and not choice.icon
    usual = look.palette.badge
    if tick or choice.chosen or choice.does is None:
        usual = Pair(pair.ground, pair.ink, pair.ground, pair.ink)
    letter = Line(
        lead, *middle, side * 0.52, usual.ink, bold=True, centred=True, icon=not choice.badge
    )
    return Placed(
        f"{choice.key} badge",
        where,
        usual.ground,
        usual.ink,
        edge=usual.edge,
        lines=(letter,) if lead.strip() else (),
        round=not tick,
    )


def _texts(
    choice: Choice, room: float, size: float, look: Look
) -> list[tuple[str, float, bool]] | None:
    """Lines with size and weight; None where they do not fit the width, or are too many."""
    small = min(look.scale.small, size)
    words = look.wrap(choice.text, room, size, bold=True) if choice.text else []
    details = [line for text in choice.detail for line in look.wrap(text, room, small)]
    texts = [(line, size, True) for line in words] + [(line, small, False) for line in details]
    if any(look.measure(*text) > room for text in texts) or len(words) > MOST_LINES:
        return None
    return texts


def _height(texts: list[tuple[str, float, bool]]) -> float:
    return sum(size * LINE for _, size, _ in texts)


def _stack(
    texts: list[tuple[str, float, bool]], x: float, rect: Rect, ink: Colour, *, centred: bool
) -> tuple[Line, ...]:
    y = rect.y + (rect.height - _height(texts)) / 2
    lines = []
    for text, size, bold in texts:
        lines.append(Line(text, x, y + size * LINE / 2, size, ink, bold=bold, centred=centred))
        y += size * LINE
    return tuple(lines)


def row(
    choices: tuple[Choice, ...], rect: Rect, look: Look, group: str, sizes: tuple[float, ...]
) -> tuple[Placed, ...] | None:
    """Side by side, each as wide as its words need, all of one size: the first at which all fit."""
    for size in sizes:
        widths = _widths(choices, rect, size, look)
        placed = _in_row(choices, widths, rect, size, look, group) if widths else None
        if placed is not None:
            return placed
    return None


def column(
    choices: tuple[Choice, ...], rect: Rect, look: Look, group: str, sizes: tuple[float, ...]
) -> tuple[Placed, ...]:
    """One below the other, of one size and height. Where nothing fits, all the same: the lint finds it."""
    high = (rect.height - GAP * (len(choices) - 1)) / len(choices)
    cells = [Rect(rect.x, rect.y + n * (high + GAP), rect.width, high) for n in range(len(choices))]
    for size in sizes:
        drawn = [box(c, cell, size, look, group) for c, cell in zip(choices, cells, strict=True)]
        if all(drawn):
            return tuple(one for some in drawn if some for one in some)
    return tuple(_squeezed(c, cell, look, group) for c, cell in zip(choices, cells, strict=True))


def _widths(choices: tuple[Choice, ...], rect: Rect, size: float, look: Look) -> list[float] | None:
    """What each needs at least, and the rest shared evenly; None where they do not fit."""
    needed = [max(theme.TARGET, _needed(choice, rect.height, size, look)) for choice in choices]
    rest = rect.width - sum(needed) - GAP * (len(choices) - 1)
    return None if rest < 0 else [one + rest / len(choices) for one in needed]


def _needed(choice: Choice, height: float, size: float, look: Look) -> float:
    """In as few lines as can be; two, where one would be very long."""
    lead = size * 1.6 if choice.icon else 0.0
    if choice.role not in CENTRED:
        lead = min(BADGE, height - 2 * TIGHT, size * 1.9) + PAD if _lead(choice) else 0.0
    small = min(look.scale.small, size)
    whole = look.measure(choice.text, size, True)
    lines = max(1, int((height - 2 * TIGHT - len(choice.detail) * small * LINE) / (size * LINE)))
    widest = max(
        (
            look.measure(line, size, True)
            for line in look.wrap(choice.text, max(whole / lines * 1.25, size * 3), size, bold=True)
        ),
        default=0.0,
    )
    details = max((look.measure(text, small, False) for text in choice.detail), default=0.0)
    return max(widest, details) + lead + 2 * PAD + 0.5


def _in_row(
    choices: tuple[Choice, ...],
    widths: list[float],
    rect: Rect,
    size: float,
    look: Look,
    group: str,
) -> tuple[Placed, ...] | None:
    x = rect.x
    placed: list[Placed] = []
    for choice, width in zip(choices, widths, strict=True):
        drawn = box(choice, Rect(x, rect.y, width, rect.height), size, look, group)
        if drawn is None:
            return None
        placed += drawn
        x += width + GAP
    return tuple(placed)


def _squeezed(choice: Choice, rect: Rect, look: Look, group: str) -> Placed:
    pair, size = pair_of(choice, look.palette), look.scale.small
    x, y = rect.x + rect.width / 2, rect.y + rect.height / 2
    words = Line(choice.text, x, y, size, pair.ink, centred=True)
    return Placed(
        choice.key,
        rect,
        pair.ground,
        pair.ink,
        pair.pressed,
        pair.edge,
        lines=(words,),
        choice=choice,
        group=group,
    )
