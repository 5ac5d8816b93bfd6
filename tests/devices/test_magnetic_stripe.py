"""Magnetic stripes as pure bytes. Sources: ISO/IEC 7811-2 (alphabets, sentinels, LRC), 7813 (tracks 1 and 2),
7812-1 (Luhn); the LRC samples were computed by hand from 7811.
"""

import re
from functools import reduce

import pytest
from hypothesis import assume, example, given, settings, strategies as st

from devices.bank_card import luhn_ok
from devices.magnetic_stripe.protocol import Swipe, TrackStatus, parse

KEY = b"a key of the branch"
VISA_2 = b";4111111111111111=29122010000000000?7"
UNION_2 = b";6222021234567890128=29122200000012345?<"
VISA_1 = b"%B4111111111111111^TEST/CARD               ^29122010000000000000000?K"
OK, MISSING, INVALID, TOO_LONG = "ok", "dataMissing", "dataInvalid", "dataTooLong"
SENTINELS = re.compile(rb"[%;+]")


def lrc(track: int, characters: bytes) -> bytes:
    """ISO/IEC 7811-2: the XOR of the data bits, six of them from 20h on track 1, else four from 30h."""
    base, bits = (0x20, 0x3F) if track == 1 else (0x30, 0x0F)
    return bytes((base + reduce(lambda a, b: a ^ ((b - base) & bits), characters, 0),))


def coded(track: int, characters: str) -> bytes:
    return characters.encode() + lrc(track, characters.encode())


def read(data: bytes) -> Swipe:
    swipe = parse(data, KEY)
    assert swipe is not None
    return swipe


def statuses(data: bytes) -> list[str]:
    return [str(read(data).tracks[number]) for number in (1, 2, 3)]


def number_token(number: str) -> str:
    """The pseudonym of a number; its check character is one that nothing else begins with."""
    tracks = (coded(2, f";{number}=2912{n}?") for n in range(9))
    card = read(next(track for track in tracks if track[-1:] != b";") + b"\r").card
    assert card is not None
    return card.token


def with_lrc(wanted: bytes) -> bytes:
    """A track 2 of a good card whose check character is `wanted`: one card in sixteen has it."""
    tracks = (coded(2, f";6222021234567890128=2912{n:03}?") for n in range(1000))
    return next(track for track in tracks if track[-1:] == wanted)


# no bank's number begins with 0 (ISO/IEC 7812-1, major industry identifier)
NUMBERS = st.from_regex("[1-9][0-9]{12,18}", fullmatch=True)
TRACKS_2 = st.tuples(NUMBERS, st.text("0123456789", max_size=14)).map(
    lambda t: coded(2, f";{t[0]}=2912{t[1]}"[:38] + "?")
)
NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ ./", min_size=2, max_size=26)


@pytest.mark.parametrize("track", [VISA_2, UNION_2, VISA_1], ids=["visa", "unionpay", "track 1"])
def test_the_samples_of_the_standard_are_read(track: bytes) -> None:
    swipe = read(track + b"\r")
    assert OK in [str(status) for status in swipe.tracks.values()]
    assert swipe.card is not None
    assert swipe.card.luhn_ok


def test_a_card_is_its_first_six_and_last_four_digits() -> None:
    card = read(UNION_2 + b"\r").card
    assert card is not None
    assert (card.issuer, card.last4, card.masked) == ("622202", "0128", "622202******0128")


def test_all_three_tracks_are_told_apart() -> None:
    third = coded(3, "+011234567890123445=724724100000000000030300?")
    assert statuses(VISA_1 + VISA_2 + third + b"\r") == [OK, OK, OK]


def test_a_second_track_with_the_sentinel_of_the_iso_is_track_3() -> None:
    third = coded(3, ";011234567890123445=724724100000000000030300?")
    assert statuses(VISA_2 + third + b"\r") == [MISSING, OK, OK]


def test_the_card_of_track_1_is_the_card_of_track_2() -> None:
    assert read(VISA_1 + b"\r").card == read(VISA_2 + b"\r").card


