"""The printer's driver against a scripted far end and a clock that only moves when somebody waits."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from devices.device import READY, Condition, Patience, State
from devices.port import PortLost
from devices.settings import Device, check_devices
from devices.ticket_printer.driver import Outcome, Printed, PrintSlip, TicketPrinter
from devices.ticket_printer.mouth import TicketLeft, TicketTaken
from devices.ticket_printer.profiles import PROFILES, Profile
from devices.ticket_printer.roll import NewRoll, PaperLeft, Roll, RollNoted
from devices.ticket_printer.slip import Feed, Line, Qr
from devices.ticket_printer.status import Status

SLIP = (Line("A012", size=4), Line("现金业务"), Feed(2))
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
CUT = b"\x1dV\x42\x00"
ASKED = re.compile(
    rb"\x10\x04(?P<now>[\x01-\x04])|(?P<full>\x10\x04\x14)|(?P<queued>\x1dr\x01)"
    rb"|\x1d\(H\x06\x0000(?P<id>.{4})|\x1dI(?P<who>[BCD])",
    re.DOTALL,
)


class FarEnd:
    """A port and what is behind it: answers at once what it was told to answer, to each question in its turn."""

    def __init__(self) -> None:
        self.now = 0.0
        self.written: list[bytes] = []
        self.bits = {1: 0x16, 2: 0x12, 3: 0x12, 4: 0x12}
        self.full: list[int] | None = None  # p u r e
        self.knows_ids = self.knows_queued = True
        self.texts = {b"B": b"EPSON", b"C": b"TM-T88VI", b"D": b"J1234"}
        self.lost_at = float("inf")  # bytes written after which the wire breaks
        self._out = b""
        self._later: list[tuple[float, Callable[[], None]]] = []

    def clock(self) -> float:
        return self.now

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        self._later.append((self.now + seconds, action))
        self._later.sort(key=lambda one: one[0])

    def say(self, data: bytes) -> None:
        self._out += data

    def write(self, data: bytes, _timeout_s: float) -> None:
        if len(self.sent) + len(data) > self.lost_at:
            raise PortLost("noDevice")
        self.written.append(data)
        for asked in ASKED.finditer(data):
            self.say(self.answer(asked))

    def answer(self, asked: re.Match[bytes]) -> bytes:
        if asked["now"]:
            bits = self.bits.get(asked["now"][0])
            return b"" if bits is None else bytes((bits,))
        if asked["full"]:
            return b"" if self.full is None else b"\x10\x0f" + bytes(self.full)
        if asked["queued"]:
            return b"\x00" if self.knows_queued else b""
        if asked["id"]:
            return b'7"' + asked["id"] + b"\x00" if self.knows_ids else b""
        text = self.texts.get(asked["who"])
        return b"" if text is None else b"_" + text + b"\x00"

    def read(self, timeout_s: float) -> bytes:
        until = self.now + timeout_s
        while not self._out and self._later and self._later[0][0] <= until:
            at, action = self._later.pop(0)
            self.now = max(self.now, at)
            action()
        if not self._out:
            self.now = until
        data, self._out = self._out, b""
        return data

    def wake(self) -> None: ...

    def close(self) -> None: ...

    @property
    def sent(self) -> bytes:
        return b"".join(self.written)


class Bench:
    def __init__(self, far: FarEnd | None = None, **options: Any) -> None:
        self.far = far or FarEnd()
        self.told: list[object] = []
        self.driver = TicketPrinter(self.told.append, clock=self.far.clock, **options)

    def ready(self) -> "Bench":
        assert self.driver.probe(self.far).state is State.READY
        self.far.written.clear()
        return self

    def print(self, job: str, slip: Any = SLIP, within_s: float = 30.0) -> Condition:
        patience = Patience(within_s, self.far.clock)
        return self.driver.do(self.far, PrintSlip(job, slip), patience)

    def idle(self, seconds: float) -> Condition:
        until = self.far.now + seconds
        condition = READY
        while self.far.now < until:
            condition = self.driver.idle(self.far)
        return condition

    def outcomes(self) -> list[tuple[str, str, str]]:
        return [(e.job, str(e.outcome), e.reason) for e in self.told if isinstance(e, Printed)]

    def events(self, *kinds: type) -> list[object]:
        return [event for event in self.told if isinstance(event, kinds)]


def kept_back(bench: Bench) -> list[bytes]:
    """The process ids that are asked for from now on, and not answered."""
    ids: list[bytes] = []

    def answer(asked: re.Match[bytes]) -> bytes:
        if asked["id"]:
            ids.append(asked["id"])
            return b""
        return FarEnd.answer(bench.far, asked)

    bench.far.answer = answer
    return ids


def silent_on_ids(bench: Bench) -> None:
    bench.far.knows_ids = False


# Who it is, and what it can prove


def test_the_printer_says_who_it_is() -> None:
    assert Bench().ready().driver.identity == "EPSON TM-T88VI J1234"


def test_a_clone_that_does_not_say_who_it_is_costs_half_a_second() -> None:
    bench = Bench()
    bench.far.texts = {}
    bench.driver.probe(bench.far)
    assert bench.driver.identity == ""
    backlog = len(bench.far.sent) * 10 / 38400
    assert 0.5 <= bench.far.now <= 0.6 + backlog


def test_a_swapped_printer_has_another_identity() -> None:
    bench = Bench().ready()
    bench.far.texts[b"D"] = b"J9999"
    bench.driver.probe(bench.far)
    assert bench.driver.identity.endswith("J9999")


def test_who_it_is_and_what_it_proves_is_asked_when_it_can_answer() -> None:
    bench = Bench()
    bench.far.bits[2] = 0x16
    assert bench.driver.probe(bench.far) == Condition(State.FAULT, "coverOpen")
    assert b"\x1dI" not in bench.far.sent
    bench.far.bits[2] = 0x12
    assert bench.idle(3) == READY
    assert bench.driver.identity == "EPSON TM-T88VI J1234"


def test_a_process_id_confirms() -> None:
    bench = Bench().ready()
    assert bench.print("1") == READY
    assert bench.outcomes() == [("1", "confirmed", "")]
    assert bench.far.sent.count(CUT) == 1


def test_the_id_of_another_job_confirms_nothing() -> None:
    bench = Bench().ready()
    bench.far.answer = lambda a: b'7"zzzz\x00' if a["id"] else FarEnd.answer(bench.far, a)
    bench.print("1")
    assert bench.outcomes() == [("1", "indeterminate", "timeOut")]
    assert bench.far.now < 30


def test_without_process_ids_the_queued_status_and_a_good_look_confirm() -> None:
    bench = Bench()
    silent_on_ids(bench)
    bench.ready().print("1")
    assert bench.outcomes() == [("1", "confirmed", "")]
    assert b"\x1d(H" not in bench.far.sent  # asked once a connection


def test_a_jam_in_the_last_millimetre_is_seen_after_the_queued_status() -> None:
    bench = Bench(profile="clone").ready()

    def answer(asked: re.Match[bytes]) -> bytes:
        if asked["queued"]:
            bench.far.bits[3] = 0x1A
        return FarEnd.answer(bench.far, asked)

    bench.far.answer = answer
    assert bench.print("1") == Condition(State.FAULT, "cutterJam")
    assert bench.outcomes() == [("1", "indeterminate", "cutterJam")]
    assert bench.far.sent.endswith(CUT + b"\x1dr\x01" + b"\x10\x04\x02\x10\x04\x03\x10\x04\x04" * 2)


def test_a_queued_status_that_was_left_over_confirms_nothing() -> None:
    bench = Bench(profile="clone").ready()
    bench.far.knows_queued = False
    bench.far.say(b"\x00")
    bench.print("1")
    assert bench.outcomes() == [("1", "indeterminate", "timeOut")]


@pytest.mark.parametrize("profile", ["clone", "clone58"])
def test_a_clone_is_never_asked_for_process_ids(profile: str) -> None:
    bench = Bench(profile=profile)
    bench.driver.probe(bench.far)
    bench.print("1")
    assert b"\x1d(H" not in bench.far.sent
    assert bench.outcomes() == [("1", "confirmed", "")]


def test_process_ids_can_be_forbidden_on_any_profile() -> None:
    bench = Bench(process_id=False)
    bench.driver.probe(bench.far)
    assert b"\x1d(H" not in bench.far.sent


@pytest.mark.parametrize("profile", ["clone", "silent"])
def test_a_printer_that_proves_nothing_is_never_confirmed_nor_cut_short(profile: str) -> None:
    bench = Bench(profile=profile)
    bench.far.knows_ids = bench.far.knows_queued = False
    bench.ready()
    assert bench.print("1") == READY
    assert bench.outcomes() == [("1", "indeterminate", "noProof")]
    assert CLEAR not in bench.far.sent  # it may be printing still
    assert bench.far.now < 8
    bench.print("2")
    assert bench.outcomes()[1:] == [("2", "indeterminate", "noProof")]


def test_a_silent_printer_is_asked_nothing() -> None:
    bench = Bench(profile="silent")
    bench.far.bits, bench.far.texts = {}, {}
    assert bench.driver.probe(bench.far) == READY
    assert bench.idle(10) == READY
    assert not ASKED.search(bench.far.sent)


def test_a_weak_clone_is_asked_only_what_it_answers() -> None:
    bench = Bench(profile="clone")
    bench.far.bits = {1: 0x16, 4: 0x12}
    bench.ready()
    bench.print("1")
    assert bench.outcomes() == [("1", "confirmed", "")]
    assert b"\x10\x04\x02" not in bench.far.sent
    bench.far.bits[1] = 0x1A
    assert bench.idle(3) == Condition(State.FAULT, "offline")


def test_one_garbled_answer_takes_no_question_away() -> None:
    bench = Bench()
    asked = []

    def answer(found: re.Match[bytes]) -> bytes:
        asked.append(found[0])
        return b"" if asked.count(b"\x10\x04\x03") == 1 and found["now"] == b"\x03" else (
            FarEnd.answer(bench.far, found)
        )  # fmt: skip

    bench.far.answer = answer
    bench.ready()
    bench.far.bits[3] = 0x1A
    assert bench.idle(3) == Condition(State.FAULT, "cutterJam")


# Nobody there, or somebody else


def test_nobody_answers() -> None:
    bench = Bench()
    bench.far.bits = {}
    with pytest.raises(PortLost) as error:
        bench.driver.probe(bench.far)
    assert error.value.cause == "notResponding"
    assert bench.far.now < 4


def test_another_speed_or_machine_is_said() -> None:
    bench = Bench()
    bench.far.answer = lambda _asked: b"\xf3\x9c\x80"
    with pytest.raises(PortLost) as error:
        bench.driver.probe(bench.far)
    assert error.value.cause == "unknownProtocol"


def test_three_looks_without_an_answer_and_it_is_gone() -> None:
    bench = Bench().ready()
    bench.far.bits = {}
    with pytest.raises(PortLost) as error:
        bench.idle(60)
    assert error.value.cause == "notResponding"
    assert 6 < bench.far.now < 15


def test_a_late_answer_is_not_taken_for_the_next() -> None:
    bench = Bench().ready()
    bench.far.bits.pop(2)
    bench.print("1")
    bench.far.bits[2] = 0x12
    bench.far.say(b"\x16")  # the cover was open then
    bench.print("2")
    assert bench.outcomes() == [("1", "failed", "notResponding"), ("2", "confirmed", "")]


@pytest.mark.parametrize("noise", [b"\xff\x80", b"\x14\x00", b"_abc", b"\x13\x11", b"\x00" * 9])
def test_noise_between_answers_is_survived(noise: bytes) -> None:
    bench = Bench().ready()
    answer, noises = bench.far.answer, [noise, noise]
    bench.far.answer = lambda asked: (noises.pop() if noises else b"") + answer(asked)
    bench.print("1")
    assert bench.idle(10) == READY
    assert len(bench.outcomes()) == 1
    bench.print("2")
    assert bench.outcomes()[1:] == [("2", "confirmed", "")]


def test_idle_asks_every_two_seconds_only() -> None:
    bench = Bench().ready()
    bench.idle(60)
    assert len(bench.far.written) <= 3 * 31


# Orders


@pytest.mark.parametrize(
    ("n", "bits", "detail"),
    [(2, 0x16, "coverOpen"), (4, 0x72, "paperOut"), (3, 0x1A, "cutterJam"), (3, 0x52, "headHot")],
)
def test_what_stands_in_the_way_is_named_and_nothing_is_sent(
    n: int, bits: int, detail: str
) -> None:
    bench = Bench().ready()
    bench.far.bits[n] = bits
    assert bench.print("1") == Condition(State.FAULT, detail)
    assert bench.outcomes() == [("1", "failed", detail)]
    assert not ASKED.sub(b"", bench.far.sent)


def test_a_job_never_gets_a_second_paper_by_mistake() -> None:
    bench = Bench().ready()
    bench.print("1")
    bench.far.written.clear()
    bench.print("1")
    assert bench.outcomes() == [("1", "confirmed", ""), ("1", "failed", "duplicate")]
    assert bench.far.sent == b""


def test_a_job_that_left_no_paper_may_be_ordered_again() -> None:
    bench = Bench().ready()
    bench.far.bits[4] = 0x72
    bench.print("1")
    bench.far.bits[4] = 0x12
    bench.print("1")
    assert bench.outcomes() == [("1", "failed", "paperOut"), ("1", "confirmed", "")]


def test_a_job_nobody_waits_for_is_not_sent() -> None:
    bench = Bench().ready()
    patience = Patience(30, bench.far.clock)
    patience.cancel()
    bench.driver.do(bench.far, PrintSlip("1", SLIP), patience)
    assert bench.outcomes() == [("1", "failed", "canceled")]


def test_a_slip_that_cannot_be_encoded_is_refused() -> None:
    bench = Bench().ready()
    bench.print("1", (Qr("h" * 2000),))
    assert bench.outcomes() == [("1", "failed", "invalidData")]


@pytest.mark.parametrize("cut", [0, 1, 40, 99])
def test_a_wire_lost_in_the_middle_is_indeterminate_and_cleared_when_it_is_back(cut: int) -> None:
    bench = Bench().ready()
    bench.far.lost_at = 9 + cut  # the look before is nine bytes
    order = PrintSlip("1", (*SLIP, Qr("h" * 900)))
    with pytest.raises(PortLost) as error:
        bench.driver.do(bench.far, order, Patience(30, bench.far.clock))
    bench.driver.abandon(order, error.value.cause)
    assert bench.outcomes() == [("1", "indeterminate", "noDevice")]
    bench.far.lost_at = float("inf")
    bench.far.written.clear()
    bench.driver.probe(bench.far)
    nuls = re.search(re.escape(CLEAR) + rb"(\x00+)\x1b@" + re.escape(CUT), bench.far.sent)
    assert nuls is not None
    assert len(nuls[1]) > 900  # longer than the command that was torn
    bench.driver.probe(bench.far)
    assert bench.far.sent.count(CUT) == 1
    bench.print("1")
    assert bench.outcomes()[1:] == [("1", "failed", "duplicate")]


def test_a_wire_lost_before_anything_was_sent_is_failed() -> None:
    bench = Bench().ready()
    bench.far.lost_at = 0
    order = PrintSlip("1", SLIP)
    with pytest.raises(PortLost):
        bench.driver.do(bench.far, order, Patience(30, bench.far.clock))
    bench.driver.abandon(order, "noDevice")
    assert bench.outcomes() == [("1", "failed", "noDevice")]


def test_a_job_ordered_again_has_an_outcome_of_its_own() -> None:
    bench = Bench().ready()
    bench.far.bits[4] = 0x72
    bench.print("1")
    bench.far.bits[4] = 0x12
    bench.far.lost_at = len(bench.far.sent) + 9
    order = PrintSlip("1", SLIP)
    with pytest.raises(PortLost):
        bench.driver.do(bench.far, order, Patience(30, bench.far.clock))
    bench.driver.abandon(order, "noDevice")
    assert bench.outcomes() == [("1", "failed", "paperOut"), ("1", "indeterminate", "noDevice")]


def test_a_wire_lost_after_the_outcome_changes_nothing() -> None:
    bench = Bench().ready()
    bench.print("1")
    bench.driver.abandon(PrintSlip("1", SLIP), "noDevice")
    assert bench.outcomes() == [("1", "confirmed", "")]


def test_at_the_first_start_what_hangs_out_of_before_is_cut_off() -> None:
    bench = Bench()
    bench.driver.probe(bench.far)
    assert bench.far.sent.startswith(b"\x00" * 1440 + CLEAR)
    assert CLEAR + b"\x00" * 1440 + b"\x1b@" + CUT in bench.far.sent


def test_at_the_first_start_a_printer_without_paper_gets_nothing_that_prints() -> None:
    bench = Bench()
    bench.far.bits[4] = 0x72
    bench.driver.probe(bench.far)
    assert not ASKED.sub(b"", bench.far.sent).replace(CLEAR, b"").strip(b"\0")


def test_paper_that_ends_in_the_middle_is_cleared_at_once() -> None:
    bench = Bench().ready()
    bench.far.knows_ids = False
    bench.far.later(1.2, lambda: bench.far.bits.update({4: 0x72}))
    assert bench.print("1") == Condition(State.FAULT, "paperOut")
    assert bench.outcomes() == [("1", "indeterminate", "paperOut")]
    assert CLEAR in bench.far.sent


def test_a_proof_that_comes_late_still_counts() -> None:
    bench = Bench().ready()
    ids = kept_back(bench)
    bench.print("1")
    bench.far.say(b'7"' + ids[0] + b"\x00")
    bench.idle(1)
    assert bench.outcomes() == [("1", "indeterminate", "timeOut"), ("1", "confirmed", "")]


def test_what_a_printer_says_of_a_torn_ticket_after_a_new_roll_proves_nothing() -> None:
    bench = Bench().ready()
    ids = kept_back(bench)
    bench.far.later(1.2, lambda: bench.far.bits.update({4: 0x72}))
    bench.print("1")
    bench.far.say(b'7"' + ids[0] + b"\x00")
    bench.idle(1)
    assert bench.outcomes() == [("1", "indeterminate", "paperOut")]


def test_a_jammed_cutter_is_told_to_go_on_ever_more_seldom() -> None:
    bench = Bench().ready()
    bench.far.bits[3] = 0x1A
    bench.idle(100)
    assert 3 <= bench.far.sent.count(b"\x10\x05\x02") <= 7
    bench.far.bits[3] = 0x12
    assert bench.idle(3) == READY


def test_a_long_slip_is_not_missed_while_it_is_still_on_the_wire() -> None:
    bench = Bench(baud=9600, profile="vkp80")
    bench.far.full = [0, 0, 0, 0]
    bench.ready()
    began = bench.far.now

    def answer(asked: re.Match[bytes]) -> bytes:
        reply = FarEnd.answer(bench.far, asked)
        drained = began + len(bench.far.sent) * 10 / 9600
        bench.far.later(max(0.0, drained - bench.far.now), lambda: bench.far.say(reply))
        return b""

    bench.far.answer = answer
    bench.far.later(12, lambda: bench.far.full.__setitem__(0, 0x20))
    bench.print("1", (Qr("h" * 300),))
    assert len(bench.far.sent) > 9600
    assert bench.outcomes() == [("1", "confirmed", "")]


# Small buffers


def small(monkeypatch: pytest.MonkeyPatch, buffer_bytes: int) -> None:
    profile = Profile(process_id=False, buffer_bytes=buffer_bytes)
    monkeypatch.setattr("devices.ticket_printer.driver.profile_named", lambda _name: profile)


def test_a_small_buffer_is_never_given_more_than_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, 256)
    bench = Bench().ready()
    slip = tuple(Line(f"line {number:03}") for number in range(60))
    bench.print("1", slip)
    assert bench.outcomes() == [("1", "confirmed", "")]
    chunks = bench.far.sent.split(b"\x1dr\x01")
    assert len(chunks) > 5
    assert max(map(len, chunks)) <= 256 - 3
    assert [f"line {n:03}".encode() in bench.far.sent for n in range(60)] == [True] * 60


def test_what_fits_into_the_buffer_needs_no_waiting() -> None:
    bench = Bench(profile="clone58").ready()
    bench.print("1")
    assert bench.far.sent.count(b"\x1dr\x01") == 1


def test_a_small_buffer_that_is_not_worked_off_stops_the_slip(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small(monkeypatch, 256)
    bench = Bench().ready()
    bench.far.knows_queued = False
    bench.far.bits[2] = 0x12
    bench.print("1", tuple(Line(f"line {number:03}") for number in range(60)))
    assert bench.outcomes() == [("1", "indeterminate", "timeOut")]
    assert b"line 059" not in bench.far.sent
    assert CLEAR in bench.far.sent


# A presenter


class Presenter(Bench):
    """The ticket comes to the mouth when the printer has read the question behind it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, profile="vkp80")
        self.far.full = [0, 0, 0, 0]
        self.comes = True
        self.ready()
        answer = self.far.answer

        def come(asked: re.Match[bytes]) -> bytes:
            if asked["queued"] and self.comes:
                self.far.later(0.8, lambda: self.mouth(True))
            return answer(asked)

        self.far.answer = come

    def mouth(self, occupied: bool) -> None:
        self.far.full = [0x20 if occupied else 0, 0, 0, 0]


