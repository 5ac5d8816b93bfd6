"""Who may do maintenance: the PIN of kiosk.toml, and a wait after too many wrong ones.

Wrong ones are counted in memory: whoever can start the kiosk again begins anew, and to do so is itself behind this PIN
or takes a key to the cabinet.
"""

import asyncio
import logging
from collections.abc import Callable

from kiosk.journey.events import PinJudged
from program import pin

log = logging.getLogger(__name__)

FREE = 3  # wrong ones before the first wait
FIRST_WAIT_S, LONGEST_WAIT_S = 60.0, 900.0


class StaffPin:
    """`clock`: seconds of any steady clock."""

    def __init__(self, sealed: str, clock: Callable[[], float]) -> None:
        self._sealed = sealed
        self._clock = clock
        self._wrong = 0
        self._closed_until = clock()

    async def judge(self, given: str) -> PinJudged:
        """Takes about 50 ms in a thread of its own: the screen goes on. While one must wait, the right one is wrong too."""
        wait_s = self._wait_s()
        if wait_s:
            log.warning("A maintenance PIN was given while none is taken.")
            return PinJudged(right=False, wait_s=wait_s)
        self._count()  # before it is looked at: many guesses at once are as many guesses
        if await asyncio.to_thread(pin.fits, given, self._sealed):
            self._wrong, self._closed_until = 0, self._clock()
            log.info("The maintenance PIN was right.")
            return PinJudged(right=True)
        log.warning("The maintenance PIN was wrong: %d in a row.", self._wrong)
        return PinJudged(right=False, wait_s=self._wait_s())

    def _count(self) -> None:
        self._wrong += 1
        if self._wrong >= FREE:
            doubled = FIRST_WAIT_S * 2 ** min(self._wrong - FREE, 10)
            self._closed_until = self._clock() + min(doubled, LONGEST_WAIT_S)

    def _wait_s(self) -> int:
        """Whole seconds, never 0 while there is something to wait for."""
        left_s = self._closed_until - self._clock()
        return int(left_s) + (left_s > int(left_s)) if left_s > 0 else 0
