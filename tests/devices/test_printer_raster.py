"""Lines and QR codes that the printer cannot make itself, drawn: Epson's GS v 0, and no real-time command in it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
from hypothesis import given, settings, strategies as st

from devices.ticket_printer.encoding import (
    LONGEST_QR,
    MISSING,
    QR_HOLDS,
    encode,
    needs_drawing,
    pieces,
    text,
)
from devices.ticket_printer.profiles import PROFILES
from devices.ticket_printer.raster import (
    LONGEST_COMMAND,
    Letters,
    Picture,
    RareLetters,
    harmless,
    qr_picture,
    slices,
)
from devices.ticket_printer.slip import Feed, Line, Qr

FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
EPSON, CLONE58, VKP80 = PROFILES["epson"], PROFILES["clone58"], PROFILES["vkp80"]
DANGER = re.compile(rb"\x10\x04[\x01-\x04\x11\x14]|\x10\x05[\x01\x02]|\x10\x14[\x01\x02\x08]")


@pytest.fixture(scope="module")
def letters() -> Letters:
    return Letters(FONT)


def images(sent: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Bytes a row, rows and dots of every GS v 0; what stands inside one is not looked at."""
    at = sent.find(b"\x1dv0\x00")
    while at >= 0:
        step = int.from_bytes(sent[at + 4 : at + 6], "little")
        rows = int.from_bytes(sent[at + 6 : at + 8], "little")
        end = at + 8 + step * rows
        assert end <= len(sent)
        yield step, rows, sent[at + 8 : end]
        at = sent.find(b"\x1dv0\x00", end)


def on_paper(sent: bytes, width: int) -> np.ndarray:
    """What the images of a slip look like below each other: 1 is black."""
    bands = []
    for step, rows, dots in images(sent):
        band = np.zeros((rows, width), np.uint8)
        bits = np.unpackbits(np.frombuffer(dots, np.uint8).reshape(rows, step), axis=1)
        band[:, : step * 8] = bits
        bands.append(band)
    return np.vstack(bands)


@pytest.mark.parametrize("profile", [EPSON, CLONE58], ids=["80mm", "58mm"])
def test_a_line_with_a_rare_surname_is_an_image_and_its_neighbours_are_text(
    letters: Letters, profile: object
) -> None:
    slip = (Line("A012"), Line("𬭚先生", size=2), Line("现金业务"))
    sent = encode(slip, profile, letters)
    assert text("现金业务") in sent
    assert text("先生") not in sent
    assert MISSING.encode("gb18030") not in sent
    paper = on_paper(sent, profile.width_dots)
    assert paper.shape == (60, profile.width_dots)
    black = np.flatnonzero(paper.any(axis=0))
    middle = (black[0] + black[-1]) / 2
    assert middle == pytest.approx(profile.width_dots / 2, abs=6)
    assert 100 < black[-1] - black[0] <= 144  # three letters of 48 dots


@pytest.mark.parametrize(("align", "edge"), [("left", 0), ("right", 575)])
def test_a_drawn_line_stands_where_the_text_would(letters: Letters, align: str, edge: int) -> None:
    sent = encode((Line("𬭚", align=align),), EPSON, letters)
    black = np.flatnonzero(on_paper(sent, 576).any(axis=0))
    assert min(abs(black - edge)) <= 3
    assert len(black) <= 24


def test_bold_is_blacker(letters: Letters) -> None:
    thin, bold = (
        on_paper(encode((Line("𬭚", bold=bold, size=2),), EPSON, letters), 576).sum()
        for bold in (False, True)
    )
    assert bold > thin * 1.2


def test_a_drawn_line_that_is_too_long_goes_on_below(letters: Letters) -> None:
    sent = encode((Line("𬭚" * 17, size=1),), CLONE58, letters)
    assert on_paper(sent, 384).shape == (60, 384)


def test_no_command_of_an_image_is_longer_than_what_ends_a_torn_one(letters: Letters) -> None:
    sent = encode((Line("𬭚" * 8, size=8), Qr("h" * 300)), VKP80, letters)
    found = list(images(sent))
    assert len(found) > 3
    assert all(rows <= 255 and step * rows <= LONGEST_COMMAND for step, rows, _ in found)


def test_a_small_buffer_makes_small_images(letters: Letters) -> None:
    small = replace(CLONE58, buffer_bytes=512)
    sent = encode((Line("𬭚" * 4, size=4),), small, letters)
    assert all(step * rows <= 384 for step, rows, _ in images(sent))


@pytest.mark.parametrize("missing", ["\ue000", "😀", "\ud800", "\x85"])
def test_what_the_font_lacks_too_is_marked_and_needs_no_image(
    letters: Letters, missing: str
) -> None:
    sent = encode((Line(f"陈{missing}"),), EPSON, letters)
    assert text(f"陈{MISSING}") in sent or missing == "\ue000"
    assert not list(images(sent))


def test_what_the_font_lacks_stands_as_a_mark_in_a_drawn_line(letters: Letters) -> None:
    with_mark = encode((Line(f"𬭚{MISSING}"),), EPSON, letters)
    assert encode((Line("𬭚😀"),), EPSON, letters) == with_mark


