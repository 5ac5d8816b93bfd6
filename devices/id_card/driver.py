"""A reader of identity cards as the program sees it: a card is put there and its content comes out.

Not responsible for: whether the card belongs to who put it there, whether it is valid today (IdCard.valid_on),
and making a picture of the photo. What can be known of a card that stays on the reader is in `presence`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from devices.conversation import Conversation
from devices.device import IDLE_S, READY, Condition, Patience, Retry, State
from devices.id_card import protocol
from devices.id_card.card import IdCard, Unreadable
from devices.id_card.presence import Presence
from devices.id_card.protocol import Answer, FrameReader, Request
from devices.port import Port, PortLost

GAP_S = 0.25
ANSWER_S = 1.0
READ_S = 3.0  # 0.8 to 1.8 s were seen
FIND_EVERY_S = 0.4  # oftener than every 0.3 s disturbs the modules
CHECK_EVERY_S = 5.0  # a module that is out of order
MISSES = 3
FAULTS = ("samSelfTest", "noLicence", "samAuthentication")
LASTING = ("unknownType", "invalidData")  # what reading once more would not change


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """Read the card that is there, or the next one, even if it has been told already."""

    retry: ClassVar[Retry] = Retry.SAFE
    job: str


@dataclass(frozen=True, slots=True)
class IdRead:
    """`job` is empty when nobody had asked."""

    card: IdCard
    job: str = ""


@dataclass(frozen=True, slots=True)
class IdUnreadable:
    """A card was there and could not be read: it is to be put there again (noMedia, selectFailed,
    cardAuthentication, messageAuthentication, timeOut, …), or will not do (unknownType, invalidData). With a
    `job`: why there is no reading."""

    reason: str
    job: str = ""


@dataclass(frozen=True, slots=True)
class IdGone:
    """The card that was told is not there any more. Not every module can tell."""


Event = IdRead | IdUnreadable | IdGone


class IdCardReader:
    """Driver of SAM_V readers."""

    xonxoff = False
    identity = ""

    def __init__(
        self,
        tell: Callable[[Event], None],
        *,
        baud: int = 115200,
        key: bytes = b"",
        same_card_s: float = 5.0,
        prints: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`key` makes the pseudonyms of numbers, the same on all kiosks of a branch. `same_card_s`: seconds
        within which a card that is put there again is not told again. `prints`: fingerprints are read too."""
        self.baud = baud
        self._tell = tell
        self._key = key
        self._reading = protocol.READ_WITH_PRINTS if prints else protocol.READ
        self._clock = clock
        self._presence = Presence(same_card_s)
        self._wire: Conversation[Answer]
        self._condition = READY
        self._missed = 0
        self._looked_at = float("-inf")

    def probe(self, port: Port) -> Condition:
        """Is the module well, and which is it?

        Raises PortLost('notResponding'), or PortLost('unknownProtocol') when something else talks.
        """
        self._wire = Conversation(port, FrameReader(), self._clock, gap_s=GAP_S)
        self._missed, self._condition = 0, READY
        for _ in range(MISSES):
            answer = self._ask(protocol.STATUS)
            if answer is not None:
                break
        else:
            raise PortLost("unknownProtocol" if self._wire.noise else "notResponding")
        self._conclude(answer)
        number = self._ask(protocol.MODULE_NUMBER)
        if number is not None and not number.error:
            self.identity = protocol.module_number(number)
        return self._condition

    def idle(self, port: Port) -> Condition:
        """Listen; when it is time look for a card."""
        every = FIND_EVERY_S if self._condition is READY else CHECK_EVERY_S
        left = self._looked_at + every - self._clock()
        if left > 0:
            self._wire.listen(min(left, IDLE_S))
        if self._clock() >= self._looked_at + every:
            event = self._look()
            if event is not None:
                self._tell(event)
        return self._condition

    def do(self, port: Port, order: ReadAgain, patience: Patience) -> Condition:
        """Until a card has been read or could not be, or nobody waits any more."""
        self._presence.forget()
        event = None
        while not (event or patience.over) and self._condition is READY:
            self._wire.listen(min(FIND_EVERY_S, patience.left_s))
            event = self._look()
        if isinstance(event, IdRead | IdUnreadable):
            self._tell(replace(event, job=order.job))
        else:
            self.refuse(order, self._condition.detail or patience.over)
        return self._condition

    def refuse(self, order: ReadAgain, detail: str) -> None:
        self._tell(IdUnreadable(detail, order.job))

    def abandon(self, order: ReadAgain, detail: str) -> None:
        self._tell(IdUnreadable(detail, order.job))

    def _look(self) -> Event | None:
        """Find; what has not been told yet is read."""
        self._looked_at = self._clock()
        ready = self._condition is READY
        answer = self._ask(protocol.FIND if ready else protocol.STATUS)
        if answer is None:
            self._missed += 1
            if self._missed >= MISSES:
                raise PortLost("notResponding")
            return None
        self._missed = 0
        self._conclude(answer)
        if not ready:
            return None
        if answer.code != protocol.FOUND:
            return IdGone() if self._presence.missed() else None
        return self._read() if self._presence.found(self._clock()) else None

    def _read(self) -> Event | None:
        card = self._select_and_read()
        if isinstance(card, IdCard):
            return IdRead(card) if self._presence.read(card.token, self._clock()) else None
        lasting = card.reason in LASTING
        new = self._presence.failed(card.reason, lasting=lasting)
        return IdUnreadable(card.reason) if new else None

    def _select_and_read(self) -> IdCard | Unreadable:
        selected = self._insist(protocol.SELECT, ANSWER_S)
        answer = selected if selected.error else self._insist(self._reading, READ_S)
        return Unreadable(answer.error) if answer.error else protocol.card(answer, self._key)

    def _insist(self, request: Request, within_s: float) -> Answer:
        """An answer that was lost on the wire is asked for again."""
        answer = self._ask(request, within_s) or self._ask(request, within_s)
        return answer or Answer(protocol.NO_ANSWER)

    def _ask(self, request: Request, within_s: float = ANSWER_S) -> Answer | None:
        """Once more if the module says that it was disturbed."""
        answer = self._ask_once(request, within_s)
        if answer is not None and answer.error == "checksum":
            answer = self._ask_once(request, within_s)
        return answer

    def _ask_once(self, request: Request, within_s: float) -> Answer | None:
        self._wire.forget()
        self._wire.send(protocol.encode(request))
        return self._wire.wait(request.answered_by, within_s)

    def _conclude(self, answer: Answer) -> None:
        """Whether the module itself is out of order."""
        bad = answer.error in FAULTS
        self._condition = Condition(State.FAULT, answer.error) if bad else READY
