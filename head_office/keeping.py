"""What has been kept for long enough goes: alerts that have ended, what was done, also in rollouts. Figures are in the history."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from head_office.accounts import audit
from head_office.alerts.book import AlertBook
from head_office.rollout.book import RolloutBook
from head_office.settings import Keeping

log = logging.getLogger(__name__)

LOOK_S = 3600.0
BREATH_S = 0.2  # between two transactions: others write too


class Forgetting:
    """Call `run()` as a task."""

    def __init__(
        self,
        keeping: Keeping,
        book: AlertBook,
        rollouts: RolloutBook | None,
        engine: sa.Engine,
        clock: Callable[[], datetime],
    ) -> None:
        self._keeping = keeping
        self._book = book
        self._rollouts = rollouts
        self._engine = engine
        self._clock = clock
        self._failing = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """What is old now, to the last of it."""
        now = self._clock()
        alerts = partial(self._book.forget, now - timedelta(days=self._keeping.alerts_days))
        done = now - timedelta(days=self._keeping.audit_days)
        try:
            await _to_the_last(alerts)
            await _to_the_last(partial(audit.forget, self._engine, done, now))
            if self._rollouts is not None:  # last: with a wrong clock the audit has refused before
                await asyncio.to_thread(self._rollouts.forget, done)
        except (sa.exc.SQLAlchemyError, OSError) as error:
            if not self._failing:
                log.error("What is older than [keeping] says stays for now: %s", error)
            self._failing = True
            return
        self._failing = False


async def _to_the_last(forget: Callable[[], int]) -> None:
    while await asyncio.to_thread(forget):
        await asyncio.sleep(BREATH_S)
