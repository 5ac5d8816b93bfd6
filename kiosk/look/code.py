"""A code for a telephone and its caption, below it or beside it."""

from kiosk.look.boxes import Look
from kiosk.look.placed import Placed, Rect, lines_at
from kiosk.look.theme import GAP, LINE
from kiosk.screens.page import Qr

QR = (30.0, 58.0)  # mm, at least and at most
CAPTION_BELOW = 130.0  # on what is as wide
CODE = 0.42  # of the width, beside its caption


def _beside(width: float) -> bool:
    """Whether the caption stands beside the code, which saves height."""
    return QR[0] / CODE <= width < CAPTION_BELOW


def _caption(block: Qr, width: float, look: Look) -> list[str]:
    room = width * (1 - CODE) - 2 * GAP if _beside(width) else width
    return look.wrap(block.caption, room, look.scale.small)


def heights(block: Qr, width: float, look: Look) -> tuple[float, float]:
    """At least, and at most, with the caption."""
    caption = len(_caption(block, width, look)) * look.scale.small * LINE
    if _beside(width):
        return max(QR[0], caption), max(caption, width * CODE)
    return QR[0] + caption, min(QR[1], width) + caption


def place(block: Qr, rect: Rect, look: Look) -> list[Placed]:
    size, ink = look.scale.small, look.palette.page.ink
    words = _caption(block, rect.width, look)
    high = len(words) * size * LINE
    if _beside(rect.width):
        side = min(rect.height, rect.width * CODE)
        widest = max(look.measure(word, size, False) for word in words)
        x = rect.x + (rect.width - side - 2 * GAP - widest) / 2
        square = Rect(x, rect.y + (rect.height - side) / 2, side, side)
        top = rect.y + (rect.height - high) / 2
        lines = lines_at(words, square.right + 2 * GAP, top, size, ink)
    else:
        side = rect.height - high
        square = Rect(rect.x + (rect.width - side) / 2, rect.y, side, side)
        lines = lines_at(words, rect.x + rect.width / 2, rect.y + side, size, ink, centred=True)
    return [Placed("code", square, qr=block.data), Placed("caption", rect, lines=lines)]
