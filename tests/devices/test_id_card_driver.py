"""The identity card reader's driver against a far end that says what a test wrote down. No real time passes."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import pytest

from devices.device import Condition, Patience, Retry, State
from devices.id_card.driver import IdCardReader, IdGone, IdRead, IdUnreadable, ReadAgain
from devices.port import PortLost
from devices.settings import Device, SettingsError, check_devices

READY = Condition(State.READY)
SILENT = b""
NUMBER, OTHER = "11010519491231002X", "110105194912310038"


def framed(status_and_data: bytes) -> bytes:
    body = (len(status_and_data) + 1).to_bytes(2, "big") + status_and_data
    return b"\xaa\xaa\xaa\x96\x69" + body + bytes((reduce(lambda a, b: a ^ b, body, 0),))


def reading(number: str = NUMBER, flag: str = " ") -> bytes:
    block = bytearray(b" \0" * 128)
    for at, words in ((0, "张三"), (122, number), (188, "2020010220400102"), (248, flag)):
        coded = words.encode("utf-16-le")
        block[at : at + len(coded)] = coded
    return framed(b"\0\0\x90\x01\0\x04\0" + bytes(block) + bytes(1024))


OK = framed(b"\0\0\x90")
SAM = framed(b"\0\0\x90" + bytes.fromhex("0500 0100 03423201 10000000 FF000000"))
FOUND = framed(b"\0\0\x9f" + bytes(4))
NONE = framed(b"\0\0\x80")
SELECTED = framed(b"\0\0\x90" + bytes(8))
MOVED = framed(b"\0\0\x41")
STATUS, MODULE, FIND, SELECT, READ = b"\x11\xff", b"\x12\xff", b"\x20\x01", b"\x20\x02", b"\x30\x01"


@dataclass
class FarEnd:
    """Answers by command and parameter: the first of the list, the last again and again."""

    answers: dict[bytes, list[bytes]] = field(
        default_factory=lambda: {
            STATUS: [OK],
            MODULE: [SAM],
            FIND: [NONE],
            SELECT: [SELECTED],
            READ: [reading()],
        }
    )
    now: float = 0.0
    heard: list[bytes] = field(default_factory=list)
    finds_at: list[float] = field(default_factory=list)
    coming: list[tuple[float, bytes]] = field(default_factory=list)
    lost_at: float = float("inf")
    before_read: Callable[[], None] = lambda: None

    def clock(self) -> float:
        return self.now

    def read(self, timeout_s: float) -> bytes:
        self._wire()
        self.before_read()
        until = self.now + timeout_s
        if self.coming and self.coming[0][0] <= until:
            self.now = max(self.now, self.coming[0][0])
            data = b"".join(piece for at, piece in self.coming if at <= self.now)
            self.coming = [(at, piece) for at, piece in self.coming if at > self.now]
            return data
        self.now = until
        return b""

    def write(self, data: bytes, timeout_s: float) -> None:
        self._wire()
        assert data[:7] == b"\xaa\xaa\xaa\x96\x69\x00\x03"
        request = data[7:9]
        self.heard.append(request)
        if request == FIND:
            self.finds_at.append(self.now)
        script = self.answers[request]
        answer = script.pop(0) if len(script) > 1 else script[0]
        self.say(1.2 if request == READ else 0.05, answer)

    def say(self, after_s: float, data: bytes) -> None:
        self.coming = sorted([*self.coming, (self.now + after_s, data)], key=lambda one: one[0])

    def _wire(self) -> None:
        if self.now >= self.lost_at:
            raise PortLost("noDevice")

    def wake(self) -> None: ...

    def close(self) -> None: ...


class Bench:
    def __init__(self, start: bool = True, **options: Any) -> None:
        self.far = FarEnd()
        self.told: list[Any] = []
        self.reader = IdCardReader(self.told.append, key=b"key", clock=self.far.clock, **options)
        if start:
            assert self.reader.probe(self.far) == READY
            self.far.heard.clear()

    def find(self, *answers: bytes) -> None:
        self.far.answers[FIND] = list(answers)

    def idle(self, seconds: float) -> Condition:
        until = self.far.now + seconds
        while self.far.now < until:
            condition = self.reader.idle(self.far)
        return condition

    def again(self, seconds: float = 30) -> Any:
        """What is told when the card is to be read again."""
        before = len(self.told)
        patience = Patience(seconds, self.far.clock)
        self.condition = self.reader.do(self.far, ReadAgain("j"), patience)
        [outcome] = self.told[before:]
        return outcome

    def words(self) -> list[str]:
        """Last four digits of what was read, the cause, or gone."""
        return [
            event.card.number[-4:] if isinstance(event, IdRead)
            else event.reason if isinstance(event, IdUnreadable)
            else "gone"
            for event in self.told
        ]  # fmt: skip


def test_at_the_start_the_module_says_how_it_is_and_who() -> None:
    bench = Bench(start=False)
    assert bench.reader.probe(bench.far) == READY
    assert bench.far.heard == [STATUS, MODULE]
    assert bench.reader.identity == "05.01-20070915-0000000016-0000000255"


def test_silence_is_no_answer_after_three_questions() -> None:
    bench = Bench(start=False)
    bench.far.answers[STATUS] = [SILENT]
    with pytest.raises(PortLost, match="notResponding"):
        bench.reader.probe(bench.far)
    assert bench.far.heard == [STATUS] * 3


def test_something_else_that_talks_is_an_unknown_protocol() -> None:
    bench = Bench(start=False)
    bench.far.answers[STATUS] = [b"\x80\xff\x55"]
    with pytest.raises(PortLost, match="unknownProtocol"):
        bench.reader.probe(bench.far)


def test_a_module_that_does_not_know_its_number_is_one() -> None:
    bench = Bench(start=False)
    bench.far.answers[MODULE] = [framed(b"\0\0\x21")]
    assert bench.reader.probe(bench.far) == READY
    assert bench.reader.identity == ""


@pytest.mark.parametrize(("code", "word"), [(b"\x60", "samSelfTest"), (b"\x66", "noLicence")])
def test_a_module_out_of_order_is_a_fault_until_it_is_well(code: bytes, word: str) -> None:
    bench = Bench(start=False)
    bench.far.answers[STATUS] = [framed(b"\0\0" + code)]
    assert bench.reader.probe(bench.far) == Condition(State.FAULT, word)
    assert bench.idle(20) == Condition(State.FAULT, word)
    assert bench.far.heard.count(STATUS) <= 6
    assert bench.again() == IdUnreadable(word, "j")
    bench.far.answers[STATUS] = [OK]
    assert bench.idle(11) == READY


def test_a_fault_that_shows_later_is_told() -> None:
    bench = Bench()
    bench.find(NONE, framed(b"\0\0\x66"))
    bench.far.answers[STATUS] = [framed(b"\0\0\x66")]
    assert bench.idle(3) == Condition(State.FAULT, "noLicence")


def test_a_card_is_found_selected_read_and_told() -> None:
    bench = Bench()
    bench.find(NONE, FOUND, NONE)
    bench.idle(5)
    assert bench.far.heard[:4] == [FIND, FIND, SELECT, READ]
    [event] = bench.told
    assert (event.card.number, event.card.name, event.job) == (NUMBER, "张三", "")


def test_an_empty_reader_is_asked_every_400_ms() -> None:
    bench = Bench()
    bench.idle(30)
    gaps = [b - a for a, b in zip(bench.far.finds_at, bench.far.finds_at[1:], strict=False)]
    assert min(gaps) >= 0.39
    assert max(gaps) < 0.5
    assert set(bench.far.heard) == {FIND}


def test_finds_are_never_closer_than_300_ms() -> None:
    bench = Bench()
    bench.find(*[NONE, FOUND, NONE, NONE, FOUND, FOUND] * 5, NONE)
    bench.far.answers[READ] = [reading(), MOVED, SILENT, reading(OTHER)]
    bench.idle(60)
    gaps = [b - a for a, b in zip(bench.far.finds_at, bench.far.finds_at[1:], strict=False)]
    assert min(gaps) >= 0.3


# ---- the same card


def test_a_card_that_stays_on_a_module_that_finds_it_again_is_told_once_and_then_gone() -> None:
    bench = Bench()
    bench.find(FOUND)
    bench.idle(120)
    assert bench.words() == ["002X"]
    assert bench.far.heard.count(READ) == 1
    bench.find(NONE)
    bench.idle(3)
    assert bench.words() == ["002X", "gone"]
    bench.idle(60)
    bench.find(FOUND)
    bench.idle(5)
    assert bench.words() == ["002X", "gone", "002X"]


def test_one_find_that_fails_is_a_disturbance() -> None:
    bench = Bench()
    bench.find(FOUND, FOUND, NONE, FOUND, NONE, FOUND)
    bench.idle(60)
    assert bench.words() == ["002X"]


def test_a_module_that_does_not_find_a_read_card_cannot_tell_that_it_is_gone() -> None:
    bench = Bench()
    bench.find(FOUND, NONE)
    bench.idle(60)
    assert bench.words() == ["002X"]
    bench.find(FOUND, NONE)
    bench.idle(60)
    assert bench.words() == ["002X", "002X"]


@pytest.mark.parametrize(("pause_s", "told"), [(2, 1), (9, 2)])
def test_the_same_card_put_there_again_at_once_is_the_same_visit(pause_s: float, told: int) -> None:
    bench = Bench(same_card_s=5.0)
    bench.find(FOUND, NONE)
    bench.idle(2)
    bench.idle(pause_s)
    bench.find(FOUND, NONE)
    bench.idle(3)
    assert bench.words() == ["002X"] * told
    assert bench.far.heard.count(READ) == 2


def test_the_time_of_the_same_card_runs_from_when_it_was_last_seen() -> None:
    bench = Bench(same_card_s=5.0)
    bench.find(*[FOUND] * 50, NONE, NONE, NONE, FOUND)
    bench.idle(40)
    assert bench.words() == ["002X", "gone"]


def test_a_card_that_was_not_told_again_is_not_told_as_gone_again() -> None:
    bench = Bench(same_card_s=5.0)
    bench.find(*[FOUND] * 3, NONE, NONE, *[FOUND] * 3, NONE)
    bench.idle(8)
    assert bench.far.heard.count(READ) == 2
    assert bench.words() == ["002X", "gone"]


def test_another_card_is_told_at_once() -> None:
    bench = Bench()
    bench.find(FOUND, NONE, NONE, FOUND, NONE)
    bench.far.answers[READ] = [reading(), reading(OTHER)]
    bench.idle(8)
    assert bench.words() == ["002X", "0038"]


def test_a_new_wire_does_not_make_the_card_a_new_one() -> None:
    bench = Bench()
    bench.find(FOUND)
    bench.idle(5)
    bench.reader.probe(bench.far)
    bench.idle(5)
    assert bench.words() == ["002X"]


# ---- what cannot be read


@pytest.mark.parametrize(
    ("code", "word"),
    [(b"\x41", "noMedia"), (b"\x32", "cardAuthentication"), (b"\x33", "messageAuthentication"), (b"\x77", "error77")],
)  # fmt: skip
def test_a_card_that_could_not_be_read_is_told_and_then_read(code: bytes, word: str) -> None:
    bench = Bench()
    bench.find(FOUND, NONE, FOUND, NONE)
    bench.far.answers[READ] = [framed(b"\0\0" + code), reading()]
    assert bench.idle(8) == READY
    assert bench.words() == [word, "002X"]


def test_a_card_that_is_not_selected_is_told() -> None:
    bench = Bench()
    bench.find(FOUND, NONE)
    bench.far.answers[SELECT] = [framed(b"\0\0\x81")]
    bench.idle(5)
    assert bench.words() == ["selectFailed"]
    assert READ not in bench.far.heard


def test_a_card_that_never_can_be_read_is_tried_three_times_and_told_once() -> None:
    bench = Bench()
    bench.find(FOUND)
    bench.far.answers[READ] = [MOVED]
    bench.idle(60)
    assert bench.words() == ["noMedia"]
    assert bench.far.heard.count(READ) == 3
    bench.find(NONE, NONE, FOUND)
    bench.far.answers[READ] = [reading()]
    bench.idle(10)
    assert bench.words() == ["noMedia", "gone", "002X"]


def test_a_card_of_an_unknown_kind_is_told_once_and_never_crashes() -> None:
    bench = Bench()
    bench.find(FOUND)
    bench.far.answers[READ] = [reading(flag="Q")]
    assert bench.idle(60) == READY
    assert bench.words() == ["unknownType"]
    assert bench.far.heard.count(READ) == 1


# ---- the wire


def test_a_reading_that_was_damaged_is_asked_for_again() -> None:
    bench = Bench()
    bench.find(FOUND, NONE)
    broken = bytearray(reading())
    broken[600] ^= 1
    bench.far.answers[READ] = [bytes(broken), reading()]
    bench.idle(10)
    assert bench.words() == ["002X"]
    assert bench.far.heard.count(READ) == 2


def test_a_reading_that_does_not_come_has_an_end() -> None:
    bench = Bench()
    bench.find(FOUND, NONE)
    bench.far.answers[READ] = [SILENT]
    began = bench.far.now
    bench.reader.idle(bench.far)
    bench.reader.idle(bench.far)
    assert bench.words() == ["timeOut"]
    assert bench.far.now - began < 9


def test_a_module_that_heard_badly_is_asked_again() -> None:
    bench = Bench()
    bench.find(framed(b"\0\0\x10"), FOUND, NONE)
    bench.idle(5)
    assert bench.words() == ["002X"]


def test_late_and_doubled_answers_are_not_taken_for_others() -> None:
    bench = Bench()
    bench.find(FOUND + FOUND, NONE)
    bench.far.answers[SELECT] = [NONE + SELECTED + SELECTED]
    bench.far.answers[READ] = [SELECTED + NONE + FOUND + reading()]
    bench.idle(5)
    assert bench.words() == ["002X"]


def test_a_reading_in_two_pieces_among_noise_is_heard() -> None:
    bench = Bench()
    bench.find(b"\xaa\x00" + FOUND[1:], b"\xaa\xaa" + NONE)
    whole = reading()
    bench.far.answers[READ] = [b"\x00\xaa" + whole[:500]]
    bench.far.answers[SELECT] = [SELECTED]
    bench.far.before_read = lambda: (
        bench.far.say(1.4, whole[500:])
        if bench.far.heard[-1:] == [READ] and len(bench.far.coming) == 1
        else None
    )
    bench.idle(3)
    assert bench.words()[:1] == ["002X"]


def test_a_reader_that_falls_silent_is_lost_after_three_finds() -> None:
    bench = Bench()
    bench.find(SILENT)
    with pytest.raises(PortLost, match="notResponding"):
        bench.idle(20)
    assert bench.far.heard == [FIND] * 3


def test_a_reader_that_misses_two_finds_is_not_lost() -> None:
    bench = Bench()
    bench.find(SILENT, SILENT, NONE, SILENT, SILENT, NONE)
    assert bench.idle(20) == READY


# ---- read again


def test_the_same_card_is_read_again_when_asked() -> None:
    bench = Bench()
    bench.find(FOUND)
    bench.idle(5)
    outcome = bench.again()
    assert (outcome.card.number, outcome.job) == (NUMBER, "j")
    bench.idle(30)
    assert bench.words() == ["002X", "002X"]


def test_read_again_waits_for_a_card() -> None:
    bench = Bench()
    bench.find(*[NONE] * 20, FOUND)
    assert bench.again().card.number == NUMBER
    assert bench.far.now > 8


def test_read_again_says_why_there_is_no_reading() -> None:
    bench = Bench()
    bench.find(FOUND)
    bench.far.answers[READ] = [MOVED]
    assert bench.again() == IdUnreadable("noMedia", "j")


def test_read_again_ends_when_nobody_comes_or_waits() -> None:
    bench = Bench()
    assert bench.again(3) == IdUnreadable("timeOut", "j")
    assert bench.far.now < 5
    patience = Patience(300, bench.far.clock)
    bench.far.before_read = lambda: patience.cancel() if bench.far.now > 10 else None
    bench.reader.do(bench.far, ReadAgain("k"), patience)
    assert bench.told[-1] == IdUnreadable("canceled", "k")
    assert bench.far.now < 12


def test_whenever_the_wire_breaks_there_is_one_outcome() -> None:
    assert ReadAgain.retry is Retry.SAFE
    for cut in range(1, 60):
        bench = Bench()
        bench.find(NONE, FOUND)
        bench.far.lost_at = bench.far.now + cut * 0.05
        try:
            bench.reader.do(bench.far, ReadAgain("j"), Patience(30, bench.far.clock))
        except PortLost as error:
            assert bench.told == []
            bench.reader.abandon(ReadAgain("j"), error.cause)
        assert [event.job for event in bench.told] == ["j"]


def test_a_refused_order_has_its_outcome() -> None:
    bench = Bench()
    bench.reader.refuse(ReadAgain("j"), "noDevice")
    assert bench.told == [IdUnreadable("noDevice", "j")]


def test_nothing_of_a_person_is_in_a_log_or_in_what_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    bench = Bench()
    bench.find(FOUND)
    bench.idle(5)
    assert [
        words for words in ("张三", NUMBER[:14]) if words in caplog.text + repr(bench.told)
    ] == []
    assert isinstance(bench.told[0], IdRead)
    assert IdGone() not in bench.told


# --- fingerprints -------------------------------------------------------------------------------

READ_BOTH = b"\x30\x10"  # GA 450: text, photo and fingerprints
PRINTS = bytes(range(256)) * 4


def with_prints() -> bytes:
    plain = reading()[7:-1]
    return framed(plain[:7] + len(PRINTS).to_bytes(2, "big") + plain[7:] + PRINTS)


def test_fingerprints_are_read_where_the_setting_says_so_and_only_there() -> None:
    for options, command, prints in (({}, READ, b""), ({"prints": True}, READ_BOTH, PRINTS)):
        bench = Bench(**options)
        bench.far.answers[READ_BOTH] = [with_prints()]
        bench.find(FOUND)
        bench.idle(3)
        [read] = bench.told
        assert (read.card.number, read.card.prints) == (NUMBER, prints)
        assert {one for one in bench.far.heard if one[0] == 0x30} == {command}


@pytest.mark.parametrize(("prints", "fits"), [(True, True), (False, True), ("yes", False)])
def test_prints_is_an_option_of_the_readers_settings(prints: object, fits: bool) -> None:
    reader = Device("id", "id_card", "/dev/ttyS9", options={"prints": prints})
    with nullcontext() if fits else pytest.raises(SettingsError, match="'prints'"):
        check_devices([reader])
