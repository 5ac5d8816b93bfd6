"""Reading the journal: what is committed, in its file and in the archived days."""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import msgspec

from edge_agent.journal import archive, comments
from edge_agent.journal.archive import ArchivedDay, ChainBroken, Link
from edge_agent.journal.entries import EntriesUnreadable, Entry
from edge_agent.messages import GENESIS


class Committed:
    """The reading half of the journal; `reader` is its own connection."""

    def __init__(self, reader: sqlite3.Connection, path: Path) -> None:
        self._reader = reader
        self.path = path
        self._archived_read: tuple[str, list[Link]] = ("", [])
        self.unreadable_days: set[str] = set()  # archived days whose last reading failed
        self._archived = [
            ArchivedDay(*row)
            for row in reader.execute("SELECT * FROM archived_day ORDER BY first_seq")
        ]
        end = reader.execute("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1").fetchone()
        self.last_seq: int
        self._last_hash: bytes
        self.last_seq, self._last_hash = end or self._end_of_archive()

    def note(self, name: str) -> str | None:
        row = self._reader.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def after(self, seq: int, limit: int) -> list[Entry]:
        """Entries after number `seq`, oldest first. Raises EntriesUnreadable."""
        return [entry for entry, _ in self.links_after(seq, limit)]

    def links_after(self, seq: int, limit: int) -> list[Link]:
        """The same with the hash of each; those of archived days come from their files.

        Raises EntriesUnreadable.
        """
        try:
            links: list[Link] = []
            for day in self._archived:
                if seq < day.last_seq and len(links) < limit:
                    links += self._of_archived(day)[max(0, seq - day.first_seq + 1) :][:limit]
            rows = self._reader.execute(
                "SELECT seq, type, body, hash FROM event WHERE seq > ? ORDER BY seq LIMIT ?",
                (seq, max(0, limit - len(links))),
            )
            return [*links, *((Entry(*entry), hash_) for *entry, hash_ in rows)][:limit]
        except (sqlite3.Error, ChainBroken) as error:
            raise EntriesUnreadable(str(error)) from error

    def _of_archived(self, day: ArchivedDay) -> list[Link]:
        """Who pages through a day asks for it again and again: the last one stays in memory."""
        if self._archived_read[0] != day.file:
            self.unreadable_days.add(day.business_day)
            links = list(archive.read(self.archive_folder / day.file))
            self._archived_read = (day.file, links)
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

    def day_of(self, seq: int) -> str:
        """The business day of an entry that is not archived. Raises LookupError."""
        row = self._reader.execute(
            "SELECT business_day FROM event WHERE seq = ?", (seq,)
        ).fetchone()
        if row is None:
            raise LookupError(f"there is no entry {seq}")
        return str(row[0])

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

    def comments(self, before: int, limit: int) -> list[comments.Comment]:
        """What customers wrote to their ratings, the newest first, of ratings before this number."""
        return comments.newest(self._reader, before, limit)

    def last_day(self) -> tuple[date | None, int]:
        """The latest business day on record, and the number of the entry before its first."""
        rows = self._reader.execute("SELECT seq, business_day FROM event ORDER BY seq DESC")
        latest, first = None, self.last_seq + 1
        for seq, day in rows:
            if latest not in (None, day):
                break
            latest, first = day, seq
        return (None if latest is None else date.fromisoformat(latest)), first - 1

    @property
    def archived(self) -> Sequence[ArchivedDay]:
        """The archived days, oldest first."""
        return self._archived

    @property
    def archived_until(self) -> str | None:
        """The last business day in the archive."""
        return self._archived[-1].business_day if self._archived else None

    @property
    def archive_folder(self) -> Path:
        return self.path.parent / "archive"

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
