"""The two women of `demo.faces`, as they are and as they look elsewhere."""

from functools import cache

import cv2
import numpy as np

from demo import faces
from kiosk.identity import pictures
from kiosk.identity.engine import Image


@cache
def collins() -> Image:
    return pictures.read(faces.collins())


@cache
def hopper() -> Image:
    return pictures.read(faces.hopper())


def head_of_collins() -> Image:
    """A portrait as on a card, 4 to 5."""
    return np.ascontiguousarray(collins()[10:260, 125:325])


def at_kiosk(portrait: Image, *, size: tuple[int, int] = (640, 480)) -> Image:
    """Before a grey wall, the portrait as high as the frame."""
    width, height = size
    wide = round(portrait.shape[1] * height / portrait.shape[0])
    frame = np.full((height, width, 3), 128, np.uint8)
    left = (width - wide) // 2
    frame[:, left : left + wide] = cv2.resize(portrait, (wide, height))
    return frame


def as_chip(portrait: Image) -> Image:
    """102 x 126 pixels through JPEG, as on the chip of an identity card."""
    small = cv2.resize(portrait, (102, 126), interpolation=cv2.INTER_AREA)
    _, content = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 60])
    return pictures.decoded(content)


def side_by_side(one: Image, other: Image) -> Image:
    return np.hstack([cv2.resize(portrait, (480, 600)) for portrait in (one, other)])


def lit(image: Image, factor: float) -> Image:
    return np.clip(image.astype(float) * factor, 0, 255).astype(np.uint8)


def blurred(image: Image, pixels: float) -> Image:
    return cv2.GaussianBlur(image, (0, 0), pixels)


def moved(image: Image, pixels: int) -> Image:
    """Blurred by a movement to the side."""
    return cv2.filter2D(image, -1, np.full((1, pixels), 1 / pixels, np.float32))


def lit_from_left(image: Image, dark_side: float) -> Image:
    """The light falls off within the face, which is in the middle."""
    ramp = np.interp(np.arange(image.shape[1]) / image.shape[1], [0.45, 0.55], [1.0, dark_side])
    return (image * ramp[None, :, None]).astype(np.uint8)


def tilted(image: Image, degrees: float) -> Image:
    """Against the clock, about the place where the face is."""
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height * 0.4), degrees, 1.0)
    return cv2.warpAffine(image, turn, (width, height), borderValue=(128, 128, 128))
