"""What every device is, whatever it does: open, orders, health, events. Words follow XFS4IoT."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar

from devices.port import Port

IDLE_S = 0.5  # longest wait of `idle`; an order ends it at once (Port.wake)


class State(StrEnum):
    """How a device is. Works: ready, busy, degraded."""

    ABSENT = "absent"
    OPENING = "opening"
    PROBING = "probing"
    READY = "ready"
    BUSY = "busy"
    DEGRADED = "degraded"
    FAULT = "fault"

    @property
    def works(self) -> bool:
        return self in (State.READY, State.BUSY, State.DEGRADED)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a driver says of its machine: a state, and the cause in one word (paperOut, coverOpen, …)."""

    state: State
    detail: str = ""


READY = Condition(State.READY)


@dataclass(frozen=True, slots=True)
class Health:
    """A device by its name in the configuration: its state, since when, and why. `identity` is what the
    machine says it is (maker, model, serial number), empty when it cannot say."""

    device: str
    kind: str
    state: State
    since: datetime
    detail: str = ""
    identity: str = ""


class Retry(StrEnum):
    """What happens to an order when the wire breaks in the middle of it."""

    SAFE = "safe"  # it only reads: done once more when the wire is back
    MOTION = "motion"  # it moves something: never done again by itself
    ONCE = "once"  # it leaves a mark, on paper or in a memory: never done again by itself


class Order(Protocol):
    """What a driver is asked to do; `job` names it in the events that it leads to."""

    retry: ClassVar[Retry]

    @property
    def job(self) -> str: ...


class Patience:
    """How long an order may take, and whether it is still wanted. Any thread may cancel it."""

    def __init__(
        self, seconds: float, clock: Callable[[], float], wake: Callable[[], None] = lambda: None
    ) -> None:
        """`clock` is a steady one, in s; `wake` makes whoever waits on the wire look here."""
        self._clock = clock
        self._until = clock() + seconds
        self._wake = wake
        self._canceled = threading.Event()

    @property
    def left_s(self) -> float:
        return max(0.0, self._until - self._clock())

    @property
    def over(self) -> str:
        """Why to stop: canceled or timeOut; empty while there is time."""
        if self._canceled.is_set():
            return "canceled"
        return "" if self._clock() < self._until else "timeOut"

    def cancel(self) -> None:
        """Nobody waits for it any more. What has begun to move may come to its end."""
        self._canceled.set()
        self._wake()


class Wire(Protocol):
    """What a machine is reached by: a port, or the plug of a camera."""

    def wake(self) -> None:
        """Whoever waits on it in another thread, or does so next, goes on at once."""

    def close(self) -> None: ...


W_contra = TypeVar("W_contra", bound=Wire, contravariant=True)


class Kept(Protocol[W_contra]):
    """The machine as the program sees it. Called from its keeper's thread only; an order to a keeper that
    does not run is refused by whoever gives it.

    `probe`, `idle` and `do` may raise PortLost; the keeper then closes the wire and comes back.
    `identity` is known after `probe`: what the machine says of itself.
    """

    identity: str

    def probe(self, wire: W_contra, /) -> Condition:
        """The wire has been opened: is the right machine there, and how is it?

        PortLost('notResponding') when nobody answers, PortLost('unknownProtocol') when what answers is
        another machine, or one at another speed.
        """

    def idle(self, wire: W_contra, /) -> Condition:
        """Nothing is ordered: listen for at most IDLE_S, look after the machine."""

    def do(self, wire: W_contra, order: Any, patience: Patience, /) -> Condition:
        """One order; its outcome is told as an event, unless PortLost comes out."""

    def refuse(self, order: Any, detail: str) -> None:
        """The order has not been begun and will not be: tell that as its outcome."""

    def abandon(self, order: Any, detail: str) -> None:
        """The wire broke in the middle of it: nobody knows how far it got. Tell that as its outcome."""


class Driver(Kept[Port], Protocol):
    """A machine on a serial line."""

    baud: int
    xonxoff: bool
