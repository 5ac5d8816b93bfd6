"""The panel in millimetres: a target is as large on 10.1 as on 32 inches."""

from dataclasses import dataclass
from math import hypot

COMPACT_MM = 200  # shorter side; a 15.6-inch panel has 194
TALL_MM = 350
SLIM_MM = 150
MM_AN_INCH = 25.4


@dataclass(frozen=True, slots=True)
class Panel:
    width_px: int
    height_px: int
    diagonal_inch: float

    @property
    def px_a_mm(self) -> float:
        return hypot(self.width_px, self.height_px) / (self.diagonal_inch * MM_AN_INCH)

    @property
    def width(self) -> float:
        """In mm."""
        return self.width_px / self.px_a_mm

    @property
    def height(self) -> float:
        """In mm."""
        return self.height_px / self.px_a_mm

    @property
    def compact(self) -> bool:
        return min(self.width, self.height) < COMPACT_MM

    @property
    def wide(self) -> bool:
        """Whether what is said stands beside what is touched, not above it."""
        return self.width > 1.3 * self.height

    @property
    def tall(self) -> bool:
        """Whether its upper part is out of the reach of somebody in a wheelchair."""
        return self.height >= TALL_MM

    @property
    def slim(self) -> bool:
        """So small that the header has the page's title."""
        return min(self.width, self.height) < SLIM_MM
