"""Where the card is in a simulated motorised reader, and what moves it.

Source: CRT-571 / CRT-591-M communication protocol (status bytes, error codes). The places are
`outside` (pushed out, nobody has it yet), `gate`, `inside` (at the magnetic head), `ic`, `rf`.
"""

from collections.abc import Callable, Mapping, Set

from devices.card_reader.simulated_card import Card

HELD = ("gate", "inside", "ic", "rf")
HIGHEST_COUNT = 999

UNDEFINED, BAD_PARAMETER, SEQUENCE, BAD_DATA = b"00", b"01", b"02", b"04"
JAM, SENSOR, TOO_LONG, TOO_SHORT, BY_HAND = b"10", b"12", b"13", b"14", b"16"
OVERFLOW, MOTOR = b"50", b"51"
NO_ACTIVATION, CHIP_OFF, RF_OFF, TRANSMISSION = b"61", b"62", b"65", b"66"
BIN_FULL, NOT_INITIALISED = b"A1", b"B0"

_ENOUGH_CARDS = b"2"  # st1: this reader has no dispenser and says that there are enough


class Refusal(Exception):
    """The command is answered with this error code, two ASCII hex digits."""

    def __init__(self, code: bytes) -> None:
        super().__init__(code.decode("ascii"))
        self.code = code


class Mechanism:
    """Slot, rollers, sensors and bin; each motion of a card is an event of the truth."""

    def __init__(
        self,
        truth: Callable[[Mapping[str, object]], None],
        faults: Set[str],
        bin_capacity: int,
    ) -> None:
        self.card: Card | None = None
        self.where = "outside"
        self.counting = False
        self.counter = 0
        self.bin_cards = 0
        self._truth = truth
        self._faults = faults
        self._capacity = bin_capacity

    @property
    def held(self) -> bool:
        """Whether a card is at the gate or further in."""
        return self.card is not None and self.where in HELD

    @property
    def bin_full(self) -> bool:
        return "bin_full" in self._faults or self.bin_cards >= self._capacity

    def status(self) -> bytes:
        """st0 card, st1 dispenser, st2 bin."""
        card = b"0" if not self.held else b"1" if self.where == "gate" else b"2"
        return card + _ENOUGH_CARDS + (b"1" if self.bin_full else b"0")

    def sensors(self, shutter_open: bool) -> bytes:
        """S1 gate, S2 mouth, S3 head, S4 contacts, S5 antenna, S6 bin, S7 shutter, S8 none."""
        place = self.where if self.held else ""
        covered = [place == "gate", place == "gate", place == "inside", place == "ic"]
        covered += [place == "rf", self.bin_full, shutter_open, False]
        covered[2] |= "sensor" in self._faults
        return b"".join(b"1" if one else b"0" for one in covered)

    def put(self, card: Card) -> None:
        """A customer puts a card into the open gate."""
        self.take()
        self.card = card
        self._place("gate", "customer")

    def take(self) -> bool:
        """A customer takes the card at the gate or before it; False if there is none."""
        if self.card is None or self.where not in ("gate", "outside"):
            return False
        self._place("taken", "customer")
        self._forget()
        return True

    def draw_in(self) -> None:
        """The rollers take in the card at the gate, if they can."""
        if self.held and not self._faults & {"jam", "motor", "sensor"}:
            self._place("inside", "entry")

    def halt(self) -> None:
        """Power goes while the card is on its way: it stays where the rollers stopped."""
        if self.held and self.where != "inside":
            self._place("inside", "power loss")

    def self_test(self) -> None:
        for name, code in (("motor", MOTOR), ("sensor", SENSOR)):
            if name in self._faults:
                raise Refusal(code)

    def move(self, to: str, command: str) -> None:
        """Move the card to a place, the `bin` or `outside`; Refusal if that cannot be."""
        if self.card is None or not self.held:
            raise Refusal(SEQUENCE)
        if to != self.where:
            self._travel(self.card, to, command)

    def pass_head(self, command: str) -> Card:
        """Draw the card over the magnetic head, wherever in the reader it lies."""
        if self.card is None or not self.held or self.where == "gate":
            raise Refusal(SEQUENCE)
        self._travel(self.card, "inside", command)
        return self.card

    def empty_bin(self) -> None:
        self.bin_cards = 0
        self._truth({"event": "bin_emptied"})

    def _travel(self, card: Card, to: str, command: str) -> None:
        self._check_path(card, to)
        if card.chip is not None:
            card.chip.power_off()
        if to == "bin":
            self._capture(card, command)
        elif to != self.where:
            self._place(to, command)

    def _check_path(self, card: Card, to: str) -> None:
        self.self_test()
        if "jam" in self._faults:
            raise Refusal(JAM)
        if "pulled_by_hand" in self._faults:
            if self.where != "gate":
                self._place("gate", "hand")
            raise Refusal(BY_HAND)
        if card.length != "right" and to in ("inside", "ic", "rf"):
            raise Refusal(TOO_LONG if card.length == "long" else TOO_SHORT)
        if to == "bin":
            self._check_bin()

    def _check_bin(self) -> None:
        if self.bin_full:
            raise Refusal(BIN_FULL)
        if self.counting and self.counter >= HIGHEST_COUNT:
            raise Refusal(OVERFLOW)

    def _capture(self, card: Card, command: str) -> None:
        self.bin_cards += 1
        self.counter += self.counting
        self._place("bin", command)
        event: dict[str, object] = {"event": "capture", "command": command, "card": card.masked()}
        self._truth({**event, "counter": self.counter, "bin_cards": self.bin_cards})
        self._forget()

    def _place(self, where: str, by: str) -> None:
        self.where = where
        card = "" if self.card is None else self.card.masked()
        self._truth({"event": "card", "where": where, "by": by, "card": card})

    def _forget(self) -> None:
        self.card, self.where = None, "outside"
