"""The contactless reader's driver against a far end written out here: a fake wire, a fake clock."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings, strategies as st

from devices.contactless.driver import ContactlessReader
from devices.contactless.events import (
    CardGone,
    CardTapped,
    CardUnreadable,
    Disable,
    Enable,
    FieldSet,
)
from devices.contactless.line import ReaderLine
from devices.contactless.presence import Presence
from devices.contactless.protocol import list_targets
from devices.device import READY, Condition, Patience, State
from devices.port import PortLost

ACK = bytes.fromhex("0000FF00FF00")
NACK = bytes.fromhex("0000FFFF0000")
ERROR = bytes.fromhex("0000FF01FF7F8100")
VERSION = bytes.fromhex("0000FF06FAD50332010607E800")
RANDOM, FIXED, OTHER = "08AABBCC", "04112233", "04556677"
TRACK_2 = "57136222021234567890128D29122200000012345F"
APDUS = {
    "00A404000E": "6F23840E325041592E5359532E4444463031A511BF0C0E610C4F08A0000003330101018701019000",
    "00A4040008A000000333010101": "6F0F8408A000000333010101A5035001559000",
    "80A80000028300": "80067C00080101009000",
    "00B2010C00": "7015" + TRACK_2 + "9000",
}


def framed(body: bytes) -> bytes:
    high, low = divmod(len(body), 256)
    head = bytes((255, 255, high, low, -(high + low) & 255) if high else (low, -low & 255))
    return b"\0\0\xff" + head + body + bytes((-sum(body) & 255, 0))


def command_in(frame: bytes) -> bytes:
    """Code and data of a host frame; empty for ACK and NACK."""
    at = frame.rfind(b"\0\0\xff", 0, 30)  # behind the wake-up
    if frame[at + 3 : at + 5] == b"\xff\xff" and len(frame) > at + 8:
        return frame[at + 9 : -2]
    return frame[at + 6 : -2]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class FarEnd:
    """A reader on a wire. `cards`: UIDs in its field; `spoil` may change each answer, or swallow it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.cards: list[str] = []
        self.apdus = dict(APDUS)
        self.sent: list[bytes] = []
        self.commands: list[str] = []
        self.answers: dict[int, bytes] = {0x02: VERSION}
        self.spoil: Callable[[bytes, bytes], bytes] = lambda _command, answer: answer
        self.pieces: list[bytes] = []
        self.split = 0  # bytes a read, 0: all
        self.last = b""
        self.field = True
        self.awake = False
        self.sleeps = False  # it really sleeps until it is woken
        self.before_apdu: Callable[[str], None] = lambda _apdu: None

    # -- the port

    def read(self, timeout_s: float) -> bytes:
        if not self.pieces:
            self.clock.now += timeout_s
            return b""
        piece = self.pieces.pop(0)
        if self.split:
            self.clock.now += 0.001
            self.pieces[:0] = [piece[self.split :]] if piece[self.split :] else []
            return piece[: self.split]
        return piece

    def write(self, data: bytes, timeout_s: float) -> None:
        self.sent.append(data)
        if data == NACK:
            self.say(self.spoil(b"NACK", self.last))
        if data in (ACK, NACK):
            return
        self.awake |= data.startswith(b"\x55\x55\0\0\0")
        if self.sleeps and not self.awake:
            return
        command = command_in(data)
        self.commands.append(command.hex().upper())
        self.last = self.answer(command)
        self.say(self.spoil(command, ACK + self.last))

    def wake(self) -> None: ...
    def close(self) -> None: ...

    def say(self, data: bytes) -> None:
        if data:
            self.pieces.append(data)

    # -- the machine

    def answer(self, command: bytes) -> bytes:
        code, data = command[0], command[1:]
        if code in self.answers:
            return self.answers[code]
        if code == 0x32 and data[0] == 1:
            self.field = bool(data[1] & 1)
        body = {
            0x00: lambda: data,
            0x4A: self.list,
            0x40: lambda: self.exchange(data[1:].hex().upper()),
            0x52: lambda: b"\0",
        }
        return framed(bytes((0xD5, code + 1)) + body.get(code, lambda: b"")())

    def list(self) -> bytes:
        self.field = True
        found = b"".join(
            bytes((n,)) + bytes.fromhex(f"000420{len(uid) // 2:02X}{uid}0578807002")
            for n, uid in enumerate(self.cards, 1)
        )
        return bytes((len(self.cards),)) + found

    def exchange(self, apdu: str) -> bytes:
        self.before_apdu(apdu)
        if not self.cards:
            return b"\x01"
        answer = next((a for begin, a in self.apdus.items() if apdu.startswith(begin)), "6A82")
        return b"\0" + bytes.fromhex(answer)


