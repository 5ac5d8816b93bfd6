"""The models of face_recognition without its program: that one loads a model of 68 points which a bank may not use, and
ends the process with status 0 when a model is missing.

YuNet finds the faces here too: it finds more than dlib does, in a fraction of the time.
"""

import cv2
import dlib
import numpy as np

from kiosk.identity import models
from kiosk.identity.calibration import RESNET_CALIBRATION, Calibration
from kiosk.identity.engine import EngineName, Face, Image, Template, vectors
from kiosk.identity.finder import Finder


class DlibEngine:
    """Likeness: 1 less the distance of the descriptors. Raises ModelError."""

    name: EngineName = "face_recognition"
    models = models.OF_ENGINE["face_recognition"]
    calibration: Calibration = RESNET_CALIBRATION

    def __init__(self) -> None:
        finder = Finder()
        self.find = finder.find
        self._points = dlib.shape_predictor(str(models.checked(models.FIVE_POINTS)))
        self._resnet = dlib.face_recognition_model_v1(str(models.checked(models.RESNET)))

    def template(self, image: Image, face: Face) -> Template:
        red_first = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        points = self._points(red_first, _rectangle(face))
        vector = np.array(self._resnet.compute_face_descriptor(red_first, points), np.float32)
        return Template(models.RESNET, vector)

    def likeness(self, a: Template, b: Template) -> float:
        one, other = vectors(a, b)
        return 1.0 - float(np.linalg.norm(one - other))


def _rectangle(face: Face) -> dlib.rectangle:
    """A square, as dlib's own detectors give it."""
    side = (face.width + face.height) / 2
    across, down = face.x + face.width / 2, face.y + face.height / 2
    left, top = round(across - side / 2), round(down - side / 2)
    return dlib.rectangle(left, top, left + round(side), top + round(side))
