"""The driver of call pads against a scripted bus: bytes arrive when the script says so, the clock is a number."""

from collections.abc import Callable

import pytest

from devices.call_pad.driver import (
    AskRating,
    Beep,
    BusDone,
    CallPads,
    KeyPressed,
    Order,
    Rated,
    ShowOnPad,
)
from devices.device import READY, Condition, Patience, Retry, State
from devices.port import PortLost

NEXT = bytes.fromhex("FF 68 03 03 68 05 01 0C 12 16")
NEXT_6 = bytes.fromhex("FF 68 03 03 68 06 01 0C 13 16")
RECALL = bytes.fromhex("FF 68 03 03 68 05 01 0D 13 16")
UNKNOWN = bytes.fromhex("FF 68 03 03 68 05 01 10 16 16")
SCORE = bytes.fromhex("FF 68 03 03 68 05 11 02 18 16")
SCORE_ACKNOWLEDGED = bytes.fromhex("FF 68 03 03 68 05 01 02 08 16")
SHOW = bytes.fromhex("FF 68 08 08 68 05 02 00 01 02 00 04 05 13 16")
BEEP = bytes.fromhex("FF 68 02 02 68 05 03 08 16")
ASK_RATING = bytes.fromhex("FF 68 03 03 68 05 01 0B 11 16")
CHARACTER_S = 10 / 9600
TURNAROUND_S = 3.5 * CHARACTER_S


class ScriptedBus:
    """A wire with a clock: reading passes the time, up to the next piece. `echo`: the adapter hears itself."""

    def __init__(self, *, echo: bool = False) -> None:
        self.now = 100.0
        self.echo = echo
        self.said: list[tuple[float, bytes]] = []
        self.heard_at = self.quiet_at = 0.0
        self.spoke_too_soon: list[float] = []
        self.lost = ""
        self._coming: list[tuple[float, bytes]] = []

    def clock(self) -> float:
        return self.now

    def comes(self, data: bytes, after_s: float = 0.0) -> None:
        self._coming.append((self.now + after_s, data))
        self._coming.sort(key=lambda piece: piece[0])

    def read(self, timeout_s: float) -> bytes:
        if self.lost:
            raise PortLost(self.lost)
        if self._coming and self._coming[0][0] <= self.now + timeout_s:
            self.now = max(self.now, self._coming[0][0])
            data = b""
            while self._coming and self._coming[0][0] <= self.now:
                data += self._coming.pop(0)[1]
            self.heard_at = self.now
            return data
        self.now += timeout_s
        return b""

    def write(self, data: bytes, timeout_s: float) -> None:
        if self.lost:
            raise PortLost(self.lost)
        if self.now - max(self.heard_at, self.quiet_at) < TURNAROUND_S:
            self.spoke_too_soon.append(self.now)
        self.said.append((self.now, data))
        self.quiet_at = self.now + len(data) * CHARACTER_S
        if self.echo:
            self.comes(data, len(data) * CHARACTER_S)

    def wake(self) -> None: ...

    def close(self) -> None: ...


class Bench:
    def __init__(self, *, echo: bool = False, **options: object) -> None:
        self.bus = ScriptedBus(echo=echo)
        self.told: list[KeyPressed | Rated | BusDone] = []
        self.driver = CallPads(self.told.append, clock=self.bus.clock, **options)  # type: ignore[arg-type]
        assert self.driver.probe(self.bus) == READY

    def listen(self, seconds: float = 1.0) -> Condition:
        until = self.bus.now + seconds
        while self.bus.now < until:
            condition = self.driver.idle(self.bus)
        return condition

    def do(self, order: Order, within_s: float = 5.0) -> None:
        self.driver.do(self.bus, order, Patience(within_s, self.bus.clock))

    def said(self) -> list[bytes]:
        return [data for _, data in self.bus.said]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_opening_says_nothing(bench: Bench) -> None:
    assert (bench.bus.said, bench.told, bench.driver.identity) == ([], [], "")


