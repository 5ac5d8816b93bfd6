"""`python -m head_office`: every branch, live."""

import sys
from argparse import Namespace

import uvloop

from head_office import settings as office_settings
from head_office.office import Office
from head_office.settings import Settings
from head_office.store import NoLedger, open_ledger
from head_office.web import application
from head_office.wiring import key_of, now, outline_of, register_of, tasks, wired
from program import address, certificate, command_line, settings_file
from program.server import run_beside


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
    with settings_file.of_file(given.config):
        register_of(settings)
        if settings.rollout is not None:
            key_of(settings.rollout)
        outline_of(settings)
        if given.check:
            certificate.check(settings.broker, now())
    return settings


async def run(settings: Settings, given: Namespace) -> int:
    """Until SIGTERM."""
    try:
        ledger = open_ledger(settings.store)
    except NoLedger as error:
        sys.stderr.write(f"{error}\n")
        return 1  # not "unusable": whoever watches over us shall try again, the server may still be starting
    try:
        office = wired(settings, ledger, register_of(settings))
        if nobody_can_sign_in(office):
            sys.stderr.write(
                f"On {settings.http.listen} nobody could sign in: there is no account yet. Add the first with "
                "`python -m head_office.accounts --config FILE add NAME --role administrator`.\n"
            )
            return command_line.UNUSABLE
        return await run_beside(
            application(office),
            address.parse(settings.http.listen),
            tasks(office, given),
            on_stop=[office.close, office.listener.leave],
        )
    finally:
        ledger.close()


def nobody_can_sign_in(office: Office) -> bool:
    settings = office.settings
    if settings.readers or settings.oidc or address.parse(settings.http.listen).loopback:
        return False
    return not office.door.people.anybody()


if __name__ == "__main__":
    sys.exit(main())
