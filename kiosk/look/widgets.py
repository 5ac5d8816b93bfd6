"""The few widgets all screens are made of. What they look like stands in widgets.kv."""

from pathlib import Path
from typing import Any, ClassVar

import segno
from kivy.core.text import LabelBase
from kivy.graphics.texture import Texture
from kivy.lang import Builder
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label
from kivy.uix.relativelayout import RelativeLayout
from kivy.uix.widget import Widget

from kiosk.look import fonts

QUIET_ZONE = 4  # squares around a QR code (ISO/IEC 18004)


class Words(Label):
    """Text that wraps in its width and takes the height it needs."""


class Icon(Label):
    """One character of the icon font."""


class Card(BoxLayout):
    """A light sheet with round corners."""

    ground = ColorProperty()


class Pressable(BoxLayout):
    """Something to touch: acts on release, and not when the finger has slid off or the screen has gone.

    Only one finger counts on the whole screen; what others do meanwhile is ignored.
    """

    finger: ClassVar[Any] = None  # the touch that holds something, of all Pressables
    pressed = BooleanProperty(False)
    ground = ColorProperty()
    ground_pressed = ColorProperty()
    edge = ColorProperty()
    __events__ = ("on_press_done",)

    def on_touch_down(self, touch: Any) -> bool:
        if not self.collide_point(*touch.pos):
            return False
        if not self.disabled and Pressable.finger is None:
            Pressable.finger = touch
            touch.grab(self)
            self.pressed = True
        return True

    def on_touch_move(self, touch: Any) -> bool:
        if touch.grab_current is not self:
            return False
        self.pressed = self.collide_point(*touch.pos)
        return True

    def on_touch_up(self, touch: Any) -> bool:
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        Pressable.finger = None
        was_pressed, self.pressed = self.pressed, False
        if was_pressed and not self.disabled and self.get_parent_window() is not None:
            self.dispatch("on_press_done")
        return True

    def on_press_done(self) -> None:
        """The finger was lifted on it."""


class WordButton(Pressable):
    """An icon and words; the primary one of a screen is dark."""

    text = StringProperty()
    icon = StringProperty()
    primary = BooleanProperty(False)
    letters = NumericProperty("8.5mm")


class Header(BoxLayout):
    bank = StringProperty()
    branch = StringProperty()
    time = StringProperty()


class Footer(BoxLayout):
    """The language button, at the same place on every screen, in the other language's words."""

    other_language = StringProperty()
    __events__ = ("on_language",)

    def on_language(self) -> None:
        """The other language was chosen."""


class Progress(BoxLayout):
    """Step 1 of 2, in words and as a bar."""

    text = StringProperty()
    done = NumericProperty(0)


class Notice(RelativeLayout):
    """A line with a place of its own: a hint, what has just happened, or that we wait."""

    text = StringProperty()
    hint = StringProperty()
    warning = BooleanProperty(False)
    wait = BooleanProperty(False)


class QrCode(Widget):
    """A QR code of `data`; black on white, with its quiet zone."""

    data = StringProperty()
    texture = ObjectProperty(None, allownone=True)
    side = NumericProperty(0)  # px: a whole number of them for each square, or phones fail

    def on_data(self, _widget: Any, data: str) -> None:
        self.texture = _squares(data) if data else None
        self.on_size()

    def on_size(self, *_: Any) -> None:
        squares = self.texture.width if self.texture else 0
        room = min(self.size) * squares / (squares + 2 * QUIET_ZONE) if squares else 0
        self.side = room // squares * squares if squares else 0


def _squares(data: str) -> Texture:
    """One pixel a square, enlarged without blurring."""
    rows = [bytes(0 if dark else 255 for dark in row) for row in segno.make(data, error="m").matrix]
    texture = Texture.create(size=(len(rows[0]), len(rows)), colorfmt="luminance")
    texture.mag_filter = "nearest"
    texture.blit_buffer(b"".join(reversed(rows)), colorfmt="luminance", bufferfmt="ubyte")
    return texture


def load() -> None:
    """Register the icon font and the look of these widgets. Once, when the app starts."""
    LabelBase.register("Icons", str(fonts.icon_font()))
    Builder.load_file(str(Path(__file__).with_name("widgets.kv")))
