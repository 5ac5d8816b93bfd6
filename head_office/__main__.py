"""`python -m head_office`: every branch, live."""

import asyncio
import sys
import time
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import uvloop

from head_office import settings as office_settings
from head_office.listener import Listener
from head_office.picture import Picture
from head_office.register import Register, Unusable
from head_office.settings import Settings
from head_office.store import NoLedger, open_ledger
from head_office.web import Office, application
from program import address, certificate, command_line
from program.bell import Bell
from program.server import run_beside
from program.settings_file import SettingsError

LIST_S = 5.0  # between two looks at the bank's list of branches


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
    register_of(settings)
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
    register = register_of(settings)
    picture = Picture(time.time_ns() // 1_000_000, register)
    office = Office(settings, ledger, picture)
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
            [listener.run(), follow_list(register, picture, office.bell)],
            on_stop=[office.close, listener.link.leave],
        )
    finally:
        ledger.close()


def register_of(settings: Settings) -> Register:
    """Raises SettingsError for a list that cannot be used."""
    file = settings.branches.file
    try:
        return Register(None if file is None else Path(file))
    except Unusable as error:
        raise SettingsError(f"section [branches]: key 'file': {error}") from error


async def follow_list(register: Register, picture: Picture, bell: Bell) -> None:
    """The bank's list of branches, whenever it changes; until cancelled."""
    while True:
        picture.place(datetime.now(UTC))
        bell.ring()
        while not await asyncio.to_thread(register.read_again):
            await asyncio.sleep(LIST_S)


if __name__ == "__main__":
    sys.exit(main())
