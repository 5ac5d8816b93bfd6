"""A motorised card reader as the program sees it: a card is drawn in, read, given back or, if so decided, kept.

Not responsible for: whether the bank knows the card, what its chip says, and whether a card is kept: that is
decided elsewhere and said with the order (CaptureCard); nothing here keeps one by itself. Some readers of the
family have a timer of their own that draws a card back from the gate; that is set in the machine.
"""

import time
from collections.abc import Callable

from devices.bank_card import BankCard
from devices.card_reader import protocol
from devices.card_reader.mechanics import FAULTS, INDETERMINATE, JAMS, NOT_INITIALISED, Mechanics
from devices.card_reader.orders import (
    CARD_INSIDE,
    CARD_LEFT,
    SUCCESS,
    AcceptCard,
    AcceptingStopped,
    CaptureCard,
    CardCaptured,
    CardFound,
    CardReturned,
    CardTaken,
    Event,
    Order,
    Outcome,
    ReturnCard,
    undone,
)
from devices.card_reader.protocol import MODELS, Status, Where
from devices.card_reader.tracks import NO_TRACKS, UNREAD_TRACKS, Tracks, swipe
from devices.device import IDLE_S, Condition, Patience
from devices.port import Port

LOOK_EVERY_S = 1.0  # idle
WATCH_EVERY_S = 0.4  # while a card is awaited or to be taken
NOT_BUILT_IN = ("invalidCommand", "unsupportedCommand")


