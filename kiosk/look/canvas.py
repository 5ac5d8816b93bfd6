"""Draws the boxes of `arrange` in Kivy's window and brings it the finger. Knows nothing of what they mean."""

import time
from collections.abc import Callable
from typing import Any

from kivy.core.window import Window
from kivy.graphics import (
    Color,
    Ellipse,
    InstructionGroup,
    Line as Stroke,
    Rectangle,
    RoundedRectangle,
    SmoothLine,
)
from kivy.graphics.texture import Texture
from kivy.uix.widget import Widget

from kiosk.journey.events import Event
from kiosk.look import theme
from kiosk.look.finger import Fingers
from kiosk.look.letters import ICONS, Letters
from kiosk.look.mirror import Mirror
from kiosk.look.placed import Line, Placed, Rect
from kiosk.look.theme import Colour

QUIET_ZONE = 4  # squares around a QR code (ISO/IEC 18004)


class Canvas(Widget):
    """`tell` is called with what a finger meant. `px_a_mm` of the panel."""

    def __init__(
        self, tell: Callable[[Event], None], letters: Letters, px_a_mm: float, **words: Any
    ) -> None:
        super().__init__(**words)
        self._tell = tell
        self._letters = letters
        self._px = px_a_mm
        self._fingers = Fingers()
        self.mirror = Mirror()
        self._boxes: tuple[Placed, ...] = ()
        self._font = ""
        self._ground: Colour = (0.0, 0.0, 0.0, 1.0)
        self._drawn: dict[tuple[Placed, bool, str], InstructionGroup] = {}
        self._written: InstructionGroup | None = None

    def show(self, boxes: tuple[Placed, ...], ground: Colour, font: str) -> None:
        """Only what differs is drawn again; nothing at all when nothing differs."""
        self._fingers.show(boxes, time.monotonic())
        if (boxes, ground, font) != (self._boxes, self._ground, self._font):
            self._boxes, self._ground, self._font = boxes, ground, font
            self._draw()

    def forget(self) -> None:
        """Nothing of the last customer stays, not even in a picture that is out of sight."""
        self._letters.forget()
        self.mirror.show(None)
        self._drawn.clear()

    def on_size(self, *_: Any) -> None:
        self._drawn.clear()  # before the window has its size, places count from another edge
        self._draw()

    def on_touch_down(self, touch: Any) -> bool:
        self._fingers.down(touch.uid, *self._mm(touch), time.monotonic())
        self._draw_pressed()
        return True

    def on_touch_move(self, touch: Any) -> bool:
        before = self._fingers.pressed
        self._fingers.move(touch.uid, *self._mm(touch))
        if self._fingers.stroke:
            self._draw_stroke()
        elif before is not self._fingers.pressed:
            self._draw_pressed()
        return True

    def on_touch_up(self, touch: Any) -> bool:
        pressed = self._fingers.pressed is not None
        meant = self._fingers.up(touch.uid, *self._mm(touch), time.monotonic())
        if pressed:
            self._draw_pressed()
        if meant is not None:
            self._tell(meant)
        return True

    def _mm(self, touch: Any) -> tuple[float, float]:
        return touch.x / self._px, (self.height - touch.y) / self._px

    def _draw_pressed(self) -> None:
        self._draw()

    def _draw(self) -> None:
        """Groups of boxes that stay are used again."""
        pressed = self._fingers.pressed
        name = (pressed.name, pressed.rect) if pressed else None
        drawn: dict[tuple[Placed, bool, str], InstructionGroup] = {}
        self.canvas.clear()
        Window.clearcolor = self._ground  # a third cheaper in software than a rectangle
        for box in self._boxes:
            key = (box, (box.name, box.rect) == name, self._font)
            group = self._drawn.get(key) or drawn.get(key) or self._group(box, pressed=key[1])
            drawn[key] = group
            self.canvas.add(group)
        self._drawn = drawn

    def _draw_stroke(self) -> None:
        sheet = next((box for box in self._boxes if box.sheet), None)
        if sheet is None:
            return
        if self._written is not None:
            self.canvas.remove(self._written)
        self._written = InstructionGroup()
        self._strokes(self._written, sheet, (self._fingers.stroke,))
        self.canvas.add(self._written)

    def _group(self, box: Placed, *, pressed: bool) -> InstructionGroup:
        group = InstructionGroup()
        ground = box.pressed if pressed and box.pressed else box.ground
        if ground is not None:
            self._shape(group, box, ground)
        if box.edge is not None:
            self._edge(group, box, box.edge)
        if box.bar is not None and box.ink is not None:
            rect = box.rect
            self._shape(
                group, Placed("", Rect(rect.x, rect.y, rect.width * box.bar, rect.height)), box.ink
            )
        if box.qr:
            self._qr(group, box)
        if box.mirror is not None and box.ink is not None:
            self.mirror.draw(group, self._place(box.rect), box.mirror, box.ink, self._px)
        for line in box.lines:
            self._text(group, line)
        if box.sheet:
            self._strokes(group, box, box.strokes)
        return group

    def _shape(self, group: InstructionGroup, box: Placed, ground: Colour) -> None:
        pos, size = self._place(box.rect)
        group.add(Color(*ground))
        if box.round:
            group.add(Ellipse(pos=pos, size=size))
        else:
            whole = box.rect.width >= self.width / self._px - 1
            radius = 0 if whole else min(theme.RADIUS, box.rect.height / 2) * self._px
            group.add(RoundedRectangle(pos=pos, size=size, radius=[radius]))

    def _edge(self, group: InstructionGroup, box: Placed, ink: Colour) -> None:
        pos, size = self._place(box.rect)
        thick = box.thick * self._px
        group.add(Color(*ink))
        inside = (pos[0] + thick / 2, pos[1] + thick / 2, size[0] - thick, size[1] - thick)
        if box.round:
            group.add(SmoothLine(ellipse=inside, width=max(1.0, thick / 2)))
        else:
            group.add(
                SmoothLine(
                    rounded_rectangle=(*inside, theme.RADIUS * self._px),
                    width=max(1.0, thick / 2),
                )
            )

    def _text(self, group: InstructionGroup, line: Line) -> None:
        if not line.text.strip():
            return
        font = ICONS if line.icon else self._font
        picture = self._letters.picture(
            line.text, line.size, bold=line.bold and not line.icon, font=font
        )
        width, height = picture.size
        x = line.x * self._px - (width / 2 if line.centred else 0)
        y = self.height - line.y * self._px - height / 2
        group.add(Color(*line.ink))
        group.add(Rectangle(texture=picture, pos=(round(x), round(y)), size=(width, height)))

    def _strokes(
        self, group: InstructionGroup, box: Placed, strokes: tuple[tuple[int, ...], ...]
    ) -> None:
        unit, low = (
            box.rect.width / 1000,
            box.rect.bottom,
        )  # a sheet that has become lower cuts off what is below
        group.add(Color(*(box.ink or (0.0, 0.0, 0.0, 1.0))))
        for stroke in strokes:
            points = [
                place
                for x, y in zip(stroke[::2], stroke[1::2], strict=False)
                for place in self._point(box.rect.x + x * unit, min(low, box.rect.y + y * unit))
            ]
            group.add(Stroke(points=points, width=max(1.5, 0.5 * self._px)))

    def _qr(self, group: InstructionGroup, box: Placed) -> None:
        """Black on white, with its quiet zone; a whole number of pixels for each square, or phones fail."""
        picture = _squares(box.qr)
        pos, size = self._place(box.rect)
        squares = picture.width
        side = int(size[0] * squares / (squares + 2 * QUIET_ZONE)) // squares * squares
        group.add(Color(1, 1, 1, 1))
        group.add(Rectangle(pos=pos, size=size))
        where = (round(pos[0] + (size[0] - side) / 2), round(pos[1] + (size[1] - side) / 2))
        group.add(Rectangle(texture=picture, pos=where, size=(side, side)))

    def _place(self, rect: Rect) -> tuple[tuple[float, float], tuple[float, float]]:
        """Kivy's corner is the lower left."""
        x, top = round(rect.x * self._px), round(rect.y * self._px)
        right, bottom = round(rect.right * self._px), round(rect.bottom * self._px)
        return (x, self.height - bottom), (right - x, bottom - top)

    def _point(self, x: float, y: float) -> tuple[float, float]:
        return x * self._px, self.height - y * self._px


def _squares(data: str) -> Texture:
    """One pixel a square, enlarged without blurring."""
    import segno  # noqa: PLC0415  not needed for the first picture

    rows = [bytes(0 if dark else 255 for dark in row) for row in segno.make(data, error="m").matrix]
    picture = Texture.create(size=(len(rows[0]), len(rows)), colorfmt="luminance")
    picture.mag_filter = "nearest"
    picture.blit_buffer(b"".join(reversed(rows)), colorfmt="luminance", bufferfmt="ubyte")
    return picture
