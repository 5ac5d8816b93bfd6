"""The branch's time: the machine's clock, but never back and not by leaps.

Order, numbers and the business day hang on it. A clock that jumps while the agent runs is not believed at once:
time goes on at its own pace, and everybody who asks is told. A leap forward that still stands after ten minutes
was a correction and is taken over; one backward is waited out.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

log = logging.getLogger(__name__)

SMALL = timedelta(seconds=60)  # what time servers correct in one go
BELIEVED_AFTER_S = 600.0


class BranchClock:
    """`wall` gives UTC, `steady` seconds that always run on, also while the machine sleeps; nothing has
    happened later than `not_before`."""

    def __init__(
        self,
        wall: Callable[[], datetime],
        steady: Callable[[], float],
        not_before: datetime | None,
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._from = wall() if not_before is None else max(wall(), not_before)
        self._since = steady()
        self._last = self._from
        self._trusted = self._from != not_before  # else the machine's clock is behind the journal
        self._off_since: float | None = None
        self.off = timedelta(
            0
        )  # how far the machine's clock is from the branch's time, when not believed

    def __call__(self) -> datetime:
        """UTC; never earlier than before."""
        wall, steady = self._wall(), self._steady()
        expected = self._from + timedelta(seconds=steady - self._since)
        if self._believed(wall - expected, steady):
            self._from, self._since = max(wall, self._last), steady
            expected = self._from
            self._back()
        self._last = max(self._last, expected)
        return self._last

    def _believed(self, off: timedelta, steady: float) -> bool:
        if abs(off) <= SMALL or (off > SMALL and not self._trusted):
            self._trusted = True
            return True
        if self._off_since is None:
            self._off_since = steady
            log.error(
                "The machine's clock is %+.0f s off the branch's time. It is not believed: check the "
                "clock; after a deliberate correction restart the agent.",
                off.total_seconds(),
            )
        self.off = off
        return off > SMALL and steady - self._off_since >= BELIEVED_AFTER_S

    def _back(self) -> None:
        if self._off_since is not None:
            log.info("The machine's clock and the branch's time agree again.")
        self._off_since, self.off = None, timedelta(0)
