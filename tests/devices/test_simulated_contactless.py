"""The simulated PN532 and its cards against the bytes of the manuals, on a clock of its own."""

import io
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import serial
from hypothesis import given, settings, strategies as st

from devices.contactless.simulated_card import Application, EmvCard, Radio, tlv
from devices.contactless.simulated_frame import FrameScanner, rising_edges
from devices.contactless.simulator import Simulator
from devices.simulate import TruthLog, simulate

ACK = bytes.fromhex("0000FF00FF00")
NACK = bytes.fromhex("0000FFFF0000")
ERROR = bytes.fromhex("0000FF01FF7F8100")
WAKE = bytes.fromhex("55 55 00 00 00 00 00 00 00 00 00 00 00 00 00 00")
SAM = bytes.fromhex("0000FF05FBD4140100001700")
FIRMWARE = bytes.fromhex("0000FF02FED4022A00")
FIRMWARE_ANSWER = bytes.fromhex("0000FF06FAD50332010607E800")
LIST_ONE = bytes.fromhex("0000FF04FCD44A0100E100")
LIST_NONE = bytes.fromhex("0000FF03FDD54B00E000")
FEW_TRIES = bytes.fromhex("0000FF06FAD43205FF0102F300")
PPSE = "00A404000E325041592E5359532E444446303100"
PAN = "6222021234567890128"
DEADLINE_S = 5.0
EMV_WORDS = ["unionpay", "unionpay_credit", "visa", "mastercard", "two_apps", "ppse_missing"]
ALL_WORDS = [*EMV_WORDS, "sw61", "sw6c", "blocked", "mifare", "transit", "type_b", "two"]


def framed(payload: bytes) -> bytes:
    """A frame of the host, made here so that a mistake of the simulator's does not cancel out."""
    size = len(payload)
    if size < 256:
        head = bytes((0, 0, 0xFF, size, (256 - size) % 256))
    else:
        check = (0x200 - (size >> 8) - (size & 0xFF)) % 256
        head = bytes((0, 0, 0xFF, 0xFF, 0xFF, size >> 8, size & 0xFF, check))
    return head + payload + bytes(((0x10000 - sum(payload)) % 256, 0))


def unframed(data: bytes) -> bytes:
    """The payload of one frame from the chip; anything else fails."""
    if data[3:5] == b"\xff\xff":
        size, start = data[5] * 256 + data[6], 8
        assert (data[5] + data[6] + data[7]) % 256 == 0
    else:
        size, start = data[3], 5
        assert (data[3] + data[4]) % 256 == 0
    assert data[:3] == b"\x00\x00\xff"
    assert len(data) == start + size + 2
    assert sum(data[start : start + size + 1]) % 256 == 0
    return data[start : start + size]


class Bench:
    """A reader with its truth, its clock and the moments at which it spoke."""

    def __init__(self, **options: float) -> None:
        self.truth: list[Mapping[str, object]] = []
        self.machine = Simulator(self.truth.append, **options)  # type: ignore[arg-type]
        self.now = 0.0
        self.spoken: list[tuple[float, bytes]] = []
        self.machine.power_on(self.now)

    def send(self, data: bytes, seconds: float = 10.0) -> bytes:
        """All that is said until nothing is due any more, at most so many seconds."""
        self.spoken = [(0.0, self.machine.receive(data, self.now))]
        began, end = self.now, self.now + seconds
        while (at := self.machine.next_deadline()) is not None and at <= end:
            assert at >= self.now - 1e-9
            self.now = at
            self.spoken.append((at - began, self.machine.pass_time(at)))
        self.spoken = [(at, said) for at, said in self.spoken if said]
        return b"".join(said for _, said in self.spoken)

    def ready(self) -> "Bench":
        """Woken, configured, and not looking for cards for ever."""
        assert self.send(WAKE + SAM)[-9:] == bytes.fromhex("0000FF02FED5151600")
        self.send(FEW_TRIES)
        return self

    def command(self, text: str) -> str:
        """The payload of the answer, both in hexadecimal digits, behind a right ACK."""
        said = self.send(framed(bytes.fromhex("D4" + text)))
        assert said.startswith(ACK)
        return unframed(said[6:]).hex().upper()

    def lay(self, word: str) -> str:
        self.machine.present(word, self.now)
        return self.command("4A0100")

    def apdu(self, text: str, target: int = 1) -> str:
        """The card's answer; any status other than 00 fails."""
        answer = self.command(f"40{target:02X}" + text)
        assert answer[:6] == "D54100"
        return answer[6:]

    def fault(self, name: str, on: bool = True) -> bytes:
        return self.machine.fault(name, on, self.now)

    def events(self, word: str) -> list[Mapping[str, object]]:
        return [event for event in self.truth if event["event"] == word]


