"""A simulated camera, at sim://PATH: a local socket on which pictures come as JPEG, as from a camera on USB.

What is said there: see `devices/camera/simulator.py`.
"""

import json
import socket
import threading

import cv2
import numpy

from devices.camera.identity import Identity
from devices.camera.picture import Pixels
from devices.port import PortLost

SCHEME = "sim://"
HELLO_S = 2.0
READ_S = 2.0
LONGEST_HELLO = 4096
LARGEST = 16 * 1024 * 1024  # bytes of a picture


class SocketPlug:
    def __init__(self, address: str, width: int, height: int) -> None:
        self._path = address.removeprefix(SCHEME)
        self._size = (width, height)
        self._seen: SocketStream | None = None
        self._woken = threading.Event()

    def identity(self) -> Identity:
        """While it shows pictures it answers nobody else, so what it said last is the answer."""
        if self._seen is not None and self._seen.open:
            return self._seen.identity
        stream = SocketStream(self._path, "identity")
        stream.close()
        return stream.identity

    def stream(self) -> "SocketStream":
        width, height = self._size
        self._seen = SocketStream(self._path, f"stream {width} {height}")
        return self._seen

    def rest(self, seconds: float) -> None:
        self._woken.wait(seconds)
        self._woken.clear()

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        """Nothing is open but a stream, which has its own end."""


class SocketStream:
    def __init__(self, path: str, asked: str) -> None:
        """Raises PortLost."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(HELLO_S)
        self._file = self._socket.makefile("rb")
        self.open = True
        try:
            self._socket.connect(path)
            self._socket.sendall(f"{asked}\n".encode())
            self.identity = _identity(self._file.readline(LONGEST_HELLO))
            self._socket.settimeout(READ_S)
        except TimeoutError as error:
            self.close()
            raise PortLost("notResponding") from error
        except (OSError, ValueError) as error:
            self.close()
            raise PortLost("noDevice", str(error)) from error
        except PortLost:
            self.close()
            raise

    def read(self) -> Pixels:
        try:
            size = int.from_bytes(self._taken(4))
            if size > LARGEST:
                raise PortLost("unknownProtocol", f"a picture of {size} bytes")
            pixels = cv2.imdecode(
                numpy.frombuffer(self._taken(size), numpy.uint8), cv2.IMREAD_COLOR
            )
        except TimeoutError as error:
            raise PortLost("notResponding") from error
        except (OSError, ValueError) as error:
            raise PortLost("noDevice", str(error)) from error
        except cv2.error as error:
            raise PortLost("unknownProtocol", "no JPEG") from error
        if pixels is None:
            raise PortLost("unknownProtocol", "no JPEG")
        return numpy.asarray(pixels, dtype=numpy.uint8)

    def close(self) -> None:
        """Both: a socket stays open as long as a file of it does."""
        self.open = False
        self._file.close()
        self._socket.close()

    def _taken(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) < size:
            raise PortLost("noDevice", "the plug was pulled")
        return data


def _identity(line: bytes) -> Identity:
    if not line:
        raise PortLost("deviceBusy", "somebody else sees its pictures")
    said = json.loads(line)
    if not isinstance(said, dict):
        raise PortLost("unknownProtocol")
    return Identity(*(str(said.get(key, "")) for key in ("bus", "name", "usb", "serial")))
