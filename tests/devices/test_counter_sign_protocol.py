"""Frames of LED strips as pure bytes; the vectors are written by hand: AA address BB 51 54 sum … FF."""

import sys
import unicodedata

import pytest
from hypothesis import given, strategies as st

from devices.counter_sign import protocol
from devices.counter_sign.protocol import MISSING, encode, gbk

FREE = bytes.fromhex("AA 01 BB 51 54 D5 0B 07 63 01 63 BF D5 B3 B5 FF")
WELCOME = bytes.fromhex("AA 01 BB 51 54 72 01 00 00 02 63 41 42 BB B6 D3 AD B9 E2 C1 D9 31 32 FF")
STILL = {"mode": 1, "speed": 0, "stay": 0, "colour": 1, "valid": 0x63}


def test_the_vectors_byte_by_byte() -> None:
    free, _ = gbk("空车", 64)
    welcome, _ = gbk("AB欢迎光临12", 64)
    assert encode(1, free, mode=0x0B, speed=7, stay=0x63, colour=1, valid=0x63) == FREE
    assert encode(1, welcome, mode=1, speed=0, stay=0, colour=2, valid=0x63) == WELCOME


def test_all_signs_have_the_address_ff() -> None:
    assert encode(protocol.BROADCAST, b"A", **STILL)[:3] == b"\xaa\xff\xbb"


@pytest.mark.parametrize("address", [-1, 256])
def test_an_address_that_is_no_byte_is_refused(address: int) -> None:
    with pytest.raises(ValueError, match="address"):
        encode(address, b"A", **STILL)


@pytest.mark.parametrize("name", STILL)
@pytest.mark.parametrize("number", [-1, 255, 256])
def test_a_number_that_would_end_the_frame_or_is_no_byte_is_refused(name: str, number: int) -> None:
    with pytest.raises(ValueError, match="0 to 254"):
        encode(1, b"A", **{**STILL, name: number})


@given(st.integers(0, 255), st.text(max_size=80))
def test_a_frame_is_whole_and_its_text_never_ends_it(address: int, words: str) -> None:
    words = "".join(c for c in words if unicodedata.category(c) != "Cc")
    text, _ = gbk(words, 64)
    frame = encode(address, text, **STILL)
    assert (frame[0], frame[1], frame[2:5], frame[-1]) == (0xAA, address, b"\xbb\x51\x54", 0xFF)
    assert frame[5] == sum(frame[6:-1]) & 0xFF
    assert 0xFF not in frame[6:-1]


def test_no_character_codes_to_ff_or_to_a_control_character() -> None:
    for number in (*range(0x10000), *range(0x10000, sys.maxunicode, 0x101)):
        c = chr(number)
        if unicodedata.category(c) != "Cc":
            code, cut = gbk(c, 2)
            assert (len(code) in (1, 2), 0xFF in code, code[0] < 0x20, cut) == (True,) + (
                False,
            ) * 3


@pytest.mark.parametrize("rare", ["𬭚", "한", "😀", "\ud800", "\u0301"])
def test_what_gbk_has_not_becomes_the_mark_of_a_missing_character(rare: str) -> None:
    assert gbk(f"陈{rare}明", 64) == (f"陈{MISSING}明".encode("gbk"), False)


def test_the_half_width_yen_sign_becomes_its_full_width_twin() -> None:
    assert gbk("¥1", 64) == ("￥1".encode("gbk"), False)


@pytest.mark.parametrize("control", ["\n", "\x00", "\x1b", "\x7f", "\x85"])
def test_control_characters_are_refused(control: str) -> None:
    with pytest.raises(ValueError, match="control"):
        gbk(f"A{control}B", 64)


@pytest.mark.parametrize(
    ("words", "longest", "text", "cut"),
    [
        ("A012", 4, "A012", False),
        ("A0123", 4, "A012", True),
        ("请到窗口", 7, "请到窗", True),
        ("请到窗口", 8, "请到窗口", False),
        ("请到A", 4, "请到", True),
    ],
)
def test_a_long_text_is_cut_between_characters(
    words: str, longest: int, text: str, cut: bool
) -> None:
    assert gbk(words, longest) == (text.encode("gbk"), cut)


def test_no_text_is_a_blank() -> None:
    assert gbk("", 64) == (b" ", False)


@given(st.binary())
def test_a_recording_tells_about_nobody_and_stays_as_it_is(stream: bytes) -> None:
    assert protocol.mask(stream) == stream
