"""The branch's numbered, append-only, durable log: the queue's truth, the audit trail and the outbox in one.

SQLite in WAL mode with synchronous=FULL: a transaction that returned from COMMIT survives a power cut
(sqlite.org, pragma synchronous). One connection writes, one reads.
"""

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from edge_agent.branch_queue.facts import FACTS, Fact, TicketFact, TicketIssued

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    business_day TEXT NOT NULL,
    type TEXT NOT NULL,
    ticket TEXT,
    label TEXT,
    body BLOB NOT NULL,         -- the event as it goes over the wire
    customer_token TEXT         -- never leaves the branch
) STRICT;
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
"""
MOST_WAL_PAGES = 20_000  # about 80 MB; normally `tidy` folds the log in when nobody waits
ANSWERS_KEPT_FOR = timedelta(days=2)


class JournalUnusable(Exception):
    """The journal cannot be opened or written; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal as it goes over the wire."""

    seq: int
    type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered to a request with an idempotency key."""

    request: bytes
    status: int
    body: bytes


class Journal:
    """Open it with `open_journal`."""

    def __init__(
        self, writer: sqlite3.Connection, reader: sqlite3.Connection, path: Path, lock: int
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._lock = lock
        self.path = path
        self._inode = os.stat(path).st_ino
        self.secret = bytes.fromhex(self.note("secret") or "")
        self.last_seq: int = reader.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0]
        self._numbered = self.last_seq
        self.epoch, self.acked = "", 0
        self.read_epoch()

    # writing: inside one transaction

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; durable when the block has been left."""
        self._check_still_there()
        self._writer.execute("BEGIN IMMEDIATE")
        self._numbered = self.last_seq
        try:
            yield
            self._writer.execute("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise
        self.last_seq = self._numbered

    def _check_still_there(self) -> None:
        """SQLite goes on writing into a file that somebody has deleted. Raises OSError."""
        if os.stat(self.path).st_ino != self._inode:
            raise FileNotFoundError(f"{self.path} is not the file that was opened")

    @contextmanager
    def step(self) -> Iterator[None]:
        """A part of the transaction that can fail by itself."""
        self._writer.execute("SAVEPOINT step")
        before = self._numbered
        try:
            yield
        except BaseException:
            self._numbered = before
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK TO step")
            raise
        finally:
            if self._writer.in_transaction:
                self._writer.execute("RELEASE step")

    def append(self, facts: Sequence[Fact]) -> list[Entry]:
        """Number and write these facts. Raises sqlite3.IntegrityError on a label given twice."""
        entries = []
        for fact in facts:
            self._numbered += 1
            entry = Entry(self._numbered, type(fact).__name__, encode(self._numbered, fact))
            self._writer.execute(
                "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", _row(entry, fact)
            )
            entries.append(entry)
        return entries

    def answered(self, caller: str, key: str) -> StoredAnswer | None:
        """The answer this caller already got for this key."""
        row = self._writer.execute(
            "SELECT request, status, body FROM answer WHERE caller = ? AND key = ?", (caller, key)
        ).fetchone()
        return None if row is None else StoredAnswer(*row)

    def keep_answer(self, caller: str, key: str, answer: StoredAnswer, now: datetime) -> None:
        self._writer.execute(
            "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?)",
            (caller, key, answer.request, answer.status, answer.body, now.isoformat()),
        )

    def forget_old_answers(self, now: datetime) -> None:
        """A retry comes within seconds; two days later nobody asks again, and every session is over."""
        oldest = (now - ANSWERS_KEPT_FOR).isoformat()
        self._writer.execute("DELETE FROM answer WHERE at < ?", (oldest,))
        self._writer.execute(
            "DELETE FROM note WHERE name LIKE 'session:%' AND json_extract(value, '$.until') < ?",
            (now.isoformat(),),
        )

    def keep_note(self, name: str, value: str) -> None:
        self._writer.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, value))

    def forget_note(self, name: str) -> None:
        self._writer.execute("DELETE FROM note WHERE name = ?", (name,))

    def tidy(self) -> None:
        """Fold the write-ahead log into the file: syncs that no customer shall wait for."""
        self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def keep_ack(self, seq: int) -> None:
        """Head office has committed everything up to `seq`. Losing this costs a resend, no more."""
        self.keep_note("acked", str(seq))

    def start_new_epoch(self) -> None:
        """This journal is not the one head office knows: everything counts as not sent.

        Takes effect with `read_epoch`, when the transaction is through.
        """
        self.keep_note("epoch", _new_epoch())
        self.keep_note("acked", "0")

    def read_epoch(self) -> None:
        """Epoch and acknowledgement as they stand on disk."""
        self.epoch = self.note("epoch") or ""
        self.acked = int(self.note("acked") or 0)

    # reading: what is committed

    def note(self, name: str) -> str | None:
        row = self._reader.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def after(self, seq: int, limit: int) -> list[Entry]:
        """Entries after number `seq`, oldest first."""
        rows = self._reader.execute(
            "SELECT seq, type, body FROM event WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit)
        )
        return [Entry(*row) for row in rows]

    def of_ticket(self, ticket: str) -> list[Entry]:
        """A ticket's whole history, of whatever day."""
        rows = self._reader.execute(
            "SELECT seq, type, body FROM event WHERE ticket = ? ORDER BY seq", (ticket,)
        )
        return [Entry(*row) for row in rows]

    def lost_devices(self) -> list[str]:
        """Machines whose last fact is that they were lost."""
        rows = self._reader.execute(
            "SELECT json_extract(CAST(body AS TEXT), '$.device'), type, max(seq) FROM event "
            "WHERE type IN ('DeviceLost', 'DeviceBack') GROUP BY 1"
        )
        return [device for device, kind, _ in rows if kind == "DeviceLost"]

    def last_day(self) -> tuple[date | None, list[Fact]]:
        """The latest business day on record and its facts, oldest first."""
        row = self._reader.execute("SELECT max(business_day) FROM event").fetchone()
        if row[0] is None:
            return None, []
        rows = self._reader.execute(
            "SELECT type, body FROM event WHERE business_day = ? ORDER BY seq", row
        )
        return date.fromisoformat(row[0]), [decode(kind, body) for kind, body in rows]

    def close(self) -> None:
        self._writer.close()
        self._reader.close()
        os.close(self._lock)


