"""`python -m head_office.accounts`: the first administrator, and help when nobody can sign in."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from head_office import settings as office_settings
from head_office.access import Role
from head_office.accounts import audit
from head_office.accounts.door import Door
from head_office.accounts.opening import open_door
from head_office.accounts.passwords import check_good
from head_office.accounts.people import Account, NotPossible, checked_regions, new_id, told
from head_office.settings import Settings
from head_office.store import NoLedger, engine_of
from program import command_line

WHO = "command line"
ROLES = tuple(role.name.lower() for role in Role)


def main(line: list[str] | None = None) -> int:
    """`line`: the words, if not those of the command line."""
    given = words().parse_args(line)
    settings = command_line.load_or_exit(lambda: load(given), check=given.check)
    try:
        door = open_door(settings, engine_of(settings.store), lambda: datetime.now(UTC))
        try:
            given.do(door, given)
        finally:
            door.engine.dispose()
    except (NotPossible, NoLedger) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except sa.exc.SQLAlchemyError as error:
        why = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        sys.stderr.write(f"The accounts cannot be read ({why}); check section [store].\n")
        return 1
    return 0


def load(given: argparse.Namespace) -> Settings:
    """Raises SettingsError."""
    return office_settings.load(given.config, listen=None, data=given.data, broker=None)


def words() -> argparse.ArgumentParser:
    parser = command_line.parser(
        "head_office.accounts", __doc__ or "", default_config="config/demo/head_office.toml"
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the database")
    orders = parser.add_subparsers(required=True, metavar="add | list | reset | remove | unlock")
    new = _order(orders, "add", add, "a new account; asks for its password")
    new.add_argument("--role", choices=ROLES, required=True)
    new.add_argument("--region", action="append", help="of a manager or viewer; may be repeated")
    _order(orders, "list", show, "everybody who has one", named=False)
    anew = _order(orders, "reset", reset, "a new password; asks for it")
    anew.add_argument(
        "--second-factor", action="store_true", help="remove the second factor instead"
    )
    _order(orders, "remove", remove, "the account")
    _order(orders, "unlock", unlock, "end the pause after wrong passwords")
    return parser


def add(door: Door, given: argparse.Namespace) -> None:
    role = Role[given.role.upper()]
    regions = checked_regions(role, given.region)
    sealed = _new_password(door, given.name)
    now = door.clock().timestamp()
    one = Account(new_id(), given.name, role, regions, sealed, made=now)
    with door.engine.begin() as to:
        door.people.add(to, one)
        audit.record(to, WHO, "person-added", one.name, told(role, regions), at=door.clock())
    _say(f"{one.name} may sign in as {told(role, regions)}.")


def show(door: Door, _given: argparse.Namespace) -> None:
    people = door.people.all()
    if not people:
        sys.stderr.write(
            "Nobody has an account. `add NAME --role administrator` makes the first.\n"
        )
    for one in people:
        how = "the bank's account" if one.subject else "password"
        how += " and second factor" if one.factor else ""
        _say(f"{one.name}\t{told(one.role, one.regions)}\t{how}")


def reset(door: Door, given: argparse.Namespace) -> None:
    one = _named(door, given.name)
    if given.second_factor:
        _change(door, one, "second-factor-removed", lambda to: door.factor.remove(to, one.id))
        _say(f"{one.name} signs in with the password alone and sets up a second factor anew.")
        return
    if one.subject is not None:
        raise NotPossible("not-here", f"{one.name} signs in with the bank's account.")
    sealed = _new_password(door, one.name)
    _change(door, one, "password-reset", lambda to: door.people.set_password(to, one.id, sealed))
    door.forget_pauses(one.name)
    _say(f"{one.name} has a new password and is signed out everywhere.")


def remove(door: Door, given: argparse.Namespace) -> None:
    one = _named(door, given.name)
    _change(door, one, "person-removed", lambda to: door.people.remove(to, one.id))
    _say(f"{one.name} has no account any more.")


def unlock(door: Door, given: argparse.Namespace) -> None:
    one = _named(door, given.name)
    door.forget_pauses(one.name)
    audit.record(door.engine, WHO, "pause-ended", one.name, at=door.clock())
    _say(f"{one.name} may try again at once.")


def _order(
    orders: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    do: Callable[[Door, argparse.Namespace], None],
    about: str,
    *,
    named: bool = True,
) -> argparse.ArgumentParser:
    order = orders.add_parser(name, help=about, description=about)
    if named:
        order.add_argument("name", metavar="NAME")
    order.set_defaults(do=do)
    return order


def _named(door: Door, name: str) -> Account:
    one = door.people.named(name)
    if one is None:
        raise NotPossible("unknown-person", f"There is no account '{name}'; see `list`.")
    return one


def _change(door: Door, one: Account, what: str, change: Callable[[sa.Connection], None]) -> None:
    with door.engine.begin() as to:
        change(to)
        audit.record(to, WHO, what, one.name, at=door.clock())


def _new_password(door: Door, name: str) -> str:
    """Typed twice without an echo, or one line of standard input where nobody types. Raises NotPossible."""
    if sys.stdin.isatty():
        password = getpass.getpass(f"Password for {name}: ")
        if getpass.getpass("Once more: ") != password:
            raise NotPossible("not-the-same", "These were two different passwords.")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    check_good(password, name)
    return asyncio.run(door.passwords.seal(password))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
