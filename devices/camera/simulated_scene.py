"""What a simulated camera sees: a hall without people, and what is held before it: pictures, one after the other,
or a video.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy
import numpy.typing

Pixels = numpy.typing.NDArray[numpy.uint8]

STILL = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
VIDEO = (".avi", ".mp4", ".mkv", ".webm", ".mov")
LIST = ".txt"  # lines SECONDS FILE: each picture is shown for so long
FOLDER_S = 1.0  # for each picture of a folder
USUAL_RATE = 25.0  # of a video that does not say its own


class Seen(Protocol):
    """`kind` goes into the log; `at` gives the picture `seconds` after it was put there. The last one stays."""

    kind: str

    def at(self, seconds: float) -> Pixels: ...


def hall(width: int, height: int) -> Pixels:
    """Light from above, a floor, and nobody."""
    down = numpy.linspace(165, 70, height)[:, None, None]
    across = numpy.linspace(-12, 12, width)[None, :, None]
    tint = numpy.array((4, 0, -6))[None, None, :]
    return numpy.asarray(numpy.clip(down + across + tint, 0, 255), dtype=numpy.uint8)


def held_before(scene: Pixels, pixels: Pixels) -> Pixels:
    """As large as it goes, the hall around it."""
    height, width = scene.shape[:2]
    scale = min(width / pixels.shape[1], height / pixels.shape[0])
    w, h = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    x, y = (width - w) // 2, (height - h) // 2
    scene = scene.copy()
    scene[y : y + h, x : x + w] = cv2.resize(pixels, (w, h), interpolation=way)
    return scene


def open_seen(path: Path) -> Seen:
    """ValueError where it cannot be shown."""
    suffix = path.suffix.lower()
    if suffix in VIDEO:
        return Video(path)
    if path.is_dir():
        files = sorted(one for one in path.iterdir() if one.suffix.lower() in STILL)
        return Slides([(FOLDER_S, one) for one in files])
    if suffix == LIST:
        return Slides(_listed(path))
    return Slides([(0.0, path)])


def _listed(path: Path) -> list[tuple[float, Path]]:
    listed = []
    for line in path.read_text(encoding="utf-8").splitlines():
        seconds, _, name = line.strip().partition(" ")
        if name:
            listed.append((float(seconds), path.parent / name.strip()))
    return listed


class Slides:
    """Still pictures, each for its time."""

    def __init__(self, files: Sequence[tuple[float, Path]]) -> None:
        if not files:
            raise ValueError("there is no picture in it")
        self.kind = "still" if len(files) == 1 else "sequence"
        self._pictures = [(seconds, _still(path)) for seconds, path in files]

    def at(self, seconds: float) -> Pixels:
        for shown_s, pixels in self._pictures:
            if seconds < shown_s:
                return pixels
            seconds -= shown_s
        return self._pictures[-1][1]


class Video:
    """Plays once, at its own rate; its last picture stays."""

    kind = "video"

    def __init__(self, path: Path) -> None:
        self._file = cv2.VideoCapture(str(path))
        self._rate = self._file.get(cv2.CAP_PROP_FPS) or USUAL_RATE
        self._next = 0
        self._last: Pixels | None = None
        if self._read_until(0) is None:
            raise ValueError(f"{path} is no video that can be played")

    def at(self, seconds: float) -> Pixels:
        pixels = self._read_until(int(seconds * self._rate))
        if pixels is None:
            raise ValueError("the video has no picture")
        return pixels

    def _read_until(self, number: int) -> Pixels | None:
        while self._next <= number:
            came, pixels = self._file.read()
            if not came:
                break
            self._last = numpy.asarray(pixels, dtype=numpy.uint8)
            self._next += 1
        return self._last


def _still(path: Path) -> Pixels:
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR) if path.is_file() else None
    if pixels is None:
        raise ValueError(f"{path} is no picture or video; allowed: {', '.join((*STILL, *VIDEO))}")
    return numpy.asarray(pixels, dtype=numpy.uint8)
