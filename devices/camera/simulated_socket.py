"""The cable of a simulated camera: a local socket at a path, since no device of Video4Linux can be made without the
kernel. One host at a time; a second one is turned away.
"""

import contextlib
import os
import socket
from pathlib import Path
from typing import Self

HUNG_UP = b"end\n"  # what the machine is told when the host has gone


class LocalSocket:
    """The camera's end. Pictures that the host has no room for are lost, as they are on USB."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self._door: socket.socket | None = None
        self._host: socket.socket | None = None
        self._under_way = b""
        self.replug()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    @property
    def plugged(self) -> bool:
        return self._door is not None

    @property
    def device(self) -> str:
        return str(self.link) if self.plugged else ""

    def fileno(self) -> int:
        end = self._host or self._door
        return -1 if end is None else end.fileno()

    def replug(self) -> None:
        """Raises OSError where the path cannot be taken, also when it is longer than a socket's may be."""
        self.link.parent.mkdir(parents=True, exist_ok=True)
        if self.link.is_socket():
            self.link.unlink()
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            door.bind(str(self.link))
        except OSError:
            door.close()
            raise
        os.chmod(self.link, 0o600)  # whoever may write to it may show the kiosk a face
        door.listen(4)
        door.setblocking(False)
        self._door = door

    def unplug(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self.link.unlink()
        for end in (self._host, self._door):
            if end is not None:
                end.close()
        self._host = self._door = None
        self._under_way = b""

    def read(self, timeout_s: float, limit: int) -> bytes:
        """Only what is there already: whoever calls has waited for it."""
        if self._host is None:
            self._host = self._visitor()
            return b""
        try:
            data = self._host.recv(limit)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        return data or self._hung_up()

    def write(self, data: bytes) -> None:
        if self._host is not None and not self._under_way:
            self._under_way = data
            self.flush()

    def flush(self) -> None:
        """Try once more, and turn away who came second."""
        if self._host is None:
            return
        with contextlib.suppress(
            BlockingIOError, OSError
        ):  # a host that has gone is seen by `read`
            while self._under_way:
                self._under_way = self._under_way[self._host.send(self._under_way) :]
        second = None if self._host_has_gone() else self._visitor()
        if second is not None:
            second.close()

    def host_obeys_xoff(self) -> bool:
        return False

    def bytes_per_second(self) -> float | None:
        return None

    def _host_has_gone(self) -> bool:
        """Then whoever waits at the door is the next one, not a second."""
        try:
            return self._host is None or not self._host.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def _visitor(self) -> socket.socket | None:
        if self._door is None:
            return None
        try:
            host, _ = self._door.accept()
        except OSError:
            return None
        host.setblocking(False)
        return host

    def _hung_up(self) -> bytes:
        if self._host is not None:
            self._host.close()
        self._host, self._under_way = None, b""
        return HUNG_UP
