"""What tests of several machines share: machines on pseudo-terminals in threads, and keepers that use them."""

import contextlib
import io
import os
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Self

from devices.catalogue import KINDS
from devices.device import Health
from devices.keeper import Keeper
from devices.port import open_port
from devices.pseudo_terminal import PseudoTerminal
from devices.simulate import Cable, Machine, simulate
from tests.conftest import wait_for


class Running:
    """A machine that `simulate` runs in a thread, commands through a pipe."""

    def __init__(
        self,
        machine: Machine,
        link: Path,
        plug_in: Callable[[Path], Cable] = PseudoTerminal,
    ) -> None:
        self.link = link
        read_end, write_end = os.pipe()
        self._stdin = os.fdopen(read_end)
        self._type = os.fdopen(write_end, "w", buffering=1)
        self._said = io.StringIO()
        words = (
            link.name,
            machine,
            link,
            None,
            [],
            self._stdin,
            self._said,
            time.monotonic,
            plug_in,
        )
        self._thread = threading.Thread(target=simulate, args=words, daemon=True)
        self._thread.start()
        self._await_answer(0)

    def say(self, command: str) -> None:
        """One command; the machine has carried it out when this returns."""
        before = len(self._said.getvalue())
        self._type.write(command + "\n")
        assert self._await_answer(before).startswith("ok"), command

    def _await_answer(self, before: int) -> str:
        def answer() -> str:
            said = self._said.getvalue()[before:]
            return said if said.endswith("\n") else ""

        return str(wait_for(answer, f"{self.link.name} to answer"))

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self._type.write("quit\n")
        self._thread.join(5)
        self._type.close()
        self._stdin.close()
        assert not self._thread.is_alive()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


class WithTruth(Running):
    """The same, with faults from its start, and what really happened at hand."""

    def __init__(
        self, simulator: Callable[..., Machine], link: Path, *faults: str, **options: object
    ) -> None:
        self._events: list[Mapping[str, Any]] = []
        super().__init__(simulator(self._events.append, **options), link)
        for fault in faults:
            self.say(f"fault {fault}")

    def truth(self, event: str) -> list[Mapping[str, Any]]:
        return [one for one in list(self._events) if one["event"] == event]


class Deaf:
    """No machine: nobody answers. Others that say something of their own are made from it."""

    FAULTS: ClassVar[Mapping[str, str]] = {}

    def power_on(self, now: float) -> bytes:
        return b""

    def receive(self, data: bytes, now: float) -> bytes:
        return b""

    def pass_time(self, now: float) -> bytes:
        return b""

    def next_deadline(self) -> float | None:
        return None

    def fault(self, name: str, on: bool, now: float) -> bytes:
        return b""

    def present(self, value: str, now: float) -> bytes:
        return b""

    def remove(self, now: float) -> bytes:
        return b""


class Kept:
    """A kind's driver with its keeper at a link, and every health that was told."""

    def __init__(self, kind: str, link: Path) -> None:
        self.name = f"{kind} at {link.name}"
        self.told: list[Health] = []
        driver = KINDS[kind].driver(self._hear)
        self.keeper = Keeper(
            self.name,
            kind,
            driver,
            lambda: open_port(str(link), baud=driver.baud, xonxoff=driver.xonxoff),
            self.told.append,
            lambda: datetime.now(UTC),
        )
        self.keeper.start()

    def _hear(self, event: object) -> None:
        """What the machine has to tell is another test's matter."""

    @property
    def works(self) -> bool:
        return self.keeper.health.state.works

    @property
    def ever_worked(self) -> bool:
        return any(health.state.works for health in self.told)

    @property
    def details(self) -> set[str]:
        """Every cause so far, in one word each."""
        return {health.detail for health in list(self.told) if health.detail}

    @property
    def thread(self) -> threading.Thread | None:
        wanted = f"keeper {self.name}"
        return next((one for one in threading.enumerate() if one.name == wanted), None)

    def cpu_s(self) -> float:
        """What its thread has cost the processor so far, whatever else runs."""
        assert self.thread is not None
        assert self.thread.ident is not None
        return time.clock_gettime(time.pthread_getcpuclockid(self.thread.ident))


def all_of(
    things: list[Kept], what: str, reached: Callable[[Kept], object], within_s: float
) -> None:
    """Wait until each of them is so; else say which are not."""

    def missing() -> list[str]:
        return [f"{one.name} ({one.keeper.health.detail})" for one in things if not reached(one)]

    deadline = time.monotonic() + within_s
    wait_for(lambda: not missing() or time.monotonic() > deadline, what, within_s + 5)
    assert missing() == [], what


def pass_time(seconds: float) -> None:
    """For what must not happen, or be spent, meanwhile."""
    ends = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() >= ends, "time to pass", seconds + 5)
