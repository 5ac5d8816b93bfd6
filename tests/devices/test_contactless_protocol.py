"""Frames of a PN532 and what EMV cards say, by bytes written out by hand (UM0701-02, EMV Books 1 and 3)."""

import re
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings, strategies as st

from devices.contactless import answers, emv, protocol, tlv
from devices.contactless.answers import CardLink, Target
from devices.contactless.emv_read import ReadCard, Unreadable, read
from devices.contactless.protocol import (
    Acknowledged,
    Damaged,
    Frame,
    FrameReader,
    NotAcknowledged,
    Rejected,
    Reply,
)
from devices.magnetic_stripe import protocol as stripe

KEY = b"key"
NUMBER = "6222021234567890128"
ACK = bytes.fromhex("0000FF00FF00")
VERSION = bytes.fromhex("0000FF06FAD50332010607E800")
ONE_CARD = bytes.fromhex("0000FF11EFD54B0101000420" + "0408AABBCC057880700 20E00".replace(" ", ""))
NO_CARD = bytes.fromhex("0000FF03FDD54B00E000")
TRACK_2 = "57136222021234567890128D29122200000012345F"


def framed(body: str | bytes) -> bytes:
    """The test's own framing, extended when it must be."""
    body = bytes.fromhex(body) if isinstance(body, str) else body
    size = len(body)
    high, low = divmod(size, 256)
    head = bytes((255, 255, high, low, -(high + low) & 255) if high else (low, -low & 255))
    return b"\0\0\xff" + head + body + bytes((-sum(body) & 255, 0))


def element(tag: str, *content: str) -> str:
    """The test's own TLV, in hexadecimal."""
    value = "".join(content)
    size = len(value) // 2
    return tag + ("" if size < 128 else "81") + f"{size:02X}" + value


def fed(*pieces: bytes) -> list[Frame]:
    reader = FrameReader()
    return [frame for piece in pieces for frame in reader.feed(piece)]


@pytest.mark.parametrize(
    ("request_", "wire"),
    [
        (protocol.firmware_version(), "0000FF02FED4022A00"),
        (protocol.sam_configuration(), "0000FF05FBD414010000" + "1700"),
        (protocol.max_retries(), "0000FF06FAD43205FF0102F300"),
        (protocol.list_targets(1), "0000FF04FCD44A0100E100"),
        (protocol.release_all(), "0000FF03FDD45200DA00"),
        (protocol.rf_field(on=True), "0000FF04FCD4320101F800"),
        (protocol.rf_field(on=False), "0000FF04FCD4320100F900"),
        (
            protocol.exchange(1, emv.select(b"2PAY.SYS.DDF01")),
            "0000FF17E9D44001" + "00A404000E325041592E5359532E444446303100" + "8F00",
        ),
    ],
)
def test_requests_are_the_manual_s_bytes(request_: protocol.Request, wire: str) -> None:
    assert request_.frame == bytes.fromhex(wire)
    assert request_.answered_by == request_.frame[6] + 1


def test_the_line_test_goes_out_in_an_extended_frame() -> None:
    frame = protocol.line_test().frame
    assert frame[:10] == bytes.fromhex("0000FFFFFF0109F6D400")
    assert len(frame) == 8 + 265 + 2
    assert sum(frame[8:-1]) & 255 == 0


def test_the_longest_normal_frame_and_the_first_extended_one() -> None:
    assert protocol.encode(0x40, bytes(253))[3:5] == b"\xff\x01"
    assert protocol.encode(0x40, bytes(254))[3:8] == bytes.fromhex("FFFF0100FF")


def test_a_command_that_fits_into_no_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="265 bytes"):
        protocol.exchange(1, bytes(263))


