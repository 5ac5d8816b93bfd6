"""The receive buffer of a simulated receipt printer and the status it tells.

Sources: Epson ESC/POS command reference (DLE EOT, GS a, GS r, GS ( H fn 49), TM-T88 specification
(receive buffer, XON/XOFF thresholds, offline causes), Custom VKP80 manual (full status).
"""

from collections import deque
from collections.abc import Set as AbstractSet

from devices.ticket_printer.simulated_commands import DLE, PRINT_STATUS, command_length
from devices.ticket_printer.simulated_roll import Roll

XON, XOFF = b"\x11", b"\x13"


# ASB: the bit of GS a n that asks for it, the status byte and the bits whose change counts.
_ASB_CAUSES = ((0x02, 0, 0x28), (0x04, 1, 0xFF), (0x08, 2, 0xFF), (0x40, 0, 0x40))

_OFFLINE = ("head_hot", "unrecoverable", "paper_out", "cover_open", "feed_button")
_STOPS = frozenset((*_OFFLINE, "stuck_xoff", "power_off", "silent"))


class ReceiveBuffer:
    """Commands not yet carried out; what does not fit into `capacity` bytes is thrown away.

    A command cut off in the middle waits for the rest of its parameters for ever. Real-time
    commands between other commands take no room; inside another command they are its data.
    """

    def __init__(self, capacity: int, xoff_free: int, xon_free: int) -> None:
        self.lost_bytes = 0
        self.unknown_blocks = b""
        self.stuck = False
        self._capacity = capacity
        self._xoff_free = xoff_free
        self._xon_free = xon_free
        self._told_to_wait = False
        self.clear()

    def clear(self) -> None:
        """Forget everything, the beginning of a half-received command too."""
        self._commands: deque[tuple[bytes, int]] = deque()
        self._used = 0
        self._half = bytearray()
        self._half_taken = 0

    def restart(self) -> None:
        """As after power-on: empty and ready for data."""
        self.clear()
        self._told_to_wait = False

    @property
    def free(self) -> int:
        return self._capacity - self._used - len(self._half) + self._half_taken

    @property
    def empty(self) -> bool:
        return not self._commands and not self._half

    @property
    def inside_command(self) -> bool:
        return bool(self._half) and self._half[0] != DLE

    def put(self, byte: int) -> None:
        if self.free <= 0:
            self.lost_bytes += 1
            return
        self._half.append(byte)
        while self._half:
            length = command_length(self._half, self.unknown_blocks)
            if length is None or length > len(self._half):
                return
            self._complete(length)

    def _complete(self, length: int) -> None:
        command = bytes(self._half[:length])
        del self._half[:length]
        room = max(0, length - self._half_taken)
        self._half_taken = max(0, self._half_taken - length)
        if command[0] != DLE:
            self._commands.append((command, room))
            self._used += room

    def take(self) -> bytes | None:
        """The next whole command; without one the parser takes in what there is of it."""
        if not self._commands:
            self._half_taken = len(self._half)
            return None
        command, room = self._commands.popleft()
        self._used -= room
        return command

    def flow(self) -> bytes:
        """XOFF when few bytes are free, XON when more are again; both only at the change."""
        full = self.free <= self._xoff_free or self.stuck
        if full and not self._told_to_wait:
            self._told_to_wait = True
            return XOFF
        if self._told_to_wait and not self.stuck and self.free >= self._xon_free:
            self._told_to_wait = False
            return XON
        return b""


