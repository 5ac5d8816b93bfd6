"""Pictures for the printer: lines that its own letters cannot print, and QR codes. Pure, but for the font file.

Source: Epson ESC/POS command reference (GS v 0; real-time commands are obeyed wherever they stand in the data).
Noto's and most other Chinese fonts fill the square of their size, 88 % of it above the baseline.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from devices.ticket_printer.slip import Align, Line

if TYPE_CHECKING:
    from PIL import Image, ImageFont

log = logging.getLogger(__name__)

LETTER_DOTS, LINE_DOTS = 24, 30  # of a letter of size 1, and from line to line
ABOVE_BASELINE = 0.88
TALLEST_SLICE = 255  # rows; small printers take no more at once
LONGEST_COMMAND = 2048  # bytes; as much has to be sent to end one that was torn
QUIET = 4  # white modules around a QR code
REAL_TIME = re.compile(rb"\x10[\x04\x05\x14]")  # DLE EOT, DLE ENQ, DLE DC4, whatever follows
ANOTHER_DOT = 0x08
SHIFTS = (0, 1, -1, 2, -2, 3, -3)
NO_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Picture:
    """A row is a number whose highest of `width` bits is the leftmost dot; 1 is black. `width` is a multiple of 8."""

    width: int
    rows: tuple[int, ...]


class Letters:
    """Draws text with one font file."""

    def __init__(self, font: str) -> None:
        """Raises OSError when the file is no font."""
        # the basic layout: the other one fails on some characters, and where its library is missing
        from PIL import ImageFont  # noqa: PLC0415  slow to load, and rarely needed

        basic = ImageFont.Layout.BASIC
        self._font = lru_cache(lambda size: ImageFont.truetype(font, size, layout_engine=basic))
        self._missing = self._shape(NO_CHARACTER)

    def has(self, character: str) -> bool:
        """Whether the font has a shape for it; half a surrogate pair has none."""
        return not "\ud800" <= character <= "\udfff" and self._shape(character) != self._missing

    def draw(self, line: Line, words: str, width: int) -> Picture:
        """`words` in the line's size, weight and place, broken where `width` dots are full."""
        from PIL import Image, ImageDraw  # noqa: PLC0415

        font, step = self._font(LETTER_DOTS * line.size), LINE_DOTS * line.size
        rows = list(self._broken(words, font, width))
        image = Image.new("1", (width, step * len(rows)))
        pen = ImageDraw.Draw(image)
        baseline = round((step + (2 * ABOVE_BASELINE - 1) * LETTER_DOTS * line.size) / 2)
        for number, row in enumerate(rows):
            left = _left(line.align, width - round(font.getlength(row)))
            at = (left, step * number + baseline)
            pen.text(at, row, fill=1, font=font, anchor="ls", stroke_width=int(line.bold))
        return _picture(image)

    def _shape(self, character: str) -> tuple[tuple[int, int], bytes]:
        mask = self._font(LETTER_DOTS).getmask(character)
        return mask.size, bytes(mask)

    @staticmethod
    def _broken(words: str, font: "ImageFont.FreeTypeFont", width: int) -> Iterator[str]:
        row, length = "", 0.0
        for character in words:
            wide = font.getlength(character)
            if row and length + wide > width:
                yield row
                row, length = "", 0.0
            row, length = row + character, length + wide
        yield row


class RareLetters:
    """The font for characters that printers lack, opened when one is needed. Says once when there is none."""

    def __init__(self, font: str | None) -> None:
        """Raises ValueError when there is no such file."""
        if font is not None and not Path(font).is_file():
            raise ValueError(f"font {font}: expected a font file")
        self._font = font
        self._letters: Letters | None = None
        self._tried = False

    def letters(self) -> Letters | None:
        """None when there is no font."""
        if not self._tried:
            self._tried = True
            self._letters = self._open()
        return self._letters

    def _open(self) -> Letters | None:
        if self._font is None:
            log.warning("A slip has a rare character and no font is set: 〓 stands in its place.")
            return None
        try:
            return Letters(self._font)
        except OSError as error:
            log.warning("%s cannot be used (%s): 〓 stands for rare characters.", self._font, error)
            return None


def _left(align: Align, free: int) -> int:
    return {"left": 0, "centre": free // 2, "right": free}[align]


def _picture(image: "Image.Image") -> Picture:
    data, step = image.tobytes(), image.width // 8
    rows = (data[at : at + step] for at in range(0, len(data), step))
    return Picture(image.width, tuple(int.from_bytes(row, "big") for row in rows))


def qr_picture(data: str, module: int, width: int) -> Picture:
    """Correction M, in the middle; a module of fewer dots where the paper is too narrow. ValueError: too much."""
    import segno  # noqa: PLC0415  slow to load

    code = segno.make_qr(data, error="m", boost_error=False)
    side = int(code.symbol_size(border=QUIET)[0])
    module = min(module, width // side)
    if not module:
        raise ValueError(f"a QR code of {side} modules does not fit on {width} dots")
    right = (width - side * module) // 2
    rows = (
        int("".join("1" if dark else "0" for dark in row), 2) << right
        for row in code.matrix_iter(scale=module, border=QUIET)
    )
    return Picture(width, tuple(rows))


def slices(picture: Picture, longest: int) -> Iterator[tuple[bytes, int]]:
    """GS v 0 commands of at most `longest` bytes of dots (but one row at least), and how many rows each has."""
    step, data = harmless(picture)
    tall = max(1, min(TALLEST_SLICE, longest // step))
    for at in range(0, len(data), tall * step):
        part = data[at : at + tall * step]
        rows = len(part) // step
        yield b"\x1dv0\x00" + step.to_bytes(2, "little") + rows.to_bytes(2, "little") + part, rows


def harmless(picture: Picture) -> tuple[int, bytes]:
    """Bytes a row, and the rows without a real-time command in them: the printer would obey it.

    The whole picture is moved by a dot or more where its edge is white; where that does not help, one dot
    beside a black one becomes black too.
    """
    moved = (_moved(picture, shift) for shift in SHIFTS)
    for step, data in (_packed(candidate) for candidate in moved if candidate is not None):
        if not REAL_TIME.search(data):
            return step, data
    step, data = _packed(picture)
    return step, REAL_TIME.sub(lambda found: bytes((0x10 | ANOTHER_DOT, found[0][1])), data)


def _moved(picture: Picture, right: int) -> Picture | None:
    """None when black dots would fall off."""
    edge = (1 << right) - 1 if right > 0 else ((1 << -right) - 1) << (picture.width + right)
    if any(row & edge for row in picture.rows):
        return None
    shifted = (row >> right if right > 0 else row << -right for row in picture.rows)
    return Picture(picture.width, tuple(shifted))


def _packed(picture: Picture) -> tuple[int, bytes]:
    """What is white on the right in all rows is not sent."""
    used = 0
    for row in picture.rows:
        used |= row
    white = ((used & -used).bit_length() - 1) // 8 if used else picture.width // 8 - 1
    step = picture.width // 8 - white
    return step, b"".join((row >> 8 * white).to_bytes(step, "big") for row in picture.rows)
