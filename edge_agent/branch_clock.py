"""The branch's time: the machine's clock, but never back and not by leaps.

Order, numbers and the business day hang on it. A clock that jumps while the agent runs is not believed at once:
time goes on at its own pace, and everybody who asks is told. A leap forward that still stands after ten minutes
was a correction and is taken over. Behind a clock that is earlier, the branch's time runs slower until the two
meet.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

log = logging.getLogger(__name__)

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)  # no clock before this software is right
SMALL = timedelta(seconds=60)  # what time servers correct in one go
BELIEVED_AFTER_S = 600.0
WAITING_PACE = 0.75  # seconds a second: a branch one hour ahead is met in four


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
        self._now = max(wall(), not_before or wall())
        self._at = steady()
        self._right_from = max(not_before or EARLIEST, EARLIEST)
        self._trusted = wall() >= self._right_from
        self._off_since: float | None = None
        self.off = timedelta(
            0
        )  # how far the machine's clock is from the branch's time, when not believed

    def __call__(self) -> datetime:
        """UTC; never earlier than before."""
        wall, steady = self._wall(), self._steady()
        pace = WAITING_PACE if self.off < -SMALL else 1.0
        self._now += timedelta(seconds=max(0.0, steady - self._at) * pace)
        self._at = steady
        off = wall - self._now
        if self._believed(off, steady):
            self._now = max(wall, self._now)
            self._agree()
        else:
            self._differ(off, steady)
        return self._now

    def _believed(self, off: timedelta, steady: float) -> bool:
        if abs(off) <= SMALL or (off > SMALL and not self._trusted):
            self._trusted = self._trusted or self._now + off >= self._right_from
            return True
        same = abs(off - self.off) <= SMALL
        stood = 0.0 if self._off_since is None or not same else steady - self._off_since
        return off > SMALL and stood >= BELIEVED_AFTER_S

    def _differ(self, off: timedelta, steady: float) -> None:
        if self._off_since is None:
            log.error(
                "The machine's clock is %+.0f s off the branch's time. It is not believed: check the "
                "clock; after a deliberate correction restart the agent.",
                off.total_seconds(),
            )
        if self._off_since is None or abs(off - self.off) > SMALL:
            self._off_since = steady  # a leap, or another one
        self.off = off

    def _agree(self) -> None:
        if self._off_since is not None:
            log.info("The machine's clock and the branch's time agree again.")
        self._off_since, self.off = None, timedelta(0)