@pytest.fixture
def bench() -> Bench:
    return Bench().ready()


# --- frames and line


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        ("00 00 FF 02 FE D4 02 2A 00", "00 00 FF 06 FA D5 03 32 01 06 07 E8 00"),
        ("00 00 FF 05 FB D4 14 01 00 00 17 00", "00 00 FF 02 FE D5 15 16 00"),
        ("00 00 FF 06 FA D4 32 05 FF 01 02 F3 00", "00 00 FF 02 FE D5 33 F8 00"),
        ("00 00 FF 04 FC D4 4A 01 00 E1 00", "00 00 FF 03 FD D5 4B 00 E0 00"),
        ("00 00 FF 03 FD D4 52 00 DA 00", "00 00 FF 03 FD D5 53 00 D8 00"),
        ("00 00 FF 03 FD D4 10 04 18 00", "00 00 FF 02 FE D5 11 1A 00"),
        ("00 00 FF 02 FE D4 99 93 00", "00 00 FF 01 FF 7F 81 00"),
    ],
)
def test_vectors_without_a_card(bench: Bench, sent: str, answer: str) -> None:
    assert bench.send(bytes.fromhex(sent)) == ACK + bytes.fromhex(answer)


def test_vectors_of_listing_and_statuses(bench: Bench) -> None:
    bench.machine.present("unionpay", bench.now)
    listed = "00 00 FF 11 EF D5 4B 01 01 00 04 20 04 08 AA BB CC 05 78 80 70 02 0E 00"
    assert bench.send(LIST_ONE) == ACK + bytes.fromhex(listed)
    select = bytes.fromhex("00 00 FF 17 E9 D4 40 01" + PPSE + "8F 00")
    answer = unframed(bench.send(select)[6:])
    assert answer[:4] == bytes.fromhex("D5 41 00 6F")
    assert answer[-2:] == b"\x90\x00"
    bench.machine.remove(bench.now)
    assert bench.send(select) == ACK + bytes.fromhex("00 00 FF 03 FD D5 41 01 E9 00")
    bench.send(bytes.fromhex("00 00 FF 03 FD D4 52 00 DA 00"))
    assert bench.send(select) == ACK + bytes.fromhex("00 00 FF 03 FD D5 41 29 C1 00")
    assert bench.send(LIST_ONE) == ACK + LIST_NONE
    assert bench.command("4001" + PPSE) == "D54127"


def test_diagnose_echoes_262_bytes_in_an_extended_frame(bench: Bench) -> None:
    data = bytes(range(256)) + b"\xff\x00\xff\x00\x00\xff"
    sent = framed(b"\xd4\x00\x00" + data)
    assert sent[:8] == bytes.fromhex("00 00 FF FF FF 01 09 F6")
    said = bench.send(sent)
    assert said[6:14] == sent[:8]
    assert unframed(said[6:]) == b"\xd5\x01\x00" + data
    assert bench.command("000041") == "D5010041"


def test_short_command_in_an_extended_frame(bench: Bench) -> None:
    sent = bytes.fromhex("00 00 FF FF FF 00 02 FE D4 02 2A 00")
    assert bench.send(sent) == ACK + FIRMWARE_ANSWER


def test_ack_comes_first_and_in_time(bench: Bench) -> None:
    bench.send(FIRMWARE)
    (first, ack), (second, answer) = bench.spoken
    assert (ack, answer) == (ACK, FIRMWARE_ANSWER)
    assert 0.0 < first < second
    assert first <= 0.015


@pytest.mark.parametrize("at", range(3, 8))
def test_a_frame_with_a_flipped_bit_is_not_acknowledged(bench: Bench, at: int) -> None:
    broken = bytearray(FIRMWARE)
    broken[at] ^= 0x10
    said = bench.send(bytes(broken) + bytes(300))
    assert said == b""
    assert bench.send(FIRMWARE) == ACK + FIRMWARE_ANSWER


def test_a_torn_frame_is_got_over(bench: Bench) -> None:
    assert bench.send(SAM[:7]) == b""
    assert bench.send(FIRMWARE) == ACK + FIRMWARE_ANSWER


def test_frames_not_for_the_chip_are_ignored(bench: Bench) -> None:
    assert bench.send(FIRMWARE_ANSWER + ERROR + framed(b"\x00")) == b""


def test_nack_brings_the_last_answer_again(bench: Bench) -> None:
    bench.send(FIRMWARE)
    assert bench.send(NACK) == FIRMWARE_ANSWER
    assert bench.send(NACK) == FIRMWARE_ANSWER
    assert Bench().send(WAKE + NACK) == b""


