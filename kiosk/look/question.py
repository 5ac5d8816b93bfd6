"""A question over everything else, which cannot be touched meanwhile."""

from kiosk.look import blocks, theme
from kiosk.look.boxes import Look, column, squeezed
from kiosk.look.placed import Line, Placed, Rect, lines_at
from kiosk.look.theme import GAP, LINE
from kiosk.screens.page import Page

WIDEST = 15.0  # in letters of its title
HIGH = 1.1  # a button, in heights of the foot
SIGN = 1.5  # its icon, in letters of the title


def question(page: Page, everything: Rect, low: float | None, look: Look) -> list[Placed]:
    """A card in the middle; at the bottom for a customer who cannot reach up."""
    scale, pair = look.scale, look.palette.card
    margin = scale.margin
    width = min(everything.width - 2 * margin, WIDEST * scale.title)
    inner = width - 2 * margin
    title = look.wrap(page.title, inner, scale.title, bold=True)
    said = [blocks.sized(block, inner, look) for block in page.blocks]
    sign = scale.title * SIGN if page.icon else 0.0
    button = max(theme.TARGET, scale.foot * HIGH)
    text = sign + len(title) * scale.title * LINE + GAP + blocks.least(said)
    buttons = len(page.choices) * (button + GAP) - GAP
    high = text + buttons + 3 * margin
    top = everything.bottom - high - margin if low is not None else (everything.height - high) / 2
    card = Rect((everything.width - width) / 2, max(margin, top), width, high)
    x, y = card.x + margin, card.y + margin
    middle = card.x + width / 2
    mark = Line(page.icon, middle, y + sign / 2, sign * 0.75, pair.ink, centred=True, icon=True)
    lines = lines_at(title, middle, y + sign, scale.title, pair.ink, bold=True, centred=True)
    where = Rect(x, y, inner, sign + len(title) * scale.title * LINE)
    placed = [
        Placed("veil", everything, look.palette.veil),
        Placed("question", card, pair.ground, pair.ink, edge=pair.edge or look.palette.tile.edge),
        Placed("title", where, lines=((mark, *lines) if sign else lines)),
    ]
    y = where.bottom + GAP
    for one in said:
        placed += blocks.place(one.block, Rect(x, y, inner, one.least), look, centred=True)
        y += one.least + GAP
    rect = Rect(x, card.bottom - margin - buttons, inner, buttons)
    for size in scale.tiles[1:]:
        drawn = column(page.choices, rect, size, look, "question")
        if drawn is not None:
            return [*placed, *drawn]
    return [*placed, *squeezed(page.choices, rect, look, "question")]
