"""Frames of call pads and evaluators on an RS-485 bus, to presses and ratings and back. Pure.

Source: field code of one Chinese hall queue system (there is no public manual). FF 68 L L 68, then L bytes of
address, function and data, then their sum modulo 256, then 16. Nothing in it tells about a person.
"""

from dataclasses import dataclass
from typing import Literal

HEAD = b"\xff\x68"
MARK, END = 0x68, 0x16
AROUND = 7  # bytes of a frame besides those that its length counts
LENGTHS = range(2, 9)  # on the bus; the host's own frames are the shortest and the longest
LENGTHS_FROM_PADS = range(3, 6)

KEY, SHOW, BEEP, RATED = 0x01, 0x02, 0x03, 0x11  # functions
RATE = 0x0B  # the same byte asks the host for a rating, and an evaluator to begin one
BLANK = 0x0A  # a digit that is not lit
BEST_SCORE = 3
MOST_WAITING = 999

Key = Literal[
    "next", "recall", "evaluate", "missed", "hold", "recall_held",
    "cancel", "confirm", "line", "pause", "transfer",
]  # fmt: skip
KEYS: dict[int, Key] = {
    0x0B: "evaluate",
    0x0C: "next",
    0x0D: "recall",
    0x0E: "cancel",
    0x0F: "confirm",
    0x11: "line",
    0x12: "pause",
    0x13: "transfer",
}
BY_NUMBER: dict[bytes, Key] = {
    b"\x06\x0f": "missed",
    b"\x00\x0f": "hold",
    b"\x03\x0f": "recall_held",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What one side says: to or from which address, one byte for what it is about, and the rest."""

    address: int
    function: int
    data: bytes = b""

    @property
    def length(self) -> int:
        return 2 + len(self.data)


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A teller pressed a key. `number`: what was typed before it; None when nothing was, or no number.

    `missed`, `hold` and `recall_held` are 6, 0 and 3 before confirm; that number is not told again.
    """

    address: int
    key: Key
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Rated:
    """A customer pressed a key of the evaluator. `score` is 0 to 3, as on the wire."""

    address: int
    score: int


def encode(frame: Frame) -> bytes:
    """ValueError when address or length do not fit."""
    if frame.length not in LENGTHS:
        raise ValueError(f"a frame holds at most {LENGTHS[-1] - 2} bytes of data")
    if not 0 <= frame.address <= 0xFF:
        raise ValueError(f"{frame.address} is no address; expected 0 to 255")
    body = bytes((frame.address, frame.function)) + frame.data
    return HEAD + bytes((frame.length, frame.length, MARK)) + body + bytes((sum(body) % 256, END))


def show(address: int, waiting: int, ticket: str) -> Frame:
    """How many wait (up to 999) and the last three digits of a label; no digits leave its place blank."""
    count = f"{min(max(waiting, 0), MOST_WAITING):03d}"
    return Frame(address, SHOW, _digits(count) + _digits(_number_of(ticket)))


def beep(address: int) -> Frame:
    return Frame(address, BEEP)


def ask_rating(address: int) -> Frame:
    """To an evaluator: let the customer rate now."""
    return Frame(address, KEY, bytes((RATE,)))


def _number_of(label: str) -> str:
    """012 of A012; the last three digits of a longer number, because the pad has no more."""
    words = "".join(c if "0" <= c <= "9" else " " for c in label).split()
    return words[-1][-3:].zfill(3) if words else ""


def _digits(number: str) -> bytes:
    return bytes(map(int, number)) or bytes((BLANK,) * 3)


def from_pad(frame: Frame) -> bool:
    """Whether a pad or an evaluator may have said it: then it waits for its acknowledgement."""
    return frame.length in LENGTHS_FROM_PADS


def acknowledgement(frame: Frame) -> Frame:
    """The frame itself; a rating with the function of a key."""
    function = KEY if frame.function == RATED else frame.function
    return Frame(frame.address, function, frame.data)


def decode(frame: Frame) -> KeyPressed | Rated | None:
    """What a frame of a pad means; None for what we do not know (it is acknowledged all the same)."""
    if not from_pad(frame):
        return None
    if frame.function == RATED:
        known = len(frame.data) == 1 and frame.data[0] <= BEST_SCORE
        return Rated(frame.address, frame.data[0]) if known else None
    if frame.data in BY_NUMBER:
        return KeyPressed(frame.address, BY_NUMBER[frame.data])
    key = KEYS.get(frame.data[-1])
    return KeyPressed(frame.address, key, _typed(frame.data[:-1])) if key else None


def _typed(data: bytes) -> int | None:
    """Digits as the pad shows them, one a byte."""
    lit = [digit for digit in data if digit != BLANK]
    if not lit or max(lit) > 9:
        return None
    return int("".join(map(str, lit)))


class FrameReader:
    """Bytes to frames, whatever pieces they come in. `noise`: bytes so far that belonged to no frame."""

    def __init__(self) -> None:
        self._held = b""
        self.noise = 0

    @property
    def half(self) -> bool:
        """What came last may be the beginning of a frame."""
        return bool(self._held)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole now. Where no good frame begins, it looks on one byte further."""
        held, at = self._held + data, 0
        frames: list[Frame] = []
        while at < len(held):
            size = _size(held[at : at + 5])
            if len(held) - at < size:
                break
            frame = _frame(held[at : at + size])
            if frame:
                frames.append(frame)
            else:
                self.noise += 1
            at += size if frame else 1
        self._held = held[at:]
        return frames

    def pause(self) -> None:
        """The line has been silent: half a frame will not be completed any more."""
        self.noise += len(self._held)
        self._held = b""


def _size(head: bytes) -> int:
    """Bytes of the frame that these may begin, as far as one can tell by now; 0 when they begin none."""
    if not (HEAD.startswith(head[:2]) and (len(head) < 3 or head[2] in LENGTHS)):
        return 0
    if head[3:] not in (b"", head[2:3], head[2:3] + bytes((MARK,))):
        return 0
    return AROUND + head[2] if len(head) > 2 else AROUND


def _frame(whole: bytes) -> Frame | None:
    """None when the sum or the last byte are wrong, or there is nothing."""
    body, tail = whole[5:-2], whole[-2:]
    if not body or tail != bytes((sum(body) % 256, END)):
        return None
    return Frame(body[0], body[1], body[2:])


def mask(stream: bytes) -> bytes:
    """Keys, scores and ticket numbers tell about no person: the stream as it is."""
    return stream
