"""The simulated pole display against the codes of the CD5220 command set."""

import io
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import serial
from hypothesis import given, settings, strategies as st

from devices.pole_display.simulator import Simulator
from devices.simulate import TruthLog, simulate

BLANK = " " * 20
UPPER = b"\x1bQAA012  COUNTER 3\r"
LOWER = b"\x1bQBPlease come\r"


class Bench:
    def __init__(self, *faults: str) -> None:
        self.truth: list[Mapping[str, object]] = []
        self.machine = Simulator(self.truth.append)
        assert self.machine.power_on(0.0) == b""
        for name in faults:
            self.machine.fault(name, True, 0.0)

    def send(self, data: bytes, at: float = 0.0) -> None:
        assert self.machine.receive(data, at) == b""

    def last(self) -> Mapping[str, object]:
        return [event for event in self.truth if event["event"] == "shown"][-1]

    def lines(self) -> tuple[str, str]:
        upper, lower = str(self.last()["upper"]), str(self.last()["lower"])
        assert len(upper) == len(lower) == 20
        return upper.rstrip(), lower.rstrip()

    def names(self) -> list[object]:
        return [event["event"] for event in self.truth]

    def reasons(self) -> list[object]:
        return [event["reason"] for event in self.truth if event["event"] == "ignored"]


def test_two_lines_each_shown_when_complete() -> None:
    bench = Bench()
    bench.send(b"\x1b@" + UPPER[:-1])
    assert bench.lines() == ("", "")
    bench.send(UPPER[-1:])
    assert bench.lines() == ("A012  COUNTER 3", "")
    bench.send(LOWER)
    assert bench.lines() == ("A012  COUNTER 3", "Please come")
    assert bench.names() == ["shown"] * 3


def test_a_shorter_line_replaces_all_of_a_longer_one() -> None:
    bench = Bench()
    bench.send(UPPER + b"\x1bQAB7\r")
    assert bench.lines() == ("B7", "")


def test_plain_text_runs_on_from_the_cursor_and_around() -> None:
    bench = Bench()
    bench.send(b"x" * 20 + b"y" * 20 + b"z")
    assert bench.lines() == ("z" + "x" * 19, "y" * 20)
    assert bench.last()["cursor"] == [2, 1]


def test_cursor_home_and_both_forms_of_move() -> None:
    bench = Bench()
    bench.send(b"\x1bl\x03\x02ab")
    assert (bench.lines(), bench.last()["cursor"]) == (("", "  ab"), [5, 2])
    bench.send(b"\x0bcd\x1f$\x14\x01e")
    assert (bench.lines(), bench.last()["cursor"]) == (("cd" + " " * 17 + "e", "  ab"), [1, 2])


def test_clear_and_clear_line() -> None:
    bench = Bench()
    bench.send(b"up\x1bl\x05\x02low\x18")
    assert (bench.lines(), bench.last()["cursor"]) == (("up", ""), [1, 2])
    bench.send(b"low\x0c")
    assert (bench.lines(), bench.last()["cursor"]) == (("", ""), [1, 1])


@pytest.mark.parametrize("code", [b"\x1b*", b"\x1fX"])
def test_brightness(code: bytes) -> None:
    bench = Bench()
    bench.send(b"\x0b")
    assert bench.last()["brightness"] == 4
    bench.send(code + b"\x02")
    assert bench.last()["brightness"] == 2
    bench.send(code + b"\x05" + code + b"\x00")
    assert (bench.reasons(), bench.last()["brightness"]) == (["unknown"] * 2, 2)


@pytest.mark.parametrize("code", [b"\x1b_", b"\x1fC"])
def test_cursor_on_and_off(code: bytes) -> None:
    bench = Bench()
    bench.send(code + b"\x01")
    assert bench.last()["cursor_on"] is True
    bench.send(code + b"\x07")
    assert bench.reasons() == ["unknown"]
    bench.send(code + b"\x00")
    assert bench.last()["cursor_on"] is False


@pytest.mark.parametrize(
    "command",
    [
        b"\x1bl\x00\x01",
        b"\x1bl\x15\x01",
        b"\x1bl\x01\x03",
        b"\x1f$\x01\x00",
        b"\x1bZ",
        b"\x1f\x01",
        b"\x1bQC",
        b"\x07",
        b"\r",
        b"\n",
        b"\x1b=\x03",
    ],
)
def test_unknown_commands_and_values_change_nothing(command: bytes) -> None:
    bench = Bench()
    bench.send(b"ab" + command + b"c")
    assert bench.reasons() == ["unknown"]
    assert bench.lines() == ("abc", "")


