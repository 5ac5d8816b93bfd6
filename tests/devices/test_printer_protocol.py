"""ESC/POS as pure bytes. Sources: Epson's command reference (FS &, FS ., GS ( k, DLE EOT, DLE ENQ, DLE DC4,
GS ( H), GB 18030, and the rule that a real-time command is obeyed wherever it stands in the data.
"""

import re
import unicodedata
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from devices.ticket_printer.encoding import MISSING, encode, text
from devices.ticket_printer.profiles import PROFILES
from devices.ticket_printer.protocol import (
    AutomaticStatus,
    FrameReader,
    FullStatus,
    IdentityText,
    ProcessId,
    QueuedStatus,
    RealTimeStatus,
    ask_identity,
    ask_process_id,
    ask_status,
    mask,
    process_id,
)
from devices.ticket_printer.slip import Feed, Line, Qr
from devices.ticket_printer.status import Status, of_answers, of_full
from edge_agent.messages import EstimatedWait, IssuedTicket
from kiosk.slip import ticket_slip
from kiosk.words import load

REAL_TIME = re.compile(rb"\x10[\x04\x05\x14]")
XON_XOFF = (b"\x11", b"\x13")
ANY_TEXT = st.text(st.characters(), max_size=60)
MEAN_TEXT = st.text(st.sampled_from("\x10\x04\x05\x14\x1b@A1\x7f\x85\xa5中¥〇𬭚"), max_size=30)
SLIPS = st.lists(
    st.one_of(
        st.builds(
            Line,
            ANY_TEXT | MEAN_TEXT,
            size=st.integers(1, 8),
            align=st.sampled_from(["left", "centre", "right"]),
            bold=st.booleans(),
        ),
        st.builds(Feed, st.integers(0, 255)),
        st.builds(Qr, ANY_TEXT | MEAN_TEXT, module=st.integers(1, 16)),
    ),
    max_size=8,
).map(tuple)
MISSING_BYTES = MISSING.encode("gb18030")


def chinese(words: str) -> bytes:
    return b"\x1c&" + words.encode("gb18030") + b"\x1c."


def spoken(coded: bytes) -> bytes:
    """What the printer takes as letters: without FS & and FS ."""
    return coded.replace(b"\x1c&", b"").replace(b"\x1c.", b"")


def test_ascii_goes_as_it_is() -> None:
    assert text("A012 Cash") == b"A012 Cash"


def test_chinese_goes_as_gb18030_between_its_two_commands() -> None:
    assert text("现金") == b"\x1c&\xcf\xd6\xbd\xf0\x1c."


def test_mixed_text_switches_at_every_change() -> None:
    assert text("A 号 B 窗口") == b"A " + chinese("号") + b" B " + chinese("窗口")


@pytest.mark.parametrize("rare", ["㐀", "𬭚", "𫖯", "\u0301", "한", "😀", "\ud800"])
def test_a_character_of_four_bytes_becomes_the_mark_of_a_missing_one(rare: str) -> None:
    assert text(rare) == b"\x1c&" + MISSING_BYTES + b"\x1c."


def test_a_rare_character_does_not_disturb_its_neighbours() -> None:
    assert text("陈𬭚明") == chinese(f"陈{MISSING}明")


def test_the_half_width_yen_sign_becomes_its_full_width_twin() -> None:
    assert text("¥100") == chinese("￥") + b"100"


def test_no_text_is_no_bytes() -> None:
    assert text("") == b""


