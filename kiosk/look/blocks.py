"""What is said on a page, one below the other; what can be larger takes the room that is left."""

from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.look import code, facts, icons, theme
from kiosk.look.boxes import Look
from kiosk.look.placed import Line, Placed, Rect, lines_at
from kiosk.look.theme import GAP, LINE, Pair
from kiosk.screens.page import (
    Block,
    Entry,
    Facts,
    Items,
    Mirror,
    Notice,
    Number,
    Picture,
    Qr,
    Sheet,
    Text,
)

SMALLEST_NUMBER = 20.0
FIELD = 1.75  # height of a field, in its letters
PICTURE = (18.0, 64.0)
MIRROR = (28.0, 190.0)
MIRROR_SIDES = 4 / 3  # of a camera's picture
SHEET = (20.0, 90.0)


@dataclass(frozen=True, slots=True)
class Sized:
    """How high it must be at least, and would be at most; nothing is lost without it where it may be left out."""

    block: Block
    least: float
    most: float
    may_go: bool = False


def sized(block: Block, width: float, look: Look) -> Sized:
    scale = look.scale
    match block:
        case Text():
            high = _paragraph(block, width, look)
            return Sized(block, high, high, block.quiet)
        case Number():
            title = scale.body * LINE
            return Sized(block, title + SMALLEST_NUMBER * 1.15, title + scale.number * 1.15)
        case Facts():
            high = facts.height(block, width, look)
            return Sized(block, high, high)
        case Items():
            high = len(_item_lines(block, width, look)) * scale.body * LINE + 2 * look.scale.pad
            return Sized(block, high, high)
        case Qr():
            return Sized(block, *code.heights(block, width, look))
        case Picture():
            least, most = PICTURE
            return Sized(block, least, min(most, width / len(block.icons) - 2 * GAP), may_go=True)
        case Mirror():
            least, most = MIRROR
            return Sized(block, least, max(least, min(most, width / MIRROR_SIDES)))
        case Entry():
            hint = len(look.wrap(block.hint, width, scale.small)) * scale.small * LINE
            return Sized(block, hint + scale.key * FIELD, hint + scale.key * FIELD)
        case Sheet():
            hint = len(look.wrap(block.hint, width - 2 * scale.pad, scale.small)) + 0.5
            return Sized(block, max(SHEET[0], hint * scale.small * LINE), SHEET[1])


def least(blocks: Iterable[Sized]) -> float:
    """Height of them all, with the gaps between."""
    heights = [one.least for one in blocks]
    return sum(heights) + GAP * max(0, len(heights) - 1)


def room_for(blocks: list[Sized], room: float) -> list[tuple[Sized, float]]:
    """Each with its height; where there is too little, what may go goes, the last first."""
    kept = list(blocks)
    while least(kept) > room and any(one.may_go for one in kept):
        kept.remove([one for one in kept if one.may_go][-1])
    spare = max(0.0, room - least(kept))
    heights = []
    for one in kept:
        more = min(spare, one.most - one.least)
        spare -= more
        heights.append((one, one.least + more))
    return heights


def place(block: Block, rect: Rect, look: Look, *, centred: bool = False) -> list[Placed]:
    match block:
        case Text():
            return [_text(block, rect, look, centred=centred)]
        case Number():
            return [_number(block, rect, look)]
        case Facts():
            return facts.place(block, rect, look)
        case Items():
            return [_items(block, rect, look)]
        case Qr():
            return code.place(block, rect, look)
        case Picture():
            return _picture(block, rect, look)
        case Mirror():
            return [_mirror(block, rect, look)]
        case Entry():
            return _entry(block, rect, look)
        case Sheet():
            return _sheet(block, rect, look)


def notice(told: Notice, x: float, y: float, width: float, look: Look) -> Placed:
    """As high as its words need."""
    pair = _notice_pair(told, look)
    size = notice_size(told, look)
    sign = _sign(told)
    room = notice_room(width, size, look)
    start = x + width - look.scale.pad - room
    lines = look.wrap(told.text, room, size, bold=True)
    high = len(lines) * size * LINE + 2 * look.scale.pad
    mark = Line(
        sign,
        x + look.scale.pad + size * 0.7,
        y + high / 2,
        size * 1.1,
        pair.ink,
        centred=True,
        icon=True,
    )
    words = lines_at(lines, start, y + look.scale.pad, size, pair.ink, bold=True)
    return Placed(
        "notice",
        Rect(x, y, width, high),
        pair.ground,
        pair.ink,
        edge=pair.edge,
        lines=(mark, *words),
    )


def notice_size(told: Notice | None, look: Look) -> float:
    """Of its letters."""
    return look.scale.large if told is not None and told.large else look.scale.body


def notice_room(width: float, size: float, look: Look) -> float:
    """For its words in letters of this size, beside its icon."""
    return width - 2 * look.scale.pad - size * 1.9


def _notice_pair(told: Notice, look: Look) -> Pair:
    if told.warning:
        return look.palette.warn
    return look.palette.good if told.good else look.palette.wait


def _sign(told: Notice) -> str:
    if told.icon:
        return told.icon
    if told.waiting:
        return icons.WAIT
    if told.warning:
        return icons.WARNING
    return icons.DONE if told.good else icons.TOLD


def text_size(block: Text, look: Look) -> float:
    return look.scale.large if block.large else look.scale.body


