"""The serial side of a simulated receipt printer: framing, buffer, real-time commands, status.

Sources: Epson ESC/POS command reference (command lengths, DLE EOT, DLE ENQ, DLE DC4, GS a) and
the TM-T88 specification (receive buffer, XON/XOFF thresholds, offline causes).
"""

from collections import deque
from collections.abc import Callable, Mapping

ESC, FS, GS, DLE = 0x1B, 0x1C, 0x1D, 0x10
XON, XOFF = b"\x11", b"\x13"

CLEAR_BUFFERS = bytes.fromhex("10 14 08 01 03 14 01 06 02 08")
REAL_TIME = (
    *(bytes((DLE, 0x04, n)) for n in (1, 2, 3, 4)),
    *(bytes((DLE, 0x05, n)) for n in (1, 2)),
    CLEAR_BUFFERS,
)

# Parameter bytes after the two command bytes; a pair that is not here takes none.
_PARAMETERS: Mapping[int, Mapping[str, int]] = {
    ESC: {" ": 1, "!": 1, "$": 2, "%": 1, "-": 1, "3": 1, "=": 1, "?": 1, "E": 1, "G": 1, "J": 1}
    | {"K": 1, "L": 0, "M": 1, "R": 1, "T": 1, "V": 1, "W": 8, "\\": 2, "a": 1, "c": 2, "d": 1}
    | {"e": 1, "p": 3, "r": 1, "t": 1, "{": 1},
    FS: {"!": 1, "-": 1, "2": 74, "?": 2, "C": 1, "S": 2, "W": 1, "p": 2},
    GS: {"!": 1, "$": 2, "/": 1, "B": 1, "H": 1, "I": 1, "L": 2, "P": 2, "T": 1, "W": 2, "\\": 2}
    | {"^": 3, "a": 1, "b": 1, "f": 1, "h": 1, "r": 1, "w": 1, "z": 3},
}


FAULTS: Mapping[str, str] = {
    "paper_near_end": "the near-end sensor sees a thin roll; printing goes on",
    "paper_out": "no paper: stops where it is; clear = new roll, the old piece is torn off",
    "cover_open": "cover open: stops; goes on by itself when closed",
    "cutter_jam": "blade stuck now; after clear it still needs DLE ENQ 1 or 2",
    "cutter_jam_at_cut": "blade gets stuck at the next cut; then as cutter_jam",
    "head_hot": "print head too hot: stops; goes on by itself when cleared",
    "unrecoverable": "error that only a power cycle ends; clear = repaired and switched on",
    "power_off": "no power: silent, buffer lost; clear = switched on",
    "no_process_id": "a clone that skips GS ( H silently",
    "no_clear": "a clone that ignores DLE DC4 fn 8",
    "prints_garbage_on_gs_paren": "a weak clone that prints all GS ( commands as text",
    "no_status": "a weak clone that does not answer DLE EOT 2 and 3",
    "stuck_xoff": "sends XOFF and takes nothing more from its buffer; DLE EOT still answers",
}
# ASB: the bit of GS a n that asks for it, the status byte and the bits whose change counts.
_ASB_CAUSES = ((0x02, 0, 0x28), (0x04, 1, 0xFF), (0x08, 2, 0xFF))


def _until_nul(head: bytearray) -> int | None:
    return len(head) if len(head) > 2 and head[-1] == 0 else None


def _short_block(head: bytearray) -> int | None:
    return None if len(head) < 5 else 5 + int.from_bytes(head[3:5], "little")


def _long_block(head: bytearray) -> int | None:
    return None if len(head) < 7 else 7 + int.from_bytes(head[3:7], "little")


def _cut(head: bytearray) -> int | None:
    """GS V m, and GS V m n for the forms that feed first."""
    if len(head) < 3:
        return None
    return 4 if head[2] in (65, 66, 97, 98, 103, 104) else 3


