"""The motorised reader's bytes. Vectors: CRT-591-M001 and MTK-F31 manuals, their check characters computed by
hand; tracks as a CRT-591-R02 sent them.
"""

from functools import reduce

import pytest
from hypothesis import given, strategies as st

from devices.bank_card import from_number
from devices.card_reader import protocol
from devices.card_reader.protocol import Answer, Damaged, Frame, FrameReader, Signal, Status, Where
from devices.card_reader.tracks import swipe

KEY = b"a key of the branch"
PAN = "6222021234567890128"
NONE, GATE, INSIDE = Where.NONE, Where.GATE, Where.INSIDE


def framed(text: bytes, address: int = 0) -> bytes:
    """F2, address, length, text, 03, XOR of all."""
    frame = bytes((0xF2, address)) + len(text).to_bytes(2, "big") + text + b"\x03"
    return frame + bytes((reduce(lambda a, b: a ^ b, frame, 0),))


def read(*pieces: bytes) -> list[Frame]:
    reader = FrameReader()
    return [frame for piece in pieces for frame in reader.feed(piece)]


STATUS_NONE = bytes.fromhex("F2 00 00 06 50 31 30 30 32 30 03 94")
MAG = framed(
    b"P67"
    + b"200"
    + b"PB6222021234567890128^ZHANG/SAN^2912220?~P6222021234567890128=29122200000012345~N24"
)
FRAMES = [
    STATUS_NONE,
    bytes.fromhex("F2 00 00 06 50 31 30 31 32 30 03 95"),
    bytes.fromhex("F2 00 00 05 4E 32 31 31 30 03 B8"),
    framed(b"P0020" + b"0" + b"CRT-591-M001"),
    framed(b"P510200" + bytes((0x03, 0xF2, 0x06, 0x15, 0x04, 0xF2, 0x00, 0x00, 0x06, 0x50))),
    MAG,
]


@pytest.mark.parametrize(
    ("request_", "sent"),
    [
        (protocol.INITIALISE_TO_GATE, "F2 00 00 03 43 30 30 03 B1"),
        (protocol.INITIALISE, "F2 00 00 03 43 30 33 03 B2"),
        (protocol.STATUS, "F2 00 00 03 43 31 30 03 B0"),
        (protocol.TO_GATE, "F2 00 00 03 43 32 30 03 B3"),
        (protocol.CAPTURE, "F2 00 00 03 43 32 33 03 B0"),
        (protocol.MODELS["crt591"].entry_on, "F2 00 00 03 43 33 30 03 B2"),
        (protocol.MODELS["crt591"].entry_off, "F2 00 00 03 43 33 31 03 B3"),
        (protocol.MODELS["r02"].entry_on, "F2 00 00 03 43 33 32 03 B0"),
        (protocol.MODELS["r02"].entry_off, "F2 00 00 03 43 33 30 03 B2"),
        (protocol.CHIP_TYPE, "F2 00 00 03 43 50 30 03 D1"),
        (protocol.MAGNETIC_TRACKS, "F2 00 00 03 43 36 37 03 B0"),
    ],
)
def test_requests_are_the_vectors(request_: protocol.Request, sent: str) -> None:
    assert protocol.encode(request_) == bytes.fromhex(sent)


def test_the_address_is_in_the_frame_and_in_its_check() -> None:
    assert protocol.encode(protocol.STATUS, 15) == bytes.fromhex("F2 0F 00 03 43 31 30 03 BF")


