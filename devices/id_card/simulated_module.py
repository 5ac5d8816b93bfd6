"""The security module and the antenna of a simulated identity card reader.

Source: GA 450 (SAM_V): find, select and read in this order, and the status byte SW3.
"""

from collections.abc import Callable, Mapping, Set

from devices.id_card.simulated_id import IdCard, with_type

RESET, MODULE_STATUS, MODULE_NUMBER = (0x10, 0xFF), (0x11, 0xFF), (0x12, 0xFF)
FIND, SELECT = (0x20, 0x01), (0x20, 0x02)
READ, READ_WITH_PRINT = (0x30, 0x01), (0x30, 0x10)
READ_ADDRESS, READ_CARD_NUMBER = (0x30, 0x02), (0x30, 0x05)
RADIO_FRAME, LINE_SPEED = (0x61, 0xFF), 0x60
SPEEDS = (115200, 57600, 38400, 19200, 9600)  # bits a second, by the parameter of command 60

GOOD, FOUND, ABSENT, BAD_CHECK, BAD_LENGTH = 0x90, 0x9F, 0x91, 0x10, 0x11
UNKNOWN_COMMAND, NOT_AUTHENTIC, NOT_FOUND_FIRST = 0x21, 0x32, 0x34
UNKNOWN_CARD, READ_FAILED, MODULE_ERROR, NO_CARD, SELECT_FAILED = 0x40, 0x41, 0x60, 0x80, 0x81

Answer = tuple[int, bytes]


class Module:
    """Which card lies there, and how far the host has come with it."""

    def __init__(
        self,
        truth: Callable[[Mapping[str, object]], None],
        faults: Set[str],
        *,
        module_number: bytes,
        found_again: bool,
    ) -> None:
        self.card: IdCard | None = None
        self._truth = truth
        self._faults = faults
        self._number = module_number
        self._found_again = found_again
        self._read_before = False
        self.reset()
        self._handlers: Mapping[tuple[int, int], Callable[[], Answer]] = {
            RESET: self._restart,
            MODULE_STATUS: lambda: (GOOD, b""),
            MODULE_NUMBER: lambda: (GOOD, self._number),
            FIND: self._find,
            SELECT: self._select,
            READ: lambda: self._read(with_print=False),
            READ_WITH_PRINT: lambda: self._read(with_print=True),
            READ_ADDRESS: lambda: self._item("extra_address"),
            READ_CARD_NUMBER: lambda: self._item("card_number"),
        }

    def reset(self) -> None:
        """Forget the dialogue; a card that has been read stays one that has been read."""
        self._found = self._selected = False

    def put(self, card: IdCard) -> None:
        self.card, self._read_before = card, False
        self.reset()
        event: dict[str, object] = {"event": "card", "where": "on_reader", "type": card.kind}
        self._truth({**event, "number": card.number_end, "name_length": card.name_length})

    def take(self) -> None:
        if self.card is not None:
            self._truth({"event": "card", "where": "gone", "type": self.card.kind})
        self.card, self._read_before = None, False
        self.reset()

    def is_card_command(self, command: tuple[int, int]) -> bool:
        return command[0] in (0x20, 0x30) and command in self._handlers

    def answer(self, command: tuple[int, int], data: bytes, card: IdCard | None) -> Answer:
        """SW3 and data; `card` is the one that lay there when the command began."""
        if "sam_error" in self._faults:
            return MODULE_ERROR, b""
        if command == RADIO_FRAME:
            return self._radio_frame(data)
        if command[0] == LINE_SPEED and command[1] < len(SPEEDS):
            return self._line_speed(command[1], data)
        handler = self._handlers.get(command)
        if handler is None:
            return UNKNOWN_COMMAND, b""
        if data:
            return BAD_LENGTH, b""
        if command in (READ, READ_WITH_PRINT) and card is not self.card:
            return self._read_failed(READ_FAILED)
        return handler()

    def _restart(self) -> Answer:
        self.reset()
        self._truth({"event": "reset"})
        return GOOD, b""

    def _radio_frame(self, data: bytes) -> Answer:
        if len(data) != 1:
            return BAD_LENGTH, b""
        self._truth({"event": "radio_frame", "bytes": data[0]})
        return GOOD, b""

    def _line_speed(self, parameter: int, data: bytes) -> Answer:
        """The answer still comes at the old speed; the cable here has none of its own."""
        if data:
            return BAD_LENGTH, b""
        self._truth({"event": "line_speed", "bits_per_second": SPEEDS[parameter]})
        return GOOD, b""

    def _find(self) -> Answer:
        self.reset()
        card = self.card
        if card is None or card.kind == "foreign" or (self._read_before and not self._found_again):
            return NO_CARD, b""
        self._found = True
        self._truth({"event": "found"})
        return FOUND, bytes(4)

    def _select(self) -> Answer:
        if self.card is None:
            return SELECT_FAILED, b""
        if not self._found:
            return NOT_FOUND_FIRST, b""
        self._selected = True
        self._truth({"event": "selected"})
        return GOOD, bytes(8)

    def _read(self, with_print: bool) -> Answer:
        if self.card is None or not self._found:
            return NOT_FOUND_FIRST, b""
        if not self._selected or "moved_in_read" in self._faults:
            return self._read_failed(READ_FAILED)
        if "not_authentic" in self._faults:
            return self._read_failed(NOT_AUTHENTIC)
        self._found, self._read_before = False, True
        self._truth({"event": "read", "ok": True, "status": f"{GOOD:02X}"})
        return GOOD, self._content(self.card, with_print)

    def _read_failed(self, status: int) -> Answer:
        self.reset()
        self._read_before = True
        self._truth({"event": "read", "ok": False, "status": f"{status:02X}"})
        return status, b""

    def _content(self, card: IdCard, with_print: bool) -> bytes:
        text = with_type(card.text, "Q") if "unknown_type" in self._faults else card.text
        parts = [text, card.photo, card.fingerprint] if with_print else [text, card.photo]
        lengths = b"".join(len(part).to_bytes(2, "big") for part in parts)
        return lengths + b"".join(parts)

    def _item(self, name: str) -> Answer:
        """What is read after the text and photo, while the card is still selected."""
        if self.card is None or not self._selected:
            return NOT_FOUND_FIRST, b""
        data: bytes = getattr(self.card, name)
        return (GOOD, data) if data else (ABSENT, b"")
