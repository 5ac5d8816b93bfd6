"""The simulated identity card reader against the bytes of the manual, on a clock of its own."""

import io
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from functools import reduce
from operator import xor
from pathlib import Path

import pytest
import serial
from hypothesis import given, settings, strategies as st

from devices.id_card.simulated_id import check_digit
from devices.id_card.simulator import Simulator
from devices.simulate import TruthLog, simulate

PREAMBLE = bytes.fromhex("AA AA AA 96 69")
RESET = bytes.fromhex("AA AA AA 96 69 00 03 10 FF EC")
STATUS = bytes.fromhex("AA AA AA 96 69 00 03 11 FF ED")
MODULE_NUMBER = bytes.fromhex("AA AA AA 96 69 00 03 12 FF EE")
FIND = bytes.fromhex("AA AA AA 96 69 00 03 20 01 22")
SELECT = bytes.fromhex("AA AA AA 96 69 00 03 20 02 21")
READ = bytes.fromhex("AA AA AA 96 69 00 03 30 01 32")
READ_WITH_PRINT = bytes.fromhex("AA AA AA 96 69 00 03 30 10 23")
READ_ADDRESS = bytes.fromhex("AA AA AA 96 69 00 03 30 02 31")
READ_CARD_NUMBER = bytes.fromhex("AA AA AA 96 69 00 03 30 05 36")
RADIO_FRAME = bytes.fromhex("AA AA AA 96 69 00 04 61 FF 50 CA")

GOOD = PREAMBLE + bytes.fromhex("00 04 00 00 90 94")
FOUND = PREAMBLE + bytes.fromhex("00 08 00 00 9F 00 00 00 00 97")
NONE = PREAMBLE + bytes.fromhex("00 04 00 00 80 84")
SELECTED = PREAMBLE + bytes.fromhex("00 0C 00 00 90 00 00 00 00 00 00 00 00 9C")
SELECT_FAILED = PREAMBLE + bytes.fromhex("00 04 00 00 81 85")
READ_FAILED = PREAMBLE + bytes.fromhex("00 04 00 00 41 45")
READ_HEAD = PREAMBLE + bytes.fromhex("05 08 00 00 90 01 00 04 00")


class Bench:
    """A reader with its truth and its clock."""

    def __init__(self, **options: object) -> None:
        self.truth: list[Mapping[str, object]] = []
        self.machine = Simulator(self.truth.append, **options)  # type: ignore[arg-type]
        self.now = 50.0
        assert self.machine.power_on(self.now) == b""

    def wait(self, seconds: float) -> bytes:
        end, out = self.now + seconds, b""
        while (at := self.machine.next_deadline()) is not None and at <= end:
            self.now = max(self.now, at)
            out += self.machine.pass_time(self.now)
        self.now = end
        return out

    def ask(self, data: bytes, seconds: float = 1.0) -> bytes:
        return self.machine.receive(data, self.now) + self.wait(seconds)

    def put(self, value: str = "resident") -> None:
        assert self.machine.present(value, self.now) == b""

    def take(self) -> None:
        self.machine.remove(self.now)

    def fault(self, name: str, on: bool = True) -> bytes:
        return self.machine.fault(name, on, self.now)

    def read(self, command: bytes = READ) -> bytes:
        assert self.ask(FIND) == FOUND
        assert self.ask(SELECT) == SELECTED
        return self.ask(command)

    def text(self, value: str) -> str:
        """The text block of that card, by UTF-16 units."""
        self.put(value)
        said = self.read()
        self.take()
        return said[14 : 14 + 256].decode("utf-16-le")


@pytest.fixture
def bench() -> Bench:
    return Bench()


def status(said: bytes) -> int:
    assert said[:9] == PREAMBLE + b"\x00\x04\x00\x00"
    return said[9]


# --- bytes of the manual


