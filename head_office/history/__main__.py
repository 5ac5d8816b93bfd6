"""What was: past days of all branches.

`python -m head_office.history fold [DAY]` keeps closed days, or all that is here of one;
`keep` does so all the time, beside head office; `report MONTH -o FILE` writes the monthly report.
"""

import argparse
import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

from head_office import settings as office_settings
from head_office.history.folding import Folding
from head_office.history.parts import Parts
from head_office.history.place import ANSWERS_S, NoHistory, folder_of
from head_office.history.reading import Reading
from head_office.history.report_job import Job, ReportFailed, pdf_beside
from head_office.history.report_words import ReportLanguage
from head_office.ledger import Ledger
from head_office.register import Register, Unusable
from head_office.settings import Settings
from head_office.store import NoLedger, engine_of
from program import command_line

log = logging.getLogger(__name__)
KEEPS_EVERY_S = 300.0
LOOKS_EVERY_S = 1.0
RESTS = 1.0  # as long as the last branch took: at most half of a core, and that at the lowest rank


def main() -> int:
    given = _words().parse_args()
    settings = command_line.load_or_exit(
        lambda: office_settings.load(given.config, listen=None, data=given.data, broker=None),
        check=False,
    )
    command_line.start_log("history")
    try:
        return int(given.do(settings, given))
    except (NoLedger, NoHistory, ReportFailed, Unusable) as error:
        sys.stderr.write(f"{error}\n")
        return command_line.UNUSABLE


def fold(settings: Settings, given: argparse.Namespace) -> int:
    """Once, as fast as it goes."""
    count = _folding(settings, _register(settings), lambda: None).fold(datetime.now(UTC), given.day)
    sys.stdout.write(f"{count} days of branches were folded.\n")
    return 0


def report(settings: Settings, given: argparse.Namespace) -> int:
    """The monthly report into a file."""
    job = Job(settings, given.month, given.language, given.region.strip("/"))
    given.to.write_bytes(asyncio.run(pdf_beside(job)))
    return 0


def keep(settings: Settings, given: argparse.Namespace) -> int:
    """Until whoever started it has gone, or it is told to end."""
    os.nice(19)
    parent = given.beside or os.getppid()
    register = _register(settings)
    folding = _folding(settings, register, Rest())
    while os.getppid() == parent:
        register.read_again()
        try:
            folding.fold(datetime.now(UTC))
        except Exception:
            log.exception("Days could not be kept; they stay in the ledger and are tried again.")
        until = time.monotonic() + KEEPS_EVERY_S
        while os.getppid() == parent and time.monotonic() < until:
            time.sleep(LOOKS_EVERY_S)
    return 0


class Rest:
    """Called after each piece of work, it rests as long as that took."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._since = clock()

    def __call__(self) -> None:
        self._sleep(min(1.0, RESTS * (self._clock() - self._since)))
        self._since = self._clock()


def _register(settings: Settings) -> Register:
    """Raises Unusable."""
    file = settings.branches.file
    return Register(None if file is None else Path(file))


def _folding(settings: Settings, register: Register, pause: Callable[[], None]) -> Folding:
    engine = engine_of(settings.store, create=False, answers_s=ANSWERS_S)
    parts = Parts(folder_of(settings), settings.history.time_zone, register)
    reading = Reading(engine, Ledger(engine))
    days_open = settings.history.days_open
    return Folding(engine, reading, parts, days_open=days_open, pause=pause)


def _words() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(
        prog="python -m head_office.history", description=(__doc__ or "").partition("\n")[0]
    )
    words.add_argument(
        "--config", type=Path, default=Path("config/demo/head_office.toml"), metavar="FILE"
    )
    words.add_argument("--data", type=Path, metavar="DIR", help="folder of the database")
    parts = words.add_subparsers(required=True, metavar="fold | keep | report")
    one = parts.add_parser("fold", help="keep closed days, or all that is here of one day")
    one.add_argument("day", type=_day, nargs="?", metavar="DAY", help="as 2026-11-23")
    one.set_defaults(do=fold)
    monthly = parts.add_parser("report", help="write the monthly report as PDF")
    monthly.add_argument("month", type=_month, metavar="MONTH", help="as 2026-11")
    monthly.add_argument("--language", choices=get_args(ReportLanguage), default="zh-Hans")
    monthly.add_argument("--region", default="", metavar="REGION", help="with all below it")
    monthly.add_argument("-o", dest="to", type=Path, required=True, metavar="FILE")
    monthly.set_defaults(do=report)
    always = parts.add_parser("keep", help="keep closed days, all the time")
    always.add_argument("--beside", type=int, metavar="PID", help="until this process has gone")
    always.set_defaults(do=keep)
    return words


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is no day; write it as 2026-11-23") from error


def _month(text: str) -> date:
    return _day(f"{text}-01")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