@pytest.mark.parametrize("check", [bytes((0x30 + value,)) for value in range(16)])
def test_every_check_character_of_track_2_is_read(check: bytes) -> None:
    assert read(with_lrc(check) + b"\r").card is not None


@settings(max_examples=300, deadline=None)
@given(TRACKS_2)
def test_every_good_track_2_is_a_card(track: bytes) -> None:
    swipe = read(track + b"\r")
    assert swipe.tracks == {1: MISSING, 2: OK, 3: MISSING}
    assert swipe.card is not None


@settings(max_examples=300, deadline=None)
@given(NUMBERS, NAMES)
def test_every_good_track_1_is_a_card(number: str, name: str) -> None:
    swipe = read(coded(1, f"%B{number}^{name}^29122010000?") + b"\r")
    assert swipe.tracks == {1: OK, 2: MISSING, 3: MISSING}
    assert swipe.card is not None


@pytest.mark.parametrize("check", [bytes((0x30 + v,)) for v in range(16) if 0x30 + v != ord("<")])
def test_every_wrong_check_character_is_an_invalid_track(check: bytes) -> None:
    swipe = read(UNION_2[:-1] + check + b"\r")
    assert (swipe.tracks[2], swipe.card) == (INVALID, None)


@pytest.mark.parametrize("length", range(2, len(UNION_2)))  # one byte is noise
def test_a_truncated_track_is_no_card(length: int) -> None:
    swipe = read(UNION_2[:length])
    assert (swipe.tracks[2], swipe.card) == (INVALID, None)


def test_a_longer_track_than_the_standards_is_too_long() -> None:
    assert statuses(coded(2, ";6222021234567890128=" + "1" * 40 + "?") + b"\r")[1] == TOO_LONG


@pytest.mark.parametrize(("track", "place"), [(b"%E?", 0), (b";E?", 1), (b"+E?", 2)])
def test_what_the_reader_could_not_read_is_invalid_and_not_missing(
    track: bytes, place: int
) -> None:
    assert statuses(track + b"\r")[place] == INVALID


def test_the_other_track_is_used_when_one_is_bad() -> None:
    by_track_2, by_track_1 = read(b"%E?" + VISA_2 + b"\r"), read(VISA_1 + b";E?\r")
    assert by_track_2.card is not None
    assert by_track_2.card == by_track_1.card


@pytest.mark.parametrize("noise", [b"", b"\r", b"\r\n", b"\x00\xff", b"ABC=?^123", b"?" * 8])
def test_noise_without_a_track_is_no_swipe(noise: bytes) -> None:
    assert parse(noise, KEY) is None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=8), st.binary(max_size=8))
def test_noise_before_and_after_does_not_matter(before: bytes, after: bytes) -> None:
    assume(not SENTINELS.search(before + after))
    assert read(before + UNION_2 + b"\r" + after).card == read(UNION_2 + b"\r").card


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\x80;\x11", b""),
        (b";", b""),
        (b"+;\xff", b""),
        (b"", b";x"),
        (b"", b"\x03%"),
        (b";1?", b""),
    ],
)
@pytest.mark.parametrize("track", [VISA_1, VISA_2], ids=["track 1", "track 2"])
def test_noise_that_looks_like_the_start_of_a_track_does_not_hide_the_card(
    track: bytes, before: bytes, after: bytes
) -> None:
    assert read(before + track + b"\r" + after).card is not None


def test_a_failed_luhn_check_is_a_warning_and_still_a_card() -> None:
    card = read(coded(2, ";4000000000000000=2912?") + b"\r").card
    assert card is not None
    assert not card.luhn_ok


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("4111111111111111", True),
        ("5500000000000004", True),
        ("6222021234567890128", True),
        ("79927398713", True),
        ("4000000000000000", False),
        ("79927398710", False),
    ],
)
def test_luhn_says_what_iso_7812_says(number: str, right: bool) -> None:
    assert luhn_ok(number) is right


