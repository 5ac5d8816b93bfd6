"""Two that both believe they own a shard: every entry is kept once, and the marks are those of what is here."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from random import Random

import psycopg
import pytest
import sqlalchemy as sa

from head_office.entries import Row
from head_office.ledger import Ledger
from head_office.settings import Store
from head_office.store import open_ledger
from tests.head_office.postgres import Postgres

DAY = date(2026, 11, 23)
JOURNALS = [(f"b{n}", "e") for n in range(4)]
ENTRIES = 60


def row(branch: str, epoch: str, seq: int, day: date = DAY) -> Row:
    return Row(branch, epoch, seq, "X", b'{"seq":%d}' % seq, day)


def parts(seed: int) -> list[list[Row]]:
    """Every entry of every journal once at least, some twice, in disorder, some at a time."""
    random = Random(seed)
    rows = [row(*key, seq) for key in JOURNALS for seq in range(1, ENTRIES + 1)]
    rows += random.sample(rows, len(rows) // 3)
    random.shuffle(rows)
    return [rows[at : at + 9] for at in range(0, len(rows), 9)]


def write_all(ledger: Ledger, batches: Iterable[list[Row]]) -> None:
    """As an intake does: what fails is tried again."""
    for batch in batches:
        for _ in range(20):
            try:
                ledger.write(batch, [], [])
            except (
                sa.exc.OperationalError
            ):  # PostgreSQL has ended one of two that waited for each other
                continue
            break
        else:
            pytest.fail("it cannot be written")


def test_two_at_once_keep_everything_once(store: Store) -> None:
    one, two = open_ledger(store), open_ledger(store)
    with ThreadPoolExecutor(2) as both:
        list(both.map(write_all, (one, two), (parts(1), parts(2))))
    for key in JOURNALS:
        assert one.events(*key, 0, 1000) == [b'{"seq":%d}' % n for n in range(1, ENTRIES + 1)]
    marks = two.marks()
    assert {(key, mark.seq, mark.highest, mark.missing) for key, mark in marks.items()} == {
        (key, ENTRIES, ENTRIES, 0) for key in JOURNALS
    }
    one.close()
    two.close()


def test_each_sees_what_the_other_has_just_written(store: Store) -> None:
    one, two = open_ledger(store), open_ledger(store)
    for seq in range(1, 11):
        writer = one if seq % 2 else two
        assert writer.write([row("b", "e", seq)], [], []).marks["b", "e"].seq == seq
    rewritten = two.write([Row("b", "e", 1, "X", b"other", DAY)], [], []).rewritten
    assert rewritten == {("b", "e")}
    one.close()
    two.close()


def test_several_may_open_an_empty_ledger_at_once(store: Store) -> None:
    with ThreadPoolExecutor(4) as all_of_them:
        ledgers = list(all_of_them.map(open_ledger, [store] * 4))
    for ledger in ledgers:
        ledger.close()


def test_new_files_of_sqlite_may_be_opened_by_several_at_once(tmp_path: Path) -> None:
    """SQLite itself says now and then, and at once, that such a file is locked."""
    with ThreadPoolExecutor(6) as all_of_them:
        for number in range(40):
            store = Store(data=str(tmp_path / str(number)))
            for ledger in all_of_them.map(open_ledger, [store] * 6):
                ledger.close()


@pytest.mark.postgresql
def test_made_up_days_make_no_partitions(postgres: Postgres) -> None:
    store = postgres.store()
    ledger = open_ledger(store)
    with psycopg.connect(store.url or "") as to:
        today = to.execute("SELECT CURRENT_DATE").fetchone()
    assert today is not None
    near = [date.fromordinal(today[0].toordinal() + days) for days in (-400, -1, 0, 3)]
    far = [date(1, 1, 1), date(1999, 1, 1), date(9999, 12, 31)]
    far += [date.fromordinal(today[0].toordinal() + 30 + n) for n in range(200)]
    rows = [row("b", "e", seq, day) for seq, day in enumerate(near + far, start=1)]
    ledger.write(rows, [], [])
    with psycopg.connect(store.url or "") as to:
        asked = (
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'event'::regclass"
        )
        parts = [name for (name,) in to.execute(asked)]
    assert sorted(parts) == sorted([*(f"event_{day:%Y_%m_%d}" for day in near), "event_other"])
    assert len(ledger.events("b", "e", 0, 1000)) == len(rows)
    ledger.close()


@pytest.mark.postgresql
def test_a_day_that_came_before_its_time_stays_with_the_rest(postgres: Postgres) -> None:
    """Its entries cannot be moved while others read; they are found all the same."""
    store = postgres.store()
    ledger = open_ledger(store)
    with psycopg.connect(store.url or "", autocommit=True) as to:
        early = to.execute("SELECT CURRENT_DATE + 2").fetchone()
        assert early is not None
        to.execute("INSERT INTO event VALUES ('b', 'e', 1, 'X', '{}', NULL, CURRENT_DATE + 2)")
    ledger.write([row("c", "e", 1, early[0])], [], [])
    assert ledger.events("c", "e", 0, 9) == [b'{"seq":1}']
    ledger.close()
