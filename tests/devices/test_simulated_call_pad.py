"""The simulated call pads and evaluators against the bytes of the field code."""

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

from devices.call_pad.simulator import Simulator
from devices.simulate import Machine, TruthLog, simulate

NEXT_5 = bytes.fromhex("FF 68 03 03 68 05 01 0C 12 16")
DIGITS_5 = bytes.fromhex("FF 68 08 08 68 05 02 00 01 02 00 04 05 13 16")
SCORE_5 = bytes.fromhex("FF 68 03 03 68 05 11 02 18 16")
SCORE_5_ANSWER = bytes.fromhex("FF 68 03 03 68 05 01 02 08 16")
START_5 = bytes.fromhex("FF 68 03 03 68 05 01 0B 11 16")
STARS_5 = bytes.fromhex("FF 68 03 03 68 05 02 05 0C 16")
BEEP_5 = bytes.fromhex("FF 68 02 02 68 05 03 08 16")
NEXT_6 = bytes.fromhex("FF 68 03 03 68 06 01 0C 13 16")


class Bus:
    """The machine with its truth and a clock of its own."""

    def __init__(self, *faults: str, **options: object) -> None:
        self.truth: list[Mapping[str, object]] = []
        options.setdefault("addresses", (5, 6, 7))
        self.machine = Simulator(self.truth.append, **options)  # type: ignore[arg-type]
        self.now = 0.0
        self.machine.power_on(0.0)
        for name in faults:
            self.machine.fault(name, True, 0.0)

    def press(self, value: str) -> bytes:
        return self.machine.present(value, self.now)

    def send(self, data: bytes) -> bytes:
        return self.machine.receive(data, self.now)

    def wait(self, seconds: float) -> bytes:
        self.now += seconds
        return self.machine.pass_time(self.now)

    def sent(self, until: float = 60.0) -> list[tuple[float, bytes]]:
        """All that comes by itself, with its times."""
        out = []
        while (at := self.machine.next_deadline()) is not None and at <= until:
            self.now = at
            if data := self.machine.pass_time(at):
                out.append((round(at, 3), data))
        return out

    def events(self, name: str) -> list[Mapping[str, object]]:
        return [event for event in self.truth if event["event"] == name]


# --- keys


@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("next", "03 03 68 05 01 0C 12"),
        ("recall", "03 03 68 05 01 0D 13"),
        ("evaluate", "03 03 68 05 01 0B 11"),
        ("cancel", "03 03 68 05 01 0E 14"),
        ("line", "03 03 68 05 01 11 17"),
        ("pause", "03 03 68 05 01 12 18"),
        ("transfer", "03 03 68 05 01 13 19"),
        ("missed", "04 04 68 05 01 06 0F 1B"),
        ("hold", "04 04 68 05 01 00 0F 15"),
        ("recall_held", "04 04 68 05 01 03 0F 18"),
        ("transfer 7", "04 04 68 05 01 07 13 20"),
    ],
)
def test_key_frames(key: str, body: str) -> None:
    assert Bus().press(f"5 {key}") == bytes.fromhex(f"FF 68 {body} 16")


def test_an_exact_echo_acknowledges() -> None:
    bus = Bus()
    assert bus.press("5 next") == NEXT_5
    bus.now = 0.05
    assert bus.send(NEXT_5) == b""
    [event] = bus.events("acknowledged")
    assert event | {"press": 1, "address": 5, "key": "next", "sent": 1, "after_ms": 50} == event
    assert bus.machine.next_deadline() is None


def test_without_echo_three_more_after_200_ms_each_and_then_given_up() -> None:
    bus = Bus()
    assert bus.press("5 next") == NEXT_5
    assert bus.sent() == [(0.2, NEXT_5), (0.4, NEXT_5), (0.6, NEXT_5)]
    assert bus.now == pytest.approx(0.8)
    [event] = bus.events("not_acknowledged")
    assert event["sent"] == 4
    bus.send(NEXT_5)
    assert bus.events("acknowledged") == []
    assert bus.events("rejected")[0]["reason"] == "not_awaited"


def test_a_long_sleep_sends_no_more_than_many_short_ones() -> None:
    bus = Bus()
    bus.press("5 next")
    assert bus.wait(60.0) == NEXT_5 * 3
    assert len(bus.events("not_acknowledged")) == 1


@pytest.mark.parametrize(
    "echo",
    [
        NEXT_6,
        NEXT_5[:-2] + b"\x13\x16",
        NEXT_5[:-1],
        NEXT_5.replace(b"\x01\x0c\x12", b"\x02\x0c\x13"),
    ],
)
def test_no_other_bytes_acknowledge(echo: bytes) -> None:
    bus = Bus()
    bus.press("5 next")
    bus.send(echo)
    assert bus.wait(0.2) == NEXT_5