def open_journal(path: Path) -> Journal:
    """Open or create. Raises JournalUnusable; nothing is repaired or thrown away by itself."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = _only_one(path)
        writer = _connect(path)
        _prepare(writer, path)
        return Journal(writer, _connect(path), path, lock)
    except (sqlite3.Error, OSError) as error:
        raise JournalUnusable(
            f"{path}: the journal cannot be used ({error}). Keep the file: it holds the branch's "
            "tickets. Check the disk, the folder's rights and that no other agent runs."
        ) from error


def encode(seq: int, fact: Fact) -> bytes:
    """The event as it goes over the wire: without the customer's token, without empty keys."""
    values = msgspec.to_builtins(fact)
    values.pop("customer_token", None)
    kept = {name: value for name, value in values.items() if value is not None}
    return msgspec.json.encode({"seq": seq, "type": type(fact).__name__, **kept})


def decode(kind: str, body: bytes) -> Fact:
    """The fact of an entry; its customer's token stays in the table."""
    values = msgspec.json.decode(body)
    del values["seq"], values["type"]
    return msgspec.convert(values, FACTS[kind])


def _row(entry: Entry, fact: Fact) -> tuple[object, ...]:
    ticket, label = (fact.ticket, fact.label) if isinstance(fact, TicketFact) else (None, None)
    token = fact.customer_token if isinstance(fact, TicketIssued) else None
    day = fact.business_day.isoformat()
    return (entry.seq, day, entry.type, ticket, label, entry.body, token)


def _only_one(path: Path) -> int:
    """Two agents on one journal would each count for themselves: the second is refused."""
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise JournalUnusable(
            f"{path}: another edge agent works with this journal. Stop it first, "
            "or give this one a folder of its own with --data."
        ) from None
    return lock


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=2.0, cached_statements=64
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {MOST_WAL_PAGES}")
    return connection


def _prepare(writer: sqlite3.Connection, path: Path) -> None:
    version = writer.execute("PRAGMA user_version").fetchone()[0]
    if version == SCHEMA_VERSION:
        return
    if version != 0:
        raise JournalUnusable(
            f"{path}: was written by a version of the software that this one does not know "
            f"(schema {version}, expected {SCHEMA_VERSION}). Start the version that wrote it."
        )
    writer.executescript(
        f"BEGIN; {SCHEMA} "
        f"INSERT INTO note VALUES ('epoch', '{_new_epoch()}'); "
        f"INSERT INTO note VALUES ('secret', '{secrets.token_hex(32)}'); "
        f"PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    )


def _new_epoch() -> str:
    """Tells one journal of a branch from the next; begins with the day for the human reader."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
