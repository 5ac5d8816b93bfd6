"""Faults of printers and motorised readers, one test each, over a real pty and with a real keeper; those that
tests/devices/test_ticket_printer.py has not: P9 to P12, P14, C2 to C5 of the catalogue of faults.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from devices.card_reader.driver import CardReader
from devices.card_reader.orders import (
    AcceptCard,
    CardFound,
    CardReturned,
    CardTaken,
    ReturnCard,
)
from devices.card_reader.protocol import Where
from devices.card_reader.simulator import Simulator as Reader
from devices.keeper import Keeper
from devices.port import open_port
from devices.ticket_printer.driver import Outcome, Printed, PrintSlip, TicketPrinter
from devices.ticket_printer.mouth import TicketLeft, TicketTaken
from devices.ticket_printer.simulator import Simulator as Printer
from devices.ticket_printer.slip import Line, Qr, Slip
from tests.conftest import wait_for
from tests.devices.beside import WithTruth

SLIP: Slip = (Line("A012", size=4), Qr("http://x/t/1"), Line("end"))
LONG: Slip = (*(Line(f"A012 line {count}") for count in range(30)), Line("end"))
CARD = "blank chip"


class Bench:
    """A machine with its driver's keeper, and what that told."""

    def __init__(self, machine: WithTruth, driver: Callable[..., Any], **options: Any) -> None:
        self.machine = machine
        self.told: list[Any] = []
        made = driver(self.told.append, baud=38400 if driver is CardReader else 115200, **options)
        link = str(machine.link)
        self.keeper = Keeper(
            link,
            "machine",
            made,
            lambda: open_port(link, baud=made.baud, xonxoff=made.xonxoff),
            lambda health: None,
            lambda: datetime.now(UTC),
        )
        self.keeper.start()
        wait_for(lambda: self.keeper.health.state.works, "the machine to work")

    def await_told(self, kind: type) -> Any:
        found = wait_for(lambda: [e for e in list(self.told) if isinstance(e, kind)], str(kind), 40)
        return found[0]

    def await_detail(self, detail: str) -> None:
        wait_for(lambda: self.keeper.health.detail == detail, detail)

    def print(self, slip: Slip = SLIP, job: str = "1") -> Outcome:
        self.keeper.order(PrintSlip(job, slip))
        mine = wait_for(
            lambda: [e for e in list(self.told) if getattr(e, "job", "") == job], job, 40
        )
        assert isinstance(mine[0], Printed)
        return mine[0].outcome

    def papers(self) -> list[tuple[str, list[str]]]:
        return [(one["paper"], one["text"].split()) for one in self.machine.truth("paper")]


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(model: str, *faults: str, **options: Any) -> Bench:
        machine = WithTruth(Printer, tmp_path / "printer", *faults, model=model, speed=4.0)
        made.append(Bench(machine, TicketPrinter, profile=model, **options))
        return made[0]

    yield make
    _end(made)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Bench]:
    machine = WithTruth(Reader, tmp_path / "reader", speed=5.0)
    made = [Bench(machine, CardReader)]
    yield made[0]
    _end(made)


def _end(made: list[Bench]) -> None:
    for bench in made:
        bench.keeper.stop()
        bench.machine.end()


def test_p9_flow_control_that_does_not_reach_us(printer: Callable[..., Bench]) -> None:
    bench = printer("clone", "overrun")
    assert bench.print(LONG) is Outcome.CONFIRMED
    assert bench.papers() == [("full", [word for line in LONG for word in line.text.split()])]


@pytest.mark.parametrize(
    "fault",
    [
        "asb_in_between",
        "asb_in_block",
        "xoff_in_reply",
        "duplicate_replies",
        "stale",
        "late_process_id",
    ],
)
def test_p10_answers_that_are_mixed_late_or_twice(
    printer: Callable[..., Bench], fault: str
) -> None:
    bench = printer("epson", fault)
    assert bench.print() is Outcome.CONFIRMED
    assert bench.papers() == [("full", ["A012", "end"])]


@pytest.mark.parametrize("model", ["epson", "clone"])
def test_p11_an_old_ticket_does_not_come_after_a_new_roll(
    printer: Callable[..., Bench], model: str
) -> None:
    bench = printer(model, "paper_out_in_job")
    assert bench.print(LONG) is Outcome.INDETERMINATE
    bench.machine.say("clear paper_out_in_job")
    wait_for(lambda: bench.keeper.health.state.works, "paper")
    assert bench.print((Line("B001"),), "2") is Outcome.CONFIRMED
    assert bench.papers()[-1] == ("full", ["B001"])
    assert [paper for paper, words in bench.papers() if "end" in words] == []


def test_p12_pictures_hold_no_commands_and_strange_answers_prove_nothing(
    printer: Callable[..., Bench],
) -> None:
    bench = printer("vkp80", "spurious_status")
    assert bench.print() is Outcome.CONFIRMED
    assert not bench.machine.truth("real_time_inside_data")
    assert [paper for paper, _ in bench.papers()] == ["full"]


def test_p14_a_ticket_that_is_not_taken(printer: Callable[..., Bench]) -> None:
    bench = printer("vkp80", left_s=1.0)
    assert bench.print() is Outcome.CONFIRMED
    assert bench.await_told(TicketLeft) == TicketLeft("1")
    bench.machine.say("remove")
    assert bench.await_told(TicketTaken) == TicketTaken("1")


def accept(reader: Bench) -> CardTaken:
    reader.keeper.order(AcceptCard("1"))
    wait_for(lambda: [e for e in reader.machine.truth("entry") if e["open"]], "the open entry")
    reader.machine.say(f"present {CARD}")
    taken = reader.await_told(CardTaken)
    assert isinstance(taken, CardTaken)
    return taken


def test_c2_a_card_that_is_jammed(reader: Bench) -> None:
    accept(reader)
    reader.machine.say("fault jam")
    reader.keeper.order(ReturnCard("2"))
    assert reader.await_told(CardReturned).completion == "mediaJam"
    reader.await_detail("jammed")


def test_c3_a_card_that_is_not_taken_is_not_kept(reader: Bench) -> None:
    accept(reader)
    reader.keeper.order(ReturnCard("2", take_s=0.5))
    assert reader.await_told(CardReturned) == CardReturned("2", "cardLeft", Where.GATE)
    reader.await_detail("cardLeft")
    assert not reader.machine.truth("capture")


def test_c4_a_full_bin_lets_no_card_in(reader: Bench) -> None:
    reader.machine.say("fault bin_full")
    reader.keeper.order(AcceptCard("1"))
    assert reader.await_told(CardTaken).completion == "binFull"
    assert not reader.machine.truth("entry")
    reader.await_detail("binFull")


def test_c5_power_lost_with_a_card_inside(reader: Bench) -> None:
    assert accept(reader).where is Where.INSIDE
    reader.machine.say("fault power_loss")
    assert reader.await_told(CardFound).where is Where.GATE
    assert not reader.machine.truth("capture")
