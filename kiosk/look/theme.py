"""The only place where a colour, a letter size or a distance is written. Millimetres; colours as RGBA from 0 to 1.

A letter size is the height of the em square; capitals are 0.733 of it. Nothing is smaller than 6.6 mm, so capitals have
4.8 mm (ADA 707.7.2); in care mode nothing is smaller than 10 mm, so they have 7.3 mm (EN 301 549 5.1.4: 0.7 degrees at
600 mm), and Chinese characters to touch have 12 mm.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.journey.step import Theme
from kiosk.look.panel import Panel

Colour = tuple[float, float, float, float]

CAPITAL = 0.733  # of the em square, Noto Sans
LINE = 1.28  # height of a line of text
TARGET = 20.0  # smallest side of what can be touched
GAP = 3.4  # between two of them; 3 mm at least
RADIUS = 3.0
EDGE = 0.5
THICK = 1.0
FRAME = 1.5  # around what the keypad has reached; 0.6 mm at least
BESIDE = 0.7  # between it and the box


def colour(text: str) -> Colour:
    """From #RRGGBB."""
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return (red, green, blue, 1.0)


@dataclass(frozen=True, slots=True)
class Pair:
    """What is drawn on what; `pressed` while a finger is on it; `edge` where it needs one to be seen."""

    ground: Colour
    ink: Colour
    pressed: Colour
    edge: Colour | None = None


@dataclass(frozen=True, slots=True)
class Palette:
    """Each pair has a contrast of at least 7:1, and each edge of 3:1 on what is around it (tests/kiosk/test_theme.py)."""

    page: Pair
    quiet: Pair  # second lines, on the page and on cards
    header: Pair
    card: Pair
    tile: Pair
    main: Pair
    plain: Pair
    chosen: Pair
    off: Pair  # shown, but cannot be had now
    good: Pair
    warn: Pair
    wait: Pair
    badge: Pair
    veil: Colour  # over what cannot be touched while a question is asked
    reached: Colour  # the frame around what the keypad has reached

    def pairs(self) -> Iterator[tuple[str, Pair]]:
        for name in self.__slots__:
            if name not in ("veil", "reached"):
                yield name, getattr(self, name)


def _pair(ground: str, ink: str, pressed: str = "", edge: str = "") -> Pair:
    return Pair(
        colour(ground), colour(ink), colour(pressed or ground), colour(edge) if edge else None
    )


PALETTES: dict[Theme, Palette] = {
    Theme.STANDARD: Palette(
        page=_pair("#F1F5F8", "#12202C"),
        quiet=_pair("#FFFFFF", "#3C4C58"),
        header=_pair("#0A4660", "#FFFFFF"),
        card=_pair("#FFFFFF", "#12202C"),
        tile=_pair("#FFFFFF", "#12202C", "#CFE3EE", "#5E7482"),
        main=_pair("#0A4660", "#FFFFFF", "#06303F"),
        plain=_pair("#E2ECF2", "#0A3A50", "#C4DAE6", "#5E7482"),
        chosen=_pair("#0A4660", "#FFFFFF", "#06303F", "#0A4660"),
        off=_pair("#E6EAED", "#3F4C55", edge="#6C7A84"),
        good=_pair("#D9F0E0", "#0D4A24"),
        warn=_pair("#FCE6D4", "#6E2006"),
        wait=_pair("#DCE9F1", "#0A3A50"),
        badge=_pair("#0A4660", "#FFFFFF"),
        veil=(0.02, 0.1, 0.14, 0.62),
        reached=colour("#A8127A"),
    ),
    Theme.CONTRAST: Palette(
        page=_pair("#000000", "#FFFFFF"),
        quiet=_pair("#000000", "#FFFFFF"),
        header=_pair("#000000", "#FFFFFF"),
        card=_pair("#000000", "#FFFFFF", edge="#FFFFFF"),
        tile=_pair("#000000", "#FFFFFF", "#3A3A00", "#FFFFFF"),
        main=_pair("#FFE500", "#000000", "#FFF59A"),
        plain=_pair("#000000", "#FFE500", "#3A3A00", "#FFE500"),
        chosen=_pair("#FFFFFF", "#000000", "#D0D0D0", "#FFFFFF"),
        off=_pair("#000000", "#B4B4B4", edge="#8C8C8C"),
        good=_pair("#000000", "#7DFF9E", edge="#7DFF9E"),
        warn=_pair("#000000", "#FFC48A", edge="#FFC48A"),
        wait=_pair("#000000", "#FFFFFF", edge="#FFFFFF"),
        badge=_pair("#FFE500", "#000000"),
        veil=(0, 0, 0, 0.78),
        reached=colour("#00E5FF"),
    ),
    Theme.DARK: Palette(
        page=_pair("#0F1A22", "#F0F5F8"),
        quiet=_pair("#0F1A22", "#C3D0D8"),
        header=_pair("#08222F", "#F0F5F8"),
        card=_pair("#182833", "#F0F5F8"),
        tile=_pair("#182833", "#F0F5F8", "#2A4453", "#8EA5B3"),
        main=_pair("#9FD3EA", "#062330", "#C6E6F4"),
        plain=_pair("#20343F", "#DCEAF2", "#304B59", "#8EA5B3"),
        chosen=_pair("#9FD3EA", "#062330", "#C6E6F4", "#9FD3EA"),
        off=_pair("#16222A", "#A9B7C0", edge="#7E8E97"),
        good=_pair("#12341F", "#BFF0CF"),
        warn=_pair("#45200E", "#FFD9BF"),
        wait=_pair("#1C3440", "#DCEAF2"),
        badge=_pair("#9FD3EA", "#062330"),
        veil=(0, 0, 0, 0.68),
        reached=colour("#FFB84D"),
    ),
}


