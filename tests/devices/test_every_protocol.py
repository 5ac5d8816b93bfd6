"""What every protocol must do with bytes, whatever its machine is; `samples` has the bytes."""

import pickle
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

import devices
from devices.catalogue import KINDS
from tests.devices.samples import SAMPLES, Sample, cut, mask_of, protocol_of, read, reader_of

FOLDERS = sorted(path.parent.name for path in Path(devices.__path__[0]).glob("*/protocol.py"))
READ = [kind for kind in SAMPLES if reader_of(kind)]
CHECKED = [kind for kind in READ if SAMPLES[kind].checked]
FRAMES = [(kind, frame) for kind in READ for frame in SAMPLES[kind].frames]
MASKED = [kind for kind in SAMPLES if mask_of(kind) is not bytes]
# what plugs, adapters and modules that start put on a wire; none of it begins a frame of any kind
PLUG = (b"", b"\x00\x00", b"\x11\x13", b"\x55", b"\x80\xc0\xe0", b"\xfe" * 40)
SLACK_BYTES = 16 * 1024  # that a reader may keep of a megabyte of garbage; half a frame is far less
LENGTH_IS_KNOWN = 9  # bytes into a frame of whichever kind
MEGABYTE = 1024 * 1024

every_reader = pytest.mark.parametrize("kind", READ)


def _each(frames: list[tuple[str, bytes]]) -> Any:
    names = [f"{kind}-{frame[:12].hex()}" for kind, frame in frames]
    return pytest.mark.parametrize(("kind", "frame"), frames, ids=names)


every_frame = _each(FRAMES)
every_checked_frame = _each([(kind, frame) for kind, frame in FRAMES if kind in CHECKED])
every_mask = pytest.mark.parametrize("kind", MASKED)


def heard(kind: str, *pieces: bytes, pause: bool = True) -> list[Any]:
    """The frames that a new reader accepts."""
    reader = reader_of(kind)
    assert reader is not None
    return SAMPLES[kind].accepted(read(reader(), *pieces, pause=pause))


def single_bytes(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def test_every_kind_with_a_reader_of_frames_is_in_the_table() -> None:
    with_reader = {kind for kind in {*KINDS, *FOLDERS} if reader_of(kind)}
    assert with_reader - set(SAMPLES) == set()
    assert {"fingerprint", "scanner"} <= with_reader


@every_frame
def test_a_frame_of_the_manual_is_one_frame(kind: str, frame: bytes) -> None:
    assert len(heard(kind, frame)) == 1


@every_reader
def test_frames_that_come_at_once_come_out_in_order(kind: str) -> None:
    alone = [one for frame in SAMPLES[kind].frames for one in heard(kind, frame)]
    assert heard(kind, SAMPLES[kind].stream) == alone
    assert len(alone) == len(SAMPLES[kind].frames)


@every_frame
def test_a_frame_is_whole_wherever_it_is_cut(kind: str, frame: bytes) -> None:
    whole = heard(kind, frame)
    for at in range(len(frame) + 1):
        assert heard(kind, frame[:at], frame[at:]) == whole, at
    assert heard(kind, *single_bytes(frame)) == whole


@every_frame
@pytest.mark.parametrize("noise", PLUG, ids=bytes.hex)
def test_noise_of_a_plug_hides_no_frame(kind: str, frame: bytes, noise: bytes) -> None:
    whole = heard(kind, frame)
    if SAMPLES[kind].checked:
        assert heard(kind, noise + frame + noise) == whole
        assert heard(kind, *single_bytes(noise + frame + noise)) == whole
    reader = reader_of(kind)()
    read(reader, noise)
    assert SAMPLES[kind].accepted(read(reader, frame + noise))[: len(whole)] == whole


@every_frame
def test_half_a_frame_is_given_up_in_silence_and_the_next_is_whole(kind: str, frame: bytes) -> None:
    whole, sample = heard(kind, frame), SAMPLES[kind]
    for at in range(1, len(frame) - (-1 in sample.loose)):
        reader = reader_of(kind)()
        before = sample.accepted(read(reader, frame[:at]))
        assert sample.accepted(read(reader, frame)) == whole, at
        assert before == [] or not sample.checked, at


@every_checked_frame
def test_a_frame_right_behind_half_of_another_is_whole(kind: str, frame: bytes) -> None:
    """By then as many bytes have come as the half one promised, so its end is known to be wrong."""
    whole = heard(kind, frame)
    for at in range(LENGTH_IS_KNOWN, len(frame) - 1, 1 + len(frame) // 64):
        assert heard(kind, frame[:at] + frame) == whole, at


@every_frame
def test_one_wrong_bit_makes_no_frame_where_there_is_a_check(kind: str, frame: bytes) -> None:
    whole, sample = heard(kind, frame), SAMPLES[kind]
    for bit in range(8 * len(frame)):
        broken = bytearray(frame)
        broken[bit // 8] ^= 1 << bit % 8
        reader = reader_of(kind)()
        found = sample.accepted(read(reader, bytes(broken)))
        assert found == [] or not sample.checked or sample.is_loose(frame, bit // 8), bit
        assert sample.accepted(read(reader, frame)) == whole, bit


@every_reader
@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600), st.lists(st.integers(0, 9999), max_size=6))
def test_pieces_make_no_difference_and_garbage_ends_with_silence(
    kind: str, garbage: bytes, places: list[int]
) -> None:
    sample, one, other = SAMPLES[kind], reader_of(kind)(), reader_of(kind)()
    stream = garbage + sample.stream + garbage
    assert read(one, *cut(stream, places)) == read(other, stream)
    assert one.noise == other.noise
    assert 0 <= one.noise <= len(stream)
    assert sample.accepted(read(one, sample.stream)) == heard(kind, sample.stream)


@pytest.mark.parametrize("kind", CHECKED)
@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 9), st.binary(max_size=3) | st.just(b"\xff" * 4))
def test_a_stream_that_goes_on_is_found_again_behind_any_garbage(
    kind: str, garbage: bytes, begun: int, length: bytes
) -> None:
    """Also behind the beginning of a frame that says it is longer than any."""
    frame = max(SAMPLES[kind].frames, key=len)
    [one] = heard(kind, frame)
    garbage += frame[:begun] + length
    assert heard(kind, garbage, *[frame] * 30, pause=False)[-20:] == [one] * 20


