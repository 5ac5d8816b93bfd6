"""The simulated motorised card reader against the bytes of the manual, on a clock of its own."""

import io
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from functools import reduce
from operator import xor
from pathlib import Path

import pytest
import serial
from hypothesis import given, settings, strategies as st

from devices.card_reader.simulator import Simulator
from devices.simulate import TruthLog, simulate

TRACK_1 = "%B6222021234567890128^TEST/CARD^29122200000012345?"
TRACK_2 = ";6222021234567890128=29122200000012345?"
MASKED = "622202*********0128"
ACK, NAK, EOT = b"\x06", b"\x15", b"\x04"
INIT_LEAVE = bytes.fromhex("F2 00 00 03 43 30 33 03 B2")
STATUS = bytes.fromhex("F2 00 00 03 43 31 30 03 B0")
AT_GATE = bytes.fromhex("F2 00 00 06 50 31 30 31 32 30 03 95")
NO_CARD = bytes.fromhex("F2 00 00 06 50 31 30 30 32 30 03 94")
AT_IC = bytes.fromhex("F2 00 00 06 50 31 30 32 32 30 03 96")


def frame(text: bytes, address: int = 0) -> bytes:
    head = bytes((0xF2, address)) + len(text).to_bytes(2, "big") + text + b"\x03"
    return head + bytes((reduce(xor, head),))


def command(*numbers: int, data: bytes = b"") -> bytes:
    return frame(bytes((0x43, *numbers)) + data)


class Bench:
    """A reader with its truth and its clock."""

    def __init__(self, *, ready: bool = True, **options: object) -> None:
        self.truth: list[Mapping[str, object]] = []
        self.machine = Simulator(self.truth.append, **options)  # type: ignore[arg-type]
        self.now = 100.0
        assert self.machine.power_on(self.now) == b""
        if ready:
            assert self.ask(INIT_LEAVE)[:6] == b"P03020"
            self.truth.clear()

    def wait(self, seconds: float = 20.0) -> bytes:
        """All that is said in that time, each thing at its time."""
        end, out = self.now + seconds, b""
        while (at := self.machine.next_deadline()) is not None and at <= end:
            self.now = max(self.now, at)
            out += self.machine.pass_time(self.now)
        self.now = end
        return out

    def send(self, data: bytes) -> bytes:
        return self.machine.receive(data, self.now)

    def ask(self, data: bytes) -> bytes:
        """The text of the answer to one frame, acknowledged on both sides."""
        assert self.send(data) == ACK
        while (at := self.machine.next_deadline()) is not None:
            self.now = max(self.now, at)
            if said := self.machine.pass_time(self.now):
                assert self.send(ACK) == b""
                assert said == frame(said[4:-2])
                return said[4:-2]
        raise AssertionError("no answer")

    def run(self, *numbers: int, data: bytes = b"") -> bytes:
        return self.ask(command(*numbers, data=data))

    def fault(self, name: str, on: bool = True) -> bytes:
        return self.machine.fault(name, on, self.now)

    def insert(self, value: str = TRACK_2) -> None:
        """A card through the opened entry, drawn in."""
        assert self.run(0x33, 0x30)[0] == ord("P")
        assert self.machine.present(value, self.now) == b""
        assert self.wait(2.0) == b""
        assert self.run(0x33, 0x31)[0] == ord("P")

    def places(self) -> list[object]:
        return [event["where"] for event in self.truth if event["event"] == "card"]

    def events(self, name: str) -> list[Mapping[str, object]]:
        return [event for event in self.truth if event["event"] == name]


@pytest.fixture
def bench() -> Bench:
    return Bench()


# --- bytes of the sheet