@pytest.mark.parametrize(
    ("wire", "frame"),
    [
        (ACK, Acknowledged()),
        (bytes.fromhex("0000FFFF0000"), NotAcknowledged()),
        (bytes.fromhex("0000FF01FF7F8100"), Rejected()),
        (VERSION, Reply(0x03, bytes.fromhex("32010607"))),
        (bytes.fromhex("0000FF02FED5151600"), Reply(0x15, b"")),
        (NO_CARD, Reply(0x4B, b"\0")),
        (bytes.fromhex("0000FF03FDD54101E900"), Reply(0x41, b"\x01")),
        (bytes.fromhex("0000FF03FDD5412BBF00"), Reply(0x41, b"\x2b")),
        (bytes.fromhex("0000FF03FDD54129C100"), Reply(0x41, b"\x29")),
        (framed(b"\xd5\x41\0" + bytes(255)), Reply(0x41, bytes(256))),
    ],
)
def test_every_frame_comes_through_however_it_is_split(wire: bytes, frame: Frame) -> None:
    for at in range(len(wire) + 1):
        reader = FrameReader()
        assert reader.feed(wire[:at]) + reader.feed(wire[at:]) == [frame]
        assert reader.noise == 0
    assert fed(*[bytes((byte,)) for byte in wire * 2]) == [frame, frame]


