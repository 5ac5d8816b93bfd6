"""The print buffer of a simulated receipt printer.

Sources: Epson ESC/POS command reference (code tables); simplified-Chinese models for GB18030.
"""

from dataclasses import dataclass, field

from devices.ticket_printer.simulated_paper import Row
from devices.ticket_printer.simulated_style import CHARACTER_DOTS, Style


@dataclass
class Line:
    """The print buffer: characters of one line that are not on paper yet."""

    width_dots: int
    text: str = ""
    dots: int = 0
    height: int = 0
    lead: int | None = None
    full_rows: list[Row] = field(default_factory=list)

    def put(self, byte: int, style: Style) -> None:
        """One byte of text; half of a Chinese character waits for the other half."""
        if self.lead is not None:
            pair, self.lead = bytes((self.lead, byte)), None
            self._add(_chinese(pair), style, wide=True)
        elif style.kanji_mode and 0x81 <= byte <= 0xFE:
            self.lead = byte
        else:
            self._add(_printable(bytes((byte,)).decode(style.code_page, "replace")), style)

    def end_text(self) -> None:
        """A command came; half of a Chinese character comes out as garbage."""
        if self.lead is not None:
            self.lead = None
            self.text += "?"

    def row(self, style: Style) -> Row:
        """Empty the line for printing."""
        row = Row(max(style.spacing, self.height), self.text)
        self.text, self.dots, self.height = "", 0, 0
        return row

    def _add(self, character: str, style: Style, wide: bool = False) -> None:
        if wide:
            dots = (style.kanji_left + 24 + style.kanji_right) * style.kanji_width
        else:
            dots = (9 if style.font_b else 12) * style.width
        if self.text and self.dots + dots > self.width_dots:
            self.full_rows.append(self.row(style))
        self.text += character
        self.dots += dots
        times = style.kanji_height if wide else style.height
        self.height = max(self.height, CHARACTER_DOTS * times)


def _chinese(pair: bytes) -> str:
    """The font has the two-byte area of GB18030 only; half of a longer code is garbage."""
    try:
        return _printable(pair.decode("gb18030"))
    except UnicodeDecodeError:
        return "?"


def _printable(character: str) -> str:
    """What the font has: no private-use places, nothing that failed to decode."""
    known = character.isprintable() or character in "\u00a0\u3000"
    return character if known and character != "\ufffd" else "?"
