"""Where each command of a simulated receipt printer ends, and the real-time ones among the bytes.

Sources: Epson ESC/POS command reference (command lengths, DLE EOT, DLE ENQ, DLE DC4); Custom
VKP80 manual (DLE EOT 11h and 14h).
"""

from collections.abc import Callable, Mapping

ESC, FS, GS, DLE = 0x1B, 0x1C, 0x1D, 0x10
PRINT_STATUS, FULL_STATUS = 0x11, 0x14  # n of DLE EOT, presenter machines only
CLEAR_BUFFERS = bytes.fromhex("10 14 08 01 03 14 01 06 02 08")
REAL_TIME = (
    *(bytes((DLE, 0x04, n)) for n in (1, 2, 3, 4, PRINT_STATUS, FULL_STATUS)),
    *(bytes((DLE, 0x05, n)) for n in (1, 2)),
    CLEAR_BUFFERS,
)
_LAST_BYTES = frozenset(command[-1] for command in REAL_TIME)

# Parameter bytes after the two command bytes; a pair that is not here takes none.
_PARAMETERS: Mapping[int, Mapping[str, int]] = {
    ESC: {" ": 1, "!": 1, "$": 2, "%": 1, "-": 1, "3": 1, "=": 1, "?": 1, "E": 1, "G": 1, "J": 1}
    | {"K": 1, "L": 0, "M": 1, "R": 1, "T": 1, "V": 1, "W": 8, "\\": 2, "a": 1, "c": 2, "d": 1}
    | {"e": 1, "p": 3, "r": 1, "t": 1, "{": 1},
    FS: {"!": 1, "-": 1, "2": 74, "?": 2, "C": 1, "S": 2, "W": 1, "p": 2},
    GS: {"!": 1, "$": 2, "/": 1, "B": 1, "H": 1, "I": 1, "L": 2, "P": 2, "T": 1, "W": 2, "\\": 2}
    | {"^": 3, "a": 1, "b": 1, "f": 1, "h": 1, "r": 1, "w": 1, "z": 3},
}


def _until_nul(head: bytearray) -> int | None:
    return len(head) if len(head) > 2 and head[-1] == 0 else None


def _short_block(head: bytearray) -> int | None:
    return None if len(head) < 5 else 5 + int.from_bytes(head[3:5], "little")


def _long_block(head: bytearray) -> int | None:
    return None if len(head) < 7 else 7 + int.from_bytes(head[3:7], "little")


def _cut(head: bytearray) -> int | None:
    """GS V m, and GS V m n for the forms that feed first."""
    if len(head) < 3:
        return None
    return 4 if head[2] in (65, 66, 97, 98, 103, 104) else 3


def _raster(head: bytearray) -> int | None:
    """GS v 0 m xL xH yL yH d...: x bytes a row, y rows."""
    if len(head) < 8:
        return 3 if len(head) == 3 and head[2] != 0x30 else None
    return 8 + int.from_bytes(head[4:6], "little") * int.from_bytes(head[6:8], "little")


def _bit_image(head: bytearray) -> int | None:
    """ESC * m nL nH d...: one byte a column, three in the 24-dot modes."""
    if len(head) < 5:
        return None
    return 5 + int.from_bytes(head[3:5], "little") * (3 if head[2] >= 32 else 1)


def _barcode(head: bytearray) -> int | None:
    """GS k m d... NUL for m 0-6, GS k m n d... for m 65-79."""
    if len(head) < 4:
        return None
    if head[2] <= 6:
        return len(head) if head[-1] == 0 else None
    return 4 + head[3] if 65 <= head[2] <= 79 else 3


def _downloaded_image(head: bytearray) -> int | None:
    return None if len(head) < 4 else 4 + head[2] * head[3] * 8


def _real_time_request(head: bytearray) -> int | None:
    """DLE DC4 fn ...: fn 8 has seven more bytes, the pulse and power forms two."""
    return None if len(head) < 3 else {1: 5, 2: 5, 7: 4, 8: 10}.get(head[2], 3)


_VARIABLE: Mapping[bytes, Callable[[bytearray], int | None]] = {
    b"\x1bD": _until_nul,
    b"\x1b(": _short_block,
    b"\x1b*": _bit_image,
    b"\x1c(": _short_block,
    b"\x1d(": _short_block,
    b"\x1d*": _downloaded_image,
    b"\x1d8": _long_block,
    b"\x1dV": _cut,
    b"\x1dk": _barcode,
    b"\x1dv": _raster,
    b"\x10\x04": lambda _: 3,
    b"\x10\x05": lambda _: 3,
    b"\x10\x14": _real_time_request,
}


def command_length(head: bytearray, unknown_blocks: bytes = b"") -> int | None:
    """Bytes of the command that `head` begins with, None while that cannot be told yet.

    Of GS ( with a letter of `unknown_blocks` only these two bytes are a command.
    """
    if head[0] not in (ESC, FS, GS, DLE):
        return 1
    if len(head) < 2:
        return None
    pair = bytes(head[:2])
    if pair == b"\x1d(" and len(head) > 2 and head[2] in unknown_blocks:
        return 2
    if pair in _VARIABLE:
        return _VARIABLE[pair](head)
    if head[0] == DLE:
        return 1
    return 2 + _PARAMETERS[head[0]].get(chr(head[1]), 0)


class RealTimeScanner:
    """Finds the real-time commands in the raw stream, whatever else the bytes may belong to."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, byte: int) -> bytes | None:
        """The real-time command that `byte` completes, if any."""
        self._tail = (self._tail + bytes((byte,)))[-len(CLEAR_BUFFERS) :]
        for command in REAL_TIME if byte in _LAST_BYTES else ():
            if self._tail.endswith(command):
                self._tail = b""
                return command
        return None
