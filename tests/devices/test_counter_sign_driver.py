"""The driver of signs against a wire that only takes bytes; the clock is a number."""

from itertools import pairwise

import pytest

from devices.counter_sign.driver import CounterSigns, ShowOnSign, SignDone
from devices.device import READY, Patience, Retry
from devices.port import PortLost

FREE = bytes.fromhex("AA 01 BB 51 54 D5 0B 07 63 01 63 BF D5 B3 B5 FF")
CHARACTER_S = 10 / 9600


class Wire:
    """Reading passes the time. `breaks_at`: the number of the write at which it is lost."""

    def __init__(self) -> None:
        self.now = 100.0
        self.written: list[tuple[float, bytes]] = []
        self.breaks_at = -1
        self.lost = False
        self.says = b""

    def clock(self) -> float:
        return self.now

    def read(self, timeout_s: float) -> bytes:
        if self.lost:
            raise PortLost("noDevice")
        if self.says:
            return self.says
        self.now += timeout_s
        return b""

    def write(self, data: bytes, timeout_s: float) -> None:
        if self.lost or len(self.written) == self.breaks_at:
            raise PortLost("writeTimeout")
        self.written.append((self.now, data))

    def wake(self) -> None: ...

    def close(self) -> None: ...


class Bench:
    def __init__(self, **options: float) -> None:
        self.wire = Wire()
        self.told: list[SignDone] = []
        self.driver = CounterSigns(self.told.append, clock=self.wire.clock, **options)  # type: ignore[arg-type]
        assert self.driver.probe(self.wire) == READY

    def do(self, order: ShowOnSign, within_s: float = 30.0) -> Patience:
        patience = Patience(within_s, self.wire.clock)
        assert self.driver.do(self.wire, order, patience) == READY
        return patience

    def show(self, job: str, address: int = 1, text: str = "A012") -> Patience:
        return self.do(ShowOnSign(job, address, text))

    def idle(self, seconds: float) -> None:
        until = self.wire.now + seconds
        while self.wire.now < until:
            assert self.driver.idle(self.wire) == READY

    def written(self) -> list[tuple[int, bytes]]:
        """Address and text of each frame."""
        return [(data[1], data[11:-1]) for _, data in self.wire.written]

    def pauses(self) -> list[float]:
        """Silence between the end of each frame and the next."""
        pieces = self.wire.written
        return [b[0] - a[0] - len(a[1]) * CHARACTER_S for a, b in pairwise(pieces)]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_opening_writes_nothing_and_nothing_is_refreshed_before_an_order(bench: Bench) -> None:
    bench.idle(60)
    assert (bench.wire.written, bench.told, bench.driver.identity) == ([], [], "")


def test_a_text_goes_out_at_once_and_is_told_as_sent(bench: Bench) -> None:
    bench.do(ShowOnSign("j", 1, "空车", colour=1, mode=0x0B, speed=7, stay=0x63, valid=0x63))
    assert bench.wire.written == [(100.0, FREE)]
    assert bench.told == [SignDone("j", "sent")]
    assert ShowOnSign.retry is Retry.SAFE


def test_orders_at_once_go_out_in_their_order_with_silence_between(bench: Bench) -> None:
    for number in range(5):
        bench.show(str(number), 1 + number % 2, f"A{number}")
    assert (bench.wire.now, len(bench.wire.written), len(bench.told)) == (100.0, 1, 1)
    bench.idle(2)
    assert [text for _, text in bench.written()] == [b"A0", b"A1", b"A2", b"A3", b"A4"]
    assert bench.told == [SignDone(str(number), "sent") for number in range(5)]
    assert all(0.1 <= pause < 0.2 for pause in bench.pauses())


def test_a_long_text_is_let_out_before_the_next(bench: Bench) -> None:
    bench.show("a", 1, "A" * 64)
    bench.show("b", 1, "B" * 64)
    bench.idle(1)
    assert (len(bench.wire.written), bench.pauses()[0] >= 0.1) == (2, True)


def test_a_waiting_order_goes_out_in_the_turn_of_another_order(bench: Bench) -> None:
    bench.show("a")
    bench.show("b")
    bench.wire.now += 1
    bench.show("c")
    assert [done.job for done in bench.told] == ["a", "b"]


def test_idle_comes_back_early_when_a_frame_is_due(bench: Bench) -> None:
    bench.show("a")
    bench.show("b")
    bench.driver.idle(bench.wire)
    assert [done.job for done in bench.told] == ["a", "b"]
    assert bench.wire.now < 100.2


def test_an_idle_wire_is_looked_at_twice_a_second(bench: Bench) -> None:
    before = bench.wire.now
    for _ in range(10):
        bench.driver.idle(bench.wire)
    assert bench.wire.now - before >= 4.9


def test_the_last_text_of_each_sign_is_sent_again_every_ten_seconds(bench: Bench) -> None:
    bench.show("a", 1, "old")
    bench.show("b", 1, "one")
    bench.show("c", 2, "two")
    bench.idle(35)
    again = bench.written()[3:]
    assert again == [(1, b"one"), (2, b"two")] * 3
    times = [at for at, data in bench.wire.written if data[1] == 2]
    assert [round(b - a, 1) for a, b in pairwise(times)] == [10.0] * 3
    assert len(bench.told) == 3
    assert min(bench.pauses()) >= 0.1


def test_how_often_is_an_option() -> None:
    bench = Bench(refresh_s=3.0)
    bench.show("a")
    bench.idle(10)
    assert len(bench.wire.written) == 4


