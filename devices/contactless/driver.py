"""A PN532 as the program sees it: bank cards that are held against it come out, by masked number.

Not responsible for: paying, whether the card is genuine or the bank knows it, cards of type B, and speeds
of the wire above 115200.

While its field is on it looks for cards by itself. A card is told once, as CardTapped or CardUnreadable,
until it has left the field; then CardGone is told, except after CardUnreadable('noMedia'), which says so
itself. What leaves while the field is off is told as gone when it is on again.
"""

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime

from devices.contactless import answers, emv, emv_read, protocol
from devices.contactless.answers import CardLink, Target
from devices.contactless.emv_read import Unreadable
from devices.contactless.events import (
    CardGone,
    CardTapped,
    CardUnreadable,
    Enable,
    Event,
    FieldSet,
    Order,
)
from devices.contactless.field import REPLY_S, Broken, Field
from devices.contactless.line import MISSES, NotAccepted, ReaderLine
from devices.contactless.presence import Presence, Step
from devices.device import IDLE_S, READY, Condition, Patience, State
from devices.port import Port, PortLost

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.3  # for cards
CHECK_EVERY_S = 2.0  # with the field off: is the machine still there?
READ_S = 5.0  # for one card, its second try and all
TRIES = 2
DEFECTS = (CardLink.HOT, CardLink.CURRENT)