@pytest.mark.parametrize("code", [*range(0x20), 0x7F])
def test_no_control_character_of_the_words_reaches_the_printer(code: int) -> None:
    assert bytes((code,)) not in spoken(text(f"A{chr(code)}号{chr(code)}"))


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT | MEAN_TEXT)
def test_any_text_becomes_printable_letters_only(words: str) -> None:
    coded = text(words)
    outside = b"".join(re.split(rb"\x1c&(?:[\x81-\xfe][\x40-\x7e\x80-\xfe])+\x1c\.", coded))
    assert all(0x20 <= byte <= 0x7E for byte in outside)


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT | MEAN_TEXT)
def test_the_chinese_mode_that_is_switched_on_is_switched_off_again(words: str) -> None:
    switches = re.findall(rb"\x1c[&.]", text(words))
    assert switches == [b"\x1c&", b"\x1c."] * (len(switches) // 2)


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_no_printable_character_is_swallowed(words: str) -> None:
    seen = [c for c in words if unicodedata.category(c) != "Cc"]
    assert len(spoken(text("".join(seen))).decode("gb18030")) == len(seen)


@settings(max_examples=500, deadline=None)
@given(SLIPS)
def test_no_slip_ever_holds_a_real_time_command(slip: tuple[Line | Qr | Feed, ...]) -> None:
    assert REAL_TIME.search(encode(slip)) is None


@pytest.mark.parametrize("length", [1037, 1293])
def test_a_qr_code_whose_length_could_look_like_a_real_time_command_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="at most 1000 bytes"):
        encode((Qr("h" * length),))


@settings(max_examples=200, deadline=None)
@given(SLIPS)
def test_every_slip_begins_with_a_reset_and_ends_with_a_cut(
    slip: tuple[Line | Qr | Feed, ...],
) -> None:
    coded = encode(slip)
    assert (coded[:2], coded[-4:-1]) == (b"\x1b@", b"\x1dV\x42")


def test_a_qr_code_says_its_length_in_bytes_of_utf8() -> None:
    data = "http://x/号".encode()
    stored = b"\x1d(k" + (len(data) + 3).to_bytes(2, "little") + b"1P0" + data
    assert stored in encode((Qr("http://x/号"),))


@pytest.mark.parametrize(
    ("sent", "reply"),
    [
        (b"\x12", RealTimeStatus(0x12)),
        (b"\x7e", RealTimeStatus(0x7E)),
        (b"\x00", QueuedStatus(0)),
        (b"\x0c", QueuedStatus(0x0C)),
        (b"\x14\x00\x0f\x0f", AutomaticStatus(b"\x14\x00\x0f\x0f")),
        (b'7"0042\x00', ProcessId(b"0042")),
        (b"_TM-T88VI\x00", IdentityText("TM-T88VI")),
        (b'7"00_EPSON\x00', IdentityText("EPSON")),  # the first was broken off
    ],
)
def test_each_reply_is_told_apart(sent: bytes, reply: object) -> None:
    assert FrameReader().feed(sent) == [reply]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.lists(st.integers(0, 200)))
def test_replies_are_the_same_however_the_bytes_are_split(data: bytes, cuts: list[int]) -> None:
    whole, pieces = FrameReader(), FrameReader()
    edges = [0, *sorted(cuts), len(data)]
    split = [reply for start, end in pairwise(edges) for reply in pieces.feed(data[start:end])]
    assert (split, pieces.noise) == (whole.feed(data), whole.noise)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=40).map(lambda g: g.translate(None, b"7_5;=")),
    st.lists(st.sampled_from(XON_XOFF), min_size=7, max_size=7),
)
def test_a_process_id_is_found_after_garbage_and_through_flow_control(
    garbage: bytes, between: list[bytes]
) -> None:
    answer = b"".join(
        bytes((byte,)) + held for byte, held in zip(b'7"0042\x00', between, strict=True)
    )
    assert ProcessId(b"0042") in FrameReader().feed(garbage + answer)


@pytest.mark.parametrize("garbage", [b"7", b"_", b'7"00', b"_EPS", b"=\x20\x21"])
def test_a_process_id_is_found_after_a_block_that_broke_off(garbage: bytes) -> None:
    assert FrameReader().feed(garbage + b'7"0042\x00')[-1:] == [ProcessId(b"0042")]


def test_a_block_without_end_does_not_swallow_replies_for_ever() -> None:
    reader = FrameReader()
    reader.feed(b"_" + b"x" * 500)
    assert reader.feed(b'\x007"0042\x00')[-1:] == [ProcessId(b"0042")]


def test_every_request_is_as_the_manual_says() -> None:
    assert ask_status(2) == b"\x10\x04\x02"
    assert ask_identity(68) == b"\x1d\x49\x44"
    assert ask_process_id(b"!~AB") == b"\x1d\x28\x48\x06\x00\x30\x30!~AB"


