"""Closed days go from the ledger into files, whole, once, and again when entries came late."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from edge_agent.branch_queue.ticket import State
from head_office.history.parts import GRACE_S
from head_office.history.past import Answer
from head_office.history.reading import Reading
from head_office.history.scope import Question
from head_office.history.today import Today
from head_office.register import Register
from tests.head_office.history.conftest import EVERYBODY, LATER, Kept, kept
from tests.head_office.history.days import Journal, busy_day

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def journal(branch: str, seed: int, days: tuple[date, ...] = (MONDAY,)) -> Journal:
    made = Journal(branch)
    for n, day in enumerate(days):
        made.add(busy_day(day, seed + n, 120).facts)
    return made


def answer(history: Kept, first: date = MONDAY, last: date = MONDAY) -> Answer:
    return history.past.answer(Question(first=first, last=last, by="branch"), EVERYBODY)


def files(history: Kept) -> set[str]:
    return {
        str(file.relative_to(history.parts.root)) for file in history.parts.root.rglob("*.parquet")
    }


def test_a_day_is_kept_as_the_branch_lived_it(either: Kept) -> None:
    hall = busy_day(MONDAY, 1)
    made = Journal("b1")
    made.add(hall.facts)
    made.into(either.ledger)
    assert either.fold() == 1
    (row,) = answer(either).rows
    assert row.figures.served == hall.queue.count[State.SERVED]
    assert row.figures.missed == hall.queue.count[State.MISSED]
    assert row.figures.arrivals == hall.queue.count.total()
    assert row.figures.rated == hall.queue.day.scores.rated
    assert answer(either).completeness.complete == 1


def test_folding_again_changes_nothing(history: Kept) -> None:
    journal("b1", 1).into(history.ledger)
    history.fold()
    before = files(history), answer(history)
    assert history.fold() == 0
    assert (files(history), answer(history)) == before


def test_several_branches_share_files_and_a_late_one_moves_no_other(either: Kept) -> None:
    for n in range(12):
        journal(f"b{n}", n).into(either.ledger)
    assert either.fold() == 12
    before = {row.figures.group: row for row in answer(either).rows}
    journal("late", 99).into(either.ledger)
    assert either.fold() == 1
    after = {row.figures.group: row for row in answer(either).rows}
    assert set(after) == set(before) | {"late"}
    assert {name: after[name] for name in before} == before


def test_a_day_that_goes_on_is_left_alone(history: Kept) -> None:
    journal("b1", 1).into(history.ledger, closed=False)
    assert history.fold(datetime(2026, 11, 23, 20, tzinfo=UTC)) == 0


def test_a_day_that_was_never_closed_is_kept_as_such_after_some_days(history: Kept) -> None:
    journal("b1", 1).into(history.ledger, closed=False)
    assert history.fold(LATER) == 1
    assert [one.verdict for one in answer(history).completeness.incomplete] == ["open"]


def test_what_came_after_the_last_word_of_such_a_day_is_kept_too(history: Kept) -> None:
    whole = journal("b1", 1)
    cut = Journal("b1", bodies=whole.bodies[:50], days=whole.days[:50])
    history.ledger.write(whole.rows(), [], [], cut.told(closed=False))
    history.fold(LATER)
    issued = sum(b'"TicketIssued"' in body for body in whole.bodies)
    assert answer(history).rows[0].figures.arrivals == issued


def test_missing_entries_are_said_and_taken_up_when_they_come(either: Kept) -> None:
    whole = journal("b1", 1)
    rows = whole.rows()
    either.ledger.write(rows[:40] + rows[60:], [], [], whole.told())
    assert either.fold() == 1
    (wrong,) = answer(either).completeness.incomplete
    assert (wrong.verdict, wrong.missing) == ("missing", 20)
    either.ledger.write(rows[40:60], [], [])
    assert either.fold() == 1
    assert answer(either).completeness.incomplete == []
    issued = sum(b'"TicketIssued"' in body for body in whole.bodies)
    assert answer(either).rows[0].figures.arrivals == issued


def test_two_journals_of_one_day_are_one_day(history: Kept) -> None:
    """A backup of the middle of the day was put back in the evening."""
    old = journal("b1", 1)
    new = Journal("b1", epoch="20261123T090000Z-1", bodies=old.bodies[:60], days=old.days[:60])
    new.add(busy_day(MONDAY, 7, 30).facts[-1:])
    old.into(history.ledger, closed=False)
    new.into(history.ledger)
    assert history.fold() == 1
    (row,) = answer(history).rows
    issued = sum(b'"TicketIssued"' in body for body in old.bodies)
    assert row.figures.arrivals == issued


def test_days_of_one_journal_are_kept_apart(either: Kept) -> None:
    made = journal("b1", 1, (MONDAY, TUESDAY))
    made.into(either.ledger)
    assert either.fold() == 2
    both = answer(either, MONDAY, TUESDAY).rows[0].figures.arrivals
    each = [answer(either, day, day).rows[0].figures.arrivals for day in (MONDAY, TUESDAY)]
    assert both == sum(each)
    assert min(each) > 0


def test_a_branch_of_an_older_version_is_kept_when_its_day_is_named(either: Kept) -> None:
    either.ledger.write([row._replace(hash=None) for row in journal("b1", 1).rows()], [], [])
    assert either.fold() == 0
    assert either.fold(only=MONDAY) == 1
    assert [one.verdict for one in answer(either).completeness.incomplete] == ["unproved"]


def test_a_branch_without_that_day_is_named(history: Kept) -> None:
    for n in range(3):
        journal(f"b{n}", n, (MONDAY, TUESDAY) if n else (MONDAY,)).into(history.ledger)
    history.fold()
    found = answer(history, MONDAY, TUESDAY).completeness
    assert [(one.branch, one.day, one.verdict) for one in found.incomplete] == [
        ("b0", TUESDAY, "absent")
    ]


def test_a_file_that_has_gone_is_made_again(history: Kept) -> None:
    journal("b1", 1).into(history.ledger)
    history.fold()
    before = answer(history)
    for file in history.parts.root.rglob("*.parquet"):
        file.unlink()
    assert history.fold() == 1
    assert answer(history) == before


def test_who_reads_while_files_are_replaced_goes_on_reading_what_was_there(history: Kept) -> None:
    journal("b1", 1).into(history.ledger)
    history.fold()
    asking = history.past.asking(Question(first=MONDAY, last=MONDAY), EVERYBODY)
    for n in range(8):
        journal(f"other{n}", n).into(history.ledger)
    history.fold()
    (count,) = asking.ask("SELECT count(DISTINCT branch) FROM read_parquet($files) WHERE business_day BETWEEN $first AND $last", asking.all_files("visits"))  # fmt: skip
    assert count == (1,)


def test_files_that_nobody_reads_any_more_go(history: Kept) -> None:
    journal("b1", 1).into(history.ledger)
    history.fold()
    at = max(file.stat().st_mtime for file in history.parts.root.rglob("*.parquet"))
    kept = files(history)
    history.parts.sweep(MONDAY, dict.fromkeys(range(8), 2), at + GRACE_S / 2)
    assert files(history) == kept
    history.parts.sweep(MONDAY, dict.fromkeys(range(8), 2), at + 2 * GRACE_S)
    assert files(history) == set()


@pytest.mark.parametrize("what", [b'"score":9999999999999', b'"label":"\\u0000"', b'"touched_at":"2026-11-23T01:00:00"', b'"touched_at":"0001-01-01T00:00:00Z"'])  # fmt: skip
def test_no_entry_of_one_branch_stops_the_day_of_the_others(history: Kept, what: bytes) -> None:
    whole = journal("b1", 1)
    of_ticket = [n for n, body in enumerate(whole.bodies) if b'"TicketIssued"' in body]
    for n in of_ticket:
        whole.bodies[n] = whole.bodies[n][:-1] + b"," + what + b"}"
    for n, body in enumerate(whole.bodies):
        if b'"TicketRated"' in body:
            whole.bodies[n] = body[:-1] + b"," + what + b"}"
    whole.into(history.ledger)
    for n in range(8):
        journal(f"other{n}", n).into(history.ledger)
    assert history.fold() == 9
    assert len(answer(history).rows) == 9


def test_the_hour_is_the_banks(history: Kept) -> None:
    journal("b1", 1).into(history.ledger)
    history.fold()
    asked = history.past.answer(Question(first=MONDAY, last=MONDAY, by="hour"), EVERYBODY)
    assert min(row.figures.group for row in asked.rows) == "09"


def test_every_file_is_plain_parquet(history: Kept, tmp_path: Path) -> None:
    journal("b1", 1).into(history.ledger)
    history.fold()
    for file in history.parts.root.rglob("*.parquet"):
        duckdb.connect().execute("SELECT count(*) FROM read_parquet(?)", [str(file)]).fetchall()


def test_days_are_not_looked_at_for_ever(history: Kept) -> None:
    journal("b1", 1).into(history.ledger)
    assert history.fold(LATER + timedelta(days=60)) == 0


def test_the_outcomes_of_a_group_are_all_its_arrivals(history: Kept) -> None:
    for n in range(4):
        journal(f"b{n}", n).into(history.ledger)
    history.fold()
    for row in answer(history).rows:
        one = row.figures
        outcomes = Counter({"served": one.served, "missed": one.missed, "cancelled": one.cancelled, "left": one.left, "unfinished": one.unfinished})  # fmt: skip
        assert outcomes.total() == one.arrivals


def test_hours_are_those_of_the_branch(tmp_path: Path) -> None:
    """Tokyo is an hour ahead of the bank's Shanghai all the year; a branch that the list does not know has the bank's."""
    file = tmp_path / "branches.csv"
    file.write_text("branch,time_zone\nbund,\nginza,Asia/Tokyo\n", encoding="utf-8")
    history = kept(tmp_path, Register(file))
    for branch in ("bund", "ginza", "stray"):
        journal(branch, 1).into(history.ledger)
    history.fold()

    def arrivals(branch: str) -> dict[int, int]:
        question = Question(first=MONDAY, last=MONDAY, by="hour", branch=branch)
        rows = history.past.answer(question, EVERYBODY).rows
        return {int(row.figures.group): row.figures.arrivals for row in rows}

    assert len(arrivals("bund")) > 1
    assert arrivals("stray") == arrivals("bund")
    assert arrivals("ginza") == {hour + 1: count for hour, count in arrivals("bund").items()}

    today = Today(history.past, Reading(history.engine, history.ledger))
    bund, ginza = (today.curve(one, EVERYBODY, MONDAY, LATER) for one in ("bund", "ginza"))
    assert (bund.time_zone, ginza.time_zone) == ("Asia/Shanghai", "Asia/Tokyo")
    assert [q.minute for q in ginza.quarters] == [q.minute + 60 for q in bund.quarters]
    assert [q.waiting for q in ginza.quarters] == [q.waiting for q in bund.quarters]
    history.end()
