"""A part of an image at another size, and the way back from its pixels to the image's."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from kiosk.identity.engine import Face, Image


@dataclass(frozen=True)
class Cut:
    """`left`, `top`, `width`, `height` in pixels of the whole image, also beyond its edges, where it is black."""

    left: int
    top: int
    width: int
    height: int
    scale: float

    @classmethod
    def around(cls, face: Face, faces_wide: float, scale: float) -> "Cut":
        """A square with the face in its middle."""
        side = max(2, round(faces_wide * face.longer_side))
        left = round(face.x + face.width / 2 - side / 2)
        top = round(face.y + face.height / 2 - side / 2)
        return cls(left, top, side, side, scale)

    def of(self, image: Image) -> Image:
        part = self._part(image)
        size = max(1, round(self.width * self.scale)), max(1, round(self.height * self.scale))
        smaller = cv2.INTER_AREA if self.scale < 1 else cv2.INTER_LINEAR
        return cv2.resize(part, size, interpolation=smaller).astype(np.uint8, copy=False)

    def inside(self, face: Face) -> Face:
        """A face of the whole image in pixels of this cut."""
        moved = np.array([self.left, self.top], np.float32)
        return _scaled(face, self.scale, -moved * self.scale)

    def outside(self, face: Face) -> Face:
        """A face of this cut in pixels of the whole image."""
        return _scaled(face, 1 / self.scale, np.array([self.left, self.top], np.float32))

    def _part(self, image: Image) -> Image:
        height, width = image.shape[:2]
        left, top = max(0, self.left), max(0, self.top)
        right, bottom = min(width, self.left + self.width), min(height, self.top + self.height)
        part = image[top:bottom, left:right]
        if part.shape[:2] == (self.height, self.width):
            return part
        whole = np.zeros((self.height, self.width, 3), np.uint8)
        whole[top - self.top : bottom - self.top, left - self.left : right - self.left] = part
        return whole


def _scaled(face: Face, scale: float, moved: np.ndarray) -> Face:
    return replace(
        face,
        x=float(face.x * scale + moved[0]),
        y=float(face.y * scale + moved[1]),
        width=face.width * scale,
        height=face.height * scale,
        points=(face.points * scale + moved).astype(np.float32),
    )
