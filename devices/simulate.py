"""Runs one simulated machine, on a pseudo-terminal where it has no other cable, told what to do by lines on
standard input.
"""

import contextlib
import json
import os
import selectors
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType, TracebackType
from typing import ClassVar, Protocol, Self, TextIO

from devices.pseudo_terminal import PseudoTerminal

Truth = Callable[[Mapping[str, object]], None]

XON, XOFF = 0x11, 0x13
# Small enough that a machine's XOFF reaches the driver before a buffer's last reserve is full.
CHUNK_BYTES = 64
LONGEST_WAIT_S = 0.1


class Machine(Protocol):
    """What a simulated machine is: bytes in, bytes out, and time; no I/O of its own.

    `now` is in seconds of any steady clock. No method raises because of bytes from the wire.
    """

    FAULTS: ClassVar[Mapping[str, str]]

    def power_on(self, now: float) -> bytes: ...
    def receive(self, data: bytes, now: float) -> bytes: ...  # the host wrote; immediate reply
    def pass_time(self, now: float) -> bytes: ...  # called often; delayed replies
    def next_deadline(self) -> float | None: ...  # when pass_time has something to do
    def fault(self, name: str, on: bool, now: float) -> bytes: ...
    def present(self, value: str, now: float) -> bytes: ...  # ValueError if it makes no sense
    def remove(self, now: float) -> bytes: ...


class Cable(Protocol):
    """The machine's end of what joins it to the host, at a path with a steady name. Never blocks."""

    link: Path

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    @property
    def plugged(self) -> bool: ...
    @property
    def device(self) -> str: ...
    def fileno(self) -> int: ...
    def unplug(self) -> None: ...
    def replug(self) -> None: ...
    def read(self, timeout_s: float, limit: int) -> bytes: ...
    def write(self, data: bytes) -> None: ...
    def flush(self) -> None: ...
    def host_obeys_xoff(self) -> bool: ...
    def bytes_per_second(self) -> float | None: ...


class TruthLog:
    """The ground truth as JSON lines, each flushed; several may append to one file."""

    def __init__(self, path: Path | None) -> None:
        self._file: TextIO | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8")

    def __call__(self, event: Mapping[str, object]) -> None:
        if self._file is None:
            return
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = json.dumps({"at": at, **event}, ensure_ascii=False)
        self._file.write(line + "\n")
        self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def simulate(
    kind_name: str,
    machine: Machine,
    link: Path,
    log: Path | None,
    faults: list[str],
    stdin: TextIO | None,
    stdout: TextIO,
    clock: Callable[[], float],
    plug_in: Callable[[Path], Cable] = PseudoTerminal,
) -> int:
    """Run until `quit`, SIGTERM or SIGINT; 0, or 2 when it cannot start.

    The machine writes its own part of the truth: give it a TruthLog of the same file.
    """
    with contextlib.ExitStack() as stack:
        try:
            truth = stack.enter_context(contextlib.closing(TruthLog(log)))
            cable = stack.enter_context(plug_in(link))
            bench = _Bench(kind_name, machine, cable, truth, stdin, stdout, clock)
            stack.enter_context(_ended_by_signals(bench))
            bench.run(faults)
        except (ValueError, OSError) as error:
            _say(stdout, f"error: {error}")
            return 2
    return 0