@pytest.mark.parametrize(
    "sent",
    [
        *("F2 00 00 03 43 30 30 03 B1", "F2 00 00 03 43 30 31 03 B0", "F2 00 00 03 43 30 33 03 B2"),
        *("F2 00 00 03 43 31 30 03 B0", "F2 00 00 03 43 31 31 03 B1", "F2 00 00 03 43 32 30 03 B3"),
        *("F2 00 00 03 43 32 31 03 B2", "F2 00 00 03 43 32 32 03 B1", "F2 00 00 03 43 32 33 03 B0"),
        *("F2 00 00 03 43 32 39 03 BA", "F2 00 00 03 43 33 30 03 B2", "F2 00 00 03 43 33 31 03 B3"),
        *("F2 00 00 03 43 50 30 03 D1", "F2 00 00 04 43 51 30 33 03 E4"),
        "F2 00 00 03 43 51 38 03 D8",
        "F2 00 00 10 43 51 39 00 A4 04 00 08 A0 00 00 00 54 48 00 01 03 DF",
        "F2 00 00 07 43 51 39 00 C0 00 00 03 1D",
    ],
)
def test_every_command_of_the_sheet_is_acknowledged_and_known(bench: Bench, sent: str) -> None:
    data = bytes.fromhex(sent)
    bench.insert(TRACK_2 + " chip")
    bench.run(0x32, 0x31)
    bench.run(0x51, 0x30, data=b"3")
    said = bench.ask(data)
    assert said[:3] == b"P" + data[5:7]


def test_status_of_none_gate_and_ic(bench: Bench) -> None:
    def status() -> bytes:
        assert bench.send(STATUS) == ACK
        said = bench.wait(0.1)
        bench.send(ACK)
        return said

    assert status() == NO_CARD
    bench.insert()
    bench.run(0x32, 0x31)
    assert status() == AT_IC
    bench.run(0x32, 0x30)
    assert status() == AT_GATE


def test_refusals_of_the_sheet(bench: Bench) -> None:
    def refusal(data: bytes) -> str:
        assert bench.send(data) == ACK
        said = bench.wait(4.0)
        bench.send(ACK)
        return said[:11].hex(" ").upper()

    fresh = Bench(ready=False)
    assert fresh.send(STATUS) == ACK
    assert fresh.wait(0.1).hex(" ").upper() == "F2 00 00 05 4E 31 30 42 30 03 C9"
    bench.insert()
    bench.fault("jam")
    assert refusal(command(0x32, 0x31)) == "F2 00 00 05 4E 32 31 31 30 03 B8"
    bench.fault("jam", on=False)
    bench.fault("bin_full")
    assert refusal(command(0x32, 0x33)) == "F2 00 00 05 4E 32 33 41 31 03 CB"
    assert bench.run(0x31, 0x30) == b"P10221"
    bench.fault("bin_full", on=False)
    assert bench.run(0x31, 0x30) == b"P10220"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"C\x99\x30", b"00"),
        (b"C\x31\x39", b"01"),
        (b"C\x30\x32", b"01"),
        (b"C\x32\x34", b"01"),
        (b"C\x31\x30x", b"04"),
        (b"C\x32\x30", b"02"),
        (b"C\x36\x37", b"02"),
        (b"C\x50\x30", b"02"),
        (b"C\x51\x30", b"02"),
        (b"C\x60\x30AB", b"02"),
        (b"C\xa5\x31xx", b"04"),
    ],
)
def test_wrong_commands_without_a_card(bench: Bench, text: bytes, code: bytes) -> None:
    assert bench.ask(frame(text)) == b"N" + text[1:3] + code


def test_names_of_the_machine(bench: Bench) -> None:
    assert bench.run(0xA2, 0x30)[6:] == b"SIM0000001"
    assert bench.run(0xA3, 0x30)[6:] == b"R01"
    assert bench.run(0xA4, 0x30)[6:].startswith(b"CRT-571")
    assert bench.ask(INIT_LEAVE)[6:].startswith(b"CRT-571")


# --- the card's way


