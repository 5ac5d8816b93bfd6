"""What a machine's event means for the customer; and that nothing stays open when the kiosk ends."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from devices.bank_card import BankCard
from devices.card_reader.orders import CardTaken
from devices.contactless.events import CardGone, CardTapped, CardUnreadable as TapUnreadable
from devices.device import Health, State
from devices.id_card.card import IdCard, Kind
from devices.id_card.driver import IdGone, IdRead, IdUnreadable
from devices.magnetic_stripe.protocol import Swipe
from devices.scanner.driver import CodeUnreadable, Scanned
from devices.settings import Device
from devices.ticket_printer.driver import Outcome, Printed
from devices.ticket_printer.roll import PaperLeft
from kiosk import settings
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
from kiosk.machines import Machines, naming
from tests.conftest import ROOT, SimulatedMachine, wait_for

VIP = BankCard("622202", "0128", "token", luhn_ok=True)
MISTYPED = BankCard("411111", "1112", "other", luhn_ok=False)
APPOINTMENT = "lobby:appointment?service=wealth&reference=R-1"
MEANS: dict[str, tuple[Any, list[Event]]] = {
    "swipe": (Swipe({}, VIP), [CardRead(Card("token", "vip", ("wealth",)))]),
    "bad swipe": (Swipe({}, None), [CardUnreadable()]),
    "wrong digit": (Swipe({}, MISTYPED), [CardRead(Card("other", "ordinary"))]),
    "tap": (CardTapped(VIP, "A0", "DEBIT"), [CardRead(Card("token", "vip", ("wealth",)))]),
    "two cards": (TapUnreadable("cardCollision"), [CardUnreadable(together=True)]),
    "no bank card": (TapUnreadable("invalidMedia"), [CardUnreadable()]),
    "bad ID card": (IdUnreadable("selectFailed"), [CardUnreadable()]),
    "appointment": (Scanned(APPOINTMENT), [AppointmentShown("wealth", "R-1")]),
    "our own ticket": (
        Scanned("http://branch.example:8080/t/01JD5Y8Q2V7K3M9N4P6R8T0W2X\r\n"),
        [TicketScanned("01JD5Y8Q2V7K3M9N4P6R8T0W2X")],
    ),
    "somebody else's page": (Scanned("http://branch.example/t/../../secrets"), [CodeUnknown()]),
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
    assert kiosk.understand(health) == []
    assert kiosk.news
    assert kiosk.ways() == frozenset()


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
        assert kiosk.ways() == {"card_reader"}
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


def test_of_an_id_nothing_but_a_pseudonym_reaches_the_journey() -> None:
    """Its segment is unknown: the bank's own cards say that."""
    written = {
        name: "personal"
        for name in IdCard.__dataclass_fields__
        if name not in {"kind", "token", "number_ok", "birth", "valid_from", "valid_to", "photo"}
    }
    card = IdCard(
        kind=Kind.RESIDENT,
        token="token",
        number_ok=True,
        birth=date(1950, 1, 1),
        valid_from=date(2020, 1, 1),
        valid_to=None,
        photo=b"personal",
        **written,
    )
    assert machines().understand(IdRead(card)) == [CardRead(Card("token", "ordinary"))]
