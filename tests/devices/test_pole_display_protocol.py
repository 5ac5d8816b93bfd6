"""What a CD5220 is told, byte by byte."""

import re

import pytest
from hypothesis import given, strategies as st

from devices.pole_display import protocol
from devices.pole_display.protocol import encode, fits

LINES = re.compile(rb"\x1bQA[ -~]{20}\r\x1bQB[ -~]{20}\r")


def test_both_lines_are_filled_with_blanks() -> None:
    assert encode("A012", "Counter 3") == (
        b"\x1b\x51\x41A012                \x0d\x1b\x51\x42Counter 3           \x0d"
    )


@pytest.mark.parametrize("other", ["号", "é", "\n", "\r", "\x0c", "\x1b", "\x7f", "\x00", "\ud800"])
def test_what_is_no_ascii_letter_becomes_a_question_mark(other: str) -> None:
    assert encode(f"A{other}1", "").startswith(b"\x1bQAA?1 ")


def test_what_is_too_long_is_cut() -> None:
    twenty = "12345678901234567890"
    assert encode(twenty + "1", twenty) == b"\x1bQA%b\r\x1bQB%b\r" % ((twenty.encode(),) * 2)
    assert (fits(twenty), fits(twenty + "1")) == (True, False)


@given(st.text(), st.text())
def test_any_text_is_two_lines_and_no_other_command(upper: str, lower: str) -> None:
    assert LINES.fullmatch(encode(upper, lower))


def test_after_a_line_only_lines_and_clear_come_before_a_reset() -> None:
    """After ESC Q A or B the display takes nothing but ESC Q and CLR."""
    said = encode("A", "B") + protocol.INITIALISE
    in_lines, seen = False, []
    for command in re.findall(rb"\x1bQ[AB][ -~]{20}\r|\x0c|\x1b@", said):
        seen.append(command)
        if command[:2] == b"\x1bQ":
            in_lines = True
        elif command == b"\x0c":
            in_lines = False
        else:
            assert not in_lines
    assert b"".join(seen) == said
    assert seen[-2:] == [b"\x0c", b"\x1b@"]


@pytest.mark.parametrize("torn_at", range(1, 24))
def test_a_line_torn_anywhere_does_not_swallow_the_reset(torn_at: int) -> None:
    """Its text ends at the first CR; what follows is read from its beginning."""
    torn = encode("A", "")[:torn_at]
    _, _, rest = (torn + protocol.INITIALISE).partition(b"\r")
    assert rest.endswith(b"\x0c\x1b@")


@given(st.binary())
def test_a_recording_tells_about_nobody_and_stays_as_it_is(stream: bytes) -> None:
    assert protocol.mask(stream) == stream
