"""Makes the door of what the configuration says."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from argon2 import PasswordHasher

from head_office.accounts import tables
from head_office.accounts.door import Door
from head_office.accounts.factor import Factor
from head_office.accounts.one_by_one import OneByOne
from head_office.accounts.passwords import Passwords
from head_office.accounts.sealing import Sealing
from head_office.settings import Settings


def open_door(
    settings: Settings,
    engine: sa.Engine,
    clock: Callable[[], datetime],
    hasher: PasswordHasher | None = None,
) -> Door:
    """`hasher` with argon2's present parameters unless others are given. Makes the tables where there are none."""
    tables.create(engine)
    rules = settings.signing_in
    work = OneByOne("accounts")
    provider = None
    if settings.oidc is not None:
        from head_office.accounts.oidc import Provider  # noqa: PLC0415  its libraries load slowly

        provider = Provider(settings.oidc, rules.address or "", engine, clock, work)
    factor = Factor(engine, Sealing(settings.account_key))
    return Door(engine, rules, Passwords(hasher or PasswordHasher()), factor, clock, work, provider)
