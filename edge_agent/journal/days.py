"""What the branch says of its own journal to head office: each business day with its part of the chain."""

import bisect
import sqlite3
from datetime import date

from edge_agent.journal.entries import EntriesUnreadable
from edge_agent.journal.file import Journal
from edge_agent.messages import DayOnRecord

MOST_DAYS = 31  # closed days told at once, about 8 kB; head office keeps what it was told before


class Days:
    """Cheap to ask: a day is looked up once, by halving, as days follow one another in the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._closed: list[DayOnRecord] = []

    def until(self, seq: int) -> list[DayOnRecord]:
        """The last closed days and the one that entry `seq` belongs to, oldest first.

        Raises EntriesUnreadable.
        """
        try:
            found = self._since_known(seq)
        except (sqlite3.Error, LookupError) as error:
            raise EntriesUnreadable(str(error)) from error
        self._closed = [*self._closed, *found[:-1]][-MOST_DAYS:]
        return [*self._closed, *found[-1:]]

    def _since_known(self, last: int) -> list[DayOnRecord]:
        known = self._closed[-1].last_seq if self._closed else 0
        found: list[DayOnRecord] = []
        while last > known and len(found) <= MOST_DAYS:
            found.insert(0, self._day_that_ends(last))
            last = found[0].first_seq - 1
        return found

    def _day_that_ends(self, last: int) -> DayOnRecord:
        for day in reversed(self._journal.archived):
            if day.last_seq == last:
                return self._on_record(day.business_day, day.first_seq, last)
        day_ = self._journal.day_of(last)
        numbers = range(self._end_of_archive() + 1, last + 1)
        first = numbers[bisect.bisect_left(numbers, day_, key=self._journal.day_of)]
        return self._on_record(day_, first, last)

    def _end_of_archive(self) -> int:
        return self._journal.archived[-1].last_seq if self._journal.archived else 0

    def _on_record(self, day: str, first: int, last: int) -> DayOnRecord:
        before, hash_ = self._journal.hash_of(first - 1), self._journal.hash_of(last)
        if not before or not hash_:
            raise LookupError(f"the chain has no entry {first - 1} or {last}")
        return DayOnRecord(
            business_day=date.fromisoformat(day),
            first_seq=first,
            last_seq=last,
            before=before.hex(),
            hash=hash_.hex(),
        )