def test_the_half_width_yen_sign_is_no_rare_character(letters: Letters) -> None:
    assert not needs_drawing((Line("¥100"), Feed(1), Qr("𬭚")))
    assert encode((Line("¥100"),), EPSON, letters) == encode((Line("¥100"),))
    assert needs_drawing((Line("A"), Line("𬭚")))


def test_without_a_font_the_mark_is_printed_and_that_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rare = RareLetters(None)
    assert (rare.letters(), rare.letters()) == (None, None)
    assert len(caplog.records) == 1


def test_a_font_that_is_none_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "font.otf"
    path.write_bytes(b"no font")
    rare = RareLetters(str(path))
    assert (rare.letters(), rare.letters()) == (None, None)
    assert len(caplog.records) == 1
    with pytest.raises(ValueError, match="expected a font file"):
        RareLetters(str(tmp_path / "none.otf"))


@pytest.mark.parametrize("profile", [VKP80, replace(CLONE58, has_qr=False)], ids=["80mm", "58mm"])
def test_a_drawn_qr_code_reads_as_what_was_meant(profile: object) -> None:
    link = "http://192.168.10.20:8080/t/abcdefghijklmnopqrstuv"
    paper = on_paper(encode((Qr(link),), profile), profile.width_dots)
    white = np.pad(255 - paper * 255, 40, constant_values=255)
    found, *_ = cv2.QRCodeDetector().detectAndDecode(white)
    assert found == link


def test_a_qr_code_that_does_not_fit_is_smaller_or_refused() -> None:
    assert qr_picture("h" * 400, 16, 384).width == 384
    with pytest.raises(ValueError, match="does not fit"):
        qr_picture("h" * 400, 6, 64)


def test_a_printers_own_qr_code_moves_the_paper_by_its_height() -> None:
    for length in (*QR_HOLDS[:-1], *(n + 1 for n in QR_HOLDS[:-2]), LONGEST_QR):
        data = "h" * length
        [piece] = [p for p in pieces((Qr(data, module=1),), EPSON, None) if b"\x1d(k" in p.data]
        assert (
            piece.dots == segno.make_qr(data, error="m", boost_error=False).symbol_size(border=0)[0]
        )


def picture_of(data: bytes, step: int) -> Picture:
    rows = (data[at : at + step] for at in range(0, len(data), step))
    return Picture(step * 8, tuple(int.from_bytes(row, "big") for row in rows))


PIXELS = st.sampled_from([0x10, 0x04, 0x05, 0x14, 0x01, 0x02, 0x08, 0x00, 0x20, 0xFF])


@settings(max_examples=500, deadline=None)
@given(st.integers(1, 9), st.lists(PIXELS, min_size=9, max_size=90))
def test_no_image_ever_holds_a_real_time_command(step: int, pixels: list[int]) -> None:
    data = bytes(pixels[: len(pixels) // step * step])
    picture = picture_of(data, step)
    wide, safe = harmless(picture)
    assert DANGER.search(safe) is None
    assert len(safe) // wide == len(picture.rows)
    assert DANGER.search(b"".join(command for command, _ in slices(picture, 20))) is None


@pytest.mark.parametrize(
    "command", [*product([0x10], [0x04, 0x05, 0x14], range(0x15))], ids=lambda c: bytes(c).hex()
)
def test_a_real_time_command_in_the_dots_is_moved_out_of_them(command: tuple[int, ...]) -> None:
    picture = picture_of(bytes((0, *command, 0, 0xC3)) * 3, 6)
    wide, safe = harmless(picture)
    moved = [int.from_bytes(safe[at : at + wide], "big") for at in range(0, len(safe), wide)]
    assert DANGER.search(safe) is None
    assert [bin(row).count("1") for row in moved] == [bin(row).count("1") for row in picture.rows]


def test_where_nothing_can_be_moved_one_dot_is_added() -> None:
    data = bytes((0x80, 0x10, 0x04, 0x01, 0x01))
    step, safe = harmless(picture_of(data, 5))
    assert (step, safe) == (5, bytes((0x80, 0x18, 0x04, 0x01, 0x01)))


def test_a_harmless_image_is_sent_as_it_is_without_its_white_edge() -> None:
    [(command, rows)] = slices(picture_of(b"\xf0\x00\x00" * 2, 3), LONGEST_COMMAND)
    assert (command, rows) == (b"\x1dv0\x00\x01\x00\x02\x00\xf0\xf0", 2)


def test_a_white_image_still_feeds() -> None:
    [(command, rows)] = slices(picture_of(bytes(6), 3), LONGEST_COMMAND)
    assert (command, rows) == (b"\x1dv0\x00\x01\x00\x02\x00\x00\x00", 2)


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("陈𬭚㙍𠮷A1 "), min_size=1, max_size=12), st.integers(1, 8))
def test_no_drawn_line_holds_a_real_time_command(letters: Letters, words: str, size: int) -> None:
    sent = encode((Line(words, size=size), Qr(words)), replace(EPSON, has_qr=False), letters)
    assert DANGER.search(sent) is None
