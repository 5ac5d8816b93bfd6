"""What a simulated motorised reader does for each command, once the link has brought it.

Source: CRT-571 / CRT-591-M communication protocol (commands, parameters, error codes). Where
public descriptions leave the data of an answer open, it is as the methods here say.
"""

from collections.abc import Callable, Mapping, Set

from devices.card_reader import simulated_mechanism as mechanism
from devices.card_reader.simulated_card import Card, Chip
from devices.card_reader.simulated_mechanism import Mechanism, Refusal

INIT, STATUS, MOVE, ENTRY, MAGNETIC = 0x30, 0x31, 0x32, 0x33, 0x36
CARD_TYPE, CPU_CARD, RADIO = 0x50, 0x51, 0x60
SERIAL, CONFIGURATION, VERSION, COUNTER = 0xA2, 0xA3, 0xA4, 0xA5

# Parameter that opens and parameter that closes the entry, for each sub-model.
PERMITS = {"R01": (0x30, 0x31), "R02": (0x32, 0x30)}
MOVE_39 = ("outside", "bin")

_QUICK_SECONDS = 0.02
_INIT_SECONDS = 1.5
_MOVE_SECONDS = {"gate": 1.0, "ic": 0.6, "rf": 0.6, "inside": 0.6, "bin": 1.5, "outside": 1.2}
_READ_SECONDS, _RESET_SECONDS, _APDU_SECONDS = 1.2, 0.3, 0.05
_INIT_MOVES = {0x30: "gate", 0x31: "bin", 0x33: "", 0x34: "gate", 0x35: "bin", 0x37: ""}
_COUNTING_INITS = (0x34, 0x35, 0x37)
_TRACKS = {0x31: (1,), 0x32: (2,), 0x33: (3,), 0x37: (1, 2, 3)}
_GOOD, _UNREADABLE, _NO_TRACK = b"0", b"1", b"2"
_BETWEEN_TRACKS = b"~"
_VOLTAGES = (b"", b"0", b"1", b"2", b"3", b"4", b"5")