class _Bench:
    """One machine, its cable and whoever types the commands."""

    def __init__(
        self,
        kind_name: str,
        machine: Machine,
        cable: Cable,
        truth: TruthLog,
        stdin: TextIO | None,
        stdout: TextIO,
        clock: Callable[[], float],
    ) -> None:
        self.stopping = False
        self._kind_name = kind_name
        self._machine = machine
        self._cable = cable
        self._truth = truth
        self._commands = _CommandLines(stdin)
        self._stdout = stdout
        self._clock = clock
        self._line_free_at = clock()
        self._told_to_wait = False

    def run(self, faults: list[str]) -> None:
        self._send(self._machine.power_on(self._clock()))
        for name in faults:
            self._fault(name, on=True)
        self._note("ready")
        _say(self._stdout, f"ready {self._cable.link}")
        while not self.stopping:
            self._turn()
        self._note("ended")

    def _turn(self) -> None:
        ready = self._wait()
        for line in self._commands.read(ready):
            _say(self._stdout, self._answer(line))
        if self._cable.fileno() in ready and self._may_read():
            self._read_line()
        self._send(self._machine.pass_time(self._clock()))
        self._cable.flush()

    def _wait(self) -> set[int]:
        """Descriptors with something to read, after waiting no longer than the machine allows."""
        with selectors.SelectSelector() as selector:
            if self._commands.fileno() >= 0:
                selector.register(self._commands.fileno(), selectors.EVENT_READ)
            if self._may_read():
                selector.register(self._cable.fileno(), selectors.EVENT_READ)
            return {key.fd for key, _ in selector.select(self._longest_wait())}

    def _longest_wait(self) -> float:
        now = self._clock()
        deadline = self._machine.next_deadline()
        times = [now + LONGEST_WAIT_S, now + LONGEST_WAIT_S if deadline is None else deadline]
        if self._line_free_at > now:
            times.append(self._line_free_at)
        return max(0.0, min(times) - now)

    def _may_read(self) -> bool:
        """Whether bytes may come over the line: its speed is kept, and XOFF if the host obeys it.

        Bytes that lie in the pseudo-terminal would still wait in a real host's transmitter.
        """
        held = self._told_to_wait and self._cable.host_obeys_xoff()
        return self._cable.plugged and not held and self._clock() >= self._line_free_at

    def _read_line(self) -> None:
        data = self._cable.read(0.0, CHUNK_BYTES)
        now = self._clock()
        speed = self._cable.bytes_per_second()
        if speed is not None:
            self._line_free_at = now + len(data) / speed
        self._send(self._machine.receive(data, now))

    def _send(self, data: bytes) -> None:
        last = max(data.rfind(XON), data.rfind(XOFF))
        if last >= 0:
            self._told_to_wait = data[last] == XOFF
        if data:
            self._cable.write(data)

    def _answer(self, line: str) -> str:
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        action, argument = _COMMANDS.get(word, (None, ""))
        if action is None:
            return f"error: unknown command {word!r}; allowed: {_ALLOWED}"
        if bool(argument) != bool(rest):
            wanted = f"{word} {argument}".strip()
            return f"error: {line!r} is not complete or has too much; expected: {wanted}"
        try:
            return "ok " + action(self, rest)
        except (ValueError, OSError) as error:
            return "error: " + " ".join(str(error).split())

    def _fault(self, name: str, on: bool) -> str:
        if name not in self._machine.FAULTS:
            known = ", ".join(sorted(self._machine.FAULTS)) or "none"
            raise ValueError(f"unknown fault {name!r}; allowed: {known}")
        self._send(self._machine.fault(name, on, self._clock()))
        return f"{'fault' if on else 'clear'} {name}"

    def _present(self, value: str) -> str:
        self._send(self._machine.present(value, self._clock()))
        return "present"

    def _remove(self, _: str) -> str:
        self._send(self._machine.remove(self._clock()))
        return "remove"

    def _unplug(self, _: str) -> str:
        if not self._cable.plugged:
            raise ValueError("the cable is out already; allowed: replug")
        self._note("unplugged")
        self._cable.unplug()
        return "unplug"

    def _replug(self, _: str) -> str:
        if self._cable.plugged:
            raise ValueError("the cable is in already; allowed: unplug")
        self._cable.replug()
        # The new port has not seen an XOFF from before, so nothing holds the host back.
        self._told_to_wait = False
        self._note("replugged")
        return f"replug {self._cable.link}"

    def _quit(self, _: str) -> str:
        self.stopping = True
        return "quit"

    def _note(self, event: str) -> None:
        where = {"link": str(self._cable.link), "device": self._cable.device}
        self._truth({"event": event, "kind": self._kind_name, **where})


_COMMANDS: Mapping[str, tuple[Callable[[_Bench, str], str], str]] = {
    "fault": (lambda bench, name: bench._fault(name, on=True), "NAME"),
    "clear": (lambda bench, name: bench._fault(name, on=False), "NAME"),
    "present": (_Bench._present, "FILE-OR-VALUE"),
    "remove": (_Bench._remove, ""),
    "unplug": (_Bench._unplug, ""),
    "replug": (_Bench._replug, ""),
    "quit": (_Bench._quit, ""),
}
_ALLOWED = ", ".join(f"{word} {argument}".strip() for word, (_, argument) in _COMMANDS.items())


class _CommandLines:
    """Whole lines from standard input; its end only means that no more commands come."""

    def __init__(self, stdin: TextIO | None) -> None:
        self._open = stdin is not None
        self._rest = b""
        self._fd = -1
        if stdin is not None:
            try:
                self._fd = stdin.fileno()
            except (OSError, ValueError):
                self._rest = stdin.read().encode() + b"\n"

    def fileno(self) -> int:
        return self._fd

    def read(self, ready: set[int]) -> Iterator[str]:
        if self._fd in ready:
            self._take()
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            if text := line.decode("utf-8", "replace").strip():
                yield text

    def _take(self) -> None:
        data = b""
        with contextlib.suppress(OSError):
            data = os.read(self._fd, 4096)
        if not data:
            self._fd = -1
            data = b"\n"  # a last line without an end is a command too
        self._rest += data


def _say(stdout: TextIO, line: str) -> None:
    # Whoever read the answers may have gone; the machine goes on without them.
    with contextlib.suppress(OSError, ValueError):
        print(line, file=stdout, flush=True)


@contextlib.contextmanager
def _ended_by_signals(bench: _Bench) -> Iterator[None]:
    """SIGTERM and SIGINT end the loop; only the main thread can ask for that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        bench.stopping = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
