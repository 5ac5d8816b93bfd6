"""Where the keypad is, for those who listen and also see: a frame around what is being said."""

from kiosk.look import theme
from kiosk.look.panel import Panel
from kiosk.look.placed import Placed, Rect
from kiosk.look.theme import Colour

REACHED = "reached"
FEWEST_PX = 3


def marked(boxes: tuple[Placed, ...], name: str, panel: Panel, ink: Colour) -> tuple[Placed, ...]:
    """Beside the edge of its boxes, so that it is told from every colour that they may have; on top of all."""
    rects = [box.rect for box in boxes if name and box.name == name]
    if not rects:
        return boxes
    x, y = min(rect.x for rect in rects), min(rect.y for rect in rects)
    right, bottom = max(rect.right for rect in rects), max(rect.bottom for rect in rects)
    thick = max(theme.FRAME, FEWEST_PX / panel.px_a_mm)
    around = Rect(x, y, right - x, bottom - y).inside(-theme.BESIDE - thick)
    return (*boxes, Placed(REACHED, around, edge=ink, thick=thick))
