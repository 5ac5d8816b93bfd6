"""Pictures on the paper of a simulated receipt printer: raster images and QR codes.

Sources: Epson ESC/POS command reference (GS v 0, GS ( k); ISO/IEC 18004 (capacity of QR codes).
"""

import hashlib

from devices.ticket_printer.simulated_paper import Row

_HASH_DIGITS = 16


def raster_row(values: bytes, width_dots: int) -> Row:
    """0 m xL xH yL yH d... of GS v: bit 0 of m doubles the width, bit 1 the height.

    What is right of the paper's edge is not printed. Without a black dot there is nothing to see.
    """
    bytes_across = int.from_bytes(values[2:4], "little")
    double_width, double_height = values[1] & 1, values[1] >> 1 & 1
    across = min(bytes_across * 8, width_dots >> double_width)
    lines = _lines(values[6:], bytes_across, across)
    dots = len(lines) << double_height
    if not any(map(any, lines)):
        return Row(int.from_bytes(values[4:6], "little") << double_height)
    digest = hashlib.sha256(b"".join(lines)).hexdigest()[:_HASH_DIGITS]
    return Row(dots, f"[image {across << double_width}x{dots}]", image=digest)


def _lines(data: bytes, bytes_across: int, across: int) -> list[bytes]:
    """Rows of dots, eight to a byte, leftmost in the highest bit; white right of `across`."""
    if not bytes_across:
        return []
    whole, rest = divmod(across, 8)
    last = bytes((0xFF << 8 - rest & 0xFF,)) if rest else b""
    mask = int.from_bytes(b"\xff" * whole + last, "big")
    length = whole + len(last)
    starts = range(0, len(data) - bytes_across + 1, bytes_across)
    cut = (data[start : start + length] for start in starts)
    return [(int.from_bytes(line, "big") & mask).to_bytes(length, "big") for line in cut]


def qr_rows(data: bytes, module_dots: int, data_share: float, width_dots: int) -> list[Row]:
    """A QR code model 2 with a share of its code words for data; nothing if it does not fit."""
    for version in range(1, 41):
        bits = (16 * version + 128) * version + 64
        if version >= 2:
            patterns = version // 7 + 2
            bits -= (25 * patterns - 10) * patterns - 55 + (36 if version >= 7 else 0)
        side = (17 + 4 * version) * module_dots
        if bits // 8 * data_share - 3 >= len(data):
            text = data.decode("utf-8", "replace")
            return [Row(side, qr=text)] if side <= width_dots else []
    return []
