"""Where a bank enrols at the branch: templates under lock, one of each purpose a customer, in one SQLite file.

A template is asked for by the one customer who is claimed; there is no way here to look through them. What is erased is
gone from the file, and that is looked up afterwards. What a file system or a disk keeps of overwritten blocks cannot be
seen from here: it is sealed, and unreadable for good once its key has been rotated and destroyed.
"""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.identity.keys import Keys
from kiosk.identity.sealing import Altered, Binding, KeyMissing, Purpose, Sealed, seal, unseal

VERSION = 1
SCHEMA = """
CREATE TABLE template (
    customer TEXT NOT NULL,
    purpose TEXT NOT NULL,
    model TEXT NOT NULL,
    model_sha256 TEXT NOT NULL,
    consent TEXT NOT NULL,
    made_at TEXT NOT NULL,
    until TEXT NOT NULL,
    key TEXT NOT NULL,
    nonce BLOB NOT NULL UNIQUE,
    body BLOB NOT NULL,
    PRIMARY KEY (customer, purpose)
) STRICT;
"""
BOUND = "customer, purpose, model, model_sha256, consent, made_at, until"
ALL = f"{BOUND}, key, nonce, body"
# none of them may keep what is deleted from the file: no free pages, no log, no temporary file
PRAGMAS = (
    "journal_mode = DELETE",
    "synchronous = EXTRA",
    "secure_delete = ON",
    "temp_store = MEMORY",
)
BESIDE = ("", "-journal", "-wal", "-shm")  # where SQLite keeps pages
TRACE_BYTES = 32

Row = tuple[Binding, Sealed]


class StoreUnusable(Exception):
    """The file cannot be opened, read or written; the text says what to do."""


class NoTemplate(Exception):
    """There is none of this customer and purpose, or its time is over."""


class ModelChanged(Exception):
    """It was made by another model: the customer must be enrolled again."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was in the store before and after, and how many of what was taken out can still be found in its files."""

    before: int
    taken_out: int
    after: int
    still_found: int

    @property
    def holds(self) -> bool:
        return self.after == self.before - self.taken_out and self.still_found == 0


@dataclass(frozen=True, slots=True)
class Rotated:
    """Templates by the key they are sealed with; `failed` could not be opened and are as they were."""

    before: Mapping[str, int]
    after: Mapping[str, int]
    failed: int
    still_found: int

    @property
    def holds(self) -> bool:
        return not self.failed and not self.still_found and len(self.after) <= 1


