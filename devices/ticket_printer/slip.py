"""What is to stand on paper, line by line. Knows nothing of bytes, nor of what the words mean."""

from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "centre", "right"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; `size` 1 to 8 times the printer's letters."""

    text: str
    size: int = 1
    align: Align = "centre"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code; `module` is the side of one square in dots (8 dots are 1 mm)."""

    data: str
    module: int = 6


@dataclass(frozen=True, slots=True)
class Feed:
    """Empty lines."""

    lines: int = 1


Slip = tuple[Line | Qr | Feed, ...]
