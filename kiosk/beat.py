"""Tells systemd that the kiosk is there and that its screen still turns; without systemd it does nothing (sd_notify(3)).

`turn` is called from the loop that draws: a loop that hangs beats no more, and the unit's WatchdogSec ends it.
"""

import logging
import os
import socket
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)

BEATS = 3  # within a watchdog's period: two may be lost


class Beat:
    """`every_s`: how often to beat, None when nobody listens. `clock`: seconds of any steady clock."""

    def __init__(self, environment: Mapping[str, str], clock: Callable[[], float]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self.every_s = _every_s(environment) if self._address else None
        self._clock = clock
        self._next = clock()
        self._lost = False
        self._socket: socket.socket | None = None

    @property
    def supervised(self) -> bool:
        """Whether a unit starts the kiosk again when it ends."""
        return bool(self._address)

    def ready(self) -> None:
        """The first picture is there."""
        self._say("READY=1")

    def turn(self) -> None:
        """The loop has turned once more: as often as it likes, a beat goes out when one is due."""
        if self.every_s is None or self._clock() < self._next:
            return
        self._next = self._clock() + self.every_s
        self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """The kiosk ends, and is meant to."""
        self._say("STOPPING=1")

    def _say(self, what: str) -> None:
        """Never waits: a reader that has stopped would stop the screen as well."""
        if not self._address:
            return
        try:
            self._opened().send(what.encode())
        except OSError as error:
            if not self._lost:
                log.warning("systemd does not take %s (%s); going on.", what, error.strerror)
            self._lost = True
            if not isinstance(error, BlockingIOError):  # systemd may have opened another one
                self._close()
            return
        if self._lost:
            log.info("systemd takes our word again.")
        self._lost = False

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _opened(self) -> socket.socket:
        if self._socket is None:
            ours = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            ours.setblocking(False)
            # a name that begins with @ is in no folder: its first byte is zero
            at = self._address
            try:
                ours.connect("\0" + at[1:] if at.startswith("@") else at)
            except OSError:
                ours.close()
                raise
            self._socket = ours
        return self._socket


def _every_s(environment: Mapping[str, str]) -> float | None:
    """A third of the watchdog's period, where there is one and it is meant for this process."""
    period = environment.get("WATCHDOG_USEC", "")
    meant = environment.get("WATCHDOG_PID") in (None, "", str(os.getpid()))
    return int(period) / 1e6 / BEATS if meant and period.isdigit() and int(period) else None
