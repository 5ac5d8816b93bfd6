"""People to evaluate with: still pictures of London's, drawn by lot, in as many processes as there are cores.

Each number has a chance of its own, so that the figures are the same with any number of processes.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeAlias

import cv2
import numpy as np

from kiosk.identity import pictures
from kiosk.identity.engine import Engine, EngineName, Face, Image, open_engine

LONDON = "london"
PICTURE_PX = 400  # about what a camera resolves


@dataclass(frozen=True)
class Photo:
    image: Image
    face: Face


Drawn: TypeAlias = tuple[Photo, Random, Engine]
Work: TypeAlias = Callable[["Asked"], list[Any]]


class Asked(NamedTuple):
    """What one process is to draw. `numbers`: of the sequences."""

    folder: Path
    engine: EngineName
    kind: str
    seed: int
    numbers: range

    def drawn(self) -> Iterator[Drawn]:
        people, engine = straight(self.folder, self.engine), _engine(self.engine)
        for number in self.numbers:
            random = Random(f"{self.kind} {self.seed} {number}")
            yield random.choice(people), random, engine


@contextmanager
def in_parts(
    folder: Path, engine: EngineName, each: int, seed: int
) -> Iterator[Callable[[str, Work], list[Any]]]:
    """What it gives does some work, which other processes must be able to import, for `each` sequences of a kind."""
    cores = max(1, min(os.cpu_count() or 1, each))
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:

        def all_of(kind: str, work: Work) -> list[Any]:
            parts = [Asked(folder, engine, kind, seed, range(n, each, cores)) for n in range(cores)]
            done = pool.map(work, parts) if cores > 1 else map(work, parts)
            return [one for part in done for one in part]

        yield all_of


@cache
def straight(folder: Path, engine: EngineName) -> tuple[Photo, ...]:
    """Everybody of the London set who looks straight; none where the folder is not there."""
    return tuple(photo(pictures.read(one), _engine(engine)) for one in files(folder))


def files(folder: Path) -> list[Path]:
    return sorted((folder / LONDON).glob("*_front/*.jpg"))


def photo(image: Image, engine: Engine) -> Photo:
    scale = PICTURE_PX / max(image.shape[:2])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    taken = np.ascontiguousarray(small, np.uint8)
    return Photo(taken, engine.find(taken)[0])


@cache
def _engine(name: EngineName) -> Engine:
    return open_engine(name)