def test_a_frame_without_its_last_zero_and_the_next_without_its_first() -> None:
    assert fed(ACK[1:-1] + VERSION[1:-1] + NO_CARD[1:-1]) == [
        Acknowledged(), Reply(3, bytes.fromhex("32010607")), Reply(0x4B, b"\0"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "garbage", ["AA", "0000FF20E0D541", "55550000", "00FF", "FF00FF", "0000FF05", "00FFFFFF0109"]
)
def test_garbage_before_a_frame_is_counted_and_forgotten(garbage: str) -> None:
    reader = FrameReader()
    frames = reader.feed(bytes.fromhex(garbage))
    reader.pause()
    assert frames + reader.feed(ACK + VERSION) == [
        Acknowledged(), Reply(3, bytes.fromhex("32010607")),
    ]  # fmt: skip
    assert reader.noise > 0


def test_garbage_inside_a_frame_spoils_only_that_frame() -> None:
    frames = fed(VERSION[:8] + b"\xaa" + VERSION[8:] + NO_CARD)
    assert frames == [Damaged(), Reply(0x4B, b"\0")]


def test_a_damaged_frame_that_swallowed_the_next_gives_it_back() -> None:
    assert fed(VERSION[:7], NO_CARD, NO_CARD) == [
        Damaged(), Reply(0x4B, b"\0"), Reply(0x4B, b"\0"),
    ]  # fmt: skip


@pytest.mark.parametrize("at", range(3, len(VERSION) - 1))
def test_one_wrong_bit_never_makes_an_answer(at: int) -> None:
    for bit in range(8):
        reader = FrameReader()
        wrong = bytearray(VERSION)
        wrong[at] ^= 1 << bit
        frames = reader.feed(bytes(wrong))
        reader.pause()
        assert [frame for frame in frames if not isinstance(frame, Damaged)] == []
        assert reader.noise > 0
        assert fed(bytes(wrong) + NO_CARD * 30)[-1] == Reply(0x4B, b"\0")


@pytest.mark.parametrize("head", ["00FFFFFF010AF5", "00FFFFFFFFFF02", "00FFFFFF000000", "00FF0000"])
def test_a_length_that_no_frame_has_is_no_frame(head: str) -> None:
    assert fed(bytes.fromhex(head) + bytes(20) + NO_CARD) == [Reply(0x4B, b"\0")]


def test_the_echo_of_our_own_frames_is_noise() -> None:
    reader = FrameReader()
    frame = protocol.firmware_version().frame
    assert reader.feed(frame) == []
    assert reader.noise >= len(frame) - 3


@given(
    st.lists(
        st.binary(max_size=40) | st.sampled_from([b"\0\xff", b"\0\0\xff\xff\xff", ACK, NO_CARD])
    )
)
def test_any_bytes_in_any_pieces_leave_the_reader_able_to_hear(pieces: list[bytes]) -> None:
    reader = FrameReader()
    apart = [frame for piece in pieces for frame in reader.feed(piece)]
    assert apart == FrameReader().feed(b"".join(pieces))
    assert len(reader._held) < 280
    reader.pause()
    assert reader.feed(VERSION)[-1:] == [Reply(3, bytes.fromhex("32010607"))]


def test_who_it_is() -> None:
    assert answers.identity(bytes.fromhex("32010607")) == "PN532 1.6"
    assert answers.identity(b"\x32") == ""


def test_the_card_in_the_field() -> None:
    [reply] = fed(ONE_CARD)
    assert isinstance(reply, Reply)
    assert answers.targets(reply.data) == [Target(1, True, bytes.fromhex("08AABBCC"))]


def test_two_cards_each_with_its_answer_to_select() -> None:
    data = "02" + "0100042004" + "08AABBCC" + "0578807002" + "0200040807" + "04112233445566"
    assert answers.targets(bytes.fromhex(data)) == [
        Target(1, True, bytes.fromhex("08AABBCC")),
        Target(2, False, bytes.fromhex("04112233445566")),
    ]


@given(st.binary(max_size=40))
def test_any_list_of_cards_is_two_cards_at_most(data: bytes) -> None:
    assert len(answers.targets(data)) == min(2, data[0] if data else 0)


def test_only_two_fixed_numbers_can_tell_cards_apart() -> None:
    fixed, other, random = b"\x04\x01\x02\x03", b"\x04\x01\x02\x04", b"\x08\x01\x02\x03"
    assert Target(1, True, fixed).is_another(other)
    assert not Target(1, True, fixed).is_another(fixed)
    assert not Target(1, True, random).is_another(fixed)
    assert not Target(1, True, fixed).is_another(random)


@pytest.mark.parametrize(
    ("status", "link"),
    [
        (0x00, CardLink.OK), (0x80, CardLink.OK), (0x01, CardLink.LOST), (0x2B, CardLink.LOST),
        (0x29, CardLink.LOST), (0x06, CardLink.COLLIDED), (0x02, CardLink.BROKEN), (0x0D, CardLink.HOT),
        (0x2D, CardLink.CURRENT), (0x3F, CardLink.BROKEN),
    ],
)  # fmt: skip
def test_how_an_exchange_went(status: int, link: CardLink) -> None:
    assert answers.exchanged(bytes((status, 0x90))) == answers.Exchanged(link, False, b"\x90")


def test_more_of_an_answer_waits() -> None:
    assert answers.exchanged(b"\x40\x01").more
    assert answers.exchanged(b"").link is CardLink.BROKEN


# -- BER-TLV


def test_padding_long_lengths_and_long_tags() -> None:
    data = bytes.fromhex(
        "0000" + "9F380102" + "FF00" + "5F8101" + "81 02 AABB" + "82 820003 010203"
    )
    assert [(one.tag, one.value.hex()) for one in tlv.level(data)] == [
        (0x9F38, "02"), (0x5F8101, "aabb"), (0x82, "010203"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "broken", ["5F", "9F38", "57", "5783000001", "578101", "5780", "9FFFFFFFFF01", "570211"]
)
def test_a_broken_element_ends_its_level_and_nothing_else(broken: str) -> None:
    data = bytes.fromhex("8201AA" + broken)
    assert [one.tag for one in tlv.level(data)] == [0x82]


def test_a_template_in_itself_for_ever_ends() -> None:
    data = b""
    for _ in range(60):
        data = tlv.build(0x70, data)
    assert len(list(tlv.walk(data))) == tlv.DEEPEST


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_are_parsed_without_harm(data: bytes) -> None:
    assert all(data[one.starts : one.ends] == one.value for one in tlv.level(data))
    list(tlv.walk(data))
    emv.candidates(data)
    emv.records(data)
    emv.label(data)
    emv.bank_card(data, KEY)
    emv.wishes_answered(data, {})


@given(st.sampled_from([0x57, 0x9F38, 0xBF0C, 0x5F8101]), st.binary(max_size=400))
def test_what_is_built_is_parsed_again(tag: int, value: bytes) -> None:
    assert [(one.tag, one.value) for one in tlv.level(tlv.build(tag, value))] == [(tag, value)]


def test_a_value_that_has_no_length_is_refused() -> None:
    with pytest.raises(ValueError, match="65535"):
        tlv.build(0x57, bytes(0x10000))


# -- EMV


def test_commands_are_the_standard_s_bytes() -> None:
    assert emv.select(bytes.fromhex("A000000003")).hex() == "00a4040005a00000000300"
    assert emv.get_processing_options(b"").hex() == "80a8000002830000"
    assert emv.read_record(emv.Record(1, 2)).hex() == "00b2020c00"
    assert emv.get_response(0x33).hex() == "00c0000033"
    assert emv.with_length(emv.read_record(emv.Record(1, 2)), 0x37).hex() == "00b2020c37"
    long = emv.get_processing_options(bytes(252))
    assert (long[:8].hex(), len(long)) == ("80a80000ff8381fc", 5 + 255 + 1)


def environment(*applications: tuple[str, str, str]) -> str:
    entries = [
        element(
            "61", element("4F", aid), element("50", label.encode().hex()), element("87", priority)
        )
        for aid, label, priority in applications
    ]
    return element(
        "6F", element("84", b"2PAY.SYS.DDF01".hex()), element("A5", element("BF0C", *entries))
    )


def test_applications_come_by_priority_and_none_given_is_last() -> None:
    found = emv.candidates(
        bytes.fromhex(
            environment(("A0000000031010", "VISA", "00"), ("A000000333010102", "UP", "02"),
                        ("A000000333010101", "UnionPay", "81"), ("A0", "short", "01"))
        )
    )  # fmt: skip
    assert [(one.aid.hex(), one.label) for one in found] == [
        ("a000000333010101", "UnionPay"), ("a000000333010102", "UP"), ("a0000000031010", "VISA"),
    ]  # fmt: skip


def test_a_label_is_printable_and_short() -> None:
    data = bytes.fromhex(element("50", "1B41FF42" + "43" * 20))
    assert emv.label(data) == "AB" + "C" * 12


TERMINAL = emv.terminal(bytes.fromhex("36004000"), 156, 156, 0, date(2026, 11, 23), b"\1\2\3\4")


def test_a_list_of_wishes_is_answered_by_its_lengths() -> None:
    pdol = "9F6604 9F0206 9F0306 9F1A02 9505 5F2A02 9A03 9C01 9F3704"
    assert emv.wishes_answered(bytes.fromhex(pdol), TERMINAL) == bytes.fromhex(
        "36004000 000000000000 000000000000 0156 0000000000 0156 261123 00 01020304"
    )


def test_numbers_are_cut_and_filled_on_the_left_all_else_on_the_right() -> None:
    pdol = "9F1A01 9F1A03 9F1A00 9F6602 9F6606 DF8101 02"
    assert emv.wishes_answered(bytes.fromhex(pdol), TERMINAL) == bytes.fromhex(
        "56 000156 3600 360040000000 0000"
    )


def test_half_an_entry_is_not_answered_and_too_many_wishes_are_none() -> None:
    assert emv.wishes_answered(bytes.fromhex("9C019F37"), TERMINAL) == b"\0"
    assert emv.wishes_answered(bytes.fromhex("9F37FC"), TERMINAL) == b"\1\2\3\4" + bytes(248)
    assert emv.wishes_answered(bytes.fromhex("9F37FD"), TERMINAL) is None


@pytest.mark.parametrize(
    "wrong", [{"ttq": b"\1"}, {"country": 12345}, {"amount": -1}, {"currency": 10**5}]
)
def test_a_terminal_that_does_not_fit_is_refused(wrong: dict[str, object]) -> None:
    good = {"ttq": bytes(4), "country": 156, "currency": 156, "amount": 0}
    with pytest.raises(ValueError, match=r"fit|four"):
        emv.terminal(**(good | wrong), day=date(2026, 1, 1), unpredictable=bytes(4))


@pytest.mark.parametrize(
    "options", ["800A 7C00 08010200 10030401", "770E 82027C00 9408 0801020010030401"]
)
def test_both_formats_name_the_same_records(options: str) -> None:
    assert emv.records(bytes.fromhex(options)) == [
        emv.Record(1, 1), emv.Record(1, 2), emv.Record(2, 3), emv.Record(2, 4),
    ]  # fmt: skip


def test_nonsense_places_of_records_are_left_out_and_their_number_is_bounded() -> None:
    assert emv.records(bytes.fromhex("800A 7C00 00010200 10040100")) == []
    assert len(emv.records(bytes.fromhex("8006 7C00 0800FF00"))) == emv.MOST_RECORDS


def test_the_card_of_a_track_2_equivalent() -> None:
    record = "7035 5713 4000000000000000D14092017412577580000F 5F2002202F"
    card = emv.bank_card(bytes.fromhex(record.replace("7035", "701A")), KEY)
    assert card is not None
    assert (card.masked, card.luhn_ok) == ("400000******0000", False)


@pytest.mark.parametrize("where", [TRACK_2, element("5A", NUMBER + "F"), "9F6B" + TRACK_2[2:]])
def test_a_card_has_the_pseudonym_of_its_stripe(where: str) -> None:
    swipe = stripe.parse(b";6222021234567890128=29122200000012345?<\r", KEY)
    assert swipe is not None
    assert emv.bank_card(bytes.fromhex(element("70", where)), KEY) == swipe.card


@pytest.mark.parametrize(
    "value",
    ["", "D2912", "0222021234567890128D2912", "62220212345D29122F", NUMBER + "D29", NUMBER + "E2912F",
     NUMBER + "1D29122F"],
)  # fmt: skip
def test_what_is_no_card_number_is_none(value: str) -> None:
    value += "F" * (len(value) % 2)
    assert emv.bank_card(bytes.fromhex(element("57", value)), KEY) is None


# -- the reading


class Card:
    """Answers by what stands here, else 6A82 to SELECT, 6985 to options and 6A83 to the rest."""

    def __init__(self, **answers: str) -> None:
        self.answers = {command: bytes.fromhex(answer) for command, answer in answers.items()}
        self.heard: list[str] = []

    def __call__(self, command: bytes) -> bytes:
        self.heard.append(command.hex().upper())
        for begin in sorted(self.answers, key=len, reverse=True):
            if self.heard[-1].startswith(begin):
                return self.answers[begin]
        return {0xA4: b"\x6a\x82", 0xA8: b"\x69\x85"}.get(command[1], b"\x6a\x83")


PPSE, DEBIT, CREDIT = "00A404000E", "00A4040008A000000333010101", "00A4040008A000000333010102"


def application(pdol: str = "9F66049C01") -> str:
    names = element("50", b"UnionPay".hex()) + element("9F38", pdol)
    return element("6F", element("84", "A000000333010101"), element("A5", names)) + "9000"


RECORD = element("70", TRACK_2, element("5F20", b"ZHANG/SAN".hex())) + "9000"
UNIONPAY = {
    PPSE: environment(("A000000333010101", "PBOC DEBIT", "01")) + "9000",
    DEBIT: application(),
    "80A80000": "80067C00080101009000",
    "00B2010C": RECORD,
}


def outcome(card: Card) -> str:
    try:
        return read(card, TERMINAL, KEY).card.last4
    except Unreadable as unreadable:
        return unreadable.reason


def test_a_card_is_read_by_what_it_asks_for() -> None:
    card = Card(**UNIONPAY)
    found = read(card, TERMINAL, KEY)
    assert found == ReadCard(found.card, "A000000333010101", "PBOC DEBIT")
    assert found.card.masked == "622202******0128"
    assert card.heard == [
        "00A404000E325041592E5359532E444446303100", DEBIT + "00", "80A8000007830536004000" + "00" + "00",
        "00B2010C00",
    ]  # fmt: skip


def test_a_track_in_the_processing_options_needs_no_record() -> None:
    card = Card(**UNIONPAY | {"80A80000": element("77", "82027C00", TRACK_2) + "9000"})
    assert outcome(card) == "0128"
    assert len(card.heard) == 3


@pytest.mark.parametrize("environment_", ["6A82", "6A81", "6D00", "6F009000", "9000", ""])
def test_without_an_environment_the_known_applications_are_tried(environment_: str) -> None:
    card = Card(**UNIONPAY | {PPSE: environment_})
    found = read(card, TERMINAL, KEY)
    assert (found.aid, found.label) == ("A000000333010101", "UnionPay")


def test_a_visa_card_that_answers_to_its_bare_identifier_only() -> None:
    card = Card(**{
        "00A4040005A000000003": element("6F", element("84", "A0000000031010")) + "9000",
        "80A80000028300": "8006" + "3C00" + "08020200" + "9000",
        "00B2020C00": "701A" + "57134000000000000000D14092017412577580000F" + "5F2002202F" + "9000",
    })  # fmt: skip
    found = read(card, TERMINAL, KEY)
    assert (found.aid, found.card.masked) == ("A0000000031010", "400000******0000")


def test_an_application_that_refuses_leaves_its_place_to_the_next() -> None:
    two = environment(("A000000333010101", "A", "01"), ("A000000333010102", "B", "02")) + "9000"
    for first in ({DEBIT: "6A82"}, {DEBIT: "6283"}, {DEBIT: application("9F37FF")}):
        card = Card(**UNIONPAY | {PPSE: two, CREDIT: application()} | first)
        assert read(card, TERMINAL, KEY).label == "B"


def test_a_missing_record_leaves_its_place_to_the_next() -> None:
    card = Card(
        **UNIONPAY | {"80A80000": "80067C00080103009000", "00B2010C": "6A83", "00B2030C": RECORD}
    )
    assert outcome(card) == "0128"


@pytest.mark.parametrize(
    ("answers_", "reason"),
    [
        ({}, "invalidMedia"),
        ({PPSE: "6A82", DEBIT: "6A82"}, "invalidMedia"),
        ({DEBIT: "6283"}, "applicationBlocked"),
        ({"80A80000": "6985"}, "invalidMedia"),
        ({"80A80000": "6984"}, "invalidMedia"),
        ({"00B2010C": "6A83"}, "invalidMedia"),
        ({"00B2010C": "70009000"}, "invalidMedia"),
        ({"00B2010C": ""}, "invalidMedia"),
    ],
)
def test_why_a_card_cannot_be_read(answers_: dict[str, str], reason: str) -> None:
    assert outcome(Card(**UNIONPAY | answers_) if answers_ else Card()) == reason


def test_an_answer_in_pieces_and_one_of_another_length() -> None:
    record = bytes.fromhex(RECORD)
    card = Card(**UNIONPAY | {
        "00B2010C00": "6C" + "21",
        "00B2010C21": record[:9].hex() + "6118",
        "00C0000018": record[9:].hex(),
    })  # fmt: skip
    assert outcome(card) == "0128"


@pytest.mark.parametrize("endless", ["6110", "6C10", "6100"])
def test_a_card_that_never_ends_is_ended(endless: str) -> None:
    card = Card(**{"": endless})
    assert outcome(card) == "invalidMedia"
    assert len(card.heard) <= 48


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=60), max_size=60), st.booleans())
def test_any_answers_end_in_a_card_or_a_reason(said: list[bytes], good: bool) -> None:
    rest = iter(said)
    sent = [0]

    def transmit(_command: bytes) -> bytes:
        sent[0] += 1
        return next(rest, b"") + (b"\x90\x00" if good else b"")

    with suppress(Unreadable):
        read(transmit, TERMINAL, KEY)
    assert sent[0] <= 48


