"""`python -m head_office`: every branch, live."""

import sys
import time
from argparse import Namespace
from datetime import UTC, datetime
from random import Random

import uvloop

from head_office import settings as office_settings
from head_office.listener import Listener
from head_office.picture import Picture
from head_office.settings import Settings
from head_office.store import NoLedger, open_ledger
from head_office.web import Office, application
from program import address, certificate, command_line
from program.server import run_beside


def main() -> int:
    words = command_line.parser(
        "head_office", __doc__ or "", default_config="config/demo/head_office.toml"
    )
    command_line.add_server_words(words)
    given = words.parse_args()
    settings = command_line.load_or_exit(lambda: load(given), check=given.check)
    command_line.start_log("head_office")
    return uvloop.run(run(settings))


def load(given: Namespace) -> Settings:
    """A certificate that has run out is an error where it is asked for only: the board is there without its line."""
    settings = office_settings.load(
        given.config, listen=given.listen, data=given.data, broker=given.broker
    )
    if given.check:
        certificate.check(settings.broker, datetime.now(UTC))
    return settings


async def run(settings: Settings) -> int:
    """Until SIGTERM."""
    try:
        ledger = open_ledger(settings.store)
    except NoLedger as error:
        sys.stderr.write(f"{error}\n")
        return 1  # not "unusable": whoever watches over us shall try again, the server may still be starting
    office = Office(settings, ledger, Picture(first_version=time.time_ns() // 1_000_000))
    listener = Listener(
        ledger,
        office.picture,
        settings.broker,
        clock=lambda: datetime.now(UTC),
        random=Random(),
        on_change=office.bell.ring,
    )
    office.listener = listener
    try:
        return await run_beside(
            application(office),
            address.parse(settings.http.listen),
            [listener.run()],
            on_stop=[office.close, listener.link.leave],
        )
    finally:
        ledger.close()


if __name__ == "__main__":
    sys.exit(main())
