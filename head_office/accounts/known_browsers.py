"""The browsers in which somebody has signed in before; each keeps a random token, of which the hash is here."""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from head_office.accounts.sessions import Where, hash_of
from head_office.accounts.tables import device

BROWSER_KNOWN_FOR = timedelta(days=90)


class KnownBrowsers:
    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def knows(self, where: Where, of: str, now: datetime) -> bool:
        """Whether this browser is one in which they have signed in."""
        mine = sa.select(device.c.hash).where(
            device.c.hash == hash_of(where.device),
            device.c.account == of,
            device.c.until > now.timestamp(),
        )
        with self._engine.connect() as to:
            return bool(where.device) and to.execute(mine).first() is not None

    def keep(self, to: sa.Connection, where: Where, of: str, now: datetime) -> str:
        """The browser's token: the one it has, where it is one of ours."""
        to.execute(sa.delete(device).where(device.c.until < now.timestamp()))
        known = sa.select(device.c.hash).where(device.c.hash == hash_of(where.device))
        ours = bool(where.device) and to.execute(known).first() is not None
        token = where.device if ours else secrets.token_urlsafe(32)
        mine = {"hash": hash_of(token), "account": of}
        to.execute(sa.delete(device).where(*(device.c[name] == mine[name] for name in mine)))
        until = (now + BROWSER_KNOWN_FOR).timestamp()
        to.execute(sa.insert(device), {**mine, "until": until})
        return token