def test_the_whole_dialogue(bench: Bench) -> None:
    assert bench.ask(STATUS) == GOOD
    assert bench.ask(FIND) == NONE
    bench.put()
    said = bench.read()
    assert said[:14] == READ_HEAD
    assert len(said) == 1295
    assert reduce(xor, said[5:]) == 0
    assert [event["event"] for event in bench.truth] == ["card", "found", "selected", "read"]
    assert bench.truth[-1] == {"event": "read", "ok": True, "status": "90"}


def test_module_number_reset_and_other_settings(bench: Bench) -> None:
    said = bench.ask(MODULE_NUMBER)
    assert said[:10] == PREAMBLE + bytes.fromhex("00 14 00 00 90")
    assert len(said) == 5 + 2 + 0x14
    assert Bench(module_number=b"0123456789ABCDEF").ask(MODULE_NUMBER)[10:26] == b"0123456789ABCDEF"
    assert bench.ask(RESET) == GOOD
    assert bench.ask(RADIO_FRAME) == GOOD
    assert bench.truth[-1] == {"event": "radio_frame", "bytes": 0x50}
    assert bench.ask(PREAMBLE + bytes.fromhex("00 03 60 04 67")) == GOOD
    assert bench.truth[-1] == {"event": "line_speed", "bits_per_second": 9600}


@pytest.mark.parametrize(
    ("value", "head", "length"),
    [
        ('{"fingerprint": true}', "09 0A 00 00 90 01 00 04 00 04 00", 2321),
        ("{}", "05 0A 00 00 90 01 00 04 00 00 00", 1297),
    ],
)
def test_read_with_finger_prints(bench: Bench, value: str, head: str, length: int) -> None:
    bench.put(value)
    said = bench.read(READ_WITH_PRINT)
    assert said[:16] == PREAMBLE + bytes.fromhex(head)
    assert len(said) == length
    assert reduce(xor, said[5:]) == 0


def test_what_is_read_after_the_card(bench: Bench) -> None:
    bench.put('{"extra_address": "上海市样本路"}')
    assert status(bench.ask(READ_ADDRESS)) == 0x34
    bench.read()
    said = bench.ask(READ_ADDRESS)
    assert said[10:-1].decode("utf-16-le").rstrip() == "上海市样本路"
    assert len(bench.ask(READ_CARD_NUMBER)) == 39
    bench.take()
    bench.put()
    bench.read()
    assert status(bench.ask(READ_ADDRESS)) == 0x91


# --- what is not as it should be


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        ("00 03 20 01 23", 0x10),
        ("00 02 20 22", 0x11),
        ("FF FF", 0x11),
        ("00 04 20 01 00 25", 0x11),
        ("00 03 77 01 75", 0x21),
        ("00 03 60 05 66", 0x21),
        ("00 03 20 03 20", 0x21),
        ("00 03 61 FF 9D", 0x11),
    ],
)
def test_wrong_commands(bench: Bench, sent: str, answer: int) -> None:
    assert status(bench.ask(PREAMBLE + bytes.fromhex(sent))) == answer
    assert bench.ask(STATUS) == GOOD


def test_half_a_command_is_refused_when_nothing_comes(bench: Bench) -> None:
    assert bench.ask(STATUS[:8], 0.4) == b""
    assert status(bench.wait(0.2)) == 0x11
    assert bench.ask(b"\xaa\xaa", 5.0) == b""
    for before in ("AA 00 AA AA AA", "AA AA AA 96", "AA AA AA 96 AA", "69 96"):
        assert bench.ask(bytes.fromhex(before) + STATUS) == GOOD


def test_the_order_of_find_select_read(bench: Bench) -> None:
    assert bench.ask(SELECT) == SELECT_FAILED
    bench.put()
    assert status(bench.ask(SELECT)) == 0x34
    assert status(bench.ask(READ)) == 0x34
    assert bench.ask(FIND) == FOUND
    assert bench.ask(READ) == READ_FAILED
    bench.take()
    bench.put()
    bench.ask(FIND)
    bench.take()
    assert bench.ask(SELECT) == SELECT_FAILED