def test_a_ticket_at_the_mouth_is_confirmed_and_its_taking_told() -> None:
    bench = Presenter()
    bench.print("1")
    assert bench.outcomes() == [("1", "confirmed", "")]
    assert not bench.events(TicketTaken)
    bench.idle(2)
    bench.mouth(False)
    bench.idle(1.5)
    assert bench.events(TicketTaken, TicketLeft) == [TicketTaken("1")]


def test_a_ticket_that_never_comes_to_the_mouth_is_not_confirmed() -> None:
    bench = Presenter()
    bench.comes = False
    bench.print("1")
    assert bench.outcomes() == [("1", "indeterminate", "timeOut")]
    bench.idle(60)
    assert not bench.events(TicketTaken, TicketLeft)


def test_a_ticket_at_the_mouth_that_was_not_read_to_its_end_is_not_confirmed() -> None:
    bench = Presenter()
    bench.far.knows_queued = False
    bench.far.later(1, lambda: bench.mouth(True))
    bench.far.answer = lambda asked: FarEnd.answer(bench.far, asked)
    bench.print("1")
    assert bench.outcomes() == [("1", "indeterminate", "timeOut")]


def test_a_ticket_that_is_taken_at_once_is_confirmed_and_taken() -> None:
    bench = Presenter()
    bench.far.later(1.3, lambda: bench.mouth(False))
    bench.print("1")
    bench.idle(1)
    assert bench.told == [Printed("1", Outcome.CONFIRMED), TicketTaken("1")]


