"""Our certificate as it is on disk now: read anew when its files change, and watched for its end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from ssl import SSLContext

from program.broker import Broker, BrokerAddress
from program.certificate import Certificate, CertificateUnusable, load
from program.line_state import LineState

WARN_BEFORE = timedelta(days=14)


class Renewal:
    """`context` is of the files in use; None while there were none that could be used. `new` could be, and is not yet."""

    def __init__(self, broker: Broker, state: LineState, clock: Callable[[], datetime]) -> None:
        self._broker = broker
        self._files = [Path(name) for name in (broker.ca, broker.cert, broker.key) if name]
        self._state = state
        self._clock = clock
        self._used: Certificate | None = None
        self._stamps = self._read = _stamps(self._files)
        self.new: Certificate | None = None
        self._load()
        if self.new is not None:
            self.take()

    @property
    def context(self) -> SSLContext | None:
        return self._used.context if self._used else None

    def look(self) -> None:
        """What has just changed is read at the next look: whoever renews writes one file after the other."""
        before, self._stamps = self._stamps, _stamps(self._files)
        if self._stamps == before and self._stamps != self._read:
            self._read = self._stamps
            self._load()
        self._watch_the_end()

    def take(self) -> None:
        """From now on the new one is used."""
        self._used, self.new = self.new, None
        self._state.is_over("certificate-unusable")
        self._watch_the_end()

    def turned_down(self, by: BrokerAddress) -> None:
        """The one in use stays so."""
        self._state.begins(
            "certificate-unusable", f"key 'cert': {self._broker.cert} is not accepted by {by}"
        )

    def _load(self) -> None:
        try:
            self.new = load(self._broker, self._clock())
        except CertificateUnusable as error:
            self.new = None
            self._state.begins("certificate-unusable", str(error))

    def _watch_the_end(self) -> None:
        """Of the certificate in use, whatever stands on disk."""
        ends_at = self._used.ends_at if self._used else None
        if ends_at is None:
            return
        end = f"{ends_at:%Y-%m-%d %H:%M} UTC"
        if self._clock() >= ends_at:
            self._state.begins(
                "certificate-unusable", f"key 'cert': {self._broker.cert} ran out on {end}"
            )
        if self._clock() >= ends_at - WARN_BEFORE:
            self._state.begins("certificate-ends", end)
        else:
            self._state.is_over("certificate-ends")


def _stamps(files: list[Path]) -> list[tuple[int, int, int] | None]:
    return [_stamp(file) for file in files]


def _stamp(file: Path) -> tuple[int, int, int] | None:
    """None for a file that is not there."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
