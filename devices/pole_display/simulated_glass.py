"""The glass of a simulated pole display: two lines of twenty characters, cursor, brightness.

Source: CD5220 command set (POSX XP8200 manual). Not written there and chosen here: text runs
from the end of a line to the beginning of the other, and brightness starts at its highest.
"""

COLUMNS, ROWS = 20, 2
_CELLS = COLUMNS * ROWS
_BRIGHTEST = 4


class Glass:
    """What a customer sees. Columns and rows count from 1."""

    def __init__(self) -> None:
        self.initialise()

    def initialise(self) -> None:
        self.clear()
        self.cursor_on = False
        self.brightness = _BRIGHTEST

    def clear(self) -> None:
        self._cells = [" "] * _CELLS
        self._at = 0
        self._scrolling: str | None = None

    def home(self) -> None:
        self._at = 0

    def move(self, column: int, row: int) -> bool:
        """Whether there is such a place."""
        if not (1 <= column <= COLUMNS and 1 <= row <= ROWS):
            return False
        self._at = (row - 1) * COLUMNS + column - 1
        return True

    def write(self, text: bytes) -> None:
        for character in readable(text):
            self._touch(self._at // COLUMNS)
            self._cells[self._at] = character
            self._at = (self._at + 1) % _CELLS

    def clear_line(self) -> None:
        """The line with the cursor, which goes to its beginning."""
        self._put(self._at // COLUMNS, "")

    def set_line(self, row: int, text: bytes) -> None:
        self._put(row - 1, readable(text)[:COLUMNS])

    def scroll_upper(self, text: bytes) -> None:
        """The upper line as it begins; where it has scrolled to is not followed."""
        self.set_line(1, text)
        self._scrolling = readable(text)

    def set_cursor_on(self, value: int) -> bool:
        """Whether the value is one: 0 or 1."""
        self.cursor_on = value == 1 if value in (0, 1) else self.cursor_on
        return value in (0, 1)

    def set_brightness(self, value: int) -> bool:
        """Whether the value is one: 1 to 4."""
        good = 1 <= value <= _BRIGHTEST
        self.brightness = value if good else self.brightness
        return good

    def seen(self) -> dict[str, object]:
        lines = ("".join(self._cells[:COLUMNS]), "".join(self._cells[COLUMNS:]))
        return {
            "upper": lines[0],
            "lower": lines[1],
            "scrolling": self._scrolling,
            "cursor": [self._at % COLUMNS + 1, self._at // COLUMNS + 1],
            "cursor_on": self.cursor_on,
            "brightness": self.brightness,
        }

    def _put(self, line: int, text: str) -> None:
        self._touch(line)
        self._at = line * COLUMNS
        self._cells[self._at : self._at + COLUMNS] = text.ljust(COLUMNS)

    def _touch(self, line: int) -> None:
        if line == 0:
            self._scrolling = None


def readable(text: bytes) -> str:
    """The glass has the pictures of ASCII only."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "?" for byte in text)
