"""The fingerprint module's driver against a scripted far end: bytes by hand, a clock of its own."""

import logging
from collections.abc import Callable
from itertools import pairwise

import pytest

from devices.device import IDLE_S, READY, Condition, Patience, Retry, State
from devices.fingerprint.driver import FingerprintModule
from devices.fingerprint.orders import (
    Delete,
    Empty,
    Enrol,
    FingerResult,
    Load,
    Order,
    Prompt,
    ReadTemplate,
    Search,
    Store,
    Verify,
    WriteTemplate,
)
from devices.port import PortLost

IMAGE, FEATURES, MATCH, SEARCH, MERGE, STORE, LOAD, UPLOAD, DOWNLOAD = range(1, 10)
DELETE, EMPTY, SYSTEM, PASSWORD = 0x0C, 0x0D, 0x0F, 0x13
TEMPLATE = bytes(range(256)) * 2
OTHER = bytes(reversed(TEMPLATE))
ON, OFF = "00", "02"  # what taking an image answers with a finger on the sensor, and without


def packet(kind: int, payload: bytes) -> bytes:
    body = bytes((kind,)) + (len(payload) + 2).to_bytes(2, "big") + payload
    return bytes.fromhex("EF01FFFFFFFF") + body + (sum(body) % 65536).to_bytes(2, "big")


def answer(text: str) -> bytes:
    return packet(7, bytes.fromhex(text))


PARAMETERS = answer("00 0000 0009 00A2 0003 FFFFFFFF 0002 0006")


def template_packets(template: bytes) -> list[bytes]:
    pieces = [template[at : at + 128] for at in range(0, len(template), 128)]
    return [packet(8 if piece is pieces[-1] else 2, piece) for piece in pieces]


