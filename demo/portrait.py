"""A simulated person before the simulated camera: a drawing with depth of a portrait in the public domain, which turns its head.

The portrait is Grace Hopper's. It stands in for a person, since there are no videos of people here, and shows what the program
looks for; a bank tries with people.
"""

from pathlib import Path
from random import Random

import cv2
import numpy as np

from demo import faces
from kiosk import words
from kiosk.identity import pictures
from kiosk.identity.engine import open_engine
from kiosk.identity.evaluate_liveness import held
from kiosk.identity.people import Photo, photo
from kiosk.identity.staged import Held, head
from kiosk.identity.staged_eyes import eyelids

DEGREES = 34.0
STEPS = 12
A_PICTURE_S = 0.2  # slowly: a busy machine sees few pictures a second
SIDES = {"left": DEGREES, "right": -DEGREES}
STRAIGHT, BLINK = "front", "blink"
SHUT = 5  # pictures
BLINKS_AGAIN_S = 3.0  # where the first was not seen


class Person:
    """Pictures and lists for `present` of the simulated camera, drawn into a folder. `a_picture_s`: how long each is held."""

    def __init__(self, folder: Path, a_picture_s: float = A_PICTURE_S) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._a_picture_s = folder, a_picture_s
        of = photo(pictures.read(faces.hopper()), open_engine())
        self._ways = {side: self._turn(of, side) for side in SIDES}
        closed = Photo(eyelids(of.image, of.face, 1.0), of.face)
        ((_, image),) = held(closed, [Held()], Random(1), head)
        self._closed = self._drawn("closed.png", image)
        self._faces = STRAIGHT

    def turn(self, to: str) -> Path:
        """From where the head is: left, right or front; then it stays. Or a blink, straight ahead."""
        if to == BLINK:
            straight = self._ways["left"][:1]
            return self._listed("blink.txt", [*straight, *[self._closed] * SHUT, *straight])
        way = [*self._back(), *(() if to == STRAIGHT else self._ways[to])]
        self._faces = to
        return self._listed(f"{to}.txt", way or self._ways["left"][:1])

    def _back(self) -> list[Path]:
        return [] if self._faces == STRAIGHT else self._ways[self._faces][::-1]

    def _turn(self, of: Photo, side: str) -> list[Path]:
        end = Held(yaw=SIDES[side])
        way = [Held().toward(end, n / STEPS) for n in range(STEPS + 1)]
        return [
            self._drawn(f"{side}-{n:02}.png", image)
            for n, (_, image) in enumerate(held(of, way, Random(1), head))
        ]

    def _drawn(self, name: str, image: np.ndarray) -> Path:
        path = self._folder / name
        cv2.imwrite(str(path), image)
        return path

    def _listed(self, name: str, way: list[Path]) -> Path:
        path = self._folder / name
        path.write_text(
            "".join(f"{self._a_picture_s} {one.name}\n" for one in way), encoding="utf-8"
        )
        return path


class Asked:
    """What the screen asks a customer to do with the head, in any language."""

    def __init__(self) -> None:
        self._side = {
            words.load(language)(key): side
            for language in words.languages()
            for key, side in (
                *((f"face.turn_{side}", side) for side in (*SIDES, STRAIGHT)),
                ("face.turn_slowly", STRAIGHT),
                ("face.look_straight", STRAIGHT),
                ("face.blink", BLINK),
            )
        }
        self.begin()

    def begin(self) -> None:
        """A new try."""
        self._done, self._since = "", 0.0

    def anew(self, texts: list[str], now: float) -> str:
        """What was not asked before, and a blink once more where it is still asked; nothing otherwise. `now` in s."""
        asked = next((self._side[text] for text in texts if text in self._side), "")
        again = asked == BLINK and now - self._since >= BLINKS_AGAIN_S
        if not asked or (asked == self._done and not again):
            return ""
        self._done, self._since = asked, now
        return asked
