"""Where the ledger is kept: a file of SQLite, or a PostgreSQL."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from head_office.ledger import Ledger
from head_office.settings import Store

FILE = "ledger.sqlite"


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


def engine_of(store: Store, *, create: bool = True, answers_s: float | None = None) -> sa.Engine:
    """An error of it tells no values: it is logged, and some are secrets. `answers_s` instead of the store's. Raises NoLedger
    when there is no file and none shall be made."""
    if store.url is not None:
        from head_office import postgresql  # noqa: PLC0415  its driver loads slowly, and most have no server

        return postgresql.engine(store.url, answers_s or store.answers_s)
    return _sqlite(Path(store.data or ""), create)


def _sqlite(folder: Path, create: bool) -> sa.Engine:
    """WAL and synchronous=FULL: an acknowledged entry survives a power cut."""
    if not create and not (folder / FILE).is_file():
        raise NoLedger(f"{folder / FILE}: there is no ledger here; name its folder with --data")
    folder.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{folder / FILE}", hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def durable(connection: Any, _record: Any) -> None:
        with _alone(folder):
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    return engine


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """SQLite does not wait for another that turns the same new file to WAL in this moment, but says that it is locked."""
    at = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(at, fcntl.LOCK_EX)
        yield
    finally:
        os.close(at)
