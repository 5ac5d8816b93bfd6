"""The bench of simulated machines: its cable, its commands, its end."""

import io
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from devices.magnetic_stripe.simulator import Simulator as SwipeReader
from devices.pseudo_terminal import OUTPUT_LIMIT_BYTES, PseudoTerminal
from devices.simulate import simulate
from devices.ticket_printer.simulator import Simulator as Printer
from tests.devices.printer_bench import CUT, PROCESS_ID
from tests.devices.running import DEADLINE_S, Running, open_port

# --- cable


def test_cable_unplug_and_replug(tmp_path: Path) -> None:
    link = tmp_path / "by-id" / "printer"
    with PseudoTerminal(link) as cable:
        port = open_port(link)
        port.write(b"\x10\x04\x01\r\n")
        assert cable.read(DEADLINE_S) == b"\x10\x04\x01\r\n"
        cable.write(b"\x16\n\x00")
        assert port.read(3) == b"\x16\n\x00"
        port.close()
        assert cable.read(0.0) == b""
        port.open()
        cable.unplug()
        assert not link.is_symlink()
        with pytest.raises(serial.SerialException):
            port.read(1)
        cable.write(b"nobody")
        cable.replug()
        with open_port(link) as again:
            again.write(b"x")
            assert cable.read(DEADLINE_S) == b"x"
        port.close()
    assert not link.is_symlink()


def test_cable_never_blocks_when_nobody_reads(tmp_path: Path) -> None:
    with PseudoTerminal(tmp_path / "port") as cable:
        for _ in range(40):
            cable.write(b"z" * (OUTPUT_LIMIT_BYTES // 8))
        assert cable.dropped_bytes > 0


def test_cable_leaves_what_is_not_its_own(tmp_path: Path) -> None:
    link = tmp_path / "port"
    cable = PseudoTerminal(link)
    other = PseudoTerminal(link)
    cable.close()
    assert str(link.readlink()) == other.device
    other.close()
    link.write_text("precious")
    with pytest.raises(FileExistsError, match="left alone"):
        PseudoTerminal(link)
    assert link.read_text() == "precious"


# --- the command


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[Running]:
    running = Running("ticket_printer", lambda truth: Printer(truth, speed=20.0), tmp_path)
    yield running
    running.end()


def test_unplug_in_the_middle_of_a_ticket(printer: Running) -> None:
    port = open_port(printer.link)
    port.write(b"A0")
    port.write(b"\x1dr\x01")
    assert port.read(1) == b"\x00"
    assert printer.command("unplug") == "ok unplug"
    assert printer.command("unplug").startswith("error: the cable is out already")
    with pytest.raises(serial.SerialException):
        port.read(1)
    port.close()
    assert printer.command("replug") == f"ok replug {printer.link}"
    with open_port(printer.link) as again:
        again.write(b"12\n" + CUT + PROCESS_ID)
        assert again.read(7) == b"\x37\x22Q7~ \x00"
    [piece] = [event for event in printer.events() if event["event"] == "paper"]
    assert (piece["paper"], piece["text"]) == ("full", "A012")
    assert str(piece["at"]).endswith("Z")


def test_xon_xoff_keeps_every_byte_of_a_long_job(printer: Running) -> None:
    lines = b"".join(b"%04d\n" % i for i in range(1500))
    with open_port(printer.link, xonxoff=True) as port:
        port.baudrate = 230400
        port.timeout = 3 * DEADLINE_S
        port.write(lines + CUT + PROCESS_ID)
        assert port.read(7) == b"\x37\x22Q7~ \x00"
    [piece] = [event for event in printer.events() if event["event"] == "paper"]
    assert str(piece["text"]).encode() == lines[:-1]


def test_commands_and_their_answers(printer: Running) -> None:
    assert printer.command("fault paper_out") == "ok fault paper_out"
    assert printer.command("clear paper_out") == "ok clear paper_out"
    assert printer.command("fault nonsense").startswith("error: unknown fault 'nonsense'; allowed:")
    assert printer.command("fault").startswith("error: ")
    assert printer.command("remove now").startswith("error: ")
    assert printer.command("present x").startswith("error: a printer is not presented")
    assert "allowed: fault NAME" in printer.command("dance")
    assert printer.command("remove") == "ok remove"
    assert printer.command("quit") == "ok quit"


def test_unknown_fault_at_the_start(tmp_path: Path) -> None:
    out = io.StringIO()
    machine = SwipeReader(lambda event: None)
    link = tmp_path / "port"
    assert simulate("reader", machine, link, None, ["dust"], None, out, time.monotonic) == 2
    assert out.getvalue().startswith("error: unknown fault 'dust'; allowed: bad_track1")
    assert not link.is_symlink()


PROGRAM = """
import sys, time
from pathlib import Path
from devices.simulate import simulate
from devices.ticket_printer.simulator import Simulator
machine = Simulator(lambda event: None)
link = Path(sys.argv[1])
sys.exit(simulate("ticket_printer", machine, link, None, [], sys.stdin, sys.stdout, time.monotonic))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_end_of_input_does_not_end_it_but_a_signal_does(tmp_path: Path, number: int) -> None:
    link = tmp_path / "port"
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(link)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    with process.stdout as out:
        assert out.readline() == f"ready {link}\n"
        with open_port(link) as port:
            port.write(b"\x10\x04\x01")
            assert port.read(1) == b"\x16"
        process.send_signal(number)
        assert process.wait(DEADLINE_S) == 0
    assert not link.is_symlink()