class FarEnd:
    """A module that answers from lists; when a list is empty, as a good one without a finger does.

    An answer is a text in hexadecimal, raw bytes (b'' for silence), or pairs of a delay in s and bytes.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.answers: dict[int, list[object]] = {}
        self.said: list[tuple[float, int, bytes]] = []
        self.buffers = {1: TEMPLATE, 2: OTHER}
        self.filling = 0
        self.silent = False
        self.lost_at: float | None = None
        self.coming: list[tuple[float, bytes]] = []

    def write(self, data: bytes, timeout_s: float) -> None:
        self._maybe_lost()
        assert data[:6] == bytes.fromhex("EF01FFFFFFFF")
        assert data == packet(data[6], data[9:-2])
        if data[6] in (2, 8):
            self.buffers[self.filling] += data[9:-2]
        else:
            self.said.append((self.now, data[9], data[10:-2]))
            if not self.silent:
                self._answer(data[9], data[10:-2])

    def _answer(self, command: int, arguments: bytes) -> None:
        scripted = self.answers.get(command)
        told = scripted.pop(0) if scripted else self._usual(command)
        if command == DOWNLOAD:
            self.filling = arguments[0]
            self.buffers[self.filling] = b""
        if isinstance(told, str):
            told = answer(told)
            if command == UPLOAD and told == answer("00"):
                told += b"".join(template_packets(self.buffers[arguments[0]]))
        pieces = [(0.02, told)] if isinstance(told, bytes) else told
        assert isinstance(pieces, list)
        self.coming += [(self.now + delay, data) for delay, data in pieces]

    @staticmethod
    def _usual(command: int) -> object:
        special = {IMAGE: OFF, SYSTEM: PARAMETERS, MATCH: "00 0064", SEARCH: "00 0003 0064"}
        return special.get(command, "00")

    def read(self, timeout_s: float) -> bytes:
        self._maybe_lost()
        until = self.now + timeout_s
        due = [pair for pair in self.coming if pair[1] and pair[0] <= until]
        if not due:
            self.now = until
            return b""
        first = min(due, key=lambda pair: pair[0])
        self.coming.remove(first)
        self.now = max(self.now, first[0])
        return first[1]

    def wake(self) -> None: ...

    def close(self) -> None: ...

    def _maybe_lost(self) -> None:
        if self.lost_at is not None and self.now >= self.lost_at:
            raise PortLost("noDevice")


class Bench:
    def __init__(self, **options: int) -> None:
        self.module = FarEnd()
        self.told: list[Prompt | FingerResult] = []
        self.driver = FingerprintModule(self.told.append, clock=lambda: self.module.now, **options)

    def ready(self) -> "Bench":
        assert self.driver.probe(self.module) == READY
        self.module.said.clear()
        return self

    def fingers(self, *codes: str) -> None:
        self.module.answers[IMAGE] = list(codes)

    def do(self, order: Order, patience: Patience | None = None) -> FingerResult:
        """The outcome, which is the only one and the last thing told."""
        self.told.clear()
        self.driver.do(self.module, order, patience or self.patience(30))
        return self.outcome()

    def outcome(self) -> FingerResult:
        *before, last = self.told
        assert isinstance(last, FingerResult)
        assert all(isinstance(event, Prompt) for event in before)
        return last

    def idle(self, seconds: float) -> None:
        until = self.module.now + seconds
        while self.module.now < until:
            self.driver.idle(self.module)

    def patience(self, seconds: float) -> Patience:
        return Patience(seconds, lambda: self.module.now)

    def words(self) -> list[str]:
        return [event.word for event in self.told if isinstance(event, Prompt)]

    def commands(self) -> list[int]:
        """Without the question that goes before each."""
        return [command for _, command, _ in self.module.said if command != SYSTEM]

    def count(self, command: int) -> int:
        return sum(one == command for _, one, _ in self.module.said)


@pytest.fixture
def bench() -> Bench:
    return Bench().ready()


ORDERS: list[Order] = [
    Enrol("j"),
    Enrol("j", 5),
    Verify("j", TEMPLATE),
    Search("j", 0, 162),
    Load("j", 1),
    Delete("j", 1),
    Empty("j"),
    ReadTemplate("j", 1),
    WriteTemplate("j", 1, TEMPLATE),
]
EVERY_ORDER = pytest.mark.parametrize("order", ORDERS, ids=repr)


def present(bench: Bench) -> None:
    bench.fingers(OFF, ON, OFF, ON)


# --- coming up


def test_a_module_says_who_it_is_after_the_password() -> None:
    bench = Bench(password=0x01020304)
    assert bench.driver.probe(bench.module) == READY
    assert bench.driver.identity == "system 0009, 162 templates"
    assert bench.module.said[0][1:] == (PASSWORD, bytes.fromhex("01020304"))


def test_a_wrong_password_is_a_fault_and_is_not_tried_again() -> None:
    bench = Bench()
    bench.module.answers[PASSWORD] = ["13"]
    bench.module.answers[SYSTEM] = ["21"] * 9
    fault = Condition(State.FAULT, "wrongPassword")
    assert bench.driver.probe(bench.module) == fault
    for _ in range(20):
        assert bench.driver.idle(bench.module) == fault
    assert bench.do(Enrol("j")) == FingerResult("j", "deviceNotReady", "wrongPassword")
    assert bench.count(PASSWORD) == 1


def test_a_module_that_is_still_starting_is_asked_again() -> None:
    bench = Bench()
    bench.module.coming = [(0.4, b"\x55")]
    bench.module.answers[PASSWORD] = [b""]
    assert bench.driver.probe(bench.module) == READY


@pytest.mark.parametrize(
    ("noise", "cause"),
    [
        (b"", "notResponding"),
        (b"\x55", "notResponding"),
        (b"\xf8\x00\x80\xff", "unknownProtocol"),
        (PARAMETERS[:11], "unknownProtocol"),
    ],
)
def test_three_questions_then_the_loss_has_a_name(noise: bytes, cause: str) -> None:
    bench = Bench()
    bench.module.silent = True
    bench.module.coming = [(0.1, noise)]
    with pytest.raises(PortLost) as lost:
        bench.driver.probe(bench.module)
    assert (lost.value.cause, bench.count(PASSWORD)) == (cause, 3)
    assert bench.module.now < 6


def test_parameters_that_no_manual_knows_are_another_protocol() -> None:
    bench = Bench()
    bench.module.answers[SYSTEM] = [answer("00 0000 0009 00A2 0003 FFFFFFFF 0009 0006")] * 9
    with pytest.raises(PortLost, match="unknownProtocol"):
        bench.driver.probe(bench.module)


# --- idle


def test_an_idle_module_is_asked_every_three_seconds(bench: Bench) -> None:
    while bench.module.now < 30:
        assert bench.driver.idle(bench.module) == READY
    times = [at for at, _, _ in bench.module.said]
    assert 8 <= len(times) <= 10
    assert min(b - a for a, b in pairwise(times)) >= 3 - IDLE_S


def test_one_unanswered_question_is_no_loss_and_three_are(bench: Bench) -> None:
    bench.module.answers[SYSTEM] = [b"", b"", PARAMETERS]
    bench.idle(12)
    bench.module.silent = True
    began = bench.module.now
    with pytest.raises(PortLost, match="notResponding"):
        bench.idle(60)
    assert bench.module.now - began < 10


def test_a_module_that_wants_the_password_again_has_been_restarted(bench: Bench) -> None:
    bench.module.answers[SYSTEM] = ["21"]
    with pytest.raises(PortLost, match="restarted"):
        bench.idle(10)


# --- the normal course


def test_enrolling_merges_two_presentations_and_stores_nothing(bench: Bench) -> None:
    bench.fingers(OFF, OFF, ON, ON, OFF, ON)
    assert bench.do(Enrol("j")) == FingerResult("j", "success", template=TEMPLATE)
    assert bench.words() == ["placeFinger", "liftFinger", "placeAgain"]
    assert bench.commands()[-4:] == [IMAGE, FEATURES, MERGE, UPLOAD]
    slots = [arguments for _, command, arguments in bench.module.said if command == FEATURES]
    assert slots == [b"\x01", b"\x02"]


def test_enrolling_with_a_page_stores_there(bench: Bench) -> None:
    present(bench)
    assert bench.do(Enrol("j", 5)) == FingerResult("j", "success", template=TEMPLATE, page=5)
    assert bench.module.said[-1][1:] == (STORE, bytes.fromhex("01 0005"))


def test_verifying_compares_the_given_template_with_the_finger(bench: Bench) -> None:
    bench.fingers(OFF, ON)
    assert bench.do(Verify("j", TEMPLATE)) == FingerResult("j", "success", score=100)
    assert bench.words() == ["placeFinger"]
    compared = [DOWNLOAD, UPLOAD, IMAGE, IMAGE, FEATURES, MATCH]
    assert bench.commands() == [*compared, *[DOWNLOAD, UPLOAD] * 2]


@pytest.mark.parametrize("match", ["00 0064", "08 0000"])
def test_after_a_comparison_neither_template_nor_finger_is_left_in_the_module(
    bench: Bench, match: str
) -> None:
    bench.fingers(ON)
    bench.module.answers[MATCH] = [match]
    bench.do(Verify("j", TEMPLATE))
    assert bench.module.buffers == {1: bytes(512), 2: bytes(512)}
    assert STORE not in bench.commands()


def test_where_no_finger_came_nothing_is_left_either(bench: Bench) -> None:
    assert bench.do(Verify("j", TEMPLATE), bench.patience(3)) == FingerResult("j", "timeOut")
    assert bench.module.buffers == {1: bytes(512), 2: bytes(512)}


def test_what_the_wire_kept_from_being_wiped_is_wiped_when_the_module_is_back(bench: Bench) -> None:
    """Its own power did not fail: the template of a customer who has gone is in it still."""
    bench.module.answers[IMAGE] = [OFF] * 3
    bench.module.lost_at = bench.module.now + 1.0
    with pytest.raises(PortLost):
        bench.do(Verify("j", TEMPLATE))
    assert bench.module.buffers[2] == TEMPLATE
    bench.module.lost_at = None
    bench.ready()
    assert bench.module.buffers == {1: bytes(512), 2: bytes(512)}
    bench.module.said.clear()
    bench.ready()
    assert bench.count(DOWNLOAD) == 0  # once


@pytest.mark.parametrize("codes", [[OFF, OFF, ON, ON, OFF, ON], [ON, OFF]])
def test_a_finger_that_is_enrolled_elsewhere_stays_in_no_buffer(
    bench: Bench, codes: list[str]
) -> None:
    """Also of somebody who gave it up half way."""
    bench.fingers(*codes)
    bench.do(Enrol("j", kept=False), bench.patience(5))
    assert bench.module.buffers == {1: bytes(512), 2: bytes(512)}
    assert bench.do(Store("j", 2)) == FingerResult("j", "sequenceError")


def test_a_module_that_keeps_a_template_is_degraded_and_the_outcome_stands(bench: Bench) -> None:
    bench.fingers(ON)
    bench.module.answers[DOWNLOAD] = ["00", *["0D"] * 9]  # a template may not come down any more
    result, condition = bench.do(Verify("j", TEMPLATE)), bench.driver.idle(bench.module)
    assert result.completion == "success"
    assert condition == Condition(State.DEGRADED, "notWiped")


@pytest.mark.parametrize("text", ["08", "08 0000"])
def test_another_finger_is_never_a_success(bench: Bench, text: str) -> None:
    bench.fingers(ON)
    bench.module.answers[MATCH] = [text]
    result = bench.do(Verify("j", TEMPLATE))
    assert (result.completion, result.detail) == ("commandErrorCode", "noMatch")


def test_searching_tells_page_and_score(bench: Bench) -> None:
    bench.fingers(ON)
    assert bench.do(Search("j", 0, 162)) == FingerResult("j", "success", page=3, score=100)
    bench.fingers(ON)
    bench.module.answers[SEARCH] = ["09 0000 0000"]
    assert bench.do(Search("j", 0, 162)) == FingerResult("j", "commandErrorCode", "notFound")


def test_a_template_is_read_from_a_page(bench: Bench) -> None:
    assert bench.do(ReadTemplate("j", 7)) == FingerResult("j", "success", template=TEMPLATE, page=7)
    assert bench.commands() == [LOAD, UPLOAD]


def test_a_template_is_read_back_before_it_is_written_to_a_page(bench: Bench) -> None:
    assert bench.do(WriteTemplate("j", 7, OTHER)) == FingerResult("j", "success", page=7)
    assert bench.module.buffers[1] == OTHER
    assert bench.commands() == [DOWNLOAD, UPLOAD, STORE]


def test_deleting_and_emptying(bench: Bench) -> None:
    assert bench.do(Delete("j", 1)) == FingerResult("j", "success", page=1)
    assert bench.module.said[-1][1:] == (DELETE, bytes.fromhex("0001 0001"))
    assert bench.do(Empty("j")) == FingerResult("j", "success")


def test_what_was_loaded_can_be_stored(bench: Bench) -> None:
    bench.do(Load("j", 1))
    assert bench.do(Store("j", 2)) == FingerResult("j", "success", page=2)


def test_what_another_customer_left_in_the_module_is_not_stored(bench: Bench) -> None:
    assert bench.do(Store("j", 2)) == FingerResult("j", "sequenceError")
    present(bench)
    bench.do(Enrol("j"))
    bench.fingers(ON)
    bench.do(Verify("j", TEMPLATE))
    assert bench.do(Store("j", 2)) == FingerResult("j", "sequenceError")
    bench.do(Load("j", 1))
    bench.ready()
    assert bench.do(Store("j", 2)) == FingerResult("j", "sequenceError")
    assert bench.count(STORE) == 0


@pytest.mark.parametrize(
    ("order", "detail"),
    [
        (Enrol("j", 162), "invalidPage"),
        (Load("j", -1), "invalidPage"),
        (Store("j", 162), "invalidPage"),
        (Delete("j", 99999), "invalidPage"),
        (ReadTemplate("j", 162), "invalidPage"),
        (Search("j", 0, 163), "invalidPage"),
        (Search("j", 0, 0), "invalidPage"),
        (WriteTemplate("j", 162, TEMPLATE), "invalidPage"),
        (WriteTemplate("j", 1, TEMPLATE[:-1]), "invalidTemplate"),
        (Verify("j", b""), "invalidTemplate"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_said(
    bench: Bench, order: Order, detail: str
) -> None:
    assert bench.do(order) == FingerResult("j", "invalidData", detail)
    assert bench.module.said == []


def test_templates_of_another_size_are_an_option() -> None:
    bench = Bench(template_bytes=1024).ready()
    bench.module.buffers[1] = TEMPLATE * 2
    assert bench.do(ReadTemplate("j", 1)).template == TEMPLATE * 2


# --- bad fingers


@pytest.mark.parametrize(
    ("image", "features", "word", "detail"),
    [
        ("03", "00", "placeAgain", "captureFailed"),
        (ON, "06", "clean", "messyImage"),
        (ON, "07", "pressHarder", "tooFewPoints"),
        (ON, "15", "placeAgain", "noValidImage"),
    ],
)
def test_a_bad_image_has_its_advice_and_three_end_the_order(
    bench: Bench, image: str, features: str, word: str, detail: str
) -> None:
    bench.fingers(*[image] * 40)
    bench.module.answers[FEATURES] = [features] * 40
    result = bench.do(Verify("j", TEMPLATE))
    assert result.detail == detail
    assert result.completion != "success"
    assert bench.words() == ["placeFinger", word, word]
    assert 2 * 1.5 <= bench.module.now < 10  # a hand needs its time


def test_a_finger_that_was_cleaned_is_taken(bench: Bench) -> None:
    bench.fingers(ON, ON, OFF, OFF, ON)
    bench.module.answers[FEATURES] = ["06", "00"]
    assert bench.do(Verify("j", TEMPLATE)).completion == "success"
    assert bench.words() == ["placeFinger", "clean"]


def test_two_different_fingers_do_not_merge_and_the_third_time_ends_it(bench: Bench) -> None:
    bench.fingers(*[ON, OFF] * 20)
    bench.module.answers[MERGE] = ["0A"] * 9
    assert bench.do(Enrol("j", 5)) == FingerResult("j", "commandErrorCode", "cannotMerge")
    once = ["liftFinger", "placeAgain"]
    again = ["liftFinger", "sameFinger", *once]
    assert bench.words() == ["placeFinger", *once, *again, *again]
    assert (bench.count(MERGE), bench.count(STORE)) == (3, 0)


def test_the_second_merge_may_succeed(bench: Bench) -> None:
    bench.fingers(*[ON, OFF] * 20)
    bench.module.answers[MERGE] = ["0A", "00"]
    assert bench.do(Enrol("j")).template == TEMPLATE


def test_how_many_attempts_is_an_option() -> None:
    bench = Bench(attempts=1).ready()
    bench.fingers(ON)
    bench.module.answers[FEATURES] = ["06"]
    assert bench.do(Verify("j", TEMPLATE)).detail == "messyImage"
    assert bench.words() == ["placeFinger"]


def test_the_sensors_own_trouble_is_its_condition_until_an_order_succeeds(bench: Bench) -> None:
    bench.fingers(*["03"] * 20)
    bench.do(Verify("j", TEMPLATE))
    assert bench.driver.idle(bench.module) == Condition(State.DEGRADED, "captureFailed")
    bench.fingers(ON)
    bench.do(Verify("j", TEMPLATE))
    assert bench.driver.idle(bench.module) == READY
    bench.module.answers[STORE] = ["18"]
    assert bench.do(WriteTemplate("j", 1, TEMPLATE)).detail == "flashError"
    assert bench.driver.idle(bench.module) == Condition(State.DEGRADED, "flashError")


@pytest.mark.parametrize(
    ("order", "command", "code", "completion", "detail"),
    [
        (Load("j", 1), LOAD, "0C", "commandErrorCode", "templateUnreadable"),
        (ReadTemplate("j", 1), UPLOAD, "0D", "hardwareError", "uploadFailed"),
        (WriteTemplate("j", 1, TEMPLATE), DOWNLOAD, "0E", "hardwareError", "downloadFailed"),
        (WriteTemplate("j", 1, TEMPLATE), STORE, "0B", "invalidData", "invalidPage"),
        (Delete("j", 1), DELETE, "10", "hardwareError", "deleteFailed"),
        (Empty("j"), EMPTY, "11", "hardwareError", "emptyFailed"),
        (Empty("j"), EMPTY, "99", "hardwareError", "unknownCode"),
        (Enrol("j"), IMAGE, "20", "hardwareError", "wrongAddress"),
    ],
)
def test_each_refusal_of_the_module_is_the_outcome(
    bench: Bench, order: Order, command: int, code: str, completion: str, detail: str
) -> None:
    bench.module.answers[command] = [code]
    assert bench.do(order) == FingerResult("j", completion, detail)
    assert bench.count(command) == 1


# --- time


@pytest.mark.parametrize("order", ORDERS[:4], ids=repr)
def test_nobody_puts_a_finger_there(bench: Bench, order: Order) -> None:
    began = bench.module.now
    assert bench.do(order, bench.patience(10)) == FingerResult("j", "timeOut")
    assert 9.5 < bench.module.now - began < 11
    assert bench.count(IMAGE) < 10 / 0.3 + 2


def test_a_finger_that_is_never_lifted_ends_with_the_patience(bench: Bench) -> None:
    bench.fingers(*[ON] * 200)
    assert bench.do(Enrol("j"), bench.patience(10)) == FingerResult("j", "timeOut")
    assert bench.words() == ["placeFinger", "liftFinger"]


def test_a_cancel_ends_the_wait_for_a_finger(bench: Bench) -> None:
    patience = bench.patience(30)

    def cancel(event: Prompt | FingerResult) -> None:
        bench.told.append(event)
        patience.cancel()

    bench.driver = FingerprintModule(cancel, clock=lambda: bench.module.now)
    bench.ready()
    began = bench.module.now
    assert bench.do(Enrol("j"), patience) == FingerResult("j", "canceled")
    assert bench.module.now - began < 1


@EVERY_ORDER
def test_what_is_canceled_before_it_began_leaves_no_mark(bench: Bench, order: Order) -> None:
    patience = bench.patience(30)
    patience.cancel()
    assert bench.do(order, patience) == FingerResult("j", "canceled")
    assert bench.commands() == []


# --- a bad wire


@EVERY_ORDER
def test_silence_in_the_middle_is_a_loss_in_time_and_one_outcome(
    bench: Bench, order: Order
) -> None:
    bench.module.silent = True
    began = bench.module.now
    with pytest.raises(PortLost, match="notResponding"):
        bench.driver.do(bench.module, order, bench.patience(30))
    assert bench.module.now - began < 10
    bench.driver.abandon(order, "notResponding")
    assert bench.outcome() == FingerResult("j", "hardwareError", "notResponding")


@EVERY_ORDER
def test_wherever_the_plug_is_pulled_there_is_one_outcome(order: Order) -> None:
    for step in range(1, 30):
        bench = Bench().ready()
        present(bench)
        bench.told.clear()
        bench.module.lost_at = bench.module.now + step * 0.05
        try:
            bench.driver.do(bench.module, order, bench.patience(30))
        except PortLost as lost:
            bench.driver.abandon(order, lost.cause)
        bench.outcome()


def test_an_order_that_has_its_outcome_is_not_abandoned(bench: Bench) -> None:
    order = Empty("j")
    bench.do(order)
    bench.driver.abandon(order, "internalError")
    assert bench.outcome().completion == "success"


@pytest.mark.parametrize(
    ("detail", "result"),
    [
        ("canceled", FingerResult("j", "canceled")),
        ("timeOut", FingerResult("j", "timeOut")),
        ("noDevice", FingerResult("j", "deviceNotReady", "noDevice")),
    ],
)
def test_a_refused_order_was_not_begun(bench: Bench, detail: str, result: FingerResult) -> None:
    bench.driver.refuse(Empty("j"), detail)
    assert bench.told == [result]


def test_an_order_nobody_knows_has_an_outcome(bench: Bench) -> None:
    class Strange:
        retry = Retry.SAFE
        job = "j"

    assert bench.do(Strange()) == FingerResult("j", "unsupportedCommand")  # type: ignore[arg-type]


def test_parameters_of_an_older_question_are_no_sign_of_life(bench: Bench) -> None:
    bench.module.silent = True
    bench.module.coming = [(bench.module.now, PARAMETERS)]
    with pytest.raises(PortLost, match="notResponding"):
        bench.driver.do(bench.module, Load("j", 1), bench.patience(30))
    assert bench.count(LOAD) == 0


def test_an_answer_of_another_address_is_not_ours(bench: Bench) -> None:
    bench.fingers(ON)
    foreign = b"\xef\x01\x00\x00\x00\x01" + answer("00 0064")[6:]
    bench.module.answers[MATCH] = [foreign + answer("08 0000")]
    assert bench.do(Verify("j", TEMPLATE)).detail == "noMatch"


def late(data: bytes) -> list[tuple[float, bytes]]:
    return [(3.0, data)]


def test_a_match_that_comes_too_late_is_not_the_next_ones(bench: Bench) -> None:
    """The answer to one customer's finger must not let the next one in."""
    bench.fingers(ON)
    bench.module.answers[MATCH] = [late(answer("00 0064")), "08 0000"]
    assert bench.do(Verify("j", TEMPLATE)).detail == "noMatch"


