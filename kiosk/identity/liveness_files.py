"""`python -m kiosk.identity liveness FILE...`: one JSON line for each video or sequence of pictures, by the kiosk's own judgement.

FILE is a video, or a folder or a quoted pattern ('frames/*.jpg') of pictures in the order of their names, 15 a second, or one picture,
which is never live. Nobody was asked anything in a file, so a turn to either side counts, after the face has looked straight; it need not
turn back.
"""

import glob
import json
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np

from kiosk.identity import liveness, pictures
from kiosk.identity.asked import Turn
from kiosk.identity.decision import rivals
from kiosk.identity.engine import Engine, Image
from kiosk.identity.liveness import FRONT_SIGHTS, Judgement, Sight, Watch
from kiosk.identity.pictures import NoPicture

Frames: TypeAlias = Iterable[tuple[float, Image]]
A_SECOND = 15.0  # of a folder, and of a video that does not say
STILL = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
UNUSABLE = 2  # exit status
EITHER: tuple[tuple[Turn, ...], ...] = (("left",), ("right",))
AFTER_ANOTHER = ("live", "attack", "unsure")


def run(files: Sequence[Path], engine: Engine) -> int:
    """Prints to standard output; gives the exit status. What cannot be read is unsure, with a line on standard error."""
    status = 0
    for file in files:
        start = time.perf_counter()
        try:
            found = judge(frames(file), engine)
            outcome, reasons = found.outcome, list[str](found.reasons)
        except (NoPicture, OSError) as error:
            sys.stderr.write(f"{pictures.why(error)}\n")
            status, outcome, reasons = UNUSABLE, "unsure", ["unreadable"]
        ms = round((time.perf_counter() - start) * 1000, 1)
        line = {"file": str(file), "outcome": outcome, "reasons": reasons, "ms": ms}
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return status


def judge(frames: Frames, engine: Engine) -> Judgement:
    """Of frames with their times in s."""
    front: list[Sight] = []
    watches: list[Watch] = []
    any_face = False
    for at, image in frames:
        faces = engine.find(image)
        if not faces or rivals(faces, image):
            watches = [liveness.see_nobody(one, at) for one in watches]
            continue
        any_face = True
        seen = Sight(at, faces[0], image)
        if watches:
            watches = [liveness.see(one, seen, engine) for one in watches]
            if any(liveness.judgement(one).outcome == "live" for one in watches):
                break
            continue
        front = [*front, seen] if liveness.is_front(seen) else []
        if len(front) == FRONT_SIGHTS:
            watches = [liveness.begin(front, seen, turns, float("inf"), engine) for turns in EITHER]
    if not watches:
        return Judgement("unsure", ("no_front",) if any_face else ("no_face",))
    return min(map(liveness.judgement, watches), key=lambda one: AFTER_ANOTHER.index(one.outcome))


def frames(file: Path) -> Iterator[tuple[float, Image]]:
    """Raises NoPicture and OSError."""
    if file.is_dir():
        return _sequence(file, [one for one in file.iterdir() if one.suffix.lower() in STILL])
    if not file.exists() and glob.has_magic(str(file)):
        return _sequence(file, [Path(one) for one in glob.glob(str(file))])
    if file.suffix.lower() in STILL:
        return iter([(0.0, pictures.read(file))])
    return _video(file)


def _sequence(given: Path, files: Iterable[Path]) -> Iterator[tuple[float, Image]]:
    in_order = sorted(files, key=_in_order)
    if not in_order:
        raise NoPicture(f"{given} holds no picture: give JPEG or PNG files")
    return ((n / A_SECOND, pictures.read(one)) for n, one in enumerate(in_order))


def _in_order(file: Path) -> list[tuple[int, str]]:
    """10 comes after 9."""
    parts = re.split(r"(\d+)", file.name)
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]


def _video(file: Path) -> Iterator[tuple[float, Image]]:
    with file.open("rb"):
        pass  # says why not, which OpenCV does not
    video = cv2.VideoCapture(str(file))
    try:
        a_second = video.get(cv2.CAP_PROP_FPS) or A_SECOND
        number = 0
        while True:
            came, image = video.read()
            if not came:
                break
            yield number / a_second, np.ascontiguousarray(image, np.uint8)
            number += 1
    finally:
        video.release()
    if not number:
        raise NoPicture(
            f"{file} cannot be read as a video or a picture: give MP4, AVI, JPEG, PNG or a folder of them"
        )