@dataclass(frozen=True, slots=True)
class Scale:
    """Letter sizes and distances on this panel, for this customer. `tiles`: sizes for choices, the first that fits."""

    small: float
    body: float
    large: float
    title: float
    key: float
    bar: float  # letters of the bar that is the same everywhere
    tiles: tuple[float, ...]
    number: float  # at most
    margin: float
    pad: float  # inside a card
    header: float
    foot: float  # height of what leads on
    back: float  # width of the way back
    tile: float  # at most so high, and the next two also
    chip: float
    keys: float
    narrowest: float  # a tile
    side: float  # width of the bar on a wide panel

    def grown(self, by: float) -> "Scale":
        """All of it larger, for a panel that is larger than usual."""
        numbers = {name: by * getattr(self, name) for name in self.__slots__ if name != "tiles"}
        return Scale(tiles=tuple(by * size for size in self.tiles), **numbers)


COMPACT_MM = 136.0  # shorter side of a 10.1-inch panel
REGULAR_MM = 268.0  # of a 21.5-inch one
MOST_GROWTH = {True: 1.25, False: 1.4}  # of the letters on a panel that is larger; compact or not


# fmt: off
# small, body, large, title, key, bar, tiles, number, margin, pad, header, foot, back, tile, chip, keys, narrowest, side
COMPACT = Scale(
    6.6, 6.6, 7.6, 8.6, 9, 6.6, (8.4, 7.6, 6.8),
    36, 4, 2.4, 13, 20, 38, 38, 22, 21, 48, 44,
)
COMPACT_LARGE = Scale(
    7.6, 7.6, 9, 9.6, 11, 7.6, (11, 9.6, 8.4),
    36, 4, 2.4, 13, 20, 40, 46, 26, 22, 60, 50,
)
REGULAR = Scale(
    7.2, 8.2, 11, 15, 14, 7.6, (13.5, 12, 10.5, 9.2, 8),
    76, 11, 4.5, 22, 27, 72, 66, 32, 31, 84, 66,
)
REGULAR_LARGE = Scale(
    10, 11.5, 14, 18, 17, 10, (18, 16, 14, 12),
    76, 11, 4.5, 24, 31, 84, 76, 40, 33, 120, 70,
)
# fmt: on


# Odd sizes (a number as large as fits, a letter on a badge) are drawn at the next of these below: each size of a Chinese
# font that is opened takes 2.6 MB, and stays open.
STEPS = sorted(
    {
        *(14, 20, 24, 28, 32, 36, 42, 48, 56, 64, 70, 76),
        *(
            size
            for one in (COMPACT, COMPACT_LARGE, REGULAR, REGULAR_LARGE)
            for size in (one.small, one.body, one.large, one.title, *one.tiles, one.key, one.bar)
        ),
    }
)


def drawn(size: float) -> float:
    """The size of letters that are drawn for this one, in mm."""
    below = bisect_right(STEPS, size)
    return STEPS[below - 1] if below else size


def scale(panel: Panel, *, large: bool) -> Scale:
    """Customers stand closer to a small panel; a larger one has larger letters, so that it is not empty."""
    short, compact = min(panel.width, panel.height), panel.compact
    usual = COMPACT_MM if compact else REGULAR_MM
    growth = max(1.0, min(MOST_GROWTH[compact], short / usual))
    if compact:
        return (COMPACT_LARGE if large else COMPACT).grown(growth)
    return (REGULAR_LARGE if large else REGULAR).grown(growth)
