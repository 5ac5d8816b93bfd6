"""Motorised card readers CRT-571 and CRT-591 (CREATOR) and MTK-F31: bytes to values and back. Pure.

Source: the makers' communication protocols CRT-591-M001 and MTK-F31 (frames, positions, error codes); the
command for magnetic tracks, which they leave out, from what a CRT-591-R02 was seen to say. All waiting is
`link`'s. What the tracks mean is in `tracks`: no card number leaves these two files.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import reduce
from operator import xor

from devices.card_reader.tracks import masked_track

STX, ETX = 0xF2, 0x03
COMMAND, POSITIVE, NEGATIVE = 0x43, 0x50, 0x4E
NEGATIVE_MISPRINTED = 0x45  # so in one manual
HEADS = (POSITIVE, NEGATIVE, NEGATIVE_MISPRINTED)
HIGHEST_ADDRESS = 0x0F
SHORTEST_TEXT, LONGEST_TEXT = 5, 6 + 512
COMMAND_BYTES = 9
AROUND_TEXT = 6  # STX, address, two bytes of length; ETX, check character
BEFORE_DATA = 6  # head, command, parameter, three bytes of status


class Signal(IntEnum):
    """One byte outside frames."""

    ACK = 0x06
    NAK = 0x15
    EOT = 0x04


class Where(StrEnum):
    """Where the card is. `gate`: the customer can take it."""

    NONE = "none"
    GATE = "gate"
    INSIDE = "inside"
    UNKNOWN = "unknown"


POSITIONS = {0x30: Where.NONE, 0x31: Where.GATE, 0x32: Where.INSIDE}

# by e1 and e0; XFS4IoT's words where it has one
ERRORS: Mapping[str, str] = {
    "00": "invalidCommand",
    "01": "invalidParameter",
    "02": "sequenceError",
    "03": "unsupportedCommand",
    "04": "invalidData",
    "05": "contactNotReleased",
    "10": "mediaJam",
    "12": "sensor",
    "13": "cardTooLong",
    "14": "cardTooShort",
    "16": "noMedia",  # moved by hand: in practice pulled out
    "40": "captureFailed",
    "41": "solenoid",
    "42": "contactNotReached",
    "43": "contactNotReached",
    "45": "noMedia",
    "50": "counterOverflow",
    "51": "motor",
    "60": "chipShortCircuit",
    "61": "chipNotActivated",
    "62": "chipUnsupported",
    "63": "chipTimeOut",
    "64": "chipProtocol",
    "65": "chipNotActivated",
    "66": "chipUnsupported",
    "67": "chipTransmission",
    "68": "chipTimeOut",
    "69": "chipNotEmv",
    "A0": "dispenserEmpty",
    "A1": "binFull",
    "B0": "notInitialised",
}


@dataclass(frozen=True, slots=True)
class Request:
    """`moves`: never sent again when nobody knows whether it was done."""

    command: int
    parameter: int
    moves: bool = False


# Of the machine's initialisations only those are here that keep the card (not 31h, 34h, 35h, 37h).
INITIALISE_TO_GATE = Request(0x30, 0x30, moves=True)
INITIALISE = Request(0x30, 0x33, moves=True)
STATUS = Request(0x31, 0x30)
TO_GATE = Request(0x32, 0x30, moves=True)
CAPTURE = Request(0x32, 0x33, moves=True)
CHIP_TYPE = Request(0x50, 0x30)
CHIP_OFF = Request(0x51, 0x31)
MAGNETIC_TRACKS = Request(0x36, 0x37)
SERIAL_NUMBER = Request(0xA2, 0x30)
VERSION = Request(0xA4, 0x30)
BIN_COUNT = Request(0xA5, 0x30)
WITHOUT_PERSON = (0x30, 0x31, 0x32, 0x33, 0x50, 0xA2, 0xA3, 0xA4, 0xA5)  # commands


@dataclass(frozen=True, slots=True)
class Model:
    """In what the readers of the family differ."""

    entry_on: Request
    entry_off: Request


MODELS: Mapping[str, Model] = {
    "crt591": Model(Request(0x33, 0x30), Request(0x33, 0x31)),
    "r02": Model(Request(0x33, 0x32), Request(0x33, 0x30)),
}


def encode(request: Request, address: int = 0) -> bytes:
    """`address`: the machine's, 0 to 15, as its switches say."""
    text = bytes((COMMAND, request.command, request.parameter))
    frame = bytes((STX, address)) + len(text).to_bytes(2, "big") + text + bytes((ETX,))
    return frame + bytes((check(frame),))


def check(data: bytes) -> int:
    """The check character of everything from STX to ETX."""
    return reduce(xor, data, 0)


@dataclass(frozen=True, slots=True)
class Status:
    """Where the card is, and what is wrong in one word (then the card is `unknown`)."""

    card: Where
    bin_full: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a command; `data` may be a person's."""

    address: int
    command: int
    parameter: int
    status: Status
    data: bytes = field(default=b"", repr=False)

    def answers(self, request: Request) -> bool:
        return (self.command, self.parameter) == (request.command, request.parameter)


@dataclass(frozen=True, slots=True)
class Damaged:
    """A frame with a wrong end or check character: the machine can be asked to say it again."""


Frame = Signal | Answer | Damaged


