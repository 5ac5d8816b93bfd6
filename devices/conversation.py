"""Asking a machine and waiting for its answer: what all drivers of machines that answer do alike."""

from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from devices.port import Port

F = TypeVar("F")
WRITE_S = 2.0


class FrameReader(Protocol[F]):
    """Bytes to frames, whatever pieces they come in. Pure; no bytes make it raise.

    `noise` counts the bytes that belonged to no frame.
    """

    noise: int

    def feed(self, data: bytes) -> list[F]: ...

    def pause(self) -> None:
        """The line has been silent for a while: half a frame will not be completed any more."""


class Conversation(Generic[F]):
    """One open wire with its reader. Every call may raise PortLost."""

    def __init__(
        self,
        port: Port,
        reader: FrameReader[F],
        clock: Callable[[], float],
        *,
        gap_s: float,
    ) -> None:
        """`gap_s`: silence after which half a frame is given up; longer than the machine ever pauses in one."""
        self._port = port
        self._reader = reader
        self._clock = clock
        self._gap_s = gap_s
        self._frames: deque[F] = deque()
        self._heard_at = clock()

    @property
    def noise(self) -> int:
        """Bytes so far that belonged to no frame."""
        return self._reader.noise

    def send(self, data: bytes) -> None:
        self._port.write(data, WRITE_S)

    def forget(self) -> None:
        """Answers to earlier questions that came late mean nothing any more."""
        self._hear(0.0)
        self._frames.clear()

    def next(self, within_s: float) -> F | None:
        """The next frame; None when none comes in time."""
        return self.wait(lambda _frame: True, within_s)

    def wait(self, wanted: Callable[[F], bool], within_s: float) -> F | None:
        """The first frame that is wanted; those before it are dropped, those behind it kept."""
        deadline = self._clock() + within_s
        while True:
            while self._frames:
                frame = self._frames.popleft()
                if wanted(frame):
                    return frame
            left = deadline - self._clock()
            if left <= 0:
                return None
            self._hear(min(left, self._gap_s))

    def listen(self, within_s: float) -> list[F]:
        """What has come, as soon as something has; empty when woken or the time is up."""
        deadline = self._clock() + within_s
        while not self._frames:
            began = self._clock()
            step = max(0.0, min(deadline - began, self._gap_s))  # half a frame is given up in time
            heard = self._hear(step)
            now = self._clock()
            if heard or now >= deadline or now < began + step:
                break
        frames = list(self._frames)
        self._frames.clear()
        return frames

    def _hear(self, within_s: float) -> bool:
        """Whether something has come."""
        data = self._port.read(within_s)
        now = self._clock()
        if data:
            self._frames.extend(self._reader.feed(data))
            self._heard_at = now
        elif now - self._heard_at >= self._gap_s:
            self._reader.pause()
        return bool(data)