def test_other_than_ascii_is_a_question_mark() -> None:
    bench = Bench()
    bench.send("排1\x7f".encode("gbk") + b"\x1bQB\xff2\r")
    assert bench.lines() == ("??1?", "?2")


def test_initialise_forgets_settings_and_text() -> None:
    bench = Bench()
    bench.send(b"text\x1b*\x01\x1b_\x01\x1bl\x02\x02\x1b@")
    expected = {"upper": BLANK, "lower": BLANK, "scrolling": None, "cursor": [1, 1]}
    assert bench.last() == {"event": "shown", "cursor_on": False, "brightness": 4} | expected


# --- string mode


@pytest.mark.parametrize("string", [UPPER, LOWER])
@pytest.mark.parametrize(
    "command",
    [b"text", b"\x1b@", b"\x0b", b"\x1bl\x01\x01", b"\x1b_\x01", b"\x1b*\x01", b"\x1fX\x01"],
)
def test_after_a_string_nothing_but_strings_and_clear(string: bytes, command: bytes) -> None:
    bench = Bench()
    bench.send(string)
    before = bench.last()
    bench.send(command)
    assert (bench.last(), bench.reasons()) == (before, ["string_mode"])
    assert bench.truth[-1]["bytes_hex"] == command.hex(" ")
    bench.send(b"\x1bQAagain\r")
    assert bench.lines()[0] == "again"
    bench.send(b"\x0c" + command)
    assert bench.reasons() == ["string_mode"]


def test_clear_line_ends_string_mode_and_clears_the_line_written_last() -> None:
    bench = Bench()
    bench.send(UPPER + LOWER + b"\x18new")
    assert bench.lines() == ("A012  COUNTER 3", "new")


def test_strings_that_are_too_long_are_cut() -> None:
    bench = Bench()
    bench.send(b"\x1bQA" + b"1234567890" * 2 + b"\r")
    assert bench.reasons() == []
    bench.send(b"\x1bQB" + b"1234567890" * 3 + b"\r")
    assert bench.reasons() == ["too_long"]
    assert bench.lines() == ("1234567890" * 2, "1234567890" * 2)


@pytest.mark.parametrize("next_command", [b"\x0c", b"\x1b@"])
def test_a_string_without_its_end_is_broken_off_by_the_next_command(next_command: bytes) -> None:
    bench = Bench()
    bench.send(b"old\x1bQAnever" + next_command + b"x")
    assert bench.reasons() == ["broken_off"]
    assert bench.lines() == ("x", "")


def test_scroll_shows_the_beginning_and_says_what_scrolls() -> None:
    bench = Bench()
    text = b"Branch closes at 17:00 today"
    bench.send(b"\x1bQD" + text + b"\r")
    assert bench.lines() == (text[:20].decode(), "")
    assert bench.last()["scrolling"] == text.decode()
    bench.send(LOWER)
    assert bench.last()["scrolling"] == text.decode()
    bench.send(UPPER)
    assert bench.last()["scrolling"] is None


# --- pass-through to a printer


def test_not_selected_passes_on_until_selected_again() -> None:
    bench = Bench()
    bench.send(b"\x1b=\x01" + b"slip\x1bQAx" + b"\x1b=\x02ok")
    assert bench.lines() == ("ok", "")
    assert bench.truth[-1] == {"event": "passed_on", "bytes": 8}
    bench.send(b"\x1b=\x01")
    for byte in b"\x0c\x1b=\x02":
        bench.send(bytes((byte,)))
    bench.send(b"!")
    assert bench.lines() == ("ok!", "")


def test_selecting_works_in_string_mode() -> None:
    bench = Bench()
    bench.send(UPPER + b"\x1b=\x01paper\x1b=\x02" + LOWER)
    assert bench.lines() == ("A012  COUNTER 3", "Please come")
    assert bench.reasons() == []


# --- faults


def test_power_loss_forgets_everything() -> None:
    bench = Bench()
    bench.send(b"\x1b*\x01" + UPPER + b"\x1bQBhalf")
    bench.machine.fault("power_loss", True, 1.0)
    bench.send(LOWER, 1.5)
    assert bench.names()[-2:] == ["fault", "dark"]
    bench.machine.fault("power_loss", False, 2.0)
    assert (bench.lines(), bench.last()["brightness"]) == (("", ""), 4)
    bench.send(b"plain", 2.0)
    assert bench.lines() == ("plain", "")


def test_silent_is_dark_and_deaf_and_then_as_before() -> None:
    bench = Bench()
    bench.send(UPPER)
    bench.machine.fault("silent", True, 1.0)
    bench.send(LOWER, 1.5)
    assert bench.names() == ["shown", "fault", "dark"]
    bench.machine.fault("silent", False, 2.0)
    assert bench.lines() == ("A012  COUNTER 3", "")
    assert bench.names()[3:] == ["fault", "shown"]