class Condition:
    """What is wrong with the printer, in the bits of its status bytes."""

    def __init__(
        self, drawer_high: bool, faults: AbstractSet[str], traits: AbstractSet[str], roll: Roll
    ) -> None:
        self._faults, self._traits, self._roll = faults, traits, roll
        self.cutter_error = False  # stays after the blade is free, until DLE ENQ
        self.drawer_high = drawer_high
        self.report_on_change(0)
        self.offline_response = False

    def has(self, *names: str) -> bool:
        """Whether any of these is so now, by a fault or because the model is like that."""
        return not (self._faults.isdisjoint(names) and self._traits.isdisjoint(names))

    @property
    def unknown_blocks(self) -> bytes:
        """Letters after GS ( that this printer takes for text."""
        if self.has("prints_garbage_on_gs_paren"):
            return bytes(range(0x100))
        return b"k" if self.has("no_qr") else b""

    @property
    def near_end(self) -> bool:
        return self.has("paper_near_end") or self._roll.near_end

    @property
    def paper_end(self) -> bool:
        return self.has("paper_out") or self._roll.empty

    @property
    def error(self) -> bool:
        return self.cutter_error or self.has("head_hot", "unrecoverable")

    @property
    def offline(self) -> bool:
        return self.error or self.paper_end or self.has("cover_open", "feed_button")

    @property
    def stopped(self) -> bool:
        """Offline, or worse; looked at for every byte."""
        if self.cutter_error or self._roll.empty or not self._faults.isdisjoint(_STOPS):
            return True
        return not self._traits.isdisjoint(_STOPS)

    def real_time_status(self, n: int) -> bytes:
        """DLE EOT n: 0xx1xx10."""
        if n in (2, 3) and self.has("no_status"):
            return b""
        feeding = self.has("feed_button")
        bits = {1: 4 * self.drawer_high | 8 * self.offline | 0x40 * feeding}
        bits[2] = self._offline_causes() | 8 * feeding
        bits[3] = self._error_bits()
        bits[4] = 0x0C * self.near_end | 0x60 * self.paper_end
        return bytes((0x12 | bits[n],))

    def presenter_status(self, n: int, present: bool, moving: bool, waiting: bool) -> bytes:
        """DLE EOT 14h: 10 0F, paper, user, recoverable, unrecoverable; 11h: one byte.

        `present`: a ticket in the mouth; `moving`: the motor; `waiting`: data not printed yet.
        """
        if n == PRINT_STATUS:
            return bytes((0x12 | 4 * moving | 0x20 * self.paper_end,))
        paper = self.paper_end | 4 * self.near_end | 0x20 * (present or self.has("mouth_sensor"))
        user = (
            3 * self.has("cover_open") | 4 * waiting | 8 * moving | 0x20 * self.has("feed_button")
        )
        broken = self.cutter_error | 4 * self.has("unrecoverable")
        return bytes((DLE, 0x0F, paper, user, int(self.has("head_hot")), broken))

    def paper_sensors(self) -> int:
        """Bits 0 and 1 near end, 2 and 3 end, as in GS r 1 and ASB byte 3."""
        return 0x03 * self.near_end | 0x0C * self.paper_end

    def report_on_change(self, causes: int) -> bytes:
        """GS a n: the four ASB bytes at once, and again on each change asked for."""
        self._causes = causes
        self._reported, self._was_offline = self.asb(), self.offline
        return self._reported if causes else b""

    def changes(self) -> bytes:
        """What the printer says by itself about changes since the last time."""
        before, self._reported = self._reported, self.asb()
        went_offline, self._was_offline = self.offline and not self._was_offline, self.offline
        out = b""
        if went_offline and self.offline_response:
            cause = self._offline_causes() & 0x24 | self.error
            out = bytes((0x37, 0x23, 0x40 | cause, 0x00))
        for bit, at, mask in _ASB_CAUSES:
            if self._causes & bit and (before[at] ^ self._reported[at]) & mask:
                return out + self._reported
        return out

    def asb(self) -> bytes:
        first = 0x10 | 4 * self.drawer_high | 8 * self.offline | 0x20 * self.has("cover_open")
        first |= 0x40 * self.has("feed_button")
        return bytes((first, self._error_bits(), self.paper_sensors(), 0x0F))

    def _offline_causes(self) -> int:
        return 4 * self.has("cover_open") | 0x20 * self.paper_end | 0x40 * self.error

    def _error_bits(self) -> int:
        errors = 0x20 * self.has("unrecoverable") | 0x40 * self.has("head_hot")
        return errors | 8 * self.cutter_error
