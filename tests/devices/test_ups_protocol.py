"""A UPS's answers as bytes. Vectors: the example of Megatec's manual, and what clones are known to send."""

import pytest
from hypothesis import given, strategies as st

from devices.ups import protocol
from devices.ups.protocol import FrameReader, Status, Text, mask

MANUAL = b"(208.4 140.0 208.4 034 59.9 2.05 35.0 00110000\r"


def read(*pieces: bytes) -> list[object]:
    reader = FrameReader()
    return [frame for piece in pieces for frame in reader.feed(piece)]


def status(bits: bytes) -> Status:
    [one] = read(b"(220.4 220.4 220.0 023 50.0 27.4 25.0 " + bits + b"\r")
    assert isinstance(one, Status)
    return one


def test_the_manuals_example() -> None:
    assert read(MANUAL) == [Status(208.4, 140.0, 208.4, 34, 59.9, 2.05, 35.0, 0b00110000)]


def test_questions_end_with_a_carriage_return() -> None:
    assert (protocol.STATUS, protocol.IDENTITY) == (b"Q1\r", b"I\r")


@pytest.mark.parametrize(
    ("bits", "said"),
    [
        (b"00001001", (False, False, False)),
        (b"10001001", (True, False, False)),
        (b"01001000", (False, True, False)),
        (b"00010000", (False, False, True)),
        (b"00101110", (False, False, False)),
    ],
)
def test_three_bits_are_of_interest(bits: bytes, said: tuple[bool, ...]) -> None:
    one = status(bits)
    assert (one.on_battery, one.battery_low, one.failed) == said


def test_what_is_not_measured_is_dashes() -> None:
    [one] = read(b"(220.4 ---.- 220.0 --- 50.0 108.0 --.- 00001001\r")
    assert one == Status(220.4, None, 220.0, None, 50.0, 108.0, None, 9)


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (b"#LOBBY           SIM1000    V1.00     \r", "LOBBY SIM1000 V1.00"),
        (b"#                A (1 kVA)  #2\r", "A (1 kVA) #2"),
        (b"#\x20\r", ""),
    ],
)
def test_who_it_is_without_the_blanks_between(sent: bytes, text: str) -> None:
    assert read(sent) == [Text(text)]


@pytest.mark.parametrize(
    "line",
    [
        b"Q1", b"I", b"", b"#", b"(",
        b"(208.4 140.0 208.4 034 59.9 2.05 35.0 0011000",
        b"(208.4 140.0 208.4 034 59.9 2.05 35.0 001100002",
        b"(208.4 140.0 208.4 034 59.9 2.05 00110000",
        b"(208.4 140.0 208.4 0x4 59.9 2.05 35.0 00110000",
        b"(208.4 140.0 208.4 . 59.9 2.05 35.0 00110000",
        b"#LOBBY\x80SIM",
    ],
)  # fmt: skip
def test_what_is_no_answer_is_noise(line: bytes) -> None:
    reader = FrameReader()
    assert reader.feed(line + b"\r") == []
    assert reader.noise == len(line) + 1


@given(st.binary(max_size=12).filter(lambda noise: b"#" not in noise))
def test_noise_before_an_answer_is_counted_and_hides_nothing(noise: bytes) -> None:
    reader = FrameReader()
    assert reader.feed(noise + MANUAL) == read(MANUAL)
    assert reader.noise == len(noise)


def test_nothing_of_a_recording_is_masked() -> None:
    assert mask(MANUAL) == MANUAL
