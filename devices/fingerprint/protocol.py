"""Packets of R30x, ZFM-20 and AS608 fingerprint modules: bytes to values and back. Pure.

Source: the user manuals of these modules (packet form, instructions, confirmation codes), which agree.
EF 01, address (4), kind, length (2), payload, sum (2), most significant byte first; the length counts
payload and sum, the sum is that of kind, length and payload.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

HEAD = b"\xef\x01"
FRONT = 9  # bytes before the payload
KIND_AT, LENGTH_AT = 6, 7
SUM = 2
LONGEST_PAYLOAD = 256  # the largest data packet a module can be set to
LONGEST_ANSWER = 33  # code and a page of the index table; a longer one could only be a template
DEFAULT_ADDRESS = 0xFFFFFFFF

OK, PACKET_ERROR, NO_FINGER, CAPTURE_FAILED = 0x00, 0x01, 0x02, 0x03
MESSY, TOO_FEW_POINTS, NO_MATCH, CANNOT_MERGE = 0x06, 0x07, 0x08, 0x0A
WRONG_PASSWORD, NO_VALID_IMAGE, PASSWORD_NEEDED = 0x13, 0x15, 0x21

# confirmation code: XFS4IoT's completion, and the detail in one word
MEANING: Mapping[int, tuple[str, str]] = {
    OK: ("success", ""),
    PACKET_ERROR: ("hardwareError", "packetError"),
    NO_FINGER: ("commandErrorCode", "noFinger"),
    CAPTURE_FAILED: ("hardwareError", "captureFailed"),
    MESSY: ("commandErrorCode", "messyImage"),
    TOO_FEW_POINTS: ("commandErrorCode", "tooFewPoints"),
    NO_MATCH: ("commandErrorCode", "noMatch"),
    0x09: ("commandErrorCode", "notFound"),
    CANNOT_MERGE: ("commandErrorCode", "cannotMerge"),
    0x0B: ("invalidData", "invalidPage"),
    0x0C: ("commandErrorCode", "templateUnreadable"),
    0x0D: ("hardwareError", "uploadFailed"),
    0x0E: ("hardwareError", "downloadFailed"),
    0x0F: ("hardwareError", "uploadFailed"),
    0x10: ("hardwareError", "deleteFailed"),
    0x11: ("hardwareError", "emptyFailed"),
    WRONG_PASSWORD: ("authorisationRequired", "wrongPassword"),
    NO_VALID_IMAGE: ("commandErrorCode", "noValidImage"),
    0x18: ("hardwareError", "flashError"),
    0x1A: ("hardwareError", "invalidRegister"),
    0x20: ("hardwareError", "wrongAddress"),
    PASSWORD_NEEDED: ("authorisationRequired", "passwordNeeded"),
}
UNKNOWN = ("hardwareError", "unknownCode")


class Kind(IntEnum):
    COMMAND = 0x01
    DATA = 0x02
    ANSWER = 0x07
    LAST_DATA = 0x08


KINDS = frozenset(Kind)
HOLDS_TEMPLATE = (Kind.DATA, Kind.LAST_DATA)


@dataclass(frozen=True, slots=True)
class Frame:
    """One packet whose sum is right."""

    kind: Kind
    payload: bytes = field(repr=False)
    address: int = DEFAULT_ADDRESS


class FrameReader:
    """Tells packets apart, whatever pieces they come in. `noise`: bytes that belonged to none."""

    def __init__(self) -> None:
        self._held = b""
        self.noise = 0

    def feed(self, data: bytes) -> list[Frame]:
        data = self._held + data
        spans, rest = _packets(data)
        self._held = data[rest:]
        self.noise += rest - sum(len(span) for span in spans)
        return [_frame(data[span.start : span.stop]) for span in spans]

    def pause(self) -> None:
        """Half a packet will not be completed any more."""
        self.noise += len(self._held)
        self._held = b""


def _packets(data: bytes) -> tuple[list[range], int]:
    """Where whole packets stand, and from where on more must come to know."""
    spans: list[range] = []
    at = done = 0
    while (at := data.find(HEAD, at)) >= 0:
        length = _length(data, at)
        if length is None:
            return spans, at
        if length:
            done = at + length
            spans.append(range(at, done))
        at += length or 1
    half_a_head = data.endswith(HEAD[:1], done)
    return spans, len(data) - half_a_head


def _length(data: bytes, at: int) -> int | None:
    """That of the packet which begins here; 0 when none does, None when more must come to know."""
    if len(data) > at + KIND_AT and data[at + KIND_AT] not in KINDS:
        return 0
    if len(data) < at + FRONT:
        return None
    behind = int.from_bytes(data[at + LENGTH_AT : at + FRONT])
    if not SUM <= behind <= LONGEST_PAYLOAD + SUM:
        return 0
    end = at + FRONT + behind
    if len(data) < end:
        return None
    right = data[end - SUM : end] == _sum(data[at + KIND_AT : end - SUM])
    return end - at if right else 0


def _sum(summed: bytes) -> bytes:
    return (sum(summed) & 0xFFFF).to_bytes(SUM)


def _frame(packet: bytes) -> Frame:
    address = int.from_bytes(packet[len(HEAD) : KIND_AT])
    return Frame(Kind(packet[KIND_AT]), packet[FRONT:-SUM], address)


def encode(kind: Kind, payload: bytes, address: int = DEFAULT_ADDRESS) -> bytes:
    """One packet. Raises ValueError for a payload that is too long."""
    if len(payload) > LONGEST_PAYLOAD:
        raise ValueError(f"a packet holds at most {LONGEST_PAYLOAD} bytes, not {len(payload)}")
    summed = bytes((kind,)) + (len(payload) + SUM).to_bytes(2) + payload
    return HEAD + address.to_bytes(4) + summed + _sum(summed)


def data_packets(data: bytes, size: int, address: int = DEFAULT_ADDRESS) -> list[bytes]:
    """A template in packets of `size` bytes, the last one marked as such."""
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    kinds = [Kind.DATA] * (len(pieces) - 1) + [Kind.LAST_DATA]
    return [encode(kind, piece, address) for kind, piece in zip(kinds, pieces, strict=True)]


@dataclass(frozen=True, slots=True)
class Command:
    """What a module can be told. `answer`: bytes that follow the code when it is done; `codes`: the
    only ones with which it can be answered, where an older answer could be mistaken for it; `marks`: it
    changes the library."""

    payload: bytes = field(repr=False)
    answer: int = 0
    codes: frozenset[int] = frozenset()
    marks: bool = False

    def encode(self, address: int = DEFAULT_ADDRESS) -> bytes:
        return encode(Kind.COMMAND, self.payload, address)


TAKE_IMAGE = Command(b"\x01")
MATCH = Command(b"\x03", answer=2)
MERGE = Command(b"\x05")
EMPTY = Command(b"\x0d", marks=True)
READ_SYSTEM = Command(b"\x0f", answer=16, codes=frozenset((OK, PASSWORD_NEEDED)))
VERIFY_PASSWORD, SET_PASSWORD = b"\x13", b"\x12"


def image_to_features(slot: int) -> Command:
    """Img2Tz: the features of the last image, into buffer 1 or 2."""
    return Command(bytes((0x02, slot)))


def search(slot: int, first: int, count: int) -> Command:
    return Command(bytes((0x04, slot)) + first.to_bytes(2) + count.to_bytes(2), answer=4)


def store(slot: int, page: int) -> Command:
    return Command(bytes((0x06, slot)) + page.to_bytes(2), marks=True)


def load(slot: int, page: int) -> Command:
    return Command(bytes((0x07, slot)) + page.to_bytes(2))


def upload(slot: int) -> Command:
    """UpChar: data packets follow the answer."""
    return Command(bytes((0x08, slot)))


def download(slot: int) -> Command:
    """DownChar: the module then waits for data packets, which it does not acknowledge."""
    return Command(bytes((0x09, slot)))


def delete(page: int) -> Command:
    return Command(b"\x0c" + page.to_bytes(2) + (1).to_bytes(2), marks=True)


def verify_password(password: int) -> Command:
    codes = frozenset((OK, WRONG_PASSWORD))
    return Command(VERIFY_PASSWORD + password.to_bytes(4), codes=codes)


@dataclass(frozen=True, slots=True)
class Answer:
    """An acknowledgement: its code and what follows it (a score, a page, parameters)."""

    code: int
    data: bytes = b""

    @property
    def meaning(self) -> tuple[str, str]:
        """Completion and detail, in words."""
        return MEANING.get(self.code, UNKNOWN)


def answer(frame: Frame, command: Command) -> Answer | None:
    """The packet as an answer to this command; None when it can only be that to another one."""
    if frame.kind is not Kind.ANSWER or not frame.payload:
        return None
    code, data = frame.payload[0], frame.payload[1:]
    if command.codes and code not in command.codes:
        return None
    if len(data) == command.answer or (code != OK and not data):
        return Answer(code, data)
    return None


@dataclass(frozen=True, slots=True)
class System:
    """A module's parameters. `capacity` in pages, `packet` in bytes, `baud` in bit/s."""

    system_id: int
    capacity: int
    security: int
    packet: int
    baud: int


def system(data: bytes) -> System | None:
    """The answer to READ_SYSTEM; None when it is not as the manual says."""
    if len(data) != READ_SYSTEM.answer:
        return None
    system_id, capacity, security, packet, baud = struct.unpack(">2x3H4x2H", data)
    if packet > 3:
        return None
    return System(system_id, capacity, security, 32 << packet, 9600 * baud)


def mask(stream: bytes) -> bytes:
    """Templates and passwords as zeros, the sums right again; so is everything outside of whole packets."""
    masked = bytearray(len(stream))
    for span in _packets(stream)[0]:
        packet = stream[span.start : span.stop]
        masked[span.start : span.stop] = _masked(packet)
    return bytes(masked)


def _masked(packet: bytes) -> bytes:
    frame = _frame(packet)
    payload = frame.payload
    secret = payload.startswith((VERIFY_PASSWORD, SET_PASSWORD)) and frame.kind is Kind.COMMAND
    if secret:
        payload = payload[:1] + bytes(len(payload) - 1)
    elif frame.kind in HOLDS_TEMPLATE or len(payload) > LONGEST_ANSWER:
        payload = bytes(len(payload))
    return encode(frame.kind, payload, frame.address)
