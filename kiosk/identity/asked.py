"""What a customer is asked to do before the camera, drawn by lot. Pure; chance is passed in."""

from random import Random
from typing import Literal

Turn = Literal["left", "right", "front", "blink"]  # as the person sees it
SIDEWAYS: tuple[Turn, ...] = ("left", "right")
CHALLENGES: tuple[tuple[Turn, ...], ...] = (
    ("left", "front"), ("right", "front"), ("left", "right"), ("right", "left"),
)  # fmt: skip
BLINKS, AFTER_FRONT = 0.5, 0.5  # how often


def challenge(random: Random, *, blink: bool = False) -> tuple[Turn, ...]:
    """Two turns. `blink`: in every second challenge one as well, before them or after, while the face looks straight."""
    turns = random.choice(CHALLENGES)
    if not blink or random.random() >= BLINKS:
        return turns
    if turns[-1] == "front" and random.random() < AFTER_FRONT:
        return (*turns, "blink")
    return ("blink", *turns)


def without_blink(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """With one more turn in its place: to the side that is not asked next, and was not asked before."""
    at = turns.index("blink")
    near = turns[1] if at == 0 else turns[0]
    other: Turn = "right" if near == "left" else "left"
    return (*turns[:at], other, *turns[at + 1 :])
