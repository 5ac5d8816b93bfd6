"""What is wrong with a screen: pure, over the boxes of `arrange`. Each finding is a sentence.

`python -m tests.kiosk.lint` looks at every state in every language, theme, mode and panel, with each part broken.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import isfinite

from kiosk.journey.events import TurnedOver
from kiosk.journey.patience import seconds_left
from kiosk.journey.step import Comfort, Rules, Screen, Step
from kiosk.look.boxes import Measure
from kiosk.look.panel import Panel
from kiosk.look.placed import Line, Placed, Rect
from kiosk.screens.page import (
    Block,
    Entry,
    Facts,
    Frame,
    Items,
    Number,
    Qr,
    Sheet,
    Text,
)

TARGET, GAP = 20.0, 3.0  # mm
LOWER = 0.45  # of a tall panel
NORMAL, CARE, CARE_COMPACT, CARE_CHINESE = 6.6, 10.0, 7.6, 12.0  # mm
LONG_WORD = 20
CLOSE = 0.05  # mm; a tenth of a pixel or less
STAFF = (Screen.STAFF_PIN, Screen.STAFF, Screen.STAFF_DEVICES)
STAYS = (Screen.WELCOME, Screen.AWAY)
WRONG_WORD = re.compile(r"[{}]|^[a-z_]+\.[a-z_.]+$")
CHINESE = re.compile("[\u2e80-\u9fff]")


@dataclass(frozen=True)
class Shown:
    """One screen as it is placed. `turn` places it again from another choice on."""

    step: Step
    frame: Frame
    boxes: tuple[Placed, ...]
    panel: Panel
    comfort: Comfort
    measure: Measure
    rules: Rules
    turn: Callable[[int], tuple[Placed, ...]]


def findings(shown: Shown) -> list[str]:
    """Nothing, where all is well. Colours depend on the theme only: contrast.py judges them."""
    top = on_top(shown.boxes)
    pages = [top] if shown.frame.over else turns(shown)
    return [
        *_outside(top, shown),
        *_overlapping(top, shown.measure),
        *_uneven(top),
        *_small_targets(top),
        *_small_letters(top, shown),
        *_wrong_words(top),
        *_broken_words(top),
        *_broken_texts(top, shown),
        *_missing_parts(shown),
        *_too_high(top, shown),
        *_out_of_reach(shown, pages),
        *_unsaid(shown, pages),
    ]


def on_top(boxes: tuple[Placed, ...]) -> tuple[Placed, ...]:
    """While a question is asked, that only."""
    veils = [place for place, box in enumerate(boxes) if box.name == "veil"]
    return boxes[veils[0] + 1 :] if veils else boxes


def extent(line: Line, measure: Measure) -> Rect:
    """What its letters cover: without accents and tails, which may stand out a little."""
    wide = line.size if line.icon else measure(line.text, line.size, line.bold)
    x = line.x - wide / 2 if line.centred else line.x
    return Rect(x, line.y - line.size * 0.46, wide, line.size * 0.92)


def holds(outer: Rect, inner: Rect) -> bool:
    return (
        inner.x >= outer.x - CLOSE
        and inner.y >= outer.y - CLOSE
        and inner.right <= outer.right + CLOSE
        and inner.bottom <= outer.bottom + CLOSE
    )


def apart(one: Rect, other: Rect) -> float:
    """The distance between them in mm; negative where they overlap."""
    across = max(one.x - other.right, other.x - one.right)
    down = max(one.y - other.bottom, other.y - one.bottom)
    if across > 0 and down > 0:
        return float((across**2 + down**2) ** 0.5)
    return max(across, down)


def _outside(boxes: Iterable[Placed], shown: Shown) -> Iterator[str]:
    panel = Rect(0, 0, shown.panel.width, shown.panel.height)
    for box in boxes:
        if not holds(panel, box.rect):
            yield f"{box.name} reaches out of the panel"
        for line in box.lines:
            if not holds(box.rect, extent(line, shown.measure)):
                yield f"{line.text!r} is larger than its box, {box.name}"


def _overlapping(boxes: tuple[Placed, ...], measure: Measure) -> Iterator[str]:
    """Touchables, what stands on the page, and lines of one box."""
    for box in boxes:
        lines = [(line.text, extent(line, measure)) for line in box.lines]
        for (one, here), (other, there) in combinations(lines, 2):
            if apart(here, there) < -CLOSE:
                yield f"{one!r} overlaps {other!r} in {box.name}"
    things = [(box, place) for box in boxes if _is_thing(box) for place in _covered(box, measure)]
    for (one_, here), (other_, there) in combinations(things, 2):
        if one_ is not other_ and apart(here, there) < -CLOSE:
            yield f"{one_.name} overlaps {other_.name}"


def _is_thing(box: Placed) -> bool:
    return box.name not in ("bar", "question") and not box.name.endswith(" badge")


def _covered(box: Placed, measure: Measure) -> list[Rect]:
    if box.ground is not None or box.qr or box.choice is not None:
        return [box.rect]
    return [extent(line, measure) for line in box.lines]


def _touchable(boxes: Iterable[Placed]) -> list[Placed]:
    return [box for box in boxes if box.choice is not None or box.sheet]


def _uneven(boxes: Iterable[Placed]) -> Iterator[str]:
    """Words and second lines of one group have one size each."""
    sizes: dict[tuple[str, bool], set[float]] = {}
    for box in boxes:
        for line in box.lines if box.group else ():
            if not line.icon:
                sizes.setdefault((box.group, line.bold), set()).add(round(line.size, 3))
    for (group, _), found in sizes.items():
        if len(found) > 1:
            yield f"the texts of {group} have different sizes: {sorted(found)}"


def _small_targets(boxes: Iterable[Placed]) -> Iterator[str]:
    touchable = _touchable(boxes)
    for box in touchable:
        if min(box.rect.width, box.rect.height) < TARGET - CLOSE:
            yield f"{box.name} is only {box.rect.width:.1f} x {box.rect.height:.1f} mm"
    for one, other in combinations(touchable, 2):
        if apart(one.rect, other.rect) < GAP - CLOSE:
            yield f"{one.name} and {other.name} are only {apart(one.rect, other.rect):.1f} mm apart"


def _small_letters(boxes: Iterable[Placed], shown: Shown) -> Iterator[str]:
    large, compact = shown.comfort.large, shown.panel.compact
    least = (CARE_COMPACT if compact else CARE) if large else NORMAL
    for box in boxes:
        in_bar = box.group == "bar"
        for line in box.lines:
            named = box.choice is not None and line.bold and not in_bar
            chinese = large and not compact and named and CHINESE.search(line.text)
            if not line.icon and line.size < (CARE_CHINESE if chinese else least) - 1e-6:
                yield f"{line.text!r} in {box.name} has letters of {line.size:.1f} mm"


def _wrong_words(boxes: Iterable[Placed]) -> Iterator[str]:
    for box in boxes:
        if box.choice is not None and not any(line.text.strip() for line in box.lines):
            yield f"{box.name} has no words"
        for line in box.lines:
            if WRONG_WORD.search(line.text):
                yield f"{line.text!r} in {box.name} is no sentence"


def _missing_parts(shown: Shown) -> Iterator[str]:
    screen, left = shown.step.screen, seconds_left(shown.step, shown.rules)
    names = {box.name for box in shown.boxes if box.choice is not None}
    if shown.frame.over is not None:
        if not {"more-time", "finish"} <= names:
            yield "the question has no answer"
        return
    if len([name for name in names if name.startswith("language-")]) < 3:
        yield "there is no choice of languages"
    if screen not in STAFF and "help" not in names:
        yield "no person can be called"
    ends = (left is not None and isfinite(left)) or screen in STAYS or shown.step.asking
    if not (ends or names & {"back", "done", "next"}):
        yield "there is no way out"


def _too_high(boxes: Iterable[Placed], shown: Shown) -> Iterator[str]:
    """For whoever has asked for what is low."""
    if not (shown.comfort.low and shown.panel.tall):
        return
    for box in _touchable(boxes):
        if box.rect.y < shown.panel.height * (1 - LOWER) - CLOSE:
            yield f"{box.name} is too high to be reached"


def turns(shown: Shown) -> list[tuple[Placed, ...]]:
    """What is shown at first, and after every touch on `more`."""
    pages, first, seen = [shown.boxes], 0, set[int]()
    while first not in seen:
        seen.add(first)
        doing = [box.choice.does for box in pages[-1] if box.choice is not None]
        turn = next((does for does in doing if isinstance(does, TurnedOver)), None)
        if turn is None or turn.first in seen:
            break
        first = turn.first
        pages.append(shown.turn(first))
    return pages


def _out_of_reach(shown: Shown, pages: list[tuple[Placed, ...]]) -> Iterator[str]:
    asked = shown.frame.over
    there = {box.name for page in pages for box in page if box.choice is not None}
    page = asked or shown.frame.page
    for choice in (*page.choices, *page.foot, *(() if asked else shown.frame.bar)):
        if choice.key not in there:
            yield f"{choice.key} cannot be reached"


def _unsaid(shown: Shown, pages: list[tuple[Placed, ...]]) -> Iterator[str]:
    """Pictures and quiet hints may go; nothing else."""
    page = shown.frame.over or shown.frame.page
    written = ["".join(line.text for line in box.lines) for one in pages for box in one]
    there = "\n".join("".join(text.split()) for text in written)
    codes = {box.qr for one in pages for box in one}
    texts = [page.title, *(text for block in page.blocks for text in _texts(block))]
    texts += [page.notice.text] if page.notice else []
    shown_choices = [box.choice for one in pages for box in one if box.choice is not None]
    texts += [text for choice in shown_choices for text in (choice.text, *choice.detail)]
    for text in texts:
        if "".join(text.split()) not in there:
            yield f"{text!r} is not said"
    for block in page.blocks:
        if isinstance(block, Qr) and block.data not in codes:
            yield "the code is not shown"
        if isinstance(block, Sheet) and not any(box.sheet for box in shown.boxes):
            yield "nothing can be written"


def _broken_words(boxes: Iterable[Placed]) -> Iterator[str]:
    """A word of letters stays in one line, unless it is as long as a name may be."""
    for box in boxes:
        words = box.choice.text.split() if box.choice is not None else []
        lines = [word for line in box.lines for word in line.text.split()]
        for word in words:
            if word not in lines and not CHINESE.search(word) and len(word) < LONG_WORD:
                yield f"the word {word!r} of {box.name} is broken"


def _broken_texts(boxes: Iterable[Placed], shown: Shown) -> Iterator[str]:
    """The same of what is said, where it is there; maintenance may tell a file's name."""
    page = shown.frame.over or shown.frame.page
    told = [block.text for block in page.blocks if isinstance(block, Text)]
    told += [
        page.title,
        *(one for one in shown.frame.may_be_told if shown.step.screen not in STAFF),
    ]
    texts = {"".join(text.split()): text.split() for text in told}
    for box in boxes:
        there = [word for line in box.lines if not line.icon for word in line.text.split()]
        for word in texts.get("".join(there), ()):
            if word not in there and not CHINESE.search(word) and len(word) < LONG_WORD:
                yield f"the word {word!r} is broken"