@pytest.mark.parametrize("stale", ["00", "02", "00 0064", "00 0003 0064"])
def test_a_stale_answer_before_each_of_the_modules_own_is_dropped(bench: Bench, stale: str) -> None:
    bench.fingers(ON)
    bench.module.answers[SYSTEM] = [answer(stale) + PARAMETERS] * 50
    bench.module.answers[MATCH] = ["08 0000"]
    assert bench.do(Verify("j", TEMPLATE)).detail == "noMatch"


def test_the_parameters_again_before_each_answer_are_dropped(bench: Bench) -> None:
    bench.fingers(OFF)
    bench.module.answers[IMAGE] = [PARAMETERS + answer(code) for code in (OFF, ON)]
    bench.module.answers[MATCH] = [PARAMETERS + answer("08 0000")]
    assert bench.do(Verify("j", TEMPLATE)).detail == "noMatch"


def test_every_answer_twice_changes_nothing(bench: Bench) -> None:
    bench.module.answers[IMAGE] = [answer(code) * 2 for code in (OFF, ON, ON, OFF, ON)]
    bench.module.answers[FEATURES] = [answer("00") * 2] * 2
    bench.module.answers[SYSTEM] = [PARAMETERS * 2] * 50
    assert bench.do(Enrol("j")).template == TEMPLATE