class FrameReader:
    """Length-driven: any byte may stand in the data. After a broken frame only a whole frame or a silence
    ends the search, since single bytes may be the rest of its data."""

    def __init__(self) -> None:
        self.noise = 0
        self._held = b""
        self._searching = False

    def feed(self, data: bytes) -> list[Frame]:
        held = self._held + data
        frames: list[Frame] = []
        at = 0
        while at < len(held):
            length, frame = _piece(held, at, searching=self._searching)
            if not length:
                break
            self._searching = _searching(held[at], frame, before=self._searching)
            at += length
            if frame is None or isinstance(frame, Damaged):
                self.noise += length
            if frame is not None:
                frames.append(frame)
        self._held = held[at:]
        return frames

    def pause(self) -> None:
        self.noise += len(self._held)
        self._held = b""
        self._searching = False


def _searching(first: int, frame: Frame | None, *, before: bool) -> bool:
    """Whether a frame has begun that did not end as one."""
    return (before or first == STX) and not isinstance(frame, Answer)


def _piece(data: bytes, at: int, *, searching: bool) -> tuple[int, Frame | None]:
    """How long the piece at `at` is and what; (0, None) when its end has not come. Here is all resynchronising:
    of what is no frame one byte is passed over."""
    first = data[at]
    if first != STX:
        known = not searching and first in tuple(Signal)
        return 1, Signal(first) if known else None
    if not _could_be_frame(data[at + 1 : at + 5]):
        return 1, None
    length = int.from_bytes(data[at + 2 : at + 4], "big") + AROUND_TEXT
    whole = data[at : at + length]
    if len(data) < at + 5 or len(whole) < length:
        return 0, None
    if whole[-2] != ETX or check(whole[:-1]) != whole[-1]:
        return 1, Damaged()
    return length, _answer(whole)


def _could_be_frame(header: bytes) -> bool:
    """As far as it has come: address, length, head."""
    if header[:1] and header[0] > HIGHEST_ADDRESS:
        return False
    if len(header) > 1 and header[1] > LONGEST_TEXT >> 8:
        return False
    if len(header) > 2:
        shortest = BEFORE_DATA if header[3:] and header[3] == POSITIVE else SHORTEST_TEXT
        if not shortest <= int.from_bytes(header[1:3], "big") <= LONGEST_TEXT:
            return False
    return len(header) < 4 or header[3] in HEADS


def _answer(whole: bytes) -> Answer:
    text = whole[4:-2]
    head, command, parameter = text[:3]
    if head == POSITIVE:
        full = text[5] == 0x31
        status = Status(POSITIONS.get(text[3], Where.UNKNOWN), full)
        return Answer(whole[1], command, parameter, status, text[BEFORE_DATA:])
    if command == MAGNETIC_TRACKS.command and b"~" in text:
        # the R02 sends tracks under the head of errors
        return Answer(whole[1], command, parameter, Status(Where.UNKNOWN), text[BEFORE_DATA:])
    code = text[3:5].decode("ascii", "replace").upper()
    word = ERRORS.get(code) or f"error{code}"
    return Answer(whole[1], command, parameter, Status(Where.UNKNOWN, error=word), text[5:])


def words(answer: Answer) -> str:
    """The printable text of an answer: firmware or version."""
    return "".join(chr(byte) for byte in answer.data if 0x20 < byte < 0x7F)


def serial_number(answer: Answer) -> str:
    """Its length stands before it."""
    counted = answer.data[1 : 1 + answer.data[0]] if answer.data else b""
    return "".join(chr(byte) for byte in counted if 0x20 < byte < 0x7F)


def bin_count(answer: Answer) -> int | None:
    """Cards captured since the bin was emptied, 0 to 999; None when the model does not count."""
    digits = re.fullmatch(rb"\d{3}", answer.data)
    return int(digits[0]) if digits and not answer.status.error else None


def has_chip(answer: Answer) -> bool:
    """Contacts answered: a processor card or one of the memory cards (two digits, 00 is none)."""
    return not answer.status.error and answer.data[:1] in (b"1", b"2", b"3")


def mask(stream: bytes) -> bytes:
    """A recorded stream of the machine's bytes without what tells about a card; as long as before."""
    masked = bytearray()
    searching = False
    while len(masked) < len(stream):
        at = len(masked)
        command = _command(stream, at)
        if command:  # the host's: it tells about nobody, and a replay compares it
            masked += command
            searching = False
            continue
        length, frame = _piece(stream, at, searching=searching)
        searching = _searching(stream[at], frame, before=searching)
        piece = stream[at : at + length]
        if isinstance(frame, Answer):
            masked += _masked_frame(piece, frame)
        elif isinstance(frame, Signal):
            masked += piece
        else:
            masked += bytes(length or len(stream) - at)
    return bytes(masked)


def _command(stream: bytes, at: int) -> bytes:
    """The host's command that begins here; empty where none does."""
    whole = stream[at : at + COMMAND_BYTES]
    address = whole[1] if len(whole) == COMMAND_BYTES else HIGHEST_ADDRESS + 1
    if address > HIGHEST_ADDRESS:
        return b""
    asked = encode(Request(whole[5], whole[6]), address)
    return whole if whole == asked else b""


def _masked_frame(whole: bytes, answer: Answer) -> bytes:
    if answer.command in WITHOUT_PERSON or not answer.data:
        return whole
    starts = len(whole) - 2 - len(answer.data)
    data = bytes(len(answer.data))
    if answer.command == MAGNETIC_TRACKS.command:
        data = b"~".join(map(masked_track, answer.data.split(b"~")))
    frame = whole[:starts] + data + whole[-2:-1]
    return frame + bytes((check(frame),))
