"""Frames of call pads as pure bytes; the vectors are written by hand: FF 68 L L 68 … sum 16."""

import pytest
from hypothesis import given, strategies as st

from devices.call_pad import protocol
from devices.call_pad.protocol import Frame, FrameReader, KeyPressed, Rated, decode, encode

NEXT = bytes.fromhex("FF 68 03 03 68 05 01 0C 12 16")
SHOW = bytes.fromhex("FF 68 08 08 68 05 02 00 01 02 00 04 05 13 16")
SCORE = bytes.fromhex("FF 68 03 03 68 05 11 02 18 16")
SCORE_ACKNOWLEDGED = bytes.fromhex("FF 68 03 03 68 05 01 02 08 16")
BEEP = bytes.fromhex("FF 68 02 02 68 05 03 08 16")
ASK_RATING = bytes.fromhex("FF 68 03 03 68 05 01 0B 11 16")
ALL = (NEXT, SHOW, SCORE, BEEP, ASK_RATING)
FRAMES = st.builds(
    Frame, st.integers(0, 255), st.integers(0, 255), st.binary(min_size=0, max_size=6)
)
# what looks like the beginning of frames
MEAN = st.lists(st.sampled_from([0xFF, 0x68, 2, 3, 5, 8, 9, 0x16, 0]), max_size=40).map(bytes)


def read(*pieces: bytes) -> list[Frame]:
    reader = FrameReader()
    return [frame for piece in pieces for frame in reader.feed(piece)]


def meaning(data: str) -> KeyPressed | Rated | None:
    function, *rest = bytes.fromhex(data)
    return decode(Frame(5, function, bytes(rest)))


@pytest.mark.parametrize(
    ("wire", "frame"),
    [
        (NEXT, Frame(5, 0x01, b"\x0c")),
        (SHOW, protocol.show(5, 12, "A045")),
        (SCORE, Frame(5, 0x11, b"\x02")),
        (SCORE_ACKNOWLEDGED, protocol.acknowledgement(Frame(5, 0x11, b"\x02"))),
        (BEEP, protocol.beep(5)),
        (ASK_RATING, protocol.ask_rating(5)),
    ],
)
def test_the_vectors_byte_by_byte(wire: bytes, frame: Frame) -> None:
    assert encode(frame) == wire
    assert read(wire) == [frame]


def test_a_key_is_acknowledged_by_its_own_bytes() -> None:
    [frame] = read(NEXT)
    assert encode(protocol.acknowledgement(frame)) == NEXT


@pytest.mark.parametrize(
    ("data", "key", "number"),
    [
        ("01 0C", "next", None),
        ("01 0D", "recall", None),
        ("01 0B", "evaluate", None),
        ("01 06 0F", "missed", None),
        ("01 00 0F", "hold", None),
        ("01 03 0F", "recall_held", None),
        ("01 0E", "cancel", None),
        ("01 0F", "confirm", None),
        ("01 07 0F", "confirm", 7),
        ("01 01 06 0F", "confirm", 16),
        ("01 11", "line", None),
        ("01 12", "pause", None),
        ("01 13", "transfer", None),
        ("01 00 03 13", "transfer", 3),
        ("01 0A 03 13", "transfer", 3),
        ("01 0A 0A 13", "transfer", None),
        ("01 01 0C 13", "transfer", None),
        ("04 0C", "next", None),  # the function of a key does not matter
    ],
)
def test_each_key(data: str, key: protocol.Key, number: int | None) -> None:
    assert meaning(data) == KeyPressed(5, key, number)


@pytest.mark.parametrize("score", range(4))
def test_each_score(score: int) -> None:
    assert decode(Frame(7, 0x11, bytes((score,)))) == Rated(7, score)


@pytest.mark.parametrize("data", ["01 10", "01 FF", "01 0C 02", "11 04", "11 01 02", "02 05"])
def test_what_nobody_knows_means_nothing(data: str) -> None:
    assert meaning(data) is None


@pytest.mark.parametrize("wire", [SHOW, BEEP, bytes.fromhex("FF680606680501000000000C1216")])
def test_lengths_that_no_pad_sends_mean_nothing(wire: bytes) -> None:
    assert [decode(frame) for frame in read(wire)] in ([None], [])