def test_process_ids_are_printable_and_differ() -> None:
    some = [process_id(number) for number in (0, 1, 93, 94, 94**4 - 1)]
    assert len(set(some)) == len(some)
    assert all(0x20 <= byte <= 0x7E for one in some for byte in one)
    assert process_id(94**4) == process_id(0)


FULL = b"\x10\x0f\xa4\x03\x41\x0f"


@pytest.mark.parametrize("cut", range(1, 6))
def test_a_full_status_is_read_in_any_two_pieces(cut: int) -> None:
    reader = FrameReader(presenter=True)
    replies = reader.feed(FULL[:cut]) + reader.feed(FULL[cut:])
    assert replies == [FullStatus(0xA4, 0x03, 0x41, 0x0F)]
    assert reader.noise == 0


def test_other_printers_begin_an_automatic_status_like_a_full_one() -> None:
    assert FrameReader().feed(b"\x10\x0f\x03\x00") == [AutomaticStatus(b"\x10\x0f\x03\x00")]
    assert FrameReader(presenter=True).feed(b"\x14\x00\x0f\x0f") == [
        AutomaticStatus(b"\x14\x00\x0f\x0f")
    ]


@pytest.mark.parametrize("half", [b"_TM", b"\x14\x00", b"\x10\x0f\x20"])
def test_a_pause_ends_what_was_half_said(half: bytes) -> None:
    reader = FrameReader(presenter=True)
    assert reader.feed(half) == []
    reader.pause()
    assert reader.noise == len(half)
    assert reader.feed(b"\x12") == [RealTimeStatus(0x12)]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=8), st.booleans())
def test_no_bytes_upset_the_reader_and_a_pause_mends_it(pieces: list[bytes], full: bool) -> None:
    reader = FrameReader(presenter=full)
    for piece in pieces:
        reader.feed(piece)
    reader.pause()
    assert reader.feed(b'7"0042\x00') == [ProcessId(b"0042")]
    assert 0 <= reader.noise <= sum(map(len, pieces))


@pytest.mark.parametrize(
    ("bits", "status"),
    [
        ({2: 0x12, 3: 0x12, 4: 0x12}, Status()),
        ({2: 0x16, 3: 0x12, 4: 0x12}, Status("coverOpen")),
        ({2: 0x32, 3: 0x12, 4: 0x12}, Status("paperOut", paper_out=True)),
        ({2: 0x12, 3: 0x12, 4: 0x7E}, Status("paperOut", paper_low=True, paper_out=True)),
        ({2: 0x12, 3: 0x12, 4: 0x72}, Status("paperOut", paper_out=True)),
        ({2: 0x12, 3: 0x12, 4: 0x1E}, Status(paper_low=True)),
        ({2: 0x52, 3: 0x1A, 4: 0x12}, Status("cutterJam")),
        ({2: 0x52, 3: 0x32, 4: 0x12}, Status("unrecoverable")),
        ({2: 0x52, 3: 0x16, 4: 0x12}, Status("mechanical")),
        ({2: 0x52, 3: 0x52, 4: 0x12}, Status("headHot")),
        ({1: 0x1A, 4: 0x12}, Status("offline")),
        ({1: 0x16, 4: 0x12}, Status()),
    ],
)
def test_each_bit_of_a_status_has_its_word(bits: dict[int, int], status: Status) -> None:
    assert of_answers(bits) == status


@pytest.mark.parametrize(
    ("pure", "status"),
    [
        ((0, 0, 0, 0), Status()),
        (
            (0x80, 0x0C, 0x04, 0),
            Status(),
        ),  # notch, spooling, motor, keys, a garbled byte: all go on
        ((0x01, 0, 0, 0), Status("paperOut", paper_out=True)),
        ((0x04, 0, 0, 0), Status(paper_low=True)),
        ((0x40, 0, 0, 0), Status(paper_low=True)),
        ((0x20, 0, 0, 0), Status(at_mouth=True)),
        ((0, 0x01, 0, 0), Status("coverOpen")),
        ((0, 0x02, 0, 0), Status("coverOpen")),
        ((0, 0, 0, 0x02), Status("coverOpen")),
        ((0, 0x20, 0, 0), Status("feedButton")),
        ((0, 0x40, 0, 0), Status("feedButton")),
        ((0, 0, 0, 0x01), Status("cutterJam")),
        ((0, 0, 0, 0x04), Status("unrecoverable")),
        ((0, 0, 0, 0x08), Status("unrecoverable")),
        ((0, 0, 0x01, 0), Status("headHot")),
        ((0, 0, 0x08, 0), Status("voltage")),
        ((0, 0, 0x40, 0), Status("mediaJam")),
    ],
)
def test_each_bit_of_a_full_status_has_its_word(
    pure: tuple[int, int, int, int], status: Status
) -> None:
    assert of_full(FullStatus(*pure)) == status


