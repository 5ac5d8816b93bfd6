"""The serial line of a simulated fingerprint module: packets in, packets out, and line faults.

Source: R30x / ZFM-20 / AS608 module manuals (packet format, packet identifiers, sum).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

COMMAND, DATA, ACK, LAST_DATA = 0x01, 0x02, 0x07, 0x08

_START = b"\xef\x01"
_HEAD_BYTES = 9  # start, address, identifier, length
_SUM_BYTES = 2
_LARGEST_PAYLOAD = 256
_RECEIVE_BYTES = 4096
_BYTE_SECONDS = 0.020
_SPLIT_SECONDS = 0.200
_NOISE_BYTES = 8


def sum_of(identifier: int, payload: bytes) -> int:
    """Low 16 bits of the sum of identifier, both bytes of the length, and payload."""
    length = len(payload) + _SUM_BYTES
    return (identifier + (length >> 8) + (length & 0xFF) + sum(payload)) & 0xFFFF


def packet(address: int, identifier: int, payload: bytes) -> bytes:
    head = _START + address.to_bytes(4, "big") + bytes((identifier,))
    length = (len(payload) + _SUM_BYTES).to_bytes(2, "big")
    return head + length + payload + sum_of(identifier, payload).to_bytes(2, "big")


def data_packets(address: int, data: bytes, size: int) -> list[bytes]:
    """`data` in packets of `size` bytes; the last one says that it is the last."""
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    out = [packet(address, DATA, part) for part in parts[:-1]]
    return [*out, packet(address, LAST_DATA, parts[-1])]


@dataclass(frozen=True)
class Heard:
    """A packet from the host; not `intact` if its sum or its length is wrong."""

    address: int
    identifier: int
    payload: bytes
    intact: bool


class Receiver:
    """Finds packets in whatever comes; bytes that belong to none are skipped."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def __len__(self) -> int:
        return len(self._bytes)

    def feed(self, data: bytes) -> None:
        self._bytes += data[: max(0, _RECEIVE_BYTES - len(self._bytes))]

    def forget(self) -> None:
        self._bytes.clear()

    def take(self) -> Heard | None:
        """The next packet if it is there as a whole."""
        self._skip_to_start()
        head = bytes(self._bytes[:_HEAD_BYTES])
        if len(head) < _HEAD_BYTES:
            return None
        address, identifier = int.from_bytes(head[2:6], "big"), head[6]
        length = int.from_bytes(head[7:9], "big")
        if not _SUM_BYTES < length <= _LARGEST_PAYLOAD + _SUM_BYTES:
            del self._bytes[: len(_START)]
            return Heard(address, identifier, b"", intact=False)
        end = _HEAD_BYTES + length
        if len(self._bytes) < end:
            return None
        body = bytes(self._bytes[_HEAD_BYTES:end])
        del self._bytes[:end]
        payload, given = body[:-_SUM_BYTES], int.from_bytes(body[-_SUM_BYTES:], "big")
        return Heard(address, identifier, payload, given == sum_of(identifier, payload))

    def _skip_to_start(self) -> None:
        at = self._bytes.find(_START)
        if at >= 0:
            del self._bytes[:at]
        else:
            half = self._bytes.endswith(_START[:1])
            del self._bytes[: len(self._bytes) - half]


class Sender:
    """What the module has still to say, with the times, spoilt as the faults ask."""

    def __init__(self, faults: set[str], chance: random.Random, slow_seconds: float) -> None:
        self._faults = faults
        self._chance = chance
        self._slow_seconds = slow_seconds
        self._queue: list[tuple[float, bytes]] = []
        self._last_answer = b""

    def forget(self) -> None:
        self._queue.clear()
        self._last_answer = b""

    def due(self, now: float) -> bytes:
        out = b""
        while self._queue and self._queue[0][0] <= now:
            out += self._queue.pop(0)[1]
        return out

    def next_due(self) -> float | None:
        return self._queue[0][0] if self._queue else None

    def say(self, data: bytes, at: float) -> float:
        """Bytes that are no packet; the time when they are out."""
        self._queue.append((at, data))
        return at

    def noise(self, count: int) -> bytes:
        return bytes(self._chance.randrange(256) for _ in range(count))

    def answer(self, packets: Sequence[bytes], bits_per_second: int, at: float) -> float:
        """An acknowledgement and the data packets after it; the time when all is out."""
        spoilt = self._spoil(packets)
        previous, self._last_answer = self._last_answer, spoilt[0]
        if "stale" in self._faults and previous:
            spoilt = [previous, *spoilt]
        if "noise" in self._faults:
            spoilt = [self.noise(_NOISE_BYTES), *spoilt, self.noise(_NOISE_BYTES)]
        if "slow" in self._faults:
            at += self._slow_seconds
        for piece, seconds in self._pieces(spoilt, 10 / bits_per_second):
            self._queue.append((at, piece))
            at += seconds
        return at

    def _spoil(self, packets: Sequence[bytes]) -> list[bytes]:
        first, *rest = packets
        if "bad_checksum" in self._faults:
            first = _turn_lowest_bit(first, -1)
        if "huge_length" in self._faults:
            first = first[:7] + b"\xff\xff" + first[9:]
        if rest and "upload_bad_checksum" in self._faults:
            rest[-1] = _turn_lowest_bit(rest[-1], -1)
        if "silent_in_upload" in self._faults:
            rest = rest[:1]
        if "wrong_address" in self._faults:
            return [_turn_lowest_bit(one, 5) for one in (first, *rest)]
        return [first, *rest]

    def _pieces(self, packets: Sequence[bytes], seconds: float) -> list[tuple[bytes, float]]:
        """Pieces of an answer, each with the time until the next; `seconds` for one byte."""
        if "byte_by_byte" in self._faults:
            return [(bytes((byte,)), _BYTE_SECONDS) for byte in b"".join(packets)]
        pieces = [(one, len(one) * seconds) for one in packets]
        if "split" in self._faults:
            half = len(packets[0]) // 2
            tail = packets[0][half:]
            pieces[:1] = [(packets[0][:half], _SPLIT_SECONDS), (tail, len(tail) * seconds)]
        return pieces


def _turn_lowest_bit(data: bytes, place: int) -> bytes:
    out = bytearray(data)
    out[place] ^= 1
    return bytes(out)
