"""`python -m kiosk.identity.checking`: one check of one customer, begun by the kiosk and told about through pipes.

A process of its own: what it saw goes with it, a crash of a camera's library takes no kiosk along, and between customers there
is neither an open eye nor a picture. It ends with the check, or when the kiosk closes the pipe: the customer went another way.
"""

import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec

from kiosk.identity import audit
from kiosk.identity.audit import DECISIONS, to_teller
from kiosk.identity.told import (
    Begin,
    Ended,
    Judged,
    Shown,
    Told,
    from_kiosk,
    packed,
    read_all,
)
from kiosk.identity.tries import Tries, TriesUnusable
from kiosk.identity.trying import Trying
from kiosk.mishaps import WithoutValues, catch_all, leave_no_core
from program import command_line

log = logging.getLogger(__name__)

TURN_S = 1 / 30
ALIVE_S = 1.0  # at the latest the kiosk hears from us again
GONE = object()
STDIN = 0
LARGEST_PICTURE = 64_000_000  # pixels, 200 MB
FOR_LIBRARIES = {  # before they are loaded
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(LARGEST_PICTURE),
    "OPENBLAS_NUM_THREADS": "1",  # numpy's own, which only wait here: a third of a start's CPU
}


class Checks(Protocol):
    @property
    def ended(self) -> str: ...
    @property
    def reasons(self) -> tuple[str, ...]: ...
    def shown(self) -> Shown: ...
    def happen(self, event: Any) -> None: ...
    def turn(self, now: float) -> None: ...
    def leave(self) -> None: ...
    def stop(self) -> None: ...


class Pipe:
    """To the kiosk. What it no longer wants to hear is lost."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._out = sys.stdout.buffer

    def tell(self, message: Told) -> None:
        with self._lock:
            try:
                self._out.write(packed(message))
                self._out.flush()
            except OSError:
                log.info("The kiosk listens no more.")


def main() -> int:
    command_line.start_log("identity", WithoutValues)
    catch_all()
    _take_care()
    body = read_all(_read)
    begin = from_kiosk(body) if body else None
    if not isinstance(begin, Begin):
        sys.stderr.write("python -m kiosk.identity.checking is begun by the kiosk, not by hand.\n")
        return 2
    pipe = Pipe()
    try:
        tries = Tries(Path(begin.folder), lambda: datetime.now(UTC))
    except TriesUnusable as error:
        log.error("%s", error)
        consent = begin.identity.consent
        pipe.tell(Judged(audit.entry(begin.method, "locked", ("tries_unusable",), "", consent)))
        pipe.tell(Ended("failed", "tries_unusable"))
        return 1
    trying = Trying(
        tries,
        begin.customer,
        begin.method,
        begin.identity.consent,
        lambda entry: pipe.tell(Judged(entry)),
        begin.used,
    )
    events: queue.SimpleQueue[Any] = queue.SimpleQueue()
    check = _check(begin, trying, events.put, pipe.tell)
    threading.Thread(target=_listen, args=(events.put,), name="kiosk", daemon=True).start()
    try:
        _run(check, events, pipe.tell)
    finally:
        check.stop()
    trying.note_last(check.ended, check.reasons)
    said = to_teller(begin.method, DECISIONS[check.ended])
    pipe.tell(Ended(said, audit.first(check.reasons)))
    tries.close()
    return 0


def _take_care() -> None:
    """Of a crash no face reaches a disk, and no picture fills the memory."""
    leave_no_core()
    os.environ.update(FOR_LIBRARIES)


def _check(
    begin: Begin, trying: Trying, put: Callable[[Any], None], tell: Callable[[Told], None]
) -> Checks:
    if begin.method == "face":
        from kiosk.identity.face_check import FaceCheck  # noqa: PLC0415  loads OpenCV

        return FaceCheck(begin, trying, put, tell)
    from kiosk.identity.finger_check import FingerCheck  # noqa: PLC0415  loads no OpenCV

    return FingerCheck(begin, trying, tell)


def _run(check: Checks, events: "queue.SimpleQueue[Any]", tell: Callable[[Told], None]) -> None:
    told: Shown | None = None
    told_at = 0.0
    while not check.ended:
        now = time.monotonic()
        check.turn(now)
        shown = check.shown()
        if shown != told or now - told_at >= ALIVE_S:
            told, told_at = shown, now
            tell(shown)
        try:
            event = events.get(timeout=TURN_S)
        except queue.Empty:
            continue
        check.leave() if event is GONE else check.happen(event)


def _read(count: int) -> bytes:
    """From the kiosk. Python's own standard input is held while it is waited for, and that keeps the process from ending."""
    return os.read(STDIN, count)


def _listen(put: Callable[[Any], None]) -> None:
    """Until the kiosk closes its end."""
    try:
        while body := read_all(_read):
            put(from_kiosk(body))
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        log.error("The kiosk said something that cannot be read (%s).", type(error).__name__)
    put(GONE)


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)  # a thread may be within OpenCV still; Python's own end would be a crash there