def test_a_card_goes_in_and_out_and_is_taken(bench: Bench) -> None:
    bench.insert()
    bench.run(0x32, 0x30)
    assert bench.run(0x31, 0x30) == b"P10120"
    bench.wait(300.0)
    assert bench.run(0x31, 0x30) == b"P10120"
    bench.machine.remove(bench.now)
    bench.machine.remove(bench.now)
    assert bench.run(0x31, 0x30) == b"P10020"
    assert bench.places() == ["gate", "inside", "gate", "taken"]
    assert [event["by"] for event in bench.events("card")] == [
        *("customer", "entry"),
        *("command 32 30", "customer"),
    ]
    assert "6222021234567890128" not in json.dumps(bench.truth)
    assert bench.truth[1]["card"] == MASKED


def test_a_closed_and_an_occupied_slot_refuse_a_card(bench: Bench) -> None:
    bench.machine.present(TRACK_2, bench.now)
    assert bench.truth == [{"event": "refused", "why": "closed", "card": MASKED}]
    bench.run(0x33, 0x30)
    bench.machine.present(TRACK_2, bench.now)
    bench.machine.present(TRACK_2, bench.now)
    assert bench.truth[-1]["why"] == "occupied"
    assert bench.places() == ["gate"]


def test_status_while_the_card_is_drawn_in(bench: Bench) -> None:
    bench.run(0x33, 0x30)
    bench.machine.present(TRACK_2, bench.now)
    assert bench.run(0x31, 0x30) == b"P10120"
    assert bench.run(0x32, 0x31) == b"P21220"
    assert bench.places() == ["gate", "inside", "ic"]


def test_the_other_sub_model_opens_with_32_and_closes_with_30() -> None:
    bench = Bench(permit_model="R02")
    assert bench.run(0x33, 0x31) == b"N3101"
    assert bench.run(0x33, 0x32)[0] == ord("P")
    bench.machine.present(TRACK_2, bench.now)
    bench.wait(2.0)
    assert bench.run(0x32, 0x34) == b"P24220"
    bench.run(0x32, 0x30)
    bench.machine.remove(bench.now)
    bench.run(0x33, 0x30)
    bench.machine.present(TRACK_2, bench.now)
    assert bench.events("refused")[-1]["why"] == "closed"
    assert Bench().run(0x33, 0x32) == b"N3201"


def test_capture_is_an_event_of_its_own_and_counted_only_when_asked(bench: Bench) -> None:
    bench.insert()
    assert bench.run(0x32, 0x33) == b"P23020"
    [event] = bench.events("capture")
    assert (event["command"], event["counter"], event["bin_cards"]) == ("command 32 33", 0, 1)
    assert event["card"] == MASKED
    bench.run(0x30, 0x37)
    bench.insert()
    bench.run(0x30, 0x35)
    assert bench.events("capture")[-1]["command"] == "command 30 35"
    assert bench.places() == ["gate", "inside", "bin"] * 2
    assert bench.run(0xA5, 0x30) == b"P\xa50020001"
    bench.run(0xA5, 0x31, data=b"999")
    bench.insert()
    assert bench.run(0x32, 0x33) == b"N2350"
    assert len(bench.events("capture")) == 2


def test_the_bin_gets_full_and_is_emptied() -> None:
    bench = Bench(bin_capacity=1)
    bench.insert()
    assert bench.run(0x32, 0x33) == b"P23021"
    bench.insert()
    assert bench.run(0x32, 0x33) == b"N23A1"
    bench.fault("bin_full")
    bench.fault("bin_full", on=False)
    assert bench.run(0x32, 0x33) == b"P23021"


def test_39_pushes_out_or_captures_by_model(bench: Bench) -> None:
    bench.insert()
    assert bench.run(0x32, 0x39) == b"P29020"
    bench.machine.remove(bench.now)
    assert bench.places()[-2:] == ["outside", "taken"]
    other = Bench(move_39="bin")
    other.insert()
    other.run(0x32, 0x39)
    assert other.events("capture")[0]["command"] == "command 32 39"


@pytest.mark.parametrize(("length", "code"), [("long", b"13"), ("short", b"14")])
def test_a_card_of_wrong_length_can_only_go_out(bench: Bench, length: str, code: bytes) -> None:
    bench.insert(f"{TRACK_2} {length}")
    assert bench.run(0x32, 0x31) == b"N21" + code
    assert bench.run(0x36, 0x32) == b"N62" + code
    assert bench.run(0x32, 0x30) == b"P20120"


