"""What was changed, moved, cut or overwritten in a journal is found, and its place is named."""

import gzip
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge_agent.journal.check import JOURNAL_FILE
from tests.edge_agent.journal_tools import archived, archives, bodies, change, flipped, said


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of five days, the first two of them archived; nobody works with it."""
    folder = tmp_path_factory.mktemp("kept") / "data"

    archived(folder)
    return folder


@pytest.fixture
def journal(kept: Path, tmp_path: Path) -> Path:
    """A copy to be damaged."""
    copy = tmp_path / "data"
    shutil.copytree(kept, copy)
    return copy


def broken(folder: Path) -> str:
    """What verify says; it must find something, in the way that is promised."""
    status, words = said("verify", folder)
    assert status == 1, words
    assert words.startswith("BROKEN")
    assert str(folder) in words
    return words


@pytest.mark.parametrize("column", ["body", "hash", "type", "business_day", "label", "ticket"])
def test_any_changed_byte_of_an_entry_is_found(journal: Path, column: str) -> None:
    change(journal, "DROP INDEX one_label_a_day")  # a forger is in nobody's way
    with closing(sqlite3.connect(journal / JOURNAL_FILE)) as reader:
        rows = reader.execute(
            f"SELECT seq, CAST({column} AS BLOB) FROM event WHERE {column} IS NOT NULL ORDER BY seq"
        ).fetchall()
    kind = "BLOB" if column in ("body", "hash") else "TEXT"
    put = f"UPDATE event SET {column} = CAST(? AS {kind}) WHERE seq = ?"
    missed = []
    for seq, value in (rows[0], rows[len(rows) // 2], rows[-1]):
        for at in range(0, len(value), 1 + len(value) // 12):
            assert change(journal, put, (flipped(value, at), seq)) == 1
            status, words = said("verify", journal)
            if status != 1 or f"entry {seq} " not in words:
                missed.append((seq, at, words))
            change(journal, put, (value, seq))
    assert missed == []
    assert said("verify", journal)[0] == 0


MIDDLE = "(SELECT (min(seq) + max(seq)) / 2 FROM event)"
DAMAGE = {
    "deleted": f"DELETE FROM event WHERE seq = {MIDDLE}",
    "the first deleted": "DELETE FROM event WHERE seq = (SELECT min(seq) FROM event)",
    "added at the end": "INSERT INTO event SELECT seq + 1, business_day, type, NULL, NULL, body, NULL, hash "
    "FROM event ORDER BY seq DESC LIMIT 1",
    "added before the first": "INSERT INTO event SELECT 0, business_day, type, NULL, NULL, body, NULL, "
    "hash FROM event ORDER BY seq LIMIT 1",
    "renumbered": "UPDATE event SET seq = seq + 1 WHERE seq = (SELECT max(seq) FROM event)",
    "all renumbered": "UPDATE event SET seq = -seq",
    "an archived day forgotten": "DELETE FROM archived_day WHERE first_seq = 1",
    "an archived day cut short": "UPDATE archived_day SET last_seq = last_seq - 1",
    "an archived day with another end": "UPDATE archived_day SET hash = before",
    "an archived day with another file": "UPDATE archived_day SET file = "
    "(SELECT max(file) FROM archived_day)",
}


@pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE)
def test_entries_that_were_moved_are_found(journal: Path, statement: str) -> None:
    assert change(journal, statement) >= 1
    broken(journal)


def test_two_entries_that_changed_places_are_found(journal: Path) -> None:
    seq = bodies(journal / JOURNAL_FILE)[2][0]
    for old, new in ((seq, -1), (seq + 1, seq), (-1, seq + 1)):
        assert change(journal, "UPDATE event SET seq = ? WHERE seq = ?", (new, old)) == 1
    assert f"entry {seq} " in broken(journal)


def _cut(raw: bytes) -> bytes:
    return raw[:-20]


def _without_last_entry(raw: bytes) -> bytes:
    return gzip.compress(b"".join(gzip.decompress(raw).splitlines(True)[:-1]))


def _edited(raw: bytes) -> bytes:
    return gzip.compress(gzip.decompress(raw).replace(b'"cash"', b'"cosh"'))


def _other_day_in_its_head(raw: bytes) -> bytes:
    head, rest = gzip.decompress(raw).split(b"\n", 1)
    return gzip.compress(head.replace(b"2026-03", b"2027-03") + b"\n" + rest)


def _no_archive_at_all(_: bytes) -> bytes:
    return b"This is a letter to my bank.\n"


DOINGS: list[Callable[[bytes], bytes]] = [
    _cut, _without_last_entry, _edited, _other_day_in_its_head, _no_archive_at_all, lambda _: b""
]  # fmt: skip


@pytest.mark.parametrize("do", DOINGS)
def test_an_archive_that_was_changed_is_found_and_named(
    journal: Path, do: Callable[[bytes], bytes]
) -> None:
    for path in archives(journal):
        whole = path.read_bytes()
        path.write_bytes(do(whole))
        words = broken(journal)
        assert path.name in words
        assert "None" not in words
        path.write_bytes(whole)
    assert said("verify", journal)[0] == 0


def test_any_changed_byte_of_an_archive_is_found_and_named(journal: Path) -> None:
    path = next(archives(journal))
    whole = path.read_bytes()
    entries = gzip.decompress(whole)
    unseen = []
    for at in range(10, len(whole), 7):
        path.write_bytes(flipped(whole, at))
        status, words = said("verify", journal)
        if status != 1 or path.name not in words:
            with gzip.open(path) as still:  # a byte that nothing depends on may go unseen
                unseen += [at] if still.read() != entries else []
    assert unseen == []


def test_an_archive_that_is_gone_is_found_and_named(journal: Path) -> None:
    path = [*archives(journal)][1]
    path.unlink()
    assert path.name in broken(journal)


def _pages(file: Path) -> Iterator[int]:
    return iter(range(4096, file.stat().st_size, 4096))


def test_an_overwritten_page_breaks_the_chain_or_leaves_it_whole(journal: Path) -> None:
    file = journal / JOURNAL_FILE
    whole, head = file.read_bytes(), said("verify", journal)[1]
    for at in _pages(file):
        file.write_bytes(whole[:at] + b"\xa5" * 4096 + whole[at + 4096 :])
        status, words = said("verify", journal)
        if status == 0:
            assert words == head
        else:
            assert (at, status, str(file) in words) == (at, 1, True), words
