"""Readers of identity cards with a SAM_V module: bytes to values and back. Pure.

Source: GA 450 (module and its serial protocol). What the text of a card means is in `card`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import xor

from devices.id_card.card import TEXT, IdCard, Unreadable, id_card, masked

HEADER = b"\xaa\xaa\xaa\x96\x69"
SYNC = HEADER[1:]  # the first byte is lost now and then
SHORTEST, LONGEST = (
    4,
    0x0A00,
)  # bytes from the status to the check character; text, photo and two fingerprints
DONE, FOUND, NO_CARD, NO_ANSWER = 0x90, 0x9F, 0x80, 0x05
COMMAND_BYTES = len(HEADER) + 5  # length, command, parameter, check character
NOT_PERSONAL = 16  # longest data that is not of a card: the module's number

# by the third byte of the status; XFS4IoT's words where it has one
ERRORS: Mapping[int, str] = {
    NO_ANSWER: "timeOut",  # some makers' modules, in a frame of their own
    0x10: "checksum",  # of what the module heard
    0x11: "length",
    0x21: "invalidCommand",
    0x23: "authorisationRequired",
    0x31: "samAuthentication",
    0x32: "cardAuthentication",
    0x33: "messageAuthentication",
    0x34: "sequenceError",
    0x40: "invalidMedia",
    0x41: "noMedia",  # taken away while it was read
    0x50: "writeFailed",
    0x60: "samSelfTest",
    0x66: "noLicence",
    0x80: "noMedia",
    0x81: "selectFailed",
    0x91: "dataMissing",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """`code`: the third byte of the status; `data` may be a person's."""

    code: int
    data: bytes = field(default=b"", repr=False)

    @property
    def error(self) -> str:
        """Empty when it was done, or a card found."""
        if self.code in (DONE, FOUND):
            return ""
        return ERRORS.get(self.code) or f"error{self.code:02X}"


@dataclass(frozen=True, slots=True)
class Request:
    """Answers do not say to what: `answered_by` knows which can be meant, `lengths` of good data included."""

    command: int
    parameter: int
    good: int
    lengths: range

    def answered_by(self, answer: Answer) -> bool:
        if answer.code in (DONE, FOUND):
            return answer.code == self.good and len(answer.data) in self.lengths
        return answer.code != NO_CARD or self.good == FOUND


STATUS = Request(0x11, 0xFF, DONE, range(1))
MODULE_NUMBER = Request(0x12, 0xFF, DONE, range(16, 17))
FIND = Request(0x20, 0x01, FOUND, range(5))
SELECT = Request(0x20, 0x02, DONE, range(8, 9))
READ = Request(0x30, 0x01, DONE, range(TEXT, LONGEST))
READ_WITH_PRINTS = Request(0x30, 0x10, DONE, range(TEXT, LONGEST))


def encode(request: Request) -> bytes:
    """With its length and check character."""
    text = bytes((0x00, 0x03, request.command, request.parameter))
    return HEADER + text + bytes((check(text),))


def check(data: bytes) -> int:
    """The check character of everything from the length on."""
    return reduce(xor, data, 0)


class FrameReader:
    """Length-driven; after a broken frame the next header is looked for within it."""

    def __init__(self) -> None:
        self.noise = 0
        self._held = b""

    def feed(self, data: bytes) -> list[Answer]:
        held = self._held + data
        answers: list[Answer] = []
        at = 0
        while at < len(held):
            length, answer = _piece(held, at)
            if not length:
                break
            at += length
            if answer is None:
                self.noise += length
            else:
                answers.append(answer)
        self._held = held[at:]
        return answers

    def pause(self) -> None:
        self.noise += len(self._held)
        self._held = b""


