"""An uninterruptible power supply as the program sees it: is there mains, and how long will there be power?

Not responsible for: what is done about it (nobody is told to stop, nothing is switched off), and ratings. There is
no check sum, so news is believed when the UPS has said it twice.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from devices.conversation import Conversation
from devices.device import IDLE_S, READY, Condition, Patience, State
from devices.port import Port, PortLost
from devices.ups import protocol
from devices.ups.protocol import Frame, FrameReader, Status, Text

GAP_S = 0.3
ANSWER_S = 2.0  # an answer alone is 0.2 s on the line
EVERY_S = 2.0
MISSES = 3
F = TypeVar("F", Status, Text)


@dataclass(frozen=True, slots=True)
class PowerChanged:
    """The mains went or came, the battery is low or charged again, the UPS has failed or is well: what it
    measured then."""

    status: Status


class Ups:
    """Driver of UPSs that speak Megatec's Q1, 8N1."""

    xonxoff = False
    identity = ""

    def __init__(
        self,
        tell: Callable[[PowerChanged], None],
        *,
        baud: int = 2400,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.baud = baud
        self._tell = tell
        self._clock = clock
        self._wire: Conversation[Frame]
        self._condition = READY
        self._said = READY  # by the last answer; believed when the next one says the same
        self._missed = 0
        self._asked_at = float("-inf")

    def probe(self, port: Port) -> Condition:
        """How is the power, and who says so?

        Raises PortLost('notResponding'), or PortLost('unknownProtocol') when something else talks.
        """
        self._wire = Conversation(port, FrameReader(), self._clock, gap_s=GAP_S)
        self._missed = 0
        for _ in range(MISSES):
            status = self._ask(protocol.STATUS, Status)
            if status is not None:
                break
        else:
            raise PortLost("unknownProtocol" if self._wire.noise else "notResponding")
        self._condition = self._said = condition(status)
        known = self._ask(protocol.IDENTITY, Text)
        self.identity = known.text if known else ""
        return self._condition

    def idle(self, port: Port) -> Condition:
        """Listen; when it is time ask, and at once again when the answer is news."""
        news = self._said != self._condition
        due = self._asked_at + (0.0 if news else EVERY_S)
        left = due - self._clock()
        if left > 0:
            self._wire.listen(min(left, IDLE_S))
        if self._clock() >= due:
            self._look()
        return self._condition

    def do(self, _port: Port, _order: Any, _patience: Patience) -> Condition:
        """There is nothing to order from a UPS."""
        return self._condition

    def refuse(self, _order: Any, _detail: str) -> None:
        """Nothing was ordered, so nothing is refused."""

    def abandon(self, _order: Any, _detail: str) -> None:
        """Nothing was ordered, so nothing was begun."""

    def _look(self) -> None:
        self._asked_at = self._clock()
        status = self._ask(protocol.STATUS, Status)
        if status is None:
            self._missed += 1
            if self._missed >= MISSES:
                raise PortLost("notResponding")
            return
        self._missed = 0
        before, self._said = self._said, condition(status)
        if before == self._said != self._condition:
            self._condition = self._said
            self._tell(PowerChanged(status))

    def _ask(self, question: bytes, kind: type[F]) -> F | None:
        self._wire.forget()
        self._wire.send(question)
        answer = self._wire.wait(lambda frame: isinstance(frame, kind), ANSWER_S)
        return answer if isinstance(answer, kind) else None


def condition(status: Status) -> Condition:
    """The worst first: what has failed, what is about to, what may."""
    if status.failed:
        return Condition(State.FAULT, "upsFailed")
    if status.battery_low:
        return Condition(State.FAULT, "batteryLow")
    if status.on_battery:
        return Condition(State.DEGRADED, "onBattery")
    return READY