@pytest.mark.parametrize("gap", [0.001, 0.2])
def test_answers_in_pieces_are_answers(bench: Bench, gap: float) -> None:
    def split(data: bytes) -> list[tuple[float, bytes]]:
        return [(0.01, data[:5]), (0.01 + gap, data[5:])]

    bench.module.answers[IMAGE] = [split(answer(code)) for code in (OFF, ON)]
    bench.module.answers[SYSTEM] = [split(PARAMETERS)] * 10
    assert bench.do(Verify("j", TEMPLATE)).completion == "success"


def test_noise_around_answers_is_survived(bench: Bench) -> None:
    bench.module.answers[IMAGE] = [b"\x00\xef\xff" + answer(code) + b"\x55" for code in (OFF, ON)]
    bench.module.answers[MATCH] = [b"\xef\x01\xff" + answer("00 0064")]
    assert bench.do(Verify("j", TEMPLATE)).score == 100


def broken(data: bytes) -> bytes:
    return data[:-1] + bytes((data[-1] ^ 1,))


def test_a_broken_answer_to_a_question_is_asked_for_again(bench: Bench) -> None:
    bench.fingers(ON)
    bench.module.answers[MATCH] = [broken(answer("00 0064")), "08 0000"]
    assert bench.do(Verify("j", TEMPLATE)).detail == "noMatch"
    assert bench.count(MATCH) == 2


