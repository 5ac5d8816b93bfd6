"""Identity cards as bytes. Vectors: GA 450 frames, their check characters computed by hand; GB 11643's example
of a number.
"""

from datetime import date
from functools import reduce
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from devices.id_card import protocol
from devices.id_card.card import FIELDS, IdCard, Kind, Unreadable, id_card, number_ok
from devices.id_card.nations import LETTERS
from devices.id_card.protocol import Answer, FrameReader

KEY = b"a key of the branch"
NUMBER = "11010519491231002X"
PHOTO = bytes(range(256)) * 4


def text(*fields: tuple[int, int, str]) -> bytes:
    """At each offset, of a length in bytes, these characters and spaces."""
    block = bytearray(b" \0" * 128)
    for at, length, words in fields:
        coded = words.encode("utf-16-le", "surrogatepass")
        assert len(coded) <= length
        block[at : at + len(coded)] = coded
    return bytes(block)


RESIDENT = text(
    (0, 30, "张三丰"), (30, 2, "1"), (32, 4, "01"), (36, 16, "19491231"), (52, 70, "北京市朝阳区某街1号"),
    (122, 36, NUMBER), (158, 30, "北京市公安局"), (188, 16, "20200102"), (204, 16, "20400102"),
)  # fmt: skip
PERMIT = text(
    (0, 30, "陈大文"), (30, 2, "2"), (36, 16, "19800230"), (52, 70, "深圳市"), (122, 36, "810000198001010017"),
    (158, 30, "深圳市公安局"), (188, 16, "20200101"), (204, 16, "20250101"), (220, 18, "H12345678"),
    (238, 4, "02"), (248, 2, "J"),
)  # fmt: skip
FOREIGNER_2017 = text(
    (0, 120, "ZHENGJIAN, YANGBEN"), (120, 2, "2"), (122, 30, "AUS110081010182"), (152, 6, "AUS"), (158, 30, "证件样本"),
    (188, 16, "20170101"), (204, 16, "20270101"), (220, 16, "19810103"), (236, 4, "01"), (240, 8, "1500"), (248, 2, "I"),
)  # fmt: skip
FOREIGNER_2023 = text(
    (0, 30, "证件样本"), (30, 2, "1"), (32, 4, "03"), (36, 16, "19810103"),
    (52, 70, "A" * 35), (122, 36, "911124198108030024"), (188, 16, "20231201"), (204, 16, "20331130"),
    (220, 22, "B" * 11), (242, 6, "CAN"), (248, 2, "Y"),
)  # fmt: skip


def framed(status_and_data: bytes) -> bytes:
    body = (len(status_and_data) + 1).to_bytes(2, "big") + status_and_data
    return b"\xaa\xaa\xaa\x96\x69" + body + bytes((reduce(lambda a, b: a ^ b, body, 0),))


def reading(block: bytes = RESIDENT, photo: bytes = PHOTO) -> bytes:
    return framed(
        b"\x00\x00\x90"
        + len(block).to_bytes(2, "big")
        + len(photo).to_bytes(2, "big")
        + block
        + photo
    )


def hexed(words: str) -> bytes:
    return bytes.fromhex("AA AA AA 96 69 " + words)


FOUND = hexed("00 08 00 00 9F 00 00 00 00 97")
NONE = hexed("00 04 00 00 80 84")
FRAMES = [FOUND, NONE, hexed("00 0C 00 00 90 00 00 00 00 00 00 00 00 9C"), reading()]


def heard(*pieces: bytes) -> list[Answer]:
    reader = FrameReader()
    return [answer for piece in pieces for answer in reader.feed(piece)]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (protocol.STATUS, "00 03 11 FF ED"),
        (protocol.MODULE_NUMBER, "00 03 12 FF EE"),
        (protocol.FIND, "00 03 20 01 22"),
        (protocol.SELECT, "00 03 20 02 21"),
        (protocol.READ, "00 03 30 01 32"),
    ],
)
def test_requests_are_the_vectors(request_: protocol.Request, words: str) -> None:
    assert protocol.encode(request_) == hexed(words)


