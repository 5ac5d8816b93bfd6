"""What a simulated motorised reader puts on the line, and what it takes from it, as bytes.

Source: CRT-571 / CRT-591-M communication protocol: F2 ADDR LENH LENL text 03 BCC, where BCC is
the XOR of all bytes before it and LEN counts the bytes of the text.
"""

import random
from collections import deque
from collections.abc import Set
from functools import reduce
from operator import xor

STX, ETX, ACK, NAK, EOT = 0xF2, 0x03, 0x06, 0x15, 0x04
HOST_TEXT = 0x43
SHORTEST_TEXT, LONGEST_TEXT = 3, 3 + 512
QUIET_SECONDS = 0.2  # shorter than the 300 ms after which a host sends its frame again

_BYTE_SECONDS = 0.020
_PART_SECONDS = 0.200
_NOISE_BYTES = 4


def frame(address: int, text: bytes) -> bytes:
    head = bytes((STX, address)) + len(text).to_bytes(2, "big") + text + bytes((ETX,))
    return head + bytes((reduce(xor, head),))


class FrameReader:
    """Finds frames by their length; what was cut off is forgotten when the line is quiet."""

    def __init__(self) -> None:
        self._half = bytearray()
        self._spoilt = False
        self._heard_at = 0.0

    def clear(self) -> None:
        self._half.clear()
        self._spoilt = False

    @property
    def refusal_at(self) -> float | None:
        """When a frame of impossible length may be refused: its rest is noise until then."""
        return self._heard_at + QUIET_SECONDS if self._spoilt else None

    def feed(self, byte: int, now: float) -> int | bytes | None:
        """A control byte between frames, or a whole frame, whatever its check says."""
        if now - self._heard_at >= QUIET_SECONDS:
            self.clear()
        self._heard_at = now
        if self._spoilt:
            return None
        if not self._half and byte != STX:
            return byte if byte in (ACK, NAK, EOT) else None
        self._half.append(byte)
        return self._whole()

    def _whole(self) -> bytes | None:
        if len(self._half) < 4:
            return None
        length = int.from_bytes(self._half[2:4], "big")
        if not SHORTEST_TEXT <= length <= LONGEST_TEXT:
            self._half.clear()
            self._spoilt = True
        elif len(self._half) == length + 6:
            whole = bytes(self._half)
            self._half.clear()
            return whole
        return None


def is_sound(whole: bytes) -> bool:
    """Whether end, check and first letter of a whole frame are right."""
    return whole[-2] == ETX and reduce(xor, whole) == 0 and whole[4] == HOST_TEXT


class Transmitter:
    """Bytes on their way to the host, each with its time; none overtakes another."""

    def __init__(self, faults: Set[str], seed: int) -> None:
        self._faults = faults
        self._random = random.Random(seed)
        self._pieces: deque[tuple[float, bytes]] = deque()
        self._free_at = 0.0
        self._previous = b""

    def clear(self) -> None:
        self._pieces.clear()
        self._free_at = 0.0
        self._previous = b""

    def next_time(self) -> float | None:
        return self._pieces[0][0] if self._pieces else None

    def take(self, now: float) -> bytes:
        out = b""
        while self._pieces and self._pieces[0][0] <= now:
            out += self._pieces.popleft()[1]
        return out

    def control(self, byte: int, at: float) -> None:
        self._put(bytes((byte,)), at)

    def answer(self, whole: bytes, at: float, repeated: bool) -> float:
        """Send a frame as the faults let it be; the time of its last byte."""
        data = self._spoil(whole, repeated)
        if "stale" in self._faults and not repeated:
            data = self._previous + data
        self._previous = whole
        if "noise" in self._faults:
            data = self.noise() + data + self.noise()
        if "two_parts" in self._faults:
            half = len(data) // 2
            at = self._put(data[:half], at) + _PART_SECONDS
            data = data[half:]
        return self._put(data, at)

    def noise(self) -> bytes:
        return self._random.randbytes(_NOISE_BYTES)

    def junk(self, length: int) -> bytes:
        """What is heard at the wrong line speed."""
        return bytes(byte | 0x80 for byte in self._random.randbytes(length))

    def _spoil(self, whole: bytes, repeated: bool) -> bytes:
        if "bad_checksum" in self._faults or ("bad_checksum_once" in self._faults and not repeated):
            whole = whole[:-1] + bytes((whole[-1] ^ 0x01,))
        if "huge_length" in self._faults:
            whole = whole[:2] + b"\xff\xff" + whole[4:]
        return whole

    def _put(self, data: bytes, at: float) -> float:
        at = max(at, self._free_at)
        if "silent" in self._faults:
            return at
        if "byte_by_byte" in self._faults:
            for place, byte in enumerate(data):
                self._pieces.append((at + place * _BYTE_SECONDS, bytes((byte,))))
            self._free_at = at + len(data) * _BYTE_SECONDS
            return self._free_at
        self._pieces.append((at, data))
        self._free_at = at
        return at
