"""A simulated ESC/POS receipt printer: 80 mm paper, cutter, simplified-Chinese font, RS-232.

Source: Epson ESC/POS command reference (DLE ENQ, DLE DC4, GS r, GS I, GS ( H, GS ( k, GS V).
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

from devices.ticket_printer import simulated_interface as interface
from devices.ticket_printer import simulated_paper as paper

# GS I n: one byte for model, type (1 Chinese font, 2 cutter) and version; else a text block.
_NUMBERS = {1: b"\x20", 2: b"\x03", 3: b"\x01", 49: b"\x20", 50: b"\x03", 51: b"\x01"}
_NAMES = {65: b"1.00", 66: b"SIMULATED", 67: b"SIM-80", 68: b"SIM0000001", 69: b"CHINA GB2312"}
_IDENTITY = _NUMBERS | {n: b"\x5f" + name + b"\x00" for n, name in _NAMES.items()}
_QR_LEVELS = {0x30: 0.80, 0x31: 0.63, 0x32: 0.49, 0x33: 0.37}  # share of data at L, M, Q, H


class Simulator:
    """Bytes in, status bytes out, paper as the truth; `speed` above 1 shortens every motion."""

    FAULTS: ClassVar[Mapping[str, str]] = interface.FAULTS

    def __init__(
        self,
        truth: Callable[[Mapping[str, object]], None],
        *,
        mm_per_second: float = 200.0,
        cut_seconds: float = 0.3,
        speed: float = 1.0,
        head_to_cutter_mm: float = 14.0,
        drawer_high: bool = True,
        kanji_at_start: bool = False,
    ) -> None:
        self._truth = truth
        self._dots_per_second = mm_per_second * paper.DOTS_PER_MM * speed
        self._cut_seconds = cut_seconds / speed
        self._kanji_at_start = kanji_at_start
        self._condition = interface.Condition(drawer_high)
        self._buffer = interface.ReceiveBuffer()
        self._scanner = interface.RealTimeScanner()
        self._paper = paper.Paper(truth, round(head_to_cutter_mm * paper.DOTS_PER_MM))
        self._motion: paper.Motion | None = None
        self._initialise(b"")

    def power_on(self, now: float) -> bytes:
        """Empty buffer, settings as new, XON; what hung out of the printer still does."""
        self._discard()
        self._buffer.restart()
        self._scanner = interface.RealTimeScanner()
        self._condition.cutter_error = self._condition.has("cutter_jam")
        self._initialise(b"")
        return b"" if self._condition.has("power_off") else interface.XON + self._buffer.flow()

    def receive(self, data: bytes, now: float) -> bytes:
        out = self._run(now)
        if self._condition.has("power_off"):
            return out
        for byte in data:
            inside = self._buffer.inside_command
            self._buffer.put(byte)
            if command := self._scanner.feed(byte):
                out += self._real_time(command, inside, now)
            out += self._buffer.flow() + self._run(now)
        return out

    def pass_time(self, now: float) -> bytes:
        return self._run(now)

    def next_deadline(self) -> float | None:
        return self._motion.ends if self._motion else None

    def fault(self, name: str, on: bool, now: float) -> bytes:
        if name not in self.FAULTS:
            raise ValueError(f"unknown fault {name!r}; allowed: {', '.join(self.FAULTS)}")
        out = self._run(now)
        if on == self._condition.has(name):
            return out
        self._condition.faults ^= {name}
        self._truth({"event": "fault", "name": name, "on": on})
        out += self._fault_effect(name, on, now)
        self._halt_or_go_on(now)
        return out + self._condition.changes() + self._buffer.flow() + self._run(now)

    def present(self, value: str, now: float) -> bytes:
        raise ValueError("a printer is not presented anything; allowed: remove (tear the paper)")

    def remove(self, now: float) -> bytes:
        """Somebody tears off by hand what hangs out of the printer."""
        out = self._run(now)
        self._paper.tear()
        return out

    def _fault_effect(self, name: str, on: bool, now: float) -> bytes:
        condition = self._condition
        self._buffer.stuck = condition.has("stuck_xoff")
        self._buffer.knows_gs_paren = not condition.has("prints_garbage_on_gs_paren")
        if name == "cutter_jam" and on:
            condition.cutter_error = True
        elif name == "power_off" or (name == "unrecoverable" and not on):
            return self.power_on(now)
        elif not on and (name == "paper_out" or ("cutter" in name and condition.cutter_error)):
            # A new roll, or a blade set free: the paper has to be pulled out for both.
            self._print_part()
            self._paper.tear()
        return b""

    def _print_part(self) -> None:
        """A row that was stopped in the middle is on the paper, but nobody can read it."""
        if self._motion and self._motion.ink:
            self._paper.add(paper.Row(paper.CHARACTER_DOTS, "[unfinished]"))

    def _discard(self) -> None:
        """Throw away receive and print buffer and what was about to be printed."""
        self._print_part()
        self._buffer.clear()
        self._motion = None
        self._line = paper.Line()
        self._paper.job_discarded()

    def _halt_or_go_on(self, now: float) -> None:
        if self._motion is not None:
            self._motion.halt_or_go_on(self._condition.stopped, now)

    def _real_time(self, command: bytes, inside: bool, now: float) -> bytes:
        """Carried out on reception, whatever the state and whatever the bytes belong to."""
        if inside:
            self._truth({"event": "real_time_inside_data", "bytes_hex": command.hex(" ")})
        if command[1] == 0x04:
            return self._condition.real_time_status(command[2])
        if command[1] == 0x05:
            return self._recover(command[2], now)
        if self._condition.has("no_clear"):
            return b""
        self._discard()
        return bytes.fromhex("37 25 00")

    def _recover(self, n: int, now: float) -> bytes:
        """DLE ENQ 1 goes on, 2 clears first; ignored unless there is a recoverable error."""
        if not self._condition.cutter_error:
            return b""
        if n == 2:
            self._discard()
        self._condition.cutter_error = self._condition.has("cutter_jam")
        self._halt_or_go_on(now)
        return self._condition.changes()

    def _run(self, now: float) -> bytes:
        """Do all that is due: end motions, take commands in order, one motion at a time."""
        out, at = b"", now
        while not self._condition.stopped:
            if self._motion is not None:
                if self._motion.ends is None or self._motion.ends > now:
                    break
                at = self._motion.ends
                out += self._end_motion(self._motion)
                continue
            command = self._buffer.take()
            out += self._buffer.flow()
            if command is None:
                break
            out += self._execute(command)
            self._halt_or_go_on(at)
        return out

    def _end_motion(self, motion: paper.Motion) -> bytes:
        for row in motion.rows:
            self._paper.add(row)
        motion.rows = []
        if motion.cut and self._condition.has("cutter_jam_at_cut"):
            self._condition.cutter_error = True
            motion.ends, motion.seconds = None, self._cut_seconds
            return self._condition.changes()
        self._motion = None
        if motion.cut:
            self._paper.cut()
        return b""

    def _move(self, rows: list[paper.Row], cut: bool = False) -> None:
        dots = sum(row.dots for row in rows)
        seconds = dots / self._dots_per_second + (self._cut_seconds if cut else 0.0)
        if self._motion is None:
            self._motion = paper.Motion([], 0.0, cut)  # ends when _run starts it
        self._motion.rows += rows
        self._motion.seconds += seconds

    def _execute(self, command: bytes) -> bytes:
        self._paper.job_bytes(command)
        pair, values = command[:2], command[2:]
        if command[0] >= 0x20:
            self._text(command[0])
            return b""
        self._line.end_text()
        if pair in paper.STYLE_COMMANDS:
            paper.STYLE_COMMANDS[pair](self._style, values)
        return (_ACTIONS[pair](self, values) or b"") if pair in _ACTIONS else b""

    def _text(self, byte: int) -> None:
        self._line.put(byte, self._style)
        if self._line.full_rows:
            self._move(self._line.full_rows)
            self._line.full_rows = []

    def _initialise(self, _: bytes) -> None:
        """ESC @: settings and print buffer as new; the receive buffer stays."""
        self._style = paper.Style(kanji_mode=self._kanji_at_start)
        self._line = paper.Line()
        self._qr_data, self._qr_dots, self._qr_share = b"", 3, _QR_LEVELS[0x30]
        self._condition.report_on_change(0)
        self._condition.offline_response = False
        self._paper.initialised()

    def _line_feed(self, _: bytes) -> None:
        self._move([self._line.row(self._style)])

    def _feed_lines(self, values: bytes) -> None:
        blank = paper.Row(self._style.spacing, "")
        rows = [self._line.row(self._style)] if self._line.text else []
        self._move(rows + [blank] * (values[0] - len(rows)))

    def _feed_dots(self, values: bytes) -> None:
        text = self._line.row(self._style).text if self._line.text else None
        self._move([paper.Row(max(values[0], paper.CHARACTER_DOTS if text else 0), text)])

    def _align(self, values: bytes) -> None:
        if values[0] % 48 <= 2 and not self._in_line("ESC a"):
            self._style.align = values[0] % 48

    def _cut(self, values: bytes) -> None:
        if self._in_line("GS V"):
            return
        if len(values) == 2:
            self._move([paper.Row(self._paper.cutter_dots + values[1])], cut=True)
        elif values[0] in (0, 1, 48, 49):
            self._move([], cut=True)

    def _in_line(self, command: str) -> bool:
        """Some commands count at the beginning of a line only and are ignored elsewhere."""
        if self._line.text:
            self._truth({"event": "ignored", "command": command, "why": "line not printed yet"})
        return bool(self._line.text)

    def _raster(self, values: bytes) -> None:
        if len(values) > 6 and not self._in_line("GS v 0"):
            self._move([paper.raster_row(values)])

    def _transmit_status(self, values: bytes) -> bytes:
        """GS r n: 1 paper, 2 drawer; comes in its turn, so not while offline."""
        if values[0] in (1, 49):
            return bytes((self._condition.paper_sensors(),))
        return bytes((self._condition.drawer_high,)) if values[0] in (2, 50) else b""

    def _transmit_identity(self, values: bytes) -> bytes:
        return _IDENTITY.get(values[0], b"")

    def _gs_paren(self, values: bytes) -> bytes:
        """GS ( x pL pH ...; what is not known is skipped by its length."""
        if self._condition.has("prints_garbage_on_gs_paren") and not values:
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
            self._move(paper.qr_rows(self._qr_data, self._qr_dots, self._qr_share))


_ACTIONS: Mapping[bytes, Callable[[Simulator, bytes], bytes | None]] = {
    b"\n": Simulator._line_feed,
    b"\x1b@": Simulator._initialise,
    b"\x1bJ": Simulator._feed_dots,
    b"\x1ba": Simulator._align,
    b"\x1bd": Simulator._feed_lines,
    b"\x1d(": Simulator._gs_paren,
    b"\x1dI": Simulator._transmit_identity,
    b"\x1dV": Simulator._cut,
    b"\x1da": lambda printer, values: printer._condition.report_on_change(values[0]),
    b"\x1dr": Simulator._transmit_status,
    b"\x1dv": Simulator._raster,
}
