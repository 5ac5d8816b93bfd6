"""`python -m head_office.intake`: takes in what branches send, beside others of its kind."""

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from argparse import Namespace
from contextlib import suppress
from datetime import UTC, datetime
from random import Random

import uvloop

from head_office import settings as office_settings
from head_office.intake.leases import ANSWERS_S, Leases
from head_office.intake.worker import Worker
from head_office.settings import Settings
from head_office.store import NoLedger, engine_of, open_ledger
from program import certificate, command_line, settings_file

log = logging.getLogger(__name__)


def main() -> int:
    words = command_line.parser(
        "head_office.intake", __doc__ or "", default_config="config/demo/head_office.toml"
    )
    command_line.add_store_words(words)
    words.add_argument(
        "--beside",
        action="store_true",
        help="end when standard input does: with whoever has started us",
    )
    given = words.parse_args()
    settings = command_line.load_or_exit(lambda: load(given), check=given.check)
    command_line.start_log("intake")
    return uvloop.run(run(settings, beside=given.beside))


def load(given: Namespace) -> Settings:
    settings = office_settings.load(given.config, listen=None, data=given.data, broker=given.broker)
    if given.check:
        with settings_file.of_file(given.config):
            certificate.check(settings.broker, datetime.now(UTC))
    return settings


async def run(settings: Settings, *, beside: bool) -> int:
    """Until SIGTERM, or the end of standard input. Status 1 when there is no ledger or a part of us failed."""
    random = Random()
    name = f"{socket.gethostname()[:48]} {os.getpid()} {random.getrandbits(32):08x}"
    try:
        ledger = open_ledger(settings.store)
    except NoLedger as error:
        sys.stderr.write(f"{error}\n")
        return 1  # whoever watches over us shall try again, the server may still be starting
    leases = Leases(engine_of(settings.store, answers_s=ANSWERS_S), name, time.monotonic)
    worker = Worker(
        ledger,
        leases,
        settings.broker,
        shared=settings.intake is not None and settings.intake.shared,
        clock=lambda: datetime.now(UTC),
        random=random,
    )
    try:
        return await _until_told(worker, beside=beside)
    finally:
        leases.close()
        ledger.close()


async def _until_told(worker: Worker, *, beside: bool) -> int:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if beside:
        loop.add_reader(sys.stdin.fileno(), _look_for_the_end, loop, stop)
    working, told = loop.create_task(worker.run()), loop.create_task(stop.wait())
    await asyncio.wait([working, told], return_when=asyncio.FIRST_COMPLETED)
    failed = working.done()
    if failed:
        log.error("The process ends because a part of it failed.", exc_info=working.exception())
    worker.leave()
    working.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await working
    return 1 if failed else 0


def _look_for_the_end(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        loop.remove_reader(sys.stdin.fileno())
        stop.set()


if __name__ == "__main__":
    sys.exit(main())