@pytest.mark.parametrize(
    ("name", "code"),
    [("jam", b"10"), ("motor", b"51"), ("sensor", b"12"), ("pulled_by_hand", b"16")],
)
def test_faults_of_the_mechanism(bench: Bench, name: str, code: bytes) -> None:
    bench.insert()
    bench.fault(name)
    assert bench.run(0x32, 0x33) == b"N23" + code
    assert bench.events("capture") == []
    assert bench.places()[-1] == ("gate" if name == "pulled_by_hand" else "inside")
    bench.fault(name, on=False)
    assert bench.run(0x32, 0x31) == b"P21220"


def test_a_jam_at_the_gate(bench: Bench) -> None:
    bench.fault("jam")
    bench.insert()
    assert bench.run(0x31, 0x30) == b"P10120"
    assert bench.run(0x30, 0x33)[:1] == b"P"
    assert bench.run(0x30, 0x31) == b"N0110"
    assert bench.run(0x31, 0x30) == b"N10B0"


def test_a_card_taken_away_during_the_move(bench: Bench) -> None:
    bench.insert()
    bench.run(0x32, 0x30)
    bench.send(command(0x32, 0x31))
    bench.wait(0.3)
    bench.machine.remove(bench.now)
    assert bench.wait(0.5)[4:-2] == b"N2116"


def test_power_loss_leaves_the_card_where_it_is(bench: Bench) -> None:
    bench.insert()
    bench.run(0x32, 0x31)
    bench.fault("power_loss")
    assert bench.run(0x31, 0x30) == b"N10B0"
    assert bench.run(0x32, 0x30) == b"N20B0"
    assert bench.ask(INIT_LEAVE)[3:6] == b"220"
    assert bench.places()[-1] == "ic"
    assert bench.run(0x30, 0x30)[:6] == b"P00120"


def test_power_loss_in_the_middle_of_a_capture(bench: Bench) -> None:
    bench.insert()
    bench.run(0x32, 0x31)
    bench.send(command(0x32, 0x33))
    bench.wait(0.5)
    bench.fault("power_loss")
    assert bench.wait() == b""
    assert bench.places()[-1] == "inside"
    assert bench.events("capture") == []
    bench.machine.present(TRACK_2, bench.now)
    assert bench.truth[-1]["why"] == "occupied"


# --- tracks and chip


def test_magnetic_read(bench: Bench) -> None:
    bench.insert(TRACK_1 + TRACK_2)
    track_1, track_2 = TRACK_1[1:-1].encode(), TRACK_2[1:-1].encode()
    assert bench.run(0x36, 0x32) == b"P62220" + b"0" + track_2
    assert bench.run(0x36, 0x37) == b"P67220" + b"0" + track_1 + b"~0" + track_2 + b"~2"
    bench.fault("bad_track1")
    bench.fault("bad_track3")
    assert bench.run(0x36, 0x37)[6:] == b"1~0" + track_2 + b"~2"
    [*_, event] = bench.events("magnetic_read")
    assert event["results"] == {"1": "1", "2": "0", "3": "2"}
    assert event["card"] == MASKED
    assert Bench(magnetic=False).run(0x36, 0x37) == b"N6700"


def test_a_chip_is_there(bench: Bench) -> None:
    bench.insert(TRACK_2 + " chip")
    bench.run(0x32, 0x31)
    assert bench.run(0x50, 0x30)[6:] == b"10"
    assert bench.run(0x51, 0x39, data=b"\x00\xa4\x04\x00") == b"NQ962"
    reset = bench.run(0x51, 0x30, data=b"3")
    assert reset[6:8] == b"0\x3b"
    assert bench.run(0x51, 0x32)[6:] == b"1"
    environment = bytes.fromhex("00A404000E") + b"2PAY.SYS.DDF01\x00"
    assert bench.run(0x51, 0x33, data=environment)[6:] == b"\x6a\x82"
    select = bytes.fromhex("00A4040008A00000033301010100")
    assert bench.run(0x51, 0x39, data=select)[6:] == b"\x61\x0c"
    assert bench.run(0x51, 0x39, data=bytes.fromhex("00C000000C"))[-2:] == b"\x90\x00"
    assert bench.run(0x51, 0x33, data=b"\x00\xb2\x01\x0c\x00")[6:] == b"\x6d\x00"
    bench.run(0x32, 0x30)
    bench.run(0x32, 0x31)
    assert bench.run(0x51, 0x32)[6:] == b"0"


