"""A pole display as the program sees it: two lines go out, and again every few seconds.

Not responsible for: what they say, or whether anybody can read it. The display answers nothing: `sent` means that
the last byte was written. The lines are sent again and again, so that a display that was unplugged or without power
shows them when it is back.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from devices.completion import not_carried_out
from devices.device import IDLE_S, READY, Condition, Patience, Retry
from devices.pole_display import protocol
from devices.port import Port

WRITE_S = 2.0


@dataclass(frozen=True, slots=True)
class ShowLines:
    """Two lines of 20 characters, ASCII: others become a question mark, and what is longer is cut."""

    retry: ClassVar[Retry] = Retry.SAFE
    job: str
    upper: str
    lower: str = ""


@dataclass(frozen=True, slots=True)
class PoleDone:
    """What became of an order. `sent`: its last byte was written, the detail textCut when a line was too long.

    Otherwise canceled, timeOut, deviceNotReady, hardwareError or internalError.
    """

    job: str
    completion: str
    detail: str = ""


class PoleDisplay:
    """Driver of a CD5220 display, 2 lines of 20, 8N1."""

    xonxoff = False
    identity = ""

    def __init__(
        self,
        tell: Callable[[PoleDone], None],
        *,
        baud: int = 9600,
        refresh_s: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if refresh_s <= 0:
            raise ValueError("refresh_s is expected to be more than 0")
        self.baud = baud
        self._tell = tell
        self._refresh_s = refresh_s
        self._clock = clock
        self._shown = b""  # both lines as last sent
        self._due_at = float("inf")

    def probe(self, port: Port) -> Condition:
        """An open wire is all that can be known. The display is cleared, and gets its lines back in the next turn."""
        port.write(protocol.INITIALISE, WRITE_S)
        if self._shown:
            self._due_at = self._clock()
        return READY

    def idle(self, port: Port) -> Condition:
        """Wait until the lines are due, send them again. What may come back is not listened to."""
        port.read(max(0.0, min(IDLE_S, self._due_at - self._clock())))
        if self._clock() >= self._due_at:
            self._send(port, self._shown)
        return READY

    def do(self, port: Port, order: ShowLines, patience: Patience) -> Condition:
        """Send both lines."""
        if over := patience.over:
            self._tell(PoleDone(order.job, over))
            return READY
        self._send(port, protocol.encode(order.upper, order.lower))
        fits = protocol.fits(order.upper) and protocol.fits(order.lower)
        self._tell(PoleDone(order.job, "sent", "" if fits else "textCut"))
        return READY

    def refuse(self, order: ShowLines, detail: str) -> None:
        """Nothing was sent. May come from any thread."""
        self._tell(PoleDone(order.job, *not_carried_out(detail, "deviceNotReady")))

    def abandon(self, order: ShowLines, detail: str) -> None:
        """The wire broke: whether all of it went out is not known."""
        self._tell(PoleDone(order.job, *not_carried_out(detail, "hardwareError")))

    def _send(self, port: Port, lines: bytes) -> None:
        port.write(lines, WRITE_S)
        self._shown = lines
        self._due_at = self._clock() + self._refresh_s
