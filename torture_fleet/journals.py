"""Reads a branch's journal from its file, by SQL of our own: the truth that head office is held to."""

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path


class Unreadable(Exception):
    """The journal cannot be taken for the truth."""


@dataclass(frozen=True)
class Journal:
    """`bodies` and `hashes` are of entry 1, 2, …; `days` its business days."""

    branch: str
    epoch: str
    bodies: list[bytes]
    hashes: list[bytes]
    days: list[str]


def read(branch: str, file: Path) -> Journal:
    """Of an agent that has ended. Raises Unreadable: numbers that do not follow, or a chain that does not fit."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as to:
        (epoch,) = to.execute("SELECT value FROM note WHERE name = 'epoch'").fetchone()
        rows = to.execute("SELECT seq, body, hash, business_day FROM event ORDER BY seq").fetchall()
        (archived,) = to.execute("SELECT count(*) FROM archived_day").fetchone()
    if archived:
        raise Unreadable(f"{file}: days have left it, so it is not the whole truth")
    if [seq for seq, *_ in rows] != list(range(1, len(rows) + 1)):
        raise Unreadable(f"{file}: its numbers are not 1 to {len(rows)}")
    head = bytes(32)
    for seq, body, hash_, _ in rows:
        head = hashlib.sha256(head + body).digest()
        if head != hash_:
            raise Unreadable(f"{file}: the chain does not fit at entry {seq}")
    days = sorted({day for *_, day in rows})
    return Journal(branch, epoch, [row[1] for row in rows], [row[2] for row in rows], days)
