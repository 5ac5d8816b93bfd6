"""The journal's tables, and how a file written by an older version becomes one of this version.

To change the tables: raise SCHEMA_VERSION, change SCHEMA, add a step to STEPS that leads there from the version
before, and put a real file of that version into tests/edge_agent/journals/. Until when each kind of note stays stands in
docs/journal.md: whoever adds one gives it an end there.
"""

import logging
import secrets
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from edge_agent.journal.entries import JournalUnusable
from edge_agent.messages import GENESIS, chained

log = logging.getLogger(__name__)

SCHEMA_VERSION = 2
EVENT = """
CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    business_day TEXT NOT NULL,
    type TEXT NOT NULL,
    ticket TEXT,
    label TEXT,
    body BLOB NOT NULL,         -- the event as it goes over the wire
    customer_token TEXT,        -- never leaves the branch; forgotten when its day is over
    hash BLOB NOT NULL DEFAULT x''  -- SHA-256 over the hash before and the body
) STRICT;
"""
SINCE_2 = """
CREATE INDEX event_with_token ON event (business_day) WHERE customer_token IS NOT NULL;
CREATE TABLE snapshot (
    seq INTEGER PRIMARY KEY,    -- of the last entry that it includes
    hash BLOB NOT NULL,         -- of that entry
    version INTEGER NOT NULL,
    digest BLOB NOT NULL,       -- SHA-256 of the body
    body BLOB NOT NULL
) STRICT;
CREATE TABLE archived_day (
    first_seq INTEGER PRIMARY KEY,
    last_seq INTEGER NOT NULL,
    business_day TEXT NOT NULL,
    before BLOB NOT NULL,       -- the hash before its first entry
    hash BLOB NOT NULL,         -- of its last entry
    file TEXT NOT NULL
) STRICT;
"""
SCHEMA = f"""
{EVENT}
CREATE UNIQUE INDEX one_label_a_day ON event (business_day, label) WHERE type = 'TicketIssued';
CREATE INDEX event_of_ticket ON event (ticket, seq) WHERE ticket IS NOT NULL;
CREATE INDEX device_event ON event (type, seq) WHERE type IN ('DeviceLost', 'DeviceBack');
CREATE TABLE answer (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    request BLOB NOT NULL,      -- digest of what was asked
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (caller, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
{SINCE_2}
"""


def refuse_newer(path: Path) -> None:
    """Looks without touching. Raises JournalUnusable for a file of a newer version."""
    if not path.exists():
        return
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as reader:
        version = reader.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise JournalUnusable(
            f"{path}: was written by a newer version of the software (schema {version}; this one knows "
            f"{SCHEMA_VERSION}). Start the version that wrote it."
        )


def prepare(writer: sqlite3.Connection, path: Path) -> None:
    """Create the tables, or bring them up to date: all of it in one transaction, or nothing."""
    version = writer.execute("PRAGMA user_version").fetchone()[0]
    if version == SCHEMA_VERSION:
        return
    writer.execute("BEGIN IMMEDIATE")
    try:
        if version == 0:
            _create(writer)
        for step in range(version, SCHEMA_VERSION) if version else ():
            log.info("Bringing %s from schema %s to %s.", path, step, step + 1)
            STEPS[step](writer)
        writer.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        writer.execute("COMMIT")
    except BaseException:
        if writer.in_transaction:
            writer.execute("ROLLBACK")
        raise


def new_epoch() -> str:
    """Tells one journal of a branch from the next; begins with the day for the human reader."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def _create(writer: sqlite3.Connection) -> None:
    _run(writer, SCHEMA)
    notes = (("epoch", new_epoch()), ("secret", secrets.token_hex(32)))
    writer.executemany("INSERT INTO note VALUES (?, ?)", notes)


def _chain_entries(writer: sqlite3.Connection) -> None:
    """1 to 2: every entry gets its hash."""
    writer.execute("ALTER TABLE event ADD COLUMN hash BLOB NOT NULL DEFAULT x''")
    _run(writer, SINCE_2)
    head = GENESIS
    for seq, body in writer.execute("SELECT seq, body FROM event ORDER BY seq"):
        head = chained(head, body)
        writer.execute("UPDATE event SET hash = ? WHERE seq = ?", (head, seq))


STEPS: Mapping[int, Callable[[sqlite3.Connection], None]] = {1: _chain_entries}


def _run(writer: sqlite3.Connection, script: str) -> None:
    """One statement after the other: `executescript` would commit what is open."""
    for statement in script.split(";\n"):
        if statement.strip():
            writer.execute(statement)
