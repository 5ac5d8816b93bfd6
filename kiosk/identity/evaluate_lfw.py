"""Labeled Faces in the Wild, fold 10: the official pairs, all pairs, and averages of several pictures."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations, islice
from pathlib import Path

import numpy as np

from kiosk.identity.engine import Engine, Template, average
from kiosk.identity.figures import likeness, tell_rates, tell_share, templates

DATA = "lfw_fold10"
AVERAGES = 3  # of each picture of a person


def run(folder: Path, engine: Engine) -> None:
    files = sorted(str(path.relative_to(folder)) for path in folder.glob("*/*.jpg"))
    made = dict(zip(files, templates(folder, files, engine), strict=True))
    found = sum(one is not None for one in made.values())
    tell_share(engine, DATA, "faces found", found, len(files))
    _official(folder, engine, made)
    _all_pairs(engine, made)
    for frames in (2, 3):
        _averages(engine, made, frames)


def _official(folder: Path, engine: Engine, made: dict[str, Template | None]) -> None:
    with (folder / "pairs.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    pairs = [
        (likeness(engine, made[row["left_image"]], made[row["right_image"]]), row["same"] == "1")
        for row in rows
    ]
    genuine = np.array([value for value, same in pairs if same])
    impostors = np.array([value for value, same in pairs if not same])
    tell_rates(engine, DATA, "official pairs", genuine, impostors)


def _all_pairs(engine: Engine, made: dict[str, Template | None]) -> None:
    genuine: list[float] = []
    impostors: list[float] = []
    for (one, a), (other, b) in combinations(made.items(), 2):
        kind = genuine if _person(one) == _person(other) else impostors
        kind.append(likeness(engine, a, b))
    tell_rates(engine, DATA, "all pairs", np.array(genuine), np.array(impostors))


def _averages(engine: Engine, made: dict[str, Template | None], frames: int) -> None:
    """The pictures are of different days: frames of one visit are more alike, and gain less by being averaged."""
    genuine: list[float] = []
    impostors: list[float] = []
    for reference, live in _visits(made, frames):
        one = average(live)
        genuine.append(likeness(engine, made[reference], one))
        impostors += [
            likeness(engine, other, one)
            for file, other in made.items()
            if _person(file) != _person(reference)
        ]
    what = f"average of {frames}"
    tell_rates(engine, DATA, what, np.array(genuine), np.array(impostors))


def _visits(
    made: dict[str, Template | None], frames: int
) -> Iterator[tuple[str, tuple[Template, ...]]]:
    people = defaultdict(list)
    for file in made:
        people[_person(file)].append(file)
    for files in people.values():
        for reference in files:
            others = [seen for file in files if file != reference and (seen := made[file])]
            for live in islice(combinations(others, frames), AVERAGES):
                yield reference, live


def _person(file: str) -> str:
    return file.split("/", maxsplit=1)[0]
