"""The driver of a UPS on a scripted wire with a clock of its own."""

from itertools import pairwise

import pytest

from devices.device import READY, Condition, Patience, State
from devices.port import PortLost
from devices.ups.driver import EVERY_S, PowerChanged, Ups

MAINS, BATTERY, LOW, FAILED = b"00001000", b"10001001", b"11001001", b"00011000"
SILENT = b""
WHO = b"#LOBBY           SIM1000    V1.00     \r"
ON_BATTERY = Condition(State.DEGRADED, "onBattery")
BATTERY_LOW = Condition(State.FAULT, "batteryLow")


class FarEnd:
    """Answers Q1 with each of `bits`, the last again and again; what is no bits is sent as it is."""

    def __init__(self, *bits: bytes, who: bytes = WHO) -> None:
        self.bits, self.who = list(bits), who
        self.now = 0.0
        self.asked_at: list[float] = []
        self._coming = b""

    def read(self, timeout_s: float) -> bytes:
        data, self._coming = self._coming, b""
        self.now += 0.2 if data else timeout_s
        return data

    def write(self, data: bytes, timeout_s: float) -> None:
        if data == b"I\r":
            self._coming = self.who
            return
        assert data == b"Q1\r"
        self.asked_at.append(self.now)
        bits = self.bits.pop(0) if len(self.bits) > 1 else self.bits[0]
        known = bits.strip(b"01") == b"" and bits
        self._coming = b"(220.4 220.4 220.0 023 50.0 27.4 25.0 %b\r" % bits if known else bits

    def wake(self) -> None: ...

    def close(self) -> None: ...


class Bench:
    def __init__(self, *bits: bytes, who: bytes = WHO) -> None:
        self.far = FarEnd(*bits, who=who)
        self.told: list[PowerChanged] = []
        self.ups = Ups(self.told.append, clock=lambda: self.far.now)

    def probe(self) -> Condition:
        return self.ups.probe(self.far)

    def idle(self, seconds: float) -> list[Condition]:
        """Each condition that was new."""
        until, seen = self.far.now + seconds, []
        while self.far.now < until:
            condition = self.ups.idle(self.far)
            if condition not in seen[-1:]:
                seen.append(condition)
        return seen


@pytest.mark.parametrize(
    ("bits", "condition"),
    [
        (MAINS, READY),
        (BATTERY, ON_BATTERY),
        (LOW, BATTERY_LOW),
        (b"01001000", BATTERY_LOW),
        (FAILED, Condition(State.FAULT, "upsFailed")),
        (b"11011001", Condition(State.FAULT, "upsFailed")),
    ],
)
def test_at_the_start_it_says_how_the_power_is_and_who_it_is(
    bits: bytes, condition: Condition
) -> None:
    bench = Bench(bits)
    assert bench.probe() == condition
    assert bench.ups.identity == "LOBBY SIM1000 V1.00"
    assert bench.told == []


@pytest.mark.parametrize("who", [SILENT, b"I\r"])
def test_one_that_does_not_know_its_name_is_one(who: bytes) -> None:
    bench = Bench(MAINS, who=who)
    bench.ups.identity = "of the one before"
    assert bench.probe() == READY
    assert bench.ups.identity == ""


@pytest.mark.parametrize(
    ("answer", "cause"),
    [(SILENT, "notResponding"), (b"Q1\r", "unknownProtocol"), (b"\x80\xff", "unknownProtocol")],
)
def test_nobody_and_another_machine_are_told_apart(answer: bytes, cause: str) -> None:
    bench = Bench(answer)
    with pytest.raises(PortLost, match=cause):
        bench.probe()
    assert len(bench.far.asked_at) == 3


def test_mains_go_the_battery_empties_and_mains_come() -> None:
    bench = Bench(MAINS, MAINS, *[BATTERY] * 3, *[LOW] * 3, MAINS)
    bench.probe()
    assert bench.idle(30) == [READY, ON_BATTERY, BATTERY_LOW, READY]
    assert [event.status.bits for event in bench.told] == [0b10001001, 0b11001001, 0b00001000]


def test_news_is_believed_when_it_is_said_twice_and_asked_for_at_once() -> None:
    bench = Bench(MAINS, BATTERY)
    bench.probe()
    bench.idle(EVERY_S + 0.5)
    assert bench.idle(0.1) == [ON_BATTERY]
    assert bench.far.asked_at[2] - bench.far.asked_at[1] < 0.5


def test_a_bit_that_was_disturbed_is_no_news() -> None:
    bench = Bench(MAINS, BATTERY, MAINS, LOW, BATTERY, MAINS)
    bench.probe()
    assert bench.idle(20) == [READY]
    assert bench.told == []


def test_it_is_asked_every_two_seconds() -> None:
    bench = Bench(MAINS)
    bench.probe()
    bench.idle(20)
    asked = bench.far.asked_at[1:]
    gaps = [b - a for a, b in pairwise(asked)]
    assert gaps == pytest.approx([EVERY_S] * len(gaps), abs=0.3)


def test_one_that_falls_silent_is_lost_after_three_questions() -> None:
    bench = Bench(MAINS, SILENT)
    bench.probe()
    with pytest.raises(PortLost, match="notResponding"):
        bench.idle(60)
    assert len(bench.far.asked_at) == 4


def test_one_that_misses_two_questions_is_not_lost() -> None:
    bench = Bench(MAINS, SILENT, SILENT, MAINS, SILENT, SILENT, MAINS)
    bench.probe()
    assert bench.idle(60) == [READY]


def test_there_is_nothing_to_order() -> None:
    bench = Bench(BATTERY)
    bench.probe()
    assert bench.ups.do(bench.far, None, Patience(1, bench.ups._clock)) == ON_BATTERY
    bench.ups.refuse(None, "canceled")
    bench.ups.abandon(None, "noDevice")
    assert bench.told == []
