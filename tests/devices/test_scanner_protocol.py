"""Codes of serial scanners as pure bytes: lines of UTF-8, ended by CR, LF, CR LF or silence."""

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from devices.scanner.protocol import LONGEST, Code, Frame, FrameReader, Unreadable, mask

TEXT = "A037-排队-😀"
BAD = b"\xe6\x8e\r"  # a character cut off


def read(*pieces: bytes, pause: bool = False) -> list[Frame]:
    reader = FrameReader()
    frames = [frame for piece in pieces for frame in reader.feed(piece)]
    if pause:
        reader.pause()
    return frames + reader.feed(b"")


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\n\r\r\n"])
def test_each_line_end_ends_a_code_once(end: bytes) -> None:
    assert read(TEXT.encode() + end + b"2" + end) == [Code(TEXT), Code("2")]


def test_without_a_line_end_silence_ends_it() -> None:
    assert read(TEXT.encode()) == []
    assert read(TEXT.encode(), pause=True) == [Code(TEXT)]


def test_silence_without_a_code_ends_none() -> None:
    assert read(b"1\r\n", pause=True) == [Code("1")]
    assert read(pause=True) == []


@pytest.mark.parametrize("end", [b"\r\n", b""])
def test_a_code_is_whole_wherever_it_is_cut(end: bytes) -> None:
    data = TEXT.encode() + end
    for at in range(len(data) + 1):
        assert read(data[:at], data[at:], pause=True) == [Code(TEXT)]
    assert read(*(bytes((byte,)) for byte in data), pause=True) == [Code(TEXT)]


@pytest.mark.parametrize("data", [BAD, b"\xff\r", b"A\x80B\r", "编号".encode("gb18030") + b"\r"])
def test_what_is_no_utf_8_is_told_as_unreadable(data: bytes) -> None:
    assert read(data + b"1\r") == [Unreadable(), Code("1")]


def test_the_longest_code_is_read_and_one_more_is_noise_until_silence() -> None:
    assert read(b"7" * LONGEST + b"\r") == [Code("7" * LONGEST)]
    reader = FrameReader()
    data = b"7" * (LONGEST + 1) + b"\r123\r"
    assert reader.feed(data) == []
    assert (reader.noise, reader.waiting) == (len(data), True)
    reader.pause()
    assert reader.feed(b"124\r") == [Code("124")]


def test_bytes_of_a_plug_are_noise_and_do_not_spoil_the_code() -> None:
    reader = FrameReader()
    assert reader.feed(b"\x00\x11\r\x00\x00A1\r") == [Code("A1")]
    assert reader.noise == 4


def test_separators_of_gs1_stay_in_the_code() -> None:
    assert read(b"\x1d01069\x1d10AB\r") == [Code("\x1d01069\x1d10AB")]


PIECES = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.sampled_from([b"\r", b"\r\n", b"1234\r", BAD, b"9" * 300, b"\x00"]),
    ),
    max_size=12,
)


@given(PIECES.map(b"".join), st.lists(st.integers(0, 4000), max_size=6))
def test_pieces_make_no_difference(data: bytes, cuts: list[int]) -> None:
    whole, parts = FrameReader(), FrameReader()
    frames = whole.feed(data)
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    assert [f for a, b in pairwise(edges) for f in parts.feed(data[a:b])] == frames
    assert (parts.noise, parts.waiting) == (whole.noise, whole.waiting)


@given(PIECES)
def test_any_bytes_are_survived_and_after_silence_a_code_is_read(pieces: list[bytes]) -> None:
    assert read(*pieces, pause=True) is not None
    reader = FrameReader()
    for piece in pieces:
        reader.feed(piece)
    reader.pause()
    assert reader.feed(b"A1\r")[-1] == Code("A1")


@given(PIECES.map(b"".join))
def test_masking_keeps_length_line_ends_and_what_was_readable(data: bytes) -> None:
    masked = mask(data)
    assert len(masked) == len(data)
    kinds = [type(frame) for frame in read(data, pause=True)]
    assert [type(frame) for frame in read(masked, pause=True)] == kinds
    assert [i for i, b in enumerate(masked) if b in b"\r\n"] == [
        i for i, b in enumerate(data) if b in b"\r\n"
    ]
    assert not set(masked) - set(range(0x20)) - set(b"x\xff")


def test_masking_a_code() -> None:
    assert mask(b"A037\r\n") == b"xxxx\r\n"
    assert mask("张三".encode() + b"\r") == b"xxxxxx\r"
    assert mask(BAD) == b"\xff\xff\r"


def test_no_repr_shows_a_code() -> None:
    assert "A037" not in repr(read(TEXT.encode() + b"\r"))
