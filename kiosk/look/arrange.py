"""Where everything of a screen stands: (frame, panel, comfort) -> boxes. Pure; the same for the window and the tests.

From the top: the header, where we are and what this is, what has just happened, what is said, what can be touched, what
leads on; at the bottom, everywhere, the languages, how it is read, and a person. On a wide panel what is touched stands
beside what is said; for a customer who cannot reach up, everything to touch is in the lower part.
"""

from dataclasses import replace

from kiosk.journey.events import StaffAsked
from kiosk.journey.step import Comfort
from kiosk.look import blocks, theme
from kiosk.look.boxes import Look, Measure, box, column, row
from kiosk.look.page_places import PagePlaces
from kiosk.look.panel import Panel
from kiosk.look.placed import Line, Placed, Rect
from kiosk.look.theme import GAP, LINE
from kiosk.screens.page import Choice, Frame, Page, Role

LOWER = 0.45  # of the panel: what somebody in a wheelchair reaches on a tall one
WIDEST_QUESTION = 240.0
TIGHT_MARGIN = 6.0
HIGHEST_SIDE = 34.0  # a button of the bar on the right, with its gap
BAR = 22.0  # height of its buttons: two lines


def arrange(frame: Frame, panel: Panel, comfort: Comfort, measure: Measure) -> tuple[Placed, ...]:
    """All boxes, the lowest first."""
    look = Look(theme.PALETTES[comfort.theme], theme.scale(panel, large=comfort.large), measure)
    everything = Rect(0, 0, panel.width, panel.height)
    header = _header(frame, everything, look)
    bar, free = _bar(frame.bar, everything, header.rect.bottom, look, wide=panel.wide)
    margin = look.scale.margin
    body = Rect(
        margin, free.y + margin * 0.6, free.width - 2 * margin, free.height - margin * 0.6 - GAP
    )
    low = panel.height * (1 - LOWER) if comfort.low and panel.tall else None
    page = PagePlaces(frame, look).place(body, low, wide=panel.wide)
    placed = (header, *page, *bar)
    if frame.over is None:
        return placed
    return (
        *(replace(one, choice=None, hold=None, sheet=False) for one in placed),
        *_question(frame.over, everything, low, look),
    )


def _header(frame: Frame, everything: Rect, look: Look) -> Placed:
    """The bank, the branch and the time. Held for long, it opens the maintenance."""
    pair, scale = look.palette.header, look.scale
    rect = Rect(0, 0, everything.width, max(scale.header, scale.body * LINE + 4))
    middle, size = rect.height / 2, scale.body
    clock = look.measure(frame.clock, size, True)
    lines = [
        Line(frame.clock, rect.right - scale.margin - clock, middle, size, pair.ink, bold=True)
    ]
    x, room = scale.margin, rect.width - 3 * scale.margin - clock
    for text, bold in ((frame.bank, True), (frame.branch, False)):
        wide = look.measure(text, size, bold)
        if text and wide <= room:
            lines.append(Line(text, x, middle, size, pair.ink, bold=bold))
            x, room = x + wide + 2 * GAP, room - wide - 2 * GAP
    return Placed("header", rect, pair.ground, pair.ink, lines=tuple(lines), hold=StaffAsked())


def _bar(
    choices: tuple[Choice, ...], everything: Rect, top: float, look: Look, *, wide: bool
) -> tuple[list[Placed], Rect]:
    """At the bottom in one row, or, where that is too narrow, in two, the languages above; on a wide panel on the right,
    one below the other. Its boxes, and the room that is left."""
    margin, sizes = look.scale.margin, (look.scale.bar,)
    free = Rect(0, top, everything.width, everything.bottom - top)
    if wide:
        return _side(choices, free, look)
    rect = Rect(margin, free.bottom - GAP - BAR, free.width - 2 * margin, BAR)
    placed = row(choices, rect, look, "bar", sizes)
    if placed is None:
        upper = Rect(rect.x, rect.y - GAP - BAR, rect.width, BAR)
        placed = _two_rows(choices, upper, rect, look)
        rect = upper
    ground = Rect(0, rect.y - GAP, free.width, free.bottom - rect.y + GAP)
    return [_ground(ground, look), *placed], Rect(0, top, free.width, ground.y - top)


def _two_rows(
    choices: tuple[Choice, ...], upper: Rect, lower: Rect, look: Look
) -> tuple[Placed, ...]:
    sizes = (look.scale.bar,)
    languages = tuple(one for one in choices if one.role is Role.KEY)
    others = tuple(one for one in choices if one.role is not Role.KEY)
    above = row(languages, upper, look, "bar", sizes) or column(
        languages, upper, look, "bar", sizes
    )
    below = (
        (row(others, lower, look, "bar", sizes) or column(others, lower, look, "bar", sizes))
        if others
        else ()
    )
    return (*above, *below)


def _side(choices: tuple[Choice, ...], free: Rect, look: Look) -> tuple[list[Placed], Rect]:
    gap = GAP if look.scale.margin > TIGHT_MARGIN else GAP * 0.75
    width = look.scale.side
    ground = Rect(free.right - width, free.y, width, free.height)
    high = min(HIGHEST_SIDE * len(choices), free.height - 2 * gap)
    rect = Rect(ground.x + gap, free.bottom - gap - high, width - 2 * gap, high)
    placed = column(choices, rect, look, "bar", (look.scale.bar,))
    return [_ground(ground, look), *placed], Rect(0, free.y, free.width - width, free.height)


def _ground(rect: Rect, look: Look) -> Placed:
    """The bar's own ground, so that it reads as one thing."""
    pair = look.palette.wait
    return Placed("bar", rect, pair.ground, pair.ink)


def _question(page: Page, everything: Rect, low: float | None, look: Look) -> list[Placed]:
    """Over everything else, which cannot be touched meanwhile."""
    scale, margin = look.scale, look.scale.margin
    width = min(everything.width - 2 * margin, WIDEST_QUESTION)
    inner = width - 2 * margin
    said = [blocks.sized(block, inner, look) for block in page.blocks]
    title = look.wrap(page.title, inner, scale.title, bold=True)
    text_high = len(title) * scale.title * LINE + GAP + blocks.least(said)
    row_high = max(24.0, theme.TARGET)
    high = text_high + 3 * margin + len(page.choices) * (row_high + GAP) - GAP
    top = (everything.height - high) / 2
    if low is not None:
        top = everything.height - high - margin
    card = Rect((everything.width - width) / 2, max(margin, top), width, high)
    pair = look.palette.card
    x, y = card.x + margin, card.y + margin
    placed = [
        Placed("veil", everything, look.palette.veil),
        Placed("question", card, pair.ground, pair.ink, edge=pair.edge or look.palette.tile.edge),
        Placed(
            "title",
            Rect(x, y, inner, len(title) * scale.title * LINE),
            lines=tuple(
                Line(text, x, y + (n + 0.5) * scale.title * LINE, scale.title, pair.ink, bold=True)
                for n, text in enumerate(title)
            ),
        ),
    ]
    y += len(title) * scale.title * LINE + GAP
    for one in said:
        placed += blocks.place(one.block, Rect(x, y, inner, one.least), look)
        y += one.least + GAP
    y = card.bottom - margin - len(page.choices) * (row_high + GAP) + GAP
    for choice in page.choices:
        drawn = box(choice, Rect(x, y, inner, row_high), scale.tiles[-1], look, "question")
        placed += drawn or ()
        y += row_high + GAP
    return placed