def test_dark_until_both_faults_are_over() -> None:
    bench = Bench()
    bench.send(UPPER)
    for name, on in [("silent", True), ("power_loss", True), ("silent", False)]:
        bench.machine.fault(name, on, 1.0)
    assert bench.names().count("shown") == 1
    bench.machine.fault("power_loss", False, 1.0)
    assert bench.lines() == ("", "")


def test_deaf_stays_lit() -> None:
    bench = Bench("deaf")
    bench.send(UPPER)
    bench.machine.fault("deaf", False, 1.0)
    assert bench.names() == ["fault", "fault"]
    bench.send(UPPER)
    assert bench.lines() == ("A012  COUNTER 3", "")


def test_deaf_after_power_takes_nothing_for_three_seconds() -> None:
    bench = Bench("deaf_after_power")
    bench.machine.fault("power_loss", True, 10.0)
    bench.machine.fault("power_loss", False, 20.0)
    bench.send(UPPER, 22.9)
    assert bench.lines() == ("", "")
    bench.send(LOWER, 23.0)
    assert bench.lines() == ("", "Please come")


@pytest.mark.parametrize("fault", ["bit_flip", "missing_byte"])
def test_a_bad_line_spoils_what_is_shown(fault: str) -> None:
    bench = Bench(fault)
    bench.send(b"12345678901234567890")
    shown = str(bench.last()["upper"]) if bench.truth[1:] else ""
    assert shown != "12345678901234567890"
    bench.machine.fault(fault, False, 1.0)
    bench.send(b"\x0c\x0c12345678901234567890", 1.0)
    assert bench.lines()[0] == "12345678901234567890"


def test_faults_are_explained_and_others_refused() -> None:
    assert all(len(about) > 10 for about in Simulator.FAULTS.values())
    with pytest.raises(ValueError, match="allowed: silent"):
        Bench("dust")


def test_nothing_can_be_presented() -> None:
    with pytest.raises(ValueError, match="not presented"):
        Bench().machine.present("A012", 0.0)
    assert Bench().machine.remove(0.0) == b""
    assert Bench().machine.next_deadline() is None


PIECES = st.one_of(
    st.binary(max_size=40),
    st.lists(
        st.sampled_from([b"\x1b", b"\x1f", b"Q", b"A", b"=", b"\x01", b"\x02", b"\r", b"l", b"x"]),
        max_size=30,
    ).map(b"".join),
    st.sampled_from([UPPER, LOWER, UPPER[:5], b"\x1b=\x01"]),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(PIECES, max_size=12), st.sets(st.sampled_from(sorted(Simulator.FAULTS))))
def test_any_bytes_never_raise_and_a_clear_always_helps(
    pieces: list[bytes], faults: set[str]
) -> None:
    bench = Bench(*sorted(faults))
    for data in pieces:
        bench.send(data)
        assert not bench.truth or all(len(str(e.get("upper", BLANK))) == 20 for e in bench.truth)
    for name in sorted(faults):
        bench.machine.fault(name, False, 0.0)
    # Four bytes end any half command, whatever it is.
    bench.send(b"\x0c\x0c\x0c\x0c\x1b=\x02\x0c\x1b@" + UPPER + LOWER, 10.0)
    assert bench.lines() == ("A012  COUNTER 3", "Please come")
    json.dumps(bench.truth)


def test_through_the_cable(tmp_path: Path) -> None:
    link, log, stdout = tmp_path / "port", tmp_path / "truth.jsonl", io.StringIO()
    read_end, write_end = os.pipe()
    commands = os.fdopen(read_end)
    machine = Simulator(TruthLog(log))
    arguments = ("pole_display", machine, link, log, [], commands, stdout, time.monotonic)
    thread = threading.Thread(target=simulate, args=arguments)
    thread.start()
    with os.fdopen(write_end, "w", buffering=1) as typing:
        await_true(lambda: "ready" in stdout.getvalue())
        with serial.Serial(str(link), 9600, timeout=0.0) as port:
            port.write(UPPER + LOWER)
            await_true(lambda: "Please come" in log.read_text("utf-8"))
            assert port.read(1) == b""
        typing.write("fault power_loss\nquit\n")
        thread.join(5.0)
    commands.close()
    assert not thread.is_alive()
    events = [json.loads(row)["event"] for row in log.read_text().splitlines()]
    assert events == ["ready", "shown", "shown", "fault", "dark", "ended"]


def await_true(condition: Callable[[], bool]) -> None:
    """Bounded wait for the thread of the machine."""
    end = time.monotonic() + 5.0
    while not condition():
        assert time.monotonic() < end, "took too long"
        threading.Event().wait(0.005)