# -- masking


STREAM = b"".join((
    b"\xaa\x55", ACK, VERSION, ONE_CARD, ACK, framed("D54100" + application()),
    framed("D54100" + "80067C00080101009000"), framed("D54100" + RECORD),
    framed("D54140" + RECORD[:20]), framed("D54100" + RECORD[20:]),
    framed("D54100" + "621234567890128F" + "9000"), framed("D57712" + TRACK_2), framed("D5412B"),
    framed("D54100" + RECORD)[:-9],
))  # fmt: skip
SECRETS = ("22021234567890128", "234567890", b"ZHANG".hex(), "aabbcc", "345f", "29122200")


def test_a_masked_stream_has_its_frames_and_no_person() -> None:
    masked = protocol.mask(STREAM)
    assert len(masked) == len(STREAM)
    assert [secret for secret in SECRETS if secret in masked.hex()] == []
    before, after = fed(STREAM), fed(masked)
    assert [type(frame) for frame in after] == [type(frame) for frame in before]
    whole = [(a, b) for a, b in zip(before, after, strict=True) if isinstance(a, Reply)]
    assert all(
        isinstance(b, Reply) and (a.code, len(a.data)) == (b.code, len(b.data)) for a, b in whole
    )
    assert protocol.mask(masked) == masked