def test_a_press_is_acknowledged_by_its_echo_and_told(bench: Bench) -> None:
    bench.bus.comes(NEXT)
    assert bench.listen() == READY
    assert bench.said() == [NEXT]
    assert bench.told == [KeyPressed(5, "next", None)]


def test_a_rating_is_acknowledged_as_a_key(bench: Bench) -> None:
    bench.bus.comes(SCORE)
    bench.listen()
    assert bench.said() == [SCORE_ACKNOWLEDGED]
    assert bench.told == [Rated(5, 2)]


def test_a_press_is_acknowledged_before_it_is_told() -> None:
    bus = ScriptedBus()
    said_when_told: list[int] = []
    driver = CallPads(lambda _event: said_when_told.append(len(bus.said)), clock=bus.clock)
    driver.probe(bus)
    bus.comes(NEXT)
    driver.idle(bus)
    assert said_when_told == [1]


def test_a_frame_nobody_knows_is_acknowledged_and_not_told(bench: Bench) -> None:
    bench.bus.comes(UNKNOWN)
    bench.listen()
    assert (bench.said(), bench.told) == ([UNKNOWN], [])


@pytest.mark.parametrize("wire", [SHOW, BEEP])
def test_a_frame_of_a_length_that_no_pad_sends_is_left_alone(bench: Bench, wire: bytes) -> None:
    bench.bus.comes(wire)
    bench.listen()
    assert (bench.said(), bench.told) == ([], [])


def test_every_split_of_a_press_is_one_press() -> None:
    for at in range(1, len(NEXT)):
        bench = Bench()
        bench.bus.comes(NEXT[:at])
        bench.bus.comes(NEXT[at:], 0.08)
        bench.listen()
        assert (bench.said(), len(bench.told), bench.bus.spoke_too_soon) == ([NEXT], 1, [])


def test_the_host_waits_before_it_acknowledges_but_not_long(bench: Bench) -> None:
    bench.bus.comes(NEXT)
    bench.listen()
    waited = bench.bus.said[0][0] - bench.bus.heard_at
    assert TURNAROUND_S <= waited <= 2 * TURNAROUND_S


def test_two_presses_in_one_read_are_both_acknowledged_with_a_silence_between(
    bench: Bench,
) -> None:
    bench.bus.comes(NEXT + NEXT_6)
    bench.listen()
    assert (bench.said(), bench.bus.spoke_too_soon) == ([NEXT, NEXT_6], [])
    assert [event.address for event in bench.told if isinstance(event, KeyPressed)] == [5, 6]


def test_a_press_that_follows_at_once_is_heard_out_before_the_first_is_acknowledged(
    bench: Bench,
) -> None:
    bench.bus.comes(NEXT)
    bench.bus.comes(NEXT_6[:4], 0.002)
    bench.bus.comes(NEXT_6[4:], 0.030)
    bench.listen()
    assert (bench.said(), bench.bus.spoke_too_soon) == ([NEXT, NEXT_6], [])
    assert bench.bus.said[0][0] >= 100.030 + TURNAROUND_S


@pytest.mark.parametrize("own_echo", ["auto", False])
def test_a_repeated_press_is_acknowledged_again_and_told_once(own_echo: object) -> None:
    bench = Bench(own_echo=own_echo)
    for after_s in (0.0, 0.2, 0.4, 1.8, 3.2):  # each within 1.5 s of the one before
        bench.bus.comes(NEXT, after_s)
    bench.listen(5)
    assert bench.said() == [NEXT] * 5
    assert bench.told == [KeyPressed(5, "next", None)]


def test_next_pressed_twice_with_time_between_is_two_presses(bench: Bench) -> None:
    bench.bus.comes(NEXT)
    bench.bus.comes(NEXT, 1.6)
    bench.listen(3)
    assert bench.told == [KeyPressed(5, "next", None)] * 2