def test_no_initialisation_can_be_written_that_captures() -> None:
    requests = [value for value in vars(protocol).values() if isinstance(value, protocol.Request)]
    assert {r.parameter for r in requests if r.command == 0x30} == {0x30, 0x33}
    assert [r for r in requests if (r.command, r.parameter) == (0x32, 0x33)] == [protocol.CAPTURE]
    assert all(r.moves for r in requests if r.command in (0x30, 0x32))


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        ("F2 00 00 06 50 31 30 30 32 30 03 94", Status(NONE)),
        ("F2 00 00 06 50 31 30 31 32 30 03 95", Status(GATE)),
        ("F2 00 00 06 50 31 30 32 32 30 03 96", Status(INSIDE)),
        ("F2 00 00 05 4E 32 31 31 30 03 B8", Status(Where.UNKNOWN, error="mediaJam")),
        ("F2 00 00 05 4E 32 33 41 31 03 CB", Status(Where.UNKNOWN, error="binFull")),
        ("F2 00 00 05 4E 31 30 42 30 03 C9", Status(Where.UNKNOWN, error="notInitialised")),
    ],
)
def test_answers_are_the_vectors(wire: str, status: Status) -> None:
    [answer] = read(bytes.fromhex(wire))
    assert isinstance(answer, Answer)
    assert answer.status == status


def test_a_full_bin_and_an_unknown_position() -> None:
    full, strange = read(framed(b"P10021"), framed(b"P10920"))
    assert isinstance(full, Answer)
    assert isinstance(strange, Answer)
    assert full.status == Status(NONE, bin_full=True)
    assert strange.status == Status(Where.UNKNOWN)


@pytest.mark.parametrize(("code", "word"), protocol.ERRORS.items())
@pytest.mark.parametrize("head", [b"N", b"E"])
def test_every_error_has_its_word_under_either_head(head: bytes, code: str, word: str) -> None:
    [answer] = read(framed(head + b"20" + code.encode()))
    assert isinstance(answer, Answer)
    assert (answer.status.error, answer.command, answer.parameter) == (word, 0x32, 0x30)


def test_every_error_of_the_manuals_is_known() -> None:
    listed = (
        "00 01 02 03 04 05 10 12 13 14 16 40 41 42 43 45 50 51 60 61 62 65 66 67 68 69 A0 A1 B0"
    )
    assert set(listed.split()) <= set(protocol.ERRORS)


@pytest.mark.parametrize("code", [b"47", b"\xff\x00", b"a1"])
def test_an_unknown_error_is_an_error(code: bytes) -> None:
    [answer] = read(framed(b"N20" + code))
    assert isinstance(answer, Answer)
    assert answer.status.error


def test_single_bytes_between_frames_are_signals() -> None:
    assert read(b"\x06" + STATUS_NONE + b"\x15\x04")[::2] == [Signal.ACK, Signal.NAK]
    assert read(b"\x04") == [Signal.EOT]


@pytest.mark.parametrize("frame", FRAMES)
def test_every_split_of_every_frame_gives_the_same(frame: bytes) -> None:
    [whole] = read(frame)
    for at in range(len(frame) + 1):
        assert read(frame[:at], frame[at:]) == [whole]
    assert read(*(frame[i : i + 1] for i in range(len(frame)))) == [whole]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\x80",
        b"\xf2",
        b"\xf2\xf2",
        b"\xf2\x00\x7f\xff",
        b"\xf2\x55\x00\x06",
        b"\xf2\x00\x00\x00",
    ],
)
def test_garbage_around_frames_is_counted_and_passed_over(frame: bytes, garbage: bytes) -> None:
    reader = FrameReader()
    frames = reader.feed(garbage + frame + garbage + frame)
    assert frames == read(frame) * 2
    assert reader.noise == 2 * len(garbage)


