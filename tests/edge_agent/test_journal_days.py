"""What the branch says of its own journal: every business day, its numbers and the chain at its two ends."""

import hashlib
import json
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

from hypothesis import given, settings, strategies as st

from edge_agent.journal import Journal, open_journal
from edge_agent.journal.check import JOURNAL_FILE
from edge_agent.journal.days import MOST_DAYS, Days
from edge_agent.messages import DayOnRecord
from tests.edge_agent.journal_tools import archived, bodies, fill

FIRST = date(2026, 3, 2)


def worked_out(entries: list[tuple[int, bytes]]) -> list[tuple[str, int, int, str, str]]:
    """The same by hand, from the entries alone."""
    chain = [bytes(32)]
    for _, body in entries:
        chain.append(hashlib.sha256(chain[-1] + body).digest())
    days = []
    for day, run in groupby(entries, key=lambda entry: json.loads(entry[1])["business_day"]):
        numbers = [seq for seq, _ in run]
        first, last = numbers[0], numbers[-1]
        days.append((day, first, last, chain[first - 1].hex(), chain[last].hex()))
    return days


def plain(days: list[DayOnRecord]) -> list[tuple[str, int, int, str, str]]:
    return [
        (day.business_day.isoformat(), day.first_seq, day.last_seq, day.before, day.hash)
        for day in days
    ]


def entries_of(journal: Journal) -> list[tuple[int, bytes]]:
    return [(entry.seq, entry.body) for entry in journal.after(0, 10_000)]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.integers(0, 11))
@settings(max_examples=25, deadline=None)
def test_every_day_is_told_as_it_stands(
    tmp_path_factory: object, tickets: list[int], asked_after: int
) -> None:
    folder: Path = tmp_path_factory.mktemp("days")  # type: ignore[attr-defined]
    journal = open_journal(folder / JOURNAL_FILE)
    days = Days(journal)
    for place, how_many in enumerate(tickets):
        fill(journal, [FIRST + timedelta(days=place)], how_many)
        if place == asked_after:
            assert plain(days.until(journal.last_seq)) == worked_out(entries_of(journal))
    assert plain(days.until(journal.last_seq)) == worked_out(entries_of(journal))
    journal.close()


def test_archived_days_are_told_too(tmp_path: Path) -> None:
    archived(tmp_path)
    assert len(bodies(tmp_path / JOURNAL_FILE)) > 0
    journal = open_journal(tmp_path / JOURNAL_FILE)
    entries = entries_of(journal)
    assert len(journal.archived) >= 2
    assert plain(Days(journal).until(journal.last_seq)) == worked_out(entries)
    journal.close()


def test_an_empty_journal_tells_of_no_day(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / JOURNAL_FILE)
    assert Days(journal).until(journal.last_seq) == []
    journal.close()


def test_of_a_long_history_the_last_days_are_told(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / JOURNAL_FILE)
    fill(journal, [FIRST + timedelta(days=n) for n in range(MOST_DAYS + 20)], 2)
    told = plain(Days(journal).until(journal.last_seq))
    assert told == worked_out(entries_of(journal))[-MOST_DAYS - 1 :]
    journal.close()