def test_a_ticket_left_at_the_mouth_is_told_once() -> None:
    bench = Presenter()
    bench.print("1")
    bench.idle(29)
    assert not bench.events(TicketLeft)
    bench.idle(60)
    assert bench.events(TicketLeft) == [TicketLeft("1")]
    bench.mouth(False)
    bench.idle(1)
    assert bench.events(TicketTaken) == [TicketTaken("1")]


def test_the_next_ticket_waits_until_the_mouth_is_free() -> None:
    bench = Presenter()
    bench.print("1")
    bench.far.later(10, lambda: bench.mouth(False))
    began = bench.far.now
    bench.print("2")
    assert bench.far.now - began > 10
    assert bench.told == [
        Printed("1", Outcome.CONFIRMED),
        TicketTaken("1"),
        Printed("2", Outcome.CONFIRMED),
    ]


def test_the_next_ticket_is_printed_on_top_only_after_that_was_told() -> None:
    bench = Presenter(left_s=5)
    bench.print("1")
    bench.print("2")
    assert bench.told == [
        Printed("1", Outcome.CONFIRMED),
        TicketLeft("1"),
        Printed("2", Outcome.CONFIRMED),  # by GS r and a good look
    ]
    bench.idle(1)
    bench.mouth(False)
    bench.idle(1)
    assert bench.events(TicketTaken) == [TicketTaken("1"), TicketTaken("2")]


