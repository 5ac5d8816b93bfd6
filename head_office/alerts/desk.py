"""Watches the picture and keeps what it finds: the one place of head office that begins and ends alerts."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import ParamSpec

import sqlalchemy as sa

from head_office.access import Person
from head_office.alerts.book import AlertBook
from head_office.alerts.watch import Watch
from head_office.picture import Picture

log = logging.getLogger(__name__)

LOOK_S = 2.0
P = ParamSpec("P")


class AlertDesk:
    """`hears`: whether head office itself has its line and writes what it hears; else nobody's silence says anything.
    `on_change` is called when an alert begins, ends or is answered."""

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
        self._counted = True
        self._regions: dict[str, str] = {}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        if not self._hears():
            self._watch.deaf()
            return
        branches = self._picture.all()
        changes = self._watch.look(branches, self._clock())
        regions = {one.branch: one.region for one in branches}
        moved = regions if regions != self._regions else {}
        if (changes or moved) and await self._tried(self.book.keep, changes, self._clock(), moved):
            self._watch.took(changes)
            self._regions = regions
            await self.changed()
        elif not self._counted:
            await self.changed()

    async def changed(self) -> None:
        """Count anew, now or at the next look, and tell."""
        self._counted = await self._tried(self._count)
        self.version += 1
        self._on_change()

    def open(self, person: Person) -> dict[str, int]:
        """By severity, of the branches the person may see."""
        found: dict[str, int] = {}
        for (region, severity), count in self._counts.items():
            if person.sees(region):
                found[severity] = found.get(severity, 0) + count
        return found

    def _count(self) -> None:
        self._counts = self.book.count_open()

    async def _tried(self, do: Callable[P, None], *given: P.args, **named: P.kwargs) -> bool:
        """False when the database does not: the next look does it again."""
        try:
            await asyncio.to_thread(do, *given, **named)
        except (sa.exc.SQLAlchemyError, OSError) as error:
            if not self._failing:
                log.error("Alerts cannot be written: %s", error)
            self._failing = True
            return False
        if self._failing:
            log.info("Alerts can be written again.")
        self._failing = False
        return True