@pytest.mark.parametrize(
    ("order", "command"),
    [(Delete("j", 1), DELETE), (Empty("j"), EMPTY), (WriteTemplate("j", 1, TEMPLATE), STORE)],
)
def test_what_changes_the_library_is_not_said_twice(
    bench: Bench, order: Order, command: int
) -> None:
    bench.module.answers[command] = [b""]
    assert bench.do(order) == FingerResult("j", "hardwareError", "notResponding")
    assert bench.count(command) == 1
    assert order.retry is Retry.ONCE


def test_what_the_module_did_not_understand_was_not_done_and_is_said_again(bench: Bench) -> None:
    bench.module.answers[EMPTY] = ["01", "00"]
    assert bench.do(Empty("j")).completion == "success"
    bench.module.answers[EMPTY] = ["01"] * 9
    assert bench.do(Empty("j")).completion == "hardwareError"
    assert bench.count(EMPTY) == 2 + 3


def test_a_restart_in_the_middle_of_an_order_is_a_loss(bench: Bench) -> None:
    bench.module.answers[IMAGE] = [OFF, "21"]
    with pytest.raises(PortLost, match="restarted"):
        bench.driver.do(bench.module, Verify("j", TEMPLATE), bench.patience(30))


# --- templates on the wire


def cut_off(kept: int) -> bytes:
    return answer("00") + b"".join(template_packets(TEMPLATE)[:kept])


