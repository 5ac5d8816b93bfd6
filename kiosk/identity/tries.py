"""The failures of a kiosk's identity checks, kept over restarts and power cuts: one small SQLite file.

A try is written down as a failure before anything is judged, and struck out when it was none: who pulls the plug at the
right moment has still used it up. Customers stand there as pseudonyms, and only until their failures are forgotten.
"""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from kiosk.identity.limits import LIMITS, Limits, Why, forgotten, why_not

FILE = "identity_tries.sqlite"
VERSION = 1
SCHEMA = """
CREATE TABLE failure (n INTEGER PRIMARY KEY, customer TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE INDEX failure_of ON failure (customer);
"""
FORGET = """
DELETE FROM failure WHERE customer IN (
    SELECT customer FROM failure GROUP BY customer HAVING max(at) < ?
)
"""
Outcome = Literal["passed", "failed", "undecided"]


class TriesUnusable(Exception):
    """The file cannot be read or written: nobody may be checked, and the text says what to do."""


class Tries:
    """One thread uses it. Every call may raise TriesUnusable."""

    def __init__(
        self, folder: Path, clock: Callable[[], datetime], limits: Limits = LIMITS
    ) -> None:
        """`clock`: UTC."""
        self._path = folder / FILE
        self._clock = clock
        self._limits = limits
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(self._path, isolation_level=None, timeout=2.0)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = FULL")
            self._file.execute("PRAGMA secure_delete = ON")
            self._prepare()
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(error) from error

    def session(self, customer: str, used: int = 0) -> "Session":
        """`customer`: the pseudonym of the claimed card; `used`: how often they have tried on this visit already."""
        return Session(self, customer, used)

    def why_not(self, customer: str, session_tries: int) -> Why:
        self._do(FORGET, _text(forgotten(self._limits, self._clock())))
        of_customer = self._failures("WHERE customer = ?", customer)
        at_kiosk = self._failures("")
        return why_not(self._limits, self._clock(), session_tries, of_customer, at_kiosk)

    def begin(self, customer: str) -> int:
        """Durable when it returns. The number of the try."""
        done = self._do(
            "INSERT INTO failure (customer, at) VALUES (?, ?)", customer, _text(self._clock())
        )
        return int(done.lastrowid or 0)

    def end(self, customer: str, number: int, outcome: Outcome) -> None:
        """A success ends the row of failures."""
        if outcome == "passed":
            self._do("DELETE FROM failure WHERE customer = ?", customer)
        elif outcome == "undecided":
            self._do("DELETE FROM failure WHERE n = ?", number)

    def counts(self) -> tuple[int, int]:
        """Customers with failures, and failures."""
        row = self._do("SELECT count(DISTINCT customer), count(*) FROM failure").fetchone()
        return int(row[0]), int(row[1])

    def reset(self, customer: str | None = None) -> int:
        """Staff say so, of one customer or of all. How many failures were struck out."""
        if customer is None:
            return self._do("DELETE FROM failure").rowcount
        return self._do("DELETE FROM failure WHERE customer = ?", customer).rowcount

    def close(self) -> None:
        self._file.close()

    def _failures(self, where: str, *values: object) -> list[datetime]:
        rows = self._do(f"SELECT at FROM failure {where} ORDER BY n", *values)
        return [datetime.fromisoformat(at) for (at,) in rows]

    def _prepare(self) -> None:
        version = self._file.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise OSError(f"a newer version of the software wrote it (schema {version})")
        if version < VERSION:
            self._file.executescript(
                f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;"
            )

    def _do(self, words: str, *values: object) -> sqlite3.Cursor:
        try:
            return self._file.execute(words, values)
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: object) -> TriesUnusable:
        return TriesUnusable(
            f"{self._path}: cannot be used ({error}). Nobody's identity is checked until it can: staff look at cards and "
            "IDs. Check the disk, its free space and the folder's rights."
        )


class Session:
    """One customer before the kiosk."""

    def __init__(self, tries: Tries, customer: str, used: int = 0) -> None:
        self._tries = tries
        self._customer = customer
        self._used = used

    def why_not(self) -> Why:
        """Which limit is reached; nothing while they may try."""
        return self._tries.why_not(self._customer, self._used)

    def begin(self) -> int:
        """Before anything is judged. Raises PermissionError where a limit is reached."""
        why = self.why_not()
        if why:
            raise PermissionError(f"the limit of the {why} is reached; staff look for themselves")
        self._used += 1
        return self._tries.begin(self._customer)

    def end(self, number: int, outcome: Outcome) -> None:
        """Not called, it stays a failure."""
        self._tries.end(self._customer, number, outcome)


def _text(at: datetime) -> str:
    """As text, times sort as they follow each other."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
