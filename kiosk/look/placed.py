"""Where everything stands on the panel: plain rectangles and lines of text, in millimetres from the upper left."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kiosk.journey.events import Event
from kiosk.look.theme import EDGE, LINE, Colour
from kiosk.screens.page import Choice


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def holds(self, x: float, y: float) -> bool:
        return self.x <= x < self.right and self.y <= y < self.bottom

    def inside(self, by: float) -> "Rect":
        return Rect(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, or one icon, with its middle at `y`; from `x` on, or around it."""

    text: str
    x: float
    y: float
    size: float
    ink: Colour
    bold: bool = False
    centred: bool = False
    icon: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """One box: `choice` where it can be touched, `hold` where it must be held for long. `group`: the text of all boxes
    of one group has one size. `qr` and `strokes` are pictures inside it."""

    name: str
    rect: Rect
    ground: Colour | None = None
    ink: Colour | None = None
    pressed: Colour | None = None
    edge: Colour | None = None
    thick: float = EDGE  # of its edge
    lines: tuple[Line, ...] = ()
    choice: Choice | None = None
    group: str = ""
    hold: Event | None = None
    round: bool = False
    qr: str = ""
    sheet: bool = False
    strokes: tuple[tuple[int, ...], ...] = ()
    bar: float | None = None  # how much of its width is filled, 0 to 1
    mirror: float | None = None  # the camera's picture is inside; how far the customer is, 0 to 1


def moved(placed: Iterable[Placed], right: float, down: float) -> tuple[Placed, ...]:
    """The same, in another place."""
    return tuple(
        replace(
            one,
            rect=replace(one.rect, x=one.rect.x + right, y=one.rect.y + down),
            lines=tuple(replace(line, x=line.x + right, y=line.y + down) for line in one.lines),
        )
        for one in placed
    )


def lines_at(
    texts: list[str],
    x: float,
    y: float,
    size: float,
    ink: Colour,
    *,
    bold: bool = False,
    centred: bool = False,
) -> tuple[Line, ...]:
    """One below the other, from `y` on, `x` at their left or in their middle."""
    return tuple(
        Line(text, x, y + (place + 0.5) * size * LINE, size, ink, bold=bold, centred=centred)
        for place, text in enumerate(texts)
    )
