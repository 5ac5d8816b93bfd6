"""ESC/POS: slips to bytes, and the printer's bytes to replies. Pure.

Source: Epson ESC/POS command reference (ESC @, ESC a, ESC E, GS !, GS V, GS ( k, GS ( H, GS r, DLE EOT,
DLE ENQ, DLE DC4); Chinese models: two-byte GB18030 between FS & and FS .
"""

from dataclasses import dataclass
from itertools import groupby

from devices.ticket_printer.slip import Feed, Line, Qr, Slip

INITIALISE = b"\x1b@"
ALIGN = {"left": b"\x1ba\x00", "centre": b"\x1ba\x01", "right": b"\x1ba\x02"}
CUT = b"\x1dV\x42\x00"  # feed to the cutter, then cut, leaving one point
CHINESE_ON, CHINESE_OFF = b"\x1c&", b"\x1c."
DELETE = "\x7f"
LONGEST_QR = 1000  # bytes; a length from 1024 on could hold a real-time command (10 04 …)
MISSING = "〓"  # what a typesetter puts where a character is missing
ASK_PAPER_QUEUED = b"\x1dr\x01"
CLEAR_BUFFERS = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
RECOVER_AND_CLEAR = b"\x10\x05\x02"
END_HALF_COMMAND = b"\x00" * 512  # longer than any command we send; NUL prints nothing

XON, XOFF = 0x11, 0x13
BLOCK_HEADS = frozenset(b"\x37\x5f\x35\x3b\x3d")
LONGEST_BLOCK = 128


def ask_status(n: int) -> bytes:
    """DLE EOT n: 1 printer, 2 offline cause, 3 error cause, 4 roll paper. Answered at once."""
    return bytes((0x10, 0x04, n))


def ask_process_id(identity: bytes) -> bytes:
    """GS ( H fn 48: four characters 20h to 7Eh, sent back when everything before is printed."""
    return b"\x1d(H\x06\x0000" + identity


def encode(slip: Slip) -> bytes:
    """The slip from reset to cut."""
    return INITIALISE + b"".join(map(_element, slip)) + CUT


def _element(element: Line | Qr | Feed) -> bytes:
    if isinstance(element, Line):
        return _line(element)
    if isinstance(element, Qr):
        return _qr(element)
    return bytes((0x1B, 0x64, element.lines))


def _line(line: Line) -> bytes:
    size = ((line.size - 1) << 4) | (line.size - 1)
    style = bytes((0x1D, 0x21, size, 0x1B, 0x45, line.bold))
    return ALIGN[line.align] + style + text(line.text) + b"\n"


def text(words: str) -> bytes:
    """ASCII as it is, everything else as two-byte GB18030 between FS & and FS .

    Characters of four bytes cannot be printed as text (SureMark SP91 manual) and are replaced; the
    half-width yen sign is one of them and has a full-width twin.
    """
    printable = "".join(c for c in words.replace("\xa5", "￥") if c >= " " and c != DELETE)
    runs = (("".join(run), ascii_) for ascii_, run in groupby(printable, str.isascii))
    return b"".join(
        run.encode("ascii") if ascii_ else CHINESE_ON + _two_bytes(run) + CHINESE_OFF
        for run, ascii_ in runs
    )


def _two_bytes(run: str) -> bytes:
    coded = (c.encode("gb18030", "replace") for c in run)
    return b"".join(code if len(code) == 2 else MISSING.encode("gb18030") for code in coded)


def _qr(qr: Qr) -> bytes:
    """GS ( k, cn 49: model 2, module size, error correction M, store, print.

    Control characters, which the printer could take for a command, are percent-encoded. Raises
    ValueError for data that is too long.
    """
    data = "".join(c if c >= " " else f"%{ord(c):02X}" for c in qr.data).encode("utf-8", "replace")
    if len(data) > LONGEST_QR:
        raise ValueError(f"a QR code holds at most {LONGEST_QR} bytes, not {len(data)}")
    length = (len(data) + 3).to_bytes(2, "little")
    return (
        ALIGN["centre"]
        + b"\x1d(k\x04\x00\x31\x41\x32\x00"
        + b"\x1d(k\x03\x00\x31\x43"
        + bytes((qr.module,))
        + b"\x1d(k\x03\x00\x31\x45\x31"
        + b"\x1d(k"
        + length
        + b"\x31\x50\x30"
        + data
        + b"\x1d(k\x03\x00\x31\x51\x30"
    )


@dataclass(frozen=True, slots=True)
class RealTimeStatus:
    """The reply to DLE EOT: which n it answers is known by who asked."""

    bits: int


@dataclass(frozen=True, slots=True)
class AutomaticStatus:
    """Four bytes sent unasked (GS a)."""

    bits: bytes


@dataclass(frozen=True, slots=True)
class QueuedStatus:
    """The reply to GS r, in its turn with the data."""

    bits: int


@dataclass(frozen=True, slots=True)
class ProcessId:
    """The reply to GS ( H fn 48."""

    identity: bytes


Reply = RealTimeStatus | AutomaticStatus | QueuedStatus | ProcessId


class ReplyReader:
    """Tells the printer's replies apart, whatever pieces they come in. Garbage is counted, not raised."""

    def __init__(self) -> None:
        self._block = b""
        self._automatic = b""
        self.noise = 0

    def feed(self, data: bytes) -> list[Reply]:
        replies = (self._byte(byte) for byte in data)
        return [reply for reply in replies if reply is not None]

    def _byte(self, byte: int) -> Reply | None:
        if byte in (XON, XOFF):
            return None
        if self._block:
            return self._in_block(byte)
        if self._automatic:
            return self._in_automatic(byte)
        return self._first(byte)

    def _first(self, byte: int) -> Reply | None:
        if byte in BLOCK_HEADS:
            self._block = bytes((byte,))
        elif byte & 0b10010011 == 0b00010010:
            return RealTimeStatus(byte)
        elif byte & 0b10010011 == 0b00010000:
            self._automatic = bytes((byte,))
        elif byte & 0b10010000 == 0:
            return QueuedStatus(byte)
        else:
            self.noise += 1
        return None

    def _in_block(self, byte: int) -> Reply | None:
        if byte != 0 and len(self._block) < LONGEST_BLOCK and byte < 0x80:
            self._block += bytes((byte,))
            return None
        block, self._block = self._block, b""
        if byte != 0:
            self.noise += len(block)
            return None
        # looked at from its end: what stands before may be a block that was broken off
        return ProcessId(block[-4:]) if block[-6:-4] == b"7\x22" else None

    def _in_automatic(self, byte: int) -> Reply | None:
        if byte & 0b10010000:
            self.noise += len(self._automatic)
            self._automatic = b""
            return self._first(byte)
        self._automatic += bytes((byte,))
        if len(self._automatic) < 4:
            return None
        bits, self._automatic = self._automatic, b""
        return AutomaticStatus(bits)


@dataclass(frozen=True, slots=True)
class Status:
    """The three causes of DLE EOT 2, 3 and 4, in words. `blocks` is empty when it can print."""

    blocks: str = ""
    paper_low: bool = False


def status(offline: int, error: int, paper: int) -> Status:
    """What the three bytes mean for somebody who wants a ticket now."""
    causes = (
        (offline & 0x04, "coverOpen"),
        (paper & 0x60 or offline & 0x20, "paperOut"),
        (error & 0x08, "cutterJam"),
        (error & 0x20, "unrecoverable"),
        (error & 0x04, "mechanical"),
        (error & 0x40, "headHot"),
    )
    blocks = next((word for bits, word in causes if bits), "")
    return Status(blocks, paper_low=bool(paper & 0x0C))