def test_an_echo_with_noise_before_it_and_byte_by_byte_acknowledges() -> None:
    bus = Bus()
    bus.press("5 next")
    for byte in b"\x00\xff\xffh\xff" + NEXT_5:
        bus.now += 0.01
        bus.send(bytes((byte,)))
    assert bus.events("acknowledged")[0]["after_ms"] == 150


def test_a_pause_inside_a_frame_of_the_host_breaks_it() -> None:
    bus = Bus()
    bus.send(DIGITS_5[:6])
    bus.now = 0.2
    bus.send(DIGITS_5[6:] + DIGITS_5)
    assert [event["reason"] for event in bus.events("rejected")] == ["cut_off"]
    assert len(bus.events("shown")) == 1


def test_a_second_press_waits_for_the_first() -> None:
    bus = Bus()
    assert bus.press("5 next") == NEXT_5
    assert bus.press("5 pause") == b""
    bus.now = 0.05
    bus.send(NEXT_5)
    [(at, data), *_] = bus.sent()
    assert (0.05 < at < 0.08, data[7]) == (True, 0x12)


def test_a_pad_waits_until_the_line_is_free() -> None:
    bus = Bus()
    assert bus.press("5 next") == NEXT_5
    assert bus.press("6 next") == b""
    [(at, data), *_] = bus.sent()
    assert (0.01 < at < 0.02, data) == (True, NEXT_6)
    assert bus.events("sent")[1]["collided"] is False


# --- displays and evaluators


def test_digits_beep_and_blank() -> None:
    bus = Bus()
    blanks = bytes.fromhex("FF 68 08 08 68 05 02 0A 01 02 0A 0A 05 2D 16")
    assert bus.send(DIGITS_5 + BEEP_5 + blanks) == b""
    shown = [{k: v for k, v in event.items() if k != "event"} for event in bus.events("shown")]
    pad = {"address": 5, "machine": "pad"}
    assert shown == [
        pad | {"what": "digits", "waiting": "012", "ticket": "045"},
        pad | {"what": "beep"},
        pad | {"what": "digits", "waiting": " 12", "ticket": "  5"},
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("FF 68 08 08 68 05 02 00 01 02 00 04 05 14 16", "check"),
        ("FF 68 08 08 68 05 02 00 01 02 00 04 05 13 17", "end"),
        ("FF 68 08 07 68 05 02 00 01 02 00 04 05 13 16", "length"),
        ("FF 68 09 09 68 05 02 00 01 02 00 04 05 06 19 16", "length"),
        ("FF 68 08 08 68 05 02 00 01 02 00 04 0B 19 16", "not_understood"),
        ("FF 68 08 08 68 09 02 00 01 02 00 04 05 17 16", "nobody_there"),
    ],
)
def test_frames_that_nobody_takes(data: str, reason: str) -> None:
    bus = Bus()
    assert bus.send(bytes.fromhex(data) + BEEP_5) == b""
    assert reason in [event["reason"] for event in bus.events("rejected")]
    assert [event["what"] for event in bus.events("shown")] == ["beep"]


def test_a_score_counts_only_after_a_start_and_only_once() -> None:
    bus = Bus()
    assert bus.press("5 rate 2") == b""
    bus.send(STARS_5)
    assert bus.press("5 rate 2") == b""
    bus.send(START_5)
    bus.now = 1.0
    assert bus.press("5 rate 2") == SCORE_5
    bus.send(SCORE_5_ANSWER)
    assert bus.press("5 rate 1") == b""
    assert [event["what"] for event in bus.events("shown")] == ["stars", "evaluation"]
    assert [event["number"] for event in bus.events("ignored")] == [2, 2, 1]
    assert bus.events("acknowledged")[0]["machine"] == "evaluator"


def test_the_same_bytes_do_not_acknowledge_a_score() -> None:
    bus = Bus()
    bus.send(START_5)
    bus.now = 1.0
    bus.press("5 rate 2")
    bus.send(SCORE_5)
    assert bus.wait(0.2) == SCORE_5


def test_the_echo_of_the_key_evaluate_starts_the_evaluator() -> None:
    bus = Bus()
    assert bus.press("5 evaluate") == START_5
    bus.send(START_5)
    bus.now = 1.0
    assert len(bus.events("acknowledged")) == 1
    assert bus.press("5 rate 2") == SCORE_5


# --- two at once


