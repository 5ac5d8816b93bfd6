"""A real camera: Video4Linux through OpenCV. Motion JPEG, since raw pictures of 1280 x 720 do not fit USB 2."""

import os
import threading
from collections.abc import Callable
from typing import Any

import cv2
import numpy

from devices.camera.identity import Identity, find
from devices.camera.picture import Pixels
from devices.port import PortLost

# OpenCV waits 10 s for a picture, and knows no other way to make it wait less
WAIT_VARIABLE, WAIT_S = "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2"
WASTED = 5  # pictures in a row that cannot be used: it gives none

Found = Callable[[], tuple[str, Identity]]


def open_capture(path: str, width: int, height: int) -> Any:
    """cv2.VideoCapture, set to Motion JPEG of this size as far as the camera can."""
    os.environ.setdefault(WAIT_VARIABLE, WAIT_S)
    capture = cv2.VideoCapture(path, cv2.CAP_V4L2)
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))  # before the size
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return capture


class V4l2Plug:
    """`found` says where the camera is now; `capture` opens it."""

    def __init__(
        self,
        address: str,
        width: int,
        height: int,
        *,
        found: Found | None = None,
        capture: Callable[[str, int, int], Any] = open_capture,
    ) -> None:
        self._found = found or (lambda: find(address))
        self._capture = capture
        self._size = (width, height)
        self._woken = threading.Event()

    def identity(self) -> Identity:
        return self._found()[1]

    def stream(self) -> "V4l2Stream":
        path, _ = self._found()
        capture = self._capture(path, *self._size)
        if not capture.isOpened():
            capture.release()
            raise PortLost(_why(path), f"{path} does not open")
        return V4l2Stream(capture)

    def rest(self, seconds: float) -> None:
        self._woken.wait(seconds)
        self._woken.clear()

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        """Nothing is open but a stream, which has its own end."""


class V4l2Stream:
    def __init__(self, capture: Any) -> None:
        self._capture = capture

    def read(self) -> Pixels:
        for _ in range(WASTED):
            came, pixels = self._capture.read()
            if came and pixels is not None and pixels.size:
                return numpy.asarray(pixels, dtype=numpy.uint8)
        raise PortLost("notResponding", "no picture that can be used")

    def close(self) -> None:
        self._capture.release()


def _why(path: str) -> str:
    """OpenCV does not say why a camera does not open."""
    if not os.path.exists(path):
        return "noDevice"
    return "deviceBusy" if os.access(path, os.R_OK | os.W_OK) else "permissionDenied"
