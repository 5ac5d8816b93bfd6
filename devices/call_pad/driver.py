"""The counters' call pads and evaluators as the program sees them: presses and ratings come out.

Not responsible for: which counter has which address, what a key does to the queue, or whether a pad is there.
Pads and evaluators speak only when somebody presses a key and answer nothing, so a broken or unplugged one
cannot be told from one that nobody presses; only the loss of the adapter is seen.

A press is told when it has been acknowledged, and once: a pad that missed the acknowledgement says it again.
One that could not be acknowledged is not told; the pad repeats it, or the teller sees that it was not taken.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from devices.call_pad import protocol
from devices.call_pad.bus import Bus, OwnEcho
from devices.call_pad.protocol import Frame, KeyPressed, Rated
from devices.completion import not_carried_out
from devices.device import IDLE_S, READY, Condition, Patience, Retry, State
from devices.port import Port

SAME_PRESS_S = 1.5  # after the last frame with the same bytes: later it is another press
ACKNOWLEDGE_S = 0.5  # a pad has given up waiting by then, and repeats
LISTEN_S = 0.1

__all__ = [
    "AskRating",
    "Beep",
    "BusDone",
    "CallPads",
    "KeyPressed",
    "Rated",
    "ShowOnPad",
]


@dataclass(frozen=True, slots=True)
class ShowOnPad:
    """The number of people waiting, 999 at most, and a ticket's label, of which a pad shows three digits."""

    retry: ClassVar[Retry] = Retry.SAFE
    job: str
    address: int
    waiting: int
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Beep:
    """Call the teller's attention."""

    retry: ClassVar[Retry] = Retry.SAFE
    job: str
    address: int


@dataclass(frozen=True, slots=True)
class AskRating:
    """Let the customer at this evaluator press how it was; the answer, if one comes, is Rated."""

    retry: ClassVar[Retry] = Retry.SAFE
    job: str
    address: int


@dataclass(frozen=True, slots=True)
class BusDone:
    """What became of an order: `sent` is the best that can be known, since no pad confirms anything.

    Otherwise canceled, timeOut (lineBusy: never silent long enough), invalidData, deviceNotReady,
    hardwareError or internalError; `detail` is one word or a sentence.
    """

    job: str
    completion: str
    detail: str = ""


Order = ShowOnPad | Beep | AskRating


class CallPads:
    """Driver of all pads and evaluators on one RS-485 adapter, 8N1."""

    xonxoff = False
    identity = ""
    _bus: Bus

    def __init__(
        self,
        tell: Callable[[KeyPressed | Rated | BusDone], None],
        *,
        baud: int = 9600,
        own_echo: OwnEcho = "auto",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`own_echo`: whether the adapter hears what it sends, as two-wire ones may; "auto" finds out.

        False for an adapter that does hear itself makes it acknowledge itself for ever.
        """
        if own_echo not in ("auto", True, False):
            raise ValueError(f"own_echo is {own_echo!r}; expected 'auto', true or false")
        self.baud = baud
        self._tell = tell
        self._own_echo: OwnEcho = own_echo
        self._clock = clock
        self._frames_at: dict[Frame, float] = {}  # acknowledged lately

    def probe(self, port: Port) -> Condition:
        """An open wire is all that can be known. What was pressed just before a loss is still known."""
        self._bus = Bus(port, self._clock, baud=self.baud, own_echo=self._own_echo)
        return READY

    def idle(self, _port: Port) -> Condition:
        """Listen; acknowledge and tell what is pressed."""
        self._bus.hear(IDLE_S)
        self._serve()
        return self._condition()

    def do(self, _port: Port, order: Order, patience: Patience) -> Condition:
        """Say it when the line is free, after every press that is heard meanwhile."""
        try:
            done = self._say(order.job, _frame(order), patience)
        except ValueError as error:
            done = BusDone(order.job, "invalidData", str(error))
        self._tell(done)
        return self._condition()

    def refuse(self, order: Order, detail: str) -> None:
        """Nothing was sent. May come from any thread."""
        self._tell(BusDone(order.job, *not_carried_out(detail, "deviceNotReady")))

    def abandon(self, order: Order, detail: str) -> None:
        """The wire broke: whether all of it went out is not known."""
        self._tell(BusDone(order.job, *not_carried_out(detail, "hardwareError")))

    def _condition(self) -> Condition:
        return Condition(State.DEGRADED, "lineNoisy") if self._bus.noisy else READY

    def _say(self, job: str, frame: Frame, patience: Patience) -> BusDone:
        while not (over := patience.over):
            self._serve()
            if self._bus.free(min(LISTEN_S, patience.left_s)) and not self._bus.heard:
                self._bus.say(frame)
                return BusDone(job, "sent")
        return BusDone(job, over, "lineBusy" if over == "timeOut" else "")

    def _serve(self) -> None:
        """Acknowledge what has been heard, then tell it; the oldest first. Others may talk on meanwhile."""
        until = self._clock() + IDLE_S
        while self._bus.heard and self._clock() < until:
            frame = self._bus.heard.popleft()
            if protocol.from_pad(frame) and self._bus.free(ACKNOWLEDGE_S):
                self._bus.answer(protocol.acknowledgement(frame))
                self._report(frame)

    def _report(self, frame: Frame) -> None:
        now = self._clock()
        lately = {
            f: at
            for f, at in self._frames_at.items()
            # a pad says one thing at a time: once it says the next, it does not repeat the one before
            if now - at < SAME_PRESS_S and (f == frame or _station(f) != _station(frame))
        }
        event = protocol.decode(frame)
        self._frames_at = {**lately, frame: now}
        if event is not None and frame not in lately:
            self._tell(event)


def _station(frame: Frame) -> tuple[int, int]:
    """The pad or the evaluator at an address."""
    return frame.address, frame.function


def _frame(order: Order) -> Frame:
    """ValueError when no frame can hold it."""
    match order:
        case ShowOnPad():
            frame = protocol.show(order.address, order.waiting, order.ticket)
        case Beep():
            frame = protocol.beep(order.address)
        case AskRating():
            frame = protocol.ask_rating(order.address)
    protocol.encode(frame)
    return frame
