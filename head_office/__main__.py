"""`python -m head_office`: every branch, live."""

import asyncio
import sys
import time
from argparse import Namespace
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx
import uvloop

from head_office import settings as office_settings
from head_office.accounts.opening import open_door
from head_office.alerts.book import AlertBook
from head_office.alerts.desk import AlertDesk
from head_office.alerts.webhook import Webhook
from head_office.history.opened import keep_beside, open_history
from head_office.ledger import Ledger
from head_office.listener import Listener
from head_office.office import Office
from head_office.picture import Picture
from head_office.register import Register, Unusable
from head_office.settings import Settings
from head_office.store import NoLedger, open_ledger
from head_office.web import application
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
    return uvloop.run(run(settings, given))


def load(given: Namespace) -> Settings:
    """A certificate that has run out is an error where it is asked for only: the board is there without its line."""
    settings = office_settings.load(
        given.config, listen=given.listen, data=given.data, broker=given.broker
    )
    register_of(settings)
    if given.check:
        certificate.check(settings.broker, datetime.now(UTC))
    return settings


async def run(settings: Settings, given: Namespace) -> int:
    """Until SIGTERM."""
    try:
        ledger = open_ledger(settings.store)
    except NoLedger as error:
        sys.stderr.write(f"{error}\n")
        return 1  # not "unusable": whoever watches over us shall try again, the server may still be starting
    register = register_of(settings)
    office = wired(settings, ledger, register)
    if nobody_can_sign_in(settings, office):
        sys.stderr.write(
            f"On {settings.http.listen} nobody could sign in: there is no account yet. Add the first with "
            "`python -m head_office.accounts --config FILE add NAME --role administrator`.\n"
        )
        return command_line.UNUSABLE
    keeping = [] if office.history is None else [keep_beside(given.config, given.data)]
    try:
        return await run_beside(
            application(office),
            address.parse(settings.http.listen),
            [
                office.listener.run(),
                office.alerts.run(),
                follow_list(register, office),
                *keeping,
                *telling(settings, office.alerts.book),
            ],
            on_stop=[office.close, office.listener.link.leave],
        )
    finally:
        ledger.close()


def wired(settings: Settings, ledger: Ledger, register: Register) -> Office:
    bell = Bell()
    picture = Picture(time.time_ns() // 1_000_000, register)
    listener = Listener(
        ledger, picture, settings.broker, clock=now, random=Random(), on_change=bell.ring
    )
    alerts = AlertDesk(
        AlertBook(ledger.engine, telling=settings.alerts.webhook is not None),
        picture,
        clock=now,
        hears=lambda: listener.link.listening,
        on_change=bell.ring,
    )
    door = open_door(settings, ledger.engine, now)
    history = open_history(settings, ledger, register)
    return Office(settings, bell, ledger, picture, listener, alerts, door, history)


def nobody_can_sign_in(settings: Settings, office: Office) -> bool:
    if settings.readers or settings.oidc or address.parse(settings.http.listen).loopback:
        return False
    return not office.door.people.anybody()


def telling(settings: Settings, book: AlertBook) -> list[Coroutine[Any, Any, None]]:
    """The bank's own system, where there is one."""
    url = settings.alerts.webhook
    if url is None:
        return []
    key = settings.alerts.webhook_key
    return [Webhook(url, key, book, Random(), lambda: httpx.AsyncClient(trust_env=False)).run()]


def now() -> datetime:
    return datetime.now(UTC)


def register_of(settings: Settings) -> Register:
    """Raises SettingsError for a list that cannot be used."""
    file = settings.branches.file
    try:
        return Register(None if file is None else Path(file))
    except Unusable as error:
        raise SettingsError(f"section [branches]: key 'file': {error}") from error


async def follow_list(register: Register, office: Office) -> None:
    """The bank's list of branches, whenever it changes; until cancelled."""
    while True:
        office.picture.place(now())
        office.bell.ring()
        while not await asyncio.to_thread(register.read_again):
            await asyncio.sleep(LIST_S)


if __name__ == "__main__":
    sys.exit(main())
