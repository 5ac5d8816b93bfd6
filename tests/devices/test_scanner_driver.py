"""The scanner's driver on a scripted wire with a clock of its own."""

import logging

import pytest

from devices.device import IDLE_S, READY, Patience
from devices.port import PortLost
from devices.scanner.driver import CodeUnreadable, Scanned, Scanner

GAP_S = 0.08


class Wire:
    """What comes is put down with its time; time passes only in `read`."""

    def __init__(self, *coming: tuple[float, bytes]) -> None:
        self.now = 0.0
        self.lost_at = float("inf")
        self._coming = list(coming)
        self.waits: list[float] = []

    def read(self, timeout_s: float) -> bytes:
        self.waits.append(timeout_s)
        until = self.now + timeout_s
        if self._coming and self._coming[0][0] <= until:
            at, data = self._coming.pop(0)
            self.now = max(self.now, at)
            return data
        self.now = until
        if self.now >= self.lost_at:
            raise PortLost("noDevice")
        return b""

    def write(self, data: bytes, timeout_s: float) -> None:
        raise AssertionError("nothing is said to a scanner")

    def wake(self) -> None: ...

    def close(self) -> None: ...


class Bench:
    def __init__(self, *coming: tuple[float, bytes], gap_s: float = GAP_S) -> None:
        self.wire = Wire(*coming)
        self.told: list[Scanned | CodeUnreadable] = []
        self.driver = Scanner(self.told.append, gap_s=gap_s, clock=lambda: self.wire.now)
        assert self.driver.probe(self.wire) == READY

    def listen(self, seconds: float) -> list[str]:
        until = self.wire.now + seconds
        while self.wire.now < until:
            assert self.driver.idle(self.wire) == READY
        return [e.text if isinstance(e, Scanned) else e.detail for e in self.told]


def test_codes_come_out_in_order() -> None:
    assert Bench((1.0, b"A037\r\n"), (2.0, b"A038\n"), (3.0, b"A039\r")).listen(5) == [
        "A037", "A038", "A039",
    ]  # fmt: skip


def test_two_codes_in_one_read_are_two() -> None:
    assert Bench((1.0, b"A037\rA038\r")).listen(3) == ["A037", "A038"]


def test_a_code_that_comes_byte_by_byte_is_one() -> None:
    coming = [(1.0 + i * 0.07, bytes((byte,))) for i, byte in enumerate(b"A037")]
    assert Bench(*coming).listen(3) == ["A037"]


def test_a_gap_ends_a_code_and_a_longer_one_can_be_asked_for() -> None:
    coming = ((1.0, b"A0"), (1.2, b"37"))
    assert Bench(*coming).listen(3) == ["A0", "37"]
    assert Bench(*coming, gap_s=0.3).listen(3) == ["A037"]


def test_a_read_that_was_woken_is_no_gap() -> None:
    assert Bench((1.0, b"A0"), (1.01, b""), (1.02, b""), (1.05, b"37")).listen(3) == ["A037"]


def test_a_code_is_told_as_soon_as_it_has_ended() -> None:
    bench = Bench((1.0, b"A037"))
    bench.listen(1.0 + GAP_S)
    assert bench.told == [Scanned("A037")]
    assert bench.wire.now <= 1.0 + 3 * GAP_S


def test_the_same_code_is_told_again_only_after_a_while() -> None:
    bench = Bench((1.0, b"A037\r"), (1.4, b"A037\r"), (2.4, b"A037\r"), (2.6, b"A037\r"))
    assert bench.listen(4) == ["A037"] * 2


def test_another_code_in_between_is_told_at_once() -> None:
    assert Bench((1.0, b"A1\r"), (1.2, b"A2\r"), (1.4, b"A1\r")).listen(3) == ["A1", "A2", "A1"]


def test_an_unreadable_code_is_told_once_and_hides_no_code() -> None:
    bench = Bench((1.0, b"A1\r"), (1.1, b"\xff\xfe\r"), (1.2, b"A1\r"), (1.3, b"\x80\r"))
    assert bench.listen(3) == ["A1", "invalidData"]


def test_what_is_too_long_is_dropped_until_silence() -> None:
    coming = [(1.0 + i * 0.01, b"8" * 100) for i in range(10)]
    assert Bench(*coming, (1.1, b"8\rA1\r"), (1.5, b"A2\r")).listen(3) == ["A2"]


def test_noise_without_end_is_not_kept_and_told_seldom() -> None:
    coming = [(1.0 + i * 0.01, b"\xff\r") for i in range(500)]
    assert len(Bench(*coming).listen(10)) <= 4


def test_half_a_code_before_the_plug_was_pulled_is_not_part_of_the_next() -> None:
    bench = Bench((1.0, b"A0"))
    bench.wire.lost_at = 1.05
    with pytest.raises(PortLost):
        bench.listen(2)
    bench.wire = Wire((0.5, b"B1\r"))
    bench.driver.probe(bench.wire)
    assert bench.listen(1) == ["B1"]


def test_an_idle_scanner_costs_two_reads_a_second() -> None:
    bench = Bench()
    bench.listen(10)
    assert bench.wire.waits == [IDLE_S] * 20


def test_nothing_is_ordered_from_it() -> None:
    bench = Bench()
    patience = Patience(1, lambda: bench.wire.now)
    assert bench.driver.do(bench.wire, None, patience) == READY
    bench.driver.refuse(None, "canceled")
    bench.driver.abandon(None, "noDevice")
    assert bench.told == []


def test_no_code_is_in_the_log_or_in_a_repr(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bench = Bench((1.0, b"110101199003070011\r"))
    bench.listen(2)
    assert repr(bench.told) == "[Scanned(18 characters)]"
    assert "1990" not in f"{bench.told[0]}{caplog.text}"