@pytest.mark.parametrize(
    ("words", "code", "data", "error"),
    [
        ("00 04 00 00 90 94", 0x90, b"", ""),
        ("00 08 00 00 9F 00 00 00 00 97", 0x9F, bytes(4), ""),
        ("00 04 00 00 80 84", 0x80, b"", "noMedia"),
        ("00 0C 00 00 90 00 00 00 00 00 00 00 00 9C", 0x90, bytes(8), ""),
        ("00 04 00 00 81 85", 0x81, b"", "selectFailed"),
        ("00 04 00 00 41 45", 0x41, b"", "noMedia"),
    ],
)
def test_answers_are_the_vectors(words: str, code: int, data: bytes, error: str) -> None:
    [answer] = heard(hexed(words))
    assert (answer.code, answer.data, answer.error) == (code, data, error)


def test_every_other_status_is_an_error_with_a_word() -> None:
    for code in set(range(256)) - {0x90, 0x9F}:
        [answer] = heard(framed(bytes((0, 0, code))))
        assert answer.error == protocol.ERRORS.get(code, f"error{code:02X}")


def test_every_refusal_of_the_standard_is_known() -> None:
    listed = {
        0x10,
        0x11,
        0x21,
        0x23,
        0x31,
        0x32,
        0x33,
        0x34,
        0x40,
        0x41,
        0x50,
        0x60,
        0x66,
        0x80,
        0x81,
        0x91,
    }
    assert listed <= set(protocol.ERRORS)


def test_a_reading_is_as_long_as_the_standard_says() -> None:
    frame = reading()
    assert len(frame) == 1295
    assert frame[:14] == hexed("05 08 00 00 90 01 00 04 00")
    [answer] = heard(frame)
    card = protocol.card(answer, KEY)
    assert isinstance(card, IdCard)
    assert card.photo == PHOTO


@pytest.mark.parametrize("prints", [b"", bytes(1024)])
def test_a_reading_with_fingerprints_is_read_too(prints: bytes) -> None:
    lengths = bytes.fromhex("0100 0400") + len(prints).to_bytes(2, "big")
    frame = framed(b"\x00\x00\x90" + lengths + RESIDENT + PHOTO + prints)
    assert len(frame) == (2321 if prints else 1297)
    [answer] = heard(frame)
    card = protocol.card(answer, KEY)
    assert isinstance(card, IdCard)
    assert (card.number, card.photo) == (NUMBER, PHOTO)


@pytest.mark.parametrize("cut", [0, 1, 4, 5, 100, 259, 500, 1283])
def test_lengths_that_do_not_fit_are_invalid_data(cut: int) -> None:
    [answer] = heard(reading())
    assert protocol.card(Answer(0x90, answer.data[:cut]), KEY) == Unreadable("invalidData")


# ---- frames


@pytest.mark.parametrize("frame", FRAMES)
def test_every_split_of_every_frame_gives_the_same(frame: bytes) -> None:
    whole = heard(frame)
    assert len(whole) == 1
    for at in range(len(frame) + 1):
        assert heard(frame[:at], frame[at:]) == whole
    assert heard(*(frame[i : i + 1] for i in range(len(frame)))) == whole


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    "garbage",
    [b"\xaa", b"\xaa\xaa\xaa\xaa", b"\xaa\x00", b"\x00\xff", b"\xaa\xaa\xaa\x96", b"\xaa\xaa\xaa\x96\x69\xff\xff", b"\xaa\xaa\xaa\x96\x69\x00\x03"],
)  # fmt: skip
def test_garbage_around_frames_is_counted_and_passed_over(frame: bytes, garbage: bytes) -> None:
    reader = FrameReader()
    assert reader.feed(garbage + frame + garbage + frame) == heard(frame) * 2
    assert reader.noise == 2 * len(garbage)


def test_a_header_that_has_lost_its_first_byte_is_one() -> None:
    assert heard(b"\xaa\x00" + FOUND[1:]) == heard(FOUND)


def test_a_frame_within_a_broken_one_is_found() -> None:
    assert heard(reading()[:500] + FOUND + bytes(900)) == heard(FOUND)


