"""A camera that is plugged in: who it is with its eye closed, and a stream of pictures with its eye open."""

from typing import Protocol

from devices.camera.identity import Identity
from devices.camera.picture import Pixels


class Stream(Protocol):
    """An open eye: its light is on. Used, and closed, by one thread."""

    def read(self) -> Pixels:
        """The next picture that comes. May take as long as it likes; raises PortLost."""

    def close(self) -> None: ...


class Plug(Protocol):
    """Opens nothing by itself."""

    def identity(self) -> Identity:
        """Of what is plugged in now. Raises PortLost('noDevice')."""

    def stream(self) -> Stream:
        """Opens the eye. Raises PortLost."""

    def rest(self, seconds: float) -> None:
        """Let time pass; ends early when woken."""

    def wake(self) -> None: ...

    def close(self) -> None: ...
