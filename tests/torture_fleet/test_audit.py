"""A verdict that cannot fail is worth nothing: ledgers broken on purpose, one way each, in a real file of SQLite."""

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from head_office.entries import Row as OurRow
from head_office.ledger import Ledger as OurLedger
from head_office.settings import Store
from head_office.store import open_ledger
from torture.verdict import Figures
from torture_fleet import audit, ledgers
from torture_fleet.audit import LEDGER_MUST_HAVE_NO
from torture_fleet.journals import Journal, Unreadable, read

DAY = "2026-11-26"
EPOCH = "epoch-1"


def journal(branch: str, entries: int) -> Journal:
    bodies = [
        json.dumps({"seq": n, "type": "DeviceLost", "device": f"{branch}/{n}"}).encode()
        for n in range(1, entries + 1)
    ]
    hashes, head = [], bytes(32)
    for body in bodies:
        head = hashlib.sha256(head + body).digest()
        hashes.append(head)
    return Journal(branch, EPOCH, bodies, hashes, [DAY])


JOURNALS = [journal("branch-1", 5), journal("branch-2", 3)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Head office's own ledger, written by head office's own code, right in every way."""
    ledger: OurLedger = open_ledger(Store(data=str(tmp_path)))
    rows = [
        OurRow(one.branch, one.epoch, n + 1, "DeviceLost", body, date.fromisoformat(DAY), hash_)
        for one in JOURNALS
        for n, (body, hash_) in enumerate(zip(one.bodies, one.hashes, strict=True))
    ]
    ledger.write(rows, [], [])
    ledger.close()
    return tmp_path / "ledger.sqlite"


def found(file: Path, journals: list[Journal] = JOURNALS) -> dict[str, int]:
    figures = Figures()
    audit.compare(journals, ledgers.read(file), figures)
    return dict(figures.found)


def test_a_right_ledger_passes(file: Path) -> None:
    assert found(file) == {}


OF_BRANCH_1 = f"branch = 'branch-1' AND epoch = '{EPOCH}'"
COPY = (
    "INSERT INTO event SELECT branch, {epoch}, {seq}, type, {body}, hash, business_day FROM event"
)
BROKEN = {
    "a row missing": (f"DELETE FROM event WHERE {OF_BRANCH_1} AND seq = 3", {"lost": 1}),
    "the last row missing": (f"DELETE FROM event WHERE {OF_BRANCH_1} AND seq = 5", {"lost": 1}),
    "a branch absent": (
        "DELETE FROM event WHERE branch = 'branch-2'",
        {"absent": 1, "lost": 3},
    ),
    "doubled under another epoch": (
        COPY.format(epoch="'epoch-2'", seq="seq", body="body") + f" WHERE {OF_BRANCH_1} AND seq = 2",
        {"doubled": 1},
    ),
    "another one under another epoch": (
        COPY.format(epoch="'epoch-2'", seq="seq", body="CAST('{}' AS BLOB)")
        + f" WHERE {OF_BRANCH_1} AND seq = 2",
        {"strangers": 1},
    ),
    "altered": (
        f"UPDATE event SET body = CAST(replace(body, 'Lost', 'Back') AS BLOB) WHERE {OF_BRANCH_1} AND seq = 4",
        {"altered": 1},
    ),
    "two exchanged": (
        f"UPDATE event SET body = (SELECT body FROM event AS o WHERE o.branch = 'branch-2' AND o.seq = event.seq) "
        f"WHERE {OF_BRANCH_1} AND seq IN (1, 2)",
        {"altered": 2},
    ),
    "one too many": (
        COPY.format(epoch="epoch", seq="6", body="body") + f" WHERE {OF_BRANCH_1} AND seq = 5",
        {"strangers": 1},
    ),
    "a branch that nobody knows": (
        "INSERT INTO event SELECT 'branch-9', epoch, seq, type, body, hash, business_day FROM event "
        f"WHERE {OF_BRANCH_1}",
        {"strangers": 5},
    ),
    "an entry's hash lost": (
        f"UPDATE event SET hash = NULL WHERE {OF_BRANCH_1} AND seq = 1",
        {"unchained": 1},
    ),
    "a gap that head office still sees": (
        "UPDATE watermark SET seq = 3, beyond = '[[5,5]]' WHERE branch = 'branch-1'",
        {"gaps": 1},
    ),
    "a number that head office waits for": (
        "UPDATE watermark SET highest = 9 WHERE branch = 'branch-1'",
        {"gaps": 1},
    ),
    "no mark": ("DELETE FROM watermark WHERE branch = 'branch-2'", {"gaps": 1}),
}  # fmt: skip


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_ledger_is_seen(file: Path, how: str) -> None:
    spoil, expected = BROKEN[how]
    with closing(sqlite3.connect(file)) as to, to:
        assert to.execute(spoil).rowcount > 0
    assert found(file) == expected


def test_a_row_that_stands_there_twice_is_seen() -> None:
    """No database of ours would let it in; a reader without a key would."""
    one = JOURNALS[0]
    rows = [
        ledgers.Row(one.branch, EPOCH, n + 1, b, h)
        for n, (b, h) in enumerate(zip(one.bodies, one.hashes, strict=True))
    ]
    figures = Figures()
    marks = [ledgers.Mark(one.branch, EPOCH, 5, 5, 0)]
    audit.compare([one], ledgers.Ledger([*rows, rows[1]], marks), figures)
    assert dict(figures.found) == {"doubled": 1, "disorder": 1}


def test_what_head_office_serves_in_another_order_is_seen() -> None:
    served = [json.loads(body) for body in JOURNALS[0].bodies]
    right, wrong, short = Figures(), Figures(), Figures()
    audit.check_order(JOURNALS[0], served, right)
    audit.check_order(JOURNALS[0], [served[1], served[0], *served[2:]], wrong)
    audit.check_order(JOURNALS[0], served[:-1], short)
    assert [dict(one.found) for one in (right, wrong, short)] == [
        {},
        {"disorder": 1},
        {"disorder": 1},
    ]


def test_every_blame_has_its_line_in_the_verdict(file: Path) -> None:
    blamed = {name for _, expected in BROKEN.values() for name in expected}
    assert blamed | {"disorder"} == set(LEDGER_MUST_HAVE_NO)


def journal_file(folder: Path, one: Journal) -> Path:
    """As far as the reader looks at it."""
    file = folder / "journal.sqlite"
    with closing(sqlite3.connect(file)) as to, to:
        to.execute("CREATE TABLE note (name TEXT, value TEXT)")
        to.execute("INSERT INTO note VALUES ('epoch', ?)", (one.epoch,))
        to.execute("CREATE TABLE archived_day (file TEXT)")
        to.execute("CREATE TABLE event (seq INTEGER, business_day TEXT, body BLOB, hash BLOB)")
        rows = [
            (n + 1, DAY, b, h) for n, (b, h) in enumerate(zip(one.bodies, one.hashes, strict=True))
        ]
        to.executemany("INSERT INTO event VALUES (?, ?, ?, ?)", rows)
    return file


def test_a_journal_is_read_as_it_stands(tmp_path: Path) -> None:
    assert read("branch-1", journal_file(tmp_path, JOURNALS[0])) == JOURNALS[0]


def test_a_journal_that_is_itself_broken_is_no_truth(tmp_path: Path) -> None:
    one = JOURNALS[0]
    altered = replace(one, bodies=[*one.bodies[:2], b"{}", *one.bodies[3:]])
    with pytest.raises(Unreadable, match="entry 3"):
        read("branch-1", journal_file(tmp_path, altered))


def test_a_journal_with_a_hole_is_no_truth(tmp_path: Path) -> None:
    file = journal_file(tmp_path, JOURNALS[0])
    with closing(sqlite3.connect(file)) as to, to:
        to.execute("DELETE FROM event WHERE seq = 2")
    with pytest.raises(Unreadable, match="numbers"):
        read("branch-1", file)
