"""The codes of the window's keys -> keys of the pad.

`keys`: a pad of five keys that counts as a keyboard (such pads can be set to these): arrows to move, Enter or space to
select, Home to repeat, F1 for help, page up and down for the volume.
`numbers`: a pad of numbers: 8 and 4 back, 2 and 6 on, 5 or Enter to select, 0 to repeat; where something can be typed
the digits are typed, and `/` and `.` move. `*` for help, `+` and `-` for the volume.
What is on either pad works on both, except the digits.
"""

from enum import StrEnum

from kiosk.journey.events import BACKSPACE, Typed
from kiosk.settings import Pad

ERASE = 8
NUMBER_PAD = 256  # its 0


class Key(StrEnum):
    NEXT = "next"
    PREVIOUS = "previous"
    SELECT = "select"
    REPEAT = "repeat"
    HELP = "help"
    LOUDER = "louder"
    QUIETER = "quieter"


class Held:
    """Keys that are down: each counts once, however long a slow hand stays on it (EN 301 549, 5.7)."""

    def __init__(self) -> None:
        self._down: set[int] = set()

    def down(self, code: int) -> bool:
        """Whether it has just gone down."""
        new = code not in self._down
        self._down.add(code)
        return new

    def up(self, code: int) -> None:
        self._down.discard(code)


# as Window.on_key_down gives them
CODES = {
    273: Key.PREVIOUS,  # up
    276: Key.PREVIOUS,  # left
    274: Key.NEXT,  # down
    275: Key.NEXT,  # right
    13: Key.SELECT,
    32: Key.SELECT,
    271: Key.SELECT,  # Enter of the number pad
    278: Key.REPEAT,  # Home
    282: Key.HELP,  # F1
    280: Key.LOUDER,  # page up
    281: Key.QUIETER,  # page down
    266: Key.NEXT,  # . / * - + of the number pad
    267: Key.PREVIOUS,
    268: Key.HELP,
    269: Key.QUIETER,
    270: Key.LOUDER,
}
DIGITS = {
    "8": Key.PREVIOUS,
    "4": Key.PREVIOUS,
    "2": Key.NEXT,
    "6": Key.NEXT,
    "5": Key.SELECT,
    "0": Key.REPEAT,
}


def key_of(code: int, pad: Pad, *, typing: bool) -> Key | Typed | None:
    """None: not a key of the pad. `typing`: whether there is something to type into."""
    if typing and code == ERASE:
        return Typed(BACKSPACE)
    character = _character(code)
    if typing and character:
        return Typed(character)
    if pad == "numbers" and character in DIGITS:
        return DIGITS[character]
    return CODES.get(code)


def _character(code: int) -> str:
    if NUMBER_PAD <= code < NUMBER_PAD + 10:
        return str(code - NUMBER_PAD)
    if code < 128 and chr(code).isalnum():
        return chr(code).upper()
    return ""
