"""Verifying, exporting and backing up a journal, also while the agent runs: everything here only reads it."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from edge_agent.journal import archive
from edge_agent.journal.archive import ArchivedDay, ChainBroken, Link
from edge_agent.journal.entries import Entry
from edge_agent.journal.schema import SCHEMA_VERSION
from edge_agent.messages import GENESIS

JOURNAL_FILE = "journal.sqlite"


class NoJournal(Exception):
    """There is no journal of this version there; the text says what to do."""


class NoBackup(Exception):
    """The backup could not be written, and the one before is as it was; the text says what to do."""


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
    """Follow the whole chain, archived days included. Raises ChainBroken, NoJournal, OSError."""
    with _reading(file) as reader:
        days = _archived(reader)
        head, seq = GENESIS, 0
        for entry, hash_ in _links(reader, file, days):
            head, seq = archive.next_link(head, seq, entry, hash_, file), entry.seq
        return Verified(seq, len(days), head)


def export(file: Path) -> Iterator[bytes]:
    """Every entry with its hash, as lines; the format of an archive. Raises as `verify` does."""
    with _reading(file) as reader:
        first: dict[str, object] = {"format": archive.FORMAT, "before": GENESIS.hex()}
        yield from archive.lines(first, _links(reader, file, _archived(reader)))


def back_up(file: Path, folder: Path) -> Verified:
    """A copy of the journal and its archive in `folder`, verified. Raises NoBackup, and as `verify` does.

    The copy gets its name only when it is whole and on disk: a backup that was interrupted leaves the one before.
    """
    unfinished = folder / f"{JOURNAL_FILE}.unfinished"
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if folder.samefile(file.parent):
            raise NoBackup(f"{folder}: the journal itself is there; name another folder with --to")
        unfinished.unlink(missing_ok=True)
    with _reading(file) as reader, _writing(folder):
        _copy(reader, file, unfinished)
    found = verify(unfinished)
    with _writing(folder):
        archive.sync(unfinished)
        unfinished.replace(folder / JOURNAL_FILE)
        archive.sync(folder)
    return found


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Raises NoBackup for what a folder or its disk does not allow."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise NoBackup(
            f"{folder}: no backup can be written there ({why}); name another folder with --to, or check its "
            "rights and the room on its disk"
        ) from error


def _copy(reader: sqlite3.Connection, file: Path, unfinished: Path) -> None:
    with closing(sqlite3.connect(unfinished)) as copy:
        for day in _archived(reader):
            _copy_archived(file.parent / "archive" / day.file, unfinished.parent / "archive", day)
        reader.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def _copy_archived(source: Path, folder: Path, day: ArchivedDay) -> None:
    """A copy that is there and whole is kept."""
    folder.mkdir(exist_ok=True)
    target = folder / source.name
    with suppress(ChainBroken):
        archive.check(target, day)
        return
    unfinished = target.with_suffix(".unfinished")
    try:
        shutil.copyfile(source, unfinished)
    except FileNotFoundError as error:
        raise ChainBroken(f"{source}: is missing") from error
    archive.sync(unfinished)
    unfinished.replace(target)
    archive.sync(folder)


@contextmanager
def _reading(file: Path) -> Iterator[sqlite3.Connection]:
    """One moment of a journal that may be at work. Raises NoJournal, ChainBroken for what is damaged."""
    try:
        with closing(_open(file)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM archived_day").fetchone()  # the moment is now
            yield reader
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_CORRUPT:
            raise ChainBroken(f"{file}: {error}") from error
        raise NoJournal(f"{file}: cannot be read as a journal: {error}") from error


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
        archive.check(path, day)
        yield from archive.read(path)
    rows = reader.execute(
        "SELECT seq, type, body, hash, business_day, ticket, label FROM event ORDER BY seq"
    )
    for seq, kind, body, hash_, *columns in rows:
        _check_columns(file, seq, body, columns)
        yield Entry(seq, kind, body), hash_


class _Columns(msgspec.Struct, frozen=True):
    business_day: str
    ticket: str | None = None
    label: str | None = None


def _check_columns(file: Path, seq: int, body: bytes, columns: list[str | None]) -> None:
    """What the journal is searched by says the same as the entry. Raises ChainBroken."""
    try:
        said = msgspec.json.decode(body, type=_Columns)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ChainBroken(f"{file}: entry {seq} cannot be read: {error}") from error
    if [said.business_day, said.ticket, said.label] != columns:
        raise ChainBroken(
            f"{file}: entry {seq} is filed under what it does not say: it was changed"
        )
