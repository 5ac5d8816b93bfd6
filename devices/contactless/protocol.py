"""NXP PN532 over a high-speed UART: requests to bytes, bytes to frames. Pure.

Source: NXP UM0701-02, 6.2.1 (frames) and 7 (commands). What a card says is personal data: it stands only
in fields that no repr shows, and `mask` takes it out of a recorded stream.
"""

from dataclasses import dataclass, field
from enum import Enum

from devices.contactless import redaction

START = b"\x00\xff"  # a zero before it and one behind the frame carry nothing
EXTENDED = b"\xff\xff"  # stands where the length would; the length is in the two bytes behind it
ACK = b"\x00\x00\xff\x00\xff\x00"
NACK = b"\x00\x00\xff\xff\x00\x00"
# the long preamble takes as long as the machine needs to wake; the first command must be SAMConfiguration
WAKE = b"\x55\x55" + b"\x00" * 14
HOST, MACHINE, FAILED = 0xD4, 0xD5, 0x7F
LONGEST = 265  # of direction, code and data
LONGEST_NORMAL = 255
LINE_TEST = bytes(range(256)) + bytes(range(6))  # nothing smaller needs an extended frame


DIAGNOSE, FIRMWARE, SAM, RF, EXCHANGE, LIST, RELEASE = 0x00, 0x02, 0x14, 0x32, 0x40, 0x4A, 0x52


@dataclass(frozen=True, slots=True)
class Request:
    """A command as it goes out, and the code that its answer carries."""

    frame: bytes = field(repr=False)
    answered_by: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The machine has taken the command."""


@dataclass(frozen=True, slots=True)
class NotAcknowledged:
    """The machine has not understood the frame, and wants it again."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The frame was whole, but the machine does not carry out such a command."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A frame with a wrong check sum at its end."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `code` is that of the command and one."""

    code: int
    data: bytes = field(repr=False)


Frame = Acknowledged | NotAcknowledged | Rejected | Damaged | Reply


def encode(code: int, data: bytes = b"") -> bytes:
    """A command frame, an extended one when it must be. ValueError for more than 263 bytes of data."""
    return _framed(bytes((HOST, code)) + data)


def _framed(body: bytes) -> bytes:
    if len(body) > LONGEST:
        raise ValueError(f"a frame holds at most {LONGEST} bytes, not {len(body)}")
    extended = len(body) > LONGEST_NORMAL
    length = len(body).to_bytes(2 if extended else 1, "big")
    head = (EXTENDED if extended else b"") + length + _complement(length)
    return b"\x00" + START + head + body + _complement(body) + b"\x00"


def _complement(data: bytes) -> bytes:
    """What makes the sum of all bytes zero."""
    return bytes((-sum(data) & 0xFF,))


def _request(code: int, data: bytes = b"") -> Request:
    return Request(encode(code, data), code + 1)


def firmware_version() -> Request:
    return _request(FIRMWARE)


def sam_configuration() -> Request:
    """Normal mode: no security module between us and the card."""
    return _request(SAM, b"\x01\x00\x00")


def max_retries() -> Request:
    """How often the machine tries by itself: ATR without end, PSL once, looking for a card twice more."""
    return _request(RF, b"\x05\xff\x01\x02")


def rf_field(*, on: bool) -> Request:
    return _request(RF, bytes((0x01, on)))


def line_test() -> Request:
    """The machine sends the same 263 bytes back, both ways in an extended frame."""
    return _request(DIAGNOSE, b"\x00" + LINE_TEST)


def list_targets(most: int) -> Request:
    """Look for cards of type A at 106 kbit/s; `most` is 1 or 2."""
    return _request(LIST, bytes((most, 0x00)))


def exchange(target: int, command: bytes) -> Request:
    """Send a card's command; an empty one fetches the rest of a long answer.

    ValueError for more than 262 bytes.
    """
    return _request(EXCHANGE, bytes((target,)) + command)


