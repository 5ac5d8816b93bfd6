"""What this kiosk must not forget when it is killed or its power goes: one SQLite file.

In WAL mode with synchronous=FULL a transaction that returned from COMMIT survives a power cut (sqlite.org, pragma
synchronous).
"""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FILE = "kiosk.sqlite"
VERSION = 1
SCHEMA = """
CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE number (
    business_day TEXT NOT NULL,
    label TEXT NOT NULL,
    service TEXT NOT NULL,
    place INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (business_day, label)
) STRICT, WITHOUT ROWID;
CREATE TABLE ticket (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    business_day TEXT NOT NULL,
    body BLOB NOT NULL,         -- as it is handed in
    refused TEXT                -- why the branch did not take it
) STRICT;
CREATE TABLE untold (
    n INTEGER PRIMARY KEY,
    what TEXT NOT NULL,
    path TEXT NOT NULL,
    body BLOB NOT NULL,
    key TEXT NOT NULL UNIQUE
) STRICT;
"""


class StoreUnusable(Exception):
    """The file cannot be opened, read or written; the text says what to do. Nothing of the attempt is kept."""


class Store:
    """Open it with `open_store`. One thread uses it."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._inode = os.stat(path).st_ino
        self.name = str(self.note("name"))  # tells this file from one that was lost

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing; durable when the block has been left. Raises StoreUnusable."""
        with self._said():
            self._check_still_there()
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self, words: str, *values: object) -> list[Any]:
        """Raises StoreUnusable."""
        with self._said():
            return self._connection.execute(words, values).fetchall()

    def note(self, name: str) -> str | None:
        """Raises StoreUnusable."""
        rows = self.rows("SELECT value FROM note WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    def close(self) -> None:
        self._connection.close()

    def _check_still_there(self) -> None:
        """SQLite goes on writing into a file that somebody has deleted. Raises OSError."""
        if os.stat(self._path).st_ino != self._inode:
            raise FileNotFoundError("it is not the file that was opened")

    def unusable(self, why: object) -> StoreUnusable:
        return _unusable(self._path, why)

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise _unusable(self._path, error) from error


def keep_note(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Inside `Store.writing`."""
    connection.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, value))


def open_store(folder: Path) -> Store:
    """Open or create. Raises StoreUnusable; nothing is repaired or thrown away by itself."""
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, timeout=2.0)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        _prepare(connection)
        return Store(connection, path)
    except (sqlite3.Error, OSError) as error:
        raise _unusable(path, error) from error


def _prepare(connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise OSError(f"a newer version of the software wrote it (schema {version})")
    if version == VERSION:
        return
    name = secrets.token_urlsafe(16)
    connection.executescript(
        f"BEGIN IMMEDIATE; {SCHEMA} INSERT INTO note VALUES ('name', '{name}'); "
        f"PRAGMA user_version = {VERSION}; COMMIT;"
    )


def _unusable(path: Path, error: object) -> StoreUnusable:
    return StoreUnusable(
        f"{path}: cannot be used ({error}). Keep the file: it may hold tickets that the branch has not heard of. "
        "Check the disk, its free space and the folder's rights."
    )
