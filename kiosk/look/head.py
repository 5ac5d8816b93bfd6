"""The top of every screen: the bank, the branch and the time; where we are, what this is, and what has just happened."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kiosk.journey.events import StaffAsked
from kiosk.look import blocks
from kiosk.look.boxes import Look
from kiosk.look.panel import Panel
from kiosk.look.placed import Line, Placed, Rect, lines_at
from kiosk.look.theme import GAP, LINE
from kiosk.screens.page import Frame, Page, Steps, Text

SLIM = 2.4  # the bar of steps
Words = tuple[str, float, bool]  # text, size, bold

CLOCK = 4.0  # room for the time, in letters
PROGRESS = 0.3  # of the width, beside its words


def header(frame: Frame, panel: Panel, look: Look) -> list[Placed]:
    """Held for long, it opens the maintenance. On a compact panel it also has the steps, on a slim one also the title."""
    scale, ink, page = look.scale, look.palette.header.ink, frame.page
    steps = page.steps if panel.compact else None
    rect = Rect(0, 0, panel.width, scale.header)
    x, lines = rect.right - scale.margin, list[Line]()
    for words in _right(frame, steps, panel, look):
        x -= look.measure(*words)
        lines.append(Line(words[0], x, rect.height / 2, words[1], ink, bold=words[2]))
        x -= 2 * GAP
    left = [(frame.bank, scale.body, True), (frame.branch, scale.body, False)]
    if in_header(page, panel, look):
        left = [_in_one_line(page.title, x - scale.margin, look)]
    lines += _from_left(left, scale.margin, x, rect.height / 2, look)
    ground = look.palette.header.ground
    placed = Placed("header", rect, ground, ink, lines=tuple(lines), hold=StaffAsked())
    slim = Rect(0, rect.height, rect.width, SLIM)
    return [placed, _progress(steps, slim, look)] if steps else [placed]


def in_header(page: Page, panel: Panel, look: Look) -> bool:
    """Whether a small panel has the title there: where it has room in one line."""
    room = panel.width - 2 * look.scale.margin - look.scale.body * CLOCK
    return (
        panel.slim and bool(page.title) and look.measure(page.title, look.scale.body, True) <= room
    )


def _right(frame: Frame, steps: Steps | None, panel: Panel, look: Look) -> list[Words]:
    """The time; beside a title the steps in words, and the bank's name, where they have room."""
    scale, clock = look.scale, (frame.clock, look.scale.body, True)
    words = [(steps.text, scale.small, False)] if steps else []
    if not in_header(frame.page, panel, look):
        return [clock, *words]
    shown, room = [clock], panel.width - 2 * scale.margin - look.measure(*clock)
    room -= look.measure(frame.page.title, scale.body if steps else scale.title, True)
    for more in (*words, (frame.bank, scale.body, True)):
        room -= look.measure(*more) + 2 * GAP
        if room < 2 * GAP:
            break
        shown.append(more)
    return shown


def _in_one_line(title: str, room: float, look: Look) -> Words:
    """As large as fits."""
    scale = look.scale
    sizes = (scale.title, (scale.title + scale.body) / 2, scale.body)
    return (
        title,
        next((s for s in sizes if look.measure(title, s, True) <= room), sizes[-1]),
        True,
    )


def _from_left(
    texts: Iterable[tuple[str, float, bool]], x: float, end: float, middle: float, look: Look
) -> list[Line]:
    """As many as have room."""
    lines = []
    for text, size, bold in texts:
        wide = look.measure(text, size, bold)
        if text and x + wide <= end:
            lines.append(Line(text, x, middle, size, look.palette.header.ink, bold=bold))
            x += wide + 2 * GAP
    return lines


def _progress(steps: Steps, rect: Rect, look: Look) -> Placed:
    ground, ink = look.palette.wait.ground, look.palette.main.ground
    return Placed("progress", rect, ground, ink, bar=steps.step / steps.of)


@dataclass(frozen=True, slots=True)
class Head:
    """Steps, title and slot of a page; they end at `bottom`, and at `reserved` with the longest notice there can be.
    No word of them is `broken` because the place is too narrow."""

    placed: list[Placed]
    bottom: float
    reserved: float
    broken: bool


def head(frame: Frame, panel: Panel, rect: Rect, look: Look, *, hinted: bool = True) -> Head:
    """Below the title what has just happened, or else a hint: in one place, so that nothing moves under a finger."""
    page, placed, y = frame.page, list[Placed](), rect.y
    if page.steps is not None and not panel.compact:
        placed += _steps(page.steps, rect, look)
        y = placed[-1].rect.bottom + GAP
    if page.title and not in_header(page, panel, look):
        placed.append(_title(page.title, rect, y, look))
        y = placed[-1].rect.bottom + GAP
    slot = _slot(page, rect, y, look, hinted=hinted)
    placed += [slot] if slot else []
    bottom = slot.rect.bottom + GAP if slot else y
    hint = _slot(replace(page, notice=None), rect, y, look, hinted=hinted)
    size = blocks.notice_size(page.notice, look)
    reserved = y + _reserved(frame.may_be_told, rect, size, look)
    broken = look.widest(page.title, look.scale.title, True) > rect.width
    room = blocks.notice_room(rect.width, size, look)
    narrow = any(look.widest(text, size, True) > room for text in frame.may_be_told)
    ends = [bottom, reserved, *([hint.rect.bottom + GAP] if hint else [])]
    return Head(placed, bottom, max(ends), broken or narrow)


def _reserved(may_be_told: tuple[str, ...], rect: Rect, size: float, look: Look) -> float:
    """Height of the highest notice there can be, with the gap below it."""
    if not may_be_told:
        return 0.0
    room = blocks.notice_room(rect.width, size, look)
    lines = max(look.count(text, room, size, bold=True) for text in may_be_told)
    return lines * size * LINE + 2 * look.scale.pad + GAP


def _slot(page: Page, rect: Rect, y: float, look: Look, *, hinted: bool) -> Placed | None:
    if page.notice is not None:
        return blocks.notice(page.notice, rect.x, y, rect.width, look)
    hint = next((one for one in page.blocks if isinstance(one, Text) and one.quiet), None)
    if hint is None or not hinted:
        return None
    high = blocks.sized(hint, rect.width, look).least
    (placed,) = blocks.place(hint, Rect(rect.x, y, rect.width, high), look)
    return placed


def _steps(steps: Steps, rect: Rect, look: Look) -> list[Placed]:
    """In words, and as a bar."""
    size, ink = look.scale.small, look.palette.page.ink
    words = Line(steps.text, rect.x, rect.y + size * LINE / 2, size, ink)
    width = min(rect.width, look.measure(steps.text, size, False) + 2 * GAP)
    line = Placed("steps", Rect(rect.x, rect.y, width, size * LINE), lines=(words,))
    y = rect.y + (size * LINE - SLIM) / 2
    long = min(rect.width - width, rect.width * PROGRESS)
    return [_progress(steps, Rect(rect.x + width, y, long, SLIM), look), line]


def _title(title: str, rect: Rect, y: float, look: Look) -> Placed:
    size, ink = look.scale.title, look.palette.page.ink
    texts = look.wrap(title, rect.width, size, bold=True)
    lines = lines_at(texts, rect.x, y, size, ink, bold=True)
    return Placed("title", Rect(rect.x, y, rect.width, len(texts) * size * LINE), lines=lines)