def test_every_flipped_bit_is_noticed_and_the_next_frame_is_heard() -> None:
    for at in range(len(STATUS_NONE) * 8):
        wrong = bytearray(STATUS_NONE)
        wrong[at // 8] ^= 1 << at % 8
        reader = FrameReader()
        early = reader.feed(bytes(wrong))
        reader.pause()
        assert not [frame for frame in early if isinstance(frame, Answer)]
        assert reader.feed(STATUS_NONE) == read(STATUS_NONE)


def test_a_damaged_frame_is_told_once_and_its_rest_is_no_signal() -> None:
    wrong = framed(b"P510200" + b"\x06\x15\x04" * 3)[:-1] + b"\x00"
    reader = FrameReader()
    assert reader.feed(wrong) == [Damaged()]
    assert reader.feed(b"\x06") == []
    reader.pause()
    assert reader.feed(b"\x06") == [Signal.ACK]


def test_a_whole_frame_ends_the_search_after_a_damaged_one() -> None:
    wrong = STATUS_NONE[:-1] + b"\x00"
    assert read(wrong + STATUS_NONE + b"\x06") == [Damaged(), *read(STATUS_NONE), Signal.ACK]


def test_half_a_frame_is_given_up_in_a_pause() -> None:
    reader = FrameReader()
    assert reader.feed(STATUS_NONE[:7]) == []
    reader.pause()
    assert reader.noise == 7
    assert reader.feed(STATUS_NONE) == read(STATUS_NONE)


@pytest.mark.parametrize("length", [0, 1, 4, 519, 0x7FFF, 0xFFFF])
def test_an_impossible_length_is_not_waited_for(length: int) -> None:
    wrong = b"\xf2\x00" + length.to_bytes(2, "big") + b"P"
    assert read(wrong + STATUS_NONE) == read(STATUS_NONE)


def test_the_longest_answer_is_read() -> None:
    [answer] = read(framed(b"P510200" + bytes(511)))
    assert isinstance(answer, Answer)
    assert len(answer.data) == 512


BYTES = st.lists(
    st.one_of(
        st.binary(max_size=20), st.sampled_from([*FRAMES, b"\xf2", b"\x06", b"\xf2\x00\x02\x06P"])
    ),
    max_size=8,
)


@given(BYTES)
def test_no_bytes_in_any_pieces_raise_and_pieces_do_not_matter(pieces: list[bytes]) -> None:
    split, whole = FrameReader(), FrameReader()
    apart = [frame for piece in pieces for frame in split.feed(piece)]
    assert apart == whole.feed(b"".join(pieces))
    assert split.noise == whole.noise


@given(BYTES)
def test_after_a_pause_anything_is_forgotten(pieces: list[bytes]) -> None:
    reader = FrameReader()
    for piece in pieces:
        reader.feed(piece)
    reader.pause()
    assert reader.feed(STATUS_NONE) == read(STATUS_NONE)


def test_an_answer_matches_its_question_only() -> None:
    [answer] = read(STATUS_NONE)
    assert isinstance(answer, Answer)
    assert answer.answers(protocol.STATUS)
    assert not answer.answers(protocol.TO_GATE)
    assert not answer.answers(protocol.Request(0x31, 0x31))


def answer(text: bytes) -> Answer:
    [frame] = read(framed(text))
    assert isinstance(frame, Answer)
    return frame


def test_firmware_serial_and_bin_count() -> None:
    assert protocol.words(answer(b"P00200CRT-591-M001\x00")) == "CRT-591-M001"
    assert protocol.serial_number(answer(b"P\xa20200\x04SN42rest")) == "SN42"
    assert protocol.serial_number(answer(b"P\xa20200")) == ""
    assert protocol.bin_count(answer(b"P\xa50200017")) == 17
    assert protocol.bin_count(answer(b"P\xa5020001")) is None
    assert protocol.bin_count(answer(b"N\xa5003")) is None


@pytest.mark.parametrize(
    ("text", "chip"),
    [(b"P\x50020010", True), (b"P\x50020021", True), (b"P\x50020000", False), (b"N\x50003", False)],
)
def test_a_chip_is_there_when_the_contacts_know_its_kind(text: bytes, chip: bool) -> None:
    assert protocol.has_chip(answer(text)) is chip


# ---- tracks

TRACK_1 = b"B" + PAN.encode() + b"^ZHANG/SAN^29122200000012345"
TRACK_2 = PAN.encode() + b"=29122200000012345"


@pytest.mark.parametrize(
    ("data", "statuses"),
    [
        (b"P" + TRACK_1 + b"~P" + TRACK_2 + b"~N24", "ok ok dataMissing"),
        (b"N20~P" + TRACK_2 + b"~N23", "dataInvalid ok dataMissing"),
        (b"P" + TRACK_1 + b"~N28~N24", "ok dataInvalid dataMissing"),
        (b"0%" + TRACK_1 + b"?K~0;" + TRACK_2 + b"?<~1", "ok ok dataInvalid"),
        (b"~" + TRACK_1 + b"~" + TRACK_2 + b"~", "ok ok dataMissing"),
        (b"~~", "dataMissing dataMissing dataMissing"),
        (b"", "dataMissing dataMissing dataMissing"),
        (b"P" + b"A" * 80 + b"~P" + b"1" * 40 + b"~N24", "dataTooLong dataTooLong dataMissing"),
        (b"Pa\x80~P12AB~N24", "dataInvalid dataInvalid dataMissing"),
    ],
)  # fmt: skip
def test_each_track_has_its_status(data: bytes, statuses: str) -> None:
    read_ = swipe(data, KEY)
    assert " ".join(str(read_.tracks[n]) for n in (1, 2, 3)) == statuses
    good = PAN.encode() in data
    assert read_.card == (from_number(PAN, KEY) if good else None)


@given(st.binary(max_size=300))
def test_no_tracks_raise(data: bytes) -> None:
    assert set(swipe(data, KEY).tracks) == {1, 2, 3}


def test_the_r02_sends_tracks_under_the_head_of_errors() -> None:
    got = answer(b"N67" + b"021" + b"P" + TRACK_1 + b"~P" + TRACK_2 + b"~N24")
    assert got.status.error == ""
    card = swipe(got.data, KEY).card
    assert card is not None
    assert card.masked == "622202******0128"
    assert answer(b"N6700").status.error == "invalidCommand"


# ---- what may be seen


def test_no_number_is_in_what_an_answer_says_of_itself() -> None:
    [got] = read(MAG)
    assert PAN[6:-4] not in repr(got) + repr(swipe(got.data, KEY))


@pytest.mark.parametrize("cut", [None, -1, -9, 60])
def test_a_masked_stream_has_the_same_frames_without_the_person(cut: int | None) -> None:
    stream = b"\x06" + STATUS_NONE + b"\xff" + MAG + framed(b"P51020090" + PAN.encode()) + MAG[:cut]
    masked = protocol.mask(stream)
    assert len(masked) == len(stream)
    assert PAN.encode() not in masked
    assert b"123456" not in masked
    assert b"ZHANG" not in masked
    assert masked.startswith(b"\x06" + STATUS_NONE)
    before, after = read(stream), read(masked)
    assert [type(frame) for frame in after] == [
        type(f) for f in before if not isinstance(f, Damaged)
    ]
    assert [
        swipe(f.data, KEY).tracks for f in after if isinstance(f, Answer) and f.command == 0x36
    ] == [swipe(f.data, KEY).tracks for f in before if isinstance(f, Answer) and f.command == 0x36]


@given(BYTES)
def test_masking_keeps_length_and_frames_of_any_stream(pieces: list[bytes]) -> None:
    stream = b"".join(pieces)
    masked = protocol.mask(stream)
    assert len(masked) == len(stream)
    assert PAN.encode() not in masked
    kept = [f.command for f in read(stream) if isinstance(f, Answer)]
    assert [f.command for f in read(masked) if isinstance(f, Answer)] == kept


def test_masking_keeps_what_the_host_asked_and_acknowledged() -> None:
    requests = (protocol.STATUS, protocol.MAGNETIC_TRACKS, protocol.TO_GATE)
    asked = b"\x06".join(protocol.encode(request, 15) for request in requests)
    assert protocol.mask(asked) == asked
    wrong = bytearray(protocol.encode(protocol.STATUS))
    wrong[-1] ^= 1
    assert not any(protocol.mask(bytes(wrong)))