def test_what_says_nothing_of_a_person_stays() -> None:
    quiet = b"".join((ACK, VERSION, NO_CARD, framed("D54100" + application()), framed("D5412B"),
                      framed("D54100" + "80067C00080101009000"), framed("D541006A82"), framed("D54101")))  # fmt: skip
    assert fed(protocol.mask(quiet)) == fed(quiet)
    sent = protocol.line_test().frame + protocol.exchange(1, emv.select(b"2PAY.SYS.DDF01")).frame
    assert protocol.mask(sent) == sent


def test_a_masked_record_keeps_its_form() -> None:
    [reply] = fed(protocol.mask(framed("D54100" + RECORD)))
    assert isinstance(reply, Reply)
    assert tlv.find(reply.data[1:], 0x57) == bytes.fromhex("9" * 19 + "D" + "9" * 17 + "F")
    assert tlv.find(reply.data[1:], 0x5F20) == bytes(9)
    assert reply.data[-2:] == b"\x90\x00"


@pytest.mark.parametrize(
    "said",
    [
        [
            "D54140" + "9000",
            "D54100" + "6F068404" + "62220212" + "9000",
        ],  # a piece that looks whole
        ["D54100" + "62220212"],  # no status word
        ["D54100" + "6222" + "6222021" + "29000"],
        ["D54B02" + "0100042004" + "62220212" + "0578807002" + "0200040804" + "62220212"],
        ["D54B01" + "0100042004" + "62220212" + "0562220212"],
        ["D54B01" + "01000420FF" + "62220212"],
        ["D54B01" + "010004"],
    ],
)
def test_whatever_could_be_a_person_s_is_zeros(said: list[str]) -> None:
    stream = b"".join(framed(bytes.fromhex(body)) for body in said)
    masked = protocol.mask(stream)
    assert "6222" not in masked.hex()
    assert "0212" not in masked.hex()
    assert [type(frame) for frame in fed(masked)] == [Reply] * len(said)


