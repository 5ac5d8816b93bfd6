"""Whole tries, as the kiosk judges them: what is drawn reacts to each instruction, until it is judged live, refused, or out of time.

Part of `python -m kiosk.identity evaluate-liveness`. Whoever holds a picture turns it as asked and as far as it takes, and waits where
a blink is asked. A person blinks when asked, once more after three seconds, and needs half a second to understand anything.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import median
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.identity import session, staged_eyes
from kiosk.identity.engine import Engine, Image
from kiosk.identity.evaluate_liveness import KIOSK_A_SECOND, NOISE, a_fold, wall
from kiosk.identity.figures import tell, tell_share
from kiosk.identity.people import LONDON, Asked, Photo, files, in_parts
from kiosk.identity.session import BLINK, SLOWLY, Patience, Phase, Session
from kiosk.identity.session_events import (
    Agreed,
    AskTurn,
    EyeOpened,
    LookAfresh,
    Seen,
    Tick,
    TryBegun,
)
from kiosk.identity.staged import SIZE, Depth, Held, bent, head, seen
from kiosk.identity.worker import Eyes

Dressed: TypeAlias = Callable[[Photo, Image], Image]
UNDERSTANDS_S, BLINKS_AGAIN_S, WAITS_S = 0.5, 3.0, 0.6
SLOWLY_DEG_S, FAST_DEG_S, FARTHER_DEG = 40.0, 100.0, 12.0
SHUT_S = (0.25, 0.6)
NOISES = 12  # one after another: each takes as long to draw as the rest of a frame
SIDES = {"face.turn_left": 1, "face.turn_right": -1}


def bare(_photo: Photo, image: Image) -> Image:
    return image


def rims(photo: Photo, image: Image) -> Image:
    return staged_eyes.glasses(image, photo.face, dark=False)


def dark_glasses(photo: Photo, image: Image) -> Image:
    return staged_eyes.glasses(image, photo.face, dark=True, share=0.9)


def masked(photo: Photo, image: Image) -> Image:
    return staged_eyes.mask(image, photo.face)


@dataclass(frozen=True)
class Kind:
    """`turns`: how far it turns at first, in degrees; `speed`: how fast, until it is told to be slower. Without `depth` it is flat."""

    depth: Depth | None = head
    turns: tuple[float, float] = (25, 40)
    blinks: bool = True
    dressed: Dressed = bare
    speed: float = SLOWLY_DEG_S


@dataclass(frozen=True)
class Judged:
    live: bool
    why: str
    took_s: float


class Actor:
    """`frame` gives what the camera sees of it, after what it was told."""

    def __init__(self, kind: Kind, of: Photo, random: Random) -> None:
        self._kind, self._of, self._random = kind, of, random
        self._held = Held(pitch=random.uniform(-4, 4), distance=random.uniform(7, 10))
        self._far, self._shut_s = random.uniform(*kind.turns), random.uniform(*SHUT_S)
        self._told, self._since, self._side, self._speed = "", 0.0, 0, kind.speed
        self._drawn: dict[tuple[Held, float], Image] = {}
        self._noise = cycle(_noise(random))

    def frame(self, told: str, now: float) -> Image:
        if told != self._told:
            self._told, self._since = told, now
        known = now - self._since - UNDERSTANDS_S
        if known >= 0:
            self._side = SIDES.get(told, 0)
            self._speed = SLOWLY_DEG_S if told == SLOWLY else self._speed
        self._turn(known)
        noisy = cv2.add(self._clean(self._closed(known)), next(self._noise), dtype=cv2.CV_8U)
        return np.asarray(noisy, np.uint8)

    def _turn(self, known: float) -> None:
        """As far as it likes; still asked after a moment, farther."""
        across = 2 if self._held.yaw * self._side < 0 else 1
        late = known - across * self._far / self._speed - WAITS_S
        to = self._side * (self._far + FARTHER_DEG * min(max(0.0, late / WAITS_S), 1.0))
        step = self._speed / KIOSK_A_SECOND
        yaw = self._held.yaw + min(max(to - self._held.yaw, -step), step)
        self._held = replace(self._held, yaw=yaw)

    def _closed(self, known: float) -> float:
        if self._told != BLINK or not self._kind.blinks or known < 0:
            return 0.0
        return float(known % BLINKS_AGAIN_S < self._shut_s)

    def _clean(self, closed: float) -> Image:
        key = self._held, closed
        if key not in self._drawn:
            of = self._of
            lids = staged_eyes.eyelids(of.image, of.face, closed) if closed else of.image
            shown = self._kind.dressed(of, lids)
            self._drawn[key] = seen(shown, of.face, self._held, wall(), self._kind.depth)
        return self._drawn[key]


def _noise(random: Random) -> Iterator[NDArray[np.int16]]:
    """Of a sensor."""
    cv2.setRNGSeed(random.getrandbits(31))
    for _ in range(NOISES):
        noise = np.empty((SIZE[1], SIZE[0], 3), np.int16)
        cv2.randn(noise, np.zeros(3), np.full(3, NOISE))
        yield noise


def a_try(kind: Kind, of: Photo, random: Random, engine: Engine, patience: Patience) -> Judged:
    eyes = Eyes(engine, engine.template(of.image, of.face), random, blink=True)
    actor = Actor(kind, of, random)
    now = session.start(0.0, patience)
    for event in (Agreed(), TryBegun(), EyeOpened()):
        now, _ = session.happen(now, event, patience)
    frames = 0
    while now.phase in (Phase.LOOKING, Phase.TURNING):
        frames += 1
        now = _looked(now, eyes, actor, frames / KIOSK_A_SECOND, patience)
    live = now.phase is Phase.MATCHING
    return Judged(live, " ".join([now.outcome or "live", *now.reasons[:1]]), now.at)


def _looked(now: Session, eyes: Eyes, actor: Actor, at: float, patience: Patience) -> Session:
    told = eyes.see(actor.frame(now.says, at), at)
    now, _ = session.happen(now, Tick(at), patience)
    if not isinstance(told, Seen):
        raise TypeError("the picture that was drawn stands on its head")
    now, wishes = session.happen(now, told, patience)
    for wish in wishes:
        if isinstance(wish, AskTurn):
            eyes.ask(wish.until)
        elif isinstance(wish, LookAfresh):
            eyes.afresh()
    return now


def run(folder: Path, engine: Engine, each: int, seed: int, only: str = "") -> int:
    """`each`: tries of a kind; `only`: those with it in their name."""
    if not files(folder):
        tell(engine, LONDON, "not measured", missing=f"{folder / LONDON}: give --data")
        return 0
    with in_parts(folder, engine.name, each, seed) as all_of:
        for name in [one for one in KINDS if only in one]:
            _tell(engine, name, all_of(name, tries))
    return 0


def tries(asked: Asked) -> list[Judged]:
    kind = KINDS[asked.kind]
    return [a_try(kind(drawn[1]), *drawn, Patience()) for drawn in asked.drawn()]


def _tell(engine: Engine, name: str, found: list[Judged]) -> None:
    took = median(one.took_s for one in found), max(one.took_s for one in found)
    more = {
        "outcomes": dict(Counter(one.why for one in found)),
        "took_s": [round(s, 1) for s in took],
    }
    live = sum(one.live for one in found)
    tell_share(engine, LONDON, f"a whole try, {name}: judged live", live, len(found), **more)


def _pipe(random: Random, *, blinks: bool = False, dressed: Dressed = bare) -> Kind:
    axis = random.choice((0, 0, 90)) + random.uniform(-30, 30)
    depth = partial(bent, radius=random.uniform(0.9, 3), axis=axis)
    return Kind(depth, (25, 55), blinks, dressed)


def _folded(random: Random, *, blinks: bool) -> Kind:
    axis = random.choice((0, 0, 0, -45, 45, 90)) + random.uniform(-25, 25)
    return Kind(a_fold(random, axis), (25, 55), blinks)


KINDS: dict[str, Callable[[Random], Kind]] = {
    "a head (shall pass)": lambda _: Kind(),
    "a head with a flatter nose (shall pass)": lambda _: Kind(partial(head, nose=0.3)),
    "a head that turns fast (shall pass)": lambda _: Kind(speed=FAST_DEG_S),
    "a head with rims of glasses (shall pass)": lambda _: Kind(dressed=rims),
    "a head with a mask (may go another way)": lambda _: Kind(dressed=masked),
    "a head with dark glasses (goes another way)": lambda _: Kind(dressed=dark_glasses),
    "a flat picture": lambda _: Kind(None, (25, 55), blinks=False),
    "a flat film that blinks": lambda _: Kind(None, (25, 55)),
    "a picture bent round a pipe": _pipe,
    "a bent picture with dark glasses": partial(_pipe, dressed=dark_glasses),
    "a bent film that blinks": partial(_pipe, blinks=True),
    "a folded picture": partial(_folded, blinks=False),
    "a folded film that blinks": partial(_folded, blinks=True),
}
