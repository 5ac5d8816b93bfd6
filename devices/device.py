"""What every device is, whatever it does: open, orders, health, events. Words follow XFS4IoT."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from devices.port import Port


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
    """A device by its name in the configuration: its state, since when, and why."""

    device: str
    kind: str
    state: State
    since: datetime
    detail: str = ""


class Driver(Protocol):
    """The machine as the program sees it. Called from its keeper's thread only.

    `probe`, `idle` and `do` may raise PortLost; the keeper then closes the wire and comes back.
    """

    baud: int
    xonxoff: bool

    def probe(self, port: Port) -> Condition:
        """The wire has been opened: is the right machine there, and how is it?"""

    def idle(self, port: Port) -> Condition:
        """Nothing is ordered: listen for a moment (a fraction of a second), look after the machine."""

    def do(self, port: Port, order: Any) -> Condition:
        """One order; its outcome is told as an event."""

    def refuse(self, order: Any, detail: str) -> None:
        """The order cannot be begun: tell its outcome."""