@pytest.mark.parametrize(
    ("waiting", "ticket", "digits"),
    [
        (12, "045", "00 01 02 00 04 05"),
        (0, "A012", "00 00 00 00 01 02"),
        (999, "", "09 09 09 0A 0A 0A"),
        (1000, "VIP", "09 09 09 0A 0A 0A"),
        (-1, "B7", "00 00 00 00 00 07"),
        (1, "A1234", "00 00 01 02 03 04"),
        (1, "2A012", "00 00 01 00 01 02"),
        (1, "A０１２", "00 00 01 0A 0A 0A"),
    ],
)
def test_the_six_digits_of_a_pad(waiting: int, ticket: str, digits: str) -> None:
    assert protocol.show(5, waiting, ticket).data == bytes.fromhex(digits)


@pytest.mark.parametrize("address", [-1, 256])
def test_an_address_that_is_no_byte_is_refused(address: int) -> None:
    with pytest.raises(ValueError, match="no address"):
        encode(protocol.beep(address))


def test_more_data_than_a_frame_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 6"):
        encode(Frame(5, 1, bytes(7)))


@pytest.mark.parametrize("wire", ALL)
def test_every_split_of_every_frame(wire: bytes) -> None:
    [frame] = read(wire)
    for at in range(len(wire) + 1):
        assert read(wire[:at], wire[at:]) == [frame]
    assert read(*(bytes((byte,)) for byte in wire)) == [frame]


@pytest.mark.parametrize("wire", ALL)
def test_one_wrong_bit_is_no_frame_and_does_not_cost_the_next(wire: bytes) -> None:
    [good] = read(NEXT)
    for bit in range(len(wire) * 8):
        bad = bytearray(wire)
        bad[bit // 8] ^= 1 << bit % 8
        assert read(bytes(bad) + NEXT + bytes(20)) == [good]


@pytest.mark.parametrize("wire", ALL)
def test_one_missing_byte_is_no_frame_and_does_not_cost_the_next(wire: bytes) -> None:
    [good] = read(NEXT)
    for at in range(len(wire)):
        assert read(wire[:at] + wire[at + 1 :] + NEXT + bytes(20)) == [good]


@pytest.mark.parametrize(
    "header", ["FF680303", "FF6805FF", "FF68FFFF68", "FF680909680501", "FF680101680506"]
)
def test_lengths_that_differ_or_are_out_of_range_begin_no_frame(header: str) -> None:
    reader = FrameReader()
    [frame] = reader.feed(bytes.fromhex(header) + NEXT)
    assert (frame.data, reader.noise) == (b"\x0c", len(header) // 2)


def test_garbage_before_between_and_behind_is_counted() -> None:
    reader = FrameReader()
    frames = reader.feed(b"\x00\x55\xff" + NEXT + b"\x16\xff\x68" + SCORE + b"\x7e")
    assert [frame.function for frame in frames] == [0x01, 0x11]
    assert (reader.noise, reader.half) == (7, False)


def test_a_pause_gives_half_a_frame_up() -> None:
    reader = FrameReader()
    assert reader.feed(NEXT[:6]) == []
    assert reader.half
    reader.pause()
    assert (reader.half, reader.noise) == (False, 6)
    assert reader.feed(NEXT[6:]) == []
    assert len(reader.feed(NEXT)) == 1


@given(st.lists(st.binary(max_size=40) | MEAN))
def test_any_bytes_in_any_pieces_neither_raise_nor_are_kept(pieces: list[bytes]) -> None:
    reader = FrameReader()
    sizes = 0
    for piece in pieces:
        sizes += sum(frame.length + 7 for frame in reader.feed(piece))
    reader.pause()
    assert sizes + reader.noise == sum(map(len, pieces))


@given(MEAN, FRAMES)
def test_a_frame_behind_garbage_and_a_pause_is_heard(garbage: bytes, frame: Frame) -> None:
    reader = FrameReader()
    reader.feed(garbage)
    reader.pause()
    assert reader.feed(encode(frame)) == [frame]


@given(st.lists(FRAMES), st.integers(1, 9))
def test_frames_come_out_as_they_went_in(frames: list[Frame], size: int) -> None:
    wire = b"".join(map(encode, frames))
    assert read(*(wire[at : at + size] for at in range(0, len(wire), size))) == frames


def test_much_garbage_is_soon_read() -> None:
    reader = FrameReader()
    assert reader.feed(b"\xff" * 200_000 + b"\xff\x68" * 50_000) == []
    assert reader.noise >= 299_980


@given(st.binary())
def test_a_recording_tells_about_nobody_and_stays_as_it_is(stream: bytes) -> None:
    assert protocol.mask(stream) == stream
