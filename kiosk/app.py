"""The window: one step of the journey, drawn; what stands behind it is wired in behind.py."""

import asyncio
import importlib
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kivy.base import runTouchApp
from kivy.core.window import Window

from kiosk import words
from kiosk.beat import Beat
from kiosk.journey import course, events
from kiosk.journey.events import Event
from kiosk.journey.step import Rules, Screen, Step, Theme
from kiosk.log import Recent
from kiosk.look import letters, theme
from kiosk.look.arrange import arrange
from kiosk.look.canvas import Canvas
from kiosk.look.letters import Letters
from kiosk.look.panel import Panel
from kiosk.look.turns import Turns
from kiosk.mishaps import Mishaps, of_loop
from kiosk.outline import OutlineFile, outline
from kiosk.screens.frame import every_language, frame
from kiosk.screens.page import View
from kiosk.settings import Settings
from kiosk.speech.pad import Held
from kiosk.under_way import UnderWay

if TYPE_CHECKING:
    from kiosk.behind import Behind
    from kiosk.identity.told import Mirror

log = logging.getLogger(__name__)


TICK_S = 1.0


class KioskApp:
    """One terminal. `run_until_stopped` is its whole life."""

    def __init__(
        self, settings: Settings, beat: Beat, recent: Recent, on_first_picture: Callable[[], None]
    ) -> None:
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
        self._turns = Turns(self._mishap)
        self._canvas = Canvas(self.happen, self._letters, self._panel.px_a_mm)
        self._shut = False
        self._step = Step.fresh(self._rules)
        self._on_first_picture = on_first_picture
        self._behind: Behind | None = None  # until the first picture is there
        self._drawn = asyncio.Event()
        self._held = Held()
        at = settings.kiosk.outline
        self._outline = OutlineFile(Path(at)) if at else None
        self._under_way = UnderWay(self._mishap, self._useless)

    def _open(self) -> None:
        """One canvas; the boxes on it come from the journey's step."""
        Window.set_title("Lobby")
        Window.bind(on_request_close=lambda *_: True)  # a customer cannot close a kiosk
        Window.bind(on_flip=self._first_picture)
        Window.bind(on_key_down=self._key, on_key_up=self._key_up)
        runTouchApp(self._canvas, embedded=True)
        self._show()

    async def run_until_stopped(self, stop: asyncio.Event) -> int:
        """Open the window, then load and start what stands behind it, and end at once when `stop` is set. The status
        to end with."""
        self._end = stop
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, context: self._mishap(of_loop(context))
        )
        self._open()
        window = asyncio.create_task(self._turns.run())
        self._under_way.begin(self._tick(), lasting=True)
        self._under_way.begin(self._start_behind(), needed=True)
        await asyncio.wait(
            [window, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED
        )
        self._beat.stopping()
        self._turns.stop()
        await window
        self._shut = True
        self._under_way.cancel()
        if self._behind is not None:
            await self._behind.stop()
        return self._status

    async def _start_behind(self) -> None:
        """Its modules take longer to load than the first picture takes to draw."""
        await self._drawn.wait()
        module = await asyncio.to_thread(importlib.import_module, "kiosk.behind")
        self._behind = module.Behind(
            self._settings,
            self._words,
            self._beat,
            self._recent,
            tell=self.happen,
            step=lambda: self._step,
            begin=self._under_way.begin,
            end=self._end.set,
            mirror=self._mirror,
            can_lower=self._panel.tall,
        )
        self._behind.start()

    def happen(self, event: Event) -> None:
        """One event of the journey: step, wishes, screen."""
        behind = self._behind
        if behind is not None and not behind.wanted(event):
            return
        before = self._step
        self._step, wishes = course.happen(before, event, self._rules)
        if behind is not None:
            for wish in wishes:
                behind.grant(wish)
            behind.take_cards(wanted=course.may_show_card(self._step, self._rules))
            behind.follow(self._step)
        if self._step.screen is Screen.WELCOME is not before.screen:
            self._canvas.forget()
        self._show()

    def _show(self) -> None:
        if self._shut:
            return  # what the machines say at the end changes no picture
        step, say = self._step, self._words[self._step.language]
        shown = frame(self._view(step, say), self._names)
        if self._behind is not None:
            shown = replace(shown, reached=self._behind.shown(shown, speech=step.comfort.speech))

        def measure(text: str, size: float, bold: bool) -> float:
            return self._letters.measure(text, size, bold, say.language)

        boxes = arrange(shown, self._panel, step.comfort, measure)
        self._canvas.show(boxes, theme.PALETTES[step.comfort.theme].page.ground, say.language)
        self._turns.wake()
        if self._outline is not None:
            self._outline.write(outline(shown, boxes, self._panel))

    def _mirror(self, picture: "Mirror | None") -> None:
        """What the camera sees now, for the customer to see themselves."""
        self._canvas.mirror.show(picture)
        self._turns.wake()

    def _view(self, step: Step, say: words.Words) -> View:
        granting = self._behind.granting if self._behind else None
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
        if self._held.down(key) and self._behind:
            event = self._behind.pressed(key)
            if event is None:
                self._show()  # another answer to a question may have been reached
            else:
                self.happen(event)
        return True

    def _key_up(self, _window: object, key: int, *_: object) -> bool:
        self._held.up(key)
        return True

    def _first_picture(self, *_: object) -> None:
        Window.unbind(on_flip=self._first_picture)
        self._drawn.set()
        self._beat.ready()
        self._on_first_picture()

    async def _tick(self) -> None:
        while True:
            self.happen(events.Tick(time.monotonic()))
            self._beat.turn()
            await asyncio.sleep(TICK_S)

    def _mishap(self, error: BaseException) -> None:
        """The customer starts afresh; with too many of them the kiosk does."""
        self._step = Step.fresh(self._rules, self._step)
        if self._mishaps.happened(error):
            self._useless()

    def _useless(self) -> None:
        self._status = 1
        self._end.set()


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
