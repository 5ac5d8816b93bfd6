"""Where the ledger is kept: a file of SQLite, or a PostgreSQL."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from head_office.ledger import Ledger
from head_office.settings import Store

FILE = "ledger.sqlite"
# where the way to a PostgreSQL is half open: without these a write waits a quarter of an hour for the kernel to give
# up, and a connection that is accepted and not answered for ever (libpq's words; what the url says itself counts)
PATIENCE = {
    "connect_timeout": "5",  # s
    "tcp_user_timeout": "20000",  # ms
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}


class NoLedger(Exception):
    """The ledger cannot be opened; the text says what to do."""


def open_ledger(store: Store, *, create: bool = True) -> Ledger:
    """Raises NoLedger, also when there is none yet and none shall be made."""
    engine = engine_of(store, create=create)
    try:
        return Ledger(engine)
    except sa.exc.SQLAlchemyError as error:
        why = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        where = engine.url.render_as_string(hide_password=True)
        raise NoLedger(
            f"{where}: the ledger cannot be opened ({why}); check section [store], its rights and its disk"
        ) from error


def engine_of(store: Store, *, create: bool = True) -> sa.Engine:
    """An error of it tells no values: it is logged, and some are secrets. Raises NoLedger when there is no file and none
    shall be made."""
    if store.url is not None:
        return _postgresql(store.url)
    return _sqlite(Path(store.data or ""), create)


def _sqlite(folder: Path, create: bool) -> sa.Engine:
    """WAL and synchronous=FULL: an acknowledged entry survives a power cut."""
    if not create and not (folder / FILE).is_file():
        raise NoLedger(f"{folder / FILE}: there is no ledger here; name its folder with --data")
    folder.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{folder / FILE}", hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def durable(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    return engine


def _postgresql(url: str) -> sa.Engine:
    """As durable as the server is set to be; its default, synchronous_commit = on, survives a power cut."""
    to = sa.make_url(url).set(drivername="postgresql+psycopg")
    patience = {word: value for word, value in PATIENCE.items() if word not in to.query}
    return sa.create_engine(to, pool_pre_ping=True, connect_args=patience, hide_parameters=True)
