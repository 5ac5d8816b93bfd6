"""What is the same everywhere: the languages, how it is read, and a person. It depends on no language where it stands."""

from collections.abc import Iterator
from dataclasses import replace

from kiosk.look.boxes import Look, bare, row, squeezed
from kiosk.look.placed import Placed, Rect
from kiosk.look.theme import GAP, LINE, TARGET
from kiosk.screens.page import Choice, Role

OTHERS = 2  # access and help; their room is kept where they are not
HIGHEST = 36.0  # a button on the right
PAD = 1.6  # inside a button
NAME = 4.8  # width of a language's name, in letters
OTHER = 6.5  # width of another button that is wide enough for one row, in letters


def bar(
    choices: tuple[Choice, ...], free: Rect, look: Look, *, wide: bool
) -> tuple[list[Placed], Rect]:
    """At the bottom in one row, or in two; on a wide panel on the right. Its boxes, and the room that is left."""
    look = replace(look, scale=replace(look.scale, pad=PAD))
    languages = tuple(one for one in choices if one.role is Role.KEY)
    others = tuple(one for one in choices if one.role is not Role.KEY)
    places, left = (_on_the_right if wide else _at_the_bottom)(len(languages), free, look)
    pair = look.palette.wait
    ground = (
        Rect(left.right, free.y, free.right - left.right, free.height)
        if wide
        else Rect(free.x, left.bottom, free.width, free.bottom - left.bottom)
    )
    placed = [
        *_buttons(languages, places[: len(languages)], look),
        *_buttons(others, places[len(languages) :], look),
    ]
    return [Placed("bar", ground, pair.ground, pair.ink), *placed], left


def _buttons(choices: tuple[Choice, ...], places: list[Rect], look: Look) -> Iterator[Placed]:
    """All with their icons, or, where that is too narrow for one, all without."""
    for tried in (choices, bare(choices)):
        drawn = [
            row((one,), [place.width], place, look.scale.bar, look, "bar")
            for one, place in zip(tried, places, strict=False)
        ]
        if all(drawn):
            yield from (one for some in drawn if some for one in some)
            return
    for one, place in zip(choices, places, strict=False):
        yield from squeezed((one,), place, look, "bar")


def _on_the_right(languages: int, free: Rect, look: Look) -> tuple[list[Rect], Rect]:
    count, width = languages + OTHERS, look.scale.side
    high = min(HIGHEST, (free.height - 2 * GAP - GAP * (count - 1)) / count)
    x, top = free.right - width + GAP, free.bottom - count * (high + GAP)
    places = [Rect(x, top + n * (high + GAP), width - 2 * GAP, high) for n in range(count)]
    return places, replace(free, width=free.width - width)


def _at_the_bottom(languages: int, free: Rect, look: Look) -> tuple[list[Rect], Rect]:
    scale = look.scale
    rect = Rect(free.x + scale.margin, free.y, free.width - 2 * scale.margin, free.height)
    high = max(TARGET, 2 * scale.bar * LINE + 2.2)
    name = scale.bar * NAME + 2 * scale.pad
    other = (rect.width - languages * (name + GAP) - GAP * (OTHERS - 1)) / OTHERS
    y = free.bottom - GAP - high
    if other >= OTHER * scale.bar:
        widths = [name] * languages + [other] * OTHERS
        places = list(_across(widths, rect.x, y, high))
    else:
        upper = y - GAP - high
        places = [
            *_across(_equal(languages, rect.width), rect.x, upper, high),
            *_across(_equal(OTHERS, rect.width), rect.x, y, high),
        ]
        y = upper
    return places, replace(free, height=y - GAP - free.y)


def _equal(count: int, width: float) -> list[float]:
    return [(width - GAP * (count - 1)) / count] * count


def _across(widths: list[float], x: float, y: float, high: float) -> Iterator[Rect]:
    for width in widths:
        yield Rect(x, y, width, high)
        x += width + GAP
