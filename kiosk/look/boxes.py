"""How a choice looks in its box: icon or badge, words, second lines. None where they do not fit at this size."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from kiosk.look import icons, theme
from kiosk.look.placed import Line, Placed, Rect
from kiosk.look.theme import GAP, LINE, Colour, Pair, Palette, Scale
from kiosk.look.wrap import count, lines_of, widest
from kiosk.screens.page import Choice, Role

Measure = Callable[[str, float, bool], float]  # a text at a size, bold or not: mm
Drawn = tuple[tuple[Line, ...], tuple[Placed, ...]]  # lines, and the badge beside them
Words = tuple[str, float, bool]  # one line: text, size, bold

CENTRED = (Role.MAIN, Role.PLAIN, Role.KEY)
TIGHT = 1.0  # around a badge
LEADING = 0.25  # above and below words, which have some of their own
BETWEEN = "  ·  "  # two details in one line
MOST_LINES = 4
ICON = 1.6  # room of an icon before words, in letter sizes
DISC = 1.9  # diameter of a badge, in letter sizes
FACE_LINES = 2
FACE = 2.6  # of the face above the words of a score
EM = 4  # a box for a score that is narrower than so many letters has its face above its words


@dataclass(frozen=True, slots=True)
class Look:
    """What all of one screen have in common."""

    palette: Palette
    scale: Scale
    measure: Measure
    _widest: dict[tuple[str, float, bool], float] = field(default_factory=dict, compare=False)
    _wrapped: dict[tuple[str, float, float, bool], list[str]] = field(
        default_factory=dict, compare=False
    )
    fitted: dict[tuple[object, ...], list[Words] | None] = field(
        default_factory=dict, compare=False
    )

    def wrap(self, text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
        """Lines; asked again, which it often is while a place is sought, it remembers them."""
        key = (text, width, size, bold)
        if key not in self._wrapped:
            self._wrapped[key] = lines_of(text, width, lambda one: self.measure(one, size, bold))
        return self._wrapped[key]

    def count(self, text: str, width: float, size: float, *, bold: bool) -> int:
        """Of lines."""
        return count(text, width, lambda one: self.measure(one, size, bold))

    def widest(self, text: str, size: float, bold: bool) -> float:
        """Of its words."""
        key = (text, size, bold)
        if key not in self._widest:
            self._widest[key] = widest(text, lambda one: self.measure(one, size, bold))
        return self._widest[key]


def box(
    choice: Choice, rect: Rect, size: float, look: Look, group: str
) -> tuple[Placed, ...] | None:
    """The box, and its badge above it."""
    pair = pair_of(choice, look.palette)
    drawn = _drawing(choice, rect, size)(choice, rect, size, look, pair)
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
        thick=theme.THICK if choice.chosen else theme.EDGE,
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


def bare(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Without icons, where they leave the words no room."""
    return tuple(replace(one, icon="") if one.role in CENTRED else one for one in choices)


def row(
    choices: tuple[Choice, ...],
    widths: list[float],
    rect: Rect,
    size: float,
    look: Look,
    group: str,
) -> tuple[Placed, ...] | None:
    """Side by side. None where one does not fit."""
    if min(widths) < theme.TARGET - 1e-6:
        return None
    x, placed = rect.x, list[Placed]()
    for choice, width in zip(choices, widths, strict=True):
        drawn = box(choice, Rect(x, rect.y, width, rect.height), size, look, group)
        if drawn is None:
            return None
        placed += drawn
        x += width + GAP
    return tuple(placed)


def column(
    choices: tuple[Choice, ...], rect: Rect, size: float, look: Look, group: str
) -> tuple[Placed, ...] | None:
    """One below the other, of one height. None where one does not fit."""
    high = (rect.height - GAP * (len(choices) - 1)) / len(choices)
    placed: list[Placed] = []
    for n, choice in enumerate(choices):
        where = Rect(rect.x, rect.y + n * (high + GAP), rect.width, high)
        drawn = box(choice, where, size, look, group)
        if drawn is None:
            return None
        placed += drawn
    return tuple(placed)


def squeezed(choices: tuple[Choice, ...], rect: Rect, look: Look, group: str) -> tuple[Placed, ...]:
    """Where nothing fits: all the same there, to be touched. The lint finds it."""
    high, size = rect.height / len(choices), look.scale.small
    placed = []
    for n, choice in enumerate(choices):
        where, pair = Rect(rect.x, rect.y + n * high, rect.width, high), look.palette.off
        middle = (where.x + where.width / 2, where.y + high / 2)
        words = Line(choice.text, *middle, size, pair.ink, centred=True)
        box_ = Placed(choice.key, where, pair.ground, pair.ink, lines=(words,), choice=choice)
        placed.append(replace(box_, group=group))
    return tuple(placed)


def needed(choice: Choice, size: float, look: Look) -> float:
    """Width in one line."""
    lead = size * ICON if choice.icon and choice.text else 0.0
    words = look.measure(choice.text, size, True)
    details = [look.measure(text, small(size, look), False) for text in choice.detail]
    return max([words + lead, *details]) + 2 * look.scale.pad + 0.1


def height(choice: Choice, width: float, size: float, look: Look) -> float | None:
    """That a tile of words alone needs; None where one of them is wider."""
    texts = _texts(choice, width - 2 * look.scale.pad, size, look)
    return None if texts is None else max(theme.TARGET, _height(texts) + 2 * LEADING)


def small(size: float, look: Look) -> float:
    """Of second lines beside words of this size."""
    return min(look.scale.small, size)


