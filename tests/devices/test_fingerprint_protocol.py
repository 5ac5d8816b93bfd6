"""Fingerprint modules as pure bytes. Source: the modules' user manuals; sums worked out by hand."""

from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from devices.fingerprint import protocol
from devices.fingerprint.protocol import (
    MATCH,
    READ_SYSTEM,
    TAKE_IMAGE,
    Answer,
    Command,
    Frame,
    FrameReader,
    Kind,
    System,
)

ADDRESS = "EF01FFFFFFFF"


def packet(text: str) -> bytes:
    return bytes.fromhex(ADDRESS + text)


def summed(text: str) -> bytes:
    """A packet with its sum, reckoned from the kind on."""
    body = bytes.fromhex(text)
    return packet(text) + (sum(body) % 65536).to_bytes(2, "big")


COMMANDS = {
    "01 0007 13 00000000 001B": protocol.verify_password(0),
    "01 0003 01 0005": TAKE_IMAGE,
    "01 0004 02 01 0008": protocol.image_to_features(1),
    "01 0004 02 02 0009": protocol.image_to_features(2),
    "01 0003 05 0009": protocol.MERGE,
    "01 0006 06 01 0001 000F": protocol.store(1, 1),
    "01 0006 07 01 0001 0010": protocol.load(1, 1),
    "01 0008 04 01 0000 00A3 00B1": protocol.search(1, 0, 163),
    "01 0003 03 0007": MATCH,
    "01 0004 08 01 000E": protocol.upload(1),
    "01 0004 09 01 000F": protocol.download(1),
    "01 0007 0C 0001 0001 0016": protocol.delete(1),
    "01 0003 0D 0011": protocol.EMPTY,
    "01 0003 0F 0013": READ_SYSTEM,
}
DONE, NO_FINGER = packet("07 0003 00 000A"), packet("07 0003 02 000C")
HIT, MISS = packet("07 0007 00 0003 0064 0075"), packet("07 0007 09 0000 0000 0017")
PARAMETERS = bytes.fromhex("0000 0009 00A2 0003 FFFFFFFF 0002 0006")
SYSTEM = summed("07 0013 00" + PARAMETERS.hex())
DATA = summed("02 0082" + "EF01" * 64)  # looks like heads all the way
LAST = summed("08 0082" + "A5" * 128)
FRAMES = {"done": DONE, "no finger": NO_FINGER, "hit": HIT, "system": SYSTEM, "data": DATA}
GOOD = st.sampled_from([DONE, HIT, SYSTEM, DATA, LAST])


def read(*pieces: bytes) -> list[Frame]:
    reader = FrameReader()
    return [frame for piece in pieces for frame in reader.feed(piece)]


def decoded(data: bytes, command: Command) -> Answer | None:
    [frame] = read(data)
    return protocol.answer(frame, command)


@pytest.mark.parametrize("text", COMMANDS)
def test_commands_are_as_the_manual_prints_them(text: str) -> None:
    assert COMMANDS[text].encode() == packet(text)


def test_what_changes_the_library_is_known() -> None:
    marks = {command.payload[0] for command in COMMANDS.values() if command.marks}
    assert marks == {0x06, 0x0C, 0x0D}


def test_another_address_is_in_the_packet_and_not_in_its_sum() -> None:
    assert TAKE_IMAGE.encode(0x01020304) == bytes.fromhex("EF01 01020304 01 0003 01 0005")


def test_a_payload_that_no_module_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="256"):
        protocol.encode(Kind.DATA, bytes(257))


def test_a_template_goes_in_packets_the_last_one_marked() -> None:
    template = bytes(range(256)) * 2
    packets = protocol.data_packets(template, 128)
    frames = read(*packets)
    assert [frame.kind for frame in frames] == [Kind.DATA] * 3 + [Kind.LAST_DATA]
    assert b"".join(frame.payload for frame in frames) == template
    assert {len(one) for one in packets} == {139}


def test_the_manuals_answers() -> None:
    assert decoded(DONE, TAKE_IMAGE) == Answer(0)
    assert decoded(NO_FINGER, TAKE_IMAGE) == Answer(2)
    assert decoded(HIT, protocol.search(1, 0, 163)) == Answer(0, bytes.fromhex("00030064"))
    assert decoded(MISS, protocol.search(1, 0, 163)) == Answer(9, bytes(4))
    assert decoded(SYSTEM, READ_SYSTEM) == Answer(0, PARAMETERS)


