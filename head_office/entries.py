"""Writing many journal entries at once: SQLite row by row, PostgreSQL by COPY, a partition a business day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

COLUMNS = ("branch", "epoch", "seq", "type", "body", "hash", "business_day")
_NAMES = ", ".join(COLUMNS)
_values = attrgetter(*COLUMNS)
INTO_SQLITE = f"INSERT OR IGNORE INTO event ({_NAMES}) VALUES (?, ?, ?, ?, ?, ?, ?)"
INCOMING = "CREATE TEMPORARY TABLE IF NOT EXISTS incoming (LIKE event) ON COMMIT DELETE ROWS"
COPY = f"COPY incoming ({_NAMES}) FROM STDIN (FORMAT BINARY)"
TYPES = ("text", "text", "int8", "text", "bytea", "bytea", "date")
MERGE = f"INSERT INTO event ({_NAMES}) SELECT {_NAMES} FROM incoming ON CONFLICT DO NOTHING"


@dataclass(frozen=True, slots=True)
class Row:
    """One journal entry of a branch; `body` is its JSON as it came, `hash` that of the journal's chain."""

    branch: str
    epoch: str
    seq: int
    type: str
    body: bytes
    business_day: date
    hash: bytes | None = None


def add(to: sa.Connection, rows: Sequence[Row]) -> None:
    """Those that are here already change nothing."""
    if not rows:
        return
    if to.dialect.name == "sqlite":
        day = {row.business_day: row.business_day.isoformat() for row in rows}
        values = [(*_values(row)[:-1], day[row.business_day]) for row in rows]
        to.exec_driver_sql(INTO_SQLITE, values)
    else:
        _make_partitions(to, {row.business_day for row in rows})
        _copy(to, rows)


def _copy(to: sa.Connection, rows: Sequence[Row]) -> None:
    to.exec_driver_sql(INCOMING)
    cursor: Any = to.connection.cursor()
    try:
        with cursor.copy(COPY) as copy:
            copy.set_types(TYPES)
            for row in rows:
                copy.write_row(_values(row))
    except to.dialect.loaded_dbapi.Error as error:  # SQLAlchemy knows no COPY, nor its errors
        raise sa.exc.OperationalError(COPY, None, error) from error
    finally:
        cursor.close()
    to.exec_driver_sql(MERGE)


def _make_partitions(to: sa.Connection, days: Iterable[date]) -> None:
    there = set(
        to.exec_driver_sql(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'event'::regclass"
        ).scalars()
    )
    for day in days:
        name = f"event_{day.isoformat().replace('-', '_')}"
        if name not in there:
            to.exec_driver_sql(
                f"CREATE TABLE {name} PARTITION OF event "
                f"FOR VALUES FROM ('{day}') TO (DATE '{day}' + 1)"
            )
