"""Texts and edges that cannot be told from what they are on, by WCAG 2.2."""

from kiosk.journey.step import Comfort
from kiosk.look import theme
from kiosk.look.placed import Placed
from kiosk.look.theme import Colour

TEXT, EDGE = 4.5, 3.0


def luminance(colour: Colour) -> float:
    """WCAG 2.2, definition of relative luminance."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def pale(boxes: tuple[Placed, ...], comfort: Comfort) -> list[str]:
    """Texts and edges that cannot be told from what they are on."""
    found = []
    page = theme.PALETTES[comfort.theme].page.ground
    for place, box in enumerate(boxes):
        around = _ground(boxes[:place], box.rect.x, box.rect.y, page)
        for line in box.lines:
            ground = box.ground or _ground(boxes[:place], line.x, line.y, page)
            grounds = [ground, *([box.pressed] if box.pressed and box.choice else [])]
            if min(contrast(line.ink, one) for one in grounds) < TEXT:
                found.append(f"{line.text!r} in {box.name} is pale")
        if (box.choice is not None or box.sheet) and _edge(box, around) < EDGE:
            found.append(f"the edge of {box.name} is pale")
    return found


def _edge(box: Placed, around: Colour) -> float:
    inks = [colour for colour in (box.edge, box.ground) if colour is not None]
    return max((contrast(ink, around) for ink in inks), default=0.0)


def _ground(below: tuple[Placed, ...], x: float, y: float, page: Colour) -> Colour:
    """What lies under this point; a veil darkens nothing that is judged."""
    under = [
        box.ground
        for box in below
        if box.ground is not None and box.name != "veil" and box.rect.holds(x, y)
    ]
    return under[-1] if under else page
