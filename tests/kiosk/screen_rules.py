"""What must hold for every widget that can be seen: the layout lint. Runs where Kivy runs."""

from collections.abc import Iterator
from itertools import combinations
from math import hypot
from pathlib import Path

from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.label import Label
from kivy.uix.widget import Widget
from PIL import Image

from kiosk.look.widgets import Icon, Pressable, QrCode
from kiosk.screens.services import ServiceTile

SLACK_PX = 1.5  # layouts round
TOUCH_MM, GAP_MM = 20.0, 3.0
LEAST_CONTRAST = 4.5  # WCAG 2.2 1.4.3
LEAST_DISABLED = 3.0  # which service is closed is worth reading too
MOST_COLOURS = 1 << 16
Box = tuple[float, float, float, float]
Broken = Iterator[tuple[str, str]]


def box(widget: Widget) -> Box:
    """Left, bottom, right, top in the window."""
    x, y = widget.to_window(*widget.pos)
    return x, y, x + widget.width, y + widget.height


def inside(inner: Box, outer: Box) -> bool:
    return (
        inner[0] >= outer[0] - SLACK_PX
        and inner[1] >= outer[1] - SLACK_PX
        and inner[2] <= outer[2] + SLACK_PX
        and inner[3] <= outer[3] + SLACK_PX
    )


def overlap(one: Box, other: Box) -> bool:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide > SLACK_PX and high > SLACK_PX


def gap(one: Box, other: Box) -> float:
    aside = max(one[0] - other[2], other[0] - one[2], 0)
    above = max(one[1] - other[3], other[1] - one[3], 0)
    return hypot(aside, above)


def visible(widget: Widget) -> Iterator[Widget]:
    """The widget and all below it that anybody can see."""
    if widget.opacity == 0:
        return
    yield widget
    for child in widget.children:
        yield from visible(child)


def shows_something(widget: Widget) -> bool:
    return any(_is_seen(part) for part in visible(widget))


def _is_seen(part: Widget) -> bool:
    return isinstance(part, Pressable) or _is_content(part)


def _is_content(part: Widget) -> bool:
    if isinstance(part, Label):
        return bool(part.text)
    return isinstance(part, QrCode) and bool(part.data)


def called(widget: Widget) -> str:
    text = getattr(widget, "text", "") or getattr(widget, "label", "")
    size = ", ".join(f"{value:.0f}" for value in box(widget))
    return f"{type(widget).__name__} {text!r} ({size})"


def broken(root: Widget, width: int, height: int, mm: float, picture: Path) -> Broken:
    widgets = list(visible(root))
    labels = [w for w in widgets if isinstance(w, Label) and w.text]
    content = [w for w in widgets if _is_content(w)]
    pressables = [w for w in widgets if isinstance(w, Pressable)]
    yield from _texts(labels, (0, 0, width, height))
    yield from _outside(widgets)
    yield from _siblings(widgets)
    for one, other in combinations(content, 2):
        if overlap(box(one), box(other)):
            yield "overlap", f"{called(one)} and {called(other)}"
    yield from _touch(pressables, mm)
    yield from _tiles([w for w in pressables if isinstance(w, ServiceTile)])
    yield from _legible(labels, Image.open(picture).convert("RGB"))


def _texts(labels: list[Label], screen: Box) -> Broken:
    for label in labels:
        wide, high = label.texture_size
        if wide > label.width + SLACK_PX or high > label.height + SLACK_PX:
            yield "text larger than its box", f"{called(label)} needs {wide} x {high}"
        if not inside(box(label), screen):
            yield "out of the window", called(label)
        if getattr(label, "is_shortened", False) or label.shorten:
            yield "shortened", called(label)


def _outside(widgets: list[Widget]) -> Broken:
    for parent in widgets:
        for child in parent.children:
            if child.opacity and shows_something(child) and not inside(box(child), box(parent)):
                yield "outside its parent", f"{called(child)} of {called(parent)}"


def _siblings(widgets: list[Widget]) -> Broken:
    for parent in widgets:
        if not isinstance(parent, BoxLayout | GridLayout):
            continue
        shown = [child for child in parent.children if child.opacity and shows_something(child)]
        for one, other in combinations(shown, 2):
            if overlap(box(one), box(other)):
                yield "overlap", f"{called(one)} and {called(other)}"


def _touch(pressables: list[Pressable], mm: float) -> Broken:
    for one in pressables:
        if min(one.size) < TOUCH_MM * mm - SLACK_PX:
            sides = " x ".join(f"{side / mm:.1f}" for side in one.size)
            yield "too small to touch", f"{called(one)}: {sides} mm"
    for one, other in combinations(pressables, 2):
        apart = gap(box(one), box(other)) / mm
        if apart < GAP_MM - 0.3:
            yield "too near to touch", f"{called(one)} and {called(other)}: {apart:.1f} mm"


def _tiles(tiles: list[ServiceTile]) -> Broken:
    """Letter by letter place: the third label of every tile is as large as that of its neighbours."""
    sizes = {
        tuple(round(w.font_size, 1) for w in tile.walk(restrict=True) if isinstance(w, Label))
        for tile in tiles
    }
    if len(sizes) > 1:
        yield "unequal letters", str(sizes)


def _legible(labels: list[Label], picture: Image.Image) -> Broken:
    """As it was drawn: between the lightest and the darkest dot of every text that is not dimmed."""
    for label in labels:
        if _dimmed(label) or (label.disabled and isinstance(label, Icon)):
            continue
        left, bottom, right, top = map(int, box(label))
        part = picture.crop((left, picture.height - top - 1, right + 1, picture.height - bottom))
        shades = [_luminance(colour) for _, colour in part.getcolors(MOST_COLOURS) or ()]
        if not shades:
            continue
        contrast = (max(shades) + 0.05) / (min(shades) + 0.05)
        if contrast < (LEAST_DISABLED if label.disabled else LEAST_CONTRAST):
            yield "cannot be read", f"{called(label)}: contrast {contrast:.1f}"


def _dimmed(label: Label) -> bool:
    """On purpose, for the moment in which the branch is asked."""
    part = label
    while isinstance(part, Widget):  # the window is its own parent
        if part.opacity < 1:
            return True
        part = part.parent
    return False


def _luminance(colour: tuple[int, ...]) -> float:
    parts = [c / 255 for c in colour]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