def one_missing() -> bytes:
    packets = template_packets(TEMPLATE)
    return answer("00") + packets[0] + broken(packets[1]) + packets[2] + packets[3]


@pytest.mark.parametrize("bad", [cut_off(0), cut_off(2), one_missing(), answer("00") * 3])
def test_a_template_that_stops_or_lacks_a_packet_is_asked_for_again(
    bench: Bench, bad: bytes
) -> None:
    bench.module.answers[UPLOAD] = [bad]
    assert bench.do(ReadTemplate("j", 1)).template == TEMPLATE
    assert bench.count(UPLOAD) == 2


@pytest.mark.parametrize(
    "bad",
    [
        cut_off(2),
        one_missing(),
        [(0.01 * i, template_packets(OTHER)[0] if i else answer("00")) for i in range(2000)],
    ],
    ids=["silent", "broken", "endless"],
)
def test_a_template_that_never_comes_whole_ends_the_order_in_time(
    bench: Bench, bad: object
) -> None:
    bench.module.answers[UPLOAD] = [bad] * 9
    began = bench.module.now
    assert bench.do(ReadTemplate("j", 1)) == FingerResult("j", "hardwareError", "uploadFailed")
    assert bench.module.now - began < 6


def test_a_template_that_trickles_is_given_up(bench: Bench) -> None:
    trickle = [(0.9 * i, packet(2, bytes(32))) for i in range(1, 15)]
    bench.module.answers[UPLOAD] = [[(0.0, answer("00")), *trickle]]
    began = bench.module.now
    assert bench.do(ReadTemplate("j", 1), bench.patience(4)) == FingerResult("j", "timeOut")
    assert bench.module.now - began < 6