def _texts(block: Block) -> list[str]:
    match block:
        case Text(text, quiet=quiet):
            return [] if quiet else [text]
        case Number(title, text):
            return [title, text]
        case Facts(pairs):
            return [text for pair in pairs for text in pair]
        case Items(title, lines):
            return [title, *lines]
        case Qr(caption=caption):
            return [caption]
        case Entry(text, hint, masked):
            return [hint, "●" * len(text) if masked else text]
        case Sheet(strokes, hint):
            return [] if strokes else [hint]
    return []


def moved(before: Iterable[Placed], after: Iterable[Placed]) -> list[str]:
    """What stands elsewhere though it is touched."""
    there = {box.name: box.rect for box in _touchable(after)}
    return [
        f"{box.name} moves"
        for box in _touchable(before)
        if box.name not in there or _shift(box.rect, there[box.name]) > CLOSE
    ]


def _shift(one: Rect, other: Rect) -> float:
    sides = (
        (one.x, other.x),
        (one.y, other.y),
        (one.right, other.right),
        (one.bottom, other.bottom),
    )
    return max(abs(here - there) for here, there in sides)


def places_of(boxes: Iterable[Placed], prefix: str) -> set[tuple[str, float, float]]:
    """Where those stand whose names begin so."""
    return {
        (box.name, round(box.rect.x, 2), round(box.rect.y, 2))
        for box in boxes
        if box.choice is not None and box.name.startswith(prefix)
    }


if __name__ == "__main__":
    from tests.kiosk import look_at_all

    sys.exit(look_at_all.main())
