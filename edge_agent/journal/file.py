"""Writing the journal's file; reading it is in committed.py.

SQLite in WAL mode with synchronous=FULL: a transaction that returned from COMMIT survives a power cut
(sqlite.org, pragma synchronous). One connection writes, one reads.
"""

import hashlib
import itertools
import logging
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec

from edge_agent.branch_queue.facts import Fact
from edge_agent.journal import archive, comments
from edge_agent.journal.archive import ArchivedDay
from edge_agent.journal.committed import Committed
from edge_agent.journal.entries import (
    Entry,
    JournalUnusable,
    StoredAnswer,
    encode,
    row_of,
)
from edge_agent.journal.opening import connect, fold_in, only_one
from edge_agent.journal.schema import new_epoch, prepare, refuse_newer
from edge_agent.messages import chained

log = logging.getLogger(__name__)

ANSWERS_KEPT_FOR = timedelta(days=14)
ANSWERS_KEPT = 250_000  # at least, whatever the clock did: about 90 MB
SNAPSHOTS_KEPT = 2


class Journal(Committed):
    """Open it with `open_journal`."""

    def __init__(
        self, writer: sqlite3.Connection, reader: sqlite3.Connection, path: Path, lock: int
    ) -> None:
        super().__init__(reader, path)
        self._writer = writer
        self._lock = lock
        self._doubtful = False  # a sync has failed: what it was to keep may never reach the disk
        self.wrote = False  # whether the last transaction changed anything
        self._inode = os.stat(path).st_ino
        self.secret = bytes.fromhex(self.note("secret") or "")
        self._numbered, self._head = self.last_seq, self._last_hash
        self.epoch, self.acked = "", 0
        self.read_epoch()

    # writing: inside one transaction

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; durable when the block has been left."""
        self._check_still_there()
        if self._doubtful:
            self._doubtful = not fold_in(self._writer, self.path)
        self._writer.execute("BEGIN IMMEDIATE")
        before = self._writer.total_changes
        self._numbered, self._head = self.last_seq, self._last_hash
        try:
            yield
            self._writer.execute("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            self._doubtful = True
            self._void()
            raise
        self.wrote = self._writer.total_changes != before
        self.last_seq, self._last_hash = self._numbered, self._head

    def _void(self) -> None:
        """What a failed sync leaves in the write-ahead log is whole, and would be taken for committed after a
        crash: something else is written over it."""
        try:
            self._writer.execute("PRAGMA synchronous = OFF")
            self._writer.execute("INSERT OR REPLACE INTO note VALUES ('void', random())")
        except sqlite3.Error as error:
            log.warning("The failed write could not be made void: %s", error)
        finally:
            self._writer.execute("PRAGMA synchronous = FULL")

    def _check_still_there(self) -> None:
        """SQLite goes on writing into a file that somebody has deleted. Raises OSError."""
        if os.stat(self.path).st_ino != self._inode:
            raise FileNotFoundError(f"{self.path} is not the file that was opened")

    @contextmanager
    def step(self) -> Iterator[None]:
        """A part of the transaction that can fail by itself."""
        self._writer.execute("SAVEPOINT step")
        before = self._numbered, self._head
        try:
            yield
        except BaseException:
            self._numbered, self._head = before
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
            self._head = chained(self._head, entry.body)
            row = row_of(entry, fact, self._head)
            self._writer.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
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

    def forget_old(self, now: datetime, today: date) -> None:
        """A retry comes within seconds; two weeks and many thousand answers later nobody asks again.
        Who took a ticket is nobody's business once its day is over."""
        oldest = (now - ANSWERS_KEPT_FOR).isoformat()
        self._writer.execute(
            "DELETE FROM answer WHERE at < ? AND at < "
            "(SELECT at FROM answer ORDER BY at DESC LIMIT 1 OFFSET ?)",
            (oldest, ANSWERS_KEPT),
        )
        self._writer.execute(
            "DELETE FROM note WHERE name LIKE 'session:%' AND json_extract(value, '$.until') < ?",
            (now.isoformat(),),
        )
        self._writer.execute(
            "UPDATE event SET customer_token = NULL "
            "WHERE customer_token IS NOT NULL AND business_day < ?",
            (today.isoformat(),),
        )
        self._writer.execute("DELETE FROM snapshot")  # they name cards, too

    def keep_snapshot(self, version: int, body: bytes) -> None:
        """The queue after the entry that was appended last."""
        self._writer.execute(
            "INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?, ?, ?)",
            (self._numbered, self._head, version, hashlib.sha256(body).digest(), body),
        )
        self._writer.execute(
            "DELETE FROM snapshot WHERE seq NOT IN "
            "(SELECT seq FROM snapshot ORDER BY seq DESC LIMIT ?)",
            (SNAPSHOTS_KEPT,),
        )

    def keep_note(self, name: str, value: str) -> None:
        self._writer.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, value))

    def keep_comment(self, ticket: str, words: str) -> None:
        """What a customer wrote to the rating that is appended next."""
        comments.keep(self._writer, ticket, words, self._numbered + 1)

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
        self.keep_note("epoch", new_epoch())
        self.keep_note("acked", "0")

    def read_epoch(self) -> None:
        """Epoch and acknowledgement as they stand on disk."""
        self.epoch = self.note("epoch") or ""
        self.acked = int(self.note("acked") or 0)

    def of_days_since(self, day: date) -> list[Entry]:
        """Every entry of these days that is not archived, with what this transaction has written. To be found in a
        moment when the day is not long past: they are read from the end."""
        rows = self._writer.execute(
            "SELECT business_day, seq, type, body FROM event ORDER BY seq DESC"
        )
        since = itertools.takewhile(lambda row: row[0] >= day.isoformat(), rows)
        return [Entry(*entry) for _, *entry in since][::-1]

    # old days

    def archive_oldest_day(self, before: date) -> bool:
        """Move the oldest business day out, when it is older than that. False: there is none.

        First the file, durable and read back; then one transaction takes the entries out. A crash between
        leaves both, and the next attempt writes the file again.
        """
        row = self._reader.execute("SELECT business_day FROM event ORDER BY seq LIMIT 1").fetchone()
        if row is None or date.fromisoformat(row[0]) >= before:
            return False
        links = self._links_of_day(row[0])
        first, last = links[0][0].seq, links[-1][0].seq
        day = ArchivedDay(
            first,
            last,
            row[0],
            self.hash_of(first - 1),
            links[-1][1],
            f"{row[0]}_{first}-{last}.gz",
        )
        archive.write(self.archive_folder, day, links)
        with self.transaction():
            self._forget_answered(first, last)
            self._writer.execute("DELETE FROM event WHERE seq BETWEEN ? AND ?", (first, last))
            comments.forget_beside_tickets(self._writer)
            lost = sorted(_lost_after(self._lost_before(), links))
            self.keep_note("lost_before", msgspec.json.encode(lost).decode())
            self._writer.execute(
                "INSERT INTO archived_day VALUES (?, ?, ?, ?, ?, ?)",
                (day.first_seq, day.last_seq, day.business_day, day.before, day.hash, day.file),
            )
        self._archived.append(day)
        return True

    def _forget_answered(self, first: int, last: int) -> None:
        """What a customer wrote, and the branch's answer, leave with the day of the answer."""
        answered = (
            "SELECT json_extract(CAST(body AS TEXT), '$.opinion') FROM event "
            "WHERE type = 'OpinionAnswered' AND seq BETWEEN ? AND ?"
        )
        opinions = self._writer.execute(answered, (first, last)).fetchall()
        for (opinion,) in opinions:
            self.forget_note(f"opinion:{opinion}")
            self.forget_note(f"answer:{opinion}")
        if opinions:  # whoever asks with that key again is told that there is no such opinion
            self._writer.execute(
                "DELETE FROM answer WHERE CASE WHEN instr(body, '\"answered_at\"') "
                f"THEN json_extract(CAST(body AS TEXT), '$.id') END IN ({answered})",
                (first, last),
            )

    def close(self) -> None:
        self._writer.close()
        self._reader.close()
        os.close(self._lock)


def _lost_after(lost: Iterable[str], links: Iterable[archive.Link]) -> set[str]:
    now = set(lost)
    for entry, _ in links:
        if entry.type == "DeviceLost":
            now.add(msgspec.json.decode(entry.body)["device"])
        elif entry.type == "DeviceBack":
            now.discard(msgspec.json.decode(entry.body)["device"])
    return now


def open_journal(path: Path) -> Journal:
    """Open or create. Raises JournalUnusable; nothing is repaired or thrown away by itself."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = only_one(path)
        refuse_newer(path)
        writer = connect(path)
        fold_in(writer, path)
        prepare(writer, path)
        comments.put_in_order(writer)
        return Journal(writer, connect(path), path, lock)
    except (sqlite3.Error, OSError) as error:
        raise JournalUnusable(
            f"{path}: the journal cannot be used ({error}). Keep the file: it holds the branch's "
            "tickets. Check the disk, the folder's rights and that no other agent runs."
        ) from error