@settings(max_examples=200, deadline=None)
@given(NUMBERS)
def test_luhn_has_one_right_check_digit_and_sees_every_single_wrong_digit(body: str) -> None:
    [check] = [digit for digit in "0123456789" if luhn_ok(body + digit)]
    number = body + check
    wrong = (
        number[:at] + digit + number[at + 1 :]
        for at, right in enumerate(number)
        for digit in "0123456789"
        if digit != right
    )
    assert not any(map(luhn_ok, wrong))


@settings(max_examples=300, deadline=None)
@given(NUMBERS, NAMES)
def test_no_digit_between_the_first_six_and_last_four_is_in_any_repr(
    number: str, name: str
) -> None:
    swipe = read(coded(1, f"%B{number}^{name}^2912?") + coded(2, f";{number}=2912?") + b"\r")
    assume(swipe.card is not None)
    said = repr(swipe) + str(swipe.card) + swipe.card.masked
    assert swipe.card.token not in said  # without a key it would give the number
    assert set(re.findall(r"\d{3,}", said)) <= {number[:6], number[-4:]}


@pytest.mark.parametrize("length", range(8, 20))
def test_no_number_is_ever_shown_whole(length: int) -> None:
    card = read(coded(2, f";{'1234567890123456789'[:length]}=2912?") + b"\r").card
    assert card is None or len(card.issuer) + len(card.last4) < length


def test_a_pseudonym_depends_on_the_card_and_the_key() -> None:
    tokens = {number_token("6222021234567890128"), number_token("6222021234567890129")}
    other = parse(UNION_2 + b"\r", b"another key")
    assert other is not None
    assert other.card is not None
    assert len(tokens | {other.card.token}) == 3


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=300) | st.text("%;+?=^E0123456789B\r", max_size=300).map(str.encode))
@example(b";?;?;?;")
def test_no_bytes_ever_raise(data: bytes) -> None:
    swipe = parse(data, KEY)
    assert swipe is None or set(swipe.tracks) == {1, 2, 3}


def flips(track: bytes) -> list[bytes]:
    return [
        track[:at] + bytes((track[at] ^ 1 << bit,)) + track[at + 1 :]
        for at in range(len(track))
        for bit in range(8)
    ]


@settings(max_examples=60, deadline=None)
@given(TRACKS_2)
def test_no_single_flipped_bit_of_track_2_makes_another_card(track: bytes) -> None:
    right = number_token(track[1:].partition(b"=")[0].decode())
    swipes = [parse(flipped + b"\r", KEY) for flipped in flips(track)]
    assert {s.card.token for s in swipes if s is not None and s.card is not None} <= {right}


def test_no_single_flipped_bit_of_track_1_makes_another_card() -> None:
    right = number_token("4111111111111111")
    swipes = [parse(flipped + b"\r", KEY) for flipped in flips(VISA_1)]
    assert {s.card.token for s in swipes if s is not None and s.card is not None} <= {right}


def test_no_single_flipped_bit_of_track_3_makes_a_card_of_it() -> None:
    third = coded(3, "+016222021234567890128=1561560000000000300?")
    assert [f for f in flips(third) if (s := parse(f + b"\r", KEY)) and s.card] == []


def test_a_flipped_bit_of_one_track_leaves_the_other_readable() -> None:
    lost = [f for f in flips(VISA_1) if read(f + VISA_2 + b"\r").card is None]
    assert lost == []


def test_a_track_with_a_character_outside_its_alphabet_is_never_ok() -> None:
    """7811-2 table 3: track 2 has the characters 30h to 3Fh and no others."""
    strange = [f for f in flips(VISA_2) if any(not 0x30 <= byte <= 0x3F for byte in f)]
    read_ = [(f, parse(f + b"\r", KEY)) for f in strange]
    wrong = [f for f, swipe in read_ if swipe is not None and swipe.tracks[2] is TrackStatus.OK]
    assert wrong == []
