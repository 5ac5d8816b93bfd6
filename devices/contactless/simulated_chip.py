"""The commands of a simulated PN532, and how long each takes.

Source: NXP UM0701-02 (command codes, parameters, status byte). A command is carried out at the end
of the time it takes, so an abort before that leaves the card as it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from devices.contactless.simulated_card import Card
from devices.contactless.simulated_field import OK, Field, Truth, is_listing
from devices.contactless.simulated_frame import SYNTAX_ERROR, TO_HOST

_LIST, _EXCHANGE = 0x4A, 0x40
_RF_COMMANDS = frozenset((_LIST, _EXCHANGE, 0x44, 0x52, 0x54))
_SUPPORT = bytes.fromhex("32 01 06 07")  # IC, version, revision, A and B and ISO 18092
_BAUDS = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, 1288000)
_FOR_EVER = 0xFF
_WAKE_BY_HSU = 0x10
# RFConfiguration: item and the bytes it takes.
_RF_ITEMS = {0x01: 1, 0x02: 3, 0x04: 1, 0x05: 3, 0x0A: 11, 0x0B: 8, 0x0C: 3, 0x0D: 9}


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take, in seconds."""

    ack: float = 0.001
    command: float = 0.002
    activation: float = 0.020  # from one card in the field to its listing
    attempt: float = 0.010  # one look for a card that is not there
    exchange: float = 0.015
    no_answer: float = 0.100  # until the chip gives up waiting for a card's answer

    def faster(self, times: float) -> "Timing":
        names = ("ack", "command", "activation", "attempt", "exchange", "no_answer")
        return replace(self, **{name: getattr(self, name) / times for name in names})


class Chip:
    """One command at a time; a new one ends the one before."""

    def __init__(self, field: Field, truth: Truth, timing: Timing) -> None:
        self._field = field
        self._truth = truth
        self._timing = timing
        self.power_on()

    def power_on(self) -> None:
        """Asleep, and only SAMConfiguration lets it use its field; the cards stay where they are."""
        self.abort()
        self.asleep, self.wakes_by_hsu = True, True
        self.baud = self.next_baud = 115200
        self._configured = False
        self._field.automatic_rats = True
        self._passive_retries = _FOR_EVER
        self._registers: dict[bytes, int] = {}
        self._field.last_status = 0
        self._field.off()

    def abort(self) -> None:
        """The host does not want the answer any more."""
        self._running = b""
        self.ends: float | None = None

    def begin(self, command: bytes, now: float) -> None:
        """Take a command with its TFI; `ends` is when `finish` has the answer."""
        if command[1:2] != bytes((_EXCHANGE,)):
            self._field.forget_chain()
        self.next_baud = self.baud
        self._running = command
        self._began = now
        self.ends = self._end(now)

    def finish(self) -> bytes:
        """Carry the command out; its answer with TFI, or the code of the error frame."""
        command, self._running, self.ends = self._running, b"", None
        code, data = command[1:2], command[2:]
        action = _ACTIONS.get(code[0]) if code else None
        if action is None or (code[0] in _RF_COMMANDS and not self._configured):
            return SYNTAX_ERROR
        answer = action(self, data)
        if answer is None:
            return SYNTAX_ERROR
        return bytes((TO_HOST, code[0] + 1)) + answer

    def put(self, cards: list[Card], now: float) -> None:
        self._field.put(cards)
        self._look_again(now)

    def take(self, now: float) -> None:
        self._field.take()
        self._look_again(now)

    def _look_again(self, now: float) -> None:
        """A listing under way sees that the field has changed."""
        if self._running[1:2] == bytes((_LIST,)):
            self.ends = self._end(now)

    def _end(self, now: float) -> float | None:
        """When the command that begins now (or whose cards come now) is done; None for never."""
        code, data = self._running[1:2], self._running[2:]
        if code == bytes((_EXCHANGE,)) and data:
            gone = self._field.gone(data[0] & 0x3F)
            return now + (self._timing.no_answer if gone else self._timing.exchange)
        if code != bytes((_LIST,)) or not self._configured or not is_listing(data):
            return now + self._timing.command
        if found := self._field.seen(data):
            return now + self._timing.activation * len(found)
        if self._passive_retries == _FOR_EVER:
            return None
        return max(now, self._began + self._timing.attempt * (1 + self._passive_retries))

    def _diagnose(self, data: bytes) -> bytes | None:
        """0 line (echo), 1 and 2 memories, 6 whether the ISO-DEP card is still there."""
        if data[:1] == b"\x00":
            return data
        if data in (b"\x01", b"\x02"):
            return OK
        return self._field.still_there() if data == b"\x06" else None

    def _general_status(self, data: bytes) -> bytes | None:
        return None if data else self._field.general_status() + b"\x00"

    def _sam_configuration(self, data: bytes) -> bytes | None:
        if not 1 <= len(data) <= 3 or not 1 <= data[0] <= 4:
            return None
        self._configured = True
        return b""

    def _parameters(self, data: bytes) -> bytes | None:
        if len(data) != 1:
            return None
        self._field.automatic_rats = bool(data[0] & 0x10)
        return b""

    def _rf_configuration(self, data: bytes) -> bytes | None:
        if not data or _RF_ITEMS.get(data[0]) != len(data) - 1:
            return None
        if data[0] == 0x05:
            self._passive_retries = data[3]
        if data[0] == 0x01 and not data[1] & 0x01:
            self._field.off()
        return b""

    def _set_baud(self, data: bytes) -> bytes | None:
        """The change comes with the host's ACK, at the old speed."""
        if len(data) != 1 or data[0] >= len(_BAUDS):
            return None
        self.next_baud = _BAUDS[data[0]]
        return b""

    def change_baud(self) -> None:
        """The host has acknowledged the answer to SetSerialBaudRate."""
        self.baud = self.next_baud
        self._truth({"event": "line_speed", "baud": self.baud})

    def _power_down(self, data: bytes) -> bytes | None:
        if not 1 <= len(data) <= 2:
            return None
        self.asleep = True
        self.wakes_by_hsu = bool(data[0] & _WAKE_BY_HSU)
        self._configured = False
        self._field.off()
        return OK

    def _read_registers(self, data: bytes) -> bytes | None:
        if not data or len(data) % 2:
            return None
        places = (data[at : at + 2] for at in range(0, len(data), 2))
        return bytes(self._registers.get(place, 0) for place in places)

    def _write_registers(self, data: bytes) -> bytes | None:
        if not data or len(data) % 3:
            return None
        for at in range(0, len(data), 3):
            self._registers[data[at : at + 2]] = data[at + 2]
        return b""


_ACTIONS: Mapping[int, Callable[[Chip, bytes], bytes | None]] = {
    0x00: Chip._diagnose,
    0x02: lambda _, data: None if data else _SUPPORT,
    0x04: Chip._general_status,
    0x06: Chip._read_registers,
    0x08: Chip._write_registers,
    0x10: Chip._set_baud,
    0x12: Chip._parameters,
    0x14: Chip._sam_configuration,
    0x16: Chip._power_down,
    0x32: Chip._rf_configuration,
    _EXCHANGE: lambda chip, data: chip._field.exchange(data),
    0x44: lambda chip, data: chip._field.deselect(data),
    _LIST: lambda chip, data: chip._field.list_targets(data),
    0x52: lambda chip, data: chip._field.release(data),
    0x54: lambda chip, data: chip._field.select(data),
}