def release_all() -> Request:
    return _request(RELEASE, b"\x00")


class _Not(Enum):
    """What begins with a start code and is no frame, or not yet."""

    YET = 0
    A_FRAME = 1


@dataclass(frozen=True, slots=True)
class _Span:
    """Where a frame stands: from its start code to behind its check sum.

    The body of ACK and NACK is empty; `frame` is None where the body says what it is.
    """

    frame: Acknowledged | NotAcknowledged | Damaged | None
    starts: int
    body: int
    ends: int


class FrameReader:
    """Finds the machine's frames in its bytes, whatever pieces they come in."""

    def __init__(self) -> None:
        self._held = b""
        self._zeros = 1  # that may still come before a frame without being noise
        self.noise = 0

    def feed(self, data: bytes) -> list[Frame]:
        self._held += data
        spans, settled = _scan(self._held)
        frames, at = [], 0
        for span in spans:
            frame = span.frame or _meaning(self._held[span.body : span.ends - 1])
            if frame is None:
                continue
            frames.append(frame)
            if not isinstance(frame, Damaged):
                self._count(self._held[at : span.starts])
                self._zeros, at = 2, span.ends
        self._count(self._held[at:settled])
        self._held = self._held[settled:]
        return frames

    def pause(self) -> None:
        """Half a frame will not be completed."""
        self._count(self._held)
        self._held, self._zeros = b"", 1

    def _count(self, between: bytes) -> None:
        spare = min(self._zeros, between.count(0))
        self._zeros -= spare
        self.noise += len(between) - spare


def _meaning(body: bytes) -> Frame | None:
    """None for what no machine sends, such as the echo of our own frames."""
    if body[0] == FAILED:
        return Rejected()
    return Reply(body[1], body[2:]) if body[0] == MACHINE and len(body) > 1 else None


def _scan(data: bytes) -> tuple[list[_Span], int]:
    """The frames in order, and up to where all is settled: the rest may become a frame."""
    spans: list[_Span] = []
    at = 0
    while (start := data.find(START, at)) >= 0:
        span = _span(data, start)
        if span is _Not.YET:
            return spans, start
        at = start + 1
        if isinstance(span, _Span):
            spans.append(span)
            # what stands in a damaged frame may be the next one, whose start it has swallowed
            at = at if isinstance(span.frame, Damaged) else span.ends
    return spans, max(at, len(data) - data.endswith(b"\x00"))


def _span(data: bytes, start: int) -> _Span | _Not:
    """The frame that begins here."""
    head = data[start + 2 : start + 7]
    if head[:2] in (b"\x00\xff", b"\xff\x00"):
        frame = NotAcknowledged() if head[0] else Acknowledged()
        return _Span(frame, start, start + 4, start + 4)
    extended = head.startswith(EXTENDED)
    if len(head) < (5 if extended else 2):
        return _Not.YET
    length, body = (head[2:4], start + 7) if extended else (head[:1], start + 4)
    size = int.from_bytes(length, "big")
    if data[body - 1 : body] != _complement(length) or not 0 < size <= LONGEST:
        return _Not.A_FRAME
    ends = body + size + 1
    if len(data) < ends:
        return _Not.YET
    return _Span(Damaged() if sum(data[body:ends]) & 0xFF else None, start, body, ends)


def mask(stream: bytes) -> bytes:
    """A recording of one direction without what cards say: numbers, tracks, names, serial numbers.

    Frames stay where and as long as they are, with check sums that fit; bytes that belong to no frame
    become zeros.
    """
    masked = bytearray(len(stream))
    redact = redaction.Redaction()
    for span in _scan(stream)[0]:
        if isinstance(span.frame, Damaged):
            continue
        masked[span.starts : span.body] = stream[span.starts : span.body]
        if span.frame is None:
            body = redact.body(stream[span.body : span.ends - 1])
            masked[span.body : span.ends] = body + _complement(body)
    return bytes(masked)
