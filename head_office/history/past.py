"""What can be asked of past days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args

import msgspec
import sqlalchemy as sa

from head_office.access import Person
from head_office.history import tables
from head_office.history.asking import Asking
from head_office.history.change import Change, Days, pairs
from head_office.history.figures import ALL, Figures, by_day, figured
from head_office.history.parts import Kind, Parts, part_of
from head_office.history.scope import (
    MORE_IS_BETTER,
    Measure,
    Question,
    check,
    scope,
)
from head_office.history.tables import branch_day, part
from head_office.history.working import Working
from head_office.register import Register

KINDS: tuple[Kind, ...] = get_args(Kind)
MOST_NAMED = 200


class IncompleteDay(msgspec.Struct, frozen=True):
    """A branch's day that is not known to be whole. `verdict`: the proof's, `open`, or `absent`: most other branches
    have that day and it has not."""

    branch: str
    day: date
    verdict: str
    missing: int


class Completeness(msgspec.Struct, frozen=True):
    """How whole the data are that the figures rest on; of the days that are not, the first 200 are named."""

    branch_days: int
    complete: int
    incomplete: list[IncompleteDay]
    more: int


class Row(msgspec.Struct, frozen=True):
    figures: Figures
    change: Change | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`measure` is what was compared, over these days before."""

    question: Question
    total: Row | None
    rows: list[Row]
    measure: Measure | None
    before_first: date | None
    before_last: date | None
    completeness: Completeness


