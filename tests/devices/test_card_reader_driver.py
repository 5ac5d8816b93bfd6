"""The motorised reader's driver against a far end that says what a test wrote down. No real time passes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from typing import Any

import pytest

from devices.card_reader.driver import CardReader
from devices.card_reader.orders import (
    AcceptCard,
    AcceptingStopped,
    CaptureCard,
    CaptureDecision,
    CardCaptured,
    CardFound,
    CardReturned,
    CardTaken,
    ReturnCard,
    StopAccepting,
)
from devices.device import Condition, Patience, Retry, State
from devices.port import PortLost

PAN = "6222021234567890128"
TRACKS = f"P020PB{PAN}^ZHANG/SAN^2912220~P{PAN}=29122200000012345~N24"
DECISION = CaptureDecision("cardLeft30s", "branch rule 7", datetime(2026, 11, 23, tzinfo=UTC))
NONE, GATE, INSIDE = "P020", "P120", "P220"
READY = Condition(State.READY)
NO_ACK = "noAck "  # it answers without having acknowledged
SILENT = "silent"  # not even an acknowledgement
ONLY_ACK = "onlyAck"
NAK = "nak"


def framed(text: bytes) -> bytes:
    frame = b"\xf2\x00" + len(text).to_bytes(2, "big") + text + b"\x03"
    return frame + bytes((reduce(lambda a, b: a ^ b, frame, 0),))


@dataclass
class FarEnd:
    """Answers by command and parameter as two characters: the first of the list, the last again and again."""

    answers: dict[str, list[Any]] = field(default_factory=dict)
    now: float = 0.0
    heard: list[str] = field(default_factory=list)
    signals: list[int] = field(default_factory=list)
    coming: list[tuple[float, bytes]] = field(default_factory=list)
    lost_at: float = float("inf")
    woken: Callable[[float], None] = lambda now: None

    def clock(self) -> float:
        return self.now

    def read(self, timeout_s: float) -> bytes:
        self._wire()
        until = self.now + timeout_s
        if self.coming and self.coming[0][0] <= until:
            self.now = max(self.now, self.coming[0][0])
            data = b"".join(piece for at, piece in self.coming if at <= self.now)
            self.coming = [(at, piece) for at, piece in self.coming if at > self.now]
            return data
        self.now = until
        self.woken(self.now)
        return b""

    def write(self, data: bytes, timeout_s: float) -> None:
        self._wire()
        if len(data) == 1:
            self.signals.append(data[0])
            if data == b"\x04":
                self.say(0.01, b"\x04")
            return
        assert data == framed(data[4:-2])
        request = data[5:7].decode("latin-1")
        self.heard.append(request)
        script = self.answers.setdefault(request, list(DEFAULT.get(request, ["N00"])))
        self._reply(data[5:7], script.pop(0) if len(script) > 1 else script[0])

    def _reply(self, request: bytes, answer: Any) -> None:
        if callable(answer):
            answer = answer()
        if isinstance(answer, bytes):
            self.say(0.05, answer)
        elif answer == NAK:
            self.say(0.05, b"\x15")
        elif answer != SILENT:
            if not answer.startswith(NO_ACK):
                self.say(0.02, b"\x06")
            answer = answer.removeprefix(NO_ACK)
            if answer != ONLY_ACK:
                text = answer.encode("latin-1")
                self.say(0.05, framed(text[:1] + request + text[1:]))

    def say(self, after_s: float, data: bytes) -> None:
        self.coming = sorted([*self.coming, (self.now + after_s, data)], key=lambda one: one[0])

    def _wire(self) -> None:
        if self.now >= self.lost_at:
            raise PortLost("noDevice")

    def wake(self) -> None: ...

    def close(self) -> None: ...

    def moves(self) -> list[str]:
        return [request for request in self.heard if request[0] == "2"]


DEFAULT: dict[str, list[Any]] = {
    "10": [NONE],
    "03": [NONE + "CRT-591-V1.00"],
    "00": ["P120CRT-591-V1.00"],
    "\xa40": [NONE + "C591_R02"],
    "\xa20": [NONE + "\x04SN42"],
    "30": [NONE],
    "31": [NONE],
    "32": [NONE],
    "67": [TRACKS],
    "P0": ["P22010"],
    "Q1": [INSIDE],
    "20": [GATE],
    "23": [NONE],
    "\xa50": [NONE + "004", NONE + "005"],
}


NAMES = {
    "status": "10",
    "init": "03",
    "init_to_gate": "00",
    "entry_on": "30",
    "entry_off": "31",
    "tracks": "67",
    "chip": "P0",
    "to_gate": "20",
    "capture": "23",
    "count": "\xa50",
}


class Bench:
    def __init__(self, start: bool = True, **options: Any) -> None:
        self.far = FarEnd()
        self.told: list[Any] = []
        self.reader = CardReader(self.told.append, key=b"key", clock=self.far.clock, **options)
        if start:
            assert self.reader.probe(self.far) == READY
            self.far.heard.clear()

    def script(self, **answers: list[Any]) -> None:
        """By the names of the requests: status=…, to_gate=…"""
        self.far.answers.update({NAMES[name]: list(script) for name, script in answers.items()})

    def do(self, order: Any, patience: Patience | None = None) -> Any:
        before = len(self.told)
        self.condition = self.reader.do(self.far, order, patience or self.patience(30))
        [outcome] = [event for event in self.told[before:] if not isinstance(event, CardFound)]
        return outcome

    def patience(self, seconds: float) -> Patience:
        return Patience(seconds, self.far.clock)

    def idle(self, seconds: float) -> Condition:
        until = self.far.now + seconds
        while self.far.now < until:
            condition = self.reader.idle(self.far)
        return condition

    def accepted(self) -> CardTaken:
        self.script(status=[NONE, NONE, INSIDE])
        taken = self.do(AcceptCard("a"))
        assert taken.completion == "success"
        return taken


# ---- start


def test_at_the_start_status_comes_first_and_nothing_is_moved() -> None:
    bench = Bench(start=False)
    assert bench.reader.probe(bench.far) == READY
    assert bench.far.heard == ["10", "03", "\xa40", "\xa20"]
    assert bench.reader.identity == "CRT-591-V1.00 C591_R02 SN42"
    assert bench.told == []


def test_identity_is_what_the_machine_can_say() -> None:
    bench = Bench(start=False)
    bench.far.answers.update({"\xa40": ["N03"], "\xa20": [SILENT]})
    bench.reader.probe(bench.far)
    assert bench.reader.identity == "CRT-591-V1.00"


def test_a_card_inside_at_the_start_goes_to_the_gate_and_is_told_until_it_is_gone() -> None:
    bench = Bench(start=False)
    bench.script(status=[INSIDE, GATE, NONE])
    assert bench.reader.probe(bench.far) == Condition(State.DEGRADED, "cardLeft")
    assert bench.far.heard[:2] == ["10", "00"]
    assert bench.told == [CardFound("gate")]
    assert bench.idle(3) == READY


def test_power_lost_with_a_card_inside_is_initialised_once_and_the_card_given_back() -> None:
    bench = Bench(start=False)
    bench.script(status=["NB0", GATE])
    bench.reader.probe(bench.far)
    assert bench.far.heard.count("00") == 1
    assert bench.told == [CardFound("gate")]


def test_power_lost_while_idle_is_initialised_once() -> None:
    bench = Bench()
    bench.script(status=["NB0", NONE], init_to_gate=[NONE + "CRT"])
    assert bench.idle(3) == READY
    assert bench.far.heard.count("00") == 1
    assert bench.told == []


def test_a_machine_that_cannot_be_initialised_is_faulty_and_tried_again_every_ten_seconds() -> None:
    bench = Bench(start=False)
    bench.script(status=["NB0"], init=["NB0"], init_to_gate=["NB0"])
    assert bench.reader.probe(bench.far) == Condition(State.FAULT, "notInitialised")
    assert bench.idle(35) == Condition(State.FAULT, "notInitialised")
    assert 2 <= bench.far.heard.count("03") <= 3
    bench.script(status=["NB0", NONE], init=[NONE + "CRT"])
    assert bench.idle(15) == READY


def test_a_card_that_jams_on_its_way_out_at_the_start_is_a_fault() -> None:
    bench = Bench(start=False)
    bench.script(status=[INSIDE], init_to_gate=["N10"])
    assert bench.reader.probe(bench.far) == Condition(State.FAULT, "jammed")
    assert bench.told == [CardFound("inside")]


def test_silence_at_the_start_is_no_answer_after_three_questions() -> None:
    bench = Bench(start=False)
    bench.script(status=[SILENT])
    with pytest.raises(PortLost, match="notResponding"):
        bench.reader.probe(bench.far)
    assert bench.far.heard.count("10") == 3 * 4


def test_something_else_that_talks_is_an_unknown_protocol() -> None:
    bench = Bench(start=False)
    bench.script(status=[b"\x80\x55OK\r\n"])
    with pytest.raises(PortLost, match="unknownProtocol"):
        bench.reader.probe(bench.far)


@pytest.mark.parametrize("option", [{"model": "crt9"}, {"address": 16}])
def test_wrong_options_are_refused_with_a_sentence(option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="crt591 or r02"):
        CardReader(lambda _event: None, **option)


# ---- accept


def test_a_card_is_accepted_read_and_stays_inside() -> None:
    bench = Bench()
    taken = bench.accepted()
    assert bench.far.heard == ["10", "30", "10", "10", "31", "67", "P0", "Q1"]
    assert [str(status) for status in taken.tracks.values()] == ["ok", "ok", "dataMissing"]
    assert (taken.card.masked, taken.chip, taken.where) == ("622202******0128", True, "inside")
    assert PAN[6:-4] not in repr(bench.told)
    assert bench.condition == READY
    assert bench.idle(3) == READY


def test_an_r02_has_its_own_words_for_the_entry() -> None:
    bench = Bench(model="r02")
    bench.accepted()
    assert [request for request in bench.far.heard if request[0] == "3"] == ["32", "30"]


def test_a_card_is_waited_for_without_haste() -> None:
    bench = Bench()
    bench.script(status=[NONE] * 20 + [GATE] * 3 + [INSIDE])
    began = bench.far.now
    assert bench.do(AcceptCard("a")).completion == "success"
    assert (bench.far.now - began) / bench.far.heard.count("10") > 0.3


def test_one_bad_track_leaves_the_card_to_the_other() -> None:
    bench = Bench()
    bench.script(status=[NONE, INSIDE], tracks=[f"P020N20~P{PAN}=2912~N24"])
    taken = bench.do(AcceptCard("a"))
    assert (taken.completion, taken.card.last4) == ("success", "0128")
    assert [str(s) for s in taken.tracks.values()] == ["dataInvalid", "ok", "dataMissing"]


@pytest.mark.parametrize(
    ("tracks", "status"), [("N00", "dataMissing"), ("N03", "dataMissing"), ("N04", "dataInvalid")]
)
def test_a_chip_alone_will_do(tracks: str, status: str) -> None:
    bench = Bench()
    bench.script(status=[NONE, INSIDE], tracks=[tracks])
    taken = bench.do(AcceptCard("a"))
    assert (taken.completion, taken.card, taken.chip) == ("success", None, True)
    assert {str(s) for s in taken.tracks.values()} == {status}


@pytest.mark.parametrize("chip", ["P22000", "N61", "N03", SILENT, ONLY_ACK])
def test_tracks_alone_will_do(chip: str) -> None:
    bench = Bench()
    bench.script(status=[NONE, INSIDE], chip=[chip])
    taken = bench.do(AcceptCard("a"))
    assert (taken.completion, taken.chip) == ("success", False)
    assert taken.card is not None


def test_a_card_with_neither_is_invalid_and_can_be_returned() -> None:
    bench = Bench()
    bench.script(status=[NONE, INSIDE], tracks=["P020N20~N20~N20"], chip=["P22000"])
    taken = bench.do(AcceptCard("a"))
    assert (taken.completion, taken.where) == ("invalidMedia", "inside")
    bench.script(status=[INSIDE, GATE, NONE])
    assert bench.do(ReturnCard("r")) == CardReturned("r", "success", "none")


def test_when_nobody_comes_the_entry_is_shut() -> None:
    bench = Bench()
    taken = bench.do(AcceptCard("a"), bench.patience(5))
    assert (taken.completion, taken.where) == ("timeOut", "none")
    assert bench.far.heard[-4:] == ["10", "31", "10", "10"]
    assert bench.far.now < 8
    assert bench.far.moves() == []


def test_a_canceled_order_shuts_the_entry_at_once() -> None:
    bench = Bench()
    patience = bench.patience(300)
    bench.far.woken = lambda now: patience.cancel() if now > 5 else None
    assert bench.do(AcceptCard("a"), patience).completion == "canceled"
    assert "31" in bench.far.heard
    assert bench.far.now < 7


def test_a_card_that_comes_in_at_the_last_moment_is_given_back() -> None:
    bench = Bench()
    patience = bench.patience(300)
    bench.script(status=[NONE, lambda: patience.cancel() or NONE, INSIDE, GATE])
    taken = bench.do(AcceptCard("a"), patience)
    assert (taken.completion, taken.where) == ("canceled", "gate")
    assert bench.far.moves() == ["20"]
    assert bench.condition == Condition(State.DEGRADED, "cardLeft")


@pytest.mark.parametrize("where", [NONE, INSIDE])
@pytest.mark.parametrize("read", ["tracks", "chip"])
@pytest.mark.parametrize("code", ["N16", "N45"])
def test_a_card_pulled_out_in_the_middle_is_no_fault(read: str, code: str, where: str) -> None:
    bench = Bench()
    bench.script(status=[NONE, INSIDE, where], **{read: [code]})
    taken = bench.do(AcceptCard("a"))
    assert (taken.completion, taken.card, taken.tracks) == ("noMedia", None, {})
    assert taken.where == {NONE: "none", INSIDE: "inside"}[where]
    assert bench.condition == READY


@pytest.mark.parametrize(
    ("code", "word"), [("N10", "mediaJam"), ("N13", "cardTooLong"), ("N14", "cardTooShort")]
)
def test_what_is_jammed_is_ejected_once(code: str, word: str) -> None:
    bench = Bench()
    bench.script(status=[NONE, code, GATE])
    taken = bench.do(AcceptCard("a"))
    assert (taken.completion, taken.where) == (word, "gate")
    assert bench.far.moves() == ["20"]
    assert bench.condition == Condition(State.DEGRADED, "cardLeft")


def test_what_does_not_come_out_is_a_fault_until_it_is_gone() -> None:
    bench = Bench()
    bench.script(status=[NONE, "N13", INSIDE], to_gate=["N10"])
    assert bench.do(AcceptCard("a")).where == "inside"
    assert bench.far.moves() == ["20"]
    assert bench.condition == Condition(State.FAULT, "jammed")
    assert bench.idle(60) == Condition(State.FAULT, "jammed")
    assert bench.do(AcceptCard("b")).completion == "jammed"
    assert bench.far.moves() == ["20"]
    bench.script(status=[NONE])
    assert bench.idle(15) == READY


@pytest.mark.parametrize(
    ("code", "word"), [("N12", "sensor"), ("N51", "motor"), ("N41", "solenoid")]
)
def test_what_staff_must_mend_is_a_fault(code: str, word: str) -> None:
    bench = Bench()
    bench.script(status=[NONE, code, NONE])
    assert bench.do(AcceptCard("a")).completion == word
    assert bench.condition == Condition(State.FAULT, word)


def test_a_full_bin_shuts_the_entry_unless_the_bank_says_otherwise() -> None:
    shut, open_ = Bench(), Bench(accept_when_bin_full=True)
    shut.script(status=["P021"])
    assert shut.do(AcceptCard("a")).completion == "binFull"
    assert "30" not in shut.far.heard
    assert shut.condition == Condition(State.DEGRADED, "binFull")
    open_.script(status=["P021", "P221"])
    assert open_.do(AcceptCard("a")).completion == "success"
    assert open_.condition == Condition(State.DEGRADED, "binFull")


def test_with_another_card_inside_or_left_nobody_else_is_let_in() -> None:
    bench = Bench()
    bench.accepted()
    assert bench.do(AcceptCard("b")).completion == "cardInside"
    bench.script(status=[INSIDE, GATE])
    assert bench.do(ReturnCard("r", take_s=2)).completion == "cardLeft"
    assert bench.do(AcceptCard("c")).completion == "cardLeft"
    assert bench.far.heard.count("30") == 1


def test_power_lost_while_a_card_is_awaited_is_told() -> None:
    bench = Bench()
    bench.script(status=[NONE, NONE, "NB0", NONE], init_to_gate=[NONE + "CRT"])
    assert bench.do(AcceptCard("a")).completion == "notInitialised"
    assert bench.far.heard.count("00") == 1
    assert bench.condition == READY


def test_an_entry_that_does_not_open_is_told() -> None:
    bench = Bench()
    bench.script(entry_on=["N02"])
    assert bench.do(AcceptCard("a")).completion == "sequenceError"


# ---- return


def test_a_card_is_returned_when_it_has_been_taken() -> None:
    bench = Bench()
    bench.accepted()
    bench.script(status=[INSIDE, GATE, GATE, GATE, NONE])
    assert bench.do(ReturnCard("r")) == CardReturned("r", "success", "none")
    assert bench.far.moves() == ["20"]
    assert bench.condition == READY


def test_a_card_that_is_not_taken_is_left_and_told_and_nothing_keeps_it() -> None:
    bench = Bench()
    bench.accepted()
    bench.script(status=[INSIDE, GATE])
    began = bench.far.now
    assert bench.do(ReturnCard("r")) == CardReturned("r", "cardLeft", "gate")
    assert 25 <= bench.far.now - began < 28
    assert bench.condition == Condition(State.DEGRADED, "cardLeft")
    assert bench.idle(600) == Condition(State.DEGRADED, "cardLeft")
    assert bench.far.moves() == ["20"]
    assert not {"01", "04", "05", "07", "23"} & set(bench.far.heard)
    bench.script(status=[NONE])
    assert bench.idle(3) == READY


def test_whoever_stops_waiting_leaves_the_card_at_the_gate() -> None:
    bench = Bench()
    bench.script(status=[INSIDE, GATE])
    assert bench.do(ReturnCard("r"), bench.patience(4)) == CardReturned("r", "timeOut", "gate")
    assert bench.condition == Condition(State.DEGRADED, "cardLeft")


def test_a_card_at_the_gate_is_not_moved_again() -> None:
    bench = Bench()
    bench.script(status=[GATE, GATE, NONE])
    assert bench.do(ReturnCard("r")).completion == "success"
    assert bench.far.moves() == []


def test_without_a_card_there_is_nothing_to_return() -> None:
    bench = Bench()
    assert bench.do(ReturnCard("r")) == CardReturned("r", "noMedia", "none")
    assert bench.far.moves() == []


def test_a_jam_on_the_way_out_is_a_fault_and_not_tried_again() -> None:
    bench = Bench()
    bench.script(status=[INSIDE], to_gate=["N10"])
    assert bench.do(ReturnCard("r")) == CardReturned("r", "mediaJam", "inside")
    assert bench.far.moves() == ["20"]
    assert bench.condition == Condition(State.FAULT, "jammed")


@pytest.mark.parametrize("doubt", [SILENT, ONLY_ACK, b"\x06\xf2\x00\x00\x06P20", b"\xff"])
@pytest.mark.parametrize(
    ("after", "completion", "where"),
    [
        ([NONE], "success", "none"),
        ([GATE, NONE], "success", "none"),
        ([GATE], "cardLeft", "gate"),
        ([INSIDE], "indeterminate", "inside"),
    ],
)
def test_a_motion_in_doubt_is_never_done_again_and_the_status_is_told(
    doubt: Any, after: list[str], completion: str, where: str
) -> None:
    bench = Bench()
    bench.script(status=[INSIDE, *after], to_gate=[doubt])
    assert bench.do(ReturnCard("r"), bench.patience(90)) == CardReturned("r", completion, where)
    assert bench.far.moves() == ["20"]


def test_a_motion_whose_acknowledgement_was_lost_is_done_once() -> None:
    bench = Bench()
    bench.script(status=[INSIDE, NONE], to_gate=[NO_ACK + GATE])
    assert bench.do(ReturnCard("r")).completion == "success"
    assert bench.far.moves() == ["20"]


def test_a_motion_that_the_reader_has_not_understood_is_said_again() -> None:
    bench = Bench()
    bench.script(status=[INSIDE, NONE], to_gate=[NAK, NAK, GATE])
    assert bench.do(ReturnCard("r")).completion == "success"
    assert bench.far.moves() == ["20"] * 3


def test_a_motion_is_not_said_more_than_four_times() -> None:
    bench = Bench()
    bench.script(status=[INSIDE], to_gate=[NAK])
    assert bench.do(ReturnCard("r")).completion == "indeterminate"
    assert bench.far.moves() == ["20"] * 4


# ---- capture


def test_a_card_is_captured_by_a_decision_only_and_the_event_carries_it() -> None:
    bench = Bench()
    bench.script(status=[GATE])
    captured = bench.do(CaptureCard("c", DECISION))
    assert captured == CardCaptured("c", "success", DECISION, 5, "none")
    assert bench.far.moves() == ["23"]


@pytest.mark.parametrize(("policy", "by"), [("", "somebody"), ("a rule", "")])
def test_a_decision_names_its_policy_and_who_made_it(policy: str, by: str) -> None:
    with pytest.raises(ValueError, match="which policy"):
        CaptureDecision(policy, by, DECISION.at)


@pytest.mark.parametrize(
    ("status", "completion", "where"),
    [("P121", "binFull", "gate"), (NONE, "noMedia", "none"), ("N10", "mediaJam", "unknown")],
)
def test_nothing_is_captured_that_cannot_be(status: str, completion: str, where: str) -> None:
    bench = Bench()
    bench.script(status=[status])
    assert bench.do(CaptureCard("c", DECISION)) == CardCaptured(
        "c", completion, DECISION, None, where
    )
    assert bench.far.moves() == []


def test_a_bin_that_turns_out_full_is_told() -> None:
    bench = Bench()
    bench.script(status=[GATE, "P121"], capture=["NA1"])
    captured = bench.do(CaptureCard("c", DECISION))
    assert (captured.completion, captured.where) == ("binFull", "gate")
    assert bench.condition == Condition(State.DEGRADED, "binFull")


@pytest.mark.parametrize(
    ("counts", "completion"),
    [
        (["P020004", "P020005"], "success"),
        (["P020004"], "indeterminate"),
        (["N03"], "indeterminate"),
    ],
)
def test_a_capture_in_doubt_is_proven_by_the_counter_or_not_at_all(
    counts: list[str], completion: str
) -> None:
    bench = Bench()
    bench.script(status=[GATE, NONE], capture=[ONLY_ACK], count=counts)
    captured = bench.do(CaptureCard("c", DECISION), bench.patience(90))
    assert (captured.completion, captured.where) == (completion, "none")
    assert bench.far.moves() == ["23"]


def test_a_machine_without_a_counter_captures_all_the_same() -> None:
    bench = Bench()
    bench.script(status=[GATE], count=["N03"])
    captured = bench.do(CaptureCard("c", DECISION))
    assert (captured.completion, captured.bin_count) == ("success", None)


# ---- the other orders, and the line


def test_accepting_is_stopped() -> None:
    bench = Bench()
    assert bench.do(StopAccepting("s")) == AcceptingStopped("s", "success")
    assert bench.far.heard == ["31"]
    bench.script(entry_off=["N02"])
    assert bench.do(StopAccepting("t")).completion == "sequenceError"


def test_orders_know_whether_they_may_be_done_again() -> None:
    assert [order.retry for order in (AcceptCard, ReturnCard, CaptureCard)] == [Retry.MOTION] * 3
    assert StopAccepting.retry is Retry.SAFE


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        (AcceptCard("j"), CardTaken),
        (ReturnCard("j"), CardReturned),
        (CaptureCard("j", DECISION), CardCaptured),
        (StopAccepting("j"), AcceptingStopped),
    ],
)
@pytest.mark.parametrize("how", ["refuse", "abandon"])
def test_an_order_that_is_not_done_has_one_outcome(order: Any, kind: type, how: str) -> None:
    bench = Bench()
    getattr(bench.reader, how)(order, "noDevice")
    [outcome] = bench.told
    assert isinstance(outcome, kind)
    assert (outcome.job, outcome.completion) == ("j", "noDevice")


def test_whenever_the_wire_breaks_no_outcome_is_told_before_or_all_is_told() -> None:
    for cut in range(1, 120):
        bench = Bench()
        bench.script(status=[NONE, NONE, INSIDE])
        bench.far.lost_at = bench.far.now + cut * 0.02
        try:
            bench.reader.do(bench.far, AcceptCard("a"), bench.patience(30))
        except PortLost as error:
            assert bench.told == []
            bench.reader.abandon(AcceptCard("a"), error.cause)
        assert [event.job for event in bench.told] == ["a"]


def test_a_card_drawn_in_when_the_wire_broke_comes_out_when_it_is_back() -> None:
    bench = Bench()
    bench.reader.abandon(AcceptCard("a"), "noDevice")
    bench.script(status=[INSIDE])
    bench.reader.probe(bench.far)
    assert bench.told[-1] == CardFound("gate")


@pytest.mark.parametrize("kept", ["told", "to be captured"])
def test_a_card_that_is_known_of_stays_inside_when_the_wire_was_away(kept: str) -> None:
    bench = Bench()
    if kept == "told":
        bench.accepted()
    else:
        bench.reader.abandon(CaptureCard("c", DECISION), "noDevice")
    bench.far.heard.clear()
    bench.script(status=[INSIDE], init=[INSIDE + "CRT"])
    bench.reader.probe(bench.far)
    assert bench.far.heard[:2] == ["10", "03"]
    assert not [event for event in bench.told if isinstance(event, CardFound)]


def test_a_card_that_took_the_place_of_the_known_one_is_found() -> None:
    bench = Bench()
    bench.accepted()
    bench.script(status=[NONE])
    bench.idle(3)
    bench.script(status=[INSIDE])
    bench.reader.probe(bench.far)
    assert bench.told[-1] == CardFound("gate")


def test_a_lost_question_is_asked_again() -> None:
    bench = Bench()
    bench.script(entry_off=[SILENT, SILENT, SILENT, NONE])
    assert bench.do(StopAccepting("s")).completion == "success"
    assert bench.far.heard == ["31"] * 4


def test_an_answer_that_was_damaged_is_asked_for_again() -> None:
    bench = Bench()
    good = framed(b"P31020")
    bench.script(entry_off=[b"\x06" + good[:-1] + b"\x00"])
    bench.far.say(0.2, good)
    assert bench.do(StopAccepting("s")).completion == "success"
    assert bench.far.signals[-2:] == [0x15, 0x06]
    assert bench.far.heard == ["31"]


def test_damaged_answers_are_asked_for_again_twice_at_most() -> None:
    bench = Bench()
    bad = framed(b"P31020")[:-1] + b"\x00"
    bench.script(entry_off=[b"\x06" + bad * 5])
    bench.far.signals.clear()
    bench.reader.do(bench.far, StopAccepting("s"), bench.patience(30))
    assert bench.far.signals.count(0x15) <= 2 * 2


def test_a_stale_answer_is_not_taken_for_the_awaited_one() -> None:
    bench = Bench()
    bench.accepted()
    bench.script(status=[INSIDE, b"\x06" + framed(b"P30020") + framed(b"P10120"), NONE])
    bench.far.say(0.0, framed(b"P10020"))  # none: as if it had been taken already
    assert bench.do(ReturnCard("r")).completion == "success"
    assert bench.far.moves() == ["20"]


def test_the_second_answer_to_a_question_asked_twice_is_not_the_next_answer() -> None:
    bench = Bench()
    late = b"\x06" + framed(b"P31020")
    bench.script(entry_off=[SILENT, late, "N02"])
    bench.far.say(0.36, late)
    assert bench.do(StopAccepting("s")).completion == "success"
    assert bench.do(StopAccepting("t")).completion == "sequenceError"


def test_an_answer_that_crosses_the_end_of_patience_is_good() -> None:
    bench = Bench()
    bench.script(entry_off=[ONLY_ACK])
    bench.far.say(2.2, framed(b"P31020"))
    assert bench.do(StopAccepting("s")).completion == "success"
    assert bench.far.signals[-2:] == [0x04, 0x06]


def test_an_answer_split_and_slow_and_among_noise_is_heard() -> None:
    bench = Bench()
    whole = framed(b"P31020")
    bench.script(entry_off=[b"\x80\x06\x00"])
    for at, byte in enumerate(whole):
        bench.far.say(0.1 + 0.2 * at / len(whole), bytes((byte,)))
    assert bench.do(StopAccepting("s")).completion == "success"


def test_a_reader_that_falls_silent_is_lost_after_three_looks() -> None:
    bench = Bench()
    bench.script(status=[SILENT])
    with pytest.raises(PortLost, match="notResponding"):
        bench.idle(20)
    assert bench.far.heard.count("10") == 3 * 4


def test_a_reader_that_misses_two_looks_is_not_lost() -> None:
    bench = Bench()
    bench.script(status=[ONLY_ACK, ONLY_ACK, NONE, ONLY_ACK, ONLY_ACK, NONE])
    assert bench.idle(40) == READY


def test_an_idle_reader_is_asked_once_a_second() -> None:
    bench = Bench()
    bench.idle(30)
    assert 15 <= bench.far.heard.count("10") <= 30
    assert set(bench.far.heard) == {"10"}


def test_another_machine_on_the_same_line_is_not_listened_to() -> None:
    bench = Bench()
    frame = b"\xf2\x05\x00\x05N3102\x03"
    other = frame + bytes((reduce(lambda a, b: a ^ b, frame, 0),))
    bench.script(entry_off=[b"\x06" + other + framed(b"P31020")])
    bench.far.signals.clear()
    assert bench.do(StopAccepting("s")).completion == "success"
    assert bench.far.signals == [0x06]


def test_no_card_number_is_in_a_log_or_an_exception(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    bench = Bench()
    bench.accepted()
    assert PAN[6:-4] not in caplog.text + repr(bench.told)