def test_or_the_next_ticket_is_refused() -> None:
    bench = Presenter(left_s=5, when_left="refuse")
    bench.print("1")
    bench.far.written.clear()
    bench.print("2")
    assert bench.outcomes()[1:] == [("2", "failed", "ticketLeft")]
    assert not ASKED.sub(b"", bench.far.sent)
    bench.mouth(False)
    bench.idle(1)
    bench.print("3")
    assert bench.outcomes()[2:] == [("3", "confirmed", "")]


@pytest.mark.parametrize("why", ["timeOut", "canceled"])
def test_who_does_not_wait_any_more_gets_no_ticket(why: str) -> None:
    bench = Presenter()
    bench.print("1")
    patience = Patience(3, bench.far.clock)
    if why == "canceled":
        bench.far.later(1, patience.cancel)
    bench.driver.do(bench.far, PrintSlip("2", SLIP), patience)
    assert bench.outcomes()[1:] == [("2", "failed", why)]


def test_paper_of_nobody_knows_whom_is_told_before_it_is_printed_upon() -> None:
    bench = Presenter(left_s=5)
    bench.idle(6)
    bench.mouth(True)
    bench.print("1")
    assert bench.told == [TicketLeft(""), Printed("1", Outcome.CONFIRMED)]


def test_the_last_of_the_paper_makes_a_good_ticket() -> None:
    bench = Presenter()
    bench.comes = False
    bench.far.later(1, lambda: setattr(bench.far, "full", [0x21, 0, 0, 0]))
    assert bench.print("1") == Condition(State.FAULT, "paperOut")
    assert bench.outcomes() == [("1", "confirmed", "")]


