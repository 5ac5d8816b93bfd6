"""What a simulated receipt printer makes of its commands: rows to print, cuts, answers.

Source: Epson ESC/POS command reference (GS r, GS I, GS ( H, GS ( k, GS V).
"""

from collections.abc import Callable, Mapping

from devices.ticket_printer.simulated_image import qr_rows, raster_row
from devices.ticket_printer.simulated_interface import Condition
from devices.ticket_printer.simulated_line import Line
from devices.ticket_printer.simulated_paper import Motion, Row
from devices.ticket_printer.simulated_style import CHARACTER_DOTS, STYLE_COMMANDS, Style

# GS I n: one byte for model, type (1 Chinese font, 2 cutter) and version; else a text block.
_NUMBERS = {1: b"\x20", 2: b"\x03", 3: b"\x01", 49: b"\x20", 50: b"\x03", 51: b"\x01"}
_NAMES = {65: b"1.00", 66: b"SIMULATED", 67: b"SIM-80", 68: b"SIM0000001", 69: b"CHINA GB2312"}
_IDENTITY = _NUMBERS | {n: b"\x5f" + name + b"\x00" for n, name in _NAMES.items()}
_QR_LEVELS = {0x30: 0.80, 0x31: 0.63, 0x32: 0.49, 0x33: 0.37}  # share of data at L, M, Q, H


class Typesetter:
    """One command after the other; what it wants moved and cut is taken from it each time."""

    def __init__(
        self,
        truth: Callable[[Mapping[str, object]], None],
        condition: Condition,
        width_dots: int,
        cutter_dots: int,
        kanji_at_start: bool,
    ) -> None:
        self._truth = truth
        self._condition = condition
        self._width_dots = width_dots
        self._cutter_dots = cutter_dots
        self._kanji_at_start = kanji_at_start
        self._motion: Motion | None = None
        self.initialise()

    def initialise(self, _: bytes = b"") -> None:
        """ESC @: settings and print buffer as new."""
        self._style = Style(kanji_mode=self._kanji_at_start)
        self.clear_line()
        self._qr_data, self._qr_dots, self._qr_share = b"", 3, _QR_LEVELS[0x30]
        self._condition.offline_response = False

    def clear_line(self) -> None:
        self._line = Line(self._width_dots)

    def take_motion(self) -> Motion | None:
        motion, self._motion = self._motion, None
        return motion

    def execute(self, command: bytes) -> bytes:
        """The answer to one whole command, empty for most."""
        pair, values = command[:2], command[2:]
        if command[0] >= 0x20:
            self._text(command[0])
            return b""
        self._line.end_text()
        if pair in STYLE_COMMANDS:
            STYLE_COMMANDS[pair](self._style, values)
        return (_ACTIONS[pair](self, values) or b"") if pair in _ACTIONS else b""

    def _move(self, rows: list[Row], cut: bool = False) -> None:
        if self._motion is None:
            self._motion = Motion([])
        self._motion.rows += rows
        self._motion.cut |= cut

    def _text(self, byte: int) -> None:
        self._line.put(byte, self._style)
        if self._line.full_rows:
            self._move(self._line.full_rows)
            self._line.full_rows = []

    def _line_feed(self, _: bytes) -> None:
        self._move([self._line.row(self._style)])

    def _feed_lines(self, values: bytes) -> None:
        blank = Row(self._style.spacing, "")
        rows = [self._line.row(self._style)] if self._line.text else []
        self._move(rows + [blank] * (values[0] - len(rows)))

    def _feed_dots(self, values: bytes) -> None:
        text = self._line.row(self._style).text if self._line.text else None
        self._move([Row(max(values[0], CHARACTER_DOTS if text else 0), text)])

    def _align(self, values: bytes) -> None:
        if values[0] % 48 <= 2 and not self._in_line("ESC a"):
            self._style.align = values[0] % 48

    def _cut(self, values: bytes) -> None:
        if self._in_line("GS V"):
            return
        if len(values) == 2:
            self._move([Row(self._cutter_dots + values[1])], cut=True)
        elif values[0] in (0, 1, 48, 49):
            self._move([], cut=True)

    def _in_line(self, command: str) -> bool:
        """Some commands count at the beginning of a line only and are ignored elsewhere."""
        if self._line.text:
            self._truth({"event": "ignored", "command": command, "why": "line not printed yet"})
        return bool(self._line.text)

    def _raster(self, values: bytes) -> None:
        if len(values) > 6 and not self._in_line("GS v 0"):
            self._move([raster_row(values, self._width_dots)])

    def _transmit_status(self, values: bytes) -> bytes:
        """GS r n: 1 paper, 2 drawer; comes in its turn, so not while offline."""
        if self._condition.has("no_queued_status"):
            return b""
        if values[0] in (1, 49):
            return bytes((self._condition.paper_sensors(),))
        return bytes((self._condition.drawer_high,)) if values[0] in (2, 50) else b""

    def _transmit_identity(self, values: bytes) -> bytes:
        if self._condition.has("no_identity"):
            return b""
        known = _NUMBERS if self._condition.has("no_identity_text") else _IDENTITY
        return known.get(values[0], b"")

    def _gs_paren(self, values: bytes) -> bytes:
        """GS ( x pL pH ...; what is not known is skipped by its length."""
        if not values:  # the buffer gave two bytes only: this printer does not know the rest
            self._text(0x28)
        elif values[:1] == b"H" and not self._condition.has("no_process_id"):
            return self._response(values[3:])
        elif values[:1] == b"k" and values[3:4] == b"1":
            self._qr(values[4:])
        return b""

    def _response(self, values: bytes) -> bytes:
        """GS ( H fn 48: the id back, printing up to here being completed; fn 49: offline notice."""
        number = values[2:]
        if values[:2] == b"00" and len(number) == 4 and all(0x20 <= c <= 0x7E for c in number):
            return b"\x37\x22" + number + b"\x00"
        if values[:2] == b"10" and number in (b"\0", b"\1", b"\2", b"0", b"1", b"2"):
            self._condition.offline_response = number not in (b"\0", b"0")
        return b""

    def _qr(self, values: bytes) -> None:
        """GS ( k cn 49: size, error correction, store, print; model 2 is the only one."""
        kind, rest = values[:1], values[1:]
        if kind == b"C" and rest and 1 <= rest[0] <= 16:
            self._qr_dots = rest[0]
        elif kind == b"E" and rest and rest[0] in _QR_LEVELS:
            self._qr_share = _QR_LEVELS[rest[0]]
        elif kind == b"P" and rest[:1] == b"0":
            self._qr_data = rest[1:]
        elif kind == b"Q" and self._qr_data and not self._in_line("GS ( k"):
            self._move(qr_rows(self._qr_data, self._qr_dots, self._qr_share, self._width_dots))


_ACTIONS: Mapping[bytes, Callable[[Typesetter, bytes], bytes | None]] = {
    b"\n": Typesetter._line_feed,
    b"\x1b@": Typesetter.initialise,
    b"\x1bJ": Typesetter._feed_dots,
    b"\x1ba": Typesetter._align,
    b"\x1bd": Typesetter._feed_lines,
    b"\x1d(": Typesetter._gs_paren,
    b"\x1dI": Typesetter._transmit_identity,
    b"\x1dV": Typesetter._cut,
    b"\x1dr": Typesetter._transmit_status,
    b"\x1dv": Typesetter._raster,
}
