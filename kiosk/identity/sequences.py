"""Videos, folders and pictures -> frames with their times in s. What cannot be read, or only in part, is said in a sentence.

What a file is stands in its first bytes, not in its name: FFmpeg would draw a text as a film, and follow a list of files to other places.
"""

import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np

from kiosk.identity import pictures
from kiosk.identity.engine import Image
from kiosk.identity.pictures import NoPicture

Frames: TypeAlias = Iterable[tuple[float, Image]]
A_SECOND = 15.0  # of a folder, and of a video that does not say
STILL = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
FILMS = "avi,mov,matroska,mpeg,mpegts,ogg,flv,asf,gif,h264,hevc,mjpeg"  # as FFmpeg names them
WANTED = "give a whole MP4, AVI, JPEG, PNG or a folder of pictures"
FFMPEG = {
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": f"format_whitelist;{FILMS}",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",  # nothing: its words help nobody who named a file
}
# Of the frames and of the time that the file speaks of. Its count may be an estimate, and a phone that shortened a film hides some.
ENOUGH = 0.8


def frames(given: str) -> Iterator[tuple[float, Image]]:
    """Raises NoPicture and OSError, the former also after the last frame."""
    file = Path(given)
    if file.is_dir():
        return _sequence(given, [one for one in file.iterdir() if one.suffix.lower() in STILL])
    if not file.exists() and glob.has_magic(given):
        return _sequence(given, [Path(one) for one in glob.glob(given)])
    if file.suffix.lower() in STILL:
        return iter([(0.0, pictures.read(file))])
    return _video(given)


def _sequence(given: str, files: Iterable[Path]) -> Iterator[tuple[float, Image]]:
    in_order = sorted(files, key=_in_order)
    if not in_order:
        holds = "holds" if Path(given).is_dir() else "fits"
        raise NoPicture(f"{given} {holds} no picture: give JPEG or PNG files")
    return ((n / A_SECOND, pictures.read(one)) for n, one in enumerate(in_order))


def _in_order(file: Path) -> list[tuple[int, str]]:
    """10 comes after 9."""
    parts = re.split(r"(\d+)", file.name)
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]


def _video(given: str) -> Iterator[tuple[float, Image]]:
    with Path(given).open("rb") as file:  # says why not, which OpenCV does not
        if not file.read(1):
            raise NoPicture(f"{given} is empty: {WANTED}")
        os.environ.update(FFMPEG)
        # By number: OpenCV crashes on a name that is not UTF-8, and FFmpeg reads some names as addresses.
        video = cv2.VideoCapture(f"/dev/fd/{file.fileno()}", cv2.CAP_FFMPEG)
    try:
        if video.isOpened():
            yield from _decoded(given, video)
        else:
            yield 0.0, _picture(given)
    finally:
        video.release()


def _decoded(given: str, video: cv2.VideoCapture) -> Iterator[tuple[float, Image]]:
    a_second = video.get(cv2.CAP_PROP_FPS) or A_SECOND
    number, last = 0, 0.0
    while True:
        came, image = video.read()
        if not came:
            break
        last = video.get(cv2.CAP_PROP_POS_MSEC) / 1000
        yield number / a_second, np.ascontiguousarray(image, np.uint8)
        number += 1
    promised = round(max(video.get(cv2.CAP_PROP_FRAME_COUNT), 0))
    if is_cut_short(number, promised, last, promised / a_second):
        raise NoPicture(
            f"{given} is damaged: {number} of {promised} frames could be read; give the whole file"
        )
    if not number:
        raise _unreadable(given)


def is_cut_short(frames: int, promised: int, seconds: float, promised_s: float) -> bool:
    """Of both, since what says how long it is and what it holds at most may have fewer frames in that time."""
    return frames < ENOUGH * promised - 1 and seconds < ENOUGH * promised_s


def _picture(given: str) -> Image:
    """One whose name does not say so."""
    try:
        return pictures.read(Path(given))
    except NoPicture as error:
        raise _unreadable(given) from error


def _unreadable(given: str) -> NoPicture:
    return NoPicture(f"{given} is no video and no picture, or damaged: {WANTED}")
