"""The kiosk's own machines: from the configuration to keepers, from their events to the journey's."""

import logging
from collections.abc import Callable
from typing import Any

import msgspec

from devices.device import Health
from devices.magnetic_stripe.protocol import Swipe
from devices.settings import keeper_of
from devices.ticket_printer.driver import Printed, PrintSlip
from devices.ticket_printer.slip import Slip
from edge_agent.messages import DeviceHealth, DeviceState
from kiosk.journey import Card, CardRead, CardUnreadable, Event, PaperTold
from kiosk.settings import Settings

log = logging.getLogger(__name__)


class Machines:
    """`tell` is called from the machines' threads; `understand` on the screen's loop."""

    def __init__(self, settings: Settings, tell: Callable[[Any], None]) -> None:
        self._settings = settings
        key = settings.cards.key.encode()
        self._keepers = [keeper_of(device, tell, key) for device in settings.devices]
        kinds = [device.kind for device in settings.devices]
        self._printers = [
            k for k, kind in zip(self._keepers, kinds, strict=True) if kind == "ticket_printer"
        ]
        self.news = False  # a machine's health has changed since the last report

    def start(self) -> None:
        for keeper in self._keepers:
            keeper.start()

    def stop(self) -> None:
        for keeper in self._keepers:
            keeper.stop()

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
            )
            for health in (keeper.health for keeper in self._keepers)
        ]

    def print(self, ticket: str, slip: Slip) -> list[Event]:
        """On the first printer that works; without one, say so at once."""
        if not self._printers:
            return [PaperTold(ticket, "failed", "noPrinter")]
        working = [keeper for keeper in self._printers if keeper.health.state.works]
        (working or self._printers)[0].order(PrintSlip(ticket, slip))
        return []

    def understand(self, event: Any) -> list[Event]:
        """What a machine's event means for the customer."""
        if isinstance(event, Printed):
            if event.reason:
                log.warning("A ticket's paper is %s: %s", event.outcome, event.reason)
            return [PaperTold(event.job, str(event.outcome), event.reason)]
        if isinstance(event, Swipe):
            return [self._swiped(event)]
        if isinstance(event, Health):
            self.news = True
        return []

    def _swiped(self, swipe: Swipe) -> Event:
        if swipe.card is None:
            log.info("A card could not be read: %s", {n: str(s) for n, s in swipe.tracks.items()})
            return CardUnreadable()
        if not swipe.card.luhn_ok:
            log.info("A card's number fails the Luhn check; it is taken all the same.")
        return CardRead(Card(swipe.card.token, self._segment(swipe.card.issuer)))

    def _segment(self, issuer: str) -> str:
        known = self._settings.cards.issuers
        longest_first = sorted(known, key=lambda one: -len(one.prefix))
        return next((i.segment for i in longest_first if issuer.startswith(i.prefix)), "ordinary")
