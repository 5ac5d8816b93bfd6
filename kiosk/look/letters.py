"""Letters as Kivy draws them: how wide a text is, and its picture."""

from collections import OrderedDict

from kivy.core.text import Label, LabelBase
from kivy.graphics.texture import Texture

from kiosk.look import fonts, theme

ICONS = "Icons"
MOST_PICTURES_BYTES = 24_000_000  # about four screens on the largest panel
MOST_WIDTHS = 20_000


def register(languages: tuple[str, ...]) -> None:
    """The fonts, by language. Once, when the app starts. Raises fonts.NoFont."""
    LabelBase.register(ICONS, str(fonts.icon_font()))
    for language in languages:
        for name, (regular, bold) in (
            (language, fonts.text_font(language)),
            (_light(language), fonts.light_font(language)),
        ):
            LabelBase.register(name, str(regular), str(regular), str(bold), str(bold))


class Letters:
    """Sizes in mm; pictures in white, to be tinted. `forget` drops what a customer was shown."""

    def __init__(self, px_a_mm: float) -> None:
        self._px_a_mm = px_a_mm
        self._widths: dict[tuple[str, float, bool, str], float] = {}
        self._bytes = 0  # of the pictures
        self._pictures: OrderedDict[tuple[str, float, bool, str], Texture] = OrderedDict()

    def measure(self, text: str, size: float, bold: bool, font: str) -> float:
        key = (text, size, bold, font)
        if key not in self._widths:
            if len(self._widths) >= MOST_WIDTHS:
                self._widths.clear()
            label = self._label(text, size, bold=bold, font=font)
            self._widths[key] = label.get_extents(text)[0] / self._px_a_mm if text else 0.0
        return self._widths[key]

    def picture(self, text: str, size: float, *, bold: bool, font: str) -> Texture:
        key = (text, size, bold, font)
        if key not in self._pictures:
            label = self._label(text, size, bold=bold, font=font)
            label.text = text
            label.refresh()
            self._pictures[key] = label.texture
            self._bytes += _bytes(label.texture)
            while self._bytes > MOST_PICTURES_BYTES and len(self._pictures) > 1:
                self._bytes -= _bytes(self._pictures.popitem(last=False)[1])
        self._pictures.move_to_end(key)
        return self._pictures[key]

    def forget(self) -> None:
        self._pictures.clear()
        self._bytes = 0
        self._widths.clear()

    def _label(self, text: str, size: float, *, bold: bool, font: str) -> Label:
        px = round(theme.drawn(size) * self._px_a_mm)
        if font != ICONS and fonts.is_common(text, font):
            font = _light(font)
        return Label(font_name=font, font_size=px, bold=bold)


def _light(language: str) -> str:
    """As Kivy knows the font of common characters."""
    return f"{language} light"


def _bytes(picture: Texture) -> int:
    return int(picture.width * picture.height * 4)
