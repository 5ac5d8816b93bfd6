"""What machines send, byte by byte from their manuals: the table that the tests of every protocol go by.

Frames are built here, with sums of our own, so that a mistake of a protocol's does not cancel out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from operator import xor
from typing import Any

from devices.catalogue import KINDS
from devices.conversation import FrameReader

PAN, NAME = "6222021234567890128", "ZHANG/SAN"
MIDDLE = PAN[6:-4]
ID_NUMBER, ID_NAME = "11010519491231002X", "张三丰"


@dataclass(frozen=True, slots=True)
class Sample:
    """`frames`: whole ones. `whole`: the types that frames with a right check come out as; all are when empty.

    `checked`: there is a check sum. `loose`: bytes of each frame that it does not cover and without which it is
    read all the same. `secrets`: what must not be in a masked stream, nor any part that `parts` makes of it.
    """

    frames: tuple[bytes, ...]
    whole: tuple[str, ...] = ()
    checked: bool = True
    loose: tuple[int, ...] = ()
    secrets: tuple[bytes, ...] = ()
    packed: bool = False  # digits may stand two in a byte

    @property
    def stream(self) -> bytes:
        return b"".join(self.frames)

    def accepted(self, frames: list[Any]) -> list[Any]:
        return [one for one in frames if not self.whole or type(one).__name__ in self.whole]

    def is_loose(self, frame: bytes, at: int) -> bool:
        return at in self.loose or at - len(frame) in self.loose


def parts(text: str, size: int = 4, encoding: str = "ascii") -> tuple[bytes, ...]:
    """Every run of `size` characters."""
    runs = (text[at : at + size] for at in range(len(text) - size + 1))
    return tuple(run.encode(encoding) for run in runs)


def _packet(text: str) -> bytes:
    """EF 01, address, and from the kind on what `text` says, with its sum."""
    body = bytes.fromhex(text)
    return bytes.fromhex("EF01FFFFFFFF") + body + (sum(body) % 65536).to_bytes(2, "big")


def _answer(text: bytes) -> bytes:
    """F2 … 03 and the exclusive or."""
    frame = b"\xf2\x00" + len(text).to_bytes(2, "big") + text + b"\x03"
    return frame + bytes((reduce(xor, frame),))


def _sam(text: bytes) -> bytes:
    """AA AA AA 96 69, length, status and data, exclusive or."""
    body = (len(text) + 1).to_bytes(2, "big") + text
    return bytes.fromhex("AAAAAA9669") + body + bytes((reduce(xor, body),))


def _chip(body: bytes) -> bytes:
    """00 00 FF, length, its complement, body, its complement, 00; extended when it must be."""
    size = len(body)
    length = bytes((size,)) if size < 256 else size.to_bytes(2, "big")
    head = b"\x00\x00\xff" + (b"\xff\xff" if size > 255 else b"") + length
    return head + bytes((-sum(length) % 256,)) + body + bytes((-sum(body) % 256, 0))


def _pad(text: str) -> bytes:
    """FF 68 L L 68, address, function and data, their sum, 16."""
    body = bytes.fromhex(text)
    head = bytes((0xFF, 0x68, len(body), len(body), 0x68))
    return head + body + bytes((sum(body) % 256, 0x16))


def _stripe(number: int, text: str) -> bytes:
    """A track with its check character; 6 bits a character on track 1, else 4."""
    base, mask = (0x20, 0x3F) if number == 1 else (0x30, 0x0F)
    check = reduce(xor, ((ord(character) - base) & mask for character in text))
    return f"{text}{chr(base + check)}".encode()


def _id_text() -> bytes:
    """The 256 bytes of a resident's card (name, sex, nation, birth, address, number, issuer, from, to)."""
    fields = (
        (ID_NAME, 15), ("2", 1), ("01", 2), ("19491231", 8), ("北京市东城区长安街1号", 35),
        (ID_NUMBER, 18), ("北京市公安局", 15), ("20200101", 8), ("20400101", 8), ("", 18),
    )  # fmt: skip
    return "".join(text.ljust(width) for text, width in fields).encode("utf-16-le")


TRACKS = f"P{PAN}=29122200000012345"
APPLICATION = bytes.fromhex("6F0A8408A000000333010101")
RECORD = bytes.fromhex(f"701A5710{PAN}D29122200000F5F2005") + b"ZHANG"
TEMPLATE = bytes(range(0x40, 0xC0))

