"""Maintenance: does what staff asked for on the kiosk itself, and says what came of it in their language."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from devices.ticket_printer.roll import RollNoted
from devices.ticket_printer.slip import Feed, Line, Qr, Slip
from edge_agent.messages import DeviceHealth
from kiosk import log as kiosk_log
from kiosk.backlight import Backlight
from kiosk.journey.events import Event, PaperTold
from kiosk.words import Words

log = logging.getLogger(__name__)

Lines = tuple[str, ...]
VOLUME_STEP = 10  # percent
READ_S = 3.0  # to read that it ends
PRINTERS = "ticket_printer"


class Machines(Protocol):
    """What duties need of the kiosk's machines."""

    def health(self) -> list[DeviceHealth]: ...
    def print(self, job: str, slip: Slip) -> list[Event]: ...
    def new_roll(self, job: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """What the duties work on. `speaks`: whether anything can be heard now. `change_volume`: by so many per cent, gives
    the new one. `export_to` is None where no stick has a place. `log_text` may take its time. `supervised`: something
    starts the kiosk again when it ends; `end` ends it with status 0."""

    kiosk: str
    machines: Machines
    backlight: Backlight
    speaks: Callable[[], bool]
    change_volume: Callable[[int], int]
    export_to: Path | None
    log_text: Callable[[], str]
    supervised: bool
    end: Callable[[], None]


class Duties:
    """`tell` gets lines of words for the screen, for some duties twice: that it begins, and what came of it. `now`:
    the branch's local time."""

    def __init__(
        self,
        place: Place,
        tell: Callable[[Lines], None],
        now: Callable[[], datetime],
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._place = place
        self._tell_screen = tell
        self._now = now
        self._pause = pause
        self._turn = 0
        self._waiting: dict[str, tuple[Words, int]] = {}  # by job: who asked, and when

    def missing(self) -> frozenset[str]:
        """Of staff.DUTIES, those that cannot work here."""
        place = self._place
        printers = any(health.kind == PRINTERS for health in place.machines.health())
        there = {
            ("test_print", "new_roll"): printers,
            ("brighter", "darker"): place.backlight.works,
            ("louder", "quieter"): place.speaks(),
            ("export_log",): place.export_to is not None,
        }
        return frozenset(duty for some, works in there.items() if not works for duty in some)

    async def do(self, what: str, say: Words) -> None:
        """One of staff.DUTIES. What it leads to is told; nothing is raised for a machine or a stick that fails."""
        self._turn += 1
        log.info("Staff asked for %s.", what)
        match what:
            case "test_print":
                self._test_print(say)
            case "devices":
                self._tell(_machines(self._place.machines.health(), say))
            case "new_roll":
                self._new_roll(say)
            case "brighter" | "darker":
                self._brighten(1 if what == "brighter" else -1, say)
            case "louder" | "quieter":
                self._turn_up(VOLUME_STEP if what == "louder" else -VOLUME_STEP, say)
            case "export_log":
                await self._export(say)
            case "restart":
                await self._restart(say)

    def heard(self, event: object) -> bool:
        """Whether this was the outcome of a duty: the journey and the branch are then not concerned."""
        match event:
            case PaperTold(job, outcome, reason) if job in self._waiting:
                say, turn = self._waiting.pop(job)
                self._tell((_paper(outcome, reason, say),), turn)
            case RollNoted(job, reason) if job in self._waiting:
                say, turn = self._waiting.pop(job)
                key = "told.not_new_roll" if reason else "told.new_roll"
                self._tell((say(key, cause=cause(reason, say)),), turn)
            case _:
                return False
        log.info("%s: %s.", job, reason or "done")
        return True

    def _test_print(self, say: Words) -> None:
        self._tell((say("told.printing"),))
        under_way = [job for job in self._waiting if job.startswith("test:")]
        job = under_way[0] if under_way else f"test:{self._turn}"
        self._waiting[job] = (say, self._turn)
        if under_way:
            return  # whoever is impatient gets one slip
        for event in self._place.machines.print(job, self._slip(say)):
            self.heard(event)

    def _slip(self, say: Words) -> Slip:
        return (
            Line(say("slip.test"), size=2, bold=True),
            Line(self._place.kiosk),
            Line(f"{self._now():%Y-%m-%d %H:%M}"),
            Feed(1),
            Qr("TEST"),
            Feed(1),
        )

    def _new_roll(self, say: Words) -> None:
        job = f"roll:{self._turn}"
        self._waiting[job] = (say, self._turn)
        self._place.machines.new_roll(job)

    def _brighten(self, steps: int, say: Words) -> None:
        try:
            percent = self._place.backlight.step(steps)
        except (OSError, ValueError, ZeroDivisionError) as error:
            log.warning("The brightness cannot be set: %s.", type(error).__name__)
            self._tell((say("told.cannot"),))
        else:
            self._tell((say("told.brightness", percent=percent),))

    def _turn_up(self, percent: int, say: Words) -> None:
        place = self._place
        if place.speaks():
            self._tell((say("told.volume", percent=place.change_volume(percent)),))
        else:
            self._tell((say("told.cannot"),))

    async def _export(self, say: Words) -> None:
        turn = self._turn
        self._tell((say("told.exporting"),))
        try:
            path = await asyncio.to_thread(self._write_log)
        except kiosk_log.NotExported as error:
            self._tell((say(f"told.export.{error.why}"),), turn)
        else:
            self._tell((say("told.exported", file=path.name),), turn)

    def _write_log(self) -> Path:
        if self._place.export_to is None:
            raise kiosk_log.NotExported("no_stick")
        name = f"lobby-{self._place.kiosk}-{self._now():%Y%m%d-%H%M%S}.log"
        return kiosk_log.export(self._place.log_text(), self._place.export_to, name)

    async def _restart(self, say: Words) -> None:
        self._tell((say("told.restarting" if self._place.supervised else "told.ending"),))
        await self._pause(READ_S)
        self._place.end()

    def _tell(self, lines: Lines, turn: int | None = None) -> None:
        """What came of an earlier duty does not cover the answer to a later one."""
        if turn in (None, self._turn):
            self._tell_screen(lines)


def cause(word: str, say: Words) -> str:
    """A machine's cause in words; one that the words do not have as it came."""
    return say(f"cause.{word}") if f"cause.{word}" in say.keys() else word  # noqa: SIM118  no dict


def _paper(outcome: str, reason: str, say: Words) -> str:
    if outcome == "confirmed":
        return say("told.printed")
    key = "told.not_printed" if outcome == "failed" else "told.in_doubt"
    return say(key, cause=cause(reason, say))


def _machines(known: Iterable[DeviceHealth], say: Words) -> Lines:
    return tuple(_machine(health, say) for health in known) or (say("told.no_machines"),)


def _machine(health: DeviceHealth, say: Words) -> str:
    """Kind, name, state, cause, and how much paper is left."""
    state, why = say(f"state.{health.state}"), cause(health.detail, say)
    line = say(
        "told.machine" if why in ("", state) else "told.machine.why",
        machine=say(f"device.{health.kind}"),
        name=health.device.rpartition("/")[2],
        state=state,
        cause=why,
    )
    if not health.tickets_left:  # not known, or none: the cause says so
        return line
    return say("told.tickets_left", line=line, tickets=health.tickets_left)
