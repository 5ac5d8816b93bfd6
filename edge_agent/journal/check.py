"""Verifying, exporting and backing up a journal, also while the agent runs: everything here only reads it."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from edge_agent.journal import archive
from edge_agent.journal.archive import ArchivedDay, ChainBroken, Link
from edge_agent.journal.entries import GENESIS, Entry
from edge_agent.journal.schema import SCHEMA_VERSION

JOURNAL_FILE = "journal.sqlite"


class NoJournal(Exception):
    """There is no journal of this version there; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Verified:
    """An unbroken chain from entry 1 on."""

    entries: int
    archived_days: int
    head: bytes


def journal_at(path: Path) -> Path:
    """The file, named itself or by its folder. Raises NoJournal."""
    file = path / JOURNAL_FILE if path.is_dir() else path
    if not file.is_file():
        raise NoJournal(f"{file}: there is no journal here; name its file or its folder")
    return file


def verify(file: Path) -> Verified:
    """Follow the whole chain, archived days included. Raises ChainBroken, NoJournal, sqlite3.Error."""
    with closing(_open(file)) as reader:
        reader.execute("BEGIN")  # one moment of a journal that may be at work
        days = _archived(reader)
        head, seq = GENESIS, 0
        for entry, hash_ in _links(reader, file, days):
            head, seq = archive.next_link(head, seq, entry, hash_, file), entry.seq
        return Verified(seq, len(days), head)


def export(file: Path) -> Iterator[bytes]:
    """Every entry with its hash, as lines; the format of an archive. Raises as `verify` does."""
    with closing(_open(file)) as reader:
        reader.execute("BEGIN")
        yield from archive.lines({"before": GENESIS.hex()}, _links(reader, file, _archived(reader)))


def back_up(file: Path, folder: Path) -> Verified:
    """A copy of the journal and its archive in `folder`, verified. Raises as `verify` does, and OSError.

    The copy gets its name only when it is whole: a backup that was interrupted leaves the one before it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{JOURNAL_FILE}.unfinished"
    unfinished.unlink(missing_ok=True)
    with closing(_open(file)) as reader, closing(sqlite3.connect(unfinished)) as copy:
        for day in _archived(reader):
            _copy_archived(file.parent / "archive" / day.file, folder / "archive")
        reader.backup(copy, pages=256)
        copy.execute("PRAGMA journal_mode = DELETE")
    found = verify(unfinished)
    unfinished.replace(folder / JOURNAL_FILE)
    return found


def _copy_archived(source: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    target = folder / source.name
    if not target.exists():
        shutil.copyfile(source, target.with_suffix(".unfinished"))
        target.with_suffix(".unfinished").rename(target)


def _open(file: Path) -> sqlite3.Connection:
    reader = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=5.0)
    version = reader.execute("PRAGMA user_version").fetchone()[0]
    if version != SCHEMA_VERSION:
        reader.close()
        raise NoJournal(
            f"{file}: is no journal of this version (schema {version}, expected {SCHEMA_VERSION}); "
            "the agent brings an older one up to date when it starts"
        )
    return reader


def _archived(reader: sqlite3.Connection) -> list[ArchivedDay]:
    rows = reader.execute("SELECT * FROM archived_day ORDER BY first_seq")
    return [ArchivedDay(*row) for row in rows]


def _links(reader: sqlite3.Connection, file: Path, days: list[ArchivedDay]) -> Iterator[Link]:
    for day in days:
        path = file.parent / "archive" / day.file
        try:
            archive.check(path, day)
        except OSError as error:
            raise ChainBroken(f"{path}: cannot be read: {error.strerror}") from error
        yield from archive.read(path)
    for seq, kind, body, hash_ in reader.execute(
        "SELECT seq, type, body, hash FROM event ORDER BY seq"
    ):
        yield Entry(seq, kind, body), hash_