@pytest.mark.parametrize(
    ("data", "command"),
    [
        (DONE, MATCH),  # no score
        (HIT, MATCH),
        (HIT, TAKE_IMAGE),
        (SYSTEM, TAKE_IMAGE),
        (DONE, READ_SYSTEM),
        (NO_FINGER, READ_SYSTEM),
        (NO_FINGER, protocol.verify_password(0)),
        (LAST, TAKE_IMAGE),
        (TAKE_IMAGE.encode(), TAKE_IMAGE),  # an echo
        (summed("07 0002"), TAKE_IMAGE),
    ],
)
def test_what_can_only_be_another_commands_answer_is_none(data: bytes, command: Command) -> None:
    assert decoded(data, command) is None


def test_a_failed_command_may_be_answered_without_data() -> None:
    assert decoded(summed("07 0003 08"), MATCH) == Answer(8)
    assert decoded(summed("07 0005 08 0000"), MATCH) == Answer(8, bytes(2))


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (0x00, ("success", "")),
        (0x01, ("hardwareError", "packetError")),
        (0x02, ("commandErrorCode", "noFinger")),
        (0x03, ("hardwareError", "captureFailed")),
        (0x06, ("commandErrorCode", "messyImage")),
        (0x07, ("commandErrorCode", "tooFewPoints")),
        (0x08, ("commandErrorCode", "noMatch")),
        (0x09, ("commandErrorCode", "notFound")),
        (0x0A, ("commandErrorCode", "cannotMerge")),
        (0x0B, ("invalidData", "invalidPage")),
        (0x0C, ("commandErrorCode", "templateUnreadable")),
        (0x0D, ("hardwareError", "uploadFailed")),
        (0x0E, ("hardwareError", "downloadFailed")),
        (0x0F, ("hardwareError", "uploadFailed")),
        (0x10, ("hardwareError", "deleteFailed")),
        (0x11, ("hardwareError", "emptyFailed")),
        (0x13, ("authorisationRequired", "wrongPassword")),
        (0x15, ("commandErrorCode", "noValidImage")),
        (0x18, ("hardwareError", "flashError")),
        (0x1A, ("hardwareError", "invalidRegister")),
        (0x20, ("hardwareError", "wrongAddress")),
        (0x21, ("authorisationRequired", "passwordNeeded")),
        (0x77, ("hardwareError", "unknownCode")),
    ],
)
def test_codes_in_words(code: int, meaning: tuple[str, str]) -> None:
    assert Answer(code).meaning == meaning


def test_parameters() -> None:
    assert protocol.system(PARAMETERS) == System(9, 162, 3, 128, 57600)


@pytest.mark.parametrize(("index", "size"), [(0, 32), (1, 64), (2, 128), (3, 256), (4, None)])
def test_the_size_of_packets_is_an_index(index: int, size: int | None) -> None:
    found = protocol.system(PARAMETERS[:12] + bytes((0, index)) + PARAMETERS[14:])
    assert (found and found.packet) == size


@pytest.mark.parametrize("length", [0, 1, 15, 17, 40])
def test_parameters_of_another_length_are_none(length: int) -> None:
    assert protocol.system(bytes(length)) is None


@pytest.mark.parametrize("name", FRAMES)
def test_a_packet_is_whole_wherever_it_is_cut(name: str) -> None:
    data = FRAMES[name]
    whole = read(data)
    assert len(whole) == 1
    for at in range(len(data)):
        reader = FrameReader()
        assert reader.feed(data[:at]) == []
        assert reader.feed(data[at:]) == whole
        assert reader.noise == 0
    assert read(*(bytes((byte,)) for byte in data)) == whole


@pytest.mark.parametrize("at", range(len(HIT)))
def test_a_flipped_bit_costs_that_packet_and_not_the_next(at: int) -> None:
    broken = bytearray(HIT)
    broken[at] ^= 0x10
    frames = read(bytes(broken) + DONE * 30)
    if 2 <= at < 6:  # the address has no sum
        assert frames.pop(0).address != protocol.DEFAULT_ADDRESS
    assert frames[-1] == read(DONE)[0]
    assert read(HIT)[0] not in frames


