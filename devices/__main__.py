"""`python -m devices`: the bench. Lists, watches, records, replays, simulates and tries machines."""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from serial.tools import list_ports

from devices.catalogue import KINDS
from devices.recording import Tape, UnusableRecording, load, masked, save
from devices.replay import Replayed
from devices.selftest import selftest
from devices.simulate import Machine, Truth, TruthLog, simulate
from devices.watch import watch

N = TypeVar("N", int, float)
ENDED_BY_HAND = 130


def main(given: Sequence[str] | None = None) -> int:
    words = argparse.ArgumentParser(prog="python -m devices", description=__doc__)
    commands = words.add_subparsers(dest="command", required=True)
    for name, (about, add_words, _) in COMMANDS.items():
        add_words(commands.add_parser(name, help=about, description=about))
    arguments = words.parse_args(given)
    kind = getattr(arguments, "kind", None)
    if getattr(arguments, "list", False):
        return _list(arguments)
    if kind == CAMERA and arguments.command in WITH_CAMERA:
        return WITH_CAMERA[arguments.command](arguments)
    if "kind" in arguments and kind not in KINDS and not (kind is None and _may_lack(arguments)):
        known = [*KINDS, *([CAMERA] if arguments.command in WITH_CAMERA else [])]
        words.error(f"KIND must be one of {', '.join(known)}, not '{kind or ''}'")
    try:
        return COMMANDS[arguments.command][2](arguments)
    except KeyboardInterrupt:
        return ENDED_BY_HAND


def _may_lack(arguments: argparse.Namespace) -> bool:
    """All kinds, or no machine at all."""
    return arguments.command == "selftest" and arguments.port is None


def _simulate_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("kind", nargs="?", metavar="KIND")
    words.add_argument("--list", action="store_true", help="name the kinds and their faults")
    words.add_argument("--link", type=Path, metavar="PATH", help="symlink to the pseudo-terminal")
    words.add_argument("--log", type=Path, metavar="FILE", help="ground truth as JSON lines")
    words.add_argument("--fault", action="append", default=[], metavar="NAME")


def _watch_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("kind", metavar="KIND")
    words.add_argument("--port", required=True, metavar="PATH-OR-URL")
    words.add_argument("--baud", type=_baud, metavar="BIT/S")
    words.add_argument("--seconds", type=_seconds, metavar="S", help="end by itself after so long")


def _record_words(words: argparse.ArgumentParser) -> None:
    _watch_words(words)
    words.add_argument("--to", type=Path, required=True, metavar="FILE")
    words.add_argument(
        "--unmasked",
        action="store_true",
        help="keep card numbers, names and templates as they were: test cards only",
    )


def _replay_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("file", type=Path, metavar="FILE")
    words.add_argument("--link", type=Path, required=True, metavar="PATH")
    words.add_argument(
        "--log", type=Path, metavar="FILE", help="where the driver said other things"
    )


def _selftest_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("kind", nargs="?", metavar="KIND", help="default: every kind, simulated")
    words.add_argument("--port", metavar="PATH-OR-URL", help="a real machine")
    words.add_argument("--baud", type=_baud, metavar="BIT/S")


def _baud(word: str) -> int:
    return _number(word, int, 300, 4_000_000)


def _seconds(word: str) -> float:
    return _number(word, float, 0, 1_000_000)


def _number(word: str, of_kind: Callable[[str], N], least: int, most: int) -> N:
    with suppress(ValueError):
        number = of_kind(word)
        if least <= number <= most:
            return number
    raise argparse.ArgumentTypeError(f"expected {least} to {most}, not '{word}'")


def _no_words(_words: argparse.ArgumentParser) -> None:
    """Nothing more to say."""


def _simulate(arguments: argparse.Namespace) -> int:
    if arguments.link is None:
        return _no_link()
    return _run(arguments.kind, KINDS[arguments.kind].simulator, arguments, arguments.fault)


def _no_link() -> int:
    sys.stderr.write("simulate: --link PATH is missing: where shall the machine appear?\n")
    return 2


def _simulate_camera(arguments: argparse.Namespace) -> int:
    if arguments.link is None:
        return _no_link()
    try:
        return int(_cameras().simulate_camera(arguments.link, arguments.log, arguments.fault))
    except OSError as error:
        return _unwritable(arguments, arguments.log, error)