def test_other_keys_and_other_pads_are_other_presses(bench: Bench) -> None:
    for after_s, wire in ((0.0, NEXT), (0.2, RECALL), (0.4, NEXT_6)):
        bench.bus.comes(wire, after_s)
    bench.listen()
    assert len(bench.told) == 3


def test_a_press_repeated_over_a_reopened_wire_is_the_same_press(bench: Bench) -> None:
    bench.bus.comes(NEXT)
    bench.listen(0.3)
    bench.driver.probe(bench.bus)
    bench.bus.comes(NEXT)
    bench.listen(0.3)
    assert (bench.said(), len(bench.told)) == ([NEXT, NEXT], 1)


@pytest.mark.parametrize("own_echo", ["auto", True])
@pytest.mark.parametrize("wire", [NEXT, SCORE, UNKNOWN])
def test_the_adapters_own_echo_is_neither_acknowledged_nor_told(
    own_echo: object, wire: bytes
) -> None:
    bench = Bench(echo=True, own_echo=own_echo)
    bench.bus.comes(wire)
    bench.listen(2)
    assert len(bench.said()) == 1
    assert len(bench.told) == (wire != UNKNOWN)


@pytest.mark.parametrize("own_echo", ["auto", True])
@pytest.mark.parametrize("order", [ShowOnPad("j", 5, 12, "A045"), Beep("j", 5), AskRating("j", 5)])
def test_the_echo_of_an_order_is_no_press(own_echo: object, order: Order) -> None:
    bench = Bench(echo=True, own_echo=own_echo)
    bench.do(order)
    assert bench.listen(2) == READY
    assert bench.told == [BusDone("j", "sent")]
    assert len(bench.said()) == 1


def test_an_echo_that_is_read_late_is_still_no_press() -> None:
    """As when the process was stopped for a moment; asking for a rating looks like a key."""
    bench = Bench()
    bench.do(AskRating("j", 5))
    bench.bus.comes(ASK_RATING, 0.7)
    bench.listen(2)
    assert bench.told == [BusDone("j", "sent")]


def test_once_an_adapter_has_echoed_its_late_echo_is_no_repetition() -> None:
    bench = Bench(echo=True)
    bench.bus.comes(NEXT)
    bench.listen(2)
    bench.bus.echo = False
    bench.bus.comes(NEXT_6)
    bench.bus.comes(NEXT_6, 0.6)
    bench.listen(2)
    assert bench.said() == [NEXT, NEXT_6]


def test_what_was_said_once_comes_back_once_at_most() -> None:
    bench = Bench(own_echo=True)
    for after_s in (0.0, 0.2, 0.4):
        bench.bus.comes(NEXT, after_s)
    bench.listen(2)
    assert bench.said() == [NEXT, NEXT]


def test_with_an_echo_a_repeated_press_is_still_acknowledged() -> None:
    """The adapter has taught it: the first such frame is the echo, the next is the pad."""
    bench = Bench(echo=True)
    bench.bus.comes(NEXT)
    bench.bus.comes(NEXT, 0.2)
    bench.listen(1)
    assert (bench.said(), len(bench.told)) == ([NEXT, NEXT], 1)


def test_without_an_echo_nothing_is_taken_for_one() -> None:
    bench = Bench(own_echo=False)
    bench.bus.comes(NEXT)
    bench.bus.comes(NEXT, 0.05)
    bench.listen(1)
    assert bench.said() == [NEXT, NEXT]


def test_own_echo_is_one_of_three() -> None:
    with pytest.raises(ValueError, match="own_echo"):
        CallPads(print, own_echo="maybe")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wreck",
    [
        NEXT[:-1] + b"\x17",  # no end
        NEXT[:-2] + b"\x13\x16",  # wrong sum
        NEXT[:3] + b"\x04" + NEXT[4:],  # lengths differ
        NEXT[:7] + NEXT[8:],  # a byte is missing
        bytes(a & b for a, b in zip(NEXT, NEXT_6, strict=True)),  # two pads at once
        b"\xff\x68\xff\xff\x68" + bytes(200),
    ],
)
def test_a_wreck_is_not_acknowledged_and_the_repetition_is(bench: Bench, wreck: bytes) -> None:
    bench.bus.comes(wreck)
    bench.bus.comes(NEXT, 0.2)
    bench.listen(1)
    assert (bench.said(), bench.told) == ([NEXT], [KeyPressed(5, "next", None)])
    assert bench.bus.spoke_too_soon == []


