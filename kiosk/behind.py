"""What stands behind the screen, wired together: machines, branch, voice, maintenance. Loaded after the first picture."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from msgspec import structs

from edge_agent import messages
from kiosk.beat import Beat
from kiosk.branch_client import BranchClient
from kiosk.checks import Checks
from kiosk.granting import Granting
from kiosk.identity.told import Mirror
from kiosk.inbox import Inbox
from kiosk.journey import events
from kiosk.journey.events import Event
from kiosk.journey.step import Here, Step
from kiosk.journey.wishes import Wish
from kiosk.log import Recent
from kiosk.machines import Machines
from kiosk.numbers import Numbers, open_numbers
from kiosk.screens.page import Frame
from kiosk.settings import Settings
from kiosk.speech.mode import SpeechMode
from kiosk.store import StoreUnusable
from kiosk.upkeep import Upkeep
from kiosk.words import Words

log = logging.getLogger(__name__)

REPORT_EVERY_S = 10.0
WATCH_EVERY_S = 5.0  # whether the camera is still there
TICKET_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class CanSpeak:
    """Whether the voice works now."""

    can: bool


class Begin(Protocol):
    """Runs what takes time; `lasting`: the kiosk ends when it does."""

    def __call__(self, work: Coroutine[Any, Any, None], *, lasting: bool = False) -> None: ...


class Behind:
    """`tell` brings events to the journey, `step` is where it stands, `begin` runs what takes time, `end` ends the
    kiosk with status 0."""

    def __init__(
        self,
        settings: Settings,
        words: Mapping[str, Words],
        beat: Beat,
        recent: Recent,
        *,
        tell: Callable[[Event], None],
        step: Callable[[], Step],
        begin: Begin,
        end: Callable[[], None],
        mirror: Callable[[Mirror | None], None],
        can_lower: bool,
    ) -> None:
        self._tell, self._step, self._begin = tell, step, begin
        self._words = words
        self._can_lower, self._can_speak = can_lower, False
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
        self.granting = Granting(
            settings, self._client, self._machines, numbers, words, tell=tell, begin=begin
        )
        self._checks = Checks(
            settings,
            self._machines,
            tell=tell,
            mirror=mirror,
            write_down=lambda entry: begin(self._client.identity_checked(entry)),
            begin=begin,
        )
        self._speech = SpeechMode(settings.speech, words, lambda can: inbox.put(CanSpeak(can)))
        self._upkeep = Upkeep(
            settings,
            self._machines,
            beat,
            recent,
            tell=tell,
            speaks=lambda: self._can_speak,
            change_volume=self._speech.change_level,
            now=self.granting.now,
            end=end,
        )

    def start(self) -> None:
        self._machines.start()
        self._speech.start()
        self._begin(self._client.follow(), lasting=True)
        self._begin(self._report(), lasting=True)
        self._begin(self._checks.prove_models())
        if self._machines.eye is not None:
            self._begin(self._watch(), lasting=True)
        self.tell_here()

    async def stop(self) -> None:
        """What is being printed is given up, and the branch hears of it now or after the next start."""
        await self._checks.stop()
        self._speech.stop()
        await asyncio.to_thread(self._machines.stop)  # meanwhile what they say is heard
        await asyncio.sleep(0)  # and what it leads to has begun
        await self._client.close()

    def wanted(self, event: Event) -> bool:
        """Maintenance is offered only where there is a PIN for it."""
        return self._upkeep.offered or not isinstance(event, events.StaffAsked)

    def grant(self, wish: Wish) -> None:
        if self._checks.grant(wish):
            return
        upkeep = self._upkeep.grant(wish, self._words[self._step().language])
        if upkeep is None:
            self.granting.grant(wish)
        else:
            self._begin(upkeep)

    def take_cards(self, *, wanted: bool) -> None:
        self._machines.take_cards(wanted=wanted)

    def follow(self, step: Step) -> None:
        """What belonged to a customer ends with them."""
        self._checks.follow(step)

    def shown(self, frame: Frame, *, speech: bool) -> str:
        """What is on the screen now, for those who do not see it. What their keypad has reached on it."""
        return self._speech.shown(frame, on=speech)

    def pressed(self, key: int) -> Event | None:
        """A key of their keypad."""
        return self._speech.pressed(key)

    def tell_here(self) -> None:
        """What this kiosk can do now, told to the journey."""
        offer = self._step().offer
        services = offer.services if offer else []
        opens = [one.opens_at for one in services if one.opens_at]
        spare = (one.code for one in services if self.granting.numbers_left(one.code))
        here = Here(
            ways=self._machines.ways(),
            checks=self._checks.methods(),
            numbers=frozenset(spare),
            can_lower=self._can_lower,
            can_speak=self._can_speak,
            duties_missing=self._upkeep.missing(),
            opening=min(opens).astimezone(self.granting.zone) if opens else None,
        )
        self._tell(events.HereKnown(here))

    def _heard(self, event: Any) -> None:
        """From a thread of a device or of the voice."""
        if isinstance(event, CanSpeak):
            self._can_speak = event.can
            self.tell_here()
            return
        ours = self._checks.heard(event) or self._upkeep.heard(event)
        for told in () if ours else self._machines.understand(event):
            if not self._upkeep.heard(told):
                self._tell(self._dated(told))
        self._tell_news()

    def _tell_news(self) -> None:
        """Of the machines."""
        if self._machines.news:
            self._machines.news = False
            self.tell_here()
            self._begin(self._client.report(self._machines.health()))

    def _dated(self, event: Event) -> Event:
        """How early the customer of an appointment's code is, only the branch's clock can tell."""
        if not isinstance(event, events.AppointmentShown):
            return event
        return replace(event, early_min=self.granting.early_of(event.booked))

    def _services(self, services: messages.Services) -> None:
        self.granting.know(services)
        self._tell(events.ServicesKnown(services))
        self.tell_here()

    def _lost(self) -> None:
        """At a start without the branch, what it offered last is offered as far as our own numbers go."""
        remembered = self.granting.remembered() if self._step().offer is None else None
        if remembered is not None:
            self.granting.know(structs.replace(remembered, at=datetime.now(UTC)))
            self._tell(events.ServicesKnown(remembered, fresh=False))
        self.tell_here()
        self._tell(events.BranchLost())

    async def _watch(self) -> None:
        while True:
            self._machines.look_at_camera()
            self._tell_news()
            await asyncio.sleep(WATCH_EVERY_S)

    async def _report(self) -> None:
        while True:
            await self._client.report(self._machines.health())
            await asyncio.sleep(REPORT_EVERY_S)


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
