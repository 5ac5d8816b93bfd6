"""What a customer is asked to do before the camera, drawn by lot. Pure; chance is passed in."""

from random import Random
from typing import Literal

Turn = Literal["left", "right", "front", "blink"]  # as the person sees it
SIDEWAYS: tuple[Turn, ...] = ("left", "right")
CHALLENGES: tuple[tuple[Turn, ...], ...] = (
    ("left", "front"), ("right", "front"), ("left", "right"), ("right", "left"),
)  # fmt: skip
AFTER_FRONT = 0.5  # how often


def challenge(random: Random, *, blink: bool = False) -> tuple[Turn, ...]:
    """Two turns. `blink`: one as well, before them or after, while the face looks straight."""
    turns = random.choice(CHALLENGES)
    if not blink:
        return turns
    if turns[-1] == "front" and random.random() < AFTER_FRONT:
        return (*turns, "blink")
    return ("blink", *turns)
