"""The ledger's tables. A column that a later version adds may be empty: `create` gives it to an older file."""

from typing import Any

import sqlalchemy as sa

tables = sa.MetaData()
event = sa.Table(
    "event",
    tables,
    sa.Column("branch", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary),  # of the journal's chain; an older branch did not say it
    sa.Column("business_day", sa.Date),
    sqlite_with_rowid=False,
)
watermark = sa.Table(
    "watermark",  # everything up to seq is here
    tables,
    sa.Column("branch", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("highest", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String(32)),  # of the entry `seq`
    sa.Column("beyond", sa.Text),  # the runs that are here behind a gap, as JSON
)
latest = sa.Table(
    "latest",  # the last birth, queues and health of each branch, as received
    tables,
    sa.Column("branch", sa.Text, primary_key=True),
    sa.Column("leaf", sa.String(16), primary_key=True),
    sa.Column("seen_at", sa.String(40), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
set_aside = sa.Table(
    "set_aside",  # what could not be read, the latest, for an engineer
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("topic", sa.String(256), nullable=False),
    sa.Column("reason", sa.String(512), nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)
day_on_record = sa.Table(
    "day_on_record",  # what a branch says of its own journal: a business day's part of the chain
    tables,
    sa.Column("branch", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Text, primary_key=True),
    sa.Column("first_seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
    sa.Column("business_day", sa.Date, nullable=False),
    sa.Column("before", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),
    sa.Column("said_at", sa.String(40), nullable=False),
)


# PostgreSQL wants the day in the key of a table that is divided by it; a number comes once all the same: the
# writer knows which numbers are here
DIVIDED = """
CREATE TABLE IF NOT EXISTS event (
    branch text, epoch text, seq bigint, type text NOT NULL, body bytea NOT NULL, hash bytea, business_day date,
    PRIMARY KEY (branch, epoch, seq, business_day)
) PARTITION BY RANGE (business_day)
"""
OTHER_DAYS = "CREATE TABLE IF NOT EXISTS event_other PARTITION OF event DEFAULT"
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('head office: tables'))"


def create(engine: sa.Engine) -> None:
    """The tables, and in those of an older version the columns that they lack; by one process at a time."""
    divided = engine.dialect.name == "postgresql"
    with engine.connect() as to:
        if not _lacking(to, tables) and (not divided or sa.inspect(to).has_table("event_other")):
            return
    with engine.begin() as to:
        for step in (ONE_AT_A_TIME, DIVIDED, OTHER_DAYS) if divided else ("BEGIN IMMEDIATE",):
            to.exec_driver_sql(step)
        tables.create_all(to)
        add_columns(to, tables)


def add_columns(to: sa.Connection, of: sa.MetaData) -> None:
    """Those that tables of an older version lack."""
    for table, column in _lacking(to, of):
        kind = column.type.compile(to.dialect)
        to.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}")


def _lacking(to: sa.Connection, of: sa.MetaData) -> list[tuple[sa.Table, sa.Column[Any]]]:
    there = sa.inspect(to)
    known = {table.name: _columns(there, table.name) for table in of.sorted_tables}
    return [
        (table, column)
        for table in of.sorted_tables
        for column in table.columns
        if column.name not in known[table.name]
    ]


def _columns(there: sa.Inspector, table: str) -> set[str]:
    return {c["name"] for c in there.get_columns(table)} if there.has_table(table) else set()