def _raster(head: bytearray) -> int | None:
    """GS v 0 m xL xH yL yH d...: x bytes a row, y rows."""
    if len(head) < 8:
        return 3 if len(head) == 3 and head[2] != 0x30 else None
    return 8 + int.from_bytes(head[4:6], "little") * int.from_bytes(head[6:8], "little")


def _bit_image(head: bytearray) -> int | None:
    """ESC * m nL nH d...: one byte a column, three in the 24-dot modes."""
    if len(head) < 5:
        return None
    return 5 + int.from_bytes(head[3:5], "little") * (3 if head[2] >= 32 else 1)


def _barcode(head: bytearray) -> int | None:
    """GS k m d... NUL for m 0-6, GS k m n d... for m 65-79."""
    if len(head) < 4:
        return None
    if head[2] <= 6:
        return len(head) if head[-1] == 0 else None
    return 4 + head[3] if 65 <= head[2] <= 79 else 3


def _downloaded_image(head: bytearray) -> int | None:
    return None if len(head) < 4 else 4 + head[2] * head[3] * 8


def _real_time_request(head: bytearray) -> int | None:
    """DLE DC4 fn ...: fn 8 has seven more bytes, the pulse and power forms two."""
    return None if len(head) < 3 else {1: 5, 2: 5, 7: 4, 8: 10}.get(head[2], 3)


_VARIABLE: Mapping[bytes, Callable[[bytearray], int | None]] = {
    b"\x1bD": _until_nul,
    b"\x1b(": _short_block,
    b"\x1b*": _bit_image,
    b"\x1c(": _short_block,
    b"\x1d(": _short_block,
    b"\x1d*": _downloaded_image,
    b"\x1d8": _long_block,
    b"\x1dV": _cut,
    b"\x1dk": _barcode,
    b"\x1dv": _raster,
    b"\x10\x04": lambda _: 3,
    b"\x10\x05": lambda _: 3,
    b"\x10\x14": _real_time_request,
}


def command_length(head: bytearray, knows_gs_paren: bool = True) -> int | None:
    """Bytes of the command that `head` begins with, None while that cannot be told yet."""
    if head[0] not in (ESC, FS, GS, DLE):
        return 1
    if len(head) < 2:
        return None
    pair = bytes(head[:2])
    if pair == b"\x1d(" and not knows_gs_paren:
        return 2
    if pair in _VARIABLE:
        return _VARIABLE[pair](head)
    if head[0] == DLE:
        return 1
    return 2 + _PARAMETERS[head[0]].get(chr(head[1]), 0)


