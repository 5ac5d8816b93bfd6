"""The driver of a pole display against a wire that only takes bytes; the clock is a number."""

from itertools import pairwise

import pytest

from devices.device import READY, Patience, Retry
from devices.pole_display.driver import PoleDisplay, PoleDone, ShowLines
from devices.port import PortLost

BLANK = b" " * 20
INITIALISE = b"\x1bQA" + BLANK + b"\r\x0c\x1b@"
TICKET = b"\x1bQAA012                \r\x1bQBCounter 3           \r"
ORDER = ShowLines("j", "A012", "Counter 3")


class Wire:
    """Reading passes the time."""

    def __init__(self) -> None:
        self.now = 100.0
        self.written: list[tuple[float, bytes]] = []
        self.lost = False

    def clock(self) -> float:
        return self.now

    def read(self, timeout_s: float) -> bytes:
        if self.lost:
            raise PortLost("noDevice")
        self.now += timeout_s
        return b"\xff" if timeout_s else b""

    def write(self, data: bytes, timeout_s: float) -> None:
        if self.lost:
            raise PortLost("writeTimeout")
        self.written.append((self.now, data))

    def wake(self) -> None: ...

    def close(self) -> None: ...


class Bench:
    def __init__(self, **options: float) -> None:
        self.wire = Wire()
        self.told: list[PoleDone] = []
        self.driver = PoleDisplay(self.told.append, clock=self.wire.clock, **options)  # type: ignore[arg-type]
        assert self.driver.probe(self.wire) == READY

    def do(self, order: ShowLines) -> None:
        assert self.driver.do(self.wire, order, Patience(5, self.wire.clock)) == READY

    def idle(self, seconds: float) -> None:
        until = self.wire.now + seconds
        while self.wire.now < until:
            assert self.driver.idle(self.wire) == READY

    def written(self) -> list[bytes]:
        return [data for _, data in self.wire.written]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_opening_clears_and_resets_and_nothing_is_refreshed_before_an_order(bench: Bench) -> None:
    bench.idle(60)
    assert (bench.written(), bench.told, bench.driver.identity) == ([INITIALISE], [], "")


def test_two_lines_are_sent_and_that_is_told(bench: Bench) -> None:
    bench.do(ORDER)
    assert bench.written()[1:] == [TICKET]
    assert bench.told == [PoleDone("j", "sent")]
    assert ShowLines.retry is Retry.SAFE


@pytest.mark.parametrize("lines", [("A" * 21, ""), ("", "A" * 21)])
def test_a_long_line_is_cut_and_that_is_told(bench: Bench, lines: tuple[str, str]) -> None:
    bench.do(ShowLines("j", *lines))
    assert b"A" * 20 + b"\r" in bench.written()[1]
    assert bench.told == [PoleDone("j", "sent", "textCut")]


def test_the_last_lines_are_sent_again_every_ten_seconds(bench: Bench) -> None:
    bench.do(ShowLines("old", "B001"))
    bench.do(ORDER)
    bench.idle(35)
    assert bench.written()[2:] == [TICKET] * 4
    times = [at for at, data in bench.wire.written if data == TICKET]
    assert [round(b - a, 3) for a, b in pairwise(times)] == [10.0] * 3
    assert len(bench.told) == 2


def test_how_often_is_an_option() -> None:
    bench = Bench(refresh_s=3.0)
    bench.do(ORDER)
    bench.idle(10)
    assert bench.written()[1:] == [TICKET] * 4


def test_an_option_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 0"):
        Bench(refresh_s=0)


def test_an_idle_display_is_looked_at_twice_a_second(bench: Bench) -> None:
    before = bench.wire.now
    for _ in range(10):
        bench.driver.idle(bench.wire)
    assert bench.wire.now - before >= 4.9


def test_after_a_reopened_wire_the_lines_are_back_at_once(bench: Bench) -> None:
    bench.do(ORDER)
    bench.driver.probe(bench.wire)
    bench.driver.idle(bench.wire)
    assert bench.written()[2:] == [INITIALISE, TICKET]
    assert bench.wire.now == 100.0


def test_a_lost_wire_comes_out_and_the_order_can_be_done_again(bench: Bench) -> None:
    bench.wire.lost = True
    with pytest.raises(PortLost):
        bench.do(ORDER)
    with pytest.raises(PortLost):
        bench.driver.idle(bench.wire)
    assert bench.told == []
    bench.wire.lost = False
    bench.driver.probe(bench.wire)
    bench.driver.idle(bench.wire)
    assert bench.written()[1:] == [INITIALISE]  # what never went out is not shown by itself
    bench.do(ORDER)
    assert bench.told == [PoleDone("j", "sent")]


def test_a_canceled_order_is_not_sent(bench: Bench) -> None:
    patience = Patience(5, bench.wire.clock)
    patience.cancel()
    bench.driver.do(bench.wire, ORDER, patience)
    assert (bench.written()[1:], bench.told) == ([], [PoleDone("j", "canceled")])


def test_an_order_whose_time_is_up_is_not_sent(bench: Bench) -> None:
    bench.driver.do(bench.wire, ORDER, Patience(0, bench.wire.clock))
    assert (bench.written()[1:], bench.told) == ([], [PoleDone("j", "timeOut")])


@pytest.mark.parametrize(
    ("detail", "refused", "abandoned"),
    [
        ("noDevice", ("deviceNotReady", "noDevice"), ("hardwareError", "noDevice")),
        ("canceled", ("canceled", ""), ("canceled", "")),
        ("internalError", ("internalError", ""), ("internalError", "")),
    ],
)
def test_refused_and_abandoned_orders_have_one_outcome(
    bench: Bench, detail: str, refused: tuple[str, str], abandoned: tuple[str, str]
) -> None:
    bench.driver.refuse(ShowLines("a", ""), detail)
    bench.driver.abandon(ShowLines("b", ""), detail)
    assert bench.told == [PoleDone("a", *refused), PoleDone("b", *abandoned)]
