"""The LED strips over the counters as the program sees them: a text goes out, and again every few seconds.

Not responsible for: what a sign says, or whether anybody can read it. A sign answers nothing: `sent` means that
the last byte was written, and nobody knows whether it is shown, or whether there is a sign at all. That is why
the last text of each address is sent again and again: a sign that was unplugged shows it when it is back.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from devices.completion import not_carried_out
from devices.counter_sign import protocol
from devices.device import IDLE_S, READY, Condition, Patience, Retry
from devices.port import Port, PortLost

WRITE_S = 2.0
CHARACTER_BITS = 10
BETWEEN_FRAMES_S = 0.15  # of silence; at least 0.1 are asked for
MOST_WAITING = 256  # orders that wait for their turn


@dataclass(frozen=True, slots=True)
class ShowOnSign:
    """A text for one sign, or for all of them at address 255. The numbers as the sign's manual has them; by default
    the text stands still. Makers count colours differently: 1 is red on some, green on others.

    After a text for all, only that one is sent again; after one for a single sign, the text for all no more.
    """

    retry: ClassVar[Retry] = Retry.SAFE
    job: str
    address: int
    text: str
    colour: int = 1
    mode: int = 1
    speed: int = 0
    stay: int = 0
    valid: int = 0x63


@dataclass(frozen=True, slots=True)
class SignDone:
    """What became of an order. `sent`: its last byte was written, the detail textCut when it was too long.

    Otherwise canceled, timeOut, invalidData, deviceNotReady, hardwareError or internalError.
    """

    job: str
    completion: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Waiting:
    order: ShowOnSign
    frame: bytes
    detail: str
    patience: Patience


class CounterSigns:
    """Driver of all signs on one wire, 8N1."""

    xonxoff = False
    identity = ""

    def __init__(
        self,
        tell: Callable[[SignDone], None],
        *,
        baud: int = 9600,
        refresh_s: float = 10.0,
        longest: int = 64,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`longest`: bytes of text that a sign takes, two for a Chinese character; more is cut."""
        if refresh_s <= 0 or longest < 1:
            raise ValueError("refresh_s and longest are expected to be more than 0")
        self.baud = baud
        self._tell = tell
        self._refresh_s = refresh_s
        self._longest = longest
        self._clock = clock
        self._waiting: deque[_Waiting] = deque()
        self._shown: dict[int, tuple[bytes, float]] = {}  # by address: what, and sent when
        self._free_at = float("-inf")
        self._told: ShowOnSign | None = None

    def probe(self, _port: Port) -> Condition:
        """An open wire is all that can be known. Every sign gets its text again, one after the other."""
        self._shown = {at: (frame, float("-inf")) for at, (frame, _) in self._shown.items()}
        return READY

    def idle(self, port: Port) -> Condition:
        """Wait until a frame is due, send it. What a sign may say is not listened to."""
        try:
            port.read(max(0.0, min(IDLE_S, self._due_at() - self._clock())))
            if not self._send_waiting(port):
                self._send_again(port)
        except PortLost as error:
            self._give_up(error.cause)
            raise
        return READY

    def do(self, port: Port, order: ShowOnSign, patience: Patience) -> Condition:
        """Send it, now or in its turn: its outcome is told when it has gone out."""
        self._told = None
        waiting = self._prepared(order, patience)
        if waiting is not None:
            self._waiting.append(waiting)
            try:
                self._send_waiting(port)
            except PortLost as error:
                self._forget(order)  # whoever called does it again or abandons it
                self._give_up(error.cause)
                raise
        return READY

    def refuse(self, order: ShowOnSign, detail: str) -> None:
        """Nothing was sent. May come from any thread."""
        self._tell(SignDone(order.job, *not_carried_out(detail, "deviceNotReady")))

    def abandon(self, order: ShowOnSign, detail: str) -> None:
        """The wire broke: whether all of it went out is not known. What has been told already stands."""
        self._forget(order)
        if self._told is not order:
            self._say(order, *not_carried_out(detail, "hardwareError"))

    def _say(self, order: ShowOnSign, completion: str, detail: str = "") -> None:
        self._told = order
        self._tell(SignDone(order.job, completion, detail))

    def _prepared(self, order: ShowOnSign, patience: Patience) -> _Waiting | None:
        """None when it cannot be sent, which has been told."""
        if len(self._waiting) >= MOST_WAITING:
            self._say(order, "deviceNotReady", "deviceBusy")
            return None
        try:
            text, cut = protocol.gbk(order.text, self._longest)
            frame = protocol.encode(
                order.address,
                text,
                mode=order.mode,
                speed=order.speed,
                stay=order.stay,
                colour=order.colour,
                valid=order.valid,
            )
        except ValueError as error:
            self._say(order, "invalidData", str(error))
            return None
        return _Waiting(order, frame, "textCut" if cut else "", patience)

    def _due_at(self) -> float:
        if self._waiting:
            return self._free_at
        oldest = min((at for _, at in self._shown.values()), default=float("inf"))
        return max(self._free_at, oldest + self._refresh_s)

    def _send_waiting(self, port: Port) -> bool:
        """Whether an order was sent. It leaves the line of those that wait when it is out."""
        while self._waiting and (over := self._waiting[0].patience.over):
            self._say(self._waiting.popleft().order, over)
        if not self._waiting or self._clock() < self._free_at:
            return False
        first = self._waiting[0]
        self._send(port, first.order.address, first.frame)
        self._waiting.popleft()
        self._say(first.order, "sent", first.detail)
        return True

    def _send_again(self, port: Port) -> None:
        """The text that was sent the longest time ago, if it is due."""
        if not self._waiting and self._clock() >= self._due_at():
            address, (frame, _) = min(self._shown.items(), key=lambda shown: shown[1][1])
            self._send(port, address, frame)

    def _send(self, port: Port, address: int, frame: bytes) -> None:
        port.write(frame, WRITE_S)
        now = self._clock()
        self._free_at = now + len(frame) * CHARACTER_BITS / self.baud + BETWEEN_FRAMES_S
        if address == protocol.BROADCAST:
            self._shown.clear()
        else:
            self._shown.pop(protocol.BROADCAST, None)
        self._shown[address] = (frame, now)

    def _forget(self, order: ShowOnSign) -> None:
        self._waiting = deque(one for one in self._waiting if one.order is not order)

    def _give_up(self, cause: str) -> None:
        """The wire is lost: nobody else knows of the orders that wait for their turn."""
        while self._waiting:
            self._say(self._waiting.popleft().order, "hardwareError", cause)
