"""Writing many journal entries at once: SQLite row by row, PostgreSQL by COPY, a partition a business day."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa


class Row(NamedTuple):
    """One journal entry of a branch; `body` is its JSON as it came, `hash` that of the journal's chain."""

    branch: str
    epoch: str
    seq: int
    type: str
    body: bytes
    business_day: date
    hash: bytes | None = None


_NAMES = ", ".join(Row._fields)
INTO_SQLITE = f"INSERT OR IGNORE INTO event ({_NAMES}) VALUES (?, ?, ?, ?, ?, ?, ?)"
INCOMING = "CREATE TEMPORARY TABLE IF NOT EXISTS incoming (LIKE event) ON COMMIT DELETE ROWS"
COPY = f"COPY incoming ({_NAMES}) FROM STDIN (FORMAT BINARY)"
TYPES = ("text", "text", "int8", "text", "bytea", "date", "bytea")
MERGE = f"INSERT INTO event ({_NAMES}) SELECT {_NAMES} FROM incoming ON CONFLICT DO NOTHING"
# of the days without a partition those that get one: made-up days shall not make a thousand. It looks into the tables,
# for what PostgreSQL remembers of names may be older than the lock
WANTED = """
SELECT day FROM unnest(CAST(:days AS date[])) AS day
WHERE day BETWEEN CURRENT_DATE - 1100 AND CURRENT_DATE + 7 AND NOT EXISTS (
    SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = CAST('event' AS regclass) AND relname = to_char(day, '"event_"YYYY_MM_DD')
)
"""
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('head office: partitions'))"


def add(to: sa.Connection, rows: Sequence[Row]) -> None:
    """Those that are here already change nothing."""
    if not rows:
        return
    if to.dialect.name == "sqlite":
        on = {day: day.isoformat() for day in {row.business_day for row in rows}}
        values = [(b, e, seq, kind, body, on[day], h) for b, e, seq, kind, body, day, h in rows]
        to.exec_driver_sql(INTO_SQLITE, values)
    else:
        _copy(to, rows)


def make_room(engine: sa.Engine, rows: Sequence[Row]) -> None:
    """PostgreSQL: a partition for each business day. In a transaction of its own, for it waits for all others; a day
    far off, or one that came before its time, stays with the rest."""
    if engine.dialect.name != "postgresql" or not rows:
        return
    days = {"days": sorted({row.business_day for row in rows})}
    with engine.connect() as to:
        if not to.execute(sa.text(WANTED), days).all():
            return
    with engine.begin() as to:
        to.exec_driver_sql(ONE_AT_A_TIME)
        for day in to.execute(sa.text(WANTED), days).scalars().all():
            _make_partition(to, day)


def _make_partition(to: sa.Connection, day: date) -> None:
    """Not of a day of which the rest has entries already: they would have to move."""
    if not to.execute(
        sa.text("SELECT 1 FROM event_other WHERE business_day = :day LIMIT 1"), {"day": day}
    ).all():
        to.exec_driver_sql(
            f"CREATE TABLE event_{day:%Y_%m_%d} PARTITION OF event "
            f"FOR VALUES FROM ('{day}') TO (DATE '{day}' + 1)"
        )


def _copy(to: sa.Connection, rows: Sequence[Row]) -> None:
    to.exec_driver_sql(INCOMING)
    cursor: Any = to.connection.cursor()
    try:
        with cursor.copy(COPY) as copy:
            copy.set_types(TYPES)
            for row in rows:
                copy.write_row(row)
    except to.dialect.loaded_dbapi.Error as error:  # SQLAlchemy knows no COPY, nor its errors
        raise sa.exc.OperationalError(COPY, None, error) from error
    finally:
        cursor.close()
    to.exec_driver_sql(MERGE)
