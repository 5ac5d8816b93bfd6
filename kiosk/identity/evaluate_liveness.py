"""`python -m kiosk.identity evaluate-liveness`: how many pictures that somebody holds before the camera pass for a person.

All are rendered from still pictures, so they show how the program answers to what is drawn, and no more; how many real people are refused
cannot be measured without videos of people. Each line is one species; "standing out like a head" is the only one that shall pass.
The share is of those judged live, with its 95 % interval.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import permutations
from pathlib import Path
from random import Random
from typing import TypeAlias

import cv2
import numpy as np

from kiosk.identity import pictures
from kiosk.identity.engine import Engine, Face, Image
from kiosk.identity.figures import tell, tell_share
from kiosk.identity.liveness import Judgement
from kiosk.identity.liveness_files import judge
from kiosk.identity.people import LONDON, Asked, Photo, in_parts, photo
from kiosk.identity.quality import pose
from kiosk.identity.sequences import Frames
from kiosk.identity.staged import SIZE, Depth, Held, bent, folded, head, seen
from kiosk.identity.turning import turned

LFW = "lfw_fold10"
SWITCHED = "switched for one that looks aside"
FRONT, MOVING, AFTER = 4, 10, 4  # frames of a sequence
A_SECOND = 10.0
KIOSK_A_SECOND, TURNS_IN = 15.0, 18  # as often as the kiosk looks; frames of a turn without haste
NOISE = 3.0  # of a sensor, of 255
BORDER = 0.12


Way: TypeAlias = list[Held]
Kind: TypeAlias = Callable[[Photo, Random, Engine], Frames]


def run(folder: Path, engine: Engine, each: int, seed: int, only: str = "") -> int:
    """`each`: sequences of a species; `only`: those with it in their name."""
    for data, part in ((LONDON, _london), (LFW, _switched)):
        if (folder / data).is_dir():
            part(folder, engine, each, seed, only)
        else:
            missing = f"{folder / data} is not there: give --data"
            tell(engine, data, "not measured", missing=missing)
    return 0


def _london(folder: Path, engine: Engine, each: int, seed: int, only: str) -> None:
    with in_parts(folder, engine.name, each, seed) as all_of:
        for name in [one for one in SPECIES if only in one]:
            _tell(engine, LONDON, name, all_of(name, judged))


def judged(asked: Asked) -> list[Judgement]:
    kind = SPECIES[asked.kind]
    return [judge(kind(*drawn), drawn[2]) for drawn in asked.drawn()]


def _switched(folder: Path, engine: Engine, each: int, seed: int, only: str) -> None:
    """A straight picture, then one of the same person that looks aside."""
    if only not in SWITCHED:
        return
    pairs = list(_aside(folder / LFW, engine))
    random = Random(seed)
    random.shuffle(pairs)
    found = [judge(_switch(one, other, random), engine) for one, other in pairs[:each]]
    _tell(engine, LFW, SWITCHED, found)


def _tell(engine: Engine, data: str, name: str, found: list[Judgement]) -> None:
    why = Counter(f"{one.outcome} {' '.join(one.reasons)}".strip() for one in found)
    live = sum(one.outcome == "live" for one in found)
    tell_share(engine, data, f"{name}: judged live", live, len(found), outcomes=dict(why))


def held(
    photo: Photo,
    way: Way,
    random: Random,
    depth: Depth | None = None,
    a_second: float = A_SECOND,
) -> Frames:
    """Through a camera with a little noise, before a wall lit from above."""
    scene, noise = wall(), np.empty((SIZE[1], SIZE[0], 3), np.int16)
    cv2.setRNGSeed(random.getrandbits(31))
    for n, one in enumerate(way):
        clean = seen(photo.image, photo.face, one, scene, depth)
        cv2.randn(noise, np.zeros(3), np.full(3, NOISE))
        noisy = cv2.add(clean, noise, dtype=cv2.CV_8U)
        yield n / a_second, np.asarray(noisy, np.uint8)


def wall() -> Image:
    down = np.linspace(170, 90, SIZE[1])[:, None, None]
    return np.broadcast_to(down, (SIZE[1], SIZE[0], 3)).astype(np.uint8)


def _start(random: Random) -> Held:
    return Held(distance=random.uniform(7, 10))


def _to(start: Held, end: Held) -> Way:
    shares = [0.0] * FRONT + [n / MOVING for n in range(1, MOVING + 1)] + [1.0] * AFTER
    return [start.toward(end, share) for share in shares]


def _side(random: Random, least: float, most: float) -> float:
    return random.choice((-1, 1)) * random.uniform(least, most)


def still(photo: Photo, random: Random, _engine: Engine) -> Frames:
    start = _start(random)
    return held(photo, _to(start, start), random)


def frozen(photo: Photo, random: Random, engine: Engine) -> Frames:
    """The very same picture again and again."""
    first = next(iter(still(photo, random, engine)))[1]
    return ((n / A_SECOND, first) for n in range(FRONT + MOVING + AFTER))


def shifted(photo: Photo, random: Random, _engine: Engine) -> Frames:
    start = _start(random)
    end = Held(x=_side(random, 0.5, 2), y=_side(random, 0.0, 1), distance=start.distance)
    return held(photo, _to(start, end), random)


def zoomed(photo: Photo, random: Random, _engine: Engine) -> Frames:
    return held(photo, _to(_start(random), Held(distance=random.uniform(4.5, 14))), random)


def rolled(photo: Photo, random: Random, _engine: Engine) -> Frames:
    start = _start(random)
    end = Held(roll=_side(random, 10, 40), distance=start.distance)
    return held(photo, _to(start, end), random)


def aslant(photo: Photo, random: Random, _engine: Engine, *, least: float, most: float) -> Frames:
    """Turned about an upright axis, and tilted a little or much."""
    end = Held(
        _side(random, least, most),
        random.uniform(-35, 35),
        random.uniform(-15, 15),
        random.uniform(-1, 1),
        random.uniform(-0.5, 0.5),
        random.uniform(6, 11),
    )
    return held(photo, _to(_start(random), end), random)


def shaken(photo: Photo, random: Random, _engine: Engine) -> Frames:
    way = [_start(random)] * FRONT
    for _ in range(4):
        angles = (random.uniform(-60, 60), random.uniform(-40, 40), random.uniform(-25, 25))
        place = (random.uniform(-1, 1), random.uniform(-0.6, 0.6), random.uniform(6, 12))
        end = Held(*angles, *place)
        way += [way[-1].toward(end, n / 5) for n in range(1, 6)]
    return held(photo, way, random)


def printed(photo: Photo, random: Random, engine: Engine) -> Frames:
    """With a white border."""
    return aslant(_framed(photo, (245, 245, 245)), random, engine, least=15, most=60)


def on_screen(photo: Photo, random: Random, engine: Engine) -> Frames:
    """With a black frame and the lines of a display."""
    lines = np.ones((*photo.image.shape[:2], 1))
    lines[::3] *= 0.85
    lines[:, ::3] *= 0.9
    cold = photo.image * lines * np.array([1.05, 1.0, 0.92])
    shown = Photo(np.clip(cold, 0, 255).astype(np.uint8), photo.face)
    return aslant(_framed(shown, (12, 12, 12)), random, engine, least=15, most=60)


def _framed(photo: Photo, colour: tuple[int, int, int]) -> Photo:
    wide = round(BORDER * photo.image.shape[1])
    framed = cv2.copyMakeBorder(
        photo.image, wide, wide, wide, wide, cv2.BORDER_CONSTANT, value=colour
    )
    points = photo.face.points + np.float32(wide)
    face = photo.face
    moved = Face(
        face.x + wide, face.y + wide, face.width, face.height, points, confidence=face.confidence
    )
    return Photo(np.asarray(framed, np.uint8), moved)


def standing_out(photo: Photo, random: Random, _engine: Engine, *, depth: Depth) -> Frames:
    """Turned as a head is that was asked to."""
    start = _start(random)
    end = Held(_side(random, 25, 40), random.uniform(-8, 8), distance=start.distance)
    return held(photo, _to(start, end), random, depth)


def as_asked(
    photo: Photo,
    random: Random,
    _engine: Engine,
    *,
    depth: Depth = head,
    least: float = 25,
    most: float = 40,
) -> Frames:
    """Turned as far as one likes, and, as the kiosk still asks, a little farther; as often as the kiosk looks."""
    start = _start(random)
    side, tilt = _side(random, least, most), random.uniform(-8, 8)
    end = Held(side, tilt, distance=start.distance)
    farther = Held(side + (12 if side > 0 else -12), tilt, distance=start.distance)
    first = [start] * FRONT + [start.toward(end, n / TURNS_IN) for n in range(1, TURNS_IN + 1)]
    then = [end.toward(farther, n / AFTER) for n in range(1, AFTER + 1)]
    way = [*first, *[end] * 2 * AFTER, *then, *[farther] * 2 * AFTER]
    return held(photo, way, random, depth, KIOSK_A_SECOND)


def round_a_pipe(
    photo: Photo, random: Random, engine: Engine, *, thickest: float, axis: float
) -> Frames:
    """Turned farther than a head, since its nose leaves the plane less. `axis`: degrees from upright, 30 more or less."""
    tilted = axis + random.uniform(-30, 30)
    depth = partial(bent, radius=random.uniform(0.9, thickest), axis=tilted)
    return as_asked(photo, random, engine, depth=depth, least=25, most=55)


def folded_once(photo: Photo, random: Random, engine: Engine, *, axis: float) -> Frames:
    """`axis`: degrees from upright to one side, 25 more or less."""
    tilted = random.choice((-1, 1)) * (axis + random.uniform(-25, 25))
    return as_asked(photo, random, engine, depth=a_fold(random, tilted), least=25, most=55)


def a_fold(random: Random, axis: float) -> Depth:
    """It passes the nose, so that it stands out as a nose does."""
    steep, beside = random.uniform(0.25, 0.7), random.uniform(-0.12, 0.12)
    return partial(folded, steep=steep, axis=axis, beside=beside)


SPECIES: dict[str, Kind] = {
    "still": still,
    "the same frame": frozen,
    "shifted": shifted,
    "zoomed": zoomed,
    "rolled": rolled,
    "turned": partial(aslant, least=10, most=40),
    "turned far": partial(aslant, least=40, most=65),
    "shaken": shaken,
    "with a white border, turned": printed,
    "on a screen, turned": on_screen,
    "bent round a pipe as thick as a head, turned": partial(round_a_pipe, thickest=1.4, axis=0),
    "bent round a thicker pipe, turned": partial(round_a_pipe, thickest=3, axis=0),
    "bent round a level pipe, turned": partial(round_a_pipe, thickest=3, axis=90),
    "folded along the nose, turned": partial(folded_once, axis=0),
    "folded across the nose, turned": partial(folded_once, axis=90),
    "folded aslant, turned": partial(folded_once, axis=45),
    "standing out like a head, turned (shall pass)": partial(standing_out, depth=head),
    "standing out like a head, as the kiosk asks (shall pass)": as_asked,
    "with a flatter nose, as the kiosk asks (shall pass)": partial(
        as_asked, depth=partial(head, nose=0.3)
    ),
    "with a flatter nose and skull (shall pass)": partial(
        as_asked, depth=partial(head, nose=0.3, skull=0.7)
    ),
}


def _aside(folder: Path, engine: Engine) -> Iterator[tuple[Photo, Photo]]:
    for person in sorted(one for one in folder.iterdir() if one.is_dir()):
        photos = [photo(pictures.read(one), engine) for one in sorted(person.glob("*.jpg"))]
        for one, other in permutations(photos, 2):
            straight = abs(pose(one.face)[0]) < 8
            if straight and 15 <= abs(turned([one.face], other.face).degrees) <= 40:
                yield one, other


def _switch(one: Photo, other: Photo, random: Random) -> Frames:
    start = _start(random)
    shown: Sequence[Photo] = [one] * FRONT * 2 + [other] * FRONT * 2
    for n, held_up in enumerate(shown):
        place = Held(x=random.uniform(0, 0.05), y=random.uniform(0, 0.05), distance=start.distance)
        for _, image in held(held_up, [place], random):
            yield n / A_SECOND, image
