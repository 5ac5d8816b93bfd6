"""The paper of a simulated 80 mm receipt printer: lines, rows, pieces cut or torn off.

Sources: Epson ESC/POS command reference (print modes, line feed, GS V); simplified-Chinese
models for FS commands and GB18030. One dot is 0.125 mm, also the unit of feeds and spacings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

DOTS_PER_MM = 8
WIDTH_DOTS = 576  # 48 columns of font A, 24 Chinese characters
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


@dataclass(frozen=True)
class Row:
    """A stretch of paper; `text` is None when there is nothing of it to read."""

    dots: int
    text: str | None = None
    qr: str | None = None

    @property
    def ink(self) -> bool:
        return bool(self.qr or (self.text and self.text.strip()))


@dataclass
class Motion:
    """Paper being moved, then cut if asked; `ends` is None while the printer is stopped."""

    rows: list[Row]
    seconds: float
    cut: bool
    ends: float | None = None

    @property
    def ink(self) -> bool:
        return any(row.ink for row in self.rows)

    def halt_or_go_on(self, stopped: bool, now: float) -> None:
        """What was stopped in the middle is printed again from its beginning."""
        if stopped:
            self.ends = None
        elif self.ends is None:
            self.ends = now + self.seconds


def raster_row(values: bytes) -> Row:
    """0 m xL xH yL yH d... of GS v: bit 0 of m doubles the width, bit 1 the height."""
    across = int.from_bytes(values[2:4], "little") * 8 << (values[1] & 1)
    dots = int.from_bytes(values[4:6], "little") << (values[1] >> 1 & 1)
    black = any(values[6:])
    return Row(dots, f"[image {across}x{dots}]" if black else None)


def qr_rows(data: bytes, module_dots: int, data_share: float) -> list[Row]:
    """A QR code model 2 with a share of its code words for data; nothing if it does not fit."""
    for version in range(1, 41):
        bits = (16 * version + 128) * version + 64
        if version >= 2:
            patterns = version // 7 + 2
            bits -= (25 * patterns - 10) * patterns - 55 + (36 if version >= 7 else 0)
        side = (17 + 4 * version) * module_dots
        if bits // 8 * data_share - 3 >= len(data):
            text = data.decode("utf-8", "replace")
            return [Row(side, qr=text)] if side <= WIDTH_DOTS else []
    return []


@dataclass
class Line:
    """The print buffer: characters of one line that are not on paper yet."""

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
        if self.text and self.dots + dots > WIDTH_DOTS:
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


class Paper:
    """What hangs out of the printer since the last cut, and where the cutter is above the head."""

    def __init__(self, truth: Callable[[Mapping[str, object]], None], cutter_dots: int) -> None:
        self.cutter_dots = cutter_dots
        self._truth = truth
        self._job = bytearray()
        self._rows: list[Row] = []
        self._spoilt = False

    def job_bytes(self, command: bytes) -> None:
        self._job += command

    def add(self, row: Row) -> None:
        self._rows.append(row)

    def initialised(self) -> None:
        """ESC @ on clean paper: what follows a torn piece is a ticket of its own."""
        if not self._inked():
            self._spoilt = False

    def job_discarded(self) -> None:
        """The rest of the job was thrown away; what is on paper can no longer be whole."""
        self._spoilt = self._inked()
        if not self._spoilt:
            self._job.clear()

    def cut(self) -> None:
        """Cut at the blade; rows still between head and blade stay on the roll."""
        inside = self._rows_below_blade()
        left = self._rows[len(self._rows) - inside :] if inside else []
        piece = self._rows[: len(self._rows) - inside]
        cut_through = any(row.ink for row in left)
        self._record(piece, whole=not (self._spoilt or cut_through), by_hand=cut_through)
        # Blank paper left on the roll is not read as lines of the next ticket.
        self._rows = [row if row.ink or cut_through else Row(row.dots) for row in left]
        self._spoilt = cut_through

    def tear(self) -> None:
        """Somebody takes off all that hangs out; nothing is recorded if it is blank."""
        if self._inked():
            self._record(self._rows, whole=False, by_hand=True)
            self._spoilt = True
        self._rows = []

    def _inked(self) -> bool:
        return any(row.ink for row in self._rows)

    def _rows_below_blade(self) -> int:
        """How many of the last rows have not passed the blade with their whole height."""
        above = 0
        for count, row in enumerate(reversed(self._rows)):
            if above >= self.cutter_dots:
                return count
            above += row.dots
        return len(self._rows)

    def _record(self, rows: list[Row], whole: bool, by_hand: bool) -> None:
        """Blank paper is not a ticket: it is recorded under another name."""
        event: dict[str, object] = {"event": "blank_paper", "bytes_hex": self._job.hex(" ")}
        if by_hand or any(row.ink for row in rows):
            event |= {"event": "paper", "paper": "full" if whole else "torn"}
            event["text"] = "\n".join(row.text for row in rows if row.text is not None)
            event["qr"] = [row.qr for row in rows if row.qr is not None]
        self._truth(event)
        self._job.clear()
