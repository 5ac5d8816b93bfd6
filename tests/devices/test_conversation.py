"""Asking and waiting, on a wire and a clock that are passed in: what is dropped, what is kept, when it ends."""

from collections.abc import Callable

import pytest

from devices.conversation import Conversation
from devices.port import PortLost

GAP_S = 0.1


class Wire:
    """Bytes come at given times of a clock that only waiting moves."""

    def __init__(self, *coming: tuple[float, bytes]) -> None:
        self.now = 0.0
        self.coming = list(coming)
        self.written: list[bytes] = []
        self.reads: list[float] = []
        self.wakes: list[float] = []  # when somebody wakes the reader
        self.lost = False

    def clock(self) -> float:
        return self.now

    def read(self, timeout_s: float) -> bytes:
        if self.lost:
            raise PortLost("noDevice")
        self.reads.append(timeout_s)
        ends = [self.now + timeout_s]
        ends += [max(self.now, at) for at, _ in self.coming[:1]]
        ends += self.wakes[:1]
        self.now = min(ends)
        if self.wakes and self.wakes[0] <= self.now:
            self.wakes.pop(0)
            return b""
        data = b""
        while self.coming and self.coming[0][0] <= self.now:
            data += self.coming.pop(0)[1]
        return data

    def write(self, data: bytes, timeout_s: float) -> None:
        assert timeout_s > 0
        self.written.append(data)

    def wake(self) -> None: ...

    def close(self) -> None: ...


class Lines:
    """Frames end with a dot."""

    def __init__(self) -> None:
        self.noise = 0
        self._half = b""

    def feed(self, data: bytes) -> list[str]:
        *whole, self._half = (self._half + data).split(b".")
        return [frame.decode() for frame in whole]

    def pause(self) -> None:
        self.noise += len(self._half)
        self._half = b""


def talk(wire: Wire) -> Conversation[str]:
    return Conversation(wire, Lines(), wire.clock, gap_s=GAP_S)


def is_(*wanted: str) -> Callable[[str], bool]:
    return lambda frame: frame in wanted


def test_what_is_said_goes_out_as_it_is() -> None:
    wire = Wire()
    talk(wire).send(b"\x00\xff")
    assert wire.written == [b"\x00\xff"]


def test_a_late_answer_to_an_earlier_question_is_forgotten() -> None:
    wire = Wire((0.0, b"stale.older."), (1.0, b"fresh."))
    line = talk(wire)
    line.forget()
    assert line.next(5.0) == "fresh"


def test_forgetting_takes_no_time_and_drops_what_was_kept_too() -> None:
    wire = Wire((0.0, b"a.b.c."))
    line = talk(wire)
    assert line.next(1.0) == "a"
    line.forget()
    assert (wire.now, line.next(0.5)) == (0.0, None)


def test_half_of_a_stale_answer_is_given_up_by_a_silence_before_the_question() -> None:
    wire = Wire((0.0, b"sta"))
    line = talk(wire)
    line.forget()
    wire.now = 0.5
    line.forget()
    wire.coming = [(0.6, b"fresh.")]
    assert (line.next(1.0), line.noise) == ("fresh", 3)


def test_the_wanted_is_picked_those_before_are_dropped_those_behind_kept() -> None:
    wire = Wire((0.2, b"event.answer.card."), (0.4, b"more."))
    line = talk(wire)
    assert line.wait(is_("answer"), 1.0) == "answer"
    assert wire.now == pytest.approx(0.2)
    assert line.listen(0.0) == ["card"]
    assert line.listen(1.0) == ["more"]


def test_nothing_wanted_comes_and_the_time_is_kept_by_the_given_clock() -> None:
    wire = Wire(*[(at / 10, b"noise.") for at in range(1, 100)])
    assert talk(wire).wait(is_("answer"), 2.0) is None
    assert wire.now == pytest.approx(2.0, abs=0.11)


def test_what_comes_just_before_the_deadline_is_taken_and_just_after_it_not() -> None:
    assert talk(Wire((0.999, b"in time."))).next(1.0) == "in time"
    late = Wire((1.001, b"late."))
    assert talk(late).next(1.0) is None
    assert late.now == pytest.approx(1.0)


def test_an_answer_in_pieces_is_one_as_long_as_no_pause_is_a_gap() -> None:
    wire = Wire(*[(at * 0.09, b"%c" % letter) for at, letter in enumerate(b"answer.")])
    line = talk(wire)
    assert (line.next(5.0), line.noise) == ("answer", 0)


def test_after_a_gap_half_a_frame_does_not_spoil_the_next() -> None:
    wire = Wire((0.0, b"ha"), (0.3, b"whole."))
    line = talk(wire)
    assert (line.next(5.0), line.noise) == ("whole", 2)


def test_after_a_gap_while_only_listening_half_a_frame_does_not_spoil_the_next() -> None:
    """Noise of switching on, and a key that is pressed within the same idle read."""
    wire = Wire((0.0, b"\x55\x55"), (0.3, b"key."))
    line = talk(wire)
    assert line.listen(0.5) == []
    assert line.listen(0.5) == ["key"]
    assert wire.now == pytest.approx(0.3)


def test_listening_ends_as_soon_as_something_has_come() -> None:
    wire = Wire((0.2, b"a.b."), (0.25, b"c."))
    line = talk(wire)
    assert line.listen(5.0) == ["a", "b"]
    assert wire.now == pytest.approx(0.2)


def test_listening_ends_when_the_time_is_up_and_when_woken() -> None:
    wire = Wire()
    line = talk(wire)
    assert line.listen(0.5) == []
    assert wire.now == pytest.approx(0.5)
    wire.wakes = [0.55]
    assert line.listen(5.0) == []
    assert wire.now == pytest.approx(0.55)


def test_waking_does_not_end_the_wait_for_an_answer() -> None:
    wire = Wire((0.4, b"answer."))
    wire.wakes = [0.1, 0.2]
    assert talk(wire).next(1.0) == "answer"


@pytest.mark.parametrize("listening", [True, False])
def test_no_read_is_longer_than_the_gap_that_it_would_miss(listening: bool) -> None:
    wire = Wire()
    line = talk(wire)
    line.listen(1.0) if listening else line.next(1.0)
    assert max(wire.reads) <= GAP_S
    assert min(wire.reads) >= 0


def test_a_lost_wire_comes_out_of_every_call() -> None:
    wire = Wire()
    wire.lost = True
    line = talk(wire)
    for call in (line.forget, lambda: line.next(1.0), lambda: line.listen(1.0)):
        with pytest.raises(PortLost):
            call()
