"""Writing and reading the journal's file.

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
from edge_agent.journal import archive
from edge_agent.journal.archive import ArchivedDay, ChainBroken
from edge_agent.journal.entries import (
    GENESIS,
    EntriesUnreadable,
    Entry,
    JournalUnusable,
    StoredAnswer,
    chained,
    encode,
    row_of,
)
from edge_agent.journal.opening import connect, fold_in, only_one
from edge_agent.journal.schema import new_epoch, prepare, refuse_newer

log = logging.getLogger(__name__)

ANSWERS_KEPT_FOR = timedelta(days=14)
ANSWERS_KEPT = 250_000  # at least, whatever the clock did: about 90 MB
SNAPSHOTS_KEPT = 2


class Journal:
    """Open it with `open_journal`."""

    def __init__(
        self, writer: sqlite3.Connection, reader: sqlite3.Connection, path: Path, lock: int
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._lock = lock
        self._doubtful = False  # a sync has failed: what it was to keep may never reach the disk
        self.wrote = False  # whether the last transaction changed anything
        self.path = path
        self._inode = os.stat(path).st_ino
        self.secret = bytes.fromhex(self.note("secret") or "")
        self._archived_read: tuple[str, list[Entry]] = ("", [])
        self.unreadable_days: set[str] = set()  # archived days whose last reading failed
        self._archived = [
            ArchivedDay(*row)
            for row in reader.execute("SELECT * FROM archived_day ORDER BY first_seq")
        ]
        end = reader.execute("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1").fetchone()
        self.last_seq: int
        self._last_hash: bytes
        self.last_seq, self._last_hash = end or self._end_of_archive()
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

    # reading: what is committed

    def note(self, name: str) -> str | None:
        row = self._reader.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def after(self, seq: int, limit: int) -> list[Entry]:
        """Entries after number `seq`, oldest first; those of archived days come from their files.

        Raises EntriesUnreadable.
        """
        try:
            entries: list[Entry] = []
            for day in self._archived:
                if seq < day.last_seq and len(entries) < limit:
                    entries += self._of_archived(day)[max(0, seq - day.first_seq + 1) :][:limit]
            rows = self._reader.execute(
                "SELECT seq, type, body FROM event WHERE seq > ? ORDER BY seq LIMIT ?",
                (seq, max(0, limit - len(entries))),
            )
            return [*entries, *(Entry(*row) for row in rows)][:limit]
        except (sqlite3.Error, ChainBroken) as error:
            raise EntriesUnreadable(str(error)) from error

    def _of_archived(self, day: ArchivedDay) -> list[Entry]:
        """Who pages through a day asks for it again and again: the last one stays in memory."""
        if self._archived_read[0] != day.file:
            self.unreadable_days.add(day.business_day)
            links = archive.read(self.archive_folder / day.file)
            self._archived_read = (day.file, [entry for entry, _ in links])
            self.unreadable_days.discard(day.business_day)
        return self._archived_read[1]

    def rows_after(self, seq: int) -> Iterator[tuple[int, str, bytes, str | None, bytes]]:
        """seq, type, body, customer's token and hash of each entry after `seq`."""
        yield from self._reader.execute(
            "SELECT seq, type, body, customer_token, hash FROM event WHERE seq > ? ORDER BY seq",
            (seq,),
        )

    def hash_of(self, seq: int) -> bytes:
        """The chain's head after this entry; empty when there is no such entry any more."""
        if seq == 0:
            return GENESIS
        row = self._reader.execute("SELECT hash FROM event WHERE seq = ?", (seq,)).fetchone()
        if row is None:
            return next((day.hash for day in self._archived if day.last_seq == seq), b"")
        hash_: bytes = row[0]
        return hash_

    def snapshots(self) -> list[tuple[int, bytes, int, bytes]]:
        """seq, hash, version and body of those that are whole, the latest first."""
        rows = self._reader.execute("SELECT * FROM snapshot ORDER BY seq DESC")
        return [
            (seq, head, version, body)
            for seq, head, version, digest, body in rows
            if hashlib.sha256(body).digest() == digest
        ]

    def of_ticket(self, ticket: str) -> list[Entry]:
        """A ticket's whole history, of any day that is not archived: a stranger who tries ids shall not make us
        read the archive."""
        rows = self._reader.execute(
            "SELECT seq, type, body FROM event WHERE ticket = ? ORDER BY seq", (ticket,)
        )
        return [Entry(*row) for row in rows]

    def ticket_with_label(self, label: str, day: date) -> str | None:
        """The id of the ticket with this label of a day that is not archived."""
        row = self._reader.execute(
            "SELECT ticket FROM event WHERE type = 'TicketIssued' AND business_day = ? AND label = ?",
            (day.isoformat(), label),
        ).fetchone()
        return None if row is None else row[0]

    def lost_devices(self) -> list[str]:
        """Machines whose last fact is that they were lost."""
        rows = self._reader.execute(
            "SELECT json_extract(CAST(body AS TEXT), '$.device'), type, max(seq) FROM event "
            "WHERE type IN ('DeviceLost', 'DeviceBack') GROUP BY 1"
        )
        last = {device: kind for device, kind, _ in rows}
        still = [device for device in self._lost_before() if device not in last]
        return [*still, *(device for device, kind in last.items() if kind == "DeviceLost")]

    def _lost_before(self) -> list[str]:
        """Machines that were lost when the last archived day ended."""
        return msgspec.json.decode(self.note("lost_before") or "[]", type=list[str])

    def open_opinions(self) -> dict[str, str]:
        """The label of each suggestion or complaint that is not answered, by id, the oldest first."""
        rows = self._reader.execute(
            "SELECT substr(name, 9), json_extract(value, '$.label') FROM note WHERE name GLOB 'opinion:*' "
            "AND 'answer:' || substr(name, 9) NOT IN (SELECT name FROM note) "
            "ORDER BY json_extract(value, '$.at'), json_extract(value, '$.label')"
        )
        return dict(rows)

    def last_day(self) -> tuple[date | None, int]:
        """The latest business day on record, and the number of the entry before its first."""
        rows = self._reader.execute("SELECT seq, business_day FROM event ORDER BY seq DESC")
        latest, first = None, self.last_seq + 1
        for seq, day in rows:
            if latest not in (None, day):
                break
            latest, first = day, seq
        return (None if latest is None else date.fromisoformat(latest)), first - 1

    # old days

    @property
    def archived_until(self) -> str | None:
        """The last business day in the archive."""
        return self._archived[-1].business_day if self._archived else None

    @property
    def archive_folder(self) -> Path:
        return self.path.parent / "archive"

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
        for (opinion,) in self._writer.execute(answered, (first, last)).fetchall():
            self.forget_note(f"opinion:{opinion}")
            self.forget_note(f"answer:{opinion}")

    def _links_of_day(self, day: str) -> list[archive.Link]:
        """Days follow one another in the journal: the oldest is at its beginning."""
        links = []
        rows = self._reader.execute(
            "SELECT business_day, seq, type, body, hash FROM event ORDER BY seq"
        )
        for found, seq, kind, body, hash_ in rows:
            if found != day:
                break
            links.append((Entry(seq, kind, body), hash_))
        return links

    def _end_of_archive(self) -> tuple[int, bytes]:
        last = self._archived[-1] if self._archived else None
        return (last.last_seq, last.hash) if last else (0, GENESIS)

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
        return Journal(writer, connect(path), path, lock)
    except (sqlite3.Error, OSError) as error:
        raise JournalUnusable(
            f"{path}: the journal cannot be used ({error}). Keep the file: it holds the branch's "
            "tickets. Check the disk, the folder's rights and that no other agent runs."
        ) from error
