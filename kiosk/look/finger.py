"""One finger on the boxes: what it presses, what it means when it is lifted. Pure; the clock's word comes in.

It acts on release; sliding off cancels. Only one finger counts; touches in the first moment after a change of the
boxes are ignored, as they were meant for what stood there before.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kiosk.journey.events import Event, Wrote
from kiosk.look.placed import Placed

GATE_S = 0.3
HOLD_S = 3.0
POINTS = 1000  # numbers in one stroke at most


@dataclass(frozen=True, slots=True)
class Held:
    """The finger that counts, and what it came down on."""

    finger: object
    on: Placed
    since: float
    inside: bool = True
    stroke: tuple[int, ...] = ()


class Fingers:
    """`pressed` is the box to be drawn as pressed."""

    def __init__(self) -> None:
        self._boxes: tuple[Placed, ...] = ()
        self._changed_at = float("-inf")
        self._held: Held | None = None

    @property
    def pressed(self) -> Placed | None:
        held = self._held
        return held.on if held is not None and held.inside and held.on.choice else None

    @property
    def stroke(self) -> tuple[int, ...]:
        """What is being written."""
        return self._held.stroke if self._held else ()

    def show(self, boxes: Iterable[Placed], now: float) -> None:
        """What is on the screen now. A box that is still there, wherever its words have changed, stays held."""
        boxes = tuple(boxes)
        if _targets(boxes) != _targets(self._boxes):
            self._changed_at = now
        self._boxes = boxes
        if self._held is not None:
            self._held = self._still(self._held)

    def down(self, finger: object, x: float, y: float, now: float) -> None:
        if self._held is not None or now - self._changed_at < GATE_S:
            return
        on = self._at(x, y)
        if on is not None:
            self._held = Held(finger, on, now, stroke=_point(on, x, y))

    def move(self, finger: object, x: float, y: float) -> None:
        held = self._held
        if held is None or held.finger != finger:
            return
        stroke = held.stroke
        if held.on.sheet and held.on.rect.holds(x, y) and len(stroke) < POINTS:
            stroke += _point(held.on, x, y)
        self._held = replace(held, inside=held.on.rect.holds(x, y), stroke=stroke)

    def up(self, finger: object, x: float, y: float, now: float) -> Event | None:
        """What was meant. The meaning is that of the moment when the finger came down."""
        held = self._held
        if held is None or held.finger != finger:
            return None
        self._held = None
        if held.on.sheet:
            return Wrote(held.stroke) if len(held.stroke) > 2 else None
        if not held.on.rect.holds(x, y):
            return None
        if held.on.hold is not None:
            return held.on.hold if now - held.since >= HOLD_S else None
        return held.on.choice.does if held.on.choice else None

    def _at(self, x: float, y: float) -> Placed | None:
        hit = [one for one in self._boxes if _touchable(one) and one.rect.holds(x, y)]
        return hit[-1] if hit else None

    def _still(self, held: Held) -> Held | None:
        same = [one for one in self._boxes if _place(one) == _place(held.on) and _touchable(one)]
        return held if same else None


def _touchable(box: Placed) -> bool:
    return (
        box.sheet
        or box.hold is not None
        or (box.choice is not None and box.choice.does is not None)
    )


def _place(box: Placed) -> tuple[object, ...]:
    return (box.name, box.rect)


def _targets(boxes: tuple[Placed, ...]) -> set[tuple[object, ...]]:
    return {_place(one) for one in boxes if _touchable(one)}


def _point(on: Placed, x: float, y: float) -> tuple[int, ...]:
    if not on.sheet:
        return ()
    unit = on.rect.width / 1000
    return (round((x - on.rect.x) / unit), round((y - on.rect.y) / unit))