def test_every_flipped_bit_is_noticed_and_the_next_frame_is_heard() -> None:
    for at in range(8, len(FOUND) * 8):
        wrong = bytearray(FOUND)
        wrong[at // 8] ^= 1 << at % 8
        reader = FrameReader()
        assert reader.feed(bytes(wrong)) == []
        reader.pause()
        assert reader.feed(FOUND) == heard(FOUND)


@pytest.mark.parametrize("length", [0, 1, 3, 0x0A01, 0x7FFF, 0xFFFF])
def test_an_impossible_length_is_not_waited_for(length: int) -> None:
    wrong = b"\xaa\xaa\xaa\x96\x69" + length.to_bytes(2, "big")
    assert heard(wrong + FOUND) == heard(FOUND)


def test_half_a_frame_is_given_up_in_a_pause() -> None:
    reader = FrameReader()
    assert reader.feed(reading()[:700]) == []
    reader.pause()
    assert reader.noise == 700
    assert reader.feed(FOUND) == heard(FOUND)


BYTES = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.sampled_from([*FRAMES, b"\xaa", b"\xaa\xaa\xaa\x96\x69", b"\xaa\xaa\x96\x69\x09\x0a"]),
    ),
    max_size=6,
)


@given(BYTES)
def test_no_bytes_in_any_pieces_raise_and_pieces_do_not_matter(pieces: list[bytes]) -> None:
    split, whole = FrameReader(), FrameReader()
    apart = [answer for piece in pieces for answer in split.feed(piece)]
    assert apart == whole.feed(b"".join(pieces))
    split.pause()
    whole.pause()
    assert split.noise == whole.noise
    assert split.feed(FOUND) == heard(FOUND)


@pytest.mark.parametrize(
    ("request_", "answer", "fits"),
    [
        (protocol.FIND, Answer(0x9F, bytes(4)), True),
        (protocol.FIND, Answer(0x80), True),
        (protocol.FIND, Answer(0x90, bytes(8)), False),
        (protocol.SELECT, Answer(0x90, bytes(8)), True),
        (protocol.SELECT, Answer(0x81), True),
        (protocol.SELECT, Answer(0x9F, bytes(4)), False),
        (protocol.SELECT, Answer(0x80), False),
        (protocol.READ, Answer(0x90, bytes(8)), False),
        (protocol.READ, Answer(0x41), True),
        (protocol.READ, heard(reading())[0], True),
        (protocol.STATUS, Answer(0x90), True),
        (protocol.STATUS, Answer(0x90, bytes(16)), False),
        (protocol.MODULE_NUMBER, Answer(0x90, bytes(16)), True),
    ],
)
def test_stale_answers_to_other_questions_are_known(
    request_: protocol.Request, answer: Answer, fits: bool
) -> None:
    assert request_.answered_by(answer) is fits


def test_the_number_of_the_module_is_as_printed() -> None:
    data = bytes.fromhex("0500 0100 03423201 10000000 FF000000")
    assert protocol.module_number(Answer(0x90, data)) == "05.01-20070915-0000000016-0000000255"


# ---- cards


def card(block: bytes, key: bytes = KEY) -> IdCard:
    read = id_card(block, PHOTO, key)
    assert isinstance(read, IdCard)
    return read


def values(read: IdCard, names: str) -> list[Any]:
    return [getattr(read, name) for name in names.split()]


def test_a_resident_card() -> None:
    read = card(RESIDENT)
    assert values(read, "kind name english_name sex nation nation_letters nationality birth") == [
        Kind.RESIDENT, "张三丰", "", "1", "01", "HA", "", date(1949, 12, 31),
    ]  # fmt: skip
    assert values(read, "address number number_ok issuer valid_from valid_to pass_number issue_count") == [
        "北京市朝阳区某街1号", NUMBER, True, "北京市公安局", date(2020, 1, 2), date(2040, 1, 2), "", "",
    ]  # fmt: skip


def test_a_permit_of_hong_kong_macao_and_taiwan() -> None:
    read = card(PERMIT)
    assert values(read, "kind name nation nation_letters birth number pass_number issue_count") == [
        Kind.HK_MACAO_TAIWAN, "陈大文", "", "", None, "810000198001010017", "H12345678", "02",
    ]  # fmt: skip


