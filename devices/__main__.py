"""`python -m devices`: the bench. Simulates machines, and watches real or simulated ones."""

import argparse
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from devices.catalogue import KINDS
from devices.simulate import TruthLog, simulate
from devices.watch import watch


def main(given: Sequence[str] | None = None) -> int:
    words = argparse.ArgumentParser(prog="python -m devices", description=__doc__)
    commands = words.add_subparsers(dest="command", required=True)
    _add_simulate(commands.add_parser("simulate", help="run one simulated machine"))
    _add_watch(commands.add_parser("watch", help="show what a machine says, card numbers masked"))
    commands.add_parser("list", help="name the kinds of machines we know")
    arguments = words.parse_args(given)
    if arguments.command == "list" or getattr(arguments, "list", False):
        return _list()
    if arguments.kind not in KINDS:
        words.error(f"KIND must be one of {', '.join(KINDS)}, not '{arguments.kind or ''}'")
    if arguments.command == "simulate":
        return _simulate(arguments)
    return _watch(arguments)


def _add_simulate(words: argparse.ArgumentParser) -> None:
    words.add_argument("kind", nargs="?", metavar="KIND")
    words.add_argument("--list", action="store_true", help="name the kinds and their faults")
    words.add_argument("--link", type=Path, metavar="PATH", help="symlink to the pseudo-terminal")
    words.add_argument("--log", type=Path, metavar="FILE", help="ground truth as JSON lines")
    words.add_argument("--fault", action="append", default=[], metavar="NAME")


def _add_watch(words: argparse.ArgumentParser) -> None:
    words.add_argument("kind", metavar="KIND")
    words.add_argument("--port", required=True, metavar="PATH-OR-URL")
    words.add_argument("--baud", type=int, metavar="BIT/S")
    words.add_argument("--seconds", type=float, metavar="S", help="end by itself after so long")


def _simulate(arguments: argparse.Namespace) -> int:
    if arguments.link is None:
        sys.stderr.write("simulate: --link PATH is missing: where shall the machine appear?\n")
        return 2
    machine = KINDS[arguments.kind].simulator(TruthLog(arguments.log))
    return simulate(
        arguments.kind,
        machine,
        arguments.link,
        arguments.log,
        arguments.fault,
        sys.stdin,
        sys.stdout,
        time.monotonic,
    )


def _watch(arguments: argparse.Namespace) -> int:
    return watch(
        arguments.kind,
        arguments.port,
        arguments.baud,
        arguments.seconds,
        say=lambda line: print(line, flush=True),
        clock=lambda: datetime.now(UTC),
        stop=threading.Event(),
    )


def _list() -> int:
    for name, kind in KINDS.items():
        print(f"{name}: {kind.about}")
        for fault, about in kind.faults.items():
            print(f"    {fault}: {about}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