ID = "Ab-_" * 5 + "xy"
LINK = f"https://branch-0731.bank.example/t/{ID}"


def test_text_cannot_hold_a_real_time_command() -> None:
    """Every one begins with 10h. Control characters are left out of ASCII; in two-byte GB18030 the first byte is
    81h to FEh and the second 40h to 7Eh or 80h to FEh; four-byte codes, with 30h to 39h, are never sent."""
    everything = "".join(map(chr, range(0x10000)))
    assert b"\x10" not in text(everything)


def test_a_chinese_ticket_with_its_qr_code_is_short_on_the_wire() -> None:
    """And its time is the branch's, whatever this machine's clock says."""
    now = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    wait = EstimatedWait(low_s=660, likely_s=780, high_s=1140)
    issued = IssuedTicket(ID, "A012", "cash", "ordinary", date(2026, 11, 23), now, 12, wait)
    slip = ticket_slip(
        issued,
        load("zh-Hans"),
        bank="和谐银行股份有限公司",
        branch="长沙芙蓉中路第一支行营业部",
        service="理财与基金业务",
        link=LINK,
        zone=ZoneInfo("Asia/Shanghai"),
    )
    assert Line("2026-11-23 17:30") in slip
    assert len(encode(slip)) <= 700


def test_a_recording_keeps_everything_but_the_id_in_the_link() -> None:
    sent = encode((Line("A012"), Qr(LINK), Line("谢谢"))) + ask_status(2)
    assert mask(sent) == sent.replace(ID.encode(), b"x" * len(ID))


@pytest.mark.parametrize("cut", range(1, len(ID)))
def test_half_an_id_is_masked_too(cut: int) -> None:
    sent = encode((Qr(LINK),))
    torn = sent[: sent.index(ID.encode()) + cut]
    assert mask(torn) == torn[:-cut] + b"x" * cut


def test_a_drawn_qr_code_is_no_longer_one_in_a_recording() -> None:
    sent = encode((Qr(LINK), Line("A012")), PROFILES["vkp80"])
    blank, at, images = bytearray(sent), sent.find(b"\x1dv0"), 0
    while at >= 0:
        step, rows = (int.from_bytes(sent[at + n : at + n + 2], "little") for n in (4, 6))
        end = at + 8 + step * rows
        blank[at + 8 : end] = bytes(step * rows)
        at, images = sent.find(b"\x1dv0", end), images + 1
    assert images > 1
    assert mask(sent) == bytes(blank)
    assert len(blank) == len(sent)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100), st.sampled_from([b"", b"\x1dv0\x00\xff\xff\xff\xff", b"/t/abc"]))
def test_masking_any_bytes_keeps_their_number(data: bytes, more: bytes) -> None:
    assert len(mask(data + more + data)) == len(data + more + data)


def test_replies_are_recorded_as_they_are() -> None:
    replies = b'\x12\x16_TM-T88VI\x00\x137"0042\x00\x11\x14\x00\x0f\x0f'
    assert mask(replies) == replies


@pytest.mark.parametrize("at", range(2, 6))
def test_a_status_in_the_middle_of_a_process_id_is_passed_over(at: int) -> None:
    reply = b'7"Q7~!\0'
    mixed = reply[:at] + b"\x14\0\0\x0f" + reply[at:]
    assert FrameReader().feed(mixed) == [ProcessId(b"Q7~!")]


def test_a_status_in_the_middle_of_a_full_one_is_passed_over() -> None:
    mixed = b"\x10\x0f\x20" + b"\x14\0\0\x0f" + b"\x00\x01\x00"
    assert FrameReader(presenter=True).feed(mixed) == [FullStatus(0x20, 0, 1, 0)]