def test_host_ack_aborts_and_so_does_a_new_command(bench: Bench) -> None:
    bench.command("3205FF01FF")
    assert bench.send(LIST_ONE) == ACK
    assert bench.machine.next_deadline() is None
    assert bench.send(ACK) == b""
    bench.machine.present("visa", bench.now)
    assert bench.send(b"") == b""
    bench.machine.remove(bench.now)
    assert bench.send(LIST_ONE) == ACK
    assert bench.send(FIRMWARE) == ACK + FIRMWARE_ANSWER
    bench.machine.present("visa", bench.now)
    assert bench.send(b"") == b""


def test_an_aborted_exchange_never_reaches_the_card(bench: Bench) -> None:
    bench.lay("unionpay")
    assert bench.send(framed(bytes.fromhex("D44001" + PPSE)), 0.002) == ACK
    assert bench.send(ACK) == b""
    assert bench.events("apdu") == []


# --- power


@pytest.mark.parametrize("wake", [WAKE, WAKE[:5], bytes(10)])
def test_wake_up_then_sam_configuration(wake: bytes) -> None:
    bench = Bench()
    assert bench.send(b"") == b""
    assert bench.send(wake + FIRMWARE) == ACK + FIRMWARE_ANSWER
    assert bench.send(LIST_ONE) == ACK + ERROR
    assert bench.send(SAM) == ACK + bytes.fromhex("0000FF02FED5151600")
    assert bench.send(LIST_ONE) == ACK


def test_a_frame_alone_wakes_it_but_is_lost() -> None:
    bench = Bench()
    assert bench.send(SAM) == b""
    assert bench.send(FIRMWARE) == ACK + FIRMWARE_ANSWER


@pytest.mark.parametrize(("byte", "edges"), [(0x00, 1), (0xFF, 1), (0x55, 5), (0xAA, 4), (0xD4, 3)])
def test_rising_edges_of_a_byte(byte: int, edges: int) -> None:
    assert rising_edges(byte) == edges


def test_power_down_until_woken_and_configured(bench: Bench) -> None:
    bench.lay("unionpay")
    assert bench.command("1610") == "D51700"
    assert bench.send(FIRMWARE[:5]) == b""
    assert bench.send(WAKE + LIST_ONE) == ACK + ERROR
    bench.send(SAM)
    assert bench.command("4001" + PPSE) == "D54127"
    assert bench.command("1680") == "D51700"
    assert bench.send(WAKE + FIRMWARE) == b""


def test_power_cycle_says_noise_and_sleeps(bench: Bench) -> None:
    bench.lay("unionpay")
    assert bench.fault("power_off") == b""
    assert bench.send(WAKE + FIRMWARE) == b""
    assert bench.fault("power_off", on=False)
    assert bench.send(WAKE + SAM)[:6] == ACK
    assert bench.command("4001" + PPSE) == "D54127"
    assert bench.command("4A0100")[:8] == "D54B0101"


# --- commands


def test_listing_waits_for_ever_by_default_and_ends_when_a_card_comes() -> None:
    bench = Bench()
    bench.send(WAKE + SAM)
    assert bench.send(LIST_ONE) == ACK
    bench.now += 3600.0
    bench.machine.present("visa", bench.now)
    assert unframed(bench.send(b""))[:4] == bytes.fromhex("D54B0101")
    assert bench.events("listed") == [{"event": "listed", "cards": ["visa"]}]


def test_listing_takes_as_long_as_its_tries(bench: Bench) -> None:
    bench.send(LIST_ONE)
    few = bench.spoken[-1][0]
    bench.command("3205FF0120")
    bench.send(LIST_ONE)
    assert bench.spoken[-1][0] > 5 * few


def test_two_cards_in_the_field(bench: Bench) -> None:
    assert bench.lay("two")[:8] == "D54B0101"
    one, two = "00042004081D2E3F0578807002", "0004200408AABBCC0578807002"
    assert bench.command("4A0200") == "D54B0201" + two + "02" + one
    assert bench.command("04") == "D505000002010000000200000000"
    assert "A000000333010101" in bench.apdu(PPSE, 1)
    assert "A0000000031010" in bench.apdu(PPSE, 2)
    assert [event["card"] for event in bench.events("card")] == ["unionpay", "visa"]


def test_the_card_not_talked_to_forgets(bench: Bench) -> None:
    bench.lay("two")
    bench.command("4A0200")
    bench.apdu("00A4040008A00000033301010100", 1)
    bench.apdu(PPSE, 2)
    assert bench.apdu("00B2010C00", 1) == "6985"
    assert bench.apdu("80A80000238321" + "00" * 33 + "00", 1) == "6985"


@pytest.mark.parametrize(("word", "kind"), [("type_b", "0300"), ("visa", "00")])
def test_each_type_is_found_by_its_own_modulation_only(bench: Bench, word: str, kind: str) -> None:
    bench.machine.present(word, bench.now)
    for modulation in ("0300", "00", "010000000000", "04"):
        found = bench.command("4A01" + modulation)[:6]
        assert found == ("D54B01" if modulation == kind else "D54B00")


