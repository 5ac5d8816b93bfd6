"""What stands on a screen, in reading order: shown by `kiosk.look`, said by `kiosk.speech`, judged by the tests.

A screen is a function from a View to a Page. It says what stands there and what a touch means, never where it stands,
how large it is, or what comes next.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kiosk.journey.events import Event
from kiosk.journey.step import Rules, Screen, Step
from kiosk.words import Words


@dataclass(frozen=True, slots=True)
class View:
    """What a screen may show: the step, in these words. `link` leads to the page of the ticket or opinion."""

    step: Step
    rules: Rules
    words: Words
    now: datetime
    bank: str = ""
    branch: str = ""
    link: str = ""


class Role(StrEnum):
    """How important a choice is, and so how it looks."""

    MAIN = "main"  # what nearly everybody wants here; dark, a row of its own
    TILE = "tile"
    PLAIN = "plain"
    KEY = "key"
    CHIP = "chip"  # several may be chosen
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to touch. `key` names it for tests and programs; `does` None: it is shown, but cannot be had now.
    `spoken` is said instead of `text`, when that cannot be read out. `longest` are the longest details it can come to
    have: room is kept for them, so that nothing moves when they change."""

    key: str
    text: str
    does: Event | None
    role: Role = Role.TILE
    icon: str = ""
    badge: str = ""
    detail: tuple[str, ...] = ()
    chosen: bool = False
    spoken: str = ""
    longest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """What has just happened, or that we wait. A warning has an icon, and other colours. `icon`: another than usual. `large`:
    it is what the customer shall do now."""

    text: str
    warning: bool = False
    waiting: bool = False
    good: bool = False
    icon: str = ""
    large: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    large: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """The customer's number, as large as there is room. `spoken` letter by letter."""

    title: str
    text: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values, side by side."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list with a heading; the papers to bring, say."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Qr:
    data: str
    caption: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What the customer's hand should do: icons from left to right."""

    icons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What has been typed. `masked`: shown as dots, and never spoken."""

    text: str
    hint: str
    masked: bool = False
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A place to write with a finger: strokes of x, y, x, y … in thousandths of its width."""

    strokes: tuple[tuple[int, ...], ...]
    hint: str


@dataclass(frozen=True, slots=True)
class Mirror:
    """The customer themselves, as the camera sees them now; `progress` from 0 to 1 of what they are asked."""

    progress: float = 0.0


Block = Text | Number | Facts | Items | Qr | Picture | Entry | Sheet | Mirror


@dataclass(frozen=True, slots=True)
class Steps:
    """Step 2 of 3, also in words."""

    step: int
    of: int
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """`foot`: back on the left, what leads on on the right."""

    screen: Screen
    title: str
    blocks: tuple[Block, ...] = ()
    choices: tuple[Choice, ...] = ()
    foot: tuple[Choice, ...] = ()
    notice: Notice | None = None
    steps: Steps | None = None
    icon: str = ""  # of a question


@dataclass(frozen=True, slots=True)
class Frame:
    """All of a screen: the header, the page, the bar that is the same everywhere, and the question that lies over
    them while it is asked."""

    language: str
    bank: str
    branch: str
    clock: str
    page: Page
    bar: tuple[Choice, ...]
    over: Page | None = None
    more: str = ""  # where not all has room at once
    first: int = (
        0  # the first choice that is shown; where there are none, the first thing that is said
    )
    may_be_told: tuple[
        str, ...
    ] = ()  # that can come to stand as a notice: room is kept for any of it
    reached: str = ""  # by the keypad: the key of a choice, or the entry
