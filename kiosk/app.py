"""Wires devices, journey, screens and branch; the only file here that knows them all."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kivy.app import App
from kivy.base import ExceptionHandler, ExceptionManager
from kivy.core.window import Window
from kivy.lang import Builder
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.screenmanager import NoTransition, ScreenManager

from edge_agent import messages
from kiosk import journey, reprints, words
from kiosk.branch_client import BranchClient, Refused, Unreachable
from kiosk.inbox import Inbox
from kiosk.journey import Event, Rules, Step, Wish
from kiosk.look import theme, widgets
from kiosk.machines import Machines
from kiosk.reprints import Reprints
from kiosk.screens import View
from kiosk.screens.away import AwayScreen
from kiosk.screens.services import ServicesScreen
from kiosk.screens.ticket import TicketScreen
from kiosk.screens.welcome import WelcomeScreen
from kiosk.settings import Settings
from kiosk.slip import ticket_slip

log = logging.getLogger(__name__)

SCREENS = (WelcomeScreen, ServicesScreen, TicketScreen, AwayScreen)
TICK_S = 1.0
REPORT_EVERY_S = 10.0


class KioskApp(App):
    """One terminal. `run_until_stopped` is its whole life."""

    def __init__(self, settings: Settings, on_first_picture: Callable[[], None]) -> None:
        super().__init__()
        times = settings.times
        self._settings = settings
        self._rules = Rules(
            settings.kiosk.language, times.idle_s, times.ticket_s, times.ticket_without_paper_s
        )
        self._words = {language: words.load(language) for language in words.LANGUAGES}
        self._step = Step.fresh(self._rules)
        self._branch_name: messages.Names = {}
        self._public_url = settings.branch.url
        self._time_zone = ""
        self._on_first_picture = on_first_picture
        self._tasks: set[asyncio.Task[None]] = set()

    def build(self) -> BoxLayout:
        """Header, screens, footer."""
        widgets.load()
        Window.clearcolor = theme.GROUND
        Window.bind(on_request_close=lambda *_: True)  # a customer cannot close a kiosk
        self._screens = ScreenManager(transition=NoTransition())  # others drop touches meanwhile
        for screen in SCREENS:
            Builder.load_file(
                str(
                    Path(__file__).parent / "screens" / f"{screen.__module__.rpartition('.')[2]}.kv"
                )
            )
            self._screens.add_widget(screen(tell=self.happen))
        self._header, self._footer = widgets.Header(), widgets.Footer()
        self._footer.bind(on_language=lambda *_: self._other_language())
        root = BoxLayout(orientation="vertical")
        for part in (self._header, self._screens, self._footer):
            root.add_widget(part)
        Window.bind(on_flip=self._first_picture)
        self._show()
        return root

    def open_settings(self, *_: object) -> bool:
        """F1 opens nothing on a kiosk."""
        return False

    async def run_until_stopped(self, stop: asyncio.Event) -> None:
        """Open the window, start the machines, and end at once when `stop` is set."""
        self._reprints = Reprints()
        inbox = Inbox(asyncio.get_running_loop(), self._heard)
        self._machines = Machines(self._settings, inbox.put)
        self._client = BranchClient(
            self._settings.branch.url,
            self._settings.branch.token,
            self._settings.kiosk.name,
            on_services=self._services,
            on_lost=lambda: self.happen(journey.BranchLost()),
            clock=time.monotonic,
        )
        ExceptionManager.add_handler(_StayAlive(self._start_again))
        window = asyncio.create_task(self.async_run("asyncio"))
        self._machines.start()
        for work in (self._client.follow(), self._tick(), self._report()):
            self._begin(work)
        await asyncio.wait(
            [window, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED
        )
        self.stop()
        await window
        for task in self._tasks:
            task.cancel()
        await self._client.close()
        self._machines.stop()

    def happen(self, event: Event) -> None:
        """One event of the journey: step, wishes, screen."""
        self._step, wishes = journey.happen(self._step, event, self._rules)
        for wish in wishes:
            self._grant(wish)
        self._machines.take_cards(wanted=journey.may_show_card(self._step))
        self._show()

    def _heard(self, event: Any) -> None:
        """From a device thread."""
        for told in self._machines.understand(event):
            self.happen(told)
        if self._machines.news:
            self._machines.news = False
            self._begin(self._client.report(self._machines.health()))

    def _grant(self, wish: Wish) -> None:
        match wish:
            case journey.AskTicket():
                self._begin(self._ask(wish))
            case journey.PrintTicket(ticket, language):
                self._print(ticket, language)
            case journey.TellPaper(ticket, outcome, reason):
                self._begin(self._tell_paper(ticket, outcome, reason))
            case journey.GiveBack(ticket):
                self._begin(self._client.give_back(ticket))

    async def _ask(self, wish: journey.AskTicket) -> None:
        request = messages.TicketRequest(
            service=wish.service,
            segment=wish.segment,  # type: ignore[arg-type]  # from settings, checked there
            language=wish.language,  # type: ignore[arg-type]
            customer_token=wish.customer_token,
            appointment=wish.appointment,
        )
        try:
            ticket = await self._client.ticket(request)
        except Unreachable:
            self.happen(journey.TicketUnreachable())
        except Refused as error:
            log.warning("The branch gave no ticket: %s", error)
            self.happen(journey.TicketRefused(error.name))
        else:
            self.happen(journey.TicketIssued(ticket))

    async def _tell_paper(self, job: str, outcome: str, reason: str) -> None:
        again = reprints.ticket_of(job)
        answer = await self._client.printed(
            again or job, outcome, reason, reprint=again is not None
        )
        if answer is not None and again is not None:
            self._reprints.heard(again)
        elif answer is not None and answer.reprint_at is not None:
            self.happen(journey.PaperElsewhere(job, answer.reprint_at))

    def _print(
        self,
        ticket: messages.IssuedTicket,
        language: str,
        job: str = "",
        *,
        marked: bool = False,
    ) -> None:
        """`job` is another one than the ticket where the branch ordered it; `marked` as a reprint."""
        names = {service.code: service.names for service in self._step.services}
        slip = ticket_slip(
            ticket,
            self._words[language],
            bank=words.name_in(self._settings.kiosk.bank, language),
            branch=words.name_in(self._branch_name, language),
            service=words.name_in(names.get(ticket.service, {}), language) or ticket.service,
            link=self._link(ticket.id),
            zone=self._zone(),
            reprint=marked,
        )
        for event in self._machines.print(job or ticket.id, slip):
            self.happen(event)

    def _link(self, ticket: str) -> str:
        return f"{self._public_url}/t/{ticket}"

    def _services(self, services: messages.Services) -> None:
        self._branch_name, self._public_url = services.branch_name, services.public_url
        self._time_zone = services.time_zone
        self.happen(journey.ServicesKnown(tuple(services.services)))
        for job, again in self._reprints.new(services.reprints).items():
            self._print(again.ticket, self._known(again.language), job, marked=again.marked)

    def _known(self, language: str) -> str:
        """A ticket may have been taken in a language that is not on this machine."""
        return language if language in self._words else self._settings.kiosk.language

    def _zone(self) -> ZoneInfo | None:
        """The branch's; until it has been heard, this machine's."""
        return ZoneInfo(self._time_zone) if self._time_zone else None

    def _local_time(self) -> datetime:
        return datetime.now(UTC).astimezone(self._zone())

    def _other_language(self) -> None:
        self.happen(journey.LanguageChosen(self._next_language()))

    def _next_language(self) -> str:
        languages = words.LANGUAGES
        return languages[(languages.index(self._step.language) + 1) % len(languages)]

    def _show(self) -> None:
        say = self._words[self._step.language]
        self._header.bank = words.name_in(self._settings.kiosk.bank, say.language)
        branch = words.name_in(self._branch_name, say.language)
        self._header.branch = f"{branch}  |  {say('header.kind')}" if branch else say("header.kind")
        self._header.time = f"{self._local_time():%H:%M}"
        self._footer.other_language = self._words[self._next_language()]("language.name")
        ticket = self._step.ticket
        view = View(self._step, self._rules, say, self._link(ticket.id) if ticket else "")
        self._screens.get_screen(self._step.screen).show(view)
        if self._screens.current != self._step.screen:
            left = self._screens.current_screen
            self._screens.current = str(self._step.screen)
            left.show(view)  # so that nothing of the last customer stays in it

    def _first_picture(self, *_: object) -> None:
        Window.unbind(on_flip=self._first_picture)
        self._on_first_picture()

    async def _tick(self) -> None:
        while True:
            self.happen(journey.Tick(time.monotonic()))
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
        if not task.cancelled() and task.exception() is not None:
            log.error("A task of the kiosk failed.", exc_info=task.exception())
            self._start_again()

    def _start_again(self) -> None:
        self._step = Step.fresh(self._rules, self._step)


class _StayAlive(ExceptionHandler):
    """A mistake in a call-back is logged, and the customer starts afresh."""

    def __init__(self, start_again: Callable[[], None]) -> None:
        super().__init__()
        self._start_again = start_again

    def handle_exception(self, exception: BaseException) -> int:
        log.error("A call-back of the screen failed.", exc_info=exception)
        self._start_again()
        return int(ExceptionManager.PASS)
