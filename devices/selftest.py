"""`python -m devices selftest`: is a machine what the configuration says, and does it come back?

Without a port each kind is tried against its simulator in a process of its own: it comes, its plug is pulled, it
comes again under another number.
"""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from devices.catalogue import KINDS
from devices.device import Health, State
from devices.keeper import Keeper
from devices.port import open_port

COMES_S = 15.0
BACK_S = 5.0
Say = Callable[[str], object]


def selftest(kinds: list[str], port: str | None, baud: int | None, say: Say) -> int:
    """0 when everything went well, else 1; a line for each step."""
    results = [_one(kind, port, baud, say) for kind in kinds]
    return 0 if all(results) else 1


def _one(kind: str, port: str | None, baud: int | None, say: Say) -> bool:
    if port is not None:
        with _kept(kind, port, baud) as kept:
            return _step(kept, "answers", lambda: kept.settled, COMES_S, say)
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "port"
        with _simulated(kind, link) as tell, _kept(kind, str(link), baud) as kept:
            good = _step(kept, "answers", lambda: kept.works, COMES_S, say)
            tell("unplug")
            good &= _step(kept, "is missed", lambda: kept.gone, BACK_S, say)
            tell("replug")
            return good & _step(kept, "is back", lambda: kept.works, BACK_S, say)


class _Kept:
    """A machine's latest health; wakes whoever waits for a change."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.health = Health(kind, kind, State.ABSENT, datetime.now(UTC))
        self.changed = threading.Condition()

    def tell(self, event: object) -> None:
        if isinstance(event, Health):
            with self.changed:
                self.health = event
                self.changed.notify_all()

    @property
    def works(self) -> bool:
        return self.health.state.works

    @property
    def gone(self) -> bool:
        return self.health.state is State.ABSENT

    @property
    def settled(self) -> bool:
        return self.works or self.health.state is State.FAULT


def _step(kept: _Kept, what: str, reached: Callable[[], bool], within_s: float, say: Say) -> bool:
    began = time.monotonic()
    with kept.changed:
        good = kept.changed.wait_for(reached, within_s)
    health = kept.health
    words = f"{kept.kind}: {what}" if good else f"{kept.kind}: NOT so: {what}"
    said = " ".join(part for part in (health.state, health.detail, health.identity) if part)
    say(f"{words} ({said}) after {time.monotonic() - began:.1f} s")
    return good


@contextmanager
def _kept(kind: str, port: str, baud: int | None) -> Iterator[_Kept]:
    kept = _Kept(kind)
    driver = KINDS[kind].driver(kept.tell, **({} if baud is None else {"baud": baud}))
    keeper = Keeper(
        kind,
        kind,
        driver,
        lambda: open_port(port, baud=driver.baud, xonxoff=driver.xonxoff),
        kept.tell,
        lambda: datetime.now(UTC),
    )
    keeper.start()
    try:
        yield kept
    finally:
        keeper.stop()


@contextmanager
def _simulated(kind: str, link: Path) -> Iterator[Callable[[str], None]]:
    words = [sys.executable, "-m", "devices", "simulate", kind, "--link", str(link)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as machine:
        commands, answers = machine.stdin, machine.stdout
        if commands is None or answers is None:
            raise RuntimeError("a simulator without its pipes")
        answers.readline()

        def tell(command: str) -> None:
            with suppress(OSError):  # it has ended: the steps say what is not so
                commands.write(command + "\n")
                commands.flush()
                answers.readline()

        try:
            yield tell
        finally:
            machine.terminate()