def test_type_b_listing_and_talk(bench: Bench) -> None:
    bench.machine.present("type_b", bench.now)
    answer = bytes.fromhex(bench.command("4A010300"))
    assert answer[:5] == bytes.fromhex("D54B010150")
    assert len(answer) == 4 + 12 + 1 + answer[16]
    assert bench.apdu(PPSE)[:2] == "6F"


def test_listing_by_uid(bench: Bench) -> None:
    bench.lay("two")
    assert bench.command("4A0100081D2E3F")[-26:-10] == "00042004081D2E3F"
    assert bench.command("4A010001020304") == "D54B00"


@pytest.mark.parametrize(
    "text",
    [
        "4A",
        "4A0000",
        "4A0300",
        "4A0105",
        "4A0103",
        "4A010001",
        "14",
        "1405",
        "10",
        "1009",
        "3205",
        "3205FF",
        "3299",
        "40",
        "52",
        "5200FF",
        "0200",
        "0099",
        "16",
        "06",
        "0601",
        "080102",
        "12",
    ],
)
def test_wrong_parameters_are_a_syntax_error(bench: Bench, text: str) -> None:
    assert bench.send(framed(bytes.fromhex("D4" + text))) == ACK + ERROR


def test_release_deselect_select(bench: Bench) -> None:
    bench.lay("unionpay")
    bench.apdu("00A4040008A00000033301010100")
    assert bench.command("4401") == "D54500"
    assert bench.command("5401") == "D55500"
    assert bench.apdu("80A80000238321" + "00" * 33 + "00") == "6985"
    assert bench.command("4402") == "D54527"
    assert bench.command("5201") == "D55300"
    assert bench.command("5201") == "D55329"
    assert bench.command("5401") == "D55529"


def test_presence_test_sees_the_card_go(bench: Bench) -> None:
    assert bench.command("0006") == "D50127"
    bench.lay("unionpay")
    assert bench.command("0006") == "D50100"
    bench.machine.remove(bench.now)
    assert bench.command("0006") == "D50101"


def test_registers(bench: Bench) -> None:
    assert bench.command("08630242630351") == "D509"
    assert bench.command("06630363026304") == "D507514200"


def test_speed_changes_with_the_hosts_ack_only(bench: Bench) -> None:
    assert bench.command("1008") == "D511"
    bench.send(FIRMWARE)
    bench.send(ACK)
    assert bench.events("line_speed") == []
    bench.command("1007")
    bench.send(ACK)
    assert bench.events("line_speed") == [{"event": "line_speed", "baud": 921600}]


def test_field_off_ends_the_talk(bench: Bench) -> None:
    bench.lay("unionpay")
    assert bench.command("320100") == "D533"
    assert bench.command("4001" + PPSE) == "D54127"


def test_more_to_come_is_put_together(bench: Bench) -> None:
    bench.lay("unionpay")
    assert bench.command("4041" + PPSE[:12]) == "D54100"
    assert bench.apdu(PPSE[12:])[:2] == "6F"
    assert bench.command("4041" + PPSE[:12]) == "D54100"
    bench.command("02")
    assert bench.apdu(PPSE[12:]) == "6700"


# --- cards


def walk(data: bytes) -> dict[str, bytes]:
    """All objects of a BER-TLV text, the ones inside others too."""
    found: dict[str, bytes] = {}
    while data:
        size = 2 if data[0] & 0x1F == 0x1F else 1
        tag, data = data[:size], data[size:]
        length, data = data[0], data[1:]
        if length > 0x80:
            count = length - 0x80
            length, data = int.from_bytes(data[:count], "big"), data[count:]
        assert length <= len(data)
        value, data = data[:length], data[length:]
        found[tag.hex().upper()] = value
        if tag[0] & 0x20:
            found |= walk(value)
    return found