def test_half_a_press_is_given_up_when_the_line_is_silent(bench: Bench) -> None:
    bench.bus.comes(NEXT[:6])
    bench.listen(1)
    bench.bus.comes(NEXT[6:])
    bench.listen(1)
    assert (bench.said(), bench.told) == ([], [])


@pytest.mark.parametrize(
    ("order", "wire"),
    [
        (ShowOnPad("j", 5, 12, "A045"), SHOW),
        (Beep("j", 5), BEEP),
        (AskRating("j", 5), ASK_RATING),
    ],
)
def test_each_order_is_sent_and_that_is_all_that_is_known(
    bench: Bench, order: Order, wire: bytes
) -> None:
    assert order.retry is Retry.SAFE
    bench.do(order)
    assert (bench.said(), bench.told) == ([wire], [BusDone("j", "sent")])


def test_an_address_that_is_none_is_refused_in_a_sentence(bench: Bench) -> None:
    bench.do(Beep("j", 256))
    assert bench.said() == []
    [done] = bench.told
    assert isinstance(done, BusDone)
    assert (done.completion, "256" in done.detail) == ("invalidData", True)


def test_an_order_waits_for_a_press_that_is_being_received(bench: Bench) -> None:
    bench.bus.comes(NEXT[:3])
    bench.bus.comes(NEXT[3:], 0.06)
    bench.do(Beep("j", 5))
    assert (bench.said(), bench.bus.spoke_too_soon) == ([NEXT, BEEP], [])
    assert bench.told == [KeyPressed(5, "next", None), BusDone("j", "sent")]


def test_orders_at_once_keep_a_silence_between(bench: Bench) -> None:
    for number in range(5):
        bench.do(Beep(str(number), 5))
    assert (len(bench.said()), bench.bus.spoke_too_soon) == (5, [])
    assert bench.told == [BusDone(str(number), "sent") for number in range(5)]


def noise(bus: ScriptedBus, seconds: float) -> None:
    for tick in range(int(seconds / 0.002)):
        bus.comes(b"\x00", tick * 0.002)


def test_on_a_line_that_is_never_silent_an_order_ends_when_its_time_is_up(bench: Bench) -> None:
    noise(bench.bus, 3)
    bench.do(Beep("j", 5), within_s=1)
    assert (bench.said(), bench.told) == ([], [BusDone("j", "timeOut", "lineBusy")])
    assert bench.bus.now < 101.5


def test_what_could_not_be_acknowledged_is_told_when_it_is_repeated(bench: Bench) -> None:
    bench.bus.comes(NEXT)
    noise(bench.bus, 1)
    bench.listen(1.5)
    assert (bench.said(), bench.told) == ([], [])
    bench.bus.comes(NEXT)
    bench.listen()
    assert (bench.said(), bench.told) == ([NEXT], [KeyPressed(5, "next", None)])


def test_a_noisy_line_is_degraded_until_a_good_frame_or_a_quiet_minute(bench: Bench) -> None:
    degraded = Condition(State.DEGRADED, "lineNoisy")
    bench.bus.comes(b"\x80" * 63)
    assert bench.listen() == READY
    bench.bus.comes(b"\x80" * 10)
    assert bench.listen() == degraded
    bench.bus.comes(NEXT)
    assert bench.listen() == READY
    bench.bus.comes(b"\x80" * 200)
    assert bench.listen(50) == degraded
    assert bench.listen(12) == READY


