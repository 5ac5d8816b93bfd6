"""The reader's mechanics: where the card is, one motion, what is wrong, and starting it.

Not responsible for: what is wanted of the card. Every call may raise PortLost.
"""

from collections.abc import Callable

from devices.card_reader import protocol
from devices.card_reader.link import Link
from devices.card_reader.protocol import Answer, Request, Status, Where
from devices.device import READY, Condition, State
from devices.port import Port, PortLost

MISSES = 3  # unanswered looks before the reader counts as gone
MEND_EVERY_S = 10.0
INDETERMINATE = "indeterminate"  # nobody knows whether it was done
JAMS = ("mediaJam", "cardTooLong", "cardTooShort")
FAULTS = {
    "mediaJam": "jammed",
    "sensor": "sensor",
    "motor": "motor",
    "solenoid": "solenoid",
}
NOT_INITIALISED = "notInitialised"  # it has had no power


class Mechanics:
    """`left`: a card at the gate that should have been taken. `ours`: the card inside is one that was told."""

    def __init__(
        self, found: Callable[[Where], None], clock: Callable[[], float], address: int
    ) -> None:
        """`found` hears of a card that nobody knew of, when it has been moved out, and where it is now."""
        self._found = found
        self._clock = clock
        self._address = address
        self._link: Link
        self._missed = 0
        self._mended_at = float("-inf")
        self._firmware = ""
        self.identity = ""
        self._owed = False  # a strange card is being moved out, and that has not been told yet
        self.initialised = 0  # times: then the entry is shut
        self.fault = ""
        self.bin_full = self.left = self.ours = False

    def start(self, port: Port) -> None:
        """Status first, then initialise: without a motion, unless a card that nobody knows of is inside.

        Raises PortLost('notResponding'), or PortLost('unknownProtocol') when something else talks.
        """
        self._link = Link(port, self._clock, self._address)
        self._missed, self.fault = 0, ""
        seen = self._first_status()
        strange = seen.card is Where.INSIDE and not self.ours
        self._owed |= strange
        seen = self._initialise(eject=strange or seen.error in (NOT_INITIALISED, *JAMS))
        if self._owed and seen.card in (Where.GATE, Where.NONE):
            self._tell_found(seen.card)
        self.left = seen.card is Where.GATE
        self.identity = " ".join(filter(None, (self._firmware, self._version(), self._serial())))

    def listen(self, within_s: float) -> None:
        self._link.listen(within_s)

    def condition(self) -> Condition:
        if self.fault:
            return Condition(State.FAULT, self.fault)
        if self.left:
            return Condition(State.DEGRADED, "cardLeft")
        return Condition(State.DEGRADED, "binFull") if self.bin_full else READY

    def look(self) -> Status:
        """Where the card is. A reader that has lost its power meanwhile is initialised, once."""
        return self._see(self._status())

    def glance(self) -> None:
        """One look without insisting; what was wrong may have been mended."""
        answer = self._link.ask(protocol.STATUS)
        if answer is not None:
            self._missed = 0
            seen = self._see(answer.status)
            self._mend(seen)
            self._turn_out(seen)
            return
        self._missed += 1
        if self._missed >= MISSES:
            raise PortLost("notResponding")

    def ask(self, request: Request) -> Answer | None:
        """Of something that may be asked twice."""
        return self._link.ask(request) or self._link.ask(request)

    def done(self, request: Request) -> str:
        """Empty, or why not."""
        answer = self.ask(request)
        return answer.status.error if answer else "timeOut"

    def move(self, request: Request) -> Status:
        """Once, whatever happens. `error` is indeterminate when the reader does not say how it went."""
        answer = self._link.ask(request)
        if answer is None:
            seen = self.look()
            return Status(seen.card, seen.bin_full, INDETERMINATE)
        if answer.status.error:
            self.note(answer.status.error)
            return answer.status
        return self._see(answer.status)

    def give_back(self) -> str:
        """The card to the gate; empty, or why not. One that does not go there is jammed."""
        moved = self.move(protocol.TO_GATE)
        if moved.error and moved.card in (Where.UNKNOWN, Where.INSIDE):
            if moved.error != NOT_INITIALISED:
                self.note("mediaJam")
            return moved.error
        self.fault, self.ours = "", False
        self.left = self.left or moved.card is not Where.NONE
        return ""

    def bin_count(self) -> int | None:
        """Cards in the bin, if the machine counts them."""
        answer = self.ask(protocol.BIN_COUNT)
        return protocol.bin_count(answer) if answer else None

    def note(self, error: str) -> None:
        """What staff must mend."""
        if error in FAULTS:
            self.fault = FAULTS[error]
            self._mended_at = self._clock()
        self.bin_full |= error == "binFull"

    def _status(self) -> Status:
        for _ in range(MISSES):
            answer = self._link.ask(protocol.STATUS)
            if answer is not None:
                return answer.status
        raise PortLost("notResponding")

    def _first_status(self) -> Status:
        try:
            return self._status()
        except PortLost as error:
            if error.cause == "notResponding" and self._link.noise:
                raise PortLost("unknownProtocol") from error
            raise

    def _see(self, status: Status) -> Status:
        if status.error == NOT_INITIALISED and self.fault != NOT_INITIALISED:
            return self._initialise(eject=True)
        if status.error:
            self.note(status.error)
            return status
        self.bin_full = status.bin_full
        self.left &= status.card is Where.GATE
        self.ours &= status.card is Where.INSIDE
        if self._owed and status.card in (Where.GATE, Where.NONE):
            self._tell_found(status.card)
        return status

    def _initialise(self, *, eject: bool) -> Status:
        """The card goes to the gate, or stays where it is."""
        answer = self._link.ask(protocol.INITIALISE_TO_GATE if eject else protocol.INITIALISE)
        status = answer.status if answer is not None else self._status()
        self.initialised += 1
        if answer is not None and not status.error:
            self.fault, self._firmware = "", protocol.words(answer)
        if status.error:
            self.fault = FAULTS.get(status.error, NOT_INITIALISED)
            self._mended_at = self._clock()
            status = self._status()
        return self._found_at(status) if eject else self._see(status)

    def _found_at(self, status: Status) -> Status:
        """A card that is out now, or jammed on its way."""
        self.bin_full = status.bin_full
        self.left = status.card is Where.GATE
        self.ours = False
        if status.card in (Where.GATE, Where.INSIDE):
            self._tell_found(status.card)
        return status

    def _tell_found(self, where: Where) -> None:
        self._owed = False
        self._found(where)

    def _turn_out(self, seen: Status) -> None:
        """The rollers may draw in a card that was at the gate when nobody waited for one any more."""
        if seen.card is Where.INSIDE and not (self.ours or self.fault):
            self._owed = True
            self.give_back()
            seen = self.look()
            if self._owed:
                self._tell_found(seen.card)

    def _mend(self, status: Status) -> None:
        """Staff may have mended it: without a card inside initialising shows that."""
        may = status.card is Where.NONE or status.error == NOT_INITIALISED
        if self.fault and may and self._clock() - self._mended_at >= MEND_EVERY_S:
            self._mended_at = self._clock()
            self._initialise(eject=False)

    def _version(self) -> str:
        answer = self._link.ask(protocol.VERSION)
        return protocol.words(answer) if answer and not answer.status.error else ""

    def _serial(self) -> str:
        answer = self._link.ask(protocol.SERIAL_NUMBER)
        return protocol.serial_number(answer) if answer and not answer.status.error else ""
