"""A serial cable that is not there: a pseudo-terminal behind a symlink with a steady name.

The symlink plays the part of /dev/serial/by-id: it stays the same when the number of the
pseudo-terminal changes, and it is gone while the cable is out.
"""

import contextlib
import logging
import os
import pty
import select
import termios
import tty
from pathlib import Path
from types import TracebackType
from typing import Self

OUTPUT_LIMIT_BYTES = 64 * 1024
READ_LIMIT_BYTES = 4096

_LOG = logging.getLogger(__name__)
_SPEEDS = {
    getattr(termios, f"B{baud}"): baud
    for baud in (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400)
}


class PseudoTerminal:
    """The machine's end of the cable; a driver opens the symlink as its serial port."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.dropped_bytes = 0
        self._pending = bytearray()
        self._master: int | None = None
        self._slave: int | None = None
        self._device = ""
        self.replug()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def plugged(self) -> bool:
        return self._master is not None

    @property
    def device(self) -> str:
        """Path of the pseudo-terminal the link points at, empty while the cable is out."""
        return self._device

    def fileno(self) -> int:
        """The machine's end for a selector, -1 while the cable is out."""
        return -1 if self._master is None else self._master

    def replug(self) -> None:
        """Put the cable in: a new pseudo-terminal and a new target of the link."""
        if self.plugged:
            return
        if self.link.exists() and not self.link.is_symlink():
            raise FileExistsError(f"{self.link} exists and is not a symlink; it is left alone")
        # The slave stays open here too: else a driver that closes makes every read fail with EIO.
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._device = os.ttyname(self._slave)
        try:
            self._point_link_here()
        except OSError:
            self._close_ends()
            raise

    def unplug(self) -> None:
        """Pull the cable out: both ends closed, link removed, bytes under way lost."""
        self._remove_own_link()
        self._close_ends()

    def close(self) -> None:
        self.unplug()

    def read(self, timeout_s: float, limit: int = READ_LIMIT_BYTES) -> bytes:
        """What the driver wrote, at most `limit` bytes; empty after `timeout_s` seconds."""
        if self._master is None:
            return b""
        if not select.select([self._master], [], [], max(0.0, timeout_s))[0]:
            return b""
        try:
            return os.read(self._master, limit)
        except OSError:
            return b""

    def write(self, data: bytes) -> None:
        """Send to the driver; never blocks. With the cable out the bytes are simply lost."""
        if self._master is None:
            return
        room = max(0, OUTPUT_LIMIT_BYTES - len(self._pending))
        lost = len(data) - len(data[:room])
        if lost:
            self.dropped_bytes += lost
            _LOG.warning("%s: nobody reads, %d bytes dropped", self.link, lost)
        self._pending += data[:room]
        self.flush()

    def flush(self) -> None:
        """Try once more to hand over what the driver has not had room for."""
        if self._master is None or not self._pending:
            return
        try:
            sent = os.write(self._master, self._pending)
        except BlockingIOError:
            return
        except OSError:
            sent = len(self._pending)
        del self._pending[:sent]

    def host_obeys_xoff(self) -> bool:
        """Whether the driver has switched on XON/XOFF for what it sends (termios IXON)."""
        return self._slave is not None and bool(termios.tcgetattr(self._slave)[0] & termios.IXON)

    def bytes_per_second(self) -> float | None:
        """Line speed the driver has set, ten bits a byte; None if it is not a usual one."""
        if self._slave is None:
            return None
        baud = _SPEEDS.get(termios.tcgetattr(self._slave)[5])
        return None if baud is None else baud / 10

    def _point_link_here(self) -> None:
        self.link.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.link.with_name(f".{self.link.name}.{os.getpid()}")
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
        fresh.symlink_to(self._device)
        fresh.replace(self.link)

    def _remove_own_link(self) -> None:
        with contextlib.suppress(OSError):
            if self._device and str(self.link.readlink()) == self._device:
                self.link.unlink()

    def _close_ends(self) -> None:
        for end in (self._master, self._slave):
            if end is not None:
                os.close(end)
        self._master = self._slave = None
        self._device = ""
        self._pending.clear()
