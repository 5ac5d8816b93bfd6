"""How a simulated receipt printer sets its characters, and the commands that change that.

Sources: Epson ESC/POS command reference (print modes); simplified-Chinese models for FS commands.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

CHARACTER_DOTS = 24
DEFAULT_SPACING_DOTS = 30

_CODE_PAGES = {0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252"} | {
    17: "cp866",
    18: "cp852",
    19: "cp858",
}


@dataclass
class Style:
    """Settings that ESC @ puts back; sizes are multiples of the normal character."""

    kanji_mode: bool = False
    align: int = 0
    font_b: bool = False
    bold: bool = False
    underline: int = 0
    reverse: bool = False
    width: int = 1
    height: int = 1
    kanji_width: int = 1
    kanji_height: int = 1
    kanji_underline: bool = False
    kanji_left: int = 0
    kanji_right: int = 0
    spacing: int = DEFAULT_SPACING_DOTS
    code_page: str = "cp437"

    def print_mode(self, n: int) -> None:
        """ESC ! n: bit 0 font B, 3 bold, 4 double height, 5 double width, 7 underline."""
        self.font_b, self.bold, self.underline = bool(n & 1), bool(n & 8), n >> 7
        self.height, self.width = 1 + (n >> 4 & 1), 1 + (n >> 5 & 1)

    def size(self, n: int) -> None:
        """GS ! n: width - 1 in the high half, height - 1 in the low half; all characters."""
        if n & 0x88:
            return
        self.width = self.kanji_width = (n >> 4) + 1
        self.height = self.kanji_height = (n & 7) + 1

    def kanji_print_mode(self, n: int) -> None:
        """FS ! n: bit 2 double width, 3 double height, 7 underline."""
        self.kanji_width, self.kanji_height = 1 + (n >> 2 & 1), 1 + (n >> 3 & 1)
        self.kanji_underline = bool(n & 0x80)

    def kanji_quad(self, n: int) -> None:
        self.kanji_width = self.kanji_height = 1 + (n & 1)

    def choose_font(self, n: int) -> None:
        if n in (0, 1, 48, 49):
            self.font_b = bool(n & 1)


def _kanji_spacing(style: Style, values: bytes) -> None:
    style.kanji_left, style.kanji_right = values[0], values[1]


def _code_page(style: Style, values: bytes) -> None:
    style.code_page = _CODE_PAGES.get(values[0], "ascii")


def _setting(name: str, mask: int = 0xFF) -> Callable[[Style, bytes], None]:
    return lambda style, values: setattr(style, name, values[0] & mask)


STYLE_COMMANDS: Mapping[bytes, Callable[[Style, bytes], None]] = {
    b"\x1b!": lambda style, values: style.print_mode(values[0]),
    b"\x1b-": _setting("underline", 3),
    b"\x1b2": lambda style, _: setattr(style, "spacing", DEFAULT_SPACING_DOTS),
    b"\x1b3": _setting("spacing"),
    b"\x1bE": _setting("bold", 1),
    b"\x1bM": lambda style, values: style.choose_font(values[0]),
    b"\x1bt": _code_page,
    b"\x1c!": lambda style, values: style.kanji_print_mode(values[0]),
    b"\x1c&": lambda style, _: setattr(style, "kanji_mode", True),
    b"\x1c.": lambda style, _: setattr(style, "kanji_mode", False),
    b"\x1cS": _kanji_spacing,
    b"\x1cW": lambda style, values: style.kanji_quad(values[0]),
    b"\x1d!": lambda style, values: style.size(values[0]),
    b"\x1dB": _setting("reverse", 1),
}