def test_a_card_that_was_read_is_found_again_only_after_removal(bench: Bench) -> None:
    bench.put()
    assert bench.ask(FIND) == FOUND
    bench.read()
    assert bench.ask(FIND) == NONE
    assert bench.ask(RESET) == GOOD
    assert bench.ask(FIND) == NONE
    bench.take()
    assert bench.ask(FIND) == NONE
    bench.put()
    assert bench.read()[:14] == READ_HEAD


def test_a_failed_read_counts_too_and_other_modules_find_again(bench: Bench) -> None:
    bench.fault("moved_in_read")
    bench.put()
    assert bench.read() == READ_FAILED
    bench.fault("moved_in_read", on=False)
    assert bench.ask(FIND) == NONE
    other = Bench(found_again=True)
    other.put()
    assert other.read() == other.read()


def test_removal_during_the_read(bench: Bench) -> None:
    bench.put()
    bench.ask(FIND)
    bench.ask(SELECT)
    assert bench.ask(READ, 0.4) == b""
    bench.take()
    bench.put()
    assert bench.wait(0.5) == READ_FAILED
    assert [event["where"] for event in bench.truth if event["event"] == "card"] == [
        *("on_reader", "gone", "on_reader"),
    ]


def test_a_read_takes_its_time_and_the_last_command_waits(bench: Bench) -> None:
    bench.put()
    bench.ask(FIND)
    bench.ask(SELECT)
    assert bench.ask(READ, 0.79) == b""
    assert bench.ask(FIND + STATUS, 0.02)[:14] == READ_HEAD
    assert bench.wait(1.0) == GOOD


# --- cards


def test_resident_layout(bench: Bench) -> None:
    text = bench.text("{}")
    assert text[15:16] == "2"
    assert text[16:18] == "01"
    assert text[18:26] == "19491231"
    assert text[26:61].startswith("北京市")
    assert text[61:79] == "11010519491231002X"
    assert text[94:102] == "20200101"
    assert text[102:110] == "长期      "
    assert text[110:128] == " " * 18


def test_j_layout(bench: Bench) -> None:
    text = bench.text("J")
    assert text[16:18] == "  "
    assert text[110:119] == "H01234567"
    assert text[119:121] == "01"
    assert text[124] == "J"


def test_i_layout(bench: Bench) -> None:
    text = bench.text("I")
    assert text[:60].rstrip() == "SAMPLE, ANNA MARIA"
    assert text[60] == "2"
    assert text[61:76] == "CAN110085031001"
    assert text[76:79] == "CAN"
    assert text[79:94].rstrip() == "安样本"
    assert text[94:118] == "201905202029051919850310"
    assert text[118:124] == "011100"
    assert text[124:] == "I   "


def test_y_layout(bench: Bench) -> None:
    text = bench.text('{"type": "Y", "old_permit": "DEU"}')
    assert text[15:18] == "100"
    assert text[26:61] + text[110:121].rstrip() == "SAMPLE, MAXIMILIAN ALEXANDER CHRISTOPHER"
    assert text[61] == "9"
    assert text[79:94] == " " * 15
    assert text[121:125] == "DEUY"
    assert text[125:] == "DEU"


def test_made_up_numbers_have_right_check_digits(bench: Bench) -> None:
    assert check_digit("11010519491231002") == "X"
    for kind in ("resident", "J", "Y"):
        number = bench.text(kind)[61:79]
        assert check_digit(number[:17]) == number[17]


def test_fields_files_and_rare_characters(bench: Bench, tmp_path: Path) -> None:
    card = tmp_path / "card.json"
    card.write_text('{"name": "𠮷·样本", "sex": 9, "valid_to": "20400101"}', encoding="utf-8")
    bench.put(str(card))
    assert bench.read()[14:44].decode("utf-16-le").rstrip() == "𠮷·样本"
    assert bench.truth[0] == {
        **{"event": "card", "where": "on_reader", "type": "resident"},
        **{"number": "002X", "name_length": 4},
    }
    said = json.dumps(bench.truth, ensure_ascii=False)
    assert "样本" not in said
    assert "1101051949" not in said


