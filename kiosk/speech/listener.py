"""Somebody who listens: what is said when a key is pressed, or when the screen has changed. Pure; no sound, no clock."""

from dataclasses import dataclass, replace

from kiosk.journey.events import Entered, Event, HelpTouched, PadUsed, TurnedOver, Typed
from kiosk.speech.pad import Key
from kiosk.speech.reading import ENTRY, Item, Reading


@dataclass(frozen=True, slots=True)
class Listener:
    """`reading`: the screen as it was last heard; None: speech is off. `at`: the item last reached; `kept`: the same of
    the screen below the question for more time. `due`: something was selected, and nothing said of it yet."""

    reading: Reading | None = None
    at: str = ""
    kept: str = ""
    due: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What is said now. `cut`: whatever is being said ends at once; else this is said before what waits."""

    listener: Listener
    say: tuple[str, ...] = ()
    cut: bool = True
    event: Event | None = None


def pressed(listener: Listener, key: Key | Typed) -> Heard:
    """Every key says that the customer is still here, except while they are being asked just that."""
    if listener.reading is None:
        return Heard(listener, event=PadUsed())
    heard = _pressed(listener, listener.reading, key)
    repeated = key is Key.REPEAT and not listener.repeated
    heard = replace(heard, listener=replace(heard.listener, repeated=repeated))
    if heard.event is None and not listener.reading.asks:
        return replace(heard, event=PadUsed())
    return heard


def shown(listener: Listener, reading: Reading, hello: str = "") -> Heard:
    """The screen may have changed; `hello` is said to whoever begins to listen."""
    before = listener.reading
    if before is None:
        at = _first(reading)
        return Heard(Listener(reading, at), (hello, *reading.opening, *_at(reading, at)))
    now = replace(listener, reading=reading, due=False)
    if (before.place, before.language) != (reading.place, reading.language):
        return _moved(now, before, reading)
    news = _news(listener, before, reading)
    if news.say or not listener.due:
        return replace(news, listener=now)
    return Heard(now, _here(now, reading))


def _pressed(listener: Listener, reading: Reading, key: Key | Typed) -> Heard:
    match key:
        case Key.NEXT:
            return _reach(listener, reading, 1)
        case Key.PREVIOUS:
            return _reach(listener, reading, -1)
        case Key.SELECT:
            return _select(listener, reading)
        case Key.REPEAT if listener.repeated:
            return Heard(listener, reading.opening)
        case Key.HELP if reading.call is not None:
            return _help(listener, reading.call)
        case Typed():
            return _type(listener, reading, key)
    return Heard(listener, _here(listener, reading))


def _reach(listener: Listener, reading: Reading, by: int) -> Heard:
    """Round and round. What is not on the screen is turned to: whoever listens may see it too."""
    keys = [item.key for item in reading.items]
    if not keys:
        return Heard(listener, reading.opening)
    place = keys.index(listener.at) if listener.at in keys else (-1 if by > 0 else 0)
    item = reading.items[(place + by) % len(keys)]
    turned = None if item.number is None else TurnedOver(item.number)
    return Heard(replace(listener, at=item.key), item.said, event=turned)


def _select(listener: Listener, reading: Reading) -> Heard:
    """Who has just typed and reached nothing since means: that is it."""
    item = reading.item(listener.at)
    if item is None and reading.typed:
        item = next((one for one in reading.items if one.does == Entered()), None)
    if item is None or item.does is None:
        return Heard(listener, _here(listener, reading))
    return Heard(replace(listener, due=True), event=item.does)


def _help(listener: Listener, call: Item) -> Heard:
    """Whoever presses again because nobody has come yet does not mean that nobody shall come."""
    if call.chosen or call.does is None:
        return Heard(listener, call.said)
    return Heard(replace(listener, due=True), event=HelpTouched())


def _type(listener: Listener, reading: Reading, key: Typed) -> Heard:
    """Only what could be touched."""
    if not any(item.does == key for item in reading.items):
        return Heard(listener, _here(listener, reading))
    return Heard(replace(listener, at="", due=True), event=key)


def _moved(now: Listener, before: Reading, reading: Reading) -> Heard:
    """Another screen or language. Below the question for more time, the place is kept."""
    help_ = (reading.help,) if reading.help != before.help and _same(before, reading) else ()
    at, kept = _first(reading), ""
    if reading.asks:
        kept = now.at
    elif before.asks and before.place.startswith(f"{reading.place}/"):
        at = now.kept
    elif before.place == reading.place:
        at = now.at
    now = replace(now, at=at, kept=kept)
    return Heard(now, (*help_, *reading.opening, *_at(reading, _first(reading))))


def _same(before: Reading, reading: Reading) -> bool:
    """In another language the same help has another name."""
    return before.language == reading.language and bool(reading.help)


def _news(listener: Listener, before: Reading, reading: Reading) -> Heard:
    """What is said at once on the same screen: never a mere change of waits, or of the time that is left."""
    told = [reading.notice] if reading.notice != before.notice else []
    told += [reading.help] if reading.help != before.help else []
    say = (*(text for text in told if text), *_echo(before, reading), *_changed(listener, reading))
    return Heard(listener, say, cut=listener.due or (bool(told) and reading.warning))


def _echo(before: Reading, reading: Reading) -> tuple[str, ...]:
    """The key that was added; else all that is there."""
    if reading.typed is None or before.typed is None or reading.typed == before.typed:
        return ()
    if reading.typed[:-1] == before.typed:
        return reading.typed[-1:]
    return _at(reading, ENTRY)


def _changed(listener: Listener, reading: Reading) -> tuple[str, ...]:
    """Whether the item that was reached is chosen now, or no longer."""
    item = reading.item(listener.at)
    before = listener.reading.item(listener.at) if listener.reading else None
    if item is None or before is None or item.chosen == before.chosen:
        return ()
    return item.state


def _here(listener: Listener, reading: Reading) -> tuple[str, ...]:
    return _at(reading, listener.at) or reading.opening


def _at(reading: Reading, key: str) -> tuple[str, ...]:
    item = reading.item(key)
    return item.said if item else ()


def _first(reading: Reading) -> str:
    """Where a new screen is entered: the question for more time at its answer, so that one key is enough."""
    return reading.items[0].key if reading.asks and reading.items else ""
