"""What the ledger has of each branch's business days: which spans of entries, and the entries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise
from typing import Any

import msgspec
import sqlalchemy as sa

from edge_agent.messages import DayOnRecord
from head_office.journals import Key
from head_office.ledger import Ledger, Told
from head_office.marks import Mark
from head_office.tables import day_on_record, event

MOST = 2**62  # above every number of an entry
Link = tuple[int, bytes, bytes | None]  # number, body, hash as it was kept


class Span(msgspec.Struct, frozen=True, array_like=True):
    """A run of a journal's numbers that holds a business day, and how many of them are here."""

    epoch: str
    first: int
    last: int
    here: int


@dataclass(frozen=True, slots=True)
class BranchDay:
    """One branch's business day as the ledger has it; `told`: the branch's word beside each span, where it gave one."""

    branch: str
    day: date
    spans: tuple[Span, ...]
    told: tuple[Told | None, ...]

    @property
    def closed(self) -> bool:
        """The branch's latest journal says that the day is over."""
        last = max(self.spans, key=lambda span: span.epoch).epoch
        beside = zip(self.spans, self.told, strict=True)
        return all(told is not None and told.closed for span, told in beside if span.epoch == last)

    @property
    def made_of(self) -> str:
        """The same as long as the ledger has the same of it."""
        return msgspec.json.encode([self.closed, self.spans]).decode()


class Reading:
    """Reads the ledger's tables; changes nothing."""

    def __init__(self, engine: sa.Engine, ledger: Ledger) -> None:
        self._engine, self._ledger = engine, ledger

    def days(self, since: date, until: date) -> list[BranchDay]:
        """All days that branches have told of, oldest first. No entry is read."""
        with self._engine.connect() as to:
            asked = sa.select(day_on_record).where(
                day_on_record.c.business_day.between(since, until)
            )
            told = [_told(row) for row in to.execute(asked)]
        marks = self._ledger.marks()
        told.sort(key=lambda one: (one.day.business_day, one.branch, one.epoch, one.day.first_seq))
        by_day = groupby(told, key=lambda one: (one.day.business_day, one.branch))
        ends = _ends(told)
        return [_branch_day(list(group), marks, ends) for _, group in by_day]

    def last(self, branch: str) -> BranchDay | None:
        """The day that the branch told of last, which may go on."""
        told = self._ledger.told(branch, None)
        endless = {(branch, one.epoch): Mark(MOST, MOST) for one in told}
        return _branch_day(told, endless, {}) if told else None

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
            BranchDay(branch, day, tuple(Span(*row[1:]) for row in group), (None,) * len(group))
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


def _ends(told: Sequence[Told]) -> dict[tuple[str, str, int], int]:
    """Where each span ends at the latest: before the next one of its journal begins."""
    firsts: dict[Key, list[int]] = {}
    for one in told:
        firsts.setdefault((one.branch, one.epoch), []).append(one.day.first_seq)
    return {
        (*journal, first): following - 1
        for journal, numbers in firsts.items()
        for first, following in pairwise(sorted(numbers))
    }


def _branch_day(
    told: Sequence[Told], marks: Mapping[Key, Mark], ends: Mapping[tuple[str, str, int], int]
) -> BranchDay:
    first = told[0]
    spans = tuple(_span(one, marks.get((one.branch, one.epoch), Mark()), ends) for one in told)
    return BranchDay(first.branch, first.day.business_day, spans, tuple(told))


def _span(told: Told, mark: Mark, ends: Mapping[tuple[str, str, int], int]) -> Span:
    """Of a day that goes on there may be more here than the branch has told."""
    first, last = told.day.first_seq, told.day.last_seq
    if not told.closed:
        last = ends.get((told.branch, told.epoch, first), max(last, mark.highest))
    runs = [(1, mark.seq), *mark.beyond]
    here = sum(max(0, min(last, end) - max(first, start) + 1) for start, end in runs)
    return Span(told.epoch, first, last, here)


def _as_bytes(column: sa.Column[Any]) -> sa.Label[bytes]:
    """Of whatever type somebody has made it in the database's file."""
    return sa.cast(column, sa.LargeBinary).label(column.name)


def _told(row: Any) -> Told:
    day = DayOnRecord(
        business_day=row.business_day,
        first_seq=row.first_seq,
        last_seq=row.last_seq,
        before=row.before.hex(),
        hash=row.hash.hex(),
    )
    return Told(row.branch, row.epoch, day, row.closed, datetime.fromisoformat(row.said_at))
