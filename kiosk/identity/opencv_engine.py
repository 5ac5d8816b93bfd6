"""The engine that is used unless another is chosen: YuNet finds, SFace compares."""

import cv2
import numpy as np

from kiosk.identity import models
from kiosk.identity.calibration import SFACE_CALIBRATION, Calibration
from kiosk.identity.cut import Cut
from kiosk.identity.engine import EngineName, Face, Image, Template, vectors
from kiosk.identity.finder import Finder

EYES_PX = 70.0  # twice what SFace looks at: larger faces are made smaller with care first
FACES_WIDE = 1.7  # what SFace looks at, also of a tilted head


class OpencvEngine:
    """Likeness: cosine, from -1 to 1. Raises ModelError."""

    name: EngineName = "opencv"
    models = models.OF_ENGINE["opencv"]
    calibration: Calibration = SFACE_CALIBRATION

    def __init__(self) -> None:
        finder = Finder()
        self.find = finder.find
        self._sface = cv2.FaceRecognizerSF.create(str(models.checked(models.SFACE)), "")

    def template(self, image: Image, face: Face) -> Template:
        cut = Cut.around(face, FACES_WIDE, min(1.0, EYES_PX / max(face.eye_distance, 1.0)))
        inside = cut.inside(face)
        row = [inside.x, inside.y, inside.width, inside.height, *inside.points.ravel(), 1.0]
        aligned = self._sface.alignCrop(cut.of(image), np.array(row, np.float32))
        vector = self._sface.feature(aligned).ravel().astype(np.float32)
        return Template(models.SFACE, vector / np.linalg.norm(vector))

    def likeness(self, a: Template, b: Template) -> float:
        one, other = vectors(a, b)
        return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))