def test_a_card_that_is_none_is_not_found(bench: Bench) -> None:
    bench.put("foreign")
    assert bench.ask(FIND) == NONE
    assert bench.ask(SELECT) != SELECTED


@pytest.mark.parametrize(
    "value",
    [
        *("", "passport", "[]", "{", "[" * 100000, '{"type": "Z"}', '{"type": ["J"]}'),
        *('{"nation": ["01"]}', '{"type": "J", "nation": "01"}', '{"sex": true}'),
        *('{"fingerprint": "yes"}', json.dumps({"name": "长" * 16}), '{"name": "\\ud800"}'),
        '{"type": "foreign", "name": "A"}',
    ],
)
def test_cards_that_make_no_sense(bench: Bench, value: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        bench.put(value)


def test_there_is_room_for_one_card(bench: Bench) -> None:
    bench.put()
    with pytest.raises(ValueError, match="allowed: remove"):
        bench.put()
    bench.take()
    bench.take()
    bench.put()


# --- faults


def test_silent(bench: Bench) -> None:
    bench.machine.receive(STATUS, bench.now)
    bench.fault("silent")
    assert bench.ask(STATUS, 5.0) == b""
    bench.fault("silent", on=False)
    assert bench.ask(STATUS) == GOOD


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("bad_checksum", GOOD[:-1] + b"\x95"),
        ("huge_length", PREAMBLE + b"\xff\xff" + GOOD[7:]),
        ("leading_aa", b"\xaa" + GOOD),
        ("stray", bytes.fromhex("AA 00 AA AA 96 69") + GOOD),
        ("sam_error", PREAMBLE + bytes.fromhex("00 04 00 00 60 64")),
        ("vendor_timeout", GOOD),
    ],
)
def test_answers_that_faults_change(bench: Bench, name: str, answer: bytes) -> None:
    bench.fault(name)
    assert bench.ask(STATUS) == answer
    assert bench.ask(STATUS) == answer
    bench.fault(name, on=False)
    assert bench.ask(STATUS) == GOOD


def test_vendor_timeout_in_card_commands(bench: Bench) -> None:
    bench.put()
    bench.fault("vendor_timeout")
    assert bench.ask(FIND) == PREAMBLE + bytes.fromhex("00 05 05 05 05 05 05")


@pytest.mark.parametrize(("name", "answer"), [("moved_in_read", 0x41), ("not_authentic", 0x32)])
def test_reads_that_fail(bench: Bench, name: str, answer: int) -> None:
    bench.put()
    bench.fault(name)
    assert status(bench.read()) == answer
    assert bench.truth[-1] == {"event": "read", "ok": False, "status": f"{answer:02X}"}


def test_unknown_type_and_truncated(bench: Bench) -> None:
    bench.fault("unknown_type")
    assert bench.text("J")[124] == "Q"
    bench.fault("unknown_type", on=False)
    bench.fault("read_truncated")
    bench.put()
    said = bench.read()
    assert said[:14] == READ_HEAD
    assert len(said) == 1295 // 2
    assert bench.wait(30.0) == b""


def test_slow_and_slow_read(bench: Bench) -> None:
    bench.put()
    bench.ask(FIND)
    bench.ask(SELECT)
    bench.fault("slow_read")
    assert bench.ask(READ, 1.79) == b""
    assert len(bench.wait(0.02)) == 1295
    bench.fault("slow")
    assert bench.ask(STATUS, 1.0) == b""
    assert bench.wait(0.1) == GOOD


def test_noise_is_around_and_the_same_each_time() -> None:
    def noisy() -> bytes:
        bench = Bench()
        bench.fault("noise")
        return bench.ask(STATUS)

    assert noisy()[8:-8] == GOOD
    assert noisy() == noisy()


