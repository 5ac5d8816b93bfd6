"""Watches the picture and keeps what it finds: the one place of head office that begins and ends alerts."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from head_office.access import Person
from head_office.alerts.book import AlertBook
from head_office.alerts.watch import Changes, Watch
from head_office.picture import Picture

log = logging.getLogger(__name__)

LOOK_S = 2.0


class AlertDesk:
    """`hears`: whether head office itself has its line; without it nobody's silence says anything. `on_change` is
    called when an alert begins, ends or is answered."""

    def __init__(
        self,
        book: AlertBook,
        picture: Picture,
        *,
        clock: Callable[[], datetime],
        hears: Callable[[], bool],
        on_change: Callable[[], None],
    ) -> None:
        self.book = book
        self.version = 0  # a reader of the counts is only a number
        self._picture = picture
        self._clock = clock
        self._hears = hears
        self._on_change = on_change
        self._watch = Watch(book.open_keys())
        self._counts = book.count_open()
        self._failing = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        if not self._hears():
            self._watch.deaf()
            return
        changes = self._watch.look(self._picture.all(), self._clock())
        if changes and await self._kept(changes):
            self._watch.took(changes)
            await self.changed()

    async def changed(self) -> None:
        """Count anew, and tell."""
        self._counts = await asyncio.to_thread(self.book.count_open)
        self.version += 1
        self._on_change()

    def open(self, person: Person) -> dict[str, int]:
        """By severity, of the branches the person may see."""
        found: dict[str, int] = {}
        for (region, severity), count in self._counts.items():
            if person.sees(region):
                found[severity] = found.get(severity, 0) + count
        return found

    async def _kept(self, changes: Changes) -> bool:
        """False when it could not be written: the next look finds it again."""
        try:
            await asyncio.to_thread(self.book.keep, changes, self._clock())
        except (sa.exc.SQLAlchemyError, OSError) as error:
            if not self._failing:
                log.error("Alerts cannot be written: %s", error)
            self._failing = True
            return False
        if self._failing:
            log.info("Alerts can be written again.")
        self._failing = False
        return True
