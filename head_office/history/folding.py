"""Closed days of branches, out of the ledger into history; again when entries have come late."""

import fcntl
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path

import sqlalchemy as sa

from head_office.history import tables
from head_office.history.counters import counters
from head_office.history.opinions import opinions
from head_office.history.parts import Folded, Parts, part_of
from head_office.history.reading import BranchDay, Link, Reading
from head_office.history.seen import at_counters, seen
from head_office.history.tables import branch_day, part
from head_office.history.visits import visits
from head_office.ledger import Told
from head_office.proof import judged

log = logging.getLogger(__name__)
LOOKS_BACK = timedelta(days=31)  # so late entries are still taken up
ONE_DAY = timedelta(days=1)
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Made:
    """A branch's day with what it was made of. `verdict`: the proof's, or `open` while the branch has not closed it;
    `missing` entries are known to exist and not here."""

    folded: Folded
    made_of: str
    verdict: str
    missing: int
    late: int


class Folding:
    """One at a time for a folder. `pause` is called between two branches and may wait: nobody is in a hurry."""

    def __init__(
        self,
        engine: sa.Engine,
        reading: Reading,
        parts: Parts,
        *,
        days_open: int,
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine, self._reading, self._parts = engine, reading, parts
        self._days_open, self._pause = timedelta(days=days_open), pause
        tables.create(engine)

    def fold(self, now: datetime, only: date | None = None) -> int:
        """Whatever is ready and not yet kept as it is now; of one day only, when one is named, all that is there of it.

        How many days of branches were folded.
        """
        with _alone(self._parts.root):
            today = now.date()
            if only is None:
                found = self._reading.days(today - LOOKS_BACK, today + ONE_DAY)
                found = [one for one in found if self._is_ready(one, today)]
            else:
                found = self._reading.days(only, only) + self._reading.untold(only)
            new = self._new(found)
            for (day, number), group in groupby(sorted(new, key=_place), key=_place):
                self._fold_part(day, number, list(group), now)
            return len(new)

    def _is_ready(self, one: BranchDay, today: date) -> bool:
        """A day that its branch has not closed may still go on there, where the line is cut."""
        return one.closed or today - one.day > self._days_open

    def _new(self, found: Sequence[BranchDay]) -> list[BranchDay]:
        """Those that are not kept as they are now, or whose file has gone."""
        days = {one.day for one in found}
        if not days:
            return []
        span = min(days), max(days)
        with self._engine.connect() as to:
            made = to.execute(sa.select(branch_day).where(branch_day.c.business_day.between(*span)))
            known = {(row.business_day, row.branch): row.made_of for row in made}
            kept = to.execute(sa.select(part).where(part.c.business_day.between(*span)))
            there = {
                (row.business_day, row.part)
                for row in kept
                if self._parts.is_whole(row.business_day, row.part, row.generation)
            }
        return [
            one
            for one in found
            if _place(one) not in there or known.get((one.day, one.branch)) != one.made_of
        ]

    def _fold_part(self, day: date, number: int, found: list[BranchDay], now: datetime) -> None:
        began = time.monotonic()
        generation = self._generations(day).get(number, 0)
        rows: list[Row] = []
        lines = self._parts.root / "part.unfinished"
        self._parts.write(day, number, generation + 1, self._each(found, rows, now), lines)
        with self._engine.begin() as to:
            self._keep(to, day, number, generation + 1, rows)
        at = time.time()
        self._parts.replaced(day, number, generation, at)
        self._parts.sweep(day, self._generations(day), at)
        seconds = time.monotonic() - began
        log.info("Kept %s, part %s: %s branches in %.1f s.", day, number, len(rows), seconds)

    def _each(self, found: Sequence[BranchDay], rows: list[Row], now: datetime) -> Iterator[Folded]:
        for one in found:
            links = [self._reading.links(one.branch, one.day, span) for span in one.spans]
            made = make(one, self._reading.told(one), links)
            rows.append(_row(made, now))
            yield made.folded
            self._pause()

    def _generations(self, day: date) -> dict[int, int]:
        with self._engine.connect() as to:
            rows = to.execute(sa.select(part).where(part.c.business_day == day))
            return {row.part: row.generation for row in rows}

    def _keep(
        self, to: sa.Connection, day: date, number: int, generation: int, rows: Sequence[Row]
    ) -> None:
        to.execute(part.delete().where(part.c.business_day == day, part.c.part == number))
        to.execute(part.insert().values(business_day=day, part=number, generation=generation))
        of_day = branch_day.c.business_day == day
        for row in rows:
            to.execute(branch_day.delete().where(of_day, branch_day.c.branch == row["branch"]))
        to.execute(branch_day.insert(), rows)


def make(one: BranchDay, told: Sequence[Told], links: Sequence[Sequence[Link]]) -> Made:
    """`links`: the entries beside each of its spans."""
    journals: dict[str, list[bytes]] = {}
    for span, of_it in zip(one.spans, links, strict=True):
        journals.setdefault(span.epoch, []).extend(body for _, body, _ in of_it)
    found = seen(journals)
    here = {(span.epoch, span.first): of_it for span, of_it in zip(one.spans, links, strict=True)}
    beside = [
        (word, here[key]) for word in told if (key := (word.epoch, word.day.first_seq)) in here
    ]
    verdict, missing = _judge(beside) if beside else ("unproved", found.gaps)
    folded = Folded(
        one.branch,
        one.day,
        visits(found.entries),
        counters(at_counters(found)),
        opinions(at_counters(found)),
    )
    late = sum(entry.type == "TicketHandedInLate" for entry in at_counters(found))
    return Made(folded, one.made_of, verdict, missing, late)


def _judge(beside: Sequence[tuple[Told, Sequence[Link]]]) -> tuple[str, int]:
    """The worst of its journals' verdicts, and how many entries are missing."""
    verdicts, missing = set(), 0
    for _, group in groupby(beside, key=lambda pair: pair[0].epoch):
        pairs = list(group)
        until = [[link for link in of_it if link[0] <= word.day.last_seq] for word, of_it in pairs]
        proof = judged([word for word, _ in pairs], until)
        verdicts.add(proof.verdict if proof.closed or proof.verdict != "complete" else "open")
        missing += sum(last - first + 1 for first, last in proof.missing)
    worst = next(v for v in ("altered", "missing", "unproved", "open", "complete") if v in verdicts)
    return worst, missing


def _row(made: Made, now: datetime) -> Row:
    return {
        "business_day": made.folded.business_day,
        "branch": made.folded.branch,
        "made_of": made.made_of,
        "verdict": made.verdict,
        "missing": made.missing,
        "visits": len(made.folded.visits),
        "late": made.late,
        "made_at": now.isoformat(),
    }


def _place(one: BranchDay) -> tuple[date, int]:
    return one.day, part_of(one.branch)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Waits until nobody else folds into this folder."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "folding.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