class Bench:
    def __init__(self, **options: object) -> None:
        self.clock = Clock()
        self.far = FarEnd(self.clock)
        self.told: list[object] = []
        self.driver = ContactlessReader(
            self.told.append, key=b"key", clock=self.clock, today=lambda: date(2026, 11, 23),
            random=bytes, **options,
        )  # fmt: skip

    def started(self) -> "Bench":
        assert self.driver.probe(self.far) == READY
        self.far.commands.clear()
        return self

    def run(self, seconds: float = 1.5) -> Condition:
        until = self.clock.now + seconds
        condition = READY
        while self.clock.now < until:
            condition = self.driver.idle(self.far)
        return condition

    def lay(self, *uids: str, seconds: float = 1.5) -> "Bench":
        self.far.cards = list(uids)
        self.run(seconds)
        return self

    def order(self, order: Enable | Disable, within_s: float = 30) -> Condition:
        return self.driver.do(self.far, order, Patience(within_s, self.clock))

    def words(self) -> list[str]:
        """What was told: last four digits, the reason, or 'gone'."""
        return [
            event.card.last4 if isinstance(event, CardTapped)
            else event.reason if isinstance(event, CardUnreadable)
            else event.completion if isinstance(event, FieldSet) else "gone"
            for event in self.told
        ]  # fmt: skip


@pytest.fixture
def bench() -> Bench:
    return Bench().started()


# -- the start


def test_the_start_in_order() -> None:
    bench = Bench()
    assert bench.driver.probe(bench.far) == READY
    assert bench.driver.identity == "PN532 1.6"
    line_test = "00" + "00" + (bytes(range(256)) + bytes(range(6))).hex().upper()
    assert bench.far.commands == ["14010000", line_test, "02", "3205FF0102", "320101"]
    assert bench.far.sent[0].startswith(b"\x55\x55\0\0\0")
    assert bench.driver.baud == 115200


def test_nobody_answers() -> None:
    bench = Bench()
    bench.far.spoil = lambda _command, _answer: b""
    with pytest.raises(PortLost, match="notResponding"):
        bench.driver.probe(bench.far)
    assert len([frame for frame in bench.far.sent if len(frame) > 6]) == 3
    assert bench.clock.now - 100 < 6


@pytest.mark.parametrize("babble", [b"\xf8\x80\xe0\x1e" * 9, b"hello\r\n", bytes(20), b"\xd4\x02"])
def test_another_machine_answers(babble: bytes) -> None:
    bench = Bench()
    bench.far.spoil = lambda _command, _answer: babble
    with pytest.raises(PortLost, match="unknownProtocol"):
        bench.driver.probe(bench.far)


def test_our_own_echo_is_another_machine() -> None:
    bench = Bench()
    bench.far.spoil = lambda _command, _answer: bench.far.sent[-1]
    with pytest.raises(PortLost, match="unknownProtocol"):
        bench.driver.probe(bench.far)


def test_garbage_at_power_on_and_a_slow_first_acknowledgement() -> None:
    bench = Bench()
    bench.far.say(b"\xaa\0\xff\x55boot" * 5)
    bench.far.spoil = lambda _command, answer: b"\0\x80\xff" + answer
    assert bench.driver.probe(bench.far) == READY


