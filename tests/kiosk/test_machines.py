"""What a machine's event means for the customer; and that nothing stays open when the kiosk ends."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from devices.bank_card import BankCard
from devices.card_reader.orders import CardTaken
from devices.contactless.events import CardGone, CardTapped, CardUnreadable as TapUnreadable
from devices.device import Health, State
from devices.id_card.driver import IdGone, IdUnreadable
from devices.magnetic_stripe.protocol import Swipe
from devices.scanner.driver import CodeUnreadable, Scanned
from devices.settings import Device
from devices.ticket_printer.driver import Outcome, Printed
from devices.ticket_printer.roll import PaperLeft
from kiosk import settings
from kiosk.journey import (
    AppointmentShown,
    Card,
    CardRead,
    CardUnreadable,
    CodeUnknown,
    Event,
    PaperTold,
    WaysKnown,
)
from kiosk.machines import Machines, naming
from tests.conftest import ROOT, SimulatedMachine, wait_for

VIP = BankCard("622202", "0128", "token", luhn_ok=True)
MISTYPED = BankCard("411111", "1112", "other", luhn_ok=False)
APPOINTMENT = "lobby:appointment?service=wealth&reference=R-1"
MEANS: dict[str, tuple[Any, list[Event]]] = {
    "swipe": (Swipe({}, VIP), [CardRead(Card("token", "vip"))]),
    "bad swipe": (Swipe({}, None), [CardUnreadable()]),
    "wrong digit": (Swipe({}, MISTYPED), [CardRead(Card("other", "ordinary"))]),
    "tap": (CardTapped(VIP, "A0", "DEBIT"), [CardRead(Card("token", "vip"))]),
    "two cards": (TapUnreadable("cardCollision"), [CardUnreadable(together=True)]),
    "no bank card": (TapUnreadable("invalidMedia"), [CardUnreadable()]),
    "bad ID card": (IdUnreadable("selectFailed"), [CardUnreadable()]),
    "appointment": (Scanned(APPOINTMENT), [AppointmentShown("wealth", "R-1")]),
    "another code": (Scanned("https://example.org"), [CodeUnknown()]),
    "no text": (CodeUnreadable("invalidData"), [CodeUnknown()]),
    "paper": (Printed("t-1", Outcome.CONFIRMED), [PaperTold("t-1", "confirmed", "")]),
    "card taken away": (CardGone(), []),
    "ID card taken away": (IdGone(), []),
    "what nobody knows": (object(), []),
}


def machines(*devices: Device, tell: Callable[[Any], None] = lambda _: None) -> Machines:
    loaded = settings.load(ROOT / "config" / "demo" / "kiosk.toml")
    return Machines(
        settings.Settings(loaded.kiosk, loaded.branch, loaded.cards, devices=[*devices]), tell
    )


@pytest.mark.parametrize(("event", "means"), MEANS.values(), ids=MEANS)
def test_what_an_event_means(event: Any, means: list[Event]) -> None:
    assert machines().understand(event) == means


def test_a_kiosk_without_a_printer_says_so_at_once() -> None:
    assert machines().print("t-1", ()) == [PaperTold("t-1", "failed", "noPrinter")]


def test_only_readers_that_work_are_ways() -> None:
    health = Health("scanner", "scanner", State.ABSENT, datetime(2026, 11, 25, tzinfo=UTC))
    kiosk = machines(Device(name="scanner", kind="scanner", port="/nowhere"))
    assert kiosk.understand(health) == [WaysKnown(frozenset())]
    assert kiosk.news


def test_the_slot_is_open_while_a_card_is_wanted_and_shut_when_the_kiosk_ends(
    simulated: Callable[..., SimulatedMachine],
) -> None:
    reader = simulated("card_reader")
    told: list[Any] = []
    device = Device(name="slot", kind="card_reader", port=str(reader.link))
    kiosk = machines(device, tell=told.append)
    kiosk.start()
    try:
        wait_for(lambda: kiosk.health()[0].state == "ready", "the reader")
        assert kiosk.understand(told[-1]) == [WaysKnown(frozenset({"card_reader"}))]
        kiosk.take_cards(wanted=True)
        wait_for(lambda: _entry(reader) is True, "the slot to open")
    finally:
        kiosk.stop()
    assert _entry(reader) is False


def _entry(reader: SimulatedMachine) -> object:
    entries = reader.truth("entry")
    return entries[-1]["open"] if entries else None


def test_a_card_in_the_slot_is_read_and_comes_back(
    simulated: Callable[..., SimulatedMachine],
) -> None:
    reader = simulated("card_reader")
    told: list[Any] = []
    device = Device(name="slot", kind="card_reader", port=str(reader.link))
    kiosk = machines(device, tell=told.append)
    kiosk.start()
    try:
        wait_for(lambda: kiosk.health()[0].state == "ready", "the reader")
        kiosk.take_cards(wanted=True)
        wait_for(lambda: _entry(reader) is True, "the slot to open")
        reader.say("present ;6222021234567890128=29122200000012345?")
        wait_for(lambda: any(isinstance(e, CardTaken) for e in told), "the card")
        [taken] = [e for e in told if isinstance(e, CardTaken)]
        [read] = kiosk.understand(taken)
        assert isinstance(read, CardRead)
        assert read.card.segment == "vip"
        wait_for(lambda: reader.truth("card")[-1]["where"] == "gate", "the card to come back")
    finally:
        kiosk.stop()


def test_how_many_tickets_a_roll_still_gives_reaches_the_branch() -> None:
    told: list[Any] = []
    printer = Device("printer", "ticket_printer", "/nowhere")
    kiosk = machines(printer, tell=told.append)
    assert [health.tickets_left for health in kiosk.health()] == [None]
    naming("printer", told.append)(PaperLeft(42))
    assert [event for one in told for event in kiosk.understand(one)] == []
    assert kiosk.news
    assert [health.tickets_left for health in kiosk.health()] == [42]