def test_a_permanent_residence_card_of_2017() -> None:
    read = card(FOREIGNER_2017)
    assert values(read, "kind english_name name sex number number_ok nationality birth issuer") == [
        Kind.FOREIGNER_2017, "ZHENGJIAN, YANGBEN", "证件样本", "2", "AUS110081010182", None, "AUS",
        date(1981, 1, 3), "1500",
    ]  # fmt: skip


def test_a_permanent_residence_card_of_2023_joins_its_english_name() -> None:
    read = card(FOREIGNER_2023)
    assert values(read, "kind name english_name sex issue_count nationality number birth valid_to") == [
        Kind.FOREIGNER_2023, "证件样本", "A" * 35 + "B" * 11, "1", "03", "CAN", "911124198108030024",
        date(1981, 1, 3), date(2033, 11, 30),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", FIELDS)
def test_no_fields_of_a_kind_overlap(kind: Kind) -> None:
    spans = sorted(FIELDS[kind].values())
    assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))
    assert spans[-1][1] <= 248


def changed(block: bytes, at: int, words: str) -> bytes:
    coded = words.encode("utf-16-le")
    return block[:at] + coded + block[at + len(coded) :]


@pytest.mark.parametrize("flag", ["X", "Z", "\0", "的", "j"])
def test_an_unknown_kind_is_told_and_no_crash(flag: str) -> None:
    assert id_card(changed(RESIDENT, 248, flag), PHOTO, KEY) == Unreadable("unknownType")


@given(st.binary(max_size=300) | st.binary(min_size=256, max_size=256))
def test_any_text_is_a_card_or_not(block: bytes) -> None:
    for flag in (b" \0", b"J\0", b"I\0", b"Y\0"):
        read = id_card(block[:248] + flag + block[250:], b"", KEY)
        assert isinstance(read, IdCard | Unreadable)
    assert len(protocol.mask(reading(block, b""))) == len(reading(block, b""))


def test_for_ever_has_no_last_day() -> None:
    read = card(changed(RESIDENT, 204, "长期      "))
    assert read.valid_to is None
    assert read.valid_on(date(9999, 12, 31))
    assert not read.valid_on(date(2020, 1, 1))