class RealTimeScanner:
    """Finds the real-time commands in the raw stream, whatever else the bytes may belong to."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, byte: int) -> bytes | None:
        """The real-time command that `byte` completes, if any."""
        self._tail = (self._tail + bytes((byte,)))[-len(CLEAR_BUFFERS) :]
        for command in REAL_TIME:
            if self._tail.endswith(command):
                self._tail = b""
                return command
        return None


class ReceiveBuffer:
    """4096 bytes of commands not yet carried out; what does not fit is thrown away.

    A command cut off in the middle waits for the rest of its parameters for ever. Real-time
    commands between other commands take no room; inside another command they are its data.
    """

    def __init__(self, capacity: int = 4096, xoff_free: int = 128, xon_free: int = 256) -> None:
        self.lost_bytes = 0
        self.knows_gs_paren = True
        self.stuck = False
        self._capacity = capacity
        self._xoff_free = xoff_free
        self._xon_free = xon_free
        self._told_to_wait = False
        self.clear()

    def clear(self) -> None:
        """Forget everything, the beginning of a half-received command too."""
        self._commands: deque[tuple[bytes, int]] = deque()
        self._used = 0
        self._half = bytearray()
        self._half_taken = 0

    def restart(self) -> None:
        """As after power-on: empty and ready for data."""
        self.clear()
        self._told_to_wait = False

    @property
    def free(self) -> int:
        return self._capacity - self._used - len(self._half) + self._half_taken

    @property
    def inside_command(self) -> bool:
        return bool(self._half) and self._half[0] != DLE

    def put(self, byte: int) -> None:
        if self.free <= 0:
            self.lost_bytes += 1
            return
        self._half.append(byte)
        while self._half:
            length = command_length(self._half, self.knows_gs_paren)
            if length is None or length > len(self._half):
                return
            self._complete(length)

    def _complete(self, length: int) -> None:
        command = bytes(self._half[:length])
        del self._half[:length]
        room = max(0, length - self._half_taken)
        self._half_taken = max(0, self._half_taken - length)
        if command[0] != DLE:
            self._commands.append((command, room))
            self._used += room

    def take(self) -> bytes | None:
        """The next whole command; without one the parser takes in what there is of it."""
        if not self._commands:
            self._half_taken = len(self._half)
            return None
        command, room = self._commands.popleft()
        self._used -= room
        return command

    def flow(self) -> bytes:
        """XOFF when 128 bytes are free, XON when 256 are again; both only at the change."""
        full = self.free <= self._xoff_free or self.stuck
        if full and not self._told_to_wait:
            self._told_to_wait = True
            return XOFF
        if self._told_to_wait and not self.stuck and self.free >= self._xon_free:
            self._told_to_wait = False
            return XON
        return b""


class Condition:
    """What is wrong with the printer, in the bits of its status bytes."""

    def __init__(self, drawer_high: bool) -> None:
        self.faults: set[str] = set()
        self.cutter_error = False  # stays after the blade is free, until DLE ENQ
        self.drawer_high = drawer_high
        self.report_on_change(0)
        self.offline_response = False

    def has(self, *names: str) -> bool:
        return not self.faults.isdisjoint(names)

    @property
    def error(self) -> bool:
        return self.cutter_error or self.has("head_hot", "unrecoverable")

    @property
    def offline(self) -> bool:
        return self.error or self.has("cover_open", "paper_out")

    @property
    def stopped(self) -> bool:
        return self.offline or self.has("stuck_xoff", "power_off")

    def real_time_status(self, n: int) -> bytes:
        """DLE EOT n: 0xx1xx10."""
        if n in (2, 3) and self.has("no_status"):
            return b""
        bits = {1: 4 * self.drawer_high | 8 * self.offline}
        bits[2] = 4 * self.has("cover_open") | 0x20 * self.has("paper_out") | 0x40 * self.error
        bits[3] = self._error_bits()
        bits[4] = 0x0C * self.has("paper_near_end") | 0x60 * self.has("paper_out")
        return bytes((0x12 | bits[n],))

    def paper_sensors(self) -> int:
        """Bits 0 and 1 near end, 2 and 3 end, as in GS r 1 and ASB byte 3."""
        return 0x03 * self.has("paper_near_end") | 0x0C * self.has("paper_out")

    def report_on_change(self, causes: int) -> bytes:
        """GS a n: the four ASB bytes at once, and again on each change asked for."""
        self._causes = causes
        self._reported, self._was_offline = self._asb(), self.offline
        return self._reported if causes else b""

    def changes(self) -> bytes:
        """What the printer says by itself about changes since the last time."""
        before, self._reported = self._reported, self._asb()
        went_offline, self._was_offline = self.offline and not self._was_offline, self.offline
        out = b""
        if went_offline and self.offline_response:
            cause = self.error | 4 * self.has("cover_open") | 0x20 * self.has("paper_out")
            out = bytes((0x37, 0x23, 0x40 | cause, 0x00))
        for bit, at, mask in _ASB_CAUSES:
            if self._causes & bit and (before[at] ^ self._reported[at]) & mask:
                return out + self._reported
        return out

    def _asb(self) -> bytes:
        first = 0x10 | 4 * self.drawer_high | 8 * self.offline | 0x20 * self.has("cover_open")
        return bytes((first, self._error_bits(), self.paper_sensors(), 0x0F))

    def _error_bits(self) -> int:
        errors = 0x20 * self.has("unrecoverable") | 0x40 * self.has("head_hot")
        return errors | 8 * self.cutter_error
