"""The customer as the camera sees them: one texture while it is shown, and nothing afterwards."""

from typing import Protocol

from kivy.graphics import Color, InstructionGroup, Line as Stroke, Rectangle
from kivy.graphics.texture import Texture

from kiosk.look.theme import Colour

OVAL = (0.42, 0.78)  # of the picture's width and height: where a face belongs
FAINT: Colour = (1.0, 1.0, 1.0, 0.7)
THICK = 0.6  # mm

Place = tuple[tuple[float, float], tuple[float, float]]


class Picture(Protocol):
    """Red, green, blue; rows from below; `width` and `height` in pixels."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def pixels(self) -> bytes: ...


class Mirror:
    """Of the one box on the screen that has it."""

    def __init__(self) -> None:
        self._texture: Texture | None = None
        self._seen: tuple[Color, Rectangle] | None = None

    def show(self, picture: Picture | None) -> None:
        """None: nobody looks any more, and nothing of them is left."""
        if picture is None:
            self._texture, self._seen = None, None
            return
        size = (picture.width, picture.height)
        if self._texture is None or self._texture.size != size:
            self._texture = Texture.create(size=size, colorfmt="rgb")
        self._texture.blit_buffer(picture.pixels, colorfmt="rgb", bufferfmt="ubyte")
        if self._seen is not None:
            self._light(*self._seen)

    def draw(
        self, group: InstructionGroup, place: Place, progress: float, ink: Colour, px: float
    ) -> None:
        """Into a box; `px` a millimetre."""
        (x, y), (width, height) = place
        colour, glass = Color(1, 1, 1, 0), Rectangle(pos=(x, y), size=(width, height))
        self._seen = (colour, glass)
        self._light(colour, glass)
        group.add(colour)
        group.add(glass)
        across, up = width * OVAL[0], height * OVAL[1]
        oval = (x + (width - across) / 2, y + (height - up) / 2, across, up)
        group.add(Color(*FAINT))
        group.add(Stroke(ellipse=oval, width=THICK * px))
        if progress > 0:
            group.add(Color(*ink))
            group.add(Stroke(ellipse=(*oval, 0, 360 * progress), width=2 * THICK * px))

    def _light(self, colour: Color, glass: Rectangle) -> None:
        if self._texture is not None:
            colour.a = 1
            glass.texture = self._texture