SAMPLES: Mapping[str, Sample] = {
    "fingerprint": Sample(
        (
            _packet("07000300"),
            _packet("07000302"),
            _packet("070007 00 0003 0064"),
            _packet("070007 09 0000 0000"),
            _packet("070013 00 0000 0009 00A2 0003 FFFFFFFF 0002 0006"),
            _packet("020082" + TEMPLATE.hex()),
            _packet("080082" + TEMPLATE[::-1].hex()),
        ),
        loose=(2, 3, 4, 5),  # the address
        secrets=(TEMPLATE[:4], TEMPLATE[60:64], TEMPLATE[-4:], TEMPLATE[::-1][:4]),
    ),
    "scanner": Sample(
        (b"A037-0000\r\n", "预约 2031 号\r".encode(), f"{ID_NUMBER} {ID_NAME}\n".encode()),
        checked=False,
        secrets=(*parts(ID_NUMBER), *parts(ID_NAME, 1, "utf-8")),
    ),
    "ticket_printer": Sample(
        (b"\x16", b"\x12", b"7\x22A001\0", bytes.fromhex("10000000"), b"\x00"),
        checked=False,
    ),
    "card_reader": Sample(
        (
            bytes.fromhex("F200000650313030323003 94"),
            bytes.fromhex("F200000650313031323003 95"),
            bytes.fromhex("F20000054E3231313003 B8"),
            bytes.fromhex("F20000054E3130423003 C9"),
            _answer(f"P67020~P{PAN}^{NAME}~{TRACKS}~N23".encode()),
        ),
        whole=("Answer",),
        secrets=(*parts(PAN), *parts(NAME, 3)),
    ),
    "id_card": Sample(
        (
            bytes.fromhex("AAAAAA966900040000 9094"),
            bytes.fromhex("AAAAAA966900040000 8084"),
            bytes.fromhex("AAAAAA9669000800009F0000000097"),
            _sam(bytes.fromhex("0000900100 0400") + _id_text() + bytes(range(1, 129)) * 8),
        ),
        loose=(0,),  # that leading byte is lost now and then
        secrets=(
            *parts(ID_NUMBER, 4, "utf-16-le"),
            *parts(ID_NAME, 1, "utf-16-le"),
            bytes(range(1, 9)),
        ),
    ),
    "contactless": Sample(
        (
            bytes.fromhex("0000FF00FF00"),
            bytes.fromhex("0000FF06FAD50332010607E800"),
            bytes.fromhex("0000FF03FDD54B00E000"),
            bytes.fromhex("0000FF11EFD54B010100042004 08AABBCC0578807002 0E00"),
            _chip(b"\xd5\x41\x00" + APPLICATION + b"\x90\x00"),
            _chip(b"\xd5\x41\x00" + RECORD + b"\x90\x00"),
            _chip(b"\xd5\x41\x00" + RECORD * 9 + b"\x90\x00"),
        ),
        whole=("Acknowledged", "Reply"),
        loose=(0, -1),
        secrets=(*parts(PAN), *parts("ZHANG", 3), bytes.fromhex("08AABBCC")),
        packed=True,
    ),
    "call_pad": Sample(
        (
            bytes.fromhex("FF680303680501 0C1216"),
            bytes.fromhex("FF680303680511 021816"),
            _pad("05 01 01 02 0C"),
            _pad("07 01 06 0F"),
        ),
    ),
    "magnetic_stripe": Sample(
        (
            _stripe(2, f";{PAN}=29122200000012345?") + b"\r",
            _stripe(1, f"%B{PAN}^{NAME}^29122200000012345?")
            + _stripe(2, f";{PAN}=29122200000012345?")
            + b"\r",
        ),
        secrets=(*parts(MIDDLE), *parts(NAME, 3)),
    ),
    "ups": Sample(
        (
            b"(208.4 140.0 208.4 034 59.9 2.05 35.0 00110000\r",
            b"(000.0 140.0 220.0 023 00.0 24.1 --.- 11001001\r",
            b"#LOBBY           SIM1000    V1.00     \r",
            b"#220.0 004 27.40 50.0\r",
        ),
        checked=False,
    ),
}


def protocol_of(kind: str) -> Any:
    """The module that knows the kind's bytes; None when it is not there."""
    name = f"devices.{kind}.protocol"
    return import_module(name) if find_spec(f"devices.{kind}") and find_spec(name) else None


def reader_of(kind: str) -> Callable[[], FrameReader[Any]] | None:
    return getattr(protocol_of(kind), "FrameReader", None)


def mask_of(kind: str) -> Callable[[bytes], bytes]:
    """As the catalogue says, else as the protocol does."""
    if kind in KINDS:
        return KINDS[kind].mask
    return getattr(protocol_of(kind), "mask", bytes)


def read(reader: FrameReader[Any], *pieces: bytes, pause: bool = True) -> list[Any]:
    """The frames of these pieces, with silence at the end."""
    frames = [frame for piece in pieces for frame in reader.feed(piece)]
    if pause:
        reader.pause()
    return frames + reader.feed(b"")


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The pieces between these places, which may be beyond its end."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]
