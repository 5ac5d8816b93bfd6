"""The simulated LED signs against the bytes of the field code."""

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

from devices.counter_sign.simulator import Simulator
from devices.simulate import TruthLog, simulate

EMPTY_CAR = bytes.fromhex("AA 01 BB 51 54 D5 0B 07 63 01 63 BF D5 B3 B5 FF")
WELCOME = bytes.fromhex("AA 01 BB 51 54 72 01 00 00 02 63 41 42 BB B6 D3 AD B9 E2 C1 D9 31 32 FF")


class Bench:
    def __init__(self, *faults: str, **options: object) -> None:
        self.truth: list[Mapping[str, object]] = []
        one_sign = {"addresses": (1,), **options}
        self.machine = Simulator(self.truth.append, **one_sign)  # type: ignore[arg-type]
        assert self.machine.power_on(0.0) == b""
        for name in faults:
            self.machine.fault(name, True, 0.0)

    def send(self, data: bytes, at: float) -> None:
        assert self.machine.receive(data, at) == b""

    def shown(self) -> list[tuple[object, object]]:
        return [(e["address"], e["text"]) for e in self.truth if e["event"] == "shown"]

    def dropped(self) -> list[object]:
        return [e["reason"] for e in self.truth if e["event"] == "dropped"]


def framed(
    text: bytes, address: int = 1, kind: int = 0x54, properties: bytes = b"\1\2\3\1\5"
) -> bytes:
    body = properties + text
    return bytes((0xAA, address, 0xBB, 0x51, kind, sum(body) % 256)) + body + b"\xff"


SAVED = framed("窗口三".encode("gbk"), kind=0x44, properties=b"\1\2\3\1")


def test_samples_with_all_they_say() -> None:
    bench = Bench()
    bench.send(EMPTY_CAR, 0.0)
    bench.send(WELCOME, 0.2)
    first, second = bench.truth
    assert first == {
        "event": "shown",
        "address": 1,
        "text": "空车",
        "mode": 0x0B,
        "speed": 7,
        "stay": 0x63,
        "colour": 1,
        "valid": 0x63,
        "saved": False,
    }
    assert (second["text"], second["colour"], second["valid"]) == ("AB欢迎光临12", 2, 0x63)


def test_byte_by_byte_with_noise_before_it() -> None:
    bench = Bench()
    for place, byte in enumerate(b"\x00\xaa\xaa\xaa\x01\xbb\x00" + EMPTY_CAR):
        bench.send(bytes((byte,)), place * 0.001)
    assert bench.shown() == [(1, "空车")]


def test_check_byte_and_properties_may_be_ff() -> None:
    bench = Bench()
    text = b"A"
    properties = b"\xff\x00\xff\x00" + bytes(((0xFF - 0xFE - text[0]) % 256,))
    frame = framed(text, properties=properties)
    assert frame[5] == 0xFF
    bench.send(frame, 0.0)
    assert bench.shown() == [(1, "A")]
    assert bench.truth[0]["stay"] == 0xFF


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (EMPTY_CAR.replace(b"\xd5\x0b", b"\xd6\x0b"), "check"),
        (EMPTY_CAR.replace(b"\xb5\xff", b"\xff"), "check"),
        (framed(b"A", address=2), "address"),
        (framed(b"\xbf"), "text"),
        (framed(b"\xb5\x20A"), "text"),
        (framed(b"A\rB"), "text"),
        (framed(b"x" * 300), "too_long"),
    ],
)
def test_frames_it_does_not_show(frame: bytes, reason: str) -> None:
    bench = Bench()
    bench.send(frame, 0.0)
    assert bench.dropped() == [reason]
    bench.send(EMPTY_CAR, 0.2)
    assert bench.shown() == [(1, "空车")]


def test_empty_text_is_a_text() -> None:
    bench = Bench()
    bench.send(framed(b""), 0.0)
    assert bench.shown() == [(1, "")]


def test_a_frame_sooner_than_100_ms_is_dropped_and_does_not_delay_the_next() -> None:
    bench = Bench()
    bench.send(framed(b"1") + framed(b"2"), 0.0)
    bench.send(framed(b"3"), 0.07)
    bench.send(framed(b"4"), 0.1)
    bench.send(framed(b"5"), 0.2)
    assert [text for _, text in bench.shown()] == ["1", "4", "5"]
    assert bench.dropped() == ["too_soon", "too_soon"]


def test_the_pause_runs_to_the_first_byte_of_the_next_frame() -> None:
    bench = Bench()
    bench.send(framed(b"1") + framed(b"2")[:4], 0.0)
    bench.send(framed(b"2")[4:], 0.3)
    assert bench.dropped() == ["too_soon"]


def test_half_a_frame_is_forgotten_after_a_pause() -> None:
    bench = Bench()
    bench.send(EMPTY_CAR[:-1], 0.0)
    bench.send(WELCOME, 1.0)
    assert bench.dropped() == ["cut_off"]
    assert len(bench.shown()) == 1
    bench.send(EMPTY_CAR[:8], 2.0)
    bench.send(EMPTY_CAR[8:], 2.2)
    assert len(bench.shown()) == 2


def test_several_addresses_and_broadcast() -> None:
    bench = Bench(addresses=(1, 4))
    bench.send(framed(b"all", address=0xFF), 0.0)
    bench.send(framed(b"four", address=4), 0.2)
    assert bench.shown() == [(1, "all"), (4, "all"), (4, "four")]