def test_two_pads_at_once_collide_and_repeat_at_different_times() -> None:
    bus = Bus()
    mixed = bytes(byte for pair in zip(NEXT_5, NEXT_6, strict=True) for byte in pair)
    assert bus.press("both 5 next 6 next") == mixed
    [(first, one), (second, two), *_] = bus.sent()
    assert (first, one, two) == (0.2, NEXT_5, NEXT_6)
    assert second - first >= 0.02
    assert [event["collided"] for event in bus.events("sent")][:4] == [True, True, False, False]


def test_after_a_collision_both_are_acknowledged_when_the_host_echoes() -> None:
    bus = Bus()
    bus.press("both 6 hold 5 transfer 3")
    while (at := bus.machine.next_deadline()) is not None:
        bus.now = at
        bus.send(bus.machine.pass_time(at))
    assert {(e["address"], e["key"]) for e in bus.events("acknowledged")} == {
        (6, "hold"),
        (5, "transfer"),
    }
    assert bus.now < 0.6


def test_two_fingers_collide_on_a_taken_line_too() -> None:
    bus = Bus()
    bus.send(DIGITS_5)
    assert bus.press("both 5 next 7 pause") == b""
    assert len(bus.sent(0.1)[0][1]) == 20


# --- what may be presented


@pytest.mark.parametrize(
    "value",
    [
        "",
        "5",
        "next",
        "8 next",
        "05 next",
        "5 dance",
        "5 rate",
        "5 rate 4",
        "5 transfer 10",
        "5 transfer x",
        "5 next 6",
        "both 5 next",
        "both 5 next 5 pause",
        "both 5 next 6 next 7 next",
    ],
)
def test_presses_that_make_no_sense(value: str) -> None:
    bus = Bus()
    with pytest.raises(ValueError, match=r"allowed|addresses are 5, 6, 7"):
        bus.press(value)
    assert bus.truth == []
    assert bus.machine.next_deadline() is None


def test_both_with_a_transfer_without_number() -> None:
    bus = Bus()
    bus.press("both 5 transfer 6 next")
    assert [(e["address"], e["key"]) for e in bus.events("pressed")] == [
        (5, "transfer"),
        (6, "next"),
    ]
    assert all("number" not in event for event in bus.truth)


@pytest.mark.parametrize("addresses", [(), (1, 1), (255,), (-1,)])
def test_addresses_that_make_no_bus(addresses: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="address"):
        Bus(addresses=addresses)


# --- faults


def test_every_fault_has_an_explanation_and_others_are_refused() -> None:
    for name, about in Simulator.FAULTS.items():
        assert len(about) > 10
        bus = Bus(name)
        bus.machine.fault(name, False, 0.0)
        assert bus.press("5 next") == NEXT_5
    with pytest.raises(ValueError, match="allowed: silent"):
        Bus("dust")


@pytest.mark.parametrize("fault", ["silent", "power_loss"])
def test_dead_stations_lose_presses_and_show_nothing(fault: str) -> None:
    bus = Bus()
    bus.press("5 next")
    bus.machine.fault(fault, True, 0.1)
    bus.now = 0.1
    assert bus.press("6 next") + bus.send(DIGITS_5) + bus.wait(5.0) == b""
    assert [event["press"] for event in bus.events("lost")] == [1, 2]
    assert bus.events("shown") == []
    bus.machine.fault(fault, False, bus.now)
    assert bus.wait(5.0) == b""


def test_power_loss_forgets_the_evaluation() -> None:
    bus = Bus()
    bus.send(START_5)
    bus.machine.fault("power_loss", True, 0.0)
    bus.machine.fault("power_loss", False, 1.0)
    bus.now = 1.0
    assert bus.press("5 rate 1") == b""
    assert len(bus.events("dark")) == len(bus.events("ignored")) == 1


def test_only_the_pad_with_the_lowest_address_is_gone() -> None:
    bus = Bus("pad_gone", addresses=(6, 5))
    assert bus.press("5 next") == b""
    assert bus.send(DIGITS_5) == b""
    assert bus.events("rejected")[0]["reason"] == "not_understood"
    bus.now = 1.0
    assert bus.press("6 next") == NEXT_6


def test_lost_echoes() -> None:
    bus = Bus("echo_lost")
    bus.press("5 next")
    bus.send(NEXT_5)
    assert [data for _, data in bus.sent()] == [NEXT_5] * 3
    assert len(bus.events("not_acknowledged")) == 1
    bus = Bus("first_echo_lost")
    bus.press("5 next")
    bus.send(NEXT_5)
    assert bus.wait(0.2) == NEXT_5
    bus.send(NEXT_5)
    assert bus.wait(5.0) == b""
    assert bus.events("acknowledged")[0]["sent"] == 2


