"""Frames of a simulated PN532 on its high-speed UART, and how it finds them in what it hears.

Source: NXP UM0701-02 (normal and extended information frames, ACK, NACK, error frame, HSU wake-up).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

ACK = bytes.fromhex("00 00 FF 00 FF 00")
# An application error is an information frame with nothing but this code in it.
SYNTAX_ERROR = b"\x7f"
FROM_HOST, TO_HOST = 0xD4, 0xD5
LONGEST_NORMAL = 255
LONGEST = 265  # TFI, command code and 263 bytes
WAKING_EDGES = 5

_START = b"\x00\xff"


def frame(payload: bytes) -> bytes:
    """An information frame around `payload`, which begins with TFI; extended if it has to be."""
    if len(payload) <= LONGEST_NORMAL:
        length = bytes((len(payload),))
    else:
        length = b"\xff\xff" + len(payload).to_bytes(2, "big")
    length += bytes((-sum(length[-2:]) & 0xFF,))
    return b"\x00\x00\xff" + length + payload + bytes((-sum(payload) & 0xFF, 0x00))


def with_bad_checksum(whole: bytes) -> bytes:
    return whole[:-2] + bytes((whole[-2] ^ 0x01,)) + whole[-1:]


def with_bad_length(whole: bytes) -> bytes:
    """One bit of the length turned over, so that it no longer fits its own checksum."""
    at = 5 if whole[3:5] == b"\xff\xff" else 3
    return whole[:at] + bytes((whole[at] ^ 0x40,)) + whole[at + 1 :]


def rising_edges(byte: int) -> int:
    """How often the line rises for one byte: start bit low, lowest bit first, stop bit high."""
    levels = [0, *(byte >> bit & 1 for bit in range(8)), 1]
    return sum(1 for before, after in pairwise(levels) if before < after)


@dataclass(frozen=True, slots=True)
class Heard:
    """Something whole from the host; `payload` begins with TFI and is empty for ACK and NACK."""

    word: str  # "ack", "nack" or "information"
    payload: bytes = b""
    extended: bool = False


class FrameScanner:
    """Hunts for start codes; what fails a checksum is dropped without a word.

    After a failure it hunts on from the next byte, so a good frame behind a torn one is found.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, byte: int) -> Iterator[Heard]:
        """What `byte` completes; mostly nothing."""
        self._buffer.append(byte)
        while self._hunt():
            taken, heard = _parse(self._buffer)
            if taken == 0:
                return
            del self._buffer[:taken]
            if heard is not None:
                yield heard

    def _hunt(self) -> bool:
        """Throw away what is before the start code."""
        at = self._buffer.find(_START)
        if at < 0:
            at = len(self._buffer) - self._buffer.endswith(b"\x00")
        del self._buffer[:at]
        return len(self._buffer) >= len(_START)


def _parse(buffer: bytearray) -> tuple[int, Heard | None]:
    """Bytes to take off the front, 0 while it is not complete, and what they were."""
    head = bytes(buffer[2:7])
    if len(head) < 2:
        return 0, None
    if head.startswith(b"\x00\xff"):
        return 4, Heard("ack")
    if head.startswith(b"\xff\x00"):
        return 4, Heard("nack")
    extended = head.startswith(b"\xff\xff")
    if extended and len(head) < 5:
        return 0, None
    length, check = (head[2:4], head[4]) if extended else (head[:1], head[1])
    size = int.from_bytes(length, "big")
    if (sum(length) + check) & 0xFF or not 0 < size <= LONGEST:
        return 1, None
    return _information(buffer, 7 if extended else 4, size, extended)


def _information(
    buffer: bytearray, start: int, size: int, extended: bool
) -> tuple[int, Heard | None]:
    end = start + size + 1
    if len(buffer) < end:
        return 0, None
    if sum(buffer[start:end]) & 0xFF:
        return 1, None
    return end, Heard("information", bytes(buffer[start : end - 1]), extended)
