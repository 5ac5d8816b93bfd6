"""Which card is new, which has been told already, and when the field is empty again. Pure."""

from collections.abc import Sequence
from enum import Enum

from devices.contactless.answers import Target

LOOKS = 2  # in a row that must agree: a card at the edge of the field comes and goes


class Step(Enum):
    """What a look at the field leads to."""

    NOTHING = 0
    READ = 1  # a card that nobody has been told of
    COLLIDED = 2  # two, for the first time
    GONE = 3  # the told card, or the two
    SWAPPED = 4  # another card lies there than the told one


class Presence:
    """Begins with an empty field."""

    def __init__(self) -> None:
        self._told: bytes | None = None  # the number of the card in the field that was told
        self._crowd = False  # two cards, and that was told
        self._agreeing = 0

    @property
    def waits_for_removal(self) -> bool:
        return self._crowd or self._told is not None

    def saw(self, targets: Sequence[Target]) -> Step:
        """The cards found by one look."""
        if not self.waits_for_removal:
            return self._first(targets)
        if not targets:
            return self._missing()
        if len(targets) == 1 and self._crowd:
            return self._left_over()
        self._agreeing = 0
        if len(targets) == 1 and self._told is not None and targets[0].is_another(self._told):
            self.left()
            return Step.SWAPPED
        return Step.NOTHING

    def told(self, target: Target) -> None:
        """That card was told, as read or as unreadable."""
        self._told, self._crowd, self._agreeing = target.uid, False, 0

    def collided(self) -> None:
        self._told, self._crowd, self._agreeing = None, True, 0

    def left(self) -> None:
        self._told, self._crowd, self._agreeing = None, False, 0

    def _first(self, targets: Sequence[Target]) -> Step:
        if len(targets) > 1:
            self.collided()
            return Step.COLLIDED
        return Step.READ if targets else Step.NOTHING

    def _missing(self) -> Step:
        if not self._agree(-1):
            return Step.NOTHING
        self.left()
        return Step.GONE

    def _left_over(self) -> Step:
        """Of two cards one is left: it is read once it is sure that the other one has gone."""
        return Step.READ if self._agree(1) else Step.NOTHING

    def _agree(self, way: int) -> bool:
        """Whether the last looks all said the same: -1 an empty field, 1 a single card."""
        self._agreeing = self._agreeing + way if self._agreeing * way > 0 else way
        return abs(self._agreeing) >= LOOKS
