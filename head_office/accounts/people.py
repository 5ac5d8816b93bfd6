"""The people who have an account."""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import sqlalchemy as sa

from head_office.access import Person, Role
from head_office.accounts import tables
from head_office.accounts.tables import account, session

NAME = re.compile(r"[\w][\w.@-]{0,63}", re.UNICODE)
NEW_PASSWORD_DAYS = 3  # an administrator's password is good for so long, for one's own


class NotPossible(Exception):
    """`name` is stable; the text says what to do."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. `password_until`: it was set by an administrator and is good until then."""

    id: str
    name: str
    role: Role
    regions: tuple[str, ...] | None = None
    password: str | None = None
    password_until: float | None = None
    factor: bytes | None = None
    new_factor: bytes | None = None
    subject: str | None = None
    made: float = 0
    signed_in: float | None = None

    @property
    def person(self) -> Person:
        return Person(self.name, self.role, self.regions)


def key_of(name: str) -> str | None:
    """The name as it is compared; None for what can be nobody's."""
    key = unicodedata.normalize("NFKC", name.strip()).casefold()
    return key if NAME.fullmatch(key) else None


def checked_regions(role: Role, regions: Sequence[str] | None) -> tuple[str, ...] | None:
    """Raises NotPossible: a manager has regions, an administrator all."""
    wanted = tuple(
        dict.fromkeys(one.strip().strip("/") for one in regions or () if one.strip(" /"))
    )
    if role is Role.MANAGER and not wanted:
        raise NotPossible("regions-missing", "A manager needs at least one region.")
    if role is Role.ADMINISTRATOR and wanted:
        raise NotPossible("regions-too-many", "An administrator sees every region; leave them out.")
    return wanted or None


class People:
    """Whoever loses rights is signed out in the same transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def all(self) -> list[Account]:
        with self._engine.connect() as to:
            return [_account(row) for row in to.execute(sa.select(account).order_by(account.c.key))]

    def anybody(self) -> bool:
        with self._engine.connect() as to:
            return to.execute(sa.select(account.c.id).limit(1)).first() is not None

    def one(self, of: str) -> Account | None:
        return self._where(account.c.id == of)

    def named(self, name: str) -> Account | None:
        key = key_of(name)
        return None if key is None else self._where(account.c.key == key)

    def of_subject(self, subject: str) -> Account | None:
        return self._where(account.c.subject == subject)

    def add(self, to: sa.Connection, one: Account) -> None:
        """Raises NotPossible for a name that is taken or cannot be one."""
        key = key_of(one.name)
        if key is None:
            raise NotPossible(
                "name-unusable",
                "A name is 1 to 64 letters, digits, '.', '-', '_' or '@', and begins with a letter or digit.",
            )
        if to.execute(sa.select(account.c.id).where(account.c.key == key)).first() is not None:
            raise NotPossible("name-taken", f"There is an account '{key}' already.")
        values = {
            "id": one.id, "name": unicodedata.normalize("NFKC", one.name.strip()), "key": key,
            "password": one.password, "password_until": one.password_until, "subject": one.subject,
            "made": one.made, **_rights(one.role, one.regions),
        }  # fmt: skip
        to.execute(sa.insert(account), values)

    def set_password(
        self, to: sa.Connection, of: str, sealed: str, until: float | None = None
    ) -> None:
        self._set(to, of, password=sealed, password_until=until)
        sign_out(to, of)

    def seal_anew(self, of: str, before: str, sealed: str) -> None:
        """The same password under other parameters; nothing where it has been changed meanwhile."""
        change = sa.update(account).where(account.c.id == of, account.c.password == before)
        with self._engine.begin() as to:
            to.execute(change.values(password=sealed))

    def set_rights(
        self,
        to: sa.Connection,
        of: str,
        role: Role,
        regions: tuple[str, ...] | None,
        *,
        last: bool = False,
    ) -> None:
        """Raises NotPossible for the last administrator, unless even the `last` one may lose the role."""
        if role is not Role.ADMINISTRATOR and not last:
            _keep_an_administrator(to, of)
        self._set(to, of, **_rights(role, regions))
        sign_out(to, of)

    def remove(self, to: sa.Connection, of: str) -> None:
        """Raises NotPossible for the last administrator."""
        _keep_an_administrator(to, of)
        for table in (tables.recovery_code, tables.used_code, tables.device):
            to.execute(sa.delete(table).where(table.c.account == of))
        to.execute(sa.delete(account).where(account.c.id == of))
        sign_out(to, of)

    def came_in(self, to: sa.Connection, of: str, at: datetime) -> None:
        self._set(to, of, signed_in=at.timestamp())

    def _set(self, to: sa.Connection, of: str, **values: object) -> None:
        to.execute(sa.update(account).where(account.c.id == of).values(**values))

    def _where(self, condition: sa.ColumnElement[bool]) -> Account | None:
        with self._engine.connect() as to:
            row = to.execute(sa.select(account).where(condition)).first()
        return None if row is None else _account(row)


def sign_out(to: sa.Connection, of: str, keep: str = "") -> int:
    """End every session of theirs but `keep`; how many were whole."""
    mine = sa.delete(session).where(session.c.account == of, session.c.id != keep)
    return to.execute(mine).rowcount


def told(role: Role, regions: tuple[str, ...] | None) -> str:
    """For the audit."""
    return role.name.lower() + (f" of {', '.join(regions)}" if regions else "")


def new_id() -> str:
    return secrets.token_hex(8)


def regions_of(kept: str | None) -> tuple[str, ...] | None:
    return None if kept is None else tuple(msgspec.json.decode(kept, type=list[str]))


def _keep_an_administrator(to: sa.Connection, of: str) -> None:
    """Locks the administrators' rows (PostgreSQL): two who remove each other at once do it one after the other."""
    if to.dialect.name == "sqlite":  # which has one writer: be it
        to.execute(sa.update(account).where(account.c.id == of).values(role=account.c.role))
    wanted = sa.select(account.c.id).where(account.c.role == "administrator")
    there = [row.id for row in to.execute(wanted.order_by(account.c.id).with_for_update())]
    if there == [of]:
        raise NotPossible(
            "last-administrator", "This is the last administrator; make somebody else one first."
        )


def _rights(role: Role, regions: tuple[str, ...] | None) -> dict[str, str | None]:
    kept = None if regions is None else msgspec.json.encode(regions).decode()
    return {"role": role.name.lower(), "regions": kept}


def _account(row: sa.Row[tuple[object, ...]]) -> Account:
    values = dict(row._mapping)
    del values["key"]
    values["role"] = Role[values["role"].upper()]
    return Account(regions=regions_of(values.pop("regions")), **values)
