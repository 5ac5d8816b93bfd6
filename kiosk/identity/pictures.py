"""Picture files -> images."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.identity.engine import Image


class NoPicture(Exception):
    """What is there is no picture; the text says so."""


def read(path: Path) -> Image:
    """Blue first, three colours, turned upright as its camera says. Raises NoPicture, OSError."""
    try:
        return decoded(np.frombuffer(path.read_bytes(), np.uint8))
    except NoPicture as error:
        raise NoPicture(f"{path} {error}") from error


def decoded(content: NDArray[np.uint8]) -> Image:
    """Raises NoPicture."""
    if not content.size:
        raise NoPicture("cannot be read as a picture: it is empty; give a JPEG or PNG file")
    try:
        image = cv2.imdecode(content, cv2.IMREAD_COLOR)
    except cv2.error:
        image = None  # larger than the library takes
    if image is None:
        raise NoPicture("cannot be read as a picture: give a JPEG or PNG file")
    return image.astype(np.uint8, copy=False)


def why(error: NoPicture | OSError) -> str:
    """A sentence for whoever named the file."""
    if not isinstance(error, OSError):
        return str(error)
    return f"{error.filename} cannot be read: {error.strerror}; name a file that is there and that you may read"
