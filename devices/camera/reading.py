"""A thread of its own reads the camera, so that one that hangs holds up nobody; only the newest picture is kept."""

import threading
from collections.abc import Callable

import numpy

from devices.camera.picture import Picture, Pixels
from devices.camera.plug import Plug
from devices.port import PortLost


class Newest:
    """The picture that came last. Any thread may look."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._picture: Picture | None = None
        self._count = 0

    def put(self, pixels: Pixels, at: float) -> None:
        with self._changed:
            self._count += 1
            self._picture = Picture(self._count, at, pixels)
            self._changed.notify_all()

    def clear(self) -> None:
        with self._changed:
            self._picture = None

    def after(self, number: int, within_s: float) -> Picture | None:
        """One that is newer than this number, as soon as there is one; None when none comes in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._newer(number) is not None, within_s)
            return self._newer(number)

    def _newer(self, number: int) -> Picture | None:
        picture = self._picture
        return picture if picture is not None and picture.number > number else None


class Reading:
    """One time that the eye is open: opened, read and closed in the same thread, whatever happens."""

    def __init__(
        self,
        plug: Plug,
        turn: Callable[[Pixels], Pixels],
        newest: Newest,
        clock: Callable[[], float],
    ) -> None:
        self._plug = plug
        self._turn = turn
        self._newest = newest
        self._clock = clock
        self._wanted = True
        self._door = threading.Lock()
        self.lost: PortLost | None = None
        self._thread = threading.Thread(target=self._live, name="camera", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self, within_s: float) -> None:
        """No picture comes any more when this returns; the eye closes with the read that is going on."""
        with self._door:
            self._wanted = False
        self._thread.join(within_s)

    def _live(self) -> None:
        try:
            stream = self._plug.stream()
            try:
                while self._wanted:
                    self._take(stream.read())
            finally:
                stream.close()
        except PortLost as error:
            self.lost = error
        except Exception as error:  # noqa: BLE001  OpenCV's own, of any kind
            self.lost = PortLost("internalError", str(error))

    def _take(self, pixels: Pixels) -> None:
        block = numpy.ascontiguousarray(self._turn(pixels))
        with self._door:
            if self._wanted:
                self._newest.put(block, self._clock())
