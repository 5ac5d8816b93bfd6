"""Reads head office's ledger from its database, by SQL of our own."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

EVENTS = "SELECT branch, epoch, seq, body, hash FROM event ORDER BY branch, epoch, seq"
MARKS = "SELECT branch, epoch, seq, highest, beyond FROM watermark"


@dataclass(frozen=True)
class Row:
    """One entry as head office has it."""

    branch: str
    epoch: str
    seq: int
    body: bytes
    hash: bytes | None = None


@dataclass(frozen=True)
class Mark:
    """What head office says it has of a journal: all up to `seq`, of `highest`, and runs behind gaps."""

    branch: str
    epoch: str
    seq: int
    highest: int
    runs: int


@dataclass(frozen=True)
class Ledger:
    rows: list[Row]
    marks: list[Mark]


def read(store: Path | str) -> Ledger:
    """The file of SQLite, or the address of a PostgreSQL."""
    if isinstance(store, Path):
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as file:
            return _ledger(file.execute(EVENTS).fetchall(), file.execute(MARKS).fetchall())
    with psycopg.connect(store) as server:
        return _ledger(
            server.execute(EVENTS.encode()).fetchall(), server.execute(MARKS.encode()).fetchall()
        )


def _ledger(events: list[Any], marks: list[Any]) -> Ledger:
    rows = [
        Row(branch, epoch, seq, bytes(body), None if hash_ is None else bytes(hash_))
        for branch, epoch, seq, body, hash_ in events
    ]
    return Ledger(
        rows,
        [
            Mark(branch, epoch, seq, highest, len(json.loads(beyond or "[]")))
            for branch, epoch, seq, highest, beyond in marks
        ],
    )
