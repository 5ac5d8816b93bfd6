"""The two wires between the stations and the host, as far as a pseudo-terminal can show them."""

import itertools
import random
from collections.abc import Iterable

_BYTE_SECONDS = 10 / 9600
_QUIET_SECONDS = 3.5 * _BYTE_SECONDS  # silence after which a station takes the line to be free
_DRIBBLE_SECONDS = 0.020
_NOISE_BYTES = 8


class Line:
    """Bytes on their way to the host, and how long the line is taken. Times in seconds."""

    def __init__(self) -> None:
        self.clear(0.0)

    def clear(self, now: float) -> None:
        self.free_at = now
        self._to_send: list[tuple[float, bytes]] = []

    def host_sends(self, count: int, now: float) -> None:
        if count:
            self.free_at = max(self.free_at, now) + count * _BYTE_SECONDS + _QUIET_SECONDS

    def send(self, data: bytes, at: float, byte_by_byte: bool) -> float:
        """Put `data` on the line from `at` on; the time of its last byte."""
        pieces = [(at, data)]
        if byte_by_byte:
            pieces = [(at + i * _DRIBBLE_SECONDS, bytes((byte,))) for i, byte in enumerate(data)]
        # Two transmissions at the same time mix, as they would on the wires.
        self._to_send = sorted(self._to_send + pieces, key=lambda piece: piece[0])
        last = pieces[-1][0] if pieces else at
        self.free_at = max(self.free_at, at + len(data) * _BYTE_SECONDS, last) + _QUIET_SECONDS
        return last

    def due(self, now: float) -> bytes:
        out = b""
        while self._to_send and self._to_send[0][0] <= now:
            out += self._to_send.pop(0)[1]
        return out

    def next_deadline(self) -> float | None:
        return self._to_send[0][0] if self._to_send else None


def interleaved(frames: Iterable[bytes]) -> bytes:
    """What a host reads when several stations talk at once: a byte of each in turn."""
    turns = itertools.zip_longest(*frames)
    return bytes(byte for turn in turns for byte in turn if byte is not None)


def damaged(frame: bytes, faults: set[str], chance: random.Random) -> bytes:
    """The frame as it leaves a station that has these faults."""
    data = bytearray(frame)
    if "bad_checksum" in faults:
        data[-2] = (data[-2] + 1) & 0xFF
    if "bit_flip" in faults:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    if "missing_byte" in faults:
        del data[chance.randrange(len(data))]
    if "noise" in faults:
        return noise(chance) + bytes(data) + noise(chance)
    return bytes(data)


def noise(chance: random.Random) -> bytes:
    return bytes(chance.randrange(256) for _ in range(_NOISE_BYTES))
