"""A swipe reader as the program sees it: swipes come out.

Not responsible for: whether the bank knows the card. The reader only talks; it cannot be asked who it is.
"""

import time
from collections.abc import Callable
from typing import Any

from devices.device import IDLE_S, READY, Condition, Patience
from devices.magnetic_stripe import protocol
from devices.magnetic_stripe.protocol import Swipe
from devices.port import Port

END_OF_SWIPE_S = 0.25  # silence after which half a swipe is all there will be
SAME_SWIPE_S = 1.5  # some readers send one swipe twice


class MagneticStripeReader:
    """Driver of a reader that sends ASCII, 9600 8N1."""

    xonxoff = False
    identity = ""

    def __init__(
        self,
        tell: Callable[[Swipe], None],
        *,
        baud: int = 9600,
        key: bytes = b"",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`key` makes the pseudonyms of cards; the same on all kiosks of a branch."""
        self.baud = baud
        self._tell = tell
        self._key = key
        self._clock = clock
        self._heard = b""
        self._heard_at = float("-inf")
        self._last: tuple[Swipe | None, float] = (None, float("-inf"))

    def probe(self, _port: Port) -> Condition:
        """An open wire is all that can be known."""
        self._heard = b""
        return READY

    def idle(self, port: Port) -> Condition:
        """Collect bytes; a CR after a track, or a pause, ends the swipe."""
        data = port.read(END_OF_SWIPE_S if self._heard else IDLE_S)
        now = self._clock()
        if data:
            self._heard = (self._heard + data)[-2 * protocol.LONGEST_SWIPE :]
            self._heard_at = now
        *whole, self._heard = self._heard.split(protocol.END_OF_SWIPE)
        if self._heard and now - self._heard_at >= END_OF_SWIPE_S:
            whole, self._heard = [*whole, self._heard], b""
        for swipe in whole:
            self._report(protocol.parse(swipe, self._key), now)
        return READY

    def do(self, _port: Port, _order: Any, _patience: Patience) -> Condition:
        """There is nothing to order from a reader that only talks."""
        return READY

    def refuse(self, _order: Any, _detail: str) -> None:
        """Nothing was ordered, so nothing is refused."""

    def abandon(self, _order: Any, _detail: str) -> None:
        """Nothing was ordered, so nothing was begun."""

    def _report(self, swipe: Swipe | None, now: float) -> None:
        last, at = self._last
        if swipe is None or (swipe == last and now - at < SAME_SWIPE_S):
            return
        self._last = (swipe, now)
        self._tell(swipe)
