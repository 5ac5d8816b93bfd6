"""Where everything of a screen stands: (frame, panel, comfort) -> boxes. Pure; the same for the window and the tests.

From the top: the header, where we are and what this is, what has just happened, what is said, what can be touched, what
leads on; at the bottom, everywhere, the languages, how it is read, and a person. On a wide panel what is touched stands
beside what is said, and the bar on the right; for a customer who cannot reach up, everything to touch is in the lower
part.
"""

from dataclasses import replace

from kiosk.journey.step import Comfort
from kiosk.look import theme
from kiosk.look.bar import bar
from kiosk.look.boxes import Look, Measure
from kiosk.look.head import SLIM, header
from kiosk.look.page_places import PagePlaces
from kiosk.look.panel import Panel
from kiosk.look.placed import Placed, Rect
from kiosk.look.question import question
from kiosk.look.reached import marked
from kiosk.look.theme import GAP
from kiosk.screens.page import Frame

LOWER = 0.45  # of the panel: what somebody in a wheelchair reaches on a tall one
UNDER_HEADER = 0.7  # of a margin


def arrange(frame: Frame, panel: Panel, comfort: Comfort, measure: Measure) -> tuple[Placed, ...]:
    """All boxes, the lowest first."""
    look = Look(theme.PALETTES[comfort.theme], theme.scale(panel, large=comfort.large), measure)
    everything = Rect(0, 0, panel.width, panel.height)
    top = header(frame, panel, look)
    under = top[0].rect.bottom + (SLIM if panel.compact else 0.0)  # the room of the steps
    below = Rect(0, under, panel.width, panel.height - under)
    buttons, free = bar(frame.bar, below, look, wide=panel.wide)
    margin = look.scale.margin
    body = Rect(
        margin,
        free.y + margin * UNDER_HEADER,
        free.width - 2 * margin,
        free.height - margin * UNDER_HEADER - GAP,
    )
    low = panel.height * (1 - LOWER) if comfort.low and panel.tall else None
    page = PagePlaces(frame, panel, look).place(body, low)
    placed = (*top, *page, *buttons)
    if frame.over is not None:
        placed = (
            *(replace(one, choice=None, hold=None, sheet=False) for one in placed),
            *question(frame.over, everything, low, look),
        )
    return marked(placed, frame.reached, panel, look.palette.reached)
