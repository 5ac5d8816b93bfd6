"""Whether the camera that is meant is plugged in, without opening its eye and without loading OpenCV."""

from pathlib import Path

from devices.camera.identity import SYS, find
from devices.camera.settings import SIMULATED, Camera
from devices.port import PortLost


def missing(camera: Camera, sys: Path = SYS) -> str:
    """The cause, in XFS4IoT's words where it has one; nothing when it is there."""
    if camera.port.startswith(SIMULATED):
        there = Path(camera.port.removeprefix(SIMULATED)).is_socket()
        return "" if there else "noDevice"
    try:
        _, found = find(camera.port, sys)
    except PortLost as error:
        return error.cause
    wrong = found.bus == "virtual" or not str(found).startswith(camera.identity)
    return "wrongDevice" if wrong else ""
