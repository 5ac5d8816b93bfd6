"""The kiosk's own machines: from the configuration to keepers, from their events to the journey's."""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from devices.bank_card import BankCard
from devices.contactless.events import CardTapped, CardUnreadable as TapUnreadable
from devices.device import Health
from devices.id_card.card import IdCard
from devices.id_card.driver import IdRead, IdUnreadable
from devices.keeper import Keeper, stop_all
from devices.magnetic_stripe.protocol import Swipe
from devices.scanner.driver import CodeUnreadable, Scanned
from devices.settings import keeper_of
from devices.ticket_printer.driver import Printed
from devices.ticket_printer.roll import NewRoll, PaperLeft
from devices.ticket_printer.slip import Slip
from edge_agent.messages import DeviceHealth, DeviceState
from kiosk import appointment
from kiosk.card_slot import SLOT_EVENTS, CardSlot
from kiosk.eye import Eye
from kiosk.identity.finger import Finger
from kiosk.journey.events import (
    AppointmentShown,
    CardRead,
    CardUnreadable,
    CodeUnknown,
    Event,
    PaperTold,
    TicketScanned,
)
from kiosk.journey.step import Card
from kiosk.look.fonts import text_font
from kiosk.printers import Printers
from kiosk.settings import Issuer, Settings

log = logging.getLogger(__name__)

WAYS = ("magnetic_stripe", "card_reader", "contactless", "id_card", "scanner")
# the code on our own tickets
TICKET_PAGE = re.compile(r"^https?://[^/]+/t/([A-Za-z0-9_-]{16,64})$")
TOGETHER = "cardCollision"  # XFS4IoT's word


@dataclass(frozen=True, slots=True)
class PaperOf:
    """About so many tickets are left on this printer's roll."""

    printer: str
    tickets: int


@dataclass(frozen=True, slots=True, repr=False)
class Chip:
    """Of the ID card that was read last, by its pseudonym."""

    token: str = ""
    photo: bytes = b""
    prints: bytes = b""


NOTHING_READ = Chip()


