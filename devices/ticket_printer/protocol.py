"""ESC/POS on the wire: what the printer is asked, and its bytes to replies. Pure.

Source: Epson ESC/POS command reference (ESC @, GS V, GS ( H, GS I, GS r, DLE EOT, DLE ENQ, DLE DC4, and how its
replies are told apart); Custom VKP80 command manual (DLE EOT 20).
"""

import re
from dataclasses import dataclass

INITIALISE = b"\x1b@"
CUT = b"\x1dV\x42\x00"  # feed to the cutter, then cut, leaving one point
ASK_PAPER_QUEUED = b"\x1dr\x01"
ASK_FULL_STATUS = b"\x10\x04\x14"
MAKER, MODEL, SERIAL = 66, 67, 68
CLEAR_BUFFERS = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
RECOVER_AND_CLEAR = b"\x10\x05\x02"

XON, XOFF = 0x11, 0x13
PROCESS_ID = b"7\x22"
TEXT = b"_"
BLOCK_HEADS = frozenset(b"\x37\x5f\x35\x3b\x3d")
LONGEST_BLOCK = 128
FULL_STATUS = b"\x10\x0f"
TICKET_ID = re.compile(rb"(?<=/t/)[A-Za-z0-9_-]+")
IMAGE, IMAGE_HEAD = b"\x1dv0", 8  # and how long its command is before the dots


def ask_status(n: int) -> bytes:
    """DLE EOT n: 1 printer, 2 offline cause, 3 error cause, 4 roll paper. Answered at once."""
    return bytes((0x10, 0x04, n))


def ask_identity(n: int) -> bytes:
    """GS I: MAKER, MODEL or SERIAL. Answered in its turn with the data, as text."""
    return bytes((0x1D, 0x49, n))


def ask_process_id(identity: bytes) -> bytes:
    """GS ( H fn 48: four characters 20h to 7Eh, sent back when everything before is printed."""
    return b"\x1d(H\x06\x0000" + identity


def process_id(number: int) -> bytes:
    """Four characters for GS ( H, different for 78 million numbers in a row."""
    characters = []
    for _ in range(4):
        number, digit = divmod(number, 94)
        characters.append(0x21 + digit)
    return bytes(characters)


def end_half_command(longest: int) -> bytes:
    """What a torn command of so many bytes still waits for; NUL prints nothing."""
    return b"\x00" * longest


@dataclass(frozen=True, slots=True)
class RealTimeStatus:
    """The reply to DLE EOT 1 to 4: which one it answers is known by who asked."""

    bits: int


@dataclass(frozen=True, slots=True)
class FullStatus:
    """The reply to DLE EOT 20: paper, user, recoverable and unrecoverable errors."""

    paper: int
    user: int
    recoverable: int
    unrecoverable: int


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


@dataclass(frozen=True, slots=True)
class IdentityText:
    """The reply to GS I 66 to 68."""

    text: str


Reply = RealTimeStatus | FullStatus | AutomaticStatus | QueuedStatus | ProcessId | IdentityText


class FrameReader:
    """Tells the printer's replies apart, whatever pieces they come in. Garbage is counted, not raised."""

    def __init__(self, *, presenter: bool = False) -> None:
        """`presenter`: 10 0F begins a full status; other printers could begin an automatic one so.

        Bytes 11 and 13 are flow control wherever they stand; the wire keeps them to itself.
        """
        self._presenter = presenter
        self._block = b""  # half a block, without its NUL
        self._fixed = b""  # half a status of four or six bytes
        self._inserted = (
            0  # bytes still to come of an automatic status in the middle of another reply
        )
        self.noise = 0

    def feed(self, data: bytes) -> list[Reply]:
        replies = (self._byte(byte) for byte in data)
        return [reply for reply in replies if reply is not None]

    def pause(self) -> None:
        """The line has been silent: half a reply will not be completed any more."""
        self.noise += len(self._block) + len(self._fixed)
        self._block = self._fixed = b""
        self._inserted = 0

    def _byte(self, byte: int) -> Reply | None:
        if byte in (XON, XOFF):
            return None
        if self._block:
            return self._in_block(byte)
        if self._fixed:
            return self._in_fixed(byte)
        return self._first(byte)

    def _first(self, byte: int) -> Reply | None:
        if byte in BLOCK_HEADS:
            self._block = bytes((byte,))
        elif byte & 0b10010011 == 0b00010010:
            return RealTimeStatus(byte)
        elif byte & 0b10010011 == 0b00010000:
            self._fixed = bytes((byte,))
        elif byte & 0b10010000 == 0:
            return QueuedStatus(byte)
        else:
            self.noise += 1
        return None

    def _in_block(self, byte: int) -> Reply | None:
        if self._inserted:
            self._inserted -= 1
            return None
        if (
            0 < byte < 0x20 and byte & 0b10010011 == 0b00010000
        ):  # no letter: an automatic status begins
            self._inserted = 3
            return None
        if byte != 0 and len(self._block) < LONGEST_BLOCK and byte < 0x80:
            self._block += bytes((byte,))
            return None
        block, self._block = self._block, b""
        if byte != 0:
            self.noise += len(block)
            return None
        return _block(block)

    def _in_fixed(self, byte: int) -> Reply | None:
        if self._inserted:
            self._inserted -= 1
            return None
        full = self._presenter and (self._fixed + bytes((byte,)))[:2] == FULL_STATUS
        if (
            full and len(self._fixed) > 1 and byte & 0b10010011 == 0b00010000
        ):  # no such bit in a full one
            self._inserted = 3
            return None
        if not full and byte & 0b10010000:
            self.noise += len(self._fixed)
            self._fixed = b""
            return self._first(byte)
        self._fixed += bytes((byte,))
        if len(self._fixed) < (6 if full else 4):
            return None
        bits, self._fixed = self._fixed, b""
        return FullStatus(*bits[2:]) if full else AutomaticStatus(bits)


def _block(block: bytes) -> Reply | None:
    """Looked at from its end: what stands before may be a block that was broken off."""
    if block[-6:-4] == PROCESS_ID:
        return ProcessId(block[-4:])
    _, head, words = block.partition(TEXT)
    if not head:
        return None
    return IdentityText("".join(c for c in words.decode("ascii", "replace") if c.isprintable()))


def mask(stream: bytes) -> bytes:
    """A recorded stream without what tells about a customer: the ticket's id in its link, and pictures, which
    may be that link as a QR code or a rare name. As long as before."""
    masked = bytearray(TICKET_ID.sub(lambda found: b"x" * len(found[0]), stream))
    at = stream.find(IMAGE)
    while at >= 0:
        dots = at + IMAGE_HEAD
        step, rows = stream[at + 4 : at + 6], stream[at + 6 : dots]
        end = min(len(stream), dots + _number(step) * _number(rows))
        masked[dots:end] = bytes(max(0, end - dots))
        at = stream.find(IMAGE, max(end, at + 1))
    return bytes(masked)


def _number(low_high: bytes) -> int:
    return int.from_bytes(low_high, "little")
