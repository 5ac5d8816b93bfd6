"""What a verification costs: CPU seconds of this process, and of a fresh one until the engine is ready."""

import os
import resource
import subprocess
import sys
import time
from typing import TypeAlias

import cv2
import numpy as np

from kiosk.identity.checking import FOR_LIBRARIES
from kiosk.identity.decision import judge
from kiosk.identity.engine import Engine, EngineName, Image

Size: TypeAlias = tuple[int, int]  # width and height in pixels
SIZES: tuple[Size, ...] = ((640, 480), (1280, 720))
PORTRAIT_SHARE = 0.85  # of the frame's height
OPENING = "from kiosk.identity.engine import open_engine; open_engine({!r})"


def verification(
    engine: Engine, portrait: Image, size: Size, frames: int, times: int
) -> list[float]:
    """Of so many frames against an owner whose template is at hand, after a first one that is not counted."""
    live = [frame(portrait, size)] * frames
    owner = engine.template(portrait, engine.find(portrait)[0])
    seconds = []
    for _ in range(times + 1):
        start = time.process_time()
        judge(owner, live, engine)
        seconds.append(time.process_time() - start)
    return seconds[1:]


def cold_start(name: EngineName) -> float:
    """Python's own start and all imports included, as in the process of a check. Raises CalledProcessError."""
    env = {**os.environ, **FOR_LIBRARIES}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", OPENING.format(name)], check=True, env=env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def frame(portrait: Image, size: Size) -> Image:
    """As the kiosk's camera sees it: a person before a grey wall."""
    width, height = size
    side = round(height * PORTRAIT_SHARE)
    whole = np.full((height, width, 3), 128, np.uint8)
    left = (width - side) // 2
    small = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA)
    whole[height - side :, left : left + side] = small
    return whole