class Compare(msgspec.Struct, frozen=True):
    """`before`: first and last day of the time before; without it as many whole weeks earlier as are needed."""

    measure: Measure = "wait"
    before: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Of all together, by row, and over which pairs of days."""

    total: Mapping[str, Change]
    rows: Mapping[str, Change]
    paired: list[tuple[date, date]]


@dataclass(slots=True)
class Past:
    """History as it is kept now. Reads only."""

    engine: sa.Engine
    parts: Parts
    register: Register
    working: Working

    @classmethod
    def open(cls, engine: sa.Engine, parts: Parts, register: Register) -> "Past":
        tables.create(engine)
        return cls(engine, parts, register, Working())

    def answer(
        self,
        question: Question,
        person: Person,
        compare: Compare | None = None,
    ) -> Answer:
        """Figures, and what has changed. Raises Senseless."""
        check(question)
        asking = self.asking(question, person)
        total, rows = figured(asking, question.by)
        changes = Changes({}, {}, [])
        if compare is not None:
            changes = self._changes(asking, person, compare)
        earlier = [day for _, day in changes.paired]
        return Answer(
            question=question,
            total=None if total is None else Row(total, changes.total.get(ALL)),
            rows=[Row(one, changes.rows.get(name)) for name, one in rows.items()],
            measure=None if compare is None else compare.measure,
            before_first=min(earlier, default=None),
            before_last=max(earlier, default=None),
            completeness=self.completeness(asking),
        )

    def changes(
        self,
        question: Question,
        person: Person,
        measures: Sequence[Measure],
        before: tuple[date, date],
    ) -> dict[Measure, Change]:
        """Of all that is asked for together, by measure; the measures are one list."""
        from head_office.history.comparison import compared  # noqa: PLC0415  NumPy loads slowly

        paired = pairs((question.first, question.last), before)
        then = msgspec.structs.replace(question, first=before[0], last=before[1])
        earlier = by_day(self.asking(then, person), "day", measures)
        days = by_day(self.asking(question, person), "day", measures)
        both: dict[str, Days] = {
            name: {**earlier[name].total, **days[name].total} for name in measures
        }
        better: dict[str, bool] = {name: MORE_IS_BETTER[name] for name in measures}
        found = compared(both, paired, more_is_better=better)
        return {name: found[name] for name in measures}

    def rows(
        self, question: Question, person: Person, kind: Kind, query: str
    ) -> list[tuple[Any, ...]]:
        """Of the visits, counters or opinions of a question; see `Asking.ask`."""
        asking = self.asking(question, person)
        return asking.ask(query, asking.all_files(kind))

    def known(self) -> tuple[date | None, date | None, list[str]]:
        """The first and last day that is kept, and the branches of which there are any."""
        day, branch = branch_day.c.business_day, branch_day.c.branch
        with self.engine.connect() as to:
            first, last = to.execute(sa.select(sa.func.min(day), sa.func.max(day))).one()
            return first, last, list(to.execute(sa.select(branch).distinct()).scalars())

    def asking(self, question: Question, person: Person) -> Asking:
        """The files are those of one moment."""
        days = part.c.business_day.between(question.first, question.last)
        of_days = branch_day.c.business_day.between(question.first, question.last)
        with self.engine.connect() as to:
            kept = to.execute(sa.select(part).where(days).order_by(*part.primary_key)).all()
            known = (
                to.execute(sa.select(branch_day.c.branch).where(of_days).distinct()).scalars().all()
            )
        files: dict[Kind, dict[int, list[Path]]] = {kind: {} for kind in KINDS}
        only = part_of(question.branch) if question.branch else None
        for row in kept:
            if only not in (None, row.part):
                continue
            for kind in KINDS:
                file = self.parts.file(kind, row.business_day, row.part, row.generation)
                files[kind].setdefault(row.part, []).append(file)
        return Asking(
            self.parts.root,
            question,
            scope(question, person, self.register, known),
            files,
            self.working,
        )

    def _changes(self, asking: Asking, person: Person, compare: Compare) -> Changes:
        """Of all together, and of each row; rows that are days have nothing to be compared with."""
        from head_office.history.comparison import compared  # noqa: PLC0415  NumPy loads slowly

        question, measure = asking.question, compare.measure
        paired = pairs((question.first, question.last), compare.before)
        more = MORE_IS_BETTER[measure]
        if not paired:
            return Changes(compared({ALL: {}}, [], more_is_better=more), {}, [])
        earlier = [day for _, day in paired]
        then = msgspec.structs.replace(question, first=min(earlier), last=max(earlier))
        then_days = by_day(self.asking(then, person), question.by, [measure])[measure]
        days = by_day(asking, question.by, [measure])[measure]
        total = compared({ALL: {**then_days.total, **days.total}}, paired, more_is_better=more)
        if question.by == "day":
            return Changes(total, {}, paired)
        both = {name: {**then_days.groups.get(name, {}), **of} for name, of in days.groups.items()}
        return Changes(total, compared(both, paired, more_is_better=more), paired)

    def completeness(self, asking: Asking) -> Completeness:
        question, places = asking.question, asking.scope.places
        of_days = branch_day.c.business_day.between(question.first, question.last)
        with self.engine.connect() as to:
            found = [
                row
                for row in to.execute(sa.select(branch_day).where(of_days))
                if row.branch in places
            ]
        wrong = [
            IncompleteDay(row.branch, row.business_day, row.verdict, row.missing)
            for row in found
            if row.verdict != "complete"
        ]
        wrong += _absent({(row.business_day, row.branch) for row in found}, places)
        wrong.sort(key=lambda one: (one.day, one.branch))
        complete = sum(row.verdict == "complete" for row in found)
        more = max(0, len(wrong) - MOST_NAMED)
        return Completeness(len(found), complete, wrong[:MOST_NAMED], more)


def _absent(there: set[tuple[date, str]], places: Mapping[str, object]) -> list[IncompleteDay]:
    """On a day that at least half of the branches have, the others have none: on a holiday nobody has one."""
    by_day: dict[date, set[str]] = {}
    for day, branch in there:
        by_day.setdefault(day, set()).add(branch)
    return [
        IncompleteDay(branch, day, "absent", 0)
        for day, branches in by_day.items()
        if 2 * len(branches) >= len(places)
        for branch in places
        if branch not in branches
    ]
