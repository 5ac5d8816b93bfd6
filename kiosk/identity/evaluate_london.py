"""The London set as at a kiosk: the neutral portrait is the reference, the smiling one stands before the camera."""

import csv
from collections import defaultdict
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from kiosk.identity import cost, pictures
from kiosk.identity.engine import Engine, Image, Template
from kiosk.identity.error_rates import refused
from kiosk.identity.figures import likeness, tell, tell_rates, tell_share, template

DATA = "london"
CHIP_PX = (102, 126)
TIMES = 30
STARTS = 5


def run(folder: Path, engine: Engine) -> None:
    with (folder / "people.csv").open(encoding="utf-8", newline="") as lines:
        people = {row["face_id"]: row for row in csv.DictReader(lines)}
    groups = {one: f"{row['face_gender']} {row['face_eth']}" for one, row in people.items()}
    portraits = {one: _picture(folder / "neutral_front", one) for one in people}
    smiling = {one: _picture(folder / "smiling_front", one) for one in people}
    live = {
        one: template(_sent(cost.frame(smiling[one], cost.SIZES[0]), 85), engine) for one in people
    }
    references = {one: template(portraits[one], engine) for one in people}
    chips = {one: template(chip(portraits[one]), engine) for one in people}
    _genuine_and_impostors(engine, "portrait reference", references, live)
    _genuine_and_impostors(engine, "chip reference", chips, live)
    _groups(engine, groups, references, live)
    _cost(engine, next(iter(smiling.values())))


def _genuine_and_impostors(
    engine: Engine,
    what: str,
    references: dict[str, Template | None],
    live: dict[str, Template | None],
) -> None:
    found = sum(one is not None for one in references.values())
    tell_share(engine, DATA, f"{what} found", found, len(references))
    pairs = [
        (likeness(engine, references[owner], live[visitor]), owner == visitor)
        for owner in references
        for visitor in live
    ]
    genuine = np.array([value for value, same in pairs if same])
    impostors = np.array([value for value, same in pairs if not same])
    tell_rates(engine, DATA, what, genuine, impostors)


def _groups(
    engine: Engine,
    groups: dict[str, str],
    references: dict[str, Template | None],
    live: dict[str, Template | None],
) -> None:
    """False accepts between people of one sex and ethnicity, then of one ethnicity with the sexes together. The pairs of a small
    group are few people, so that the intervals are wider than they look."""
    shipped = engine.calibration.threshold
    of_group = defaultdict(list)
    for owner, visitor in ((a, b) for a in groups for b in groups if a != b):
        if groups[owner] == groups[visitor]:
            value = likeness(engine, references[owner], live[visitor])
            of_group[groups[owner]].append(value)
            of_group["same sex " + groups[owner].split()[1]].append(value)
    worst = 0.0
    for group, values in sorted(of_group.items()):
        wrong = len(values) - refused(shipped, np.array(values))
        worst = max(worst, wrong / len(values))
        more = {"group": group, "threshold": shipped}
        tell_share(engine, DATA, "FAR within a group", wrong, len(values), **more)
    tell(engine, DATA, "FAR of the worst group", value=round(worst, 6), threshold=shipped)


def chip(portrait: Image) -> Image:
    """As an identity card's chip holds it."""
    height, width = portrait.shape[:2]
    wide = height * CHIP_PX[0] // CHIP_PX[1]
    middle = portrait[:, (width - wide) // 2 : (width + wide) // 2]
    return _sent(cv2.resize(middle, CHIP_PX, interpolation=cv2.INTER_AREA).astype(np.uint8), 60)


def _cost(engine: Engine, portrait: Image) -> None:
    for size in cost.SIZES:
        for frames in (1, 3):
            seconds = cost.verification(engine, portrait, size, frames, TIMES)
            what = f"CPU of a verification, {size[0]}x{size[1]}, frames: {frames}"
            value = round(median(seconds) * 1000, 2)
            tell(engine, DATA, what, value=value, unit="ms", samples=TIMES)
    starts = [cost.cold_start(engine.name) for _ in range(STARTS)]
    tell(engine, DATA, "CPU of a cold start", value=median(starts), unit="s", samples=STARTS)


def _sent(image: Image, quality: int) -> Image:
    """Through JPEG and back."""
    _, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return pictures.decoded(content)


def _picture(folder: Path, person: str) -> Image:
    return pictures.read(next(folder.glob(f"{person}_*.jpg")))