def _drawing(
    choice: Choice, rect: Rect, size: float
) -> Callable[[Choice, Rect, float, Look, Pair], Drawn | None]:
    if choice.role is Role.SCORE and rect.width < size * EM * 2:
        return _below_face
    return _centred if choice.role in CENTRED else _left


def _centred(choice: Choice, rect: Rect, size: float, look: Look, pair: Pair) -> Drawn | None:
    """Words and their icon in the middle, together."""
    icon = size * ICON if choice.icon and choice.text else 0.0
    pad = TIGHT / 2 if choice.role is Role.KEY else look.scale.pad
    texts = _texts(choice, rect.width - 2 * pad - icon, size, look)
    if texts is None or _height(texts) > rect.height - 2 * LEADING:
        return None
    x, y = rect.x + rect.width / 2, rect.y + rect.height / 2
    if not texts:
        return (Line(choice.icon, x, y, size, pair.ink, centred=True, icon=True),), ()
    words = [text for text in texts if text[2]]
    lines = tuple(
        replace(line, x=x + icon / 2) if line.bold else line
        for line in _stack(texts, x, y, pair.ink, centred=True)
    )
    if icon:
        widest = max(look.measure(*text) for text in words)
        at, middle = x - widest / 2, (lines[0].y + lines[len(words) - 1].y) / 2
        lines = (*lines, Line(choice.icon, at, middle, size, pair.ink, centred=True, icon=True))
    return lines, ()


def _below_face(choice: Choice, rect: Rect, size: float, look: Look, pair: Pair) -> Drawn | None:
    texts = _texts(choice, rect.width - 2 * TIGHT, size, look)
    face = min(size * FACE, rect.width * 0.8)
    if (
        texts is None
        or len(texts) > FACE_LINES
        or _height(texts) + face * 1.3 > rect.height - 2 * LEADING
    ):
        return None
    x, free = rect.x + rect.width / 2, rect.height - face - FACE_LINES * size * LINE
    top = rect.y + free * 0.42
    icon = Line(choice.icon, x, top + face / 2, face, pair.ink, centred=True, icon=True)
    middle = top + face + free * 0.16 + _height(texts) / 2
    return (icon, *_stack(texts, x, middle, pair.ink, centred=True)), ()


def _left(choice: Choice, rect: Rect, size: float, look: Look, pair: Pair) -> Drawn | None:
    """A badge, and words beside it, from the left."""
    lead, pad = _lead(choice), look.scale.pad
    side = min(rect.height - 2 * TIGHT, size * DISC) if lead else 0.0
    start = rect.x + pad + (side + pad if lead else 0.0)
    texts = _texts(choice, rect.right - pad - start, size, look)
    if texts is None or _height(texts) > rect.height - 2 * LEADING:
        return None
    lines = _stack(texts, start, rect.y + rect.height / 2, pair.ink, centred=False)
    if not lead:
        return lines, ()
    where = Rect(rect.x + pad, rect.y + (rect.height - side) / 2, side, side)
    return lines, (_badge(choice, lead, where, look, pair),)


def _lead(choice: Choice) -> str:
    if choice.role is Role.CHIP and not choice.icon:
        return icons.DONE if choice.chosen else " "
    return choice.badge or choice.icon


def _badge(choice: Choice, lead: str, where: Rect, look: Look, pair: Pair) -> Placed:
    """A disc with a letter or icon; for what may be chosen with others, a box with a tick."""
    tick = choice.role is Role.CHIP and not choice.icon
    usual = look.palette.badge
    if tick or choice.chosen or choice.does is None:
        usual = Pair(pair.ground, pair.ink, pair.ground, pair.ink)
    letter = Line(
        lead,
        where.x + where.width / 2,
        where.y + where.height / 2,
        where.width * 0.52,
        usual.ink,
        bold=True,
        centred=True,
        icon=not choice.badge,
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


def _texts(choice: Choice, room: float, size: float, look: Look) -> list[Words] | None:
    """Lines with size and weight; None where they do not fit the width, or are too many. Remembered: while a place is
    sought, the height changes more often than the width."""
    key = (choice.text, choice.detail, choice.longest, room, size)
    if key not in look.fitted:
        look.fitted[key] = _fitted(choice, room, size, look)
    return look.fitted[key]


def _fitted(choice: Choice, room: float, size: float, look: Look) -> list[Words] | None:
    least = small(size, look)
    pieces = [
        (choice.text, size, True),
        *((text, least, False) for text in (*choice.detail, *choice.longest)),
    ]
    if any(look.widest(*piece) > room for piece in pieces):
        return None
    words = look.wrap(choice.text, room, size, bold=True) if choice.text else []
    details = _details(choice.detail, room, least, look)
    texts = [(line, size, True) for line in words] + [(line, least, False) for line in details]
    if len(words) > MOST_LINES:
        return None
    reserved = len(_details(choice.longest, room, least, look)) - len(details)
    return texts + [("", least, False)] * max(0, reserved)


def _details(details: tuple[str, ...], room: float, size: float, look: Look) -> list[str]:
    """In one line, if all of them have room in it."""
    joined = BETWEEN.join(details)
    if len(details) > 1 and look.measure(joined, size, False) <= room:
        return [joined]
    return [line for text in details for line in look.wrap(text, room, size)]


def _height(texts: list[Words]) -> float:
    return sum(size * LINE for _, size, _ in texts)


def _stack(
    texts: list[Words], x: float, middle: float, ink: Colour, *, centred: bool
) -> tuple[Line, ...]:
    shown = [text for text in texts if text[0]]
    y = middle - _height(shown) / 2
    lines = []
    for text, size, bold in shown:
        lines.append(Line(text, x, y + size * LINE / 2, size, ink, bold=bold, centred=centred))
        y += size * LINE
    return tuple(lines)