def test_a_command_that_could_carry_something_is_emptied() -> None:
    verify = protocol.exchange(1, bytes.fromhex("0020008008" + "241234FFFFFFFFFF")).frame
    assert "241234" not in protocol.mask(verify).hex()


@given(
    st.lists(
        st.binary(max_size=30)
        | st.binary(max_size=30).map(lambda rest: framed(b"\xd5\x41\0" + rest))
    )
)
def test_any_stream_is_masked_without_harm(pieces: list[bytes]) -> None:
    stream = b"".join(pieces)
    masked = protocol.mask(stream)
    assert len(masked) == len(stream)
    kinds = [type(frame) for frame in fed(stream) if not isinstance(frame, Damaged)]
    assert [type(frame) for frame in fed(masked) if not isinstance(frame, Damaged)] == kinds


def test_no_repr_shows_what_a_card_said() -> None:
    things = [*fed(STREAM), *tlv.walk(bytes.fromhex(RECORD)), emv.response(bytes.fromhex(RECORD)),
              *answers.targets(fed(ONE_CARD)[0].data), answers.exchanged(bytes.fromhex("00" + RECORD)),
              protocol.exchange(1, bytes.fromhex(RECORD)), read(Card(**UNIONPAY), TERMINAL, KEY)]  # fmt: skip
    shown = repr(things)
    assert not re.search(r"1234567890|ZHANG|x12.?4Vx|\\xaa\\xbb", shown)