def test_first_and_last_day_are_valid() -> None:
    read = card(RESIDENT)
    days = [date(2020, 1, 1), date(2020, 1, 2), date(2040, 1, 2), date(2040, 1, 3)]
    assert [read.valid_on(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("at", "words"), [(188, "20201301"), (204, "20400230"), (204, "        "), (122, " " * 18)]
)
def test_days_and_numbers_that_are_none_are_invalid_data(at: int, words: str) -> None:
    assert id_card(changed(RESIDENT, at, words), PHOTO, KEY) == Unreadable("invalidData")


@pytest.mark.parametrize(
    ("number", "right"),
    [
        (NUMBER, True), ("110105194912310021", False), ("11010519491231002x", False), ("1101051949123100", False),
        ("11010519491231002\n", False), ("一1010519491231002", False), ("", False),
    ],
)  # fmt: skip
def test_the_check_digit(number: str, right: bool) -> None:
    assert number_ok(number) is right


@settings(max_examples=30)
@given(st.text("0123456789", min_size=17, max_size=17))
def test_one_check_digit_is_right_and_every_wrong_digit_is_seen(body: str) -> None:
    [right] = [digit for digit in "0123456789X" if number_ok(body + digit)]
    wrong = (body[:i] + str((int(body[i]) + 1) % 10) + body[i + 1 :] + right for i in range(17))
    assert not any(map(number_ok, wrong))


def test_a_wrong_check_digit_is_said_and_the_card_is_one_all_the_same() -> None:
    assert card(changed(RESIDENT, 122, "110105194912310021")).number_ok is False


def test_a_small_x_is_the_same_number() -> None:
    small = card(changed(RESIDENT, 122, NUMBER.lower()))
    assert (small.number, small.number_ok, small.token) == (NUMBER, True, card(RESIDENT).token)


def test_rare_characters_and_halves_of_them_do_no_harm() -> None:
    assert card(changed(RESIDENT, 0, "𠮷\ue863三")).name == "𠮷\ue863三"
    half = RESIDENT[:2] + b"\x00\xd8" + RESIDENT[4:]
    assert "�" in card(half).name


def test_a_token_is_the_numbers_and_the_keys() -> None:
    read = card(RESIDENT)
    assert read.token == card(changed(RESIDENT, 0, "李四 ")).token
    assert read.token != card(RESIDENT, b"another key").token
    assert read.token != card(changed(RESIDENT, 122, "110105194912310021")).token
    assert NUMBER not in read.token


def test_all_nations_have_letters_of_their_own() -> None:
    assert list(LETTERS) == [f"{number:02}" for number in range(1, 57)]
    assert len(set(LETTERS.values())) == 56
    assert [LETTERS[code] for code in ("01", "05", "11", "28", "56")] == [
        "HA",
        "UG",
        "MA",
        "JP",
        "JN",
    ]
    assert card(changed(RESIDENT, 32, "97")).nation_letters == ""


# ---- what may be seen

BLOCKS = [RESIDENT, PERMIT, FOREIGNER_2017, FOREIGNER_2023, changed(RESIDENT, 204, "长期      ")]
PERSONAL = [
    "张三",
    "陈大",
    "证件",
    "北京",
    "深圳",
    "19491231",
    "H12345678",
    "ZHENG",
    "AAAA",
    NUMBER[:8],
    "19810103",
]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_card_shows_its_kind_and_four_digits(block: bytes) -> None:
    read = card(block)
    assert repr(read) == f"IdCard({read.kind}, …{read.number[-4:]})"
    assert not [words for words in PERSONAL if words in repr(heard(reading(block)))]


@pytest.mark.parametrize("block", [*BLOCKS, changed(RESIDENT, 248, "Q"), RESIDENT[:100]])
def test_a_masked_stream_has_the_same_frames_without_the_person(block: bytes) -> None:
    stream = (
        b"\x00"
        + FOUND
        + reading(block)
        + b"\xaa"
        + reading(block)[:-1]
        + b"\x01"
        + NONE
        + reading(block)[:700]
    )
    masked = protocol.mask(stream)
    assert len(masked) == len(stream)
    assert [w for w in PERSONAL if w.encode("utf-16-le") in masked] == []
    assert PHOTO[:16] not in masked
    before, after = heard(stream), heard(masked)
    assert [(a.code, len(a.data)) for a in before] == [(a.code, len(a.data)) for a in after]
    was, is_ = protocol.card(before[1], KEY), protocol.card(after[1], KEY)
    if isinstance(was, IdCard) and isinstance(is_, IdCard):
        assert (was.kind, was.valid_from.year, was.valid_to and was.valid_to.year) == (
            is_.kind, is_.valid_from.year, is_.valid_to and is_.valid_to.year
        )  # fmt: skip
    else:
        assert was == is_


def test_other_answers_of_a_card_are_hidden_and_of_the_module_not() -> None:
    address = framed(b"\x00\x00\x90" + "上海市浦东新区".encode("utf-16-le") * 5)
    assert heard(protocol.mask(address)) == [Answer(0x90, bytes(70))]
    module = framed(b"\x00\x00\x90" + bytes(range(16)))
    assert protocol.mask(module) == module


@given(BYTES)
def test_masking_keeps_length_and_frames_of_any_stream(pieces: list[bytes]) -> None:
    stream = b"".join(pieces)
    masked = protocol.mask(stream)
    assert len(masked) == len(stream)
    assert [a.code for a in heard(masked)] == [a.code for a in heard(stream)]
    assert NUMBER.encode("utf-16-le") not in masked


def test_masking_keeps_what_the_host_asked() -> None:
    asked = b"".join(map(protocol.encode, (protocol.STATUS, protocol.FIND, protocol.READ)))
    assert protocol.mask(asked + b"\x02") == asked + b"\x00"
    wrong = bytearray(protocol.encode(protocol.FIND))
    wrong[-1] ^= 1
    assert not any(protocol.mask(bytes(wrong)))
