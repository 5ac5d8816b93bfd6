"""Maintenance wired together: who may, what is done, and what stays away from the customers' journey."""

import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk import log as kiosk_log
from kiosk.backlight import Backlight
from kiosk.beat import Beat
from kiosk.duties import Duties, Place
from kiosk.journey import events, wishes
from kiosk.journey.events import Event
from kiosk.log import Recent
from kiosk.machines import Machines
from kiosk.settings import Settings
from kiosk.staff_pin import StaffPin
from kiosk.words import Words


class Upkeep:
    """`speaks`: whether anything can be heard now; `end` ends the kiosk with status 0."""

    def __init__(
        self,
        settings: Settings,
        machines: Machines,
        beat: Beat,
        recent: Recent,
        *,
        tell: Callable[[Event], None],
        speaks: Callable[[], bool],
        change_volume: Callable[[int], int],
        now: Callable[[], datetime],
        end: Callable[[], None],
    ) -> None:
        at = settings.maintenance
        self._tell = tell
        self._pin = StaffPin(at.pin, time.monotonic) if at else None
        unit = kiosk_log.UNIT if beat.supervised else None
        place = Place(
            settings.kiosk.name,
            machines,
            Backlight(),
            speaks,
            change_volume,
            Path(at.export_to) if at and at.export_to else None,
            lambda: kiosk_log.last_days(recent, unit=unit),
            beat.supervised,
            end,
        )
        self._duties = Duties(place, lambda lines: tell(events.StaffTold(lines)), now)

    @property
    def offered(self) -> bool:
        """Whether this kiosk has a PIN for it."""
        return self._pin is not None

    def missing(self) -> frozenset[str]:
        """What cannot be done on this machine."""
        return self._duties.missing()

    def heard(self, event: object) -> bool:
        """Whether this belongs to maintenance, and so concerns no customer."""
        return self._duties.heard(event)

    def grant(self, wish: object, say: Words) -> Coroutine[Any, Any, None] | None:
        """What has to be run for this wish; None for the wishes of customers."""
        match wish:
            case wishes.JudgePin(pin):
                return self._judge(pin)
            case wishes.DoDuty(what):
                return self._duties.do(what, say)
        return None

    async def _judge(self, pin: str) -> None:
        if self._pin is not None:
            self._tell(await self._pin.judge(pin))
