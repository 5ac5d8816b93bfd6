"""The simulated UPS on a clock of its own."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings, strategies as st

from devices.ups.simulator import Simulator

WELL = b"(220.4 220.4 220.0 023 50.0 27.4 25.0 00001000\r"


class Ups:
    def __init__(self, *faults: str, **options: float | str | bool) -> None:
        self.truth: list[Mapping[str, object]] = []
        self.machine = Simulator(self.truth.append, **options)
        self.now = 0.0
        self.machine.power_on(0.0)
        for name in faults:
            self.machine.fault(name, True, 0.0)

    def ask(self, command: bytes = b"Q1\r") -> list[tuple[float, bytes]]:
        """All that is sent, with the seconds since the question."""
        began = self.now
        sent = [(0.0, self.machine.receive(command, self.now))]
        while (at := self.machine.next_deadline()) is not None:
            self.now = at
            sent.append((at - began, self.machine.pass_time(at)))
        return [(at, data) for at, data in sent if data]

    def says(self, command: bytes = b"Q1\r") -> bytes:
        return b"".join(data for _, data in self.ask(command))


def test_answers_as_the_manual_says() -> None:
    ups = Ups()
    assert ups.says() == WELL
    assert ups.says(b"F\r") == b"#220.0 004 27.40 50.0\r"
    assert ups.says(b"I\r") == b"#LOBBY           SIM1000    V1.00     \r"
    assert ups.says(b"XYZ\r") == b"XYZ\r"
    assert Ups("no_identity").says(b"I\rF\r") == b"I\rF\r"


def test_an_online_ups_tells_the_voltage_of_a_cell() -> None:
    assert Ups(standby=False).says()[28:42] == b"2.28 25.0 0000"


def test_a_command_may_come_in_pieces_but_not_too_slowly() -> None:
    ups = Ups()
    assert ups.says(b"Q") == b""
    assert ups.says(b"1\r") == WELL
    ups.says(b"Q")
    ups.now += 3.0
    assert ups.says(b"1\r") == b"1\r"


@pytest.mark.parametrize(
    ("fault", "bits"),
    [
        ("utility_fail", b"10001001"),
        ("battery_low", b"01001000"),
        ("bypass", b"00101000"),
        ("ups_failed", b"00011000"),
        ("test", b"00001100"),
        ("shutdown", b"00001010"),
    ],
)
def test_faults_are_bits(fault: str, bits: bytes) -> None:
    ups = Ups(fault)
    assert ups.says()[-9:] == bits + b"\r"
    ups.machine.fault(fault, False, ups.now)
    assert ups.says()[-9:] == b"00001000\r"


def test_without_mains_its_battery_empties_until_it_is_dark_and_mains_light_it_again() -> None:
    ups = Ups("utility_fail", runtime_seconds=100.0)
    assert ups.says().startswith(b"(000.0 140.0 220.0 023 00.0 27.4 ")
    ups.now = 85.0
    assert ups.says()[-15:] == b" 25.0 11001001\r"
    ups.now = 101.0
    assert ups.says() == b""
    ups.machine.fault("utility_fail", False, ups.now)
    assert ups.says()[28:] == b"21.0 25.0 01001000\r"
    ups.now += 2000.0
    assert ups.says() == WELL
    events = [one["event"] for one in ups.truth]
    assert events == ["fault", "dark", "fault", "lit"]


@pytest.mark.parametrize("fault", ["silent", "wrong_speed", "cut"])
def test_no_answer_is_whole(fault: str) -> None:
    said = Ups(fault).says()
    assert b"\r" not in said
    assert said == b"" or fault != "silent"


def test_faults_of_the_line() -> None:
    [(at, data)] = Ups("slow").ask()
    assert (round(at, 2), data) == (1.75, WELL)
    (first, a), (second, b) = Ups("two_parts").ask()
    assert (a + b, second - first > 0.2) == (WELL, True)
    assert len(Ups("byte_by_byte").ask()) == len(WELL)
    assert Ups("noise").says()[8:-8] == WELL
    flipped = Ups("bit_flip").says()
    assert sum((a ^ b).bit_count() for a, b in zip(flipped, WELL, strict=True)) == 1
    assert b" --.- " in Ups("unmeasured").says()


def test_other_faults_and_presents_are_refused() -> None:
    ups = Ups()
    with pytest.raises(ValueError, match="allowed: utility_fail"):
        ups.machine.fault("lightning", True, 0.0)
    with pytest.raises(ValueError, match="not presented anything"):
        ups.machine.present("x", 0.0)
    assert ups.machine.remove(0.0) == b""


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=80)), st.sets(st.sampled_from([*Simulator.FAULTS])))
def test_nothing_on_the_wire_hangs_it(pieces: list[bytes], faults: set[str]) -> None:
    ups = Ups(*faults)
    for piece in pieces:
        ups.says(piece)
    ups.machine.pass_time(1e6)
    assert ups.machine.next_deadline() is None