# The roll


def test_little_paper_is_said_and_not_taken_back_by_a_flicker() -> None:
    bench = Bench().ready()
    bench.far.bits[4] = 0x1E
    assert bench.idle(3) == Condition(State.DEGRADED, "paperLow")
    bench.far.bits[4] = 0x12
    assert bench.idle(3) == Condition(State.DEGRADED, "paperLow")
    assert bench.idle(5) == READY


def test_tickets_left_are_told_at_the_near_end_and_with_each_tenth() -> None:
    bench = Bench().ready()
    bench.print("0")
    assert not bench.events(PaperLeft)  # how much is on the roll is not known
    bench.far.bits[4] = 0x1E
    for job in range(1, 30):
        bench.print(str(job))
    counts = [event.tickets for event in bench.events(PaperLeft)]
    mm = (96 + 30 + 60) / 8 + PROFILES["epson"].cut_mm
    assert counts[0] == int(PROFILES["epson"].near_end_mm / mm)
    assert 2 < len(counts) < 15
    assert counts == sorted(counts, reverse=True)
    assert counts[0] - counts[-1] == pytest.approx(29, abs=counts[-1] / 10 + 1)


def test_a_new_roll_is_noticed_when_paper_comes_back() -> None:
    bench = Bench().ready()
    bench.print("1")
    bench.far.bits[4] = 0x7E
    bench.idle(3)
    bench.far.bits[4] = 0x12
    assert bench.idle(3) == READY
    empty, full = bench.events(PaperLeft)
    assert empty == PaperLeft(0)
    assert full.tickets == pytest.approx(80_000 / 43.25, abs=1)