class Terminal:
    """A payment terminal as EMV describes it, as far as these tests need one."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def ask(self, text: str) -> dict[str, bytes]:
        answer = self.bench.apdu(text)
        if answer.startswith("6C"):
            answer = self.bench.apdu(text[:-2] + answer[2:])
        if answer.startswith("61"):
            answer = self.bench.apdu("00C00000" + answer[2:])
        assert answer.endswith("9000"), answer
        return walk(bytes.fromhex(answer[:-4]))

    def read(self, aid: str) -> dict[str, bytes]:
        found = self.ask(f"00A40400{len(aid) // 2:02X}{aid}00")
        wanted, data = found.get("9F38", b""), b""
        while wanted:
            size = 2 if wanted[0] & 0x1F == 0x1F else 1
            data += bytes(wanted[size])
            wanted = wanted[size + 1 :]
        found |= self.ask(f"80A80000{len(data) + 2:02X}83{len(data):02X}{data.hex()}00")
        locator = found.get("94", found.get("80", bytes(2))[2:])
        for at in range(0, len(locator), 4):
            file, first, last, _ = locator[at : at + 4]
            for record in range(first, last + 1):
                found |= self.ask(f"00B2{record:02X}{file | 4:02X}00")
        return found


@pytest.mark.parametrize(
    ("word", "aid", "number"),
    [
        ("unionpay", "A000000333010101", PAN),
        ("unionpay_credit", "A000000333010102", "6225880123456783"),
        ("visa", "A0000000031010", "4111111111111111"),
        ("mastercard", "A0000000041010", "5555555555554444"),
        ("ppse_missing", "A000000333010101", PAN),
        ("sw61", "A000000333010101", PAN),
        ("sw6c", "A000000333010101", PAN),
    ],
)
def test_a_whole_reading(bench: Bench, word: str, aid: str, number: str) -> None:
    bench.lay(word)
    terminal = Terminal(bench)
    if word == "ppse_missing":
        assert bench.apdu(PPSE) == "6A82"
    else:
        directory = terminal.ask(PPSE)
        assert directory["84"] == b"2PAY.SYS.DDF01"
        assert directory["4F"].hex().upper() == aid
    found = terminal.read(aid)
    assert found["57"].hex().upper().startswith(f"{number}D2912")
    assert number not in json.dumps(bench.truth)
    assert bench.events("card")[0]["number"] == number[:6] + "*" * (len(number) - 10) + number[-4:]


def test_unionpay_asks_for_the_usual_data_and_gives_format_2(bench: Bench) -> None:
    bench.lay("unionpay")
    found = Terminal(bench).ask("00A4040008A00000033301010100")
    assert found["9F38"].hex().upper() == "9F66049F02069F03069F1A0295055F2A029A039C019F3704"
    found = Terminal(bench).read("A000000333010101")
    assert {"77", "82", "94"} <= set(found)
    assert found["5F20"] == b"TEST/CARD"


def test_visa_gives_format_1_and_the_shape_of_the_known_record(bench: Bench) -> None:
    bench.lay("visa")
    bench.apdu("00A4040005A00000000300")
    options = bench.apdu("80A8000002830000")
    assert options[:8] == "80123C00"
    assert len(options) == 2 * (2 + 0x12 + 2)
    assert bench.apdu("00B2020C00")[:8] == "70355713"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("80A80000228321" + "00" * 32 + "00", "6700"),
        ("80A80000228320" + "00" * 32 + "00", "6700"),
        ("80A80000248322" + "00" * 34 + "00", "6700"),
        ("80A80000238320" + "00" * 33 + "00", "6700"),
        ("80A8000002830000", "6700"),
        ("80A80000238421" + "00" * 33 + "00", "6A80"),
        ("80A80100238321" + "00" * 33 + "00", "6A86"),
        ("00A80000238321" + "00" * 33 + "00", "6E00"),
        ("00A4040009A0000003330101010100", "6A82"),
        ("00A4000002 3F00", "6A86"),
        ("00A4040000", "6700"),
        ("00B2010C00", "6985"),
        ("00C0000000", "6985"),
        ("0084000008", "6D00"),
        ("00A4", "6700"),
    ],
)
def test_refusals_of_a_selected_card(bench: Bench, text: str, status: str) -> None:
    bench.lay("unionpay")
    bench.apdu("00A4040008A00000033301010100")
    assert bench.apdu(text.replace(" ", "")) == status


def test_records_that_are_not_there(bench: Bench) -> None:
    bench.lay("unionpay")
    Terminal(bench).read("A000000333010101")
    assert bench.apdu("00B2020C00") == "6A83"
    assert bench.apdu("00B2017C00") == "6A82"
    assert bench.apdu("00B2010D00") == "6A86"
    assert bench.apdu("80A80000238321" + "00" * 33 + "00") == "6985"


def test_two_apps_with_priorities_and_the_next_by_part_of_the_name(bench: Bench) -> None:
    bench.lay("two_apps")
    answer = bench.apdu(PPSE)
    assert "4F08A000000333010101" in answer
    assert answer.count("870102") == 1
    assert answer.index("870102") < answer.index("4F08A000000333010102") < answer.index("870101")
    assert "8408A000000333010101" in bench.apdu("00A4040006A0000003330100")
    assert "8408A000000333010102" in bench.apdu("00A4040206A0000003330100")
    assert bench.apdu("00A4040206A0000003330100") == "6A82"


def test_blocked(bench: Bench) -> None:
    bench.lay("blocked")
    assert bench.apdu(PPSE)[-4:] == "9000"
    assert bench.apdu("00A4040008A00000033301010100")[-4:] == "6283"
    assert bench.apdu("80A80000238321" + "00" * 33 + "00") == "6985"


def test_61_in_parts_and_lost_by_another_command(bench: Bench) -> None:
    bench.lay("sw61")
    more = bench.apdu(PPSE)
    assert more[:2] == "61"
    whole = int(more[2:], 16)
    first = bench.apdu("00C0000010")
    assert first[-4:] == f"61{whole - 16:02X}"
    assert bench.apdu("00C00000FF") == f"6C{whole - 16:02X}"
    assert len(bench.apdu("00C0000000")) == 2 * (whole - 16) + 4
    bench.apdu(PPSE)
    bench.apdu("00B2010C00")
    assert bench.apdu("00C0000000") == "6985"


def test_6c_leaves_the_card_where_it_was(bench: Bench) -> None:
    bench.lay("sw6c")
    select = "00A4040008A000000333010101"
    assert bench.apdu(select + "00")[:2] == "6C"
    assert bench.apdu("80A80000238321" + "00" * 33 + "00") == "6985"


def test_cards_that_do_not_pay(bench: Bench) -> None:
    assert bench.lay("mifare") == "D54B01010004080408AABBCC"
    assert bench.command("4001" + PPSE) == "D54101"
    bench.machine.remove(bench.now)
    bench.lay("transit")
    assert bench.apdu(PPSE) == "6A82"
    assert bench.apdu("00A4040008A00000033301010100") == "6A82"
    assert bench.apdu("00A4040008A00000063201010500")[-4:] == "9000"


def test_the_longest_record_needs_an_extended_answer(bench: Bench) -> None:
    bench.lay("mastercard")
    bench.apdu("00A4040007A000000004101000")
    bench.apdu("80A8000002830000")
    said = bench.send(framed(bytes.fromhex("D4400100B2011C00")))
    assert said[6:14] == bytes.fromhex("0000FFFFFF0103FC")
    assert unframed(said[6:])[3:6] == bytes.fromhex("7081FB")


@pytest.mark.parametrize(
    ("size", "head"), [(0, "5000"), (127, "507F"), (128, "508180"), (256, "50820100")]
)
def test_length_of_an_object(size: int, head: str) -> None:
    assert tlv("50", bytes(size)) == bytes.fromhex(head) + bytes(size)


def test_transcript(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "card.txt"
    file.write_text(
        f"# a card\n{PPSE}\n6F00 9000\n\n00 B2 01 0C 00\n70009000\n00B2010C00\n6A83\n"
        "80A800000283 0000\n 80023C00 9000\n"
    )
    bench.lay(str(file))
    assert bench.apdu(PPSE) == "6F009000"
    assert bench.apdu("00B2010C00") == "70009000"
    assert bench.apdu("00B2010C00") == "6A83"
    assert bench.apdu("80A8000004830211 2200".replace(" ", "")) == "80023C009000"
    assert bench.apdu("00A4040005A00000000300") == "6A82"
    assert bench.apdu("0084000008") == "6D00"
    bench.command("4A0100")
    assert bench.apdu("00B2010C00") == "70009000"


@pytest.mark.parametrize("text", ["", "zz", "00B2010C00", "00B2\n9000", "00B2010C00\n90", "é"])
def test_transcripts_that_make_no_sense(bench: Bench, tmp_path: Path, text: str) -> None:
    file = tmp_path / "card.txt"
    file.write_text(text)
    with pytest.raises(ValueError, match="lines"):
        bench.machine.present(str(file), bench.now)


def test_what_can_be_laid_there(bench: Bench) -> None:
    for word in ALL_WORDS:
        bench.machine.present(word, bench.now)
        with pytest.raises(ValueError, match="allowed: remove"):
            bench.machine.present(word, bench.now)
        bench.machine.remove(bench.now)
    for value in ("", "amex", "x" * 5000, "a\0b", "/"):
        with pytest.raises(ValueError, match="allowed: unionpay, "):
            bench.machine.present(value, bench.now)
    before = len(bench.truth)
    bench.machine.remove(bench.now)
    assert len(bench.truth) == before


def test_truth_of_an_exchange_has_no_data(bench: Bench) -> None:
    bench.lay("unionpay")
    Terminal(bench).read("A000000333010101")
    assert bench.events("apdu")[0] == {"event": "apdu", "ins": "A4", "sw": "9000", "status": "00"}
    assert {str(event["ins"]) for event in bench.events("apdu")} == {"A4", "A8", "B2"}
    assert "3333" not in json.dumps(bench.truth)


# --- faults


@pytest.mark.parametrize(
    ("name", "status"), [("removed_half_way", "01"), ("card_disappeared", "2B")]
)
def test_card_gone_after_some_exchanges(name: str, status: str) -> None:
    bench = Bench(removed_after=2).ready()
    bench.fault(name)
    for _ in range(2):
        bench.lay("unionpay")
        bench.apdu(PPSE)
        bench.apdu(PPSE)
        assert bench.command("4001" + PPSE) == "D541" + status
        assert bench.events("card")[-1]["action"] == "taken"
        assert bench.command("4A0100") == "D54B00"
    bench.fault(name, on=False)
    bench.lay("unionpay")
    for _ in range(4):
        bench.apdu(PPSE)


def test_crc_error_once_in_a_while(bench: Bench) -> None:
    bench.fault("crc_error")
    bench.lay("unionpay")
    said = [bench.command("4001" + PPSE)[:6] for _ in range(8)]
    assert said == ["D54100", "D54100", "D54100", "D54102"] * 2


def test_no_extended(bench: Bench) -> None:
    bench.fault("no_extended")
    assert bench.send(framed(b"\xd4\x00\x00" + bytes(262))) == ACK + ERROR
    assert bench.send(framed(b"\xd4\x00\x00" + bytes(252)))[6:8] == b"\x00\x00"
    bench.lay("mastercard")
    bench.apdu("00A4040007A000000004101000")
    bench.apdu("80A8000002830000")
    assert bench.command("400100B2011C00") == "D54107"


def test_asleep_before_every_command(bench: Bench) -> None:
    bench.fault("asleep")
    bench.machine.present("unionpay", bench.now)
    select = framed(bytes.fromhex("D44001" + PPSE))
    assert bench.send(WAKE + LIST_ONE)[:6] == ACK
    assert bench.send(select) == b""
    assert bench.send(WAKE + LIST_ONE)[:6] == ACK
    assert unframed(bench.send(WAKE + select)[6:])[:4] == bytes.fromhex("D541006F")


def test_silent(bench: Bench) -> None:
    bench.send(LIST_ONE, 0.0)
    bench.fault("silent")
    assert bench.send(FIRMWARE) == b""
    bench.fault("silent", on=False)
    assert bench.send(FIRMWARE) == ACK + FIRMWARE_ANSWER


@pytest.mark.parametrize("name", ["bad_checksum", "bad_length"])
def test_broken_answers_are_right_after_nack(bench: Bench, name: str) -> None:
    bench.fault(name)
    said = bench.send(FIRMWARE)
    assert said[:6] == ACK
    assert len(said[6:]) == len(FIRMWARE_ANSWER)
    different = [a ^ b for a, b in zip(said[6:], FIRMWARE_ANSWER, strict=True) if a != b]
    assert different == [0x01 if name == "bad_checksum" else 0x40]
    assert bench.send(NACK) == FIRMWARE_ANSWER
    bench.fault(name, on=False)
    assert bench.send(FIRMWARE) == ACK + FIRMWARE_ANSWER


def test_noise_is_around_ack_and_answer(bench: Bench) -> None:
    bench.fault("noise")
    said = bench.send(FIRMWARE)
    assert said[8:14] == ACK
    assert said[30:-8] == FIRMWARE_ANSWER
    again = Bench().ready()
    again.fault("noise")
    assert again.send(FIRMWARE) == said


def test_byte_by_byte(bench: Bench) -> None:
    bench.fault("byte_by_byte")
    assert bench.send(FIRMWARE) == ACK + FIRMWARE_ANSWER
    assert [len(said) for _, said in bench.spoken] == [1] * 19
    assert bench.spoken[-1][0] == pytest.approx(19 * 0.020, abs=0.005)


def test_two_pieces(bench: Bench) -> None:
    bench.fault("two_pieces")
    assert bench.send(FIRMWARE) == ACK + FIRMWARE_ANSWER
    assert [len(said) for _, said in bench.spoken] == [6, 6, 7]
    assert bench.spoken[2][0] - bench.spoken[1][0] == pytest.approx(0.2)


def test_slow_and_slow_ack(bench: Bench) -> None:
    bench.fault("slow")
    assert bench.send(FIRMWARE) == ACK + FIRMWARE_ANSWER
    assert [at for at, _ in bench.spoken] == pytest.approx([0.014, 0.216])
    bench.fault("slow", on=False)
    bench.fault("slow_ack")
    assert bench.send(FIRMWARE) == ACK + FIRMWARE_ANSWER
    assert bench.spoken[0][0] == pytest.approx(1.0)


def test_stale(bench: Bench) -> None:
    bench.fault("stale")
    bench.send(FIRMWARE)
    assert bench.send(LIST_ONE) == ACK + FIRMWARE_ANSWER + LIST_NONE


def test_faults_are_known_by_name(bench: Bench) -> None:
    with pytest.raises(ValueError, match="allowed: silent"):
        bench.fault("dust")
    bench.fault("noise")
    bench.fault("noise")
    assert len(bench.events("fault")) == 1


# --- any bytes


COMMANDS = st.one_of(
    st.binary(max_size=40),
    st.binary(max_size=30).map(lambda data: framed(b"\xd4" + data)),
    st.tuples(st.sampled_from(b"\x40\x4a\x44\x52\x54\x00\x16\x32\x10"), st.binary(max_size=12)).map(
        lambda pair: framed(bytes((0xD4, pair[0])) + pair[1])
    ),
    st.binary(min_size=1, max_size=20).map(lambda data: framed(b"\xd4\x40\x01" + data)),
    st.sampled_from([WAKE, SAM, LIST_ONE, ACK, NACK, FEW_TRIES, FIRMWARE]),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(COMMANDS, max_size=8),
    st.sampled_from(ALL_WORDS),
    st.sets(st.sampled_from(sorted(Simulator.FAULTS)), max_size=3),
)
def test_any_bytes_never_raise_and_never_hang(
    said: list[bytes], word: str, faults: set[str]
) -> None:
    bench = Bench(removed_after=1).ready()
    for name in faults:
        bench.fault(name)
    bench.machine.present(word, bench.now)
    for data in said:
        bench.send(data)
    for name in Simulator.FAULTS:
        bench.fault(name, on=False)
    bench.machine.power_on(bench.now)
    # The longest half frame that may stand in its way is one of 265 bytes.
    assert bench.send(WAKE + bytes(300) + SAM)[-9:] == bytes.fromhex("0000FF02FED5151600")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(EMV_WORDS), st.lists(st.binary(max_size=30), max_size=6))
def test_any_command_gets_a_status_word(word: str, said: list[bytes]) -> None:
    application = Application(bytes.fromhex("A000000333010101"), word, PAN, records={(1, 1): b"x"})
    for style in ("plain", "61", "6C"):
        card = EmvCard(word, Radio(b"\x08\x01\x02\x03"), [application], style=style)
        for data in [bytes.fromhex("00A4040005A00000033300"), *said]:
            assert 2 <= len(card.answer(data)) <= 258


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_a_frame_is_found_behind_any_bytes(noise: bytes) -> None:
    scanner = FrameScanner()
    stream = noise + bytes(300) + FIRMWARE
    heard = [one for byte in stream for one in scanner.feed(byte)]
    assert heard[-1].payload == b"\xd4\x02"


# --- through the cable


def await_true(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, "took too long"
        threading.Event().wait(0.005)


class Running:
    """simulate() in a thread, commands through a pipe."""

    def __init__(self, folder: Path) -> None:
        self.link, self.log = folder / "reader", folder / "truth.jsonl"
        read_end, write_end = os.pipe()
        self._stdin = os.fdopen(read_end)
        self._type = os.fdopen(write_end, "w", buffering=1)
        self.stdout = io.StringIO()
        self.thread = threading.Thread(target=self._simulate)
        self.thread.start()
        await_true(lambda: f"ready {self.link}\n" in self.stdout.getvalue())

    def _simulate(self) -> None:
        machine = Simulator(TruthLog(self.log))
        clock = time.monotonic
        arguments = (self.link, self.log, [], self._stdin, self.stdout, clock)
        simulate("contactless", machine, *arguments)

    def command(self, line: str) -> str:
        before = len(self.stdout.getvalue())
        self._type.write(line + "\n")
        await_true(lambda: self.stdout.getvalue()[before:].endswith("\n"))
        return self.stdout.getvalue()[before:].strip()

    def end(self) -> None:
        self.command("quit")
        self.thread.join(DEADLINE_S)
        assert not self.thread.is_alive()
        self._type.close()
        self._stdin.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    reader = Running(tmp_path)
    yield reader
    reader.end()


def test_a_reading_through_the_cable(running: Running) -> None:
    with serial.Serial(str(running.link), 115200, timeout=DEADLINE_S) as port:
        port.write(WAKE + SAM)
        assert port.read(15)[:6] == ACK
        port.write(LIST_ONE)
        assert port.read(6) == ACK
        assert running.command("present unionpay") == "ok present"
        assert port.read(24)[5:9] == bytes.fromhex("D54B0101")
        port.write(framed(b"\xd4\x00\x00" + bytes(262)))
        assert port.read(6 + 275)[-2:] == bytes.fromhex("2A00")
        assert running.command("remove") == "ok remove"
        assert running.command("present nothing").startswith("error: no card 'nothing'; allowed:")
    events = [json.loads(line) for line in running.log.read_text().splitlines()]
    words = [event["event"] for event in events if event["event"] in ("card", "listed")]
    assert words == ["card", "listed", "card"]
    assert PAN not in running.log.read_text()