def test_bounce_is_one_press_sent_twice() -> None:
    bus = Bus("bounce")
    assert bus.press("5 next") == NEXT_5
    bus.send(NEXT_5)
    assert bus.sent() == [(0.1, NEXT_5)]
    bus.send(NEXT_5)
    assert len(bus.events("pressed")) == len(bus.events("acknowledged")) == 1


def test_collision_fault_spoils_only_the_first_transmission() -> None:
    bus = Bus("collision")
    first = bus.press("5 next")
    assert (first[::2], len(first)) == (NEXT_5, 20)
    assert bus.wait(0.2) == NEXT_5


@pytest.mark.parametrize(
    ("fault", "length"),
    [("missing_byte", 9), ("bit_flip", 10), ("bad_checksum", 10), ("noise", 26)],
)
def test_damaged_frames(fault: str, length: int) -> None:
    bus = Bus(fault)
    data = bus.press("5 next")
    assert len(data) == length
    assert (NEXT_5 in data) == (fault == "noise")
    assert bus.events("sent")[0]["press"] == 1
    assert data == Bus(fault).press("5 next")


def test_bad_checksum_and_bit_flip_change_just_that() -> None:
    assert Bus("bad_checksum").press("5 next") == NEXT_5[:-2] + b"\x13\x16"
    flipped = Bus("bit_flip").press("5 next")
    assert sum((a ^ b).bit_count() for a, b in zip(flipped, NEXT_5, strict=True)) == 1


def test_byte_by_byte_waits_200_ms_from_the_last_byte() -> None:
    bus = Bus("byte_by_byte")
    sent = [(0.0, bus.press("5 next")), *bus.sent(0.38)]
    assert [len(data) for _, data in sent] == [1] * len(sent)
    assert b"".join(data for _, data in sent)[:10] == NEXT_5
    assert [at for at, _ in sent][9:11] == [0.18, 0.38]


def test_own_echo_as_option_and_as_fault() -> None:
    assert Bus(own_echo=True).send(DIGITS_5) == DIGITS_5
    assert Bus("own_echo").send(b"\x00junk") == b"\x00junk"
    bus = Bus("own_echo")
    bus.press("5 next")
    assert bus.send(NEXT_5) == NEXT_5
    assert len(bus.events("acknowledged")) == 1


def test_noise_at_power_on() -> None:
    bus = Bus("noise")
    assert len(bus.machine.power_on(0.0)) == 8


# --- any bytes


PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([NEXT_5, DIGITS_5, START_5, SCORE_5_ANSWER, BEEP_5, b"\xff\x68", NEXT_5[:7]]),
)
PRESSES = st.sampled_from(["5 next", "6 hold", "5 rate 1", "both 5 next 6 line", "7 transfer 1"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(PIECES, st.none() | PRESSES, st.floats(0, 1)), max_size=12),
    st.sets(st.sampled_from(sorted(Simulator.FAULTS))),
)
def test_any_bytes_never_raise_and_it_always_comes_to_rest(
    steps: list[tuple[bytes, str | None, float]], faults: set[str]
) -> None:
    bus = Bus(*sorted(faults))
    for data, press, pause in steps:
        bus.send(data)
        if press is not None:
            bus.press(press)
        bus.wait(pause)
    bus.wait(600.0)
    assert bus.machine.next_deadline() is None
    ends = ("acknowledged", "not_acknowledged", "lost")
    assert len(bus.events("pressed")) == sum(len(bus.events(name)) for name in ends)
    json.dumps(bus.truth)


# --- through a pseudo-terminal


def test_a_call_through_the_cable(tmp_path: Path) -> None:
    link, log = tmp_path / "port", tmp_path / "truth.jsonl"
    machine: Machine = Simulator(TruthLog(log), addresses=(5,), own_echo=True)
    read_end, write_end = os.pipe()
    commands, stdout = os.fdopen(read_end), io.StringIO()
    arguments = ("call_pad", machine, link, log, [], commands, stdout, time.monotonic)
    thread = threading.Thread(target=simulate, args=arguments)
    thread.start()
    with os.fdopen(write_end, "w", buffering=1) as typing:
        end = time.monotonic() + 5.0
        while "ready" not in stdout.getvalue() and time.monotonic() < end:
            threading.Event().wait(0.005)
        with serial.Serial(str(link), 9600, timeout=5.0) as port:
            typing.write("present 5 next\n")
            assert port.read(10) == NEXT_5
            port.write(NEXT_5 + DIGITS_5)
            assert port.read(25) == NEXT_5 + DIGITS_5
        typing.write("quit\n")
        thread.join(5.0)
    commands.close()
    assert not thread.is_alive()
    events = [json.loads(row)["event"] for row in log.read_text().splitlines()]
    assert events == ["ready", "pressed", "sent", "acknowledged", "shown", "ended"]