def test_power_on_noise(bench: Bench) -> None:
    bench.fault("stray")
    assert bench.machine.power_on(bench.now) == b"\xaa\x00"
    bench.fault("noise")
    assert len(bench.machine.power_on(bench.now)) == 8


def test_stale(bench: Bench) -> None:
    bench.fault("stale")
    assert bench.ask(STATUS) == GOOD
    assert bench.ask(FIND) == GOOD + NONE
    assert bench.ask(STATUS) == NONE + GOOD


def test_byte_by_byte_and_two_parts(bench: Bench) -> None:
    bench.fault("byte_by_byte")
    assert bench.ask(STATUS, 0.07) == GOOD[:3]
    assert bench.wait(0.2) == GOOD[3:]
    bench.fault("byte_by_byte", on=False)
    bench.fault("two_parts")
    assert bench.ask(STATUS, 0.1) == GOOD[:5]
    assert bench.wait(0.15) == GOOD[5:]


def test_wrong_speed(bench: Bench) -> None:
    bench.fault("wrong_speed")
    said = bench.ask(RESET)
    assert said
    assert min(said) >= 0x80
    assert "reset" not in [event["event"] for event in bench.truth]


def test_unknown_fault_and_option(bench: Bench) -> None:
    with pytest.raises(ValueError, match="unknown fault 'dust'; allowed: silent"):
        bench.fault("dust")
    with pytest.raises(ValueError, match="16 bytes"):
        Simulator(lambda event: None, module_number=b"1")


# --- anything

COMMANDS = [RESET, STATUS, MODULE_NUMBER, FIND, SELECT, READ, READ_WITH_PRINT, READ_ADDRESS]
PIECES = st.one_of(
    st.binary(max_size=16),
    st.binary(max_size=12).map(lambda data: PREAMBLE + data),
    st.sampled_from(COMMANDS),
    st.sampled_from(["card", "take", *Simulator.FAULTS]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(PIECES, st.floats(0.0, 2.0)), max_size=20))
def test_anything_never_raises_and_comes_to_rest(steps: list[tuple[bytes | str, float]]) -> None:
    bench, faults = Bench(found_again=True, byte_seconds=0.001), set[str]()
    for step, pause in steps:
        if isinstance(step, bytes):
            bench.machine.receive(step, bench.now)
        elif step in ("card", "take"):
            bench.take()
            if step == "card":
                bench.put('{"type": "J", "fingerprint": true}')
        else:
            faults ^= {step}
            bench.fault(step, on=step in faults)
        bench.wait(pause)
    bench.wait(300.0)
    assert bench.machine.next_deadline() is None
    assert "81000019900307" not in json.dumps(bench.truth)


# --- through the cable


def test_a_card_through_the_cable(tmp_path: Path) -> None:
    link, log = tmp_path / "port", tmp_path / "truth.jsonl"
    read_end, write_end = os.pipe()
    out = io.StringIO()
    with os.fdopen(read_end) as stdin, os.fdopen(write_end, "w", buffering=1) as keys:
        machine = Simulator(TruthLog(log), read_seconds=0.05)
        arguments = ("id_card", machine, link, log, [], stdin, out, time.monotonic)
        thread = threading.Thread(target=simulate, args=arguments)
        thread.start()
        _await(lambda: "ready" in out.getvalue())
        with serial.Serial(str(link), 115200, timeout=5.0) as port:
            keys.write("present Y\n")
            _await(lambda: "ok present" in out.getvalue())
            for command, length in ((FIND, 15), (SELECT, 19), (READ, 1295)):
                port.write(command)
                said = port.read(length)
            assert said[:14] == READ_HEAD
            assert said[14 + 248 : 14 + 250] == b"Y\x00"
            keys.write("quit\n")
        thread.join(5.0)
    assert not thread.is_alive()
    assert "911276198807" not in log.read_text()


def _await(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5.0
    while not condition():
        assert time.monotonic() < end, "took too long"
        threading.Event().wait(0.005)
