"""Which camera it is, as the kernel says, and where it stands: /sys/class/video4linux.

A camera that is no piece of hardware (v4l2loopback and the like) stands under /sys/devices/virtual. What looks
like the right USB device to the kernel cannot be told from it here.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from devices.port import PortLost

SYS = Path("/sys")
USB = re.compile(r"usb:([0-9a-fA-F]{4}):([0-9a-fA-F]{4})(?::(.+))?")


@dataclass(frozen=True, slots=True)
class Identity:
    """`bus` is usb, virtual, simulated, or platform for what is soldered in; `usb`: VID:PID in hexadecimal."""

    bus: str
    name: str
    usb: str = ""
    serial: str = ""

    def __str__(self) -> str:
        return " ".join(
            part for part in (":".join(filter(None, self._number())), self.name) if part
        )

    def _number(self) -> tuple[str, str, str]:
        return self.bus, self.usb, self.serial


def cameras(sys: Path = SYS) -> dict[str, Identity]:
    """Every device that gives pictures, as /dev/videoN."""
    nodes = sorted((sys / "class" / "video4linux").glob("video*"))
    return {f"/dev/{node.name}": _identity(node) for node in nodes if _gives_pictures(node)}


def find(address: str, sys: Path = SYS) -> tuple[str, Identity]:
    """The device of usb:VID:PID, usb:VID:PID:SERIAL or a path, and which camera it is.

    Raises PortLost: noDevice, or ambiguous when several such cameras are plugged in.
    """
    try:
        there = cameras(sys)
    except OSError as error:  # it may be pulled while it is being read
        raise PortLost("noDevice", str(error)) from error
    wanted = USB.fullmatch(address)
    if wanted is None:
        path = str(Path(address).resolve())
        if path not in there:
            raise PortLost("noDevice", f"{address} is no camera that is plugged in")
        return path, there[path]
    found = [item for item in there.items() if _is(item[1], wanted)]
    if len(found) > 1:
        raise PortLost("ambiguous", f"{address} is {', '.join(path for path, _ in found)}")
    if not found:
        raise PortLost("noDevice", f"no camera {address} is plugged in")
    return found[0]


def _is(camera: Identity, wanted: re.Match[str]) -> bool:
    number = f"{wanted[1]}:{wanted[2]}".lower()
    return camera.usb == number and wanted[3] in (None, camera.serial)


def _gives_pictures(node: Path) -> bool:
    """The second node of a USB camera gives only descriptions of the pictures."""
    return _text(node / "index") in ("0", "")


def _identity(node: Path) -> Identity:
    real = node.resolve()
    name = _text(node / "name")
    if "virtual" in real.parts:
        return Identity("virtual", name)
    usb = next((one for one in real.parents if (one / "idVendor").is_file()), None)
    if usb is None:
        return Identity("platform", name)
    number = f"{_text(usb / 'idVendor')}:{_text(usb / 'idProduct')}".lower()
    return Identity("usb", name, number, _text(usb / "serial"))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""