def _paragraph(block: Text, width: float, look: Look) -> float:
    size = text_size(block, look)
    return len(look.wrap(block.text, width, size, bold=block.large)) * size * LINE


def _text(block: Text, rect: Rect, look: Look, *, centred: bool) -> Placed:
    size, page = text_size(block, look), look.palette.page
    texts = look.wrap(block.text, rect.width, size, bold=block.large)
    x = rect.x + rect.width / 2 if centred else rect.x
    lines = lines_at(texts, x, rect.y, size, page.ink, bold=block.large, centred=centred)
    return Placed("text", rect, lines=lines)


def _number(block: Number, rect: Rect, look: Look) -> Placed:
    """In the middle, as large as fits."""
    ink, title = look.palette.page.ink, look.scale.body
    room = rect.height - title * LINE
    most = min(look.scale.number, room / 1.15)
    fitting = (
        step
        for step in reversed(theme.STEPS)
        if step <= most and look.measure(block.text, step, True) <= rect.width * 0.96
    )
    size = next(fitting, theme.STEPS[0])
    middle = rect.x + rect.width / 2
    lines = (
        Line(block.title, middle, rect.y + title * LINE / 2, title, ink, centred=True),
        Line(
            block.text, middle, rect.y + title * LINE + room / 2, size, ink, bold=True, centred=True
        ),
    )
    return Placed("number", rect, lines=lines)


def _item_lines(block: Items, width: float, look: Look) -> list[tuple[str, bool]]:
    size, room = look.scale.body, width - 2 * look.scale.pad
    title = (
        [(line, True) for line in look.wrap(block.title, room, size, bold=True)]
        if block.title
        else []
    )
    return title + [
        (line, False) for item in block.lines for line in look.wrap(f"· {item}", room, size)
    ]


def _items(block: Items, rect: Rect, look: Look) -> Placed:
    card, size = look.palette.card, look.scale.body
    lines = tuple(
        Line(
            text,
            rect.x + look.scale.pad,
            rect.y + look.scale.pad + (n + 0.5) * size * LINE,
            size,
            card.ink,
            bold=bold,
        )
        for n, (text, bold) in enumerate(_item_lines(block, rect.width, look))
    )
    return Placed("items", rect, card.ground, card.ink, edge=card.edge, lines=lines)


def _picture(block: Picture, rect: Rect, look: Look) -> list[Placed]:
    """Each icon on a disc, side by side."""
    wait, side = look.palette.wait, rect.height
    all_ = side * len(block.icons) + GAP * 2 * (len(block.icons) - 1)
    x = rect.x + (rect.width - all_) / 2
    placed = []
    for icon in block.icons:
        where = Rect(x, rect.y, side, side)
        line = Line(
            icon, x + side / 2, rect.y + side / 2, side * 0.5, wait.ink, centred=True, icon=True
        )
        placed.append(
            Placed(
                "picture", where, wait.ground, wait.ink, edge=wait.edge, lines=(line,), round=True
            )
        )
        x += side + GAP * 2
    return placed


def _mirror(block: Mirror, rect: Rect, look: Look) -> Placed:
    """In the middle, in the shape of the camera's picture."""
    width = min(rect.width, rect.height * MIRROR_SIDES)
    high = width / MIRROR_SIDES
    x, y = rect.x + (rect.width - width) / 2, rect.y + (rect.height - high) / 2
    pair = look.palette.wait
    return Placed(
        "mirror",
        Rect(x, y, width, high),
        pair.ground,
        pair.ink,
        edge=pair.edge,
        mirror=block.progress,
    )


def _entry(block: Entry, rect: Rect, look: Look) -> list[Placed]:
    """What was typed, in a field under its hint; one thing to whoever reaches it. A field that is wrong has other colours; the notice says why."""
    scale, pair = look.scale, look.palette.warn if block.wrong else look.palette.card
    hint = look.wrap(block.hint, rect.width, scale.small)
    y = rect.y + len(hint) * scale.small * LINE
    field = Rect(rect.x, y, rect.width, rect.bottom - y)
    shown = "●" * len(block.text) if block.masked else block.text
    edge = pair.edge or look.palette.tile.edge
    typed = Line(
        shown or "–",
        field.x + field.width / 2,
        field.y + field.height / 2,
        scale.key * 1.2,
        pair.ink,
        bold=True,
        centred=True,
    )
    return [
        Placed(
            "entry",
            Rect(rect.x, rect.y, rect.width, y - rect.y),
            lines=lines_at(hint, rect.x, rect.y, scale.small, look.palette.page.ink),
        ),
        Placed("entry", field, pair.ground, pair.ink, edge=edge, lines=(typed,)),
    ]


def _sheet(block: Sheet, rect: Rect, look: Look) -> list[Placed]:
    card, size = look.palette.card, look.scale.small
    hint = look.wrap(block.hint, rect.width - 2 * look.scale.pad, size)
    lines = (
        ()
        if block.strokes
        else lines_at(
            hint, rect.x + look.scale.pad, rect.y + look.scale.pad, size, look.palette.quiet.ink
        )
    )
    return [
        Placed(
            "sheet",
            rect,
            card.ground,
            card.ink,
            edge=look.palette.tile.edge,
            lines=lines,
            sheet=True,
            strokes=block.strokes,
        )
    ]