def test_a_template_that_did_not_arrive_is_never_compared(bench: Bench) -> None:
    """The one before it would still be there: somebody else's."""
    stays = answer("00") + b"".join(template_packets(OTHER))
    bench.module.answers[UPLOAD] = [stays] * 9
    assert bench.do(Verify("j", TEMPLATE)) == FingerResult("j", "hardwareError", "downloadFailed")
    assert bench.count(MATCH) == 0
    assert bench.words() == []


def test_templates_go_in_packets_of_the_modules_size() -> None:
    bench = Bench()
    bench.module.answers[SYSTEM] = [answer("00 0000 0009 00A2 0003 FFFFFFFF 0000 0006")] * 50
    bench.ready()
    sizes: list[int] = []
    write: Callable[[bytes, float], None] = bench.module.write

    def measured(data: bytes, timeout_s: float) -> None:
        sizes.append(len(data) - 11) if data[6] in (2, 8) else None
        write(data, timeout_s)

    bench.module.write = measured  # type: ignore[method-assign]
    assert bench.do(WriteTemplate("j", 1, TEMPLATE)).completion == "success"
    assert sizes == [32] * 16


# --- secrets


@EVERY_ORDER
def test_no_template_is_in_a_repr_or_the_log(
    bench: Bench, order: Order, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    present(bench)
    bench.do(order)
    shown = repr(order) + repr(bench.told) + caplog.text
    assert "\\x" not in shown
    assert "template" not in shown.lower().replace("template(", "")
