"""A picture as it comes from a camera, and what is wrong with it that needs no face to see. Pure.

The limits are of luminance, 0 to 255, and chosen here: a lens under a finger or a cap gives less than DARK_AT_MOST
even where it is lightest.
"""

from dataclasses import dataclass, field

import numpy
import numpy.typing

Pixels = numpy.typing.NDArray[numpy.uint8]

EVERY = 8  # pixels: what is looked at of a picture, both ways
LUMINANCE = numpy.array((0.114, 0.587, 0.299))  # of blue, green, red (ITU-R BT.601)
DARK_AT_MOST = 30
TOO_DARK, TOO_BRIGHT = 40, 215
BURNT, BURNT_SHARE = 250, 0.5
HOLDS_S = 0.6  # before a word is said or taken back: no word for what flickers
FROZEN_S = 1.5
FROZEN_PICTURES = 8  # no two pictures of a sensor are alike to the last bit


@dataclass(frozen=True, slots=True)
class Picture:
    """Blue, green, red; height x width x 3, one block of memory. `number` grows by one a picture, also over
    sessions; `at` is when it came, in s of the steady clock."""

    number: int
    at: float
    pixels: Pixels = field(repr=False)


def fault_of(sample: Pixels) -> str:
    """Of one picture's sample: lensCovered, tooDark, tooBright or nothing."""
    light = sample @ LUMINANCE
    if float(numpy.percentile(light, 95)) <= DARK_AT_MOST:
        return "lensCovered"
    mean = float(light.mean())
    if mean < TOO_DARK:
        return "tooDark"
    burnt = float((light >= BURNT).mean())
    return "tooBright" if mean > TOO_BRIGHT or burnt > BURNT_SHARE else ""


class Judge:
    """Says the word for a camera's pictures: one of `fault_of`, or frozen when the same comes again and again."""

    def __init__(self) -> None:
        self.word = ""
        self._next, self._since = "", 0.0
        self._last: Pixels | None = None
        self._alike, self._alike_since = 0, 0.0

    def look(self, picture: Picture) -> str:
        """The word that holds after this one."""
        sample = picture.pixels[::EVERY, ::EVERY]
        seen = fault_of(sample) or self._frozen(sample, picture.at)
        if seen != self._next:
            self._next, self._since = seen, picture.at
        if seen == "frozen" or picture.at - self._since >= HOLDS_S:
            self.word = seen
        return self.word

    def _frozen(self, sample: Pixels, at: float) -> str:
        if self._last is None or not numpy.array_equal(sample, self._last):
            self._last, self._alike, self._alike_since = sample.copy(), 0, at
            return ""
        self._alike += 1
        long = at - self._alike_since >= FROZEN_S
        return "frozen" if long and self._alike >= FROZEN_PICTURES else ""