@pytest.mark.parametrize("addresses", [(), (255,), (-1,), (2, 2)])
def test_addresses_that_are_none(addresses: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="0 to 254"):
        Bench(addresses=addresses)


def test_only_saved_text_comes_back_after_power_loss() -> None:
    bench = Bench(addresses=(1, 2))
    bench.send(SAVED, 0.0)
    assert (bench.truth[-1]["saved"], bench.truth[-1]["valid"]) == (True, None)
    bench.send(framed(b"17", address=0xFF), 0.2)
    bench.truth.clear()
    bench.machine.fault("power_loss", True, 1.0)
    bench.send(EMPTY_CAR, 1.1)
    assert [e.get("address") for e in bench.truth if e["event"] == "dark"] == [1, 2]
    assert bench.shown() == []
    bench.machine.fault("power_loss", False, 2.0)
    assert bench.shown() == [(1, "窗口三")]


def test_worn_flash_keeps_nothing() -> None:
    bench = Bench("worn_flash")
    bench.send(SAVED, 0.0)
    bench.machine.fault("power_loss", True, 1.0)
    bench.machine.fault("power_loss", False, 2.0)
    assert bench.shown() == [(1, "窗口三")]


def test_silent_is_dark_and_deaf_and_then_shows_the_old_text() -> None:
    bench = Bench()
    bench.send(EMPTY_CAR, 0.0)
    bench.machine.fault("silent", True, 1.0)
    bench.send(WELCOME, 1.1)
    bench.machine.fault("silent", False, 2.0)
    assert [e["event"] for e in bench.truth] == ["shown", "fault", "dark", "fault", "shown"]
    assert bench.shown()[-1] == (1, "空车")


def test_power_lost_while_silent_leaves_it_dark_until_both_are_over() -> None:
    bench = Bench()
    bench.send(EMPTY_CAR, 0.0)
    for name, on in [("silent", True), ("power_loss", True), ("silent", False)]:
        bench.machine.fault(name, on, 1.0)
    assert len(bench.shown()) == 1
    bench.machine.fault("power_loss", False, 2.0)
    bench.send(WELCOME, 2.1)
    assert bench.shown()[1:] == [(1, "AB欢迎光临12")]


def test_deaf_stays_lit() -> None:
    bench = Bench("deaf")
    bench.send(EMPTY_CAR, 0.0)
    bench.machine.fault("deaf", False, 1.0)
    assert [e["event"] for e in bench.truth] == ["fault", "fault"]
    bench.send(EMPTY_CAR, 1.0)
    assert bench.shown() == [(1, "空车")]


@pytest.mark.parametrize("fault", ["bit_flip", "missing_byte"])
def test_a_bad_line_spoils_each_frame_until_it_is_mended(fault: str) -> None:
    bench = Bench(fault)
    for turn in range(20):
        bench.send(EMPTY_CAR, turn * 1.0)
    assert (1, "空车") not in bench.shown()
    assert bench.dropped()
    bench.machine.fault(fault, False, 30.0)
    bench.send(EMPTY_CAR, 30.0)
    assert bench.shown()[-1] == (1, "空车")


def test_faults_are_explained_and_others_refused() -> None:
    assert all(len(about) > 10 for about in Simulator.FAULTS.values())
    with pytest.raises(ValueError, match="allowed: silent"):
        Bench("dust")


def test_nothing_can_be_presented() -> None:
    with pytest.raises(ValueError, match="not presented"):
        Bench().machine.present("A012", 0.0)
    assert Bench().machine.remove(0.0) == b""


PIECES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([EMPTY_CAR, SAVED, EMPTY_CAR[:9], b"\xaa\x01\xbb\x51\x54", b"\xff"]),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(PIECES, st.floats(0, 2)), max_size=12),
    st.sets(st.sampled_from(sorted(Simulator.FAULTS))),
)
def test_any_bytes_never_raise_and_the_next_good_frame_is_shown(
    steps: list[tuple[bytes, float]], faults: set[str]
) -> None:
    bench, now = Bench(*sorted(faults)), 0.0
    for data, pause in steps:
        now += pause
        bench.send(data, now)
    for name in faults:
        bench.machine.fault(name, False, now)
    bench.send(WELCOME, now + 1.0)
    assert bench.shown()[-1] == (1, "AB欢迎光临12")
    json.dumps(bench.truth)


def test_through_the_cable(tmp_path: Path) -> None:
    link, log, stdout = tmp_path / "port", tmp_path / "truth.jsonl", io.StringIO()
    read_end, write_end = os.pipe()
    commands = os.fdopen(read_end)
    machine = Simulator(TruthLog(log))
    arguments = ("counter_sign", machine, link, log, [], commands, stdout, time.monotonic)
    thread = threading.Thread(target=simulate, args=arguments)
    thread.start()
    with os.fdopen(write_end, "w", buffering=1) as typing:
        await_true(lambda: "ready" in stdout.getvalue())
        with serial.Serial(str(link), 9600, timeout=0.0) as port:
            port.write(EMPTY_CAR)
            await_true(lambda: "空车" in log.read_text("utf-8"))
            assert port.read(1) == b""
        typing.write("present A012\nquit\n")
        thread.join(5.0)
    commands.close()
    assert not thread.is_alive()
    assert "error: a sign is not presented" in stdout.getvalue()


def await_true(condition: Callable[[], bool]) -> None:
    """Bounded wait for the thread of the machine."""
    end = time.monotonic() + 5.0
    while not condition():
        assert time.monotonic() < end, "took too long"
        threading.Event().wait(0.005)
