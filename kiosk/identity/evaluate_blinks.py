"""`python -m kiosk.identity evaluate-blinks`: how many blinks are seen where one is drawn, and where none is.

Eyelids are drawn on still pictures (staged_eyes.py), so the figures show how the program answers to what is drawn, and no more. Each
line is one kind, with its share of sequences in which a blink was seen and the 95 % interval.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import TypeAlias

from kiosk.identity import eyelids, staged_eyes
from kiosk.identity.engine import Engine
from kiosk.identity.evaluate_liveness import KIOSK_A_SECOND, SPECIES, held
from kiosk.identity.evaluate_sessions import Dressed, bare, dark_glasses, masked, rims
from kiosk.identity.eyelids import Blink
from kiosk.identity.figures import tell, tell_share
from kiosk.identity.liveness import FRONT_SIGHTS
from kiosk.identity.people import LONDON, Asked, Photo, files, in_parts
from kiosk.identity.sequences import Frames
from kiosk.identity.staged import Held

BEFORE, AFTER = 6, 9  # frames with open eyes
SHORT, LONG = (2, 3), (4, 10)  # frames with closed eyes: as by itself, and as when asked
Kind: TypeAlias = Callable[[Photo, Random, Engine], Frames]


def run(folder: Path, engine: Engine, each: int, seed: int, only: str = "") -> int:
    """`each`: sequences of a kind; `only`: those with it in their name."""
    if not files(folder):
        tell(engine, LONDON, "not measured", missing=f"{folder / LONDON}: give --data")
        return 0
    with in_parts(folder, engine.name, each, seed) as all_of:
        for name in [one for one in KINDS if only in one]:
            found = all_of(name, blinks)
            asked = sum(one is not None for one in found)
            counted = found.count(True)
            tell_share(engine, LONDON, f"{name}: blink seen", counted, each, eyes_seen=asked)
    return 0


def blinks(asked: Asked) -> list[bool | None]:
    kind = KINDS[asked.kind]
    return [seen(kind(*drawn), drawn[2]) for drawn in asked.drawn()]


def seen(frames: Frames, engine: Engine) -> bool | None:
    """Whether there was a blink after the first few frames; None where nobody would be asked for one."""
    open_: list[eyelids.Strip] = []
    blink: Blink | None = None
    for at, image in frames:
        for face in engine.find(image)[:1]:
            if blink is not None:
                blink = blink.see(image, face, at)
                continue
            open_.append(eyelids.strip(image, face))
            if len(open_) == FRONT_SIGHTS:
                most = eyelids.most_open(open_)
                if not eyelids.can_be_seen(most):
                    return None
                blink = Blink(most, until=float("inf"))
        if blink is not None and blink.done:
            return True
    return False


def blinking(
    photo: Photo,
    random: Random,
    _engine: Engine,
    *,
    shut: tuple[int, int] = LONG,
    dressed: Dressed = bare,
) -> Frames:
    """By somebody who moves a little meanwhile."""
    closed = random.randint(*shut) if shut[1] else 0
    lids = [0.0] * BEFORE + ([0.5, *[1.0] * closed, 0.5] if closed else []) + [0.0] * AFTER
    shown = {
        share: Photo(
            dressed(
                photo,
                staged_eyes.eyelids(photo.image, photo.face, share) if share else photo.image,
            ),
            photo.face,
        )
        for share in set(lids)
    }
    way = _drifting(random, len(lids))
    for n, (share, place) in enumerate(zip(lids, way, strict=True)):
        for _, image in held(shown[share], [place], random):
            yield n / KIOSK_A_SECOND, image


def _drifting(random: Random, frames: int) -> Iterator[Held]:
    start = Held(distance=random.uniform(7, 10))
    end = replace(
        start,
        yaw=random.uniform(-5, 5),
        pitch=random.uniform(-4, 4),
        roll=random.uniform(-3, 3),
        x=random.uniform(-0.15, 0.15),
        distance=start.distance * random.uniform(0.96, 1.04),
    )
    return (start.toward(end, n / frames) for n in range(frames))


NEVER = (0, 0)
KINDS: dict[str, Kind] = {
    "as when asked (shall be seen)": blinking,
    "short (shall be seen)": partial(blinking, shut=SHORT),
    "with rims of glasses (shall be seen)": partial(blinking, dressed=rims),
    "none, moving a little": partial(blinking, shut=NEVER),
    "none, with rims of glasses": partial(blinking, shut=NEVER, dressed=rims),
    "dark glasses": partial(blinking, dressed=dark_glasses),
    "with a mask": partial(blinking, dressed=masked),
    **{f"none, {name}": kind for name, kind in SPECIES.items()},
}
