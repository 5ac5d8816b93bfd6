"""Entries into a ledger that may have several writers: each once, and how far each journal is here.

Who writes a journal holds its mark until the end of the transaction: on PostgreSQL by a lock of its row, on
SQLite because there is one writer at a time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import structs
from sqlalchemy.dialects import postgresql, sqlite

from edge_agent.messages import digest
from head_office.entries import Row, add
from head_office.marks import Mark, Run, runs_of, with_runs, without
from head_office.tables import event, watermark

Key = tuple[str, str]  # branch and epoch
_key = itemgetter(0, 1)
MOST_ASKED = 1000  # journals by name; of more all are read


@dataclass(frozen=True, slots=True)
class Written:
    """The marks of every branch and epoch that was written, and the journals that brought other entries
    under numbers that are taken: what was here first has stayed, and none of what they brought was kept."""

    marks: dict[Key, Mark]
    rewritten: frozenset[Key]


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that reads in order to write. SQLite: it waits for its turn before it reads."""
    with engine.begin() as to:
        if to.dialect.name == "sqlite":
            to.exec_driver_sql("BEGIN IMMEDIATE")
        yield to


def keeping(
    to: sa.Connection,
    table: sa.Table,
    news: Mapping[str, Any] | None = None,
    where: Any = None,
) -> Any:
    """Insert, or put the new values in the place of the old, or those of `news`."""
    into = insert(to, table)
    keys = [column.name for column in table.primary_key]
    values = {c.name: into.excluded[c.name] for c in table.columns if c.name not in keys}
    return into.on_conflict_do_update(
        index_elements=keys, set_=values | dict(news or {}), where=where
    )


def insert(to: sa.Connection, table: sa.Table) -> Any:
    """Of the dialect that knows conflicts."""
    return (postgresql if to.dialect.name == "postgresql" else sqlite).insert(table)


def keep(to: sa.Connection, rows: Sequence[Row]) -> Written:
    """In a transaction of `writing`; repeats change nothing."""
    journals = _by_journal(rows)
    before = hold(to, list(journals))
    new: list[Row] = []
    rewritten: set[Key] = set()
    marks: dict[Key, Mark] = {}
    for key, entries in journals.items():
        kept = _news(to, key, before[key], entries)
        if kept is None:
            rewritten.add(key)  # another journal under this name: nothing of it is kept
            continue
        fresh, mark = kept
        new += fresh
        marks[key] = mark
    add(to, new)
    marks = {key: _digested(to, key, mark) for key, mark in marks.items()}
    _keep_marks(to, marks)
    return Written(marks, frozenset(rewritten))


def lost(to: sa.Connection, key: Key, runs: Iterable[Run]) -> None:
    """These entries are believed to be here: those that are not, are missing from now on."""
    mark = hold(to, [key])[key]
    for first, last in runs:
        numbers = sa.select(event.c.seq).where(*_between(*key, first, last)).order_by(event.c.seq)
        here = runs_of(list(to.execute(numbers).scalars()))
        mark = with_runs(without(mark, [(first, last)]), here)
    _keep_marks(to, {key: _digested(to, key, structs.replace(mark, digest=None))})


def hold(to: sa.Connection, keys: Sequence[Key]) -> dict[Key, Mark]:
    """The marks of these journals, which nobody else moves until the end of the transaction."""
    found = marks_of(to, keys, held=True)
    unknown = sorted(key for key in keys if key not in found)
    if unknown and to.dialect.name == "postgresql":
        first = [
            {"branch": branch, "epoch": epoch, "seq": 0, "highest": 0} for branch, epoch in unknown
        ]
        to.execute(insert(to, watermark).on_conflict_do_nothing(), first)
        found |= marks_of(to, unknown, held=True)
    return {key: found.get(key, Mark()) for key in keys}


def marks_of(
    to: sa.Connection, keys: Sequence[Key] | None = None, *, held: bool = False
) -> dict[Key, Mark]:
    """Those of these journals, or all."""
    asked = sa.select(watermark).order_by(watermark.c.branch, watermark.c.epoch)
    if keys is not None and len(keys) <= MOST_ASKED:
        asked = asked.where(sa.tuple_(watermark.c.branch, watermark.c.epoch).in_(keys))
    if held:
        asked = asked.with_for_update()
    return {(row.branch, row.epoch): mark_in(row) for row in to.execute(asked)}


def mark_in(row: Any) -> Mark:
    """As it stands in its table."""
    beyond = msgspec.json.decode(row.beyond, type=tuple[Run, ...]) if row.beyond else ()
    return Mark(row.seq, row.highest, row.digest, beyond)


def _by_journal(rows: Sequence[Row]) -> dict[Key, list[Row]]:
    journals: dict[Key, list[Row]] = {}
    for key, of_message in groupby(rows, _key):
        journals.setdefault(key, []).extend(of_message)
    return journals


def _news(
    to: sa.Connection, key: Key, mark: Mark, entries: list[Row]
) -> tuple[list[Row], Mark] | None:
    """What is not here yet, and the mark with it; None when something is here with other contents."""
    runs = runs_of([row.seq for row in entries])
    if sum(last - first + 1 for first, last in runs) < len(entries) or runs[0][0] <= mark.last:
        once: dict[int, Row] = {}
        for row in entries:
            once.setdefault(row.seq, row)
        here = {seq: row.body for seq, row in once.items() if mark.has(seq)}
        if here and _differs(to, *key, here):
            return None
        entries = [row for seq, row in once.items() if seq not in here]
    moved = with_runs(mark, runs)
    if moved.digest is None:
        of_last = next((row for row in reversed(entries) if row.seq == moved.seq), None)
        if of_last is not None:
            moved = structs.replace(moved, digest=digest(of_last.body))
    return entries, moved


def _keep_marks(to: sa.Connection, marks: Mapping[Key, Mark]) -> None:
    values = [
        {
            "branch": branch,
            "epoch": epoch,
            "seq": mark.seq,
            "highest": mark.highest,
            "digest": mark.digest,
            "beyond": msgspec.json.encode(mark.beyond).decode(),
        }
        for (branch, epoch), mark in sorted(marks.items(), key=itemgetter(0))
    ]
    if values:
        to.execute(keeping(to, watermark), values)


def _digested(to: sa.Connection, key: Key, mark: Mark) -> Mark:
    """With the digest of the entry it stands at, where that came earlier than now."""
    if mark.digest is not None or mark.seq == 0:
        return mark
    found = [body for _, body in _bodies(to, *key, mark.seq, mark.seq)]
    return structs.replace(mark, digest=digest(found[0]) if found else None)


def _bodies(
    to: sa.Connection, branch: str, epoch: str, first: int, last: int
) -> Iterator[tuple[int, bytes]]:
    asked = sa.select(event.c.seq, event.c.body).where(*_between(branch, epoch, first, last))
    for row in to.execute(asked):
        yield row.seq, row.body


def _between(branch: str, epoch: str, first: int, last: int) -> tuple[Any, ...]:
    return event.c.branch == branch, event.c.epoch == epoch, event.c.seq.between(first, last)


def _differs(to: sa.Connection, branch: str, epoch: str, bodies: Mapping[int, bytes]) -> bool:
    """Whether any of these entries, which are here already, has other contents here."""
    here = _bodies(to, branch, epoch, min(bodies), max(bodies))
    return any(seq in bodies and bodies[seq] != body for seq, body in here)