def test_a_canceled_order_is_not_sent(bench: Bench) -> None:
    patience = Patience(5, bench.bus.clock)
    patience.cancel()
    bench.driver.do(bench.bus, Beep("j", 5), patience)
    assert (bench.said(), bench.told) == ([], [BusDone("j", "canceled")])


def test_an_order_canceled_while_it_waits_ends_soon(bench: Bench) -> None:
    noise(bench.bus, 3)
    patience = Patience(5, bench.bus.clock)
    reads, read = 0, bench.bus.read

    def cancels(timeout_s: float) -> bytes:
        nonlocal reads
        reads += 1
        if reads == 100:
            patience.cancel()
        return read(timeout_s)

    bench.bus.read = cancels  # type: ignore[method-assign]
    bench.driver.do(bench.bus, Beep("j", 5), patience)
    assert (bench.said(), bench.told) == ([], [BusDone("j", "canceled")])
    assert bench.bus.now < 100.5


def broken_do(bench: Bench) -> None:
    bench.do(Beep("j", 5))


def broken_idle(bench: Bench) -> None:
    bench.listen()


@pytest.mark.parametrize("call", [broken_do, broken_idle])
def test_a_lost_wire_comes_out_and_nothing_is_told_of_it(
    bench: Bench, call: Callable[[Bench], None]
) -> None:
    bench.bus.lost = "noDevice"
    with pytest.raises(PortLost, match="noDevice"):
        call(bench)
    assert bench.told == []


def test_a_press_whose_acknowledgement_was_lost_with_the_wire_is_told_when_repeated(
    bench: Bench,
) -> None:
    bench.bus.comes(NEXT)
    write = bench.bus.write

    def breaks(data: bytes, timeout_s: float) -> None:
        raise PortLost("noDevice")

    bench.bus.write = breaks  # type: ignore[method-assign]
    with pytest.raises(PortLost):
        bench.listen()
    assert bench.told == []
    bench.bus.write = write  # type: ignore[method-assign]
    bench.driver.probe(bench.bus)
    bench.bus.comes(NEXT)
    bench.listen()
    assert bench.told == [KeyPressed(5, "next", None)]


@pytest.mark.parametrize(
    ("detail", "refused", "abandoned"),
    [
        ("noDevice", ("deviceNotReady", "noDevice"), ("hardwareError", "noDevice")),
        ("canceled", ("canceled", ""), ("canceled", "")),
        ("timeOut", ("timeOut", ""), ("timeOut", "")),
        ("internalError", ("internalError", ""), ("internalError", "")),
    ],
)
def test_refused_and_abandoned_orders_have_one_outcome(
    bench: Bench, detail: str, refused: tuple[str, str], abandoned: tuple[str, str]
) -> None:
    bench.driver.refuse(Beep("a", 5), detail)
    bench.driver.abandon(Beep("b", 5), detail)
    assert bench.told == [BusDone("a", *refused), BusDone("b", *abandoned)]


def test_an_idle_bus_is_looked_at_twice_a_second(bench: Bench) -> None:
    before = bench.bus.now
    for _ in range(10):
        bench.driver.idle(bench.bus)
    assert bench.bus.now - before >= 4.9


def test_presses_without_end_leave_time_for_others(bench: Bench) -> None:
    for number in range(1000):
        bench.bus.comes(NEXT, number * 0.02)
    before = bench.bus.now
    bench.driver.idle(bench.bus)
    assert bench.bus.now - before < 1.2


def test_the_same_key_after_another_of_that_pad_is_a_press_of_its_own(bench: Bench) -> None:
    for after_s, press in enumerate((NEXT, RECALL, NEXT, NEXT_6)):
        bench.bus.comes(press, after_s * 0.3)
    bench.listen(2.0)
    assert bench.told == [
        KeyPressed(5, "next", None),
        KeyPressed(5, "recall", None),
        KeyPressed(5, "next", None),
        KeyPressed(6, "next", None),
    ]