class ContactlessReader:
    """Driver of a PN532 (or a chip that speaks like it) on a UART, 8N1."""

    xonxoff = False

    def __init__(
        self,
        tell: Callable[[Event], None],
        *,
        baud: int = 115200,
        key: bytes = b"",
        enabled: bool = True,
        ttq: str = "36004000",
        country: int = 156,
        currency: int = 156,
        amount: int = 0,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = lambda: datetime.now().astimezone().date(),
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """`key` makes the pseudonyms of cards; the same on all kiosks of a branch.

        `enabled`: the field is on from the start. What a card is told of the terminal: `ttq`, the
        transaction qualifiers in hexadecimal (chip with and without contact, PIN, signature, verification
        on the customer's telephone); `country` (ISO 3166-1) and `currency` (ISO 4217), China's; `amount`
        in fen; the date is `today`, eight random digits come from `random`. ValueError when one of them
        does not fit.
        """
        self.baud = baud
        self.identity = ""
        self._tell = tell
        self._key = key
        self._enabled = enabled
        self._terminal: Callable[[], Mapping[int, bytes]] = lambda: emv.terminal(
            bytes.fromhex(ttq), country, currency, amount, today(), random(4)
        )
        self._terminal()
        self._clock = clock
        self._presence = Presence()
        self._looks_at = float("-inf")
        self._refused = 0  # looks in a row that the machine did not carry out
        self._defect = ""

    def probe(self, port: Port) -> Condition:
        """Wake it, set it up, ask what it is. Raises PortLost: notResponding, unknownProtocol."""
        self._line = ReaderLine(port, self._clock)
        self._field = Field(self._line, self._clock)
        self._refused, self._defect = 0, ""
        while not self._wakes():
            pass  # after MISSES the line raises
        self._test_long_frames()
        self.identity = answers.identity(self._version())
        self._set_up()
        self._looks_at = self._clock()
        return READY

    def idle(self, _port: Port) -> Condition:
        """Wait for the time of the next look; then look for cards, or whether the machine is there."""
        wait = self._looks_at - self._clock()
        if wait > 0:
            self._line.listen(min(wait, IDLE_S))
        if self._clock() < self._looks_at:
            return self._condition()
        if self._line.misses == 0 or self._is_back():
            self._look() if self._enabled else self._check()
        self._looks_at = self._clock() + (LOOK_EVERY_S if self._enabled else CHECK_EVERY_S)
        return self._condition()

    def do(self, _port: Port, order: Order, patience: Patience) -> Condition:
        """Field on or off."""
        on = isinstance(order, Enable)
        self._enabled = self._enabled and on  # what shall be off is not used, whatever comes
        completion = patience.over
        while not completion:
            completion = self._switch(on=on, within_s=patience.left_s) or patience.over
        if completion == "success":
            self._enabled, self._looks_at = on, self._clock()
        self._tell(FieldSet(order.job, completion))
        return self._condition()

    def refuse(self, order: Order, detail: str) -> None:
        """The field is as it was."""
        self._tell(FieldSet(order.job, detail))

    def abandon(self, order: Order, detail: str) -> None:
        """Whether it was carried out is not known."""
        self._tell(FieldSet(order.job, detail))

    def _switch(self, *, on: bool, within_s: float) -> str:
        """The completion; empty when the machine did not answer, and may be asked again."""
        if self._line.misses and not self._is_back():
            return ""
        done = self._field.switch(on=on, within_s=min(REPLY_S, within_s))
        if done is None:
            return ""
        # a machine that cannot switch its field has it on whenever it looks for a card
        return "success" if done or on else "unsupportedCommand"

    def _wakes(self) -> bool:
        try:
            return self._line.wake(REPLY_S)
        except NotAccepted:
            return True  # a chip without a socket for a security module

    def _is_back(self) -> bool:
        """A machine that had lost its power for a moment sleeps and has forgotten everything."""
        if not self._wakes():
            return False
        self._set_up()
        return True

    def _test_long_frames(self) -> None:
        """Clones that cannot have them get along with short ones."""
        try:
            data = self._line.ask(protocol.line_test(), REPLY_S)
        except NotAccepted:
            data = None
        self._field.long_frames = data == b"\x00" + protocol.LINE_TEST
        if not self._field.long_frames:
            self._line.misses = 0
            log.info("The contactless reader has no extended frames; it is used without them.")

    def _version(self) -> bytes:
        try:
            while (data := self._line.ask(protocol.firmware_version(), REPLY_S)) is None:
                pass  # after MISSES the line raises
        except NotAccepted:
            raise PortLost("unknownProtocol") from None
        return data

    def _set_up(self) -> None:
        """What a machine does not accept here, it can be used without."""
        try:
            self._line.ask(protocol.max_retries(), REPLY_S)
        except NotAccepted:
            log.debug("The contactless reader keeps its own number of tries.")
        self._field.switch(on=self._enabled)

    def _check(self) -> None:
        try:
            self._line.ask(protocol.firmware_version(), REPLY_S)
        except NotAccepted:
            return  # it answers, that is enough

    def _look(self) -> None:
        again = self._presence.waits_for_removal
        try:
            found = self._field.look_again() if again else self._field.look()
        except NotAccepted:
            self._refused += 1
            return
        self._refused = 0
        if found is not None:
            self._follow(self._presence.saw(found), found)

    def _follow(self, step: Step, found: list[Target]) -> None:
        if step is Step.COLLIDED:
            self._tell(CardUnreadable("cardCollision"))
        if step in (Step.GONE, Step.SWAPPED):
            self._tell(CardGone())
        if step in (Step.READ, Step.SWAPPED):
            self._read(found[0])

    def _read(self, target: Target) -> None:
        """Tell the card, after a second try when the first broke off and the card is still there."""
        until = self._clock() + READ_S
        for _ in range(TRIES):
            try:
                event = self._try(target, until)
            except Broken as broken:
                link = broken.link
            else:
                self._presence.told(target)
                self._tell(event)
                return
            self._defect = str(link) if link in DEFECTS else ""
            found = self._field.look_again()
            if found is None:
                return  # it is the machine that does not answer: the card is new when it does
            if len(found) != 1:
                self._not_one(found)
                return
            target = found[0]
        self._presence.told(target)
        collided = link is CardLink.COLLIDED
        self._tell(CardUnreadable("cardCollision" if collided else "dataInvalid"))

    def _try(self, target: Target, until: float) -> CardTapped | CardUnreadable:
        """Raises Broken."""
        if not target.speaks_apdu:
            return CardUnreadable("invalidMedia")
        try:
            read = emv_read.read(
                lambda command: self._field.transmit(target, command, until),
                self._terminal(),
                self._key,
            )
        except Unreadable as unreadable:
            return CardUnreadable(unreadable.reason)
        self._defect = ""
        return CardTapped(read.card, read.aid, read.label)

    def _not_one(self, found: list[Target]) -> None:
        """The card has gone while it was read, or a second one came."""
        if found:
            self._presence.collided()
        else:
            self._presence.left()
        self._tell(CardUnreadable("cardCollision" if found else "noMedia"))

    def _condition(self) -> Condition:
        if self._refused >= MISSES:
            return Condition(State.FAULT, "hardwareError")
        return Condition(State.DEGRADED, self._defect) if self._defect else READY
