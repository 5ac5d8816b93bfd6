"""A [camera] section, as kiosk.toml has it."""

from typing import Annotated, Literal

from msgspec import Meta

from devices.camera.identity import USB
from devices.settings import NAME
from program.settings_file import Section, SettingsError

SIMULATED = "sim://"
Side = Annotated[int, Meta(ge=160, le=3840)]


class Camera(Section, frozen=True):
    """`port`: usb:VID:PID or usb:VID:PID:SERIAL as `python -m devices list` says it, a path such as /dev/v4l/by-id/…, or
    sim://PATH for a simulated one. `identity`: how its identity must begin; a path alone may lead to any camera, so
    there it must be said. `turned`: by how many degrees its pictures must be turned clockwise to stand upright."""

    port: str
    name: Annotated[str, Meta(pattern=r"^[^/\x00-\x1f\x7f]{1,32}\Z", description=NAME)] = "camera"
    identity: str = ""
    width: Side = 640
    height: Side = 480
    turned: Literal[0, 90, 180, 270] = 0


def check_camera(camera: Camera) -> None:
    """Raises SettingsError."""
    if camera.port.startswith(SIMULATED) and len(camera.port) > len(SIMULATED):
        return
    if USB.fullmatch(camera.port):
        return
    if not camera.port.startswith("/"):
        raise _wrong("port", camera.port, "usb:VID:PID:SERIAL, a path from the root, or sim://PATH")
    if not camera.identity:
        raise _wrong(
            "identity", "", "what `python -m devices list` says of it, as the port is only a path"
        )


def _wrong(key: str, value: str, expected: str) -> SettingsError:
    return SettingsError(f"section [camera]: key '{key}': '{value}'; expected {expected}")
