"""Is this the card's owner? CPU of a verification beside that of the bare model, and of a cold start."""

import statistics
import time
from pathlib import Path
from random import Random

import cv2
import numpy as np

from bench.figures import quantile, tell
from demo import faces
from kiosk.identity import cost, models, pictures
from kiosk.identity.decision import Verdict, look
from kiosk.identity.engine import ENGINES, Engine, Image, open_engine
from kiosk.identity.worker import Eyes

TIMES = 200
DLIB_TIMES = 40
STARTS = 5


def run(_folder: Path) -> None:
    """All figures of the face engines."""
    portrait = _portrait()
    engines = [open_engine(name) for name in ENGINES]
    bare = _bare(TIMES)
    tell("face_bare_embedding_cpu_p50", statistics.median(bare) * 1000, "ms", TIMES)
    for engine in engines:
        name = engine.name
        times = TIMES if name == "opencv" else DLIB_TIMES
        for size in cost.SIZES:
            figure = f"face_verification_{name}_{size[0]}x{size[1]}"
            seconds = cost.verification(engine, portrait, size, 1, times)
            _tell_cpu(figure, seconds)
            ratio = statistics.median(seconds) / statistics.median(bare)
            tell(f"{figure}_to_bare_embedding", ratio, "times", times)
        _tell_cpu(f"face_preview_frame_{name}", _looks(engine, portrait, DLIB_TIMES))
        starts = [cost.cold_start(name) for _ in range(STARTS)]
        tell(f"face_cold_start_{name}_cpu", statistics.median(starts), "s", STARTS)


def _looks(engine: Engine, portrait: Image, times: int) -> list[float]:
    """CPU seconds a frame while the customer is told where to stand: 0.067 are 15 frames a second on one core."""
    owner = look(portrait, engine, "reference")
    if isinstance(owner, Verdict):
        raise SystemExit(f"bench: the portrait cannot be used: {owner.outcome}")
    eyes, noise, seconds = Eyes(engine, owner, Random(1)), np.random.default_rng(1), []
    frame = cost.frame(portrait, cost.SIZES[0])
    for number in range(times + 5):
        noisy = np.clip(frame + noise.normal(0, 3, frame.shape), 0, 255).astype(np.uint8)
        start = time.process_time()
        eyes.see(noisy, number / 15)
        seconds.append(time.process_time() - start)
    return seconds[5:]


def _tell_cpu(name: str, seconds: list[float]) -> None:
    for of, share in (("p50", 0.5), ("p99", 0.99)):
        tell(f"{name}_cpu_{of}", quantile(seconds, share) * 1000, "ms", len(seconds))


def _bare(times: int) -> list[float]:
    """The limit: SFace on a face that is already cut out, and nothing else. In CPU seconds."""
    sface = cv2.FaceRecognizerSF.create(str(models.checked(models.SFACE)), "")
    face = np.random.default_rng(1).integers(0, 256, (112, 112, 3), np.uint8)
    seconds = []
    for _ in range(times + 5):
        start = time.process_time()
        sface.feature(face)
        seconds.append(time.process_time() - start)
    return seconds[5:]


def _portrait() -> Image:
    return np.ascontiguousarray(pictures.read(faces.collins())[10:260, 100:350])
