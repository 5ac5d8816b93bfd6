"""A finger on the sensor: wait for it, advise, try again a few times, wait until it is gone.

Not responsible for: what is then done with its features.
"""

import math
from collections.abc import Callable

from devices.device import Patience
from devices.fingerprint import protocol
from devices.fingerprint.module import Failed, Module
from devices.fingerprint.protocol import (
    CAPTURE_FAILED,
    MESSY,
    NO_FINGER,
    NO_VALID_IMAGE,
    OK,
    TAKE_IMAGE,
    TOO_FEW_POINTS,
    Answer,
)

POLL_S = 0.3  # between two images
CHANGE_S = 1.5  # for a finger that gave a bad image to be lifted; then it is tried as it lies

# what a customer can do about a bad image
ADVICE = {
    CAPTURE_FAILED: "placeAgain",
    MESSY: "clean",
    TOO_FEW_POINTS: "pressHarder",
    NO_VALID_IMAGE: "placeAgain",
}


class Presentation:
    """The fingers of one order, with its patience and its tries. Every call may raise Failed and PortLost."""

    def __init__(
        self,
        module: Module,
        patience: Patience,
        prompt: Callable[[str], None],
        clock: Callable[[], float],
        tries: int,
    ) -> None:
        self._module = module
        self._patience = patience
        self._prompt = prompt
        self._clock = clock
        self._tries = tries

    def take(self, slot: int, word: str) -> None:
        """Until the features of a finger are in a buffer. Failed when the tries are used up."""
        self._prompt(word)
        while (answer := self._features(slot)).code != OK:
            if answer.code not in ADVICE:
                raise Failed(*answer.meaning)
            self.spend(answer)
            self._prompt(ADVICE[answer.code])
            self._until_gone(CHANGE_S)

    def lift(self) -> None:
        """The same finger must come a second time, so it must go first."""
        self._prompt("liftFinger")
        self._until_gone(math.inf)

    def spend(self, answer: Answer) -> None:
        """One try less. Failed, for this answer's cause, when it was the last."""
        self._tries -= 1
        if self._tries <= 0:
            raise Failed(*answer.meaning)

    def _features(self, slot: int) -> Answer:
        """Of the next finger that comes; else why not."""
        while (image := self._image()).code == protocol.NO_FINGER:
            self._module.rest(POLL_S)
        if image.code != OK:
            return image
        return self._module.ask(protocol.image_to_features(slot), self._patience)

    def _until_gone(self, seconds: float) -> None:
        until = self._clock() + seconds
        while self._image().code != NO_FINGER and self._clock() < until:
            self._module.rest(POLL_S)

    def _image(self) -> Answer:
        return self._module.ask(TAKE_IMAGE, self._patience)