class CardReader:
    """Driver of CRT-571, CRT-591 and their like."""

    xonxoff = False
    identity = ""

    def __init__(
        self,
        tell: Callable[[Event], None],
        *,
        baud: int = 9600,
        model: str = "crt591",
        address: int = 0,
        key: bytes = b"",
        accept_when_bin_full: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`model`: crt591 or r02. `address`: 0 to 15, as the switches stand. `key` makes the pseudonyms of
        cards, the same on all kiosks of a branch. `accept_when_bin_full`: whether cards are let in that could
        not be kept. Raises ValueError for an unknown model or address."""
        if model not in MODELS or address not in range(16):
            raise ValueError(
                f"model is {' or '.join(MODELS)} and address 0 to 15, not {model} and {address}"
            )
        self.baud = baud
        self._tell = tell
        self._model = MODELS[model]
        self._key = key
        self._accept_when_bin_full = accept_when_bin_full
        self._clock = clock
        self._looked_at = float("-inf")
        self._machine = Mechanics(lambda where: tell(CardFound(where)), clock, address)

    def probe(self, port: Port) -> Condition:
        """A card inside that nobody knows of goes to the gate (CardFound)."""
        self._machine.start(port)
        self.identity = (
            self._machine.identity
        )  # firmware, version, serial number, as far as it says them
        return self._machine.condition()

    def idle(self, port: Port) -> Condition:
        """Listen, and every second look where the card is."""
        self._machine.listen(IDLE_S)
        if self._clock() - self._looked_at >= LOOK_EVERY_S:
            self._machine.glance()
            self._looked_at = self._clock()
        return self._machine.condition()

    def do(self, port: Port, order: Order, patience: Patience) -> Condition:
        """Nothing is said to the machine after the outcome has been told: it is told once."""
        outcome: Outcome
        if isinstance(order, AcceptCard):
            outcome = self._accept(order, patience)
        elif isinstance(order, ReturnCard):
            outcome = self._return(order, patience)
        elif isinstance(order, CaptureCard):
            outcome = self._capture(order)
        else:
            error = self._machine.done(self._model.entry_off)
            outcome = AcceptingStopped(order.job, error or SUCCESS)
        self._tell(outcome)
        return self._machine.condition()

    def refuse(self, order: Order, detail: str) -> None:
        """Nothing was moved."""
        self._tell(undone(order, detail))

    def abandon(self, order: Order, detail: str) -> None:
        """The wire broke. A card that was to be accepted or returned and is still inside when the reader is
        back comes out as CardFound; one that was to be kept stays for a new order."""
        self._machine.ours = isinstance(order, CaptureCard)
        self._tell(undone(order, detail))

    def _accept(self, order: AcceptCard, patience: Patience) -> CardTaken:
        seen = self._machine.look()
        error = seen.error or self._why_not(seen)
        if error:
            return CardTaken(order.job, error, where=seen.card)
        error = self._machine.done(self._model.entry_on)
        if not error:
            seen = self._await_card(patience)
        self._machine.done(self._model.entry_off)
        if error or seen.error:
            return self._not_read(order, error or seen.error)
        if patience.over:
            return self._too_late(order, patience.over)
        return self._read(order)

    def _why_not(self, seen: Status) -> str:
        """Why no card can be let in now."""
        if self._machine.fault:
            return self._machine.fault
        if seen.bin_full and not self._accept_when_bin_full:
            return "binFull"
        if seen.card is Where.INSIDE:
            return CARD_INSIDE
        return CARD_LEFT if self._machine.left else ""

    def _await_card(self, patience: Patience) -> Status:
        """Until one is inside, something is wrong, or nobody waits any more."""
        initialised = self._machine.initialised
        while True:
            seen = self._machine.look()
            if self._machine.initialised != initialised:  # it had lost its power
                return Status(seen.card, seen.bin_full, NOT_INITIALISED)
            if seen.card is Where.INSIDE or seen.error or patience.over:
                return seen
            self._machine.listen(min(WATCH_EVERY_S, patience.left_s))

    def _too_late(self, order: AcceptCard, why: str) -> CardTaken:
        """The entry is shut; a card that came in at the last moment is given back."""
        if self._machine.look().card is Where.INSIDE:
            self._machine.give_back()
        return CardTaken(order.job, why, where=self._machine.look().card)

    def _not_read(self, order: AcceptCard, error: str) -> CardTaken:
        """What is jammed is ejected once. What stays inside is the caller's to return."""
        self._machine.note(error)
        if error in JAMS:
            self._machine.give_back()
        where = self._machine.look().card
        self._machine.ours = where is Where.INSIDE
        return CardTaken(order.job, error, where=where)

    def _read(self, order: AcceptCard) -> CardTaken:
        """Tracks first: for the chip the card is moved on."""
        tracks, card, error = self._read_tracks()
        chip = False
        if not _ends_reading(error):
            chip, error = self._read_chip()
        if _ends_reading(error):
            return self._not_read(order, error)
        self._machine.ours = True
        completion = SUCCESS if chip or "ok" in tracks.values() else "invalidMedia"
        return CardTaken(order.job, completion, tracks, card, chip, Where.INSIDE)

    def _read_tracks(self) -> tuple[Tracks, BankCard | None, str]:
        """A reader without a magnetic head does not know the command."""
        answer = self._machine.ask(protocol.MAGNETIC_TRACKS)
        if answer is None:
            return UNREAD_TRACKS, None, "timeOut"
        error = answer.status.error
        if error:
            return NO_TRACKS if error in NOT_BUILT_IN else UNREAD_TRACKS, None, error
        read = swipe(answer.data, self._key)
        return read.tracks, read.card, ""

    def _read_chip(self) -> tuple[bool, str]:
        """Whether a chip answers; then its contacts are let go, so that the card can be moved."""
        answer = self._machine.ask(protocol.CHIP_TYPE)
        if answer is None or answer.status.error:
            return False, answer.status.error if answer else "timeOut"
        chip = protocol.has_chip(answer)
        if chip:
            self._machine.ask(protocol.CHIP_OFF)
        return chip, ""

    def _return(self, order: ReturnCard, patience: Patience) -> CardReturned:
        seen = self._machine.look()
        if seen.card is Where.NONE:
            return CardReturned(order.job, "noMedia", Where.NONE)
        error = "" if seen.card is Where.GATE else self._machine.give_back()
        if error:
            return CardReturned(order.job, error, self._machine.look().card)
        completion, where = self._await_taking(order.take_s, patience)
        self._machine.left = where is Where.GATE
        return CardReturned(order.job, completion, where)

    def _await_taking(self, take_s: float, patience: Patience) -> tuple[str, Where]:
        deadline = self._clock() + take_s
        while True:
            seen = self._machine.look()
            if seen.card is Where.NONE:
                return SUCCESS, seen.card
            left = deadline - self._clock()
            why = seen.error or (CARD_LEFT if left <= 0 else patience.over)
            if why:
                return why, seen.card
            self._machine.listen(min(WATCH_EVERY_S, left, patience.left_s))

    def _capture(self, order: CaptureCard) -> CardCaptured:
        """The only way into the bin."""
        seen = self._machine.look()
        nothing = "noMedia" if seen.card is Where.NONE else ""
        error = seen.error or ("binFull" if seen.bin_full else nothing)
        if error:
            return CardCaptured(order.job, error, order.decision, None, seen.card)
        before = self._machine.bin_count()
        moved = self._machine.move(protocol.CAPTURE)
        count = self._machine.bin_count()
        error = moved.error
        if error in ("", INDETERMINATE):
            counted = before is not None and count == before + 1
            proven = moved.card is Where.NONE and (counted or not error)
            error = SUCCESS if proven else INDETERMINATE
        where = moved.card if moved.card is Where.NONE else self._machine.look().card
        return CardCaptured(order.job, error, order.decision, count, where)


def _ends_reading(error: str) -> bool:
    """Nothing more can be read; other errors concern one way of reading only."""
    return error in ("noMedia", NOT_INITIALISED, *JAMS, *FAULTS)