class SealedStore:
    """One thread uses it. Every call may raise StoreUnusable."""

    def __init__(
        self,
        path: Path,
        keys: Keys,
        *,
        keep_for: timedelta,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """`clock`: UTC. `random`: as good as os.urandom."""
        self._path = path
        self._keys = keys
        self._keep_for = keep_for
        self._clock = clock
        self._random = random
        try:
            self._file = _opened(path)
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(error) from error

    def keep(
        self,
        customer: str,
        purpose: Purpose,
        model: str,
        model_sha256: str,
        template: bytes,
        consent: str,
    ) -> None:
        """Durable when it returns. An earlier one of this customer and purpose is gone."""
        now = self._clock()
        until = now + self._keep_for
        binding = Binding(customer, purpose, model, model_sha256, consent, _text(now), _text(until))
        with self._writing() as file:
            _put(file, binding, seal(template, binding, self._keys, self._random))

    def open(self, customer: str, purpose: Purpose, model: str, model_sha256: str) -> bytes:
        """The template of the customer who is claimed, made by this model. Raises NoTemplate, ModelChanged, Altered or
        KeyMissing."""
        rows = self._rows("WHERE customer = ? AND purpose = ?", customer, purpose)
        if not rows or rows[0][0].until <= _text(self._clock()):
            raise NoTemplate("no template of this customer may be used")
        binding, sealed = rows[0]
        template = unseal(sealed, binding, self._keys)
        if (binding.model, binding.model_sha256) != (model, model_sha256):
            raise ModelChanged(f"made by {binding.model}, not by {model}: enrol again")
        return template

    def bindings(self) -> list[Binding]:
        """What is there, without the templates."""
        return [binding for binding, _ in self._rows("")]

    def keys_in_use(self) -> Mapping[str, int]:
        """How many are sealed with each key."""
        return _by_key(self._rows(""))

    def revoke(self, customer: str, purpose: Purpose | None = None) -> Proof:
        """A customer takes the consent back: of one purpose, or altogether."""
        if purpose is None:
            return self._take_out("WHERE customer = ?", customer)
        return self._take_out("WHERE customer = ? AND purpose = ?", customer, purpose)

    def expire(self) -> Proof:
        """Take out what may not be kept any longer."""
        return self._take_out("WHERE until <= ?", _text(self._clock()))

    def erase_all(self) -> Proof:
        return self._take_out("")

    def rotate(self) -> Rotated:
        """Seal everything with the first key of the file. When it holds, the others can be destroyed."""
        renewed: list[Sealed] = []
        failed = 0
        with (
            self._writing() as file
        ):  # from the reading on: what is erased meanwhile would come back
            rows = _rows(file, "")
            for binding, sealed in rows:
                if sealed.key == self._keys.current:
                    continue
                try:
                    template = unseal(sealed, binding, self._keys)
                except (Altered, KeyMissing):
                    failed += 1
                    continue
                _put(file, binding, seal(template, binding, self._keys, self._random))
                renewed.append(sealed)
        self._compact()
        before = _by_key(rows)
        return Rotated(before, self.keys_in_use(), failed, self._found(renewed))

    def close(self) -> None:
        self._file.close()

    def _take_out(self, where: str, *values: object) -> Proof:
        with self._writing() as file:
            before = _count(file)
            rows = _rows(file, where, *values)
            file.execute(f"DELETE FROM template {where}", values)
        self._compact()
        return Proof(before, len(rows), self._count(), self._found([sealed for _, sealed in rows]))

    def _compact(self) -> None:
        """No free page is left."""
        with self._said():
            self._file.execute("VACUUM")

    def _found(self, taken_out: Sequence[Sealed]) -> int:
        """How many have left a trace in the files."""
        with self._said():
            files = [Path(f"{self._path}{end}") for end in BESIDE]
            held = b"".join(file.read_bytes() for file in files if file.exists())
        return sum(any(trace in held for trace in _traces(one)) for one in taken_out)

    def _count(self) -> int:
        with self._said():
            return _count(self._file)

    def _rows(self, where: str, *values: object) -> list[Row]:
        with self._said():
            return _rows(self._file, where, *values)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing."""
        with self._said():
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield self._file
                self._file.execute("COMMIT")
            except BaseException:
                if self._file.in_transaction:
                    self._file.execute("ROLLBACK")
                raise

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: object) -> StoreUnusable:
        return StoreUnusable(
            f"{self._path}: cannot be used ({error}). Check the disk, its free space, the folder's rights, and that no "
            "other program has it open."
        )


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    file = sqlite3.connect(path, isolation_level=None, timeout=2.0)
    for pragma in PRAGMAS:
        file.execute(f"PRAGMA {pragma}")
    version = file.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise OSError(f"a newer version of the software wrote it (schema {version})")
    if version < VERSION:
        file.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
    return file


def _put(file: sqlite3.Connection, binding: Binding, sealed: Sealed) -> None:
    values = (*asdict(binding).values(), sealed.key, sealed.nonce, sealed.body)
    marks = ", ".join("?" * len(values))
    file.execute(f"INSERT OR REPLACE INTO template ({ALL}) VALUES ({marks})", values)


def _rows(file: sqlite3.Connection, where: str, *values: object) -> list[Row]:
    found = file.execute(f"SELECT {ALL} FROM template {where}", values).fetchall()
    return [(Binding(*row[:7]), Sealed(*row[7:])) for row in found]


def _by_key(rows: Sequence[Row]) -> Mapping[str, int]:
    return dict(Counter(sealed.key for _, sealed in rows))


def _count(file: sqlite3.Connection) -> int:
    return int(file.execute("SELECT count(*) FROM template").fetchone()[0])


def _traces(sealed: Sealed) -> tuple[bytes, ...]:
    """What nothing else in the file can look like."""
    return sealed.nonce, sealed.body[:TRACE_BYTES], sealed.body[-TRACE_BYTES:]


def _text(at: datetime) -> str:
    """As text, times sort as they follow each other."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