def _watch_camera(arguments: argparse.Namespace) -> int:
    stop = _ended_by_signals()
    return int(_cameras().watch(arguments.port, arguments.seconds, _say, stop))


def _cameras() -> ModuleType:
    return import_module("devices.cameras")  # loads OpenCV, which the other machines can do without


def _ended_by_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _replay(arguments: argparse.Namespace) -> int:
    try:
        kind, pieces = load(arguments.file)
    except UnusableRecording as error:
        sys.stderr.write(f"replay: {error}\n")
        return 2
    return _run(kind, lambda truth: Replayed(truth, pieces), arguments, [])


def _run(
    kind: str, make: Callable[[Truth], Machine], arguments: argparse.Namespace, faults: list[str]
) -> int:
    try:
        truth = TruthLog(arguments.log)
    except OSError as error:
        return _unwritable(arguments, arguments.log, error)
    return simulate(
        kind,
        make(truth),
        arguments.link,
        arguments.log,
        faults,
        sys.stdin,
        sys.stdout,
        time.monotonic,
    )


def _watch(arguments: argparse.Namespace, tape: Tape | None = None) -> int:
    stop = threading.Event()

    def say(line: str) -> None:
        if not _say(line):
            stop.set()

    return watch(
        arguments.kind,
        arguments.port,
        arguments.baud,
        arguments.seconds,
        say=say,
        clock=lambda: datetime.now(UTC),
        stop=stop,
        tape=tape,
    )


def _record(arguments: argparse.Namespace) -> int:
    tape, mask = Tape(time.monotonic), KINDS[arguments.kind].mask
    is_masked = not arguments.unmasked
    try:
        save(arguments.to, arguments.kind, [], is_masked=is_masked)  # better said before than after
        _watch(arguments, tape)
        pieces = masked(tape.pieces, mask) if is_masked else tape.pieces
        save(arguments.to, arguments.kind, pieces, is_masked=is_masked)
    except OSError as error:
        return _unwritable(arguments, arguments.to, error)
    _say(f"{len(pieces)} pieces in {arguments.to}{'; the rest was too long' * tape.full}")
    return 0


def _unwritable(arguments: argparse.Namespace, path: Path, error: OSError) -> int:
    sys.stderr.write(f"{arguments.command}: {path} cannot be written ({error.strerror})\n")
    return 2


def _selftest(arguments: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # its simulators end with it
    kinds = [arguments.kind] if arguments.kind else list(KINDS)
    return selftest(kinds, arguments.port, arguments.baud, _say)


def _list(_arguments: argparse.Namespace) -> int:
    for name, kind in KINDS.items():
        _say(f"{name}: {kind.about}")
        for fault, about in kind.faults.items():
            _say(f"    {fault}: {about}")
    for line in _cameras().faults():
        _say(line)
    return 0


def _ports_and_kinds(arguments: argparse.Namespace) -> int:
    _list(arguments)
    _say("Ports here:")
    ports = sorted(list_ports.comports())
    for port in ports:
        usb = "" if port.vid is None else f"usb:{port.vid:04x}:{port.pid:04x}"
        serial = f":{port.serial_number}" if usb and port.serial_number else ""
        _say(f"    {port.device}  {usb}{serial}  {port.description}")
    if not ports:
        _say("    none")
    _say("Cameras here:")
    for line in _cameras().here():
        _say(line)
    return 0


def _say(line: str) -> bool:
    """False when whoever read it has gone."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


CAMERA = "camera"
WITH_CAMERA: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "simulate": _simulate_camera,
    "watch": _watch_camera,
}
Command = tuple[str, Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]
COMMANDS: Mapping[str, Command] = {
    "list": ("name the kinds of machines we know, and the ports here", _no_words, _ports_and_kinds),
    "watch": ("show what a machine says, card numbers masked", _watch_words, _watch),
    "record": ("watch, and keep what went over the wire, masked", _record_words, _record),
    "replay": ("play a recorded machine on a pseudo-terminal", _replay_words, _replay),
    "simulate": ("run one simulated machine", _simulate_words, _simulate),
    "selftest": ("try a machine, or every kind against its simulator", _selftest_words, _selftest),
}


if __name__ == "__main__":
    sys.exit(main())
