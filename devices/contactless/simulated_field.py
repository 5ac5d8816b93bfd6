"""The field of a simulated PN532: the cards in it, the targets listed and the talk with them.

Source: NXP UM0701-02 (In... commands and the status byte).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from devices.contactless.simulated_card import Card, masked

Truth = Callable[[Mapping[str, object]], None]

OK = b"\x00"
NO_ANSWER, CRC, WRONG_CONTEXT, RELEASED, GONE = b"\x01", b"\x02", b"\x27", b"\x29", b"\x2b"
_MORE_COMES = 0x40
# InListPassiveTarget: modulation and the lengths of initiator data it takes.
_MODULATIONS = {0: (0, 4, 7, 10), 1: (5,), 2: (5,), 3: (1, 2), 4: (0,)}


@dataclass
class Target:
    """A listed card; it keeps its number until the next listing."""

    card: Card
    state: str = "active"  # or "deselected", "released"


class Field:
    """At most two cards; one of them talks at a time.

    The methods named for commands take the bytes after the command code and give those of the
    answer, None for parameters the chip calls a syntax error.
    """

    def __init__(self, truth: Truth, faults: set[str], removed_after: int, crc_every: int) -> None:
        self.cards: list[Card] = []
        self.targets: dict[int, Target] = {}
        self.automatic_rats = True  # false: no ISO-DEP for cards of type A
        self.last_status = 0
        self._truth = truth
        self._faults = faults
        self._removed_after = removed_after
        self._crc_every = crc_every
        self._exchanges = 0
        self._chained = b""

    def put(self, cards: list[Card]) -> None:
        if self.cards:
            raise ValueError("a card is in the field already; allowed: remove")
        self.cards = cards
        self._exchanges = 0
        for card in cards:
            self._record(card, "put")

    def take(self) -> None:
        """All cards go out of the field."""
        for card in self.cards:
            card.reset()
            self._record(card, "taken")
        self.cards = []

    def _record(self, card: Card, action: str) -> None:
        number = masked(card.number)
        self._truth({"event": "card", "action": action, "card": card.about, "number": number})

    def seen(self, data: bytes) -> list[Card]:
        """The cards this InListPassiveTarget would find now."""
        most, modulation, wanted = data[0], data[1], data[2:]
        if modulation not in (0, 3):
            return []
        cards = [card for card in self.cards if card.radio.type_b == (modulation == 3)]
        if modulation == 0 and wanted:
            cards = [card for card in cards if card.radio.uid == wanted]
        return cards[:most]

    def list_targets(self, data: bytes) -> bytes | None:
        if not is_listing(data):
            return None
        self.off()
        found = self.seen(data)
        self.targets = {number: Target(card) for number, card in enumerate(found, 1)}
        if found:
            self._truth({"event": "listed", "cards": [card.about for card in found]})
        answer = bytes((len(found),))
        for number, card in enumerate(found, 1):
            answer += bytes((number,)) + card.radio.target_data(self.automatic_rats)
        return answer

    def off(self) -> None:
        """Without the field every card forgets what was said."""
        self.targets = {}
        for card in self.cards:
            card.reset()

    def exchange(self, data: bytes) -> bytes | None:
        if not data:
            return None
        target = self.targets.get(data[0] & 0x3F)
        if target is None or target.state == "released":
            return self.status(RELEASED if target else WRONG_CONTEXT)
        command, self._chained = self._chained + data[1:], b""
        if data[0] & _MORE_COMES:
            self._chained = command
            return OK
        if target.card not in self.cards:
            return self._no_card(command, NO_ANSWER)
        if lost := self._lost_half_way():
            self.take()
            return self._no_card(command, lost)
        self._activate(target)
        return self._talk(target.card, command)

    def forget_chain(self) -> None:
        """What was said with more to come is void once another command comes between."""
        self._chained = b""

    def gone(self, number: int) -> bool:
        """Whether this target was listed and its card does not lie there any more."""
        target = self.targets.get(number)
        return target is not None and target.card not in self.cards

    def still_there(self) -> bytes:
        """Diagnose 6: the status for the card that is talked to."""
        active = [number for number, one in self.targets.items() if one.state == "active"]
        if not active:
            return self.status(WRONG_CONTEXT)
        return self.status(NO_ANSWER if self.gone(active[0]) else OK)

    def general_status(self) -> bytes:
        """GetGeneralStatus without the SAM: last error, no foreign field, the targets."""
        listed = {n: one for n, one in self.targets.items() if one.state != "released"}
        answer = bytes((self.last_status, 0, len(listed)))
        for number, target in listed.items():
            answer += bytes((number, 0, 0, 0x03 if target.card.radio.type_b else 0x00))
        return answer

    def _lost_half_way(self) -> bytes:
        """The status with which a fault takes the card away, if it does so now."""
        if self._exchanges < self._removed_after:
            return b""
        if "card_disappeared" in self._faults:
            return GONE
        return NO_ANSWER if "removed_half_way" in self._faults else b""

    def _talk(self, card: Card, command: bytes) -> bytes:
        self._exchanges += 1
        speaks = card.radio.type_b or (card.radio.speaks_iso_dep and self.automatic_rats)
        said = card.answer(command) if speaks else None
        status = OK if said is not None else NO_ANSWER
        if "crc_error" in self._faults and self._exchanges % self._crc_every == 0:
            status = CRC
        self._truth(_apdu(command, said or b"", status))
        return self.status(status) + (said if said is not None and status == OK else b"")

    def _no_card(self, command: bytes, status: bytes) -> bytes:
        self._truth(_apdu(command, b"", status))
        return self.status(status)

    def _activate(self, target: Target) -> None:
        """One card talks at a time; another one is deselected and forgets."""
        for other in self.targets.values():
            if other is not target and other.state == "active":
                other.state = "deselected"
        if target.state == "deselected":
            target.card.reset()
        target.state = "active"

    def status(self, status: bytes) -> bytes:
        self.last_status = status[0]
        return status

    def release(self, data: bytes) -> bytes | None:
        return self._change(data, "released")

    def deselect(self, data: bytes) -> bytes | None:
        return self._change(data, "deselected")

    def _change(self, data: bytes, state: str) -> bytes | None:
        """InRelease and InDeselect of one target, or of all with the number 0."""
        if len(data) != 1:
            return None
        chosen = [self.targets.get(data[0])] if data[0] else list(self.targets.values())
        for target in chosen:
            if target is None or (data[0] and target.state == "released"):
                return self.status(RELEASED if target else WRONG_CONTEXT)
            if target.state != "released":
                target.state = state
                target.card.reset()
        return self.status(OK)

    def select(self, data: bytes) -> bytes | None:
        if len(data) != 1:
            return None
        target = self.targets.get(data[0])
        if target is None or target.state == "released":
            return self.status(RELEASED if target else WRONG_CONTEXT)
        if target.card not in self.cards:
            return self.status(NO_ANSWER)
        self._activate(target)
        return self.status(OK)


def is_listing(data: bytes) -> bool:
    """One or two targets of a modulation that is known, with initiator data of its length."""
    if len(data) < 2 or data[0] not in (1, 2) or data[1] not in _MODULATIONS:
        return False
    return len(data) - 2 in _MODULATIONS[data[1]]


def _apdu(command: bytes, said: bytes, status: bytes) -> Mapping[str, object]:
    """Never the data: only what was asked, the status word and the chip's status."""
    asked = {"ins": command[1:2].hex().upper(), "sw": said[-2:].hex().upper()}
    return {"event": "apdu", **asked, "status": status.hex().upper()}