def _megabytes(kind: str) -> list[bytes]:
    """Of garbage: any bytes, and what begins frames again and again without ending them."""
    longest = max(SAMPLES[kind].frames, key=len)
    half, start = longest[: len(longest) // 2 + 1], longest[:4]
    any_bytes = random.Random(20261125).randbytes(MEGABYTE // 4)
    return [any_bytes * 4, half * (MEGABYTE // len(half)), start * (MEGABYTE // len(start))]


@every_reader
def test_a_megabyte_of_garbage_is_not_kept(kind: str) -> None:
    for garbage in _megabytes(kind):
        reader = reader_of(kind)()
        for at in range(0, len(garbage), 4096):
            reader.feed(garbage[at : at + 4096])
            assert len(pickle.dumps(reader)) < SLACK_BYTES
        reader.pause()
        whole = heard(kind, SAMPLES[kind].stream)
        assert SAMPLES[kind].accepted(read(reader, SAMPLES[kind].stream))[-len(whole) :] == whole


# --- what is recorded


def leaks(sample: Sample, masked: bytes) -> list[bytes]:
    """Secrets that are in it as they are, or as digits of four bits."""
    digits = masked.hex().encode() if sample.packed else b""
    return [one for one in sample.secrets if one in masked or (one in digits)]


def test_every_kind_that_hears_of_persons_has_a_mask() -> None:
    known = [kind for kind in SAMPLES if protocol_of(kind) and SAMPLES[kind].secrets]
    assert [kind for kind in known if mask_of(kind) is bytes] == []


@every_mask
def test_a_masked_stream_is_as_long_and_stays_masked_and_nothing_of_a_person_is_in_it(
    kind: str,
) -> None:
    sample, mask = SAMPLES[kind], mask_of(kind)
    for stream in (*sample.frames, sample.stream, b"\x00\xff" + sample.stream + b"\x55"):
        masked = mask(stream)
        assert len(masked) == len(stream)
        assert mask(masked) == masked
        assert leaks(sample, masked) == []
    assert sample.secrets == () or leaks(sample, sample.stream)


@pytest.mark.parametrize("kind", [kind for kind in MASKED if reader_of(kind)])
def test_a_masked_stream_is_read_as_frames_of_the_same_kinds(kind: str) -> None:
    stream = SAMPLES[kind].stream
    assert [type(one) for one in heard(kind, mask_of(kind)(stream))] == [
        type(one) for one in heard(kind, stream)
    ]


@every_mask
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_recording_that_begins_and_ends_anywhere_says_nothing_of_a_person(
    kind: str, data: st.DataObject
) -> None:
    sample, mask = SAMPLES[kind], mask_of(kind)
    noise = data.draw(st.binary(max_size=40))
    stream = sample.stream + noise + sample.stream
    begins = data.draw(st.integers(0, len(stream)))
    ends = data.draw(st.integers(begins, len(stream)))
    masked = mask(stream[begins:ends])
    assert len(masked) == ends - begins
    assert mask(masked) == masked
    assert leaks(sample, masked) == []
