"""The simulated barcode scanner on a clock of its own, and once on a real pseudo-terminal."""

import hashlib
import io
import json
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import serial
from hypothesis import given, settings, strategies as st

from devices.scanner.simulator import Simulator
from devices.simulate import TruthLog, simulate

CODE = "https://queue.example/A012?名=张"


class Scanner:
    def __init__(self, *faults: str, ending: str = "cr") -> None:
        self.truth: list[Mapping[str, object]] = []
        self.machine = Simulator(self.truth.append, ending=ending)
        for name in faults:
            self.machine.fault(name, True, 0.0)

    def scan(self, value: str = CODE) -> list[tuple[float, bytes]]:
        """All that is sent, with the times."""
        sent = [(0.0, self.machine.present(value, 0.0))]
        while (at := self.machine.next_deadline()) is not None:
            sent.append((at, self.machine.pass_time(at)))
        return [(at, data) for at, data in sent if data]

    def bytes_of(self, value: str = CODE) -> bytes:
        return b"".join(data for _, data in self.scan(value))


@pytest.mark.parametrize(("ending", "end"), [("cr", b"\r"), ("crlf", b"\r\n"), ("none", b"")])
def test_a_code_is_one_line_of_utf8(ending: str, end: bytes) -> None:
    assert Scanner(ending=ending).scan() == [(0.0, CODE.encode() + end)]


def test_unknown_ending() -> None:
    with pytest.raises(ValueError, match="allowed: cr, crlf, none"):
        Scanner(ending="lf")


def test_a_code_from_a_file_without_the_line_end_of_the_editor(tmp_path: Path) -> None:
    file = tmp_path / "code.txt"
    file.write_bytes(" one\r\ntwo 张 \r\n".encode())
    assert Scanner().bytes_of(str(file)) == " one\r\ntwo 张 \r".encode()
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="not UTF-8"):
        Scanner().bytes_of(str(file))


@pytest.mark.parametrize("value", ["", "x" * 2954, "张" * 985, "\ud800"])
def test_codes_that_make_no_sense(value: str) -> None:
    with pytest.raises(ValueError, match=r"a code has|the code is not"):
        Scanner().machine.present(value, 0.0)


def test_the_largest_code() -> None:
    assert Scanner().bytes_of("x" * 2953) == b"x" * 2953 + b"\r"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("no_ending", b"A012"),
        ("bad_utf8", b"A0\xff12\r"),
        ("too_long", b"A012" * 500 + b"\r"),
        ("silent", b""),
    ],
)
def test_faults_that_change_the_bytes(fault: str, expected: bytes) -> None:
    scanner = Scanner(fault)
    assert scanner.bytes_of("A012") == expected
    scanner.machine.fault(fault, False, 0.0)
    assert scanner.bytes_of("A012") == b"A012\r"


def test_bad_utf8_is_bad() -> None:
    with pytest.raises(UnicodeDecodeError):
        Scanner("bad_utf8").bytes_of("张三").decode()


def test_too_long_counts_characters() -> None:
    assert len(Scanner("too_long").bytes_of("张三丰").decode()) == 2001


def test_split_and_byte_by_byte_and_double() -> None:
    assert Scanner("split").scan("A012") == [(0.0, b"A0"), (pytest.approx(0.030), b"12\r")]
    slow = Scanner("byte_by_byte").scan("A012")
    assert [data for _, data in slow] == [b"A", b"0", b"1", b"2", b"\r"]
    assert [at for at, _ in slow] == [pytest.approx(0.020 * place) for place in range(5)]
    twice = Scanner("double").scan("A012")
    assert twice == [(0.0, b"A012\r"), (pytest.approx(0.080), b"A012\r")]


def test_noise_is_around_the_code_and_the_same_each_time() -> None:
    sent = Scanner("noise").bytes_of("A012")
    assert sent[8:-8] == b"A012\r"
    assert len(sent) == 21
    assert sent == Scanner("noise").bytes_of("A012")


def test_a_code_presented_meanwhile_comes_after_the_first() -> None:
    scanner = Scanner("byte_by_byte")
    scanner.machine.present("one", 0.0)
    assert scanner.bytes_of("two") == b"ne\rtwo\r"


def test_truth_has_a_digest_and_no_text() -> None:
    scanner = Scanner("double")
    scanner.scan("13800138000")
    scanner.machine.fault("silent", True, 0.0)
    scanner.scan("13800138000")
    digest = hashlib.sha256(b"13800138000").hexdigest()[:8]
    seen = {"characters": 11, "sha256": digest}
    assert scanner.truth[1:3] == [{"event": "scanned", **seen}] * 2
    assert scanner.truth[4] == {"event": "not_scanned", **seen}
    assert "13800138000" not in json.dumps(scanner.truth)


def test_every_fault_has_an_explanation_and_others_are_refused() -> None:
    scanner = Scanner()
    for name, text in Simulator.FAULTS.items():
        assert len(text) > 10
        assert scanner.machine.fault(name, True, 0.0) == b""
        scanner.machine.fault(name, False, 0.0)
    with pytest.raises(ValueError, match="allowed: no_ending"):
        scanner.machine.fault("dust", True, 0.0)


def test_power_on_forgets_what_was_under_way() -> None:
    scanner = Scanner("split")
    scanner.machine.present("A012", 0.0)
    assert scanner.machine.power_on(0.01) == b""
    assert scanner.machine.next_deadline() is None


@settings(max_examples=50, deadline=None)
@given(st.binary(), st.text(min_size=1, max_size=50), st.sets(st.sampled_from([*Simulator.FAULTS])))
def test_nothing_on_the_wire_or_in_a_code_hangs_it(
    data: bytes, text: str, faults: set[str]
) -> None:
    scanner = Scanner(*faults)
    assert scanner.machine.receive(data, 0.0) == b""
    scanner.machine.present(text, 0.0)
    scanner.machine.pass_time(1e6)
    assert scanner.machine.next_deadline() is None


def test_a_code_through_the_cable(tmp_path: Path) -> None:
    link, log, out = tmp_path / "port", tmp_path / "truth.jsonl", io.StringIO()
    read_end, write_end = os.pipe()
    machine = Simulator(TruthLog(log), ending="crlf")
    with os.fdopen(read_end) as commands, os.fdopen(write_end, "w", buffering=1) as type_in:
        arguments = ("scanner", machine, link, log, [], commands, out, time.monotonic)
        thread = threading.Thread(target=simulate, args=arguments)
        thread.start()
        end = time.monotonic() + 5.0
        while "ready" not in out.getvalue():
            assert time.monotonic() < end, "took too long"
            threading.Event().wait(0.005)
        with serial.Serial(str(link), 9600, timeout=5.0) as port:
            type_in.write(f"present {CODE}\n")
            assert port.read_until(b"\r\n") == CODE.encode() + b"\r\n"
        type_in.write("quit\n")
        thread.join(5.0)
        assert not thread.is_alive()
    assert '"scanned"' in log.read_text()
    assert CODE not in log.read_text()
