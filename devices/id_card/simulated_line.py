"""What a simulated identity card reader hears and says, as frames.

Source: GA 450 (SAM_V over serial): AA AA AA 96 69 LENH LENL ... CHK, where LEN counts the bytes
after it with CHK, and CHK is the XOR of all bytes from LENH to the one before CHK.
"""

import random
from collections import deque
from collections.abc import Set
from functools import reduce
from operator import xor

PREAMBLE = bytes.fromhex("AA AA AA 96 69")
QUIET_SECONDS = 0.5

# Command, parameter and check are three bytes; no command has more than a few bytes of data.
_SHORTEST, _LONGEST = 3, 64
_STRAY = bytes.fromhex("AA 00 AA AA 96 69")
_TIMEOUT_FRAME = PREAMBLE + bytes((0x00, *(0x05,) * 6))
_PART_SECONDS = 0.200
_NOISE_BYTES = 8


def answer_frame(status: int, data: bytes) -> bytes:
    body = bytes((0x00, 0x00, status)) + data
    head = (len(body) + 1).to_bytes(2, "big") + body
    return PREAMBLE + head + bytes((reduce(xor, head),))


class CommandReader:
    """Hunts for frames in what the host sends."""

    def __init__(self) -> None:
        self._half = bytearray()
        self._heard_at = 0.0

    def clear(self) -> None:
        self._half.clear()

    @property
    def gives_up_at(self) -> float | None:
        """When a frame that has begun and does not go on is refused."""
        inside = len(self._half) >= len(PREAMBLE)
        return self._heard_at + QUIET_SECONDS if inside else None

    def feed(self, byte: int, now: float) -> bytes | None:
        """The bytes from LENH to CHK of a frame that is complete, or of an impossible length."""
        self._heard_at = now
        self._half.append(byte)
        if len(self._half) <= len(PREAMBLE):
            while not PREAMBLE.startswith(self._half):
                del self._half[0]
            return None
        body = bytes(self._half[len(PREAMBLE) :])
        if len(body) < 2:
            return None
        length = int.from_bytes(body[:2], "big")
        if _SHORTEST <= length <= _LONGEST and len(body) < length + 2:
            return None
        self.clear()
        return body


def has_right_length(body: bytes) -> bool:
    return len(body) >= _SHORTEST + 2


def has_right_check(body: bytes) -> bool:
    return reduce(xor, body) == 0


class Transmitter:
    """Bytes on their way to the host, each with its time; none overtakes another."""

    def __init__(self, faults: Set[str], seed: int, byte_seconds: float) -> None:
        self._faults = faults
        self._random = random.Random(seed)
        self._byte_seconds = byte_seconds
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

    def answer(self, frame: bytes, at: float) -> None:
        """Send a frame as the faults let it be."""
        data = self._surrounded(self._spoilt(frame))
        if "stale" in self._faults:
            data = self._previous + data
        self._previous = frame
        if "two_parts" in self._faults:
            half = len(data) // 2
            at = self._put(data[:half], at) + _PART_SECONDS
            data = data[half:]
        self._put(data, at)

    def timeout(self, at: float) -> None:
        """The frame with which some readers say that the card did not answer in time."""
        self.answer(_TIMEOUT_FRAME, at)

    def noise(self) -> bytes:
        return self._random.randbytes(_NOISE_BYTES)

    def junk(self, length: int) -> bytes:
        """What is heard at the wrong line speed."""
        return bytes(byte | 0x80 for byte in self._random.randbytes(length))

    def power_on(self) -> bytes:
        if "noise" in self._faults:
            return self.noise()
        return _STRAY[:2] if "stray" in self._faults else b""

    def _spoilt(self, frame: bytes) -> bytes:
        if "bad_checksum" in self._faults:
            frame = frame[:-1] + bytes((frame[-1] ^ 0x01,))
        if "huge_length" in self._faults:
            frame = PREAMBLE + b"\xff\xff" + frame[len(PREAMBLE) + 2 :]
        return frame

    def _surrounded(self, data: bytes) -> bytes:
        if "leading_aa" in self._faults:
            data = PREAMBLE[:1] + data
        if "stray" in self._faults:
            data = _STRAY + data
        if "noise" in self._faults:
            data = self.noise() + data + self.noise()
        return data

    def _put(self, data: bytes, at: float) -> float:
        at = max(at, self._free_at)
        if "byte_by_byte" in self._faults:
            for place, byte in enumerate(data):
                self._pieces.append((at + place * self._byte_seconds, bytes((byte,))))
            self._free_at = at + len(data) * self._byte_seconds
            return self._free_at
        self._pieces.append((at, data))
        self._free_at = at
        return at
