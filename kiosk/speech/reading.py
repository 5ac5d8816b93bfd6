"""A Frame -> what is said of it: an opening, and everything that can be touched, in an order that never changes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kiosk.journey.events import Event
from kiosk.screens.page import (
    Block,
    Choice,
    Entry,
    Facts,
    Frame,
    Items,
    Number,
    Page,
    Qr,
    Role,
    Sheet,
    Text,
)
from kiosk.words import Words

LABEL = re.compile(r"[A-Z]{1,3}\d{2,}")  # a customer's number: said letter by letter
RANGE = re.compile(r"(?<=\d)\s*–\s*(?=\d)")
MANY = (Role.CHIP, Role.TILE, Role.KEY, Role.SCORE)  # one of several: whether it is chosen is said
ENTRY = "entry"
HELP = "help"


@dataclass(frozen=True, slots=True)
class Item:
    """One stop of the pad. `does` None: it says something, and does nothing. `state`: what is said when it has changed
    under the customer's hand. `number` among the choices of the page, which may have to be turned to it, from 0."""

    key: str
    said: tuple[str, ...]
    does: Event | None
    chosen: bool = False
    state: tuple[str, ...] = ()
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """`place`: another one is a new screen. `typed`: the keys of an entry as they are said, None where nothing can be
    typed. `notice` and `help` are said as soon as they change."""

    place: str
    language: str
    opening: tuple[str, ...]
    items: tuple[Item, ...]
    asks: bool = False
    notice: str = ""
    warning: bool = False
    help: str = ""
    call: Item | None = None
    typed: tuple[str, ...] | None = None

    def item(self, key: str) -> Item | None:
        return next((one for one in self.items if one.key == key), None)


def read(frame: Frame, words: Words) -> Reading:
    """The question for more time alone, while it is asked."""
    page = frame.over or frame.page
    bar = () if frame.over else frame.bar
    entry = None if frame.over else _entry(page)
    choices = (*page.choices, *page.foot, *bar)
    items = tuple(_items(choices, words, turned=0 if frame.over else len(page.choices)))
    notice = page.notice
    call = next((one for one in frame.bar if one.key == HELP), None)
    return Reading(
        place=f"{page.screen}/more-time" if frame.over else str(page.screen),
        language=frame.language,
        opening=_opening(page, len(items), words),
        items=(*_of_entry(entry, words), *items),
        asks=frame.over is not None,
        notice=_said(notice.text, words) if notice else "",
        warning=notice is not None and notice.warning,
        help=_help(call, words) if call else "",
        call=_item(call, words, ()) if call else None,
        typed=_typed(entry, words) if entry else None,
    )


def _opening(page: Page, count: int, words: Words) -> tuple[str, ...]:
    texts = [
        page.steps.text if page.steps else "",
        page.title,
        page.notice.text if page.notice else "",
        *(text for block in page.blocks for text in _block(block, words)),
        words("speech.choices", count=count),
    ]
    return tuple(_said(text, words) for text in texts if text)


def _block(block: Block, words: Words) -> Iterable[str]:
    """A picture shows what the text beside it says; a code is only named."""
    match block:
        case Text(text):
            return (text,)
        case Number(title, _, spoken):
            return (title, spoken)
        case Facts(pairs):
            return (words("speech.fact", name=name, value=_spelled(value)) for name, value in pairs)
        case Items(title, lines):
            return (title, *lines)
        case Qr(_, hint) | Sheet(_, hint):
            return (hint,)
        case Entry():
            return (block.hint, _entered(block, words))
    return ()


def _entry(page: Page) -> Entry | None:
    return next((block for block in page.blocks if isinstance(block, Entry)), None)


def _of_entry(entry: Entry | None, words: Words) -> tuple[Item, ...]:
    """So that the whole of it can be heard at any time."""
    return (Item(ENTRY, (_entered(entry, words),), None),) if entry else ()


def _entered(entry: Entry, words: Words) -> str:
    typed = " ".join(_typed(entry, words))
    return words("speech.typed", text=typed) if typed else words("speech.empty")


def _typed(entry: Entry, words: Words) -> tuple[str, ...]:
    if entry.masked:
        return (words("speech.star"),) * len(entry.text)
    return tuple(entry.text)


def _items(choices: tuple[Choice, ...], words: Words, turned: int) -> Iterator[Item]:
    """Where it stands is said of each but keys and languages, which everybody knows. So many of them may be on another
    turn."""
    for number, choice in enumerate(choices, start=1):
        place: tuple[str, ...] = ()
        if choice.role is not Role.KEY:
            place = (words("speech.item", number=number, count=len(choices)),)
        item = _item(choice, words, place)
        yield replace(item, number=number - 1) if number <= turned else item


def _item(choice: Choice, words: Words, place: tuple[str, ...]) -> Item:
    state = _state(choice, words)
    closed = () if choice.does else (words("speech.closed"),)
    shown = state if choice.chosen or choice.detail == state else ()
    detail = () if choice.detail == shown else choice.detail
    texts = (choice.spoken or choice.text, *detail, *shown, *closed, *place)
    said = tuple(_said(text, words) for text in texts if text)
    return Item(choice.key, said, choice.does, choice.chosen, state)


def _state(choice: Choice, words: Words) -> tuple[str, ...]:
    """A chip that says itself whether it is on needs no other word."""
    if choice.role not in MANY:
        return ()
    if choice.role is Role.CHIP and choice.detail:
        return choice.detail
    return (words("speech.chosen" if choice.chosen else "speech.not_chosen"),)


def _help(call: Choice, words: Words) -> str:
    """The name of the button would sound like an answer when nobody comes any more."""
    nobody = call.text == words("bar.help.none")
    return words("speech.no_help") if nobody else call.text


def _said(text: str, words: Words) -> str:
    """Numbers as people say them, where the screen has signs."""
    return RANGE.sub(f" {words('speech.to')} ", _spelled(text))


def _spelled(text: str) -> str:
    return " ".join(text) if LABEL.fullmatch(text) else text
