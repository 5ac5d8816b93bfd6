"""What a simulated receipt printer sends, when, and what goes wrong with it on the way."""

import random
from bisect import insort_right

from devices.ticket_printer.simulated_interface import XOFF, XON, Condition

_BYTE_SECONDS = 0.020
_SLOW_SECONDS = 0.4
_LATE_ID_SECONDS = 3.0
_NOISE_BYTES = 4
_PROCESS_ID = b"\x37\x22"
# NULs, bytes of another line speed, a boot text; no XON or XOFF, which would be obeyed.
_BOOT_NOISE = bytes.fromhex("00 00 ff 55 aa 80 fe") + b"BOOT V1.07\r\n\x00SIM-80 OK\r\n\x00"


class Transmitter:
    """Answers and status in their order; XON and XOFF overtake what is still under way."""

    def __init__(self, condition: Condition, noise_seed: int) -> None:
        self._condition = condition
        self._random = random.Random(noise_seed)
        self._clear()

    def _clear(self) -> None:
        self._line: list[tuple[float, bytes]] = []
        self._late: list[tuple[float, bytes]] = []
        self._line_free_at = 0.0
        self._previous = b""
        self._holding = False

    def boot(self, at: float) -> None:
        """What was not sent yet is lost with the power."""
        self._clear()
        if self._condition.has("boot_noise"):
            self._send(_BOOT_NOISE, at)

    def flow(self, data: bytes, at: float) -> None:
        """XON or XOFF; the printer does not know whether it arrives."""
        if data and not self._condition.has("overrun", "silent", "power_off"):
            self._holding = data == XOFF
            insort_right(self._line, (at, data), key=_due)

    def status(self, data: bytes, at: float) -> None:
        """What is sent by itself: ASB and offline notices."""
        if data:
            self._send(self._interrupted(data), at)

    def reply(self, data: bytes, at: float) -> None:
        """An answer the host is waiting for."""
        if not data:
            return
        if self._condition.has("late_process_id") and data.startswith(_PROCESS_ID):
            insort_right(self._late, (at + _LATE_ID_SECONDS, data), key=_due)
        else:
            self._reply(data, at)

    def take(self, now: float) -> bytes:
        """All that has left the printer by now."""
        while self._late and self._late[0][0] <= now:
            at, data = self._late.pop(0)
            self._reply(data, at)
        out = b""
        while self._line and self._line[0][0] <= now:
            out += self._line.pop(0)[1]
        return out

    def next_due(self) -> float | None:
        return min((queue[0][0] for queue in (self._late, self._line) if queue), default=None)

    def _reply(self, data: bytes, at: float) -> None:
        has = self._condition.has
        parts = [data] * (2 if has("duplicate_replies") else 1)
        if has("stale") and self._previous:
            parts.insert(0, self._previous)
        self._previous = data
        asb = self._condition.asb()
        if has("asb_in_block"):
            parts = [_in_the_middle(part, asb) if len(part) > 1 else part for part in parts]
        if has("asb_in_between"):
            parts = [asb, *parts, asb]
        parts = [self._interrupted(part) for part in parts]
        if has("noise"):
            parts = [self._noise(), *parts, self._noise()]
        self._send(b"".join(parts), at + (_SLOW_SECONDS if has("slow") else 0.0))

    def _interrupted(self, data: bytes) -> bytes:
        """An XON would be a lie while the buffer is full."""
        if not self._condition.has("xoff_in_reply"):
            return data
        return _in_the_middle(data, XOFF) + (b"" if self._holding else XON)

    def _noise(self) -> bytes:
        return bytes(self._random.randrange(0x80, 0x100) for _ in range(_NOISE_BYTES))

    def _send(self, data: bytes, at: float) -> None:
        if self._condition.has("silent", "power_off"):
            return
        self._line_free_at = max(self._line_free_at, at)
        if not self._condition.has("byte_by_byte"):
            insort_right(self._line, (self._line_free_at, data), key=_due)
            return
        for byte in data:
            self._line_free_at += _BYTE_SECONDS
            insort_right(self._line, (self._line_free_at, bytes((byte,))), key=_due)


def _due(entry: tuple[float, bytes]) -> float:
    return entry[0]


def _in_the_middle(data: bytes, what: bytes) -> bytes:
    half = len(data) // 2
    return data[:half] + what + data[half:]
