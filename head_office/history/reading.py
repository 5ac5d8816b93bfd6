"""What the ledger has of each branch's business days: which spans of entries, and the entries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from head_office.journals import Key
from head_office.ledger import Ledger, Told
from head_office.marks import Mark
from head_office.tables import day_on_record, event

MOST = 2**62  # above every number of an entry
A_MONTH = timedelta(days=31)
Link = tuple[int, bytes, bytes | None]  # number, body, hash as it was kept


class Span(msgspec.Struct, frozen=True, array_like=True):
    """A run of a journal's numbers that holds a business day, and how many of them are here."""

    epoch: str
    first: int
    last: int
    here: int


@dataclass(frozen=True, slots=True)
class BranchDay:
    """One branch's business day as the ledger has it. `closed`: the branch's latest journal says that it is over."""

    branch: str
    day: date
    spans: tuple[Span, ...]
    closed: bool

    @property
    def made_of(self) -> str:
        """The same as long as the ledger has the same of it."""
        return msgspec.json.encode([self.closed, self.spans]).decode()


class _Word(NamedTuple):
    """What a branch said, without the chain: there are very many."""

    day: date
    branch: str
    epoch: str
    first: int
    last: int
    closed: bool


class Reading:
    """Reads the ledger's tables; changes nothing."""

    def __init__(self, engine: sa.Engine, ledger: Ledger) -> None:
        self._engine, self._ledger = engine, ledger

    def days(self, since: date, until: date) -> list[BranchDay]:
        """All days that branches have told of, oldest first. No entry is read."""
        of = day_on_record.c
        asked = sa.select(
            of.business_day, of.branch, of.epoch, of.first_seq, of.last_seq, of.closed
        )
        wanted = of.business_day.between(
            since, until + A_MONTH
        )  # where a day ends, the next one says
        with self._engine.connect() as to:
            words = sorted(_Word(*row) for row in to.execute(asked.where(wanted)))
        marks, ends = self._ledger.marks(), _ends(words)
        by_day = groupby(words, key=lambda word: (word.day, word.branch))
        return [_branch_day(list(group), marks, ends) for (day, _), group in by_day if day <= until]

    def last(self, branch: str) -> BranchDay | None:
        """The day that the branch told of last, which may go on."""
        told = self._ledger.told(branch, None)
        words = [_Word(one.day.business_day, branch, one.epoch, one.day.first_seq, one.day.last_seq, one.closed) for one in told]  # fmt: skip
        endless = {(branch, one.epoch): Mark(MOST, MOST) for one in told}
        return _branch_day(words, endless, {}) if words else None

    def told(self, one: BranchDay) -> list[Told]:
        """The branch's word beside each span; none where it gave none."""
        return self._ledger.told(one.branch, one.day)

    def untold(self, day: date) -> list[BranchDay]:
        """What is here of this day from branches that told nothing of it (older versions). Looks through all entries."""
        told = sa.select(day_on_record.c.branch).where(day_on_record.c.business_day == day)
        asked = (
            sa.select(
                event.c.branch,
                event.c.epoch,
                sa.func.min(event.c.seq),
                sa.func.max(event.c.seq),
                sa.func.count(),
            )
            .where(event.c.business_day == day, event.c.branch.not_in(told))
            .group_by(event.c.branch, event.c.epoch)
            .order_by(event.c.branch, event.c.epoch)
        )
        with self._engine.connect() as to:
            rows = [tuple(row) for row in to.execute(asked)]
        return [
            BranchDay(branch, day, tuple(Span(*row[1:]) for row in group), closed=False)
            for branch, group in _grouped(rows)
        ]

    def links(self, branch: str, day: date, span: Span) -> list[Link]:
        """The entries of a span, by number."""
        asked = (
            sa.select(event.c.seq, _as_bytes(event.c.body), _as_bytes(event.c.hash))
            .where(
                event.c.branch == branch,
                event.c.epoch == span.epoch,
                event.c.seq.between(span.first, span.last),
                event.c.business_day == day,
            )
            .order_by(event.c.seq)
        )
        with self._engine.connect() as to:
            return [(row.seq, row.body, row.hash) for row in to.execute(asked)]


def _grouped(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    for branch, group in groupby(rows, key=lambda row: row[0]):
        yield branch, list(group)


def _ends(words: Sequence[_Word]) -> dict[tuple[str, str, int], int]:
    """Where each span ends at the latest: before the next one of its journal begins."""
    firsts: dict[Key, list[int]] = {}
    for word in words:
        firsts.setdefault((word.branch, word.epoch), []).append(word.first)
    return {
        (*journal, first): following - 1
        for journal, numbers in firsts.items()
        for first, following in pairwise(sorted(numbers))
    }


def _branch_day(
    words: Sequence[_Word], marks: Mapping[Key, Mark], ends: Mapping[tuple[str, str, int], int]
) -> BranchDay:
    """`words`: of one branch and day, by epoch."""
    spans = tuple(_span(word, marks.get((word.branch, word.epoch), Mark()), ends) for word in words)
    latest = words[-1].epoch
    closed = all(word.closed for word in words if word.epoch == latest)
    return BranchDay(words[0].branch, words[0].day, spans, closed)


def _span(word: _Word, mark: Mark, ends: Mapping[tuple[str, str, int], int]) -> Span:
    """Of a day that goes on there may be more here than the branch has told."""
    first, last = word.first, word.last
    if not word.closed:
        last = ends.get((word.branch, word.epoch, first), max(last, mark.highest))
    runs = [(1, mark.seq), *mark.beyond]
    here = sum(max(0, min(last, end) - max(first, start) + 1) for start, end in runs)
    return Span(word.epoch, first, last, here)


def _as_bytes(column: sa.Column[Any]) -> sa.Label[bytes]:
    """Of whatever type somebody has made it in the database's file."""
    return sa.cast(column, sa.LargeBinary).label(column.name)
