"""Wires devices, journey, screens and branch; the only file here that knows them all."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.base import ExceptionHandler, ExceptionManager
from kivy.core.window import Window
from msgspec import structs

from edge_agent import messages
from kiosk import words
from kiosk.beat import Beat
from kiosk.branch_client import BranchClient
from kiosk.granting import Granting
from kiosk.inbox import Inbox
from kiosk.journey import course, events
from kiosk.journey.events import Event
from kiosk.journey.step import Here, Rules, Screen, Step, Theme
from kiosk.log import Recent
from kiosk.look import letters, theme
from kiosk.look.arrange import arrange
from kiosk.look.canvas import Canvas
from kiosk.look.letters import Letters
from kiosk.look.panel import Panel
from kiosk.machines import Machines
from kiosk.mishaps import Mishaps, of_loop
from kiosk.numbers import Numbers, open_numbers
from kiosk.outline import OutlineFile, outline
from kiosk.screens.frame import every_language, frame
from kiosk.screens.page import View
from kiosk.settings import Settings
from kiosk.speech.mode import SpeechMode
from kiosk.store import StoreUnusable
from kiosk.upkeep import Upkeep

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CanSpeak:
    """Whether the voice works now."""

    can: bool


TICK_S = 1.0
REPORT_EVERY_S = 10.0
TICKET_ID_BYTES = 16


class KioskApp(App):
    """One terminal. `run_until_stopped` is its whole life."""

    def __init__(
        self, settings: Settings, beat: Beat, recent: Recent, on_first_picture: Callable[[], None]
    ) -> None:
        super().__init__()
        self._settings = settings
        self._beat = beat
        self._recent = recent
        self._mishaps = Mishaps(time.monotonic)
        self._status = 0
        self._rules = rules_of(settings)
        self._words = every_language()
        self._names = {language: say("language.name") for language, say in self._words.items()}
        screen = settings.screen
        self._panel = Panel(screen.width_px, screen.height_px, screen.diagonal_inch)
        letters.register(tuple(self._words))
        self._letters = Letters(self._panel.px_a_mm)
        self._canvas: Canvas | None = None  # until there is a window
        self._step = Step.fresh(self._rules)
        self._on_first_picture = on_first_picture
        self._can_speak = False
        at = settings.kiosk.outline
        self._outline = OutlineFile(Path(at)) if at else None
        self._tasks: set[asyncio.Task[None]] = set()

    def build(self) -> Canvas:
        """One canvas; the boxes on it come from the journey's step."""
        Window.bind(on_request_close=lambda *_: True)  # a customer cannot close a kiosk
        Window.bind(on_flip=self._first_picture)
        Window.bind(on_key_down=self._key)
        self._canvas = Canvas(self.happen, self._letters, self._panel.px_a_mm)
        self._show()
        return self._canvas

    def open_settings(self, *_: object) -> bool:
        """F1 opens nothing on a kiosk."""
        return False

    async def run_until_stopped(self, stop: asyncio.Event) -> int:
        """Open the window, start the machines, and end at once when `stop` is set. The status to end with."""
        self._end = stop
        self._wire()
        ExceptionManager.add_handler(_StayAlive(self._mishap))
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, context: self._mishap(of_loop(context))
        )
        window = asyncio.create_task(self.async_run("asyncio"))
        self._machines.start()
        self._speech.start()
        for work in (self._client.follow(), self._tick(), self._report()):
            self._begin(work)
        await asyncio.wait(
            [window, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED
        )
        self._beat.stopping()
        self.stop()
        await window
        for task in self._tasks:
            task.cancel()
        await self._client.close()
        self._speech.stop()
        self._machines.stop()
        return self._status

    def _wire(self) -> None:
        settings = self._settings
        numbers = _numbers(settings)
        inbox = Inbox(asyncio.get_running_loop(), self._heard)
        self._machines = Machines(settings, inbox.put)
        self._client = BranchClient(
            settings.branch.url,
            settings.branch.token,
            settings.kiosk.name,
            on_services=self._services,
            on_lost=self._lost,
            clock=time.monotonic,
            numbers=numbers,
        )
        self._granting = Granting(
            settings,
            self._client,
            self._machines,
            numbers,
            self._words,
            tell=self.happen,
            begin=self._begin,
        )
        self._speech = SpeechMode(
            settings.speech, self._words, lambda can: inbox.put(CanSpeak(can))
        )
        self._upkeep = Upkeep(
            settings,
            self._machines,
            self._beat,
            self._recent,
            tell=self.happen,
            change_volume=self._speech.change_level if settings.speech else None,
            now=self._granting.now,
            end=self._end.set,
        )
        self._know_here()

    def happen(self, event: Event) -> None:
        """One event of the journey: step, wishes, screen."""
        if isinstance(event, events.StaffAsked) and not self._upkeep.offered:
            return
        before = self._step
        self._step, wishes = course.happen(before, event, self._rules)
        for wish in wishes:
            upkeep = self._upkeep.grant(wish, self._words[self._step.language])
            if upkeep is None:
                self._granting.grant(wish)
            else:
                self._begin(upkeep)
        self._machines.take_cards(wanted=course.may_show_card(self._step, self._rules))
        if self._canvas is not None and self._step.screen is Screen.WELCOME is not before.screen:
            self._canvas.forget()
        self._show()

    def _heard(self, event: Any) -> None:
        """From a thread of a device or of the voice."""
        if isinstance(event, CanSpeak):
            self._can_speak = event.can
            self._know_here()
            return
        for told in () if self._upkeep.heard(event) else self._machines.understand(event):
            if not self._upkeep.heard(told):
                self.happen(self._dated(told))
        if self._machines.news:
            self._machines.news = False
            self._know_here()
            self._begin(self._client.report(self._machines.health()))

    def _dated(self, event: Event) -> Event:
        """How early the customer of an appointment's code is, only this clock can tell."""
        if not isinstance(event, events.AppointmentShown) or not event.booked[:1].isdigit():
            return event
        try:
            booked = datetime.fromisoformat(event.booked)
        except ValueError:
            return event  # a reference of the bank's own
        return replace(event, early_min=self._granting.early_min(booked))

    def _services(self, services: messages.Services) -> None:
        self._granting.know(services)
        self.happen(events.ServicesKnown(services))
        self._know_here()

    def _lost(self) -> None:
        """At a start without the branch, what it offered last is offered as far as our own numbers go."""
        remembered = self._granting.remembered() if self._step.offer is None else None
        if remembered is not None:
            self._granting.know(structs.replace(remembered, at=datetime.now(UTC)))
            self.happen(events.ServicesKnown(remembered, fresh=False))
        self._know_here()
        self.happen(events.BranchLost())

    def _know_here(self) -> None:
        """What this kiosk can do now, told to the journey."""
        offer = self._step.offer
        opens = [one.opens_at for one in offer.services if one.opens_at] if offer else []
        here = Here(
            ways=self._machines.ways(),
            numbers=frozenset(
                one.code
                for one in (offer.services if offer else ())
                if self._granting.numbers_left(one.code)
            ),
            can_lower=self._panel.tall,
            can_speak=self._can_speak,
            duties_missing=self._upkeep.missing(),
            opening=min(opens).astimezone(self._granting.zone) if opens else None,
        )
        self.happen(events.HereKnown(here))

    def _show(self) -> None:
        if self._canvas is None:
            return
        step, say = self._step, self._words[self._step.language]
        shown = frame(self._view(step, say), self._names)

        def measure(text: str, size: float, bold: bool) -> float:
            return self._letters.measure(text, size, bold, say.language)

        boxes = arrange(shown, self._panel, step.comfort, measure)
        self._canvas.show(boxes, theme.PALETTES[step.comfort.theme].page.ground, say.language)
        self._speech.shown(shown, on=step.comfort.speech)
        if self._outline is not None:
            self._outline.write(outline(shown, boxes, self._panel))

    def _view(self, step: Step, say: words.Words) -> View:
        granting = getattr(self, "_granting", None)
        page = step.ticket.id if step.ticket else step.opinion_id
        return View(
            step,
            self._rules,
            say,
            granting.now() if granting else datetime.now().astimezone(),
            bank=words.name_in(self._settings.kiosk.bank, say.language),
            branch=words.name_in(granting.branch_name, say.language) if granting else "",
            link=granting.link(page) if granting and page else "",
        )

    def _key(self, _window: object, key: int, *_: object) -> bool:
        """Of the keypad for those who do not see the screen."""
        event = self._speech.pressed(key)
        if event is not None:
            self.happen(event)
        return True

    def _first_picture(self, *_: object) -> None:
        Window.unbind(on_flip=self._first_picture)
        self._beat.ready()
        self._on_first_picture()

    async def _tick(self) -> None:
        while True:
            self.happen(events.Tick(time.monotonic()))
            self._beat.turn()
            await asyncio.sleep(TICK_S)

    async def _report(self) -> None:
        while True:
            await self._client.report(self._machines.health())
            await asyncio.sleep(REPORT_EVERY_S)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._mishap(error)

    def _mishap(self, error: BaseException) -> None:
        """The customer starts afresh; with too many of them the kiosk does."""
        self._step = Step.fresh(self._rules, self._step)
        if self._mishaps.happened(error):
            self._status = 1
            self._end.set()


def _numbers(settings: Settings) -> Numbers | None:
    """Without a disk of its own the kiosk gives out nothing by itself; it goes on all the same."""
    try:
        return open_numbers(
            settings.kiosk.folder,
            lambda: time.clock_gettime(time.CLOCK_BOOTTIME),  # runs on while the machine sleeps
            lambda: datetime.now(UTC),
            lambda: secrets.token_urlsafe(TICKET_ID_BYTES),
        )
    except StoreUnusable as error:
        log.error("No numbers in advance: %s", error)
        return None


def rules_of(settings: Settings) -> Rules:
    times = settings.times
    return Rules(
        language=settings.kiosk.language,
        idle_s=times.idle_s,
        ticket_s=times.ticket_s,
        ticket_without_paper_s=times.ticket_without_paper_s,
        theme=Theme(settings.screen.theme),
        warning_s=times.warning_s,
        slow_idle_s=times.slow_idle_s,
    )


class _StayAlive(ExceptionHandler):
    """A mistake in a call-back does not end the window."""

    def __init__(self, mishap: Callable[[BaseException], None]) -> None:
        super().__init__()
        self._mishap = mishap

    def handle_exception(self, exception: BaseException) -> int:
        self._mishap(exception)
        return int(ExceptionManager.PASS)