class Machines:
    """`tell` is called from the machines' threads; `understand` on the screen's loop."""

    def __init__(self, settings: Settings, tell: Callable[[Any], None]) -> None:
        self._settings = settings
        key, (_, bold) = settings.cards.key.encode(), text_font()
        self._keepers = [
            keeper_of(device, naming(device.name, tell), key=key, font=str(bold))
            for device in settings.devices
        ]
        self._tickets_left: dict[str, int] = {}  # by printer
        self._printers = Printers(k for k in self._keepers if k.health.kind == "ticket_printer")
        self._slot = CardSlot(self._only("card_reader"))
        self.finger = Finger(self._only("fingerprint"))
        self.eye = _eye(settings)
        self._chip = NOTHING_READ
        self.news = False  # a machine's health has changed since the last report

    def start(self) -> None:
        for keeper in self._keepers:
            keeper.start()

    def stop(self) -> None:
        # a reader left open would draw cards in that nobody gives back
        self._slot.take_cards(wanted=False)
        stop_all(self._keepers)

    def health(self) -> list[DeviceHealth]:
        """Named `kiosk/device`, as the branch reads it."""
        kiosk = self._settings.kiosk.name
        return [
            DeviceHealth(
                device=f"{kiosk}/{health.device}",
                kind=health.kind,
                state=msgspec.convert(str(health.state), DeviceState),
                since=health.since,
                detail=health.detail,
                tickets_left=self._tickets_left.get(health.device),
            )
            for health in (keeper.health for keeper in self._keepers)
        ] + ([self.eye.health()] if self.eye else [])

    def print(self, job: str, slip: Slip) -> list[Event]:
        """On a printer that works; without one, say so at once."""
        if self._printers.print(job, slip):
            return []
        return [PaperTold(job, "failed", "noPrinter")]

    def new_roll(self, job: str) -> None:
        """Count from a full roll on, at the printer of whose paper least is known or left; RollNoted follows."""
        printers = (k for k in self._keepers if k.health.kind == "ticket_printer")
        least = min(printers, key=lambda k: self._tickets_left.get(k.health.device, -1))
        least.order(NewRoll(job))

    def take_cards(self, *, wanted: bool) -> None:
        """Whether a card may be put into the slot now."""
        self._slot.take_cards(wanted=wanted)

    def understand(self, event: Any) -> list[Event]:
        """What a machine's event means for the customer."""
        match event:
            case Printed():
                return self._printed(event)
            case PaperOf(printer=printer, tickets=tickets):
                self._tickets_left[printer] = tickets
                self.news = True
            case Swipe():
                return [self._swiped(event)]
            case CardTapped(card=card):
                return [self._card(card)]
            case TapUnreadable(reason=reason):
                return [CardUnreadable(together=reason == TOGETHER)]
            case IdRead(card=identity):
                self._keep_chip(identity)
                return [CardRead(Card(identity.token, "ordinary"))]
            case IdUnreadable():
                return [CardUnreadable()]
            case Scanned(text=text):
                return [_scanned(text)]
            case CodeUnreadable():
                return [CodeUnknown()]
            case Health():
                self.news = True
            case _ if isinstance(event, SLOT_EVENTS):
                return [self._card(c) if c else CardUnreadable() for c in self._slot.heard(event)]
        return []

    def camera_is(self, word: str, *, lasting: bool = False) -> None:
        """What a check saw of the camera, as `Eye.trouble` has it."""
        if self.eye is not None and self.eye.trouble(word, lasting=lasting):
            self.news = True

    def look_at_camera(self) -> None:
        """Whether it is there."""
        if self.eye is not None and self.eye.look():
            self.news = True

    def photo_of(self, token: str) -> bytes:
        """Of the ID card that is claimed, as it was on its chip; nothing where that is not wanted, or not read."""
        return self._chip.photo if self._chip.token == token else b""

    def prints_of(self, token: str) -> bytes:
        """The same of its fingerprints."""
        return self._chip.prints if self._chip.token == token else b""

    @property
    def has_prints(self) -> bool:
        return bool(self._chip.prints)

    def forget_chip(self) -> None:
        self._holds(NOTHING_READ)

    def _keep_chip(self, identity: IdCard) -> None:
        asked = self._settings.identity
        if asked is not None:
            photo = identity.photo if asked.chip else b""
            prints = identity.prints if asked.finger else b""
            self._holds(Chip(identity.token, photo, prints))

    def _holds(self, chip: Chip) -> None:
        """What can be offered to the customer may change with it."""
        had, self._chip = self.has_prints, chip
        self.news = self.news or had != self.has_prints

    def _only(self, kind: str) -> Keeper | None:
        return next((one for one in self._keepers if one.health.kind == kind), None)

    def ways(self) -> frozenset[str]:
        known = (keeper.health for keeper in self._keepers)
        return frozenset(h.kind for h in known if h.kind in WAYS and h.state.works)

    def _printed(self, event: Printed) -> list[Event]:
        if self._printers.another_tries(event):
            return []
        if event.reason:
            log.warning("A ticket's paper is %s: %s", event.outcome, event.reason)
        return [PaperTold(event.job, str(event.outcome), event.reason)]

    def _swiped(self, swipe: Swipe) -> Event:
        if swipe.card is None:
            log.info("A card could not be read: %s", {n: str(s) for n, s in swipe.tracks.items()})
            return CardUnreadable()
        return self._card(swipe.card)

    def _card(self, card: BankCard) -> Event:
        if not card.luhn_ok:
            log.info("A card's number fails the Luhn check; it is taken all the same.")
        issuer = self._issuer(card.issuer)
        if issuer is None:
            return CardRead(Card(card.token, "ordinary"))
        return CardRead(Card(card.token, issuer.segment, tuple(issuer.first)))

    def _issuer(self, digits: str) -> Issuer | None:
        """The longest that fits."""
        known = self._settings.cards.issuers
        longest_first = sorted(known, key=lambda one: -len(one.prefix))
        return next((one for one in longest_first if digits.startswith(one.prefix)), None)


def _eye(settings: Settings) -> Eye | None:
    if settings.camera is None:
        return None
    return Eye(settings.camera, settings.kiosk.name, time.monotonic, lambda: datetime.now(UTC))


def naming(device: str, tell: Callable[[Any], None]) -> Callable[[Any], None]:
    """Says of a roll whose it is: the other events need no name."""

    def told(event: Any) -> None:
        tell(PaperOf(device, event.tickets) if isinstance(event, PaperLeft) else event)

    return told


def _scanned(text: str) -> Event:
    page = TICKET_PAGE.match(text.strip())
    if page:
        return TicketScanned(page[1])
    found = appointment.read(text)
    return CodeUnknown() if found is None else AppointmentShown(found.service, found.booked)