def test_the_old_roll_put_in_again_is_no_new_one() -> None:
    told: list[PaperLeft] = []
    roll = Roll(told.append, Profile(roll_mm=10_000, near_end_mm=500))
    roll.slip(100)
    roll.see(Status("paperOut", paper_low=True, paper_out=True))
    roll.see(Status(paper_low=True))
    assert told == [PaperLeft(0), PaperLeft(5)]
    assert roll.low


def new_roll(bench: Bench, job: str = "roll:1") -> list[object]:
    patience = Patience(30.0, bench.far.clock)
    bench.driver.do(bench.far, NewRoll(job), patience)
    return bench.events(RollNoted)


def test_staff_may_say_that_the_roll_is_new() -> None:
    bench = Bench().ready()
    bench.print("1")
    assert new_roll(bench) == [RollNoted("roll:1")]
    [left] = bench.events(PaperLeft)
    assert left.tickets == pytest.approx(80_000 / 43.25, abs=1)
    bench.print("2")
    assert bench.outcomes()[-1] == ("2", "confirmed", "")


def test_a_sensor_that_sees_no_new_roll_is_believed() -> None:
    bench = Bench().ready()
    bench.print("1")
    bench.far.bits[4] = 0x1E
    bench.idle(3)
    assert new_roll(bench) == [RollNoted("roll:1", "paperLow")]
    bench.far.bits[4] = 0x7E
    bench.idle(3)
    assert new_roll(bench, "roll:2")[-1] == RollNoted("roll:2", "paperOut")
    assert [left.tickets for left in bench.events(PaperLeft)] == [3000 // 43.25, 0]


def test_a_new_roll_that_cannot_be_told_to_the_printer_is_not_noted() -> None:
    bench = Bench()
    bench.driver.refuse(NewRoll("roll:1"), "noDevice")
    bench.driver.abandon(NewRoll("roll:2"), "notResponding")
    assert bench.told == [RollNoted("roll:1", "noDevice"), RollNoted("roll:2", "notResponding")]


# Options


def test_a_profile_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match="epson, clone, clone58, vkp80"):
        TicketPrinter(print, profile="star")


def test_an_option_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="print or refuse"):
        TicketPrinter(print, when_left="eat")
    with pytest.raises(ValueError, match="font file"):
        TicketPrinter(print, font="/nowhere.otf")


def test_the_configuration_knows_every_option() -> None:
    options = {
        "profile": "vkp80",
        "process_id": False,
        "left_s": 20.0,
        "when_left": "refuse",
    }
    check_devices([Device("printer", "ticket_printer", "/dev/null", options=options)])


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_can_be_printed_on(name: str) -> None:
    profile = PROFILES[name]
    assert profile.width_dots % 8 == 0
    assert profile.width_dots == 12 * profile.columns
    assert 0 < profile.near_end_mm < profile.roll_mm


def test_a_rare_character_without_a_font_is_marked_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench().ready()
    for job in ("1", "2"):
        bench.print(job, (Line("𬭚"),))
    assert "〓".encode("gb18030") in bench.far.sent
    assert len(caplog.records) == 1
    assert "𬭚" not in caplog.text