class Commands:
    """State of the electronics: initialised or not, entry open or not."""

    def __init__(
        self,
        truth: Callable[[Mapping[str, object]], None],
        faults: Set[str],
        moved: Mechanism,
        *,
        permit_model: str,
        move_39: str,
        magnetic: bool,
        serial_number: str,
        firmware: str,
    ) -> None:
        self._truth = truth
        self._faults = faults
        self._mechanism = moved
        self._open, self._close = PERMITS[permit_model]
        self._moves = {0x30: "gate", 0x31: "ic", 0x32: "rf", 0x33: "bin", 0x39: move_39}
        if permit_model == "R02":
            self._moves[0x34] = "inside"
        self._names = {SERIAL: serial_number, CONFIGURATION: permit_model, VERSION: firmware}
        self._firmware = firmware.encode("ascii")
        self._handlers: dict[int, Callable[[int, bytes], bytes]] = {
            **{INIT: self._init, STATUS: self._status, MOVE: self._move, ENTRY: self._entry},
            **{CARD_TYPE: self._card_type, CPU_CARD: self._cpu_card, RADIO: self._radio},
            **{COUNTER: self._counter},
        }
        if magnetic:
            self._handlers[MAGNETIC] = self._magnetic
        self.power_on()

    def power_on(self) -> None:
        """Everything but INIT is refused until INIT; what the chip knew is gone."""
        self.initialised = self.entry_open = False
        self._mechanism.counting = False
        if (chip := self._chip()) is not None:
            chip.power_off()

    def needs_rollers(self, text: bytes) -> bool:
        return text[1] in (INIT, MOVE, MAGNETIC)

    def seconds(self, text: bytes) -> float:
        """How long the command takes, in seconds at speed 1."""
        command, parameter = text[1:3]
        if command == INIT:
            return _INIT_SECONDS + self._way(_INIT_MOVES.get(parameter, ""))
        if not self.initialised:
            return _QUICK_SECONDS
        if command == MOVE:
            return self._way(self._moves.get(parameter, "")) or _QUICK_SECONDS
        if command == MAGNETIC:
            return _READ_SECONDS if self._mechanism.held else _QUICK_SECONDS
        if command == CPU_CARD:
            return _RESET_SECONDS if parameter in (0x30, 0x38) else _APDU_SECONDS
        return _QUICK_SECONDS

    def execute(self, text: bytes, card_at_start: Card | None) -> bytes:
        """The text of the answer; all that the command does happens now."""
        echo = text[1:3]
        try:
            if text[1] == MOVE and card_at_start is not self._held_card():
                raise Refusal(mechanism.BY_HAND)
            data = self._carry_out(text)
        except Refusal as refusal:
            return b"N" + echo + refusal.code
        return b"P" + echo + self._mechanism.status() + data

    def _way(self, to: str) -> float:
        there = not self._mechanism.held or self._mechanism.where == to
        return 0.0 if there else _MOVE_SECONDS.get(to, 0.0)

    def _held_card(self) -> Card | None:
        return self._mechanism.card if self._mechanism.held else None

    def _chip(self) -> Chip | None:
        return self._mechanism.card.chip if self._mechanism.card is not None else None

    def _carry_out(self, text: bytes) -> bytes:
        command, parameter, data = text[1], text[2], text[3:]
        if not self.initialised and command != INIT:
            raise Refusal(mechanism.NOT_INITIALISED)
        if command in self._names:
            _need(parameter == 0x30, mechanism.BAD_PARAMETER)
            _need(not data, mechanism.BAD_DATA)
            return self._names[command].encode("ascii")
        handler = self._handlers.get(command)
        if handler is None:
            raise Refusal(mechanism.UNDEFINED)
        if command not in (CPU_CARD, RADIO, COUNTER):
            _need(not data, mechanism.BAD_DATA)
        return handler(parameter, data)

    def _init(self, parameter: int, _: bytes) -> bytes:
        """Leaves the entry closed; an INIT that fails leaves the reader not initialised."""
        _need(parameter in _INIT_MOVES, mechanism.BAD_PARAMETER)
        self.initialised = self.entry_open = False
        self._mechanism.counting = parameter in _COUNTING_INITS
        self._mechanism.self_test()
        to = _INIT_MOVES[parameter]
        if to and self._mechanism.held:
            self._mechanism.move(to, _by(INIT, parameter))
        self.initialised = True
        self._truth({"event": "initialised", "parameter": f"{parameter:02X}"})
        return self._firmware

    def _status(self, parameter: int, _: bytes) -> bytes:
        _need(parameter in (0x30, 0x31), mechanism.BAD_PARAMETER)
        return b"" if parameter == 0x30 else self._mechanism.sensors(self.entry_open)

    def _move(self, parameter: int, _: bytes) -> bytes:
        _need(parameter in self._moves, mechanism.BAD_PARAMETER)
        self._mechanism.move(self._moves[parameter], _by(MOVE, parameter))
        return b""

    def _entry(self, parameter: int, _: bytes) -> bytes:
        _need(parameter in (self._open, self._close), mechanism.BAD_PARAMETER)
        self.entry_open = parameter == self._open
        self._truth({"event": "entry", "open": self.entry_open})
        return b""

    def _magnetic(self, parameter: int, _: bytes) -> bytes:
        """For each track asked for a result and its characters without sentinels, `~` between.

        Result `0` read, `1` cannot be read (parity, LRC), `2` no such track on the card.
        """
        _need(parameter in _TRACKS, mechanism.BAD_PARAMETER)
        card = self._mechanism.pass_head(_by(MAGNETIC, parameter))
        results = {number: self._track(card, number) for number in _TRACKS[parameter]}
        event: dict[str, object] = {"event": "magnetic_read", "card": card.masked()}
        shown = {str(number): result[:1].decode("ascii") for number, result in results.items()}
        self._truth({**event, "results": shown})
        return _BETWEEN_TRACKS.join(results.values())

    def _track(self, card: Card, number: int) -> bytes:
        if number not in card.tracks:
            return _NO_TRACK
        text = card.tracks[number]
        if text is None or f"bad_track{number}" in self._faults:
            return _UNREADABLE
        return _GOOD + text.encode("ascii")

    def _card_type(self, parameter: int, _: bytes) -> bytes:
        """Two digits: 10 a chip with T=0, 00 nothing known; there are no contactless cards."""
        place = {0x30: "ic", 0x31: "rf"}.get(parameter)
        if place is None:
            raise Refusal(mechanism.BAD_PARAMETER)
        self._need_place(place)
        return b"10" if parameter == 0x30 and self._answering_chip() is not None else b"00"

    def _need_place(self, place: str) -> None:
        _need(self._mechanism.held and self._mechanism.where == place, mechanism.SEQUENCE)

    def _answering_chip(self) -> Chip | None:
        return None if "mute_chip" in self._faults else self._chip()

    def _cpu_card(self, parameter: int, data: bytes) -> bytes:
        """Resets give the digit 0 (T=0) and the answer to reset; status 0 off, 1 on."""
        _need(parameter in (0x30, 0x31, 0x32, 0x33, 0x34, 0x38, 0x39), mechanism.BAD_PARAMETER)
        self._need_place("ic")
        chip = self._answering_chip()
        active = chip is not None and chip.active
        if parameter == 0x32:
            return b"1" if active else b"0"
        if parameter == 0x31:
            if chip is not None:
                chip.power_off()
            return b""
        if parameter != 0x30:
            _need(active, mechanism.CHIP_OFF)
        if chip is None:
            raise Refusal(mechanism.NO_ACTIVATION)
        if parameter in (0x30, 0x38):
            return self._reset(chip, data)
        return self._exchange(chip, parameter, data)

    def _reset(self, chip: Chip, data: bytes) -> bytes:
        _need(data in _VOLTAGES, mechanism.BAD_DATA)
        self._truth({"event": "chip_reset"})
        return b"0" + chip.reset()

    def _exchange(self, chip: Chip, parameter: int, data: bytes) -> bytes:
        _need(parameter != 0x34, mechanism.TRANSMISSION)  # T=1 to a chip that speaks T=0
        _need(len(data) >= 4, mechanism.BAD_DATA)
        answer = chip.answer(data)
        event = {"event": "chip_command", "instruction": f"{data[1]:02X}"}
        self._truth({**event, "status": answer[-2:].hex().upper()})
        return answer

    def _radio(self, parameter: int, _: bytes) -> bytes:
        """The antenna finds nothing: these cards have none."""
        _need(0x30 <= parameter <= 0x35, mechanism.BAD_PARAMETER)
        self._need_place("rf")
        if parameter == 0x31:
            return b""
        if parameter == 0x32:
            return b"0"
        raise Refusal(mechanism.NO_ACTIVATION if parameter == 0x30 else mechanism.RF_OFF)

    def _counter(self, parameter: int, data: bytes) -> bytes:
        """30 tells the retain counter in three digits, 31 sets it to the three digits given."""
        if parameter == 0x30:
            _need(not data, mechanism.BAD_DATA)
            return b"%03d" % self._mechanism.counter
        _need(parameter == 0x31, mechanism.BAD_PARAMETER)
        _need(len(data) == 3 and data.isdigit(), mechanism.BAD_DATA)
        self._mechanism.counter = int(data)
        self._truth({"event": "counter_set", "counter": self._mechanism.counter})
        return b""


def _need(condition: bool, code: bytes) -> None:
    if not condition:
        raise Refusal(code)


def _by(command: int, parameter: int) -> str:
    """How the truth names a command as the cause of a motion."""
    return f"command {command:02X} {parameter:02X}"