def test_no_chip_and_a_mute_one(bench: Bench) -> None:
    bench.insert(TRACK_2)
    bench.run(0x32, 0x31)
    assert bench.run(0x50, 0x30)[6:] == b"00"
    assert bench.run(0x51, 0x30) == b"NQ061"
    other = Bench()
    other.insert("blank chip")
    other.run(0x32, 0x31)
    other.fault("mute_chip")
    assert other.run(0x51, 0x30) == b"NQ061"


@pytest.mark.parametrize(
    "value",
    ["", "hello", ";12A?", ";" + "1" * 38 + "?", "%a?", ";1?;2?;3?", "%A?%B?"]
    + [f"{TRACK_2} {words}" for words in ("gold", "long short", "chip chip")],
)
def test_cards_that_make_no_sense(bench: Bench, value: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        bench.machine.present(value, bench.now)


def test_a_card_from_a_file_and_a_short_number(bench: Bench, tmp_path: Path) -> None:
    card = tmp_path / "card.txt"
    card.write_text("%B1234567890^A B^2912?\n;1234567890=2912?\n chip\n")
    bench.insert(str(card))
    assert bench.run(0x36, 0x31)[6:] == b"0B1234567890^A B^2912"
    assert bench.truth[-1]["card"] == "*" * 10


# --- the link


def test_frames_that_are_not_right_get_nak(bench: Bench) -> None:
    assert bench.send(STATUS[:-1] + b"\x00") == NAK
    assert bench.send(STATUS[:-2] + b"\x04\xb7") == NAK
    assert bench.send(frame(b"\x44\x31\x30")) == NAK
    assert bench.wait() == b""


def test_a_huge_length_is_refused_when_the_line_is_quiet(bench: Bench) -> None:
    assert bench.send(b"\xf2\x00\xff\xff" + STATUS) == b""
    assert bench.wait(0.25) == NAK
    assert bench.run(0x31, 0x30) == b"P10020"


def test_half_a_frame_is_forgotten_after_the_gap(bench: Bench) -> None:
    bench.send(STATUS[:5])
    bench.wait(0.25)
    assert bench.run(0x31, 0x30) == b"P10020"
    bench.send(STATUS[:5])
    bench.wait(0.1)
    assert bench.send(STATUS[5:]) == ACK


def test_another_address_is_not_answered() -> None:
    bench = Bench(ready=False, address=3)
    assert bench.send(INIT_LEAVE) == b""
    assert bench.wait() == b""
    assert bench.send(frame(b"C\x31\x30", address=3)) == ACK
    assert bench.wait(0.1) == frame(b"N10B0", address=3)


def test_an_answer_is_repeated_twice_at_most(bench: Bench) -> None:
    bench.send(STATUS)
    assert bench.wait(0.1) == NO_CARD
    assert bench.wait(0.3) == NO_CARD
    assert bench.wait(0.3) == NO_CARD
    assert bench.wait() == b""
    assert bench.events("answer_not_acknowledged") != []
    bench.send(STATUS)
    bench.wait(0.1)
    assert [bench.send(NAK) for _ in range(4)] == [NO_CARD, NO_CARD, b"", b""]


def test_a_command_that_comes_again_is_not_carried_out_again(bench: Bench) -> None:
    bench.insert()
    capture = command(0x32, 0x33)
    assert bench.send(capture) == ACK
    bench.wait(0.3)
    assert bench.send(capture) == ACK
    said = bench.wait(1.3)
    assert said[4:-2] == b"P23020"
    assert bench.send(capture) == ACK + said
    assert bench.send(ACK) == b""
    assert len(bench.events("capture")) == 1
    assert len(bench.events("host_resend")) == 2
    assert bench.run(0x32, 0x33) == b"N2302"


def test_eot_is_echoed_and_the_motion_ends_untold(bench: Bench) -> None:
    bench.insert()
    bench.send(command(0x32, 0x30))
    bench.wait(0.5)
    assert bench.send(EOT) == EOT
    assert bench.send(STATUS) == ACK
    assert bench.wait(0.4) == b""
    assert bench.wait(0.2) == AT_GATE
    assert bench.send(EOT) == EOT
    assert bench.wait() == b""


def test_eot_takes_back_a_command_that_waits(bench: Bench) -> None:
    bench.insert()
    bench.send(command(0x32, 0x31) + EOT + command(0x32, 0x33) + EOT)
    assert bench.wait() == b""
    assert bench.places()[-1] == "ic"


def test_another_command_during_execution_is_not_heard(bench: Bench) -> None:
    bench.insert()
    assert bench.send(command(0x32, 0x31)) == ACK
    assert bench.send(STATUS) == b""
    assert bench.wait(1.0)[4:7] == b"P21"


# --- faults of the line


def test_silent(bench: Bench) -> None:
    bench.send(STATUS)
    bench.fault("silent")
    assert bench.wait() == b""
    assert bench.send(command(0x33, 0x30) + EOT) == b""
    bench.fault("silent", on=False)
    bench.machine.present(TRACK_2, bench.now)
    assert bench.truth[-1]["event"] == "refused"
    assert bench.run(0x31, 0x30) == b"P10020"


def test_no_ack_answers_all_the_same(bench: Bench) -> None:
    bench.fault("no_ack")
    assert bench.send(STATUS) == b""
    assert bench.send(STATUS) == b""
    assert bench.wait(0.1) == NO_CARD


def test_nak_once(bench: Bench) -> None:
    bench.fault("nak_once")
    for _ in range(2):
        assert bench.send(STATUS) == NAK
        assert bench.send(STATUS) == ACK
        assert bench.wait(0.1) == NO_CARD
        bench.send(ACK)


def test_bad_checks_and_lengths(bench: Bench) -> None:
    bad = NO_CARD[:-1] + b"\x95"
    for name, second in (("bad_checksum", bad), ("bad_checksum_once", NO_CARD)):
        bench.fault(name)
        bench.send(STATUS)
        assert bench.wait(0.1) == bad
        assert bench.send(NAK) == second
        bench.send(ACK)
        bench.fault(name, on=False)
    bench.fault("huge_length")
    bench.send(STATUS)
    assert bench.wait(0.1) == b"\xf2\x00\xff\xff" + NO_CARD[4:]


def test_noise_and_the_same_each_time() -> None:
    def noisy() -> bytes:
        bench = Bench()
        bench.fault("noise")
        bench.send(STATUS)
        return bench.wait(0.1)

    assert noisy()[4:-4] == NO_CARD
    assert noisy() == noisy()
    bench = Bench()
    bench.fault("noise")
    assert len(bench.machine.power_on(bench.now)) == 4


def test_stale_sends_the_one_before_first(bench: Bench) -> None:
    bench.run(0x31, 0x30)
    bench.fault("stale")
    bench.send(command(0xA3, 0x30))
    assert bench.wait(0.1) == NO_CARD + frame(b"P\xa30020R01")


def test_byte_by_byte_and_two_parts(bench: Bench) -> None:
    bench.fault("byte_by_byte")
    bench.send(STATUS)
    assert bench.wait(0.09) == NO_CARD[:4]
    assert bench.wait(0.2) == NO_CARD[4:]
    bench.send(ACK)
    bench.fault("byte_by_byte", on=False)
    bench.fault("two_parts")
    bench.send(STATUS)
    assert bench.wait(0.1) == NO_CARD[:6]
    assert bench.wait(0.15) == NO_CARD[6:]


def test_slow_stays_within_the_limits(bench: Bench) -> None:
    bench.fault("slow")
    assert bench.send(STATUS) == b""
    assert bench.wait(0.29) == ACK
    assert bench.wait(1.0) == b""
    assert bench.wait(0.4) == NO_CARD


def test_wrong_speed_is_junk_and_does_nothing(bench: Bench) -> None:
    bench.fault("wrong_speed")
    said = bench.send(command(0x33, 0x30))
    assert said
    assert min(said) >= 0x80
    assert bench.events("entry") == []


def test_unknown_fault_and_options(bench: Bench) -> None:
    with pytest.raises(ValueError, match="unknown fault 'dust'; allowed: silent"):
        bench.fault("dust")
    for options in ({"speed": 0}, {"address": 16}, {"permit_model": "R9"}, {"move_39": "up"}):
        with pytest.raises(ValueError, match=r"must|allowed"):
            Simulator(lambda event: None, **options)  # type: ignore[arg-type]


# --- anything

PIECES = st.one_of(
    st.binary(max_size=24),
    st.sampled_from([ACK, NAK, EOT, STATUS, INIT_LEAVE]),
    st.tuples(
        st.sampled_from([0x30, 0x31, 0x32, 0x33, 0x36, 0x50, 0x51, 0x60, 0xA2, 0xA5]),
        st.integers(0x30, 0x39),
        st.binary(max_size=8),
    ).map(lambda it: command(it[0], it[1], data=it[2])),
    st.sampled_from(["card", "take", *Simulator.FAULTS]),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(PIECES, st.floats(0.0, 3.0)), max_size=25))
