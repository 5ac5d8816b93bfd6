"""The chain of the journal: what breaks it is found and named, and everybody can follow it."""

import asyncio
import gzip
import hashlib
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count, pairwise
from pathlib import Path

import pytest

from edge_agent.journal.check import JOURNAL_FILE
from tests.conftest import ROOT
from tests.edge_agent.conftest import Agent
from tests.edge_agent.journal_tools import (
    Machine,
    archives,
    bodies,
    change,
    desk_at,
    flipped,
    lived_days,
    said,
    settings_of,
    until,
)

CARD = "6222021234567890128"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of five days, the first two of them archived; nobody works with it."""
    folder = tmp_path_factory.mktemp("kept") / "data"

    async def story() -> None:
        machine = await lived_days(folder, 5, keep_days=3)
        async with desk_at(settings_of(folder, 2), machine) as desk:
            await until(lambda: len([*archives(folder)]) == 1, "the first day to leave")
            await desk.issue()
            await until(lambda: len([*archives(folder)]) == 2, "the second day to leave")

    asyncio.run(story())
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


def followed(export: bytes) -> tuple[list[bytes], str]:
    """An independent look at an export: its bodies, and the head of its chain."""
    first, *lines = export.splitlines()
    assert b"lobby-journal" in first
    head, found = bytes(32), []
    for line in lines:
        told, _, body = line.partition(b" ")
        head = hashlib.sha256(head + body).digest()
        assert head.hex().encode() == told
        found.append(body)
    return found, head.hex()


def exported(folder: Path) -> bytes:
    words = [sys.executable, "-m", "edge_agent.journal", "export", str(folder)]
    return subprocess.run(words, cwd=ROOT, check=True, capture_output=True).stdout


def test_an_untouched_journal_is_intact(journal: Path) -> None:
    status, words = said("verify", journal)
    assert (status, words.startswith("intact")) == (0, True)
    assert "2 archived days" in words


def test_the_chain_goes_on_over_transactions_and_restarts(own_agent: Agent) -> None:
    for _ in range(4):
        for _ in range(3):
            own_agent.issue()
        assert own_agent.press("1", "call-next").status_code == 200
        own_agent.press("1", "no-show")
        own_agent.kill()
        own_agent.start()
    found, head = followed(exported(own_agent.data))
    assert len(found) == own_agent.seq()
    status, words = said("verify", own_agent.data)
    assert status == 0
    assert f"{own_agent.seq()} entries" in words
    assert head in words


def test_an_export_holds_every_body_byte_for_byte_and_can_be_followed_by_anybody(
    journal: Path,
) -> None:
    found, head = followed(exported(journal))
    kept = bodies(journal / JOURNAL_FILE)
    assert found[kept[0][0] - 1 :] == [body for _, body in kept]
    packed = b"".join(
        b"".join(gzip.decompress(path.read_bytes()).splitlines(True)[1:])
        for path in archives(journal)
    )
    assert [line.split(b" ", 1)[1] for line in packed.splitlines()] == found[: kept[0][0] - 1]
    assert head in said("verify", journal)[1]


def test_verify_and_export_look_at_one_moment_while_the_agent_writes(own_agent: Agent) -> None:
    words = [sys.executable, "-m", "edge_agent.journal"]
    for word in ("verify", "export", "verify"):
        looking = subprocess.Popen(
            [*words, word, str(own_agent.data)], cwd=ROOT, stdout=subprocess.PIPE
        )
        before = own_agent.seq()
        for _ in count():
            own_agent.issue()
            if looking.poll() is not None:
                break
        out, _ = looking.communicate()
        assert looking.returncode == 0
        if word == "export":
            assert before <= len(followed(out)[0]) <= own_agent.seq()
    assert own_agent.seq() > 0


def test_an_empty_journal_is_intact_and_its_export_has_no_entry(tmp_path: Path) -> None:
    async def story() -> None:
        async with desk_at(settings_of(tmp_path), Machine()):
            pass

    asyncio.run(story())
    assert said("verify", tmp_path)[0] == 0
    assert followed(exported(tmp_path)) == ([], bytes(32).hex())


def test_an_export_tells_nothing_of_cards(tmp_path: Path) -> None:
    async def story() -> list[str]:
        async with desk_at(settings_of(tmp_path), Machine()) as desk:
            await desk.issue(customer_token="pseudonym-of-the-kiosk")
            await desk.issue(customer_token=CARD)
            with closing(sqlite3.connect(tmp_path / JOURNAL_FILE)) as reader:
                rows = reader.execute("SELECT customer_token FROM event").fetchall()
        return [token for (token,) in rows]

    kept = asyncio.run(story())
    assert len({*kept}) == 2
    export = exported(tmp_path)
    for secret in (*kept, "pseudonym-of-the-kiosk", CARD, CARD[:10], CARD[-10:], "customer_token"):
        assert secret.encode() not in export


@pytest.mark.parametrize("column", ["body", "hash", "type", "business_day", "label", "ticket"])
def test_any_changed_byte_of_an_entry_is_found(journal: Path, column: str) -> None:
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
        try:
            status, words = said("verify", journal)
        except Exception as error:
            pytest.fail(f"byte {at}: verify ended with {error!r}")
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


@pytest.mark.parametrize("word", ["verify", "export"])
@pytest.mark.parametrize("what", ["nothing", "empty folder", "text", "empty file"])
def test_where_no_journal_is_the_status_is_2_and_the_path_is_named(
    tmp_path: Path, word: str, what: str
) -> None:
    path = tmp_path / "there"
    if what == "empty folder":
        path.mkdir()
    elif what != "nothing":
        path.write_text("no journal\n" * 500 if what == "text" else "")
    status, words = said(word, path)
    assert status == 2
    assert str(path) in words
    assert "Traceback" not in words


def test_hashes_of_an_archive_lead_from_its_beginning_to_its_end(journal: Path) -> None:
    ends = []
    for path in archives(journal):
        head, *lines = gzip.decompress(path.read_bytes()).splitlines()
        before = bytes.fromhex(head.split(b'"before":"')[1][:64].decode())
        first, after = before, before
        for line in lines:
            told, _, body = line.partition(b" ")
            after = hashlib.sha256(after + body).digest()
            assert told.decode() == after.hex()
        ends.append((first, after))
    assert all(one[1] == following[0] for one, following in pairwise(ends))
