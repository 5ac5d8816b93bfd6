"""Cameras, which have no serial line: the keeper of one, and what `python -m devices` does with them.

Loads OpenCV; who has no camera does not import this.
"""

import logging
import math
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devices.camera import identity
from devices.camera.driver import Camera as Driver, EyeClosed, Watch
from devices.camera.picture import LUMINANCE, Picture
from devices.camera.plug import Plug
from devices.camera.settings import SIMULATED, Camera as Section
from devices.camera.simulated_socket import LocalSocket
from devices.camera.simulator import Simulator
from devices.camera.socket_plug import SocketPlug
from devices.camera.v4l2 import V4l2Plug
from devices.device import Health, Patience
from devices.keeper import Keeper
from devices.simulate import TruthLog, simulate

log = logging.getLogger(__name__)

KIND = "camera"
ABOUT = (
    "camera: Video4Linux through OpenCV; simulated at a local socket, which is opened as sim://PATH"
)
SESSION_S = 120.0  # after which an eye that somebody forgot closes by itself


class Camera:
    """One camera with its keeper. Its eye is open, and its light on, only between `open` and `close`.

    `tell` gets Health, EyeOpen, PictureIs and EyeClosed, from its threads.
    """

    def __init__(self, section: Section, tell: Callable[[Any], None]) -> None:
        if section.port.startswith(SIMULATED):
            log.warning("%s: is a simulated one; no branch may use it.", section.name)
        self._driver = Driver(tell, turned=section.turned)
        self.keeper = Keeper(
            section.name,
            KIND,
            self._driver,
            lambda: plug_of(section),
            tell,
            lambda: datetime.now(UTC),
            expected=section.identity,
        )
        self._session: Patience | None = None

    def open(self, job: str, within_s: float = SESSION_S) -> None:
        """Ends by itself after so long; the one before is closed."""
        self.close()
        self._session = self.keeper.order(Watch(job), within_s)

    def close(self) -> None:
        """Returns at once; EyeClosed says when it is so."""
        session, self._session = self._session, None
        if session is not None:
            session.cancel()

    def newest(self, after: int = 0, within_s: float = 0.0) -> Picture | None:
        """A picture whose number is above `after`; None when none comes in time, or the eye is closed."""
        return self._driver.newest.after(after, within_s)


def plug_of(section: Section) -> Plug:
    made: type[SocketPlug] | type[V4l2Plug] = (
        SocketPlug if section.port.startswith(SIMULATED) else V4l2Plug
    )
    return made(section.port, section.width, section.height)


def faults() -> list[str]:
    """What `--list` says."""
    return [ABOUT, *(f"    {name}: {about}" for name, about in Simulator.FAULTS.items())]


def here() -> list[str]:
    """A line for each camera that is plugged in."""
    found = identity.cameras()
    return [f"    {path}  {camera}" for path, camera in found.items()] or ["    none"]


def simulate_camera(link: Path, log_file: Path | None, wanted: Sequence[str]) -> int:
    """As every other machine, but on a local socket. Raises OSError where the log cannot be written."""
    machine = Simulator(TruthLog(log_file))
    streams = (sys.stdin, sys.stdout)
    return simulate(
        KIND, machine, link, log_file, list(wanted), *streams, time.monotonic, LocalSocket
    )


def watch(
    port: str, seconds: float | None, say: Callable[[str], object], stop: threading.Event
) -> int:
    """Opens its eye until the time is up; a line a second about the pictures, of which none is kept."""
    closed = threading.Event()
    closed.set()

    def tell(event: Any) -> None:
        say(f"{datetime.now(UTC):%H:%M:%S} {_words(event)}")
        if isinstance(event, EyeClosed):
            closed.set()

    camera = Camera(Section(port), tell)
    camera.keeper.start()
    ends = math.inf if seconds is None else time.monotonic() + seconds
    picture: Picture | None = None
    while not stop.is_set() and time.monotonic() < ends:
        if closed.is_set() and camera.keeper.health.state.works:
            closed.clear()
            camera.open("watch")
        stop.wait(min(1.0, max(0.0, ends - time.monotonic())))
        picture = _told(camera.newest(), picture, say)
    camera.close()
    camera.keeper.stop()
    return 0


def _words(event: Any) -> str:
    if isinstance(event, Health):
        return " ".join(filter(None, (event.state, event.detail, event.identity)))
    return str(event)


def _told(
    now: Picture | None, before: Picture | None, say: Callable[[str], object]
) -> Picture | None:
    if now is not None and before is not None and now.at > before.at:
        rate = (now.number - before.number) / (now.at - before.at)
        light = float((now.pixels[::8, ::8] @ LUMINANCE).mean())
        height, width = now.pixels.shape[:2]
        say(f"{width} x {height}, {rate:.1f} pictures a second, brightness {light:.0f} of 255")
    return now
