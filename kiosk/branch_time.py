"""The branch's time as far as this kiosk knows it: what the branch said last, and the seconds since."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

log = logging.getLogger(__name__)

NO_TIME = timedelta(0)


class BranchTime:
    """`steady` gives seconds that always run on; `wall` is this machine's clock in UTC, trusted only for how long
    the kiosk was off."""

    def __init__(self, steady: Callable[[], float], wall: Callable[[], datetime]) -> None:
        self._steady = steady
        self._wall = wall
        self._at: datetime | None = None
        self._since = 0.0

    def __call__(self) -> datetime | None:
        """UTC; None until the branch has said it."""
        if self._at is None:
            return None
        return self._at + timedelta(seconds=self._steady() - self._since)

    def heard(self, at: datetime) -> None:
        """The branch says that it is `at` now."""
        self._at, self._since = at, self._steady()

    def kept(self) -> str:
        """What `take_up` needs after a restart; empty when nothing is known."""
        now = self()
        return "" if now is None else f"{now.isoformat()} {self._wall().isoformat()}"

    def take_up(self, kept: str | None) -> None:
        """Go on from what `kept` gave before a restart. A wall clock that has gone back adds nothing."""
        if not kept:
            return
        try:
            at, wall = (datetime.fromisoformat(one).astimezone(UTC) for one in kept.split())
            self.heard(at + max(NO_TIME, self._wall() - wall))
        except (ValueError, OverflowError) as error:
            log.warning(
                "The kept time cannot be read (%s); the branch says it again.", type(error).__name__
            )
