"""A scanner of bar codes and QR codes as the program sees it: codes come out.

Not responsible for: what a code means. The scanner only talks; it cannot be asked who it is, nor made to
scan, since every maker has commands of its own.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devices.device import IDLE_S, READY, Condition, Patience
from devices.port import Port
from devices.scanner.protocol import Code, Frame, FrameReader

SAME_CODE_S = 1.5  # a code that is held before a scanner is read again and again


@dataclass(frozen=True, slots=True, repr=False)
class Scanned:
    """A code. It may tell about a person: its repr says how long it is, and no more."""

    text: str

    def __repr__(self) -> str:
        return f"Scanned({len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class CodeUnreadable:
    """Something was scanned that is no text; `detail` is XFS4IoT's word."""

    detail: str


class Scanner:
    """Driver of a scanner that sends lines of UTF-8, 8N1."""

    xonxoff = False
    identity = ""

    def __init__(
        self,
        tell: Callable[[Scanned | CodeUnreadable], None],
        *,
        baud: int = 9600,
        gap_s: float = 0.08,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`gap_s`: silence that ends a code; longer than the scanner or its adapter pauses in one. Raises ValueError
        for none."""
        if gap_s <= 0:
            raise ValueError("gap_s is expected to be more than 0")
        self.baud = baud
        self._tell = tell
        self._gap_s = gap_s
        self._clock = clock
        self._reader = FrameReader()
        self._heard_at = float("-inf")
        self._last: dict[type, tuple[Scanned | CodeUnreadable, float]] = {}

    def probe(self, _port: Port) -> Condition:
        """An open wire is all that can be known."""
        self._reader = FrameReader()
        return READY

    def idle(self, port: Port) -> Condition:
        """Collect bytes; a line end or a gap ends the code."""
        data = port.read(self._gap_s if self._reader.waiting else IDLE_S)
        now = self._clock()
        if data:
            self._heard_at = now
        elif self._reader.waiting and now - self._heard_at >= self._gap_s:
            self._reader.pause()
        for frame in self._reader.feed(data):
            self._report(frame, now)
        return READY

    def do(self, _port: Port, _order: Any, _patience: Patience) -> Condition:
        """There is nothing to order from a scanner that only talks."""
        return READY

    def refuse(self, _order: Any, _detail: str) -> None:
        """Nothing was ordered, so nothing is refused."""

    def abandon(self, _order: Any, _detail: str) -> None:
        """Nothing was ordered, so nothing was begun."""

    def _report(self, frame: Frame, now: float) -> None:
        event = Scanned(frame.text) if isinstance(frame, Code) else CodeUnreadable("invalidData")
        last, at = self._last.get(type(event), (None, float("-inf")))
        if event == last and now - at < SAME_CODE_S:
            return
        self._last[type(event)] = (event, now)
        self._tell(event)
