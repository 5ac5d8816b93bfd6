"""Slips to ESC/POS bytes. Pure.

Source: Epson ESC/POS command reference (ESC @, ESC a, ESC d, ESC E, GS !, GS V, GS ( k); Chinese models: two-byte
GB18030 between FS & and FS . ; ISO/IEC 18004 for the size of QR codes.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from devices.ticket_printer import raster
from devices.ticket_printer.profiles import PROFILES, Profile
from devices.ticket_printer.protocol import CUT, INITIALISE
from devices.ticket_printer.raster import LETTER_DOTS, LINE_DOTS, LONGEST_COMMAND, Letters
from devices.ticket_printer.slip import Feed, Line, Qr, Slip

ALIGN = {"left": b"\x1ba\x00", "centre": b"\x1ba\x01", "right": b"\x1ba\x02"}
CHINESE_ON, CHINESE_OFF = b"\x1c&", b"\x1c."
DELETE = "\x7f"
DOTS_PER_MM = 8
LONGEST_QR = 1000  # bytes; a length from 1024 on could hold a real-time command (10 04 …)
# bytes that a code of version 1, 2, … holds with correction M
QR_HOLDS = (
    14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331,
    362, 412, 450, 504, 560, 624, 666, 711, 779, 857, 911, 997, 1059,
)  # fmt: skip
MISSING = "〓"  # what a typesetter puts where a character is missing


@dataclass(frozen=True, slots=True)
class Piece:
    """Commands that belong together, and by how many dots they move the paper."""

    data: bytes
    dots: int = 0


def encode(
    slip: Slip, profile: Profile = PROFILES["epson"], letters: Letters | None = None
) -> bytes:
    """The slip from reset to cut. Raises ValueError for a QR code that is too long."""
    return b"".join(piece.data for piece in pieces(slip, profile, letters))


def pieces(slip: Slip, profile: Profile, letters: Letters | None) -> list[Piece]:
    """The slip from reset to cut, in the parts between which another command may stand.

    `letters` draw the lines that the printer's own cannot print. Raises ValueError as `encode` does.
    """
    cut = Piece(CUT, profile.cut_mm * DOTS_PER_MM)
    parts = [piece for element in slip for piece in _element(element, profile, letters)]
    return [Piece(INITIALISE), *parts, cut]


def _element(
    element: Line | Qr | Feed, profile: Profile, letters: Letters | None
) -> Iterator[Piece]:
    if isinstance(element, Line):
        yield from _line(element, profile, letters)
    elif isinstance(element, Qr):
        yield from _qr(element, profile)
    else:
        yield Piece(bytes((0x1B, 0x64, element.lines)), LINE_DOTS * element.lines)


def _line(line: Line, profile: Profile, letters: Letters | None) -> Iterator[Piece]:
    words = _printable(line.text)
    if letters is not None:
        words = "".join(c if not _rare(c) or letters.has(c) else MISSING for c in words)
        if any(map(_rare, words)):
            yield from _image(letters.draw(line, words, profile.width_dots), profile)
            return
    size = ((line.size - 1) << 4) | (line.size - 1)
    style = bytes((0x1D, 0x21, size, 0x1B, 0x45, line.bold))
    columns = sum(1 if c.isascii() else 2 for c in words) * line.size
    rows = max(1, -(-columns // profile.columns))
    yield Piece(
        ALIGN[line.align] + style + text(words) + b"\n",
        rows * max(LINE_DOTS, LETTER_DOTS * line.size),
    )


def _image(picture: raster.Picture, profile: Profile) -> Iterator[Piece]:
    """As wide as the paper, so that it needs no alignment."""
    longest = min(LONGEST_COMMAND, profile.room_bytes)
    commands = raster.slices(picture, longest)
    yield Piece(ALIGN["left"])
    for command, rows in commands:
        yield Piece(command, rows)


def longest_command(profile: Profile) -> int:
    """Bytes of the longest that any slip leads to."""
    picture = min(LONGEST_COMMAND, profile.room_bytes)
    return max(picture, LONGEST_QR + len(b"\x1d(k..\x31\x50\x30")) if profile.has_qr else picture


def needs_drawing(slip: Slip) -> bool:
    """Whether a line holds a character of four bytes in GB18030, which no printer has among its letters."""
    lines = (element.text for element in slip if isinstance(element, Line))
    return any(_rare(c) for words in lines for c in _printable(words))


def text(words: str) -> bytes:
    """ASCII as it is, everything else as two-byte GB18030 between FS & and FS .

    Characters of four bytes cannot be printed as text (SureMark SP91 manual) and are replaced.
    """
    runs = (("".join(run), ascii_) for ascii_, run in groupby(_printable(words), str.isascii))
    return b"".join(
        run.encode("ascii") if ascii_ else CHINESE_ON + _two_bytes(run) + CHINESE_OFF
        for run, ascii_ in runs
    )


def _printable(words: str) -> str:
    """Without control characters; the half-width yen sign, of four bytes, has a full-width twin."""
    return "".join(c for c in words.replace("\xa5", "￥") if c >= " " and c != DELETE)


def _rare(character: str) -> bool:
    return not character.isascii() and len(character.encode("gb18030", "replace")) != 2


def _two_bytes(run: str) -> bytes:
    coded = (c.encode("gb18030", "replace") for c in run)
    return b"".join(code if len(code) == 2 else MISSING.encode("gb18030") for code in coded)


def _qr(qr: Qr, profile: Profile) -> Iterator[Piece]:
    """GS ( k, cn 49: model 2, module size, error correction M, store, print.

    Control characters, which the printer could take for a command, are percent-encoded. Raises
    ValueError for data that is too long.
    """
    words = "".join(c if c >= " " else f"%{ord(c):02X}" for c in qr.data)
    data = words.encode("utf-8", "replace")
    if len(data) > LONGEST_QR:
        raise ValueError(f"a QR code holds at most {LONGEST_QR} bytes, not {len(data)}")
    if not profile.has_qr:
        picture = raster.qr_picture(data.decode(), qr.module, profile.width_dots)
        yield from _image(picture, profile)
        return
    length = (len(data) + 3).to_bytes(2, "little")
    command = (
        ALIGN["centre"]
        + b"\x1d(k\x04\x00\x31\x41\x32\x00"
        + b"\x1d(k\x03\x00\x31\x43"
        + bytes((qr.module,))
        + b"\x1d(k\x03\x00\x31\x45\x31"
        + b"\x1d(k"
        + length
        + b"\x31\x50\x30"
        + data
        + b"\x1d(k\x03\x00\x31\x51\x30"
    )
    version = 1 + bisect_left(QR_HOLDS, len(data))
    yield Piece(command, (17 + 4 * version) * qr.module)
