"""The printer's driver against the printer's simulator, each written without the other, over a real pty.

The rule: `confirmed` if and only if exactly one whole ticket is on paper.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import pytest

from devices.device import Health
from devices.keeper import Keeper
from devices.port import Port, open_port
from devices.ticket_printer.driver import Outcome, Printed, PrintSlip, TicketPrinter
from devices.ticket_printer.simulator import Simulator
from devices.ticket_printer.slip import Feed, Line, Qr
from tests.conftest import wait_for
from tests.devices.beside import WithTruth

SLIP = (Line("A012", size=4, bold=True), Line("现金业务 Cash"), Qr("http://x/t/1"), Feed(1))


class Recorded:
    """A port that remembers what was written."""

    def __init__(self, port: Port, written: list[bytes]) -> None:
        self._port, self._written = port, written
        self.read, self.wake, self.close = port.read, port.wake, port.close

    def write(self, data: bytes, timeout_s: float) -> None:
        self._port.write(data, timeout_s)
        self._written.append(data)


class Bench:
    """A printer with its keeper, and what they told."""

    def __init__(self, machine: WithTruth, **options: object) -> None:
        self.machine = machine
        self.told: list[object] = []
        self.written: list[bytes] = []
        driver = TicketPrinter(self.told.append, **options)
        link = str(machine.link)
        self.keeper = Keeper(
            "printer",
            "ticket_printer",
            driver,
            lambda: Recorded(
                open_port(link, baud=driver.baud, xonxoff=driver.xonxoff), self.written
            ),
            self.told.append,
            lambda: datetime.now(UTC),
        )
        self.keeper.start()

    def await_state(self, state: str, detail: str = "", timeout_s: float = 15.0) -> None:
        wait_for(
            lambda: (self.keeper.health.state, self.keeper.health.detail) == (state, detail),
            f"printer to be {state} {detail}; it is {self.keeper.health}",
            timeout_s,
        )

    def begin(self, job: str) -> None:
        """Order a long ticket; its bytes are out and it is being printed."""
        self.keeper.order(PrintSlip(job, (*SLIP, Feed(250), Line("end"))))
        wait_for(lambda: any(b"A012" in data for data in self.written), "the ticket's bytes")

    def print(self, job: str) -> Printed:
        self.keeper.order(PrintSlip(job, SLIP))
        return self.outcome(job)

    def outcome(self, job: str) -> Printed:
        def found() -> list[Printed]:
            return [t for t in self.told if isinstance(t, Printed) and t.job == job]

        return wait_for(found, f"outcome of {job}", 40)[0]

    def states(self) -> list[str]:
        """Without those on the way from one to the next."""
        told = [str(event.state) for event in self.told if isinstance(event, Health)]
        settled = (state for state in told if state not in ("opening", "probing"))
        return [state for state, _ in groupby(settled)]

    def paper(self) -> list[tuple[str, str]]:
        return [(piece["paper"], piece["text"]) for piece in self.machine.truth("paper")]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(*faults: str, **options: object) -> Bench:
        machine = WithTruth(Simulator, tmp_path / f"printer{len(made)}", *faults, speed=2.0)
        made.append(Bench(machine, baud=115200, **options))
        return made[-1]

    yield make
    for one in made:
        one.keeper.stop()
        one.machine.end()


@pytest.mark.parametrize("fault", [None, "no_process_id"])
def test_a_confirmed_ticket_is_whole_and_readable(
    bench: Callable[..., Bench], fault: str | None
) -> None:
    printer = bench(*([fault] if fault else []))
    printer.await_state("ready")
    assert printer.print("1") == Printed("1", Outcome.CONFIRMED)
    [(paper, text)] = printer.paper()
    assert paper == "full"
    assert "A012" in text
    assert "现金业务 Cash" in text
    assert printer.machine.truth("paper")[0]["qr"] == ["http://x/t/1"]


def test_a_clone_that_would_print_the_question_is_never_asked(bench: Callable[..., Bench]) -> None:
    printer = bench("prints_garbage_on_gs_paren", process_id=False)
    printer.await_state("ready")
    printer.keeper.order(PrintSlip("1", (Line("A012"),)))
    assert printer.outcome("1").outcome is Outcome.CONFIRMED
    assert [text.strip() for _, text in printer.paper()] == ["A012"]


@pytest.mark.parametrize(
    ("fault", "detail"),
    [
        ("paper_out", "paperOut"),
        ("cover_open", "coverOpen"),
        ("cutter_jam", "cutterJam"),
        ("unrecoverable", "unrecoverable"),
        ("head_hot", "headHot"),
    ],
)
def test_what_stands_in_the_way_is_named_and_nothing_is_sent(
    bench: Callable[..., Bench], fault: str, detail: str
) -> None:
    printer = bench(fault)
    printer.await_state("fault", detail)
    assert printer.print("1") == Printed("1", Outcome.FAILED, detail)
    printer.machine.say(f"clear {fault}")
    printer.await_state("ready")
    assert printer.print("2").outcome is Outcome.CONFIRMED
    assert [kind for kind, _ in printer.paper()].count("full") == 1


def test_little_paper_is_said_and_printing_goes_on(bench: Callable[..., Bench]) -> None:
    printer = bench("paper_near_end")
    printer.await_state("degraded", "paperLow")
    assert printer.print("1").outcome is Outcome.CONFIRMED
    printer.await_state("degraded", "paperLow")


def test_paper_that_ends_in_the_middle_is_never_confirmed_nor_printed_later(
    bench: Callable[..., Bench],
) -> None:
    printer = bench()
    printer.await_state("ready")
    printer.begin("1")
    printer.machine.say("fault paper_out")
    assert printer.outcome("1").outcome is Outcome.INDETERMINATE
    printer.machine.say("clear paper_out")
    printer.await_state("ready")
    assert printer.print("2").outcome is Outcome.CONFIRMED
    assert [kind for kind, _ in printer.paper() if kind == "full"] == ["full"]


def test_a_cover_opened_and_closed_again_finishes_the_ticket(bench: Callable[..., Bench]) -> None:
    printer = bench()
    printer.await_state("ready")
    printer.begin("1")
    printer.machine.say("fault cover_open")
    printer.machine.say("clear cover_open")
    assert printer.outcome("1").outcome is Outcome.CONFIRMED
    assert [kind for kind, _ in printer.paper()] == ["full"]


def test_unplugged_in_the_middle_is_indeterminate_and_the_next_customer_gets_only_their_own(
    bench: Callable[..., Bench],
) -> None:
    printer = bench()
    printer.await_state("ready")
    printer.begin("1")
    printer.machine.say("unplug")
    assert printer.outcome("1").outcome is Outcome.INDETERMINATE
    printer.machine.say("replug")
    printer.await_state("ready", timeout_s=5)
    assert printer.print("2").outcome is Outcome.CONFIRMED
    assert [text for kind, text in printer.paper() if kind == "full"][-1].count("A012") == 1


def test_lost_and_back_are_each_said_once(
    bench: Callable[..., Bench], caplog: pytest.LogCaptureFixture
) -> None:
    printer = bench()
    caplog.set_level("INFO", "devices.keeper")
    printer.await_state("ready")
    printer.machine.say("unplug")
    printer.await_state("absent", "noDevice")
    printer.machine.say("replug")
    printer.await_state("ready", timeout_s=5)
    assert printer.states() == ["ready", "absent", "ready"]
    assert [r.message for r in caplog.records] == [
        "printer: is lost (noDevice).",
        "printer: is back.",
    ]


def test_a_printer_that_is_not_there_refuses_at_once(bench: Callable[..., Bench]) -> None:
    printer = bench()
    printer.await_state("ready")
    printer.machine.say("unplug")
    printer.await_state("absent", "noDevice")
    assert printer.print("1") == Printed("1", Outcome.FAILED, "noDevice")


def test_a_printer_stuck_on_xoff_is_indeterminate_and_holds_up_nobody(
    bench: Callable[..., Bench],
) -> None:
    printer = bench()
    printer.await_state("ready")
    printer.begin("1")
    printer.machine.say("fault stuck_xoff")
    assert printer.outcome("1").outcome is Outcome.INDETERMINATE
    printer.machine.say("clear stuck_xoff")
    printer.await_state("ready", timeout_s=30)


def test_a_printer_that_is_stuck_before_an_order_refuses_it(bench: Callable[..., Bench]) -> None:
    printer = bench()
    printer.await_state("ready")
    printer.machine.say("fault stuck_xoff")
    wait_for(lambda: printer.machine.truth("fault"), "the fault")
    assert printer.print("1").outcome is not Outcome.CONFIRMED
    printer.machine.say("clear stuck_xoff")
    printer.await_state("ready", timeout_s=30)
    assert [kind for kind, _ in printer.paper() if kind == "full"] == []
