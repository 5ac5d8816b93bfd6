"""ESC/POS as pure bytes. Sources: Epson's command reference (FS &, FS ., GS ( k, DLE EOT, DLE ENQ, DLE DC4,
GS ( H), GB 18030, and the rule that a real-time command is obeyed wherever it stands in the data.
"""

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.ticket_printer.encoding import MISSING, encode, text
from devices.ticket_printer.protocol import (
    AutomaticStatus,
    FrameReader,
    ProcessId,
    QueuedStatus,
    RealTimeStatus,
)
from devices.ticket_printer.slip import Feed, Line, Qr

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