def _piece(data: bytes, at: int) -> tuple[int, Answer | None]:
    """How long the piece at `at` is and what; (0, None) when its end has not come. Here is all resynchronising:
    of what is no frame everything up to the next possible header is passed over."""
    header = HEADER if data.startswith(HEADER, at) else SYNC
    if not data.startswith(header, at):
        return _noise(data, at), None
    begins = at + len(header)
    length = int.from_bytes(data[begins : begins + 2], "big")
    if len(data) < begins + 2:
        return 0, None
    if not SHORTEST <= length <= LONGEST:
        return 1, None
    whole = data[begins : begins + 2 + length]
    if len(whole) < 2 + length:
        return 0, None
    if check(whole[:-1]) != whole[-1]:
        return 1, None
    return len(header) + len(whole), Answer(whole[4], whole[5:-1])


def _noise(data: bytes, at: int) -> int:
    """Bytes before the next header, or what may become one; 0 when that is here already."""
    found = data.find(SYNC, at)
    if found < 0:
        rest = data[max(at, len(data) - len(HEADER) + 1) :]
        kept = next((n for n in range(len(rest), 0, -1) if _may_begin(rest[-n:])), 0)
        return len(data) - at - kept
    return found - (1 if found > at and data[found - 1] == HEADER[0] else 0) - at


def _may_begin(rest: bytes) -> bool:
    return HEADER.startswith(rest) or SYNC.startswith(rest)


def module_number(answer: Answer) -> str:
    """As it is printed on the module: two numbers of two digits, the day it was made, two of ten digits."""
    number = [
        int.from_bytes(answer.data[a:b], "little")
        for a, b in ((0, 2), (2, 4), (4, 8), (8, 12), (12, 16))
    ]
    return "{:02}.{:02}-{:08}-{:010}-{:010}".format(*number)


def card(answer: Answer, key: bytes) -> IdCard | Unreadable:
    """What was read; `key` makes the pseudonym of the number."""
    text, photo, prints = _parts(answer.data)
    return id_card(text, photo, key, prints)


def _parts(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Text, photo and fingerprints."""
    begins, text, photo = _layout(data)
    ends = begins + text + photo
    prints = data[ends:] if begins else b""
    return data[begins : begins + text], data[begins + text : ends], prints


def _layout(data: bytes) -> tuple[int, int, int]:
    """Where the text begins, and how long text and photo are: their lengths stand before them, and perhaps that
    of fingerprints behind them. Zeros when they do not fit."""
    text, photo, prints = (int.from_bytes(data[a : a + 2], "big") for a in (0, 2, 4))
    for begins, length in ((4, text + photo), (6, text + photo + prints)):
        if len(data) == begins + length:
            return begins, text, photo
    return 0, 0, 0


def mask(stream: bytes) -> bytes:
    """A recorded stream of the module's bytes without what tells about a person; as long as before."""
    hidden = bytearray()
    while len(hidden) < len(stream):
        at = len(hidden)
        command = _command(stream, at)
        if command:  # the host's: it tells about nobody, and a replay compares it
            hidden += command
            continue
        length, answer = _piece(stream, at)
        piece = stream[at : at + length]
        hidden += _masked_frame(piece, answer) if answer else bytes(length or len(stream) - at)
    return bytes(hidden)


def _command(stream: bytes, at: int) -> bytes:
    """The host's command that begins here; empty where none does."""
    whole = stream[at : at + COMMAND_BYTES]
    text = whole[len(HEADER) :]
    right = whole.startswith(HEADER + b"\0\x03") and len(whole) == COMMAND_BYTES
    return whole if right and check(text[:-1]) == text[-1] else b""


def _masked_frame(whole: bytes, answer: Answer) -> bytes:
    if len(answer.data) <= NOT_PERSONAL:
        return whole
    begins, text, _photo = _layout(answer.data)
    data = answer.data[:begins] + masked(answer.data[begins : begins + text])
    frame = whole[: -1 - len(answer.data)] + data.ljust(len(answer.data), b"\0")
    checked = frame[frame.index(SYNC) + len(SYNC) :]
    return frame + bytes((check(checked),))