@pytest.mark.parametrize("length", ["FFFF", "0103", "0000", "0001"])
def test_impossible_lengths_are_no_packet_and_the_next_comes_at_once(length: str) -> None:
    reader = FrameReader()
    assert reader.feed(packet(f"07 {length}") + DONE) == read(DONE)
    assert reader.noise == 9


def test_garbage_around_and_inside_is_counted() -> None:
    reader = FrameReader()
    garbage = [b"\x55", b"\x00\x00\x11", DATA[:40], b"\xef", HIT[:10]]
    frames = reader.feed(DONE.join(garbage) + DATA * 3)
    assert [frame for frame in frames if frame.kind is Kind.ANSWER] == read(DONE) * 4
    reader.pause()
    assert reader.noise >= sum(map(len, garbage))


def test_silence_drops_half_a_packet() -> None:
    reader = FrameReader()
    reader.feed(DATA[:100])
    reader.pause()
    assert (reader.feed(DONE), reader.noise) == (read(DONE), 100)


def test_a_sum_that_ends_in_ef_is_no_head() -> None:
    reader = FrameReader()
    data = summed("07 0003 E5")
    assert data.endswith(b"\x00\xef")
    assert (len(reader.feed(data)), reader.noise) == (1, 0)
    assert reader.feed(b"\x01" + DONE) == read(DONE)
    assert reader.noise == 1


MIXED = st.lists(
    st.one_of(
        GOOD, st.binary(max_size=30), st.builds(lambda f, n: f[:n], GOOD, st.integers(0, 140))
    ),
    max_size=8,
).map(b"".join)


@given(MIXED, st.lists(st.integers(0, 1000), max_size=8))
def test_pieces_make_no_difference_and_every_byte_is_accounted_for(
    data: bytes, cuts: list[int]
) -> None:
    whole, parts = FrameReader(), FrameReader()
    frames = whole.feed(data)
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    found = [frame for a, b in pairwise(edges) for frame in parts.feed(data[a:b])]
    assert (found, parts.noise) == (frames, whole.noise)
    whole.pause()
    assert whole.noise + sum(len(f.payload) + 11 for f in frames) == len(data)


@given(st.binary(max_size=400))
def test_any_bytes_are_survived_and_little_is_kept(data: bytes) -> None:
    reader = FrameReader()
    for byte in data:
        reader.feed(bytes((byte,)))
    held = len(data) - reader.noise
    reader.pause()
    assert held <= 267
    assert read(data + bytes(300) + DONE)[-1] == read(DONE)[0]


def test_endless_heads_are_read_in_time_that_grows_with_their_number() -> None:
    reader = FrameReader()
    for _ in range(50):
        reader.feed(packet("07 0102") * 100)
    assert reader.noise > 40_000


def test_templates_and_passwords_are_masked_in_place() -> None:
    stream = b"\x55" + DONE + DATA + LAST + HIT + protocol.verify_password(0x01020304).encode()
    masked = protocol.mask(stream)
    assert len(masked) == len(stream)
    assert b"\xa5" not in masked
    assert bytes.fromhex("01020304") not in masked
    old, new = read(stream), read(masked)
    assert [(f.kind, len(f.payload)) for f in new] == [(f.kind, len(f.payload)) for f in old]
    assert [f for f in new if f.kind is Kind.ANSWER] == [f for f in old if f.kind is Kind.ANSWER]


def test_what_is_no_whole_packet_is_masked_too() -> None:
    broken = LAST[:-1] + b"\x00"
    assert protocol.mask(LAST[:70]) == bytes(70)
    assert protocol.mask(LAST[30:]) == bytes(len(LAST) - 30)
    assert b"\xa5" not in protocol.mask(summed("07 0030" + "A5" * 46))
    assert protocol.mask(broken + DONE) == bytes(len(broken)) + DONE


@settings(max_examples=50)
@given(MIXED)
def test_masking_keeps_the_length_and_the_boundaries(data: bytes) -> None:
    masked = protocol.mask(data)
    old, new = FrameReader(), FrameReader()
    kinds = [(f.kind, len(f.payload)) for f in old.feed(data)]
    assert [(f.kind, len(f.payload)) for f in new.feed(masked)] == kinds
    assert len(masked) == len(data)
    assert protocol.mask(masked) == masked


def test_no_repr_shows_a_template_or_a_password() -> None:
    assert "a5" not in repr(read(LAST)).lower()
    assert "1234" not in repr(protocol.verify_password(0x31323334))