def test_anything_never_raises_and_comes_to_rest(steps: list[tuple[bytes | str, float]]) -> None:
    bench, faults = Bench(), set[str]()
    for step, pause in steps:
        if isinstance(step, bytes):
            bench.send(step)
        elif step == "card":
            bench.machine.present(TRACK_2 + " chip", bench.now)
        elif step == "take":
            bench.machine.remove(bench.now)
        else:
            faults ^= {step}
            bench.fault(step, on=step in faults)
        bench.wait(pause)
    bench.wait(120.0)
    assert bench.machine.next_deadline() is None
    captures = [event["command"] for event in bench.events("capture")]
    assert len(captures) == bench.places().count("bin")
    assert "6222021234567890128" not in json.dumps(bench.truth)


# --- through the cable


def test_a_card_through_the_cable(tmp_path: Path) -> None:
    link, log = tmp_path / "port", tmp_path / "truth.jsonl"
    read_end, write_end = os.pipe()
    out = io.StringIO()
    with os.fdopen(read_end) as stdin, os.fdopen(write_end, "w", buffering=1) as keys:
        machine = Simulator(TruthLog(log), speed=20.0)
        arguments = ("card_reader", machine, link, log, [], stdin, out, time.monotonic)
        thread = threading.Thread(target=simulate, args=arguments)
        thread.start()
        _await(lambda: "ready" in out.getvalue())
        with serial.Serial(str(link), 115200, timeout=5.0) as port:
            _exchange(port, INIT_LEAVE)
            _exchange(port, command(0x33, 0x30))
            keys.write(f"present {TRACK_2}\n")
            _await(lambda: '"inside"' in log.read_text())
            assert _exchange(port, command(0x36, 0x32))[6:] == b"0" + TRACK_2[1:-1].encode()
            keys.write("quit\n")
        thread.join(5.0)
    assert not thread.is_alive()
    assert "6222021234567890128" not in log.read_text()


def _exchange(port: serial.Serial, data: bytes) -> bytes:
    port.write(data)
    assert port.read(1) == ACK
    head = port.read(4)
    text = port.read(int.from_bytes(head[2:], "big"))
    assert head + text + port.read(2) == frame(text)
    port.write(ACK)
    return text


def _await(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5.0
    while not condition():
        assert time.monotonic() < end, "took too long"
        threading.Event().wait(0.005)