@pytest.mark.parametrize("clone", [ERROR, framed(b"\xd5\x01"), b""])
def test_a_clone_without_extended_frames_is_used_without(
    clone: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    bench = Bench()
    bench.far.answers[0x00] = clone
    assert bench.driver.probe(bench.far) == READY
    assert bench.clock.now - 100 < 3
    assert "extended" in caplog.text
    assert bench.lay(RANDOM).words() == ["0128"]


def test_a_clone_that_does_not_even_acknowledge_an_extended_frame() -> None:
    bench = Bench()
    bench.far.spoil = lambda command, answer: answer if command[0] else b""
    assert bench.driver.probe(bench.far) == READY


def test_a_clone_s_silence_at_the_line_test_is_no_miss() -> None:
    bench = Bench()
    asked = [0]

    def mute(command: bytes, answer: bytes) -> bytes:
        asked[0] += command[0] == 0x02
        return b"" if command[0] == 0x00 or (command[0] == 0x02 and asked[0] < 3) else answer

    bench.far.spoil = mute
    assert bench.driver.probe(bench.far) == READY


@pytest.mark.parametrize(("clone", "sent"), [(False, True), (True, False)])
def test_without_extended_frames_no_command_needs_one(clone: bool, sent: bool) -> None:
    bench = Bench()
    if clone:
        bench.far.answers[0x00] = ERROR
    wants_248_bytes = "6F15" + "8408A000000333010101" + "A509" + "500155" + "9F38039F37F8" + "9000"
    bench.far.apdus["00A4040008A000000333010101"] = wants_248_bytes
    bench.started().lay(RANDOM)
    assert any(command.startswith("400180A80000") for command in bench.far.commands) is sent


def test_settings_that_a_clone_does_not_know_do_not_matter() -> None:
    bench = Bench()
    bench.far.answers |= {0x14: ERROR, 0x32: ERROR}
    assert bench.driver.probe(bench.far) == READY
    assert bench.lay(RANDOM).words() == ["0128"]


# -- cards


def test_a_card_is_told_once_until_it_has_gone(bench: Bench) -> None:
    bench.lay(RANDOM, seconds=5)
    [told] = bench.told
    assert isinstance(told, CardTapped)
    assert (told.card.masked, told.aid) == ("622202******0128", "A000000333010101")
    bench.lay()
    assert bench.words() == ["0128", "gone"]
    assert bench.lay(RANDOM).words() == ["0128", "gone", "0128"]


def test_a_card_is_told_within_half_a_second(bench: Bench) -> None:
    bench.run(3)
    assert bench.lay(RANDOM, seconds=0.45).words() == ["0128"]


def test_the_field_is_looked_at_for_two_cards_and_not_too_often(bench: Bench) -> None:
    bench.run(3)
    assert set(bench.far.commands) == {"4A0200"}
    assert 9 <= len(bench.far.commands) <= 12


def test_a_card_at_the_edge_of_the_field_is_not_told_again(bench: Bench) -> None:
    bench.lay(RANDOM)
    for _ in range(4):
        bench.lay(seconds=0.3).lay(RANDOM, seconds=0.3)
    assert bench.words() == ["0128"]


def test_a_card_that_was_put_to_sleep_is_still_there(bench: Bench) -> None:
    """As real cards after a release: they answer again when the field has been off."""
    bench.lay(RANDOM)
    was_on: list[bool] = []
    look = bench.far.list

    def sleepy() -> bytes:
        was_on.append("320100" in bench.far.commands[-3:])
        return look() if was_on[-1] else b"\0"

    bench.far.list = sleepy
    bench.run(3)
    assert bench.words() == ["0128"]
    assert {True, False} == set(was_on)


def test_another_card_in_the_place_of_the_told_one(bench: Bench) -> None:
    assert bench.lay(FIXED).lay(OTHER).words() == ["0128", "gone", "0128"]


def test_two_cards_are_told_once_and_the_one_that_stays_is_read(bench: Bench) -> None:
    bench.lay(RANDOM, FIXED, seconds=3)
    assert bench.words() == ["cardCollision"]
    assert not [command for command in bench.far.commands if command.startswith("40")]
    bench.lay(FIXED)
    assert bench.words() == ["cardCollision", "0128"]
    assert bench.lay().words() == ["cardCollision", "0128", "gone"]


def test_two_cards_of_which_one_is_missed_once_are_still_two(bench: Bench) -> None:
    bench.lay(RANDOM, FIXED)
    for _ in range(3):
        bench.lay(RANDOM, seconds=0.3).lay(RANDOM, FIXED, seconds=0.3)
    assert bench.words() == ["cardCollision"]
    assert bench.lay().words() == ["cardCollision", "gone"]


@pytest.mark.parametrize("step", list(APDUS))
@pytest.mark.parametrize("status", [b"\x01", b"\x2b", b"\x29"])
def test_a_card_that_is_taken_away_too_soon(bench: Bench, step: str, status: bytes) -> None:
    def away(apdu: str) -> None:
        if apdu.startswith(step):
            bench.far.cards = []

    bench.far.before_apdu = away
    exchange = bench.far.exchange
    bench.far.exchange = lambda apdu: exchange(apdu) if exchange(apdu)[0] == 0 else status
    assert bench.lay(RANDOM).words() == ["noMedia"]
    bench.far.before_apdu = lambda _apdu: None
    assert bench.lay(RANDOM).words() == ["noMedia", "0128"]


def test_the_one_left_of_two_may_be_taken_away_too_soon(bench: Bench) -> None:
    def away(apdu: str) -> None:
        bench.far.cards = []

    bench.lay(RANDOM, FIXED)
    bench.far.before_apdu = away
    bench.lay(RANDOM, seconds=3)
    assert bench.words() == ["cardCollision", "noMedia"]


def once(bench: Bench, answer: bytes, times: int = 1, step: str = "00B2") -> None:
    """The exchange beginning with `step` is answered so, so many times."""
    exchange, left = bench.far.exchange, [times]

    def faulty(apdu: str) -> bytes:
        if apdu.startswith(step) and left[0]:
            left[0] -= 1
            return answer
        return exchange(apdu)

    bench.far.exchange = faulty


@pytest.mark.parametrize("status", ["01", "2B", "29", "02", "06", "0B", ""])
def test_a_broken_exchange_with_a_card_that_stays_is_tried_once_more(
    bench: Bench, status: str
) -> None:
    once(bench, bytes.fromhex(status))
    assert bench.lay(RANDOM).words() == ["0128"]
    selected = [command for command in bench.far.commands if command.startswith("400100A404000E")]
    assert len(selected) == 2


@pytest.mark.parametrize(
    ("status", "reason"), [("01", "dataInvalid"), ("02", "dataInvalid"), ("06", "cardCollision")]
)
def test_a_card_whose_answers_do_not_come_through_is_told_once(
    bench: Bench, status: str, reason: str
) -> None:
    once(bench, bytes.fromhex(status), times=99)
    assert bench.lay(RANDOM, seconds=3).words() == [reason]
    assert bench.lay().words() == [reason, "gone"]


def test_a_second_card_that_comes_while_the_first_is_read(bench: Bench) -> None:
    def second(apdu: str) -> None:
        if apdu.startswith("00B2"):
            bench.far.cards = [RANDOM, FIXED]

    bench.far.before_apdu = second
    once(bench, b"\x06")
    bench.far.exchange, faulty = (lambda apdu: (second(apdu), faulty(apdu))[1]), bench.far.exchange
    assert bench.lay(RANDOM).words() == ["cardCollision"]


@pytest.mark.parametrize(
    ("apdus", "reason"),
    [
        ({"00A4": "6A82"}, "invalidMedia"),
        ({"00A4040008A000000333010101": "6283"}, "applicationBlocked"),
        ({"80A8": "6985"}, "invalidMedia"),
        ({"": "6D00"}, "invalidMedia"),
        ({"": "6110"}, "invalidMedia"),
    ],
)
def test_no_bank_card(bench: Bench, apdus: dict[str, str], reason: str) -> None:
    bench.far.apdus = apdus | {begin: a for begin, a in APDUS.items() if begin not in apdus}
    assert bench.lay(RANDOM, seconds=3).words() == [reason]
    assert bench.lay().words() == [reason, "gone"]


def test_a_transport_card_without_commands_is_no_bank_card(bench: Bench) -> None:
    bench.far.answers[0x4A] = framed(bytes.fromhex("D54B0101000408" + "0404112233"))
    bench.run()
    assert bench.words() == ["invalidMedia"]
    assert not [command for command in bench.far.commands if command.startswith("40")]


def test_an_answer_in_pieces_is_fetched(bench: Bench) -> None:
    record = bytes.fromhex(APDUS["00B2010C00"])
    exchange = bench.far.exchange
    bench.far.exchange = lambda apdu: {
        "00B2010C00": b"\x40" + record[:9], "": b"\0" + record[9:],
    }.get(apdu) or exchange(apdu)  # fmt: skip
    assert bench.lay(RANDOM).words() == ["0128"]


def test_an_answer_that_never_ends_is_ended(bench: Bench) -> None:
    bench.far.exchange = lambda _apdu: b"\x40\x01"
    assert bench.lay(RANDOM).words() == ["dataInvalid"]


def test_a_slow_card_is_given_up_within_its_time(bench: Bench) -> None:
    def slow(_apdu: str) -> None:
        bench.clock.now += 1.9

    bench.far.before_apdu = slow
    bench.far.apdus = {"": "6A82"}
    assert bench.lay(RANDOM, seconds=9).words() == ["dataInvalid"]


@pytest.mark.parametrize(("status", "word"), [(b"\x0d", "overheated"), (b"\x2d", "overCurrent")])
def test_a_defect_of_the_reader_is_its_condition_until_a_card_is_read(
    bench: Bench, status: bytes, word: str
) -> None:
    once(bench, status, times=2)
    bench.lay(RANDOM)
    assert bench.run() == Condition(State.DEGRADED, word)
    bench.lay().lay(RANDOM)
    assert bench.run() == READY


# -- the wire


@pytest.mark.parametrize("bytes_a_read", [1, 2, 7])
def test_bytes_in_small_pieces(bytes_a_read: int) -> None:
    bench = Bench()
    bench.far.split = bytes_a_read
    assert bench.started().lay(RANDOM).words() == ["0128"]


def test_a_reader_that_falls_silent_is_lost_after_three_questions(bench: Bench) -> None:
    bench.lay(RANDOM)
    bench.far.spoil = lambda _command, _answer: b""
    asked = len(bench.far.sent)
    with pytest.raises(PortLost, match="notResponding"):
        bench.run(30)
    assert len([frame for frame in bench.far.sent[asked:] if len(frame) > 6]) == 3
    assert bench.words() == ["0128"]


def test_a_reader_that_fell_asleep_is_woken_and_set_up_again(bench: Bench) -> None:
    bench.far.sleeps, bench.far.awake = True, False
    bench.run(3)
    assert bench.far.commands[:4] == ["14010000", "3205FF0102", "320101", "4A0200"]
    assert bench.lay(RANDOM).words() == ["0128"]


def test_one_lost_answer_is_asked_for_again(bench: Bench) -> None:
    left = [1]

    def lose(command: bytes, answer: bytes) -> bytes:
        if command[:1] == b"\x40" and left[0]:
            left[0] -= 1
            return ACK
        return answer

    bench.far.spoil = lose
    assert bench.lay(RANDOM, seconds=6).words() == ["0128"]
    assert ACK in bench.far.sent  # the question was given up before the next one


@pytest.mark.parametrize("at", range(8, 20))
def test_a_damaged_answer_is_sent_again(bench: Bench, at: int) -> None:
    left = [1]

    def damage(command: bytes, answer: bytes) -> bytes:
        if command[:1] == b"\x40" and left[0]:
            left[0] -= 1
            return answer[:at] + bytes((answer[at] ^ 4,)) + answer[at + 1 :]
        return answer

    bench.far.spoil = damage
    assert bench.lay(RANDOM, seconds=3).words() == ["0128"]
    assert NACK in bench.far.sent


def test_damage_without_end_is_no_endless_loop(bench: Bench) -> None:
    bench.far.spoil = lambda command, answer: answer[:-3] + b"\xee" + answer[-2:] if answer else b""
    with pytest.raises(PortLost, match="notResponding"):
        bench.run(60)


def test_a_question_that_was_not_understood_is_asked_again(bench: Bench) -> None:
    left = [2]

    def deaf(_command: bytes, answer: bytes) -> bytes:
        left[0] -= 1
        return NACK if left[0] >= 0 else answer

    bench.far.spoil = deaf
    assert bench.lay(RANDOM).words() == ["0128"]
    assert bench.far.commands[:3] == ["4A0200"] * 3


def test_late_and_stale_answers_are_nobody_s(bench: Bench) -> None:
    stale = framed(bytes.fromhex("D54B01020004200404556677"))
    other = framed(bytes.fromhex("D541006A82"))
    bench.far.spoil = lambda _command, answer: other + stale + answer[:6] + VERSION + answer[6:]
    assert bench.lay(seconds=3).words() == []
    assert len(bench.far.commands) <= 12  # none was asked twice
    assert bench.lay(RANDOM, seconds=3).words() == ["0128"]


def test_an_answer_that_came_after_it_was_given_up_is_forgotten() -> None:
    clock = Clock()
    far = FarEnd(clock)
    line = ReaderLine(far, clock)
    far.say(ACK + framed(bytes.fromhex("D54B01020004200404556677")))
    assert line.ask(list_targets(2), 1.0) == b"\0"


def test_the_same_answer_twice(bench: Bench) -> None:
    bench.far.spoil = lambda _command, answer: answer + answer[6:]
    assert bench.lay(RANDOM, seconds=3).words() == ["0128"]


def test_the_wire_breaks_in_the_middle_of_a_card(bench: Bench) -> None:
    def cut(command: bytes, answer: bytes) -> bytes:
        if command[:3] == b"\x40\x01\x80":
            raise PortLost("noDevice")
        return answer

    bench.far.spoil = cut
    with pytest.raises(PortLost, match="noDevice"):
        bench.lay(RANDOM)
    assert bench.told == []
    bench.far.spoil = lambda _command, answer: answer
    bench.started().run()
    assert bench.words() == ["0128"]


def test_a_told_card_that_lies_there_over_a_lost_wire_is_not_told_again(bench: Bench) -> None:
    bench.lay(RANDOM).started().run()
    assert bench.words() == ["0128"]


def test_a_reader_that_does_not_look_any_more_is_a_fault_and_recovers(bench: Bench) -> None:
    bench.far.answers[0x4A] = ERROR
    assert bench.run(3) == Condition(State.FAULT, "hardwareError")
    del bench.far.answers[0x4A]
    assert bench.run(1) == READY


# -- orders


def test_off_and_on(bench: Bench) -> None:
    assert bench.order(Disable("a")) == READY
    assert not bench.far.field
    bench.far.commands.clear()
    bench.lay(RANDOM, seconds=5)
    assert set(bench.far.commands) == {"02"}
    assert len(bench.far.commands) <= 3
    bench.order(Enable("b"))
    bench.run()
    assert bench.told[:2] == [FieldSet("a", "success"), FieldSet("b", "success")]
    assert bench.words()[2:] == ["0128"]


def test_it_may_begin_with_its_field_off() -> None:
    bench = Bench(enabled=False).started()
    assert not bench.far.field
    assert bench.lay(RANDOM, seconds=4).told == []


def test_what_has_been_told_is_not_told_again_for_the_field_being_switched(bench: Bench) -> None:
    bench.lay(RANDOM)
    bench.order(Disable("a"))
    bench.run(3)
    bench.order(Enable("b"))
    bench.run(2)
    assert bench.words() == ["0128", "success", "success"]
    bench.order(Disable("c"))
    bench.lay(seconds=3)
    bench.order(Enable("d"))
    bench.run()
    assert bench.words()[-1] == "gone"


@pytest.mark.parametrize("order", [Enable("j"), Disable("j")])
def test_an_order_has_one_outcome_whatever_happens(order: Enable | Disable) -> None:
    assert order.retry == "safe"
    for do in ("refuse", "abandon"):
        bench = Bench().started()
        getattr(bench.driver, do)(order, "noDevice")
        assert bench.told == [FieldSet("j", "noDevice")]


def test_an_order_that_nobody_waits_for_is_canceled(bench: Bench) -> None:
    patience = Patience(30, bench.clock)
    patience.cancel()
    bench.driver.do(bench.far, Enable("a"), patience)
    assert bench.told == [FieldSet("a", "canceled")]


def test_an_order_without_time_left_ends_in_time(bench: Bench) -> None:
    bench.far.spoil = lambda _command, _answer: b""
    bench.order(Disable("a"), within_s=1)
    assert bench.told == [FieldSet("a", "timeOut")]
    assert bench.clock.now - 100 < 4


def test_an_order_to_a_silent_reader_loses_the_wire_and_is_told_by_abandon(bench: Bench) -> None:
    bench.far.spoil = lambda _command, _answer: b""
    with pytest.raises(PortLost, match="notResponding"):
        bench.order(Enable("a"))
    assert bench.told == []
    bench.driver.abandon(Enable("a"), "notResponding")
    assert bench.told == [FieldSet("a", "notResponding")]


def test_one_lost_answer_does_not_spoil_an_order(bench: Bench) -> None:
    left = [1]

    def lose(_command: bytes, answer: bytes) -> bytes:
        left[0] -= 1
        return b"" if left[0] == 0 else answer

    bench.far.spoil = lose
    bench.order(Disable("a"))
    assert bench.told == [FieldSet("a", "success")]
    assert not bench.far.field


def test_a_reader_that_cannot_switch_its_field_says_so_and_is_not_used(bench: Bench) -> None:
    bench.far.answers[0x32] = ERROR
    bench.order(Disable("a"))
    assert bench.lay(RANDOM).told == [FieldSet("a", "unsupportedCommand")]
    bench.order(Enable("b"))
    bench.run()
    assert bench.words() == ["unsupportedCommand", "success", "0128"]


@pytest.mark.parametrize("options", [{"ttq": "3600"}, {"ttq": "xyz"}, {"country": 10**6}])
def test_options_that_do_not_fit_are_refused_at_once(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"four|hex|fit"):
        Bench(**options)


# -- everything


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from(["", "", "", "one", "two", "cut", "noise", "flip"]), max_size=25),
    st.randoms(),
)
def test_whatever_happens_a_card_is_told_once_and_gone_once(steps: list[str], dice: object) -> None:
    bench = Bench().started()
    fault = [""]

    def spoil(_command: bytes, answer: bytes) -> bytes:
        at = dice.randrange(len(answer) or 1)
        spoilt = {
            "cut": answer[:at],
            "noise": answer[:at] + b"\xa5\0\xff" + answer[at:],
            "flip": answer[:at] + bytes(b ^ 16 for b in answer[at : at + 1]) + answer[at + 1 :],
        }
        return spoilt.get(fault[0], answer) if dice.random() < 0.2 else answer

    bench.far.spoil = spoil
    for step in steps:
        fault[0] = step
        bench.far.cards = {"one": [RANDOM], "two": [RANDOM, FIXED]}.get(
            step, bench.far.cards if step else []
        )
        try:
            bench.run(1.2)
        except PortLost:
            fault[0] = ""
            bench.started()
    in_field = False
    for event in bench.told:
        if isinstance(event, CardGone):
            assert in_field
        in_field = not isinstance(event, CardGone) and event != CardUnreadable("noMedia")
    fault[0] = ""
    bench.lay(seconds=3)
    before = len(bench.told)
    assert bench.lay(RANDOM, seconds=3).words()[before:] == ["0128"]


def test_presence_begins_empty() -> None:
    assert not Presence().waits_for_removal


def test_nothing_of_the_card_is_in_the_log(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    once(bench, b"\x01")
    bench.lay(RANDOM).lay()
    assert bench.words() == ["0128", "gone"]
    shown = caplog.text + repr(bench.told) + repr(vars(bench.driver))
    assert "234567890" not in shown
    assert "aabbcc" not in shown.lower().replace("\\x", "")