def test_after_a_reopened_wire_every_sign_gets_its_text_at_once(bench: Bench) -> None:
    bench.show("a", 1)
    bench.show("b", 2)
    bench.idle(1)
    bench.driver.probe(bench.wire)
    bench.idle(1)
    assert bench.written()[2:] == [(1, b"A012"), (2, b"A012")]
    assert min(bench.pauses()) >= 0.1


def test_a_text_for_all_is_not_followed_by_older_ones_of_single_signs(bench: Bench) -> None:
    bench.show("a", 1)
    bench.idle(1)
    bench.show("b", 255, "closed")
    bench.idle(21)
    assert bench.written()[1:] == [(255, b"closed")] * 3


def test_a_text_for_one_ends_the_refreshing_of_that_for_all(bench: Bench) -> None:
    bench.show("a", 255, "closed")
    bench.idle(1)
    bench.show("b", 1)
    bench.idle(21)
    assert bench.written()[1:] == [(1, b"A012")] * 3


@pytest.mark.parametrize(
    ("order", "about"),
    [
        (ShowOnSign("j", 1, "A\x1bB"), "control"),
        (ShowOnSign("j", 256, "A"), "address"),
        (ShowOnSign("j", 1, "A", speed=255), "speed"),
    ],
)
def test_what_no_frame_can_hold_is_refused_in_a_sentence(
    bench: Bench, order: ShowOnSign, about: str
) -> None:
    bench.do(order)
    bench.idle(21)
    assert bench.wire.written == []
    [done] = bench.told
    assert (done.job, done.completion, about in done.detail) == ("j", "invalidData", True)


def test_a_long_text_is_cut_and_that_is_told() -> None:
    bench = Bench(longest=5)
    bench.show("j", 1, "请到3号")
    assert bench.written() == [(1, "请到3".encode("gbk"))]
    assert bench.told == [SignDone("j", "sent", "textCut")]


def test_an_order_canceled_before_its_turn_is_not_sent(bench: Bench) -> None:
    bench.show("a")
    patience = bench.show("b", 2)
    bench.show("c", 3)
    patience.cancel()
    bench.idle(1)
    assert [(done.job, done.completion) for done in bench.told] == [
        ("a", "sent"), ("b", "canceled"), ("c", "sent"),
    ]  # fmt: skip
    assert [address for address, _ in bench.written()] == [1, 3]


def test_an_order_whose_time_is_up_before_its_turn_is_not_sent(bench: Bench) -> None:
    bench.show("a")
    bench.do(ShowOnSign("b", 2, "B"), within_s=0.1)
    bench.idle(1)
    assert bench.told[1:] == [SignDone("b", "timeOut")]
    assert len(bench.written()) == 1


def test_orders_without_end_are_refused_and_not_kept(bench: Bench) -> None:
    for number in range(300):
        bench.show(str(number))
    refused = [done for done in bench.told if done.completion != "sent"]
    assert refused == [SignDone(str(n), "deviceNotReady", "deviceBusy") for n in range(257, 300)]
    bench.idle(60)
    assert sorted(int(done.job) for done in bench.told) == list(range(300))


def test_a_wire_lost_in_an_order_leaves_that_one_to_the_caller_and_ends_the_others(
    bench: Bench,
) -> None:
    bench.show("a")
    bench.show("b")
    bench.wire.breaks_at = 1
    bench.wire.now += 1
    last = ShowOnSign("c", 3, "C")
    with pytest.raises(PortLost):
        bench.do(last)
    assert bench.told[1:] == [SignDone("b", "hardwareError", "writeTimeout")]
    bench.wire.breaks_at = -1
    bench.driver.probe(bench.wire)
    bench.do(last)  # SAFE: once more
    assert bench.told[2:] == [SignDone("c", "sent")]
    bench.idle(1)
    assert bench.written() == [(1, b"A012"), (3, b"C"), (1, b"A012")]


def test_a_wire_lost_while_orders_wait_ends_them_all(bench: Bench) -> None:
    bench.show("a")
    bench.show("b")
    bench.show("c")
    bench.wire.lost = True
    with pytest.raises(PortLost):
        bench.driver.idle(bench.wire)
    assert bench.told[1:] == [
        SignDone("b", "hardwareError", "noDevice"),
        SignDone("c", "hardwareError", "noDevice"),
    ]
    bench.wire.lost = False
    bench.driver.probe(bench.wire)
    bench.idle(25)
    assert len(bench.told) == 3


def test_an_order_has_one_outcome_whoever_gives_it_up(bench: Bench) -> None:
    sent, waits = ShowOnSign("a", 1, "A"), ShowOnSign("b", 1, "B")
    bench.do(sent)
    bench.driver.abandon(sent, "internalError")
    bench.do(waits)
    bench.driver.abandon(waits, "internalError")
    bench.idle(1)
    bench.driver.refuse(ShowOnSign("c", 1, "C"), "noDevice")
    bench.driver.abandon(ShowOnSign("d", 1, "D"), "noDevice")
    assert bench.told == [
        SignDone("a", "sent"),
        SignDone("b", "internalError"),
        SignDone("c", "deviceNotReady", "noDevice"),
        SignDone("d", "hardwareError", "noDevice"),
    ]


def test_a_sign_that_talks_is_not_listened_to(bench: Bench) -> None:
    bench.wire.says = b"\xaa\x01OK\xff"
    bench.show("a")
    bench.show("b")
    for _ in range(100):
        bench.driver.idle(bench.wire)
        bench.wire.now += 0.002
    assert [done.completion for done in bench.told] == ["sent", "sent"]
    assert min(bench.pauses()) >= 0.1


@pytest.mark.parametrize("options", [{"refresh_s": 0}, {"longest": 0}])
def test_options_that_make_no_sense_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        Bench(**options)
