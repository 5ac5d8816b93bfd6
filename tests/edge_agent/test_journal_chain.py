"""The chain of the journal: what breaks it is found and named, and everybody can follow it."""

import asyncio
import gzip
import hashlib
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import count, pairwise
from pathlib import Path

import pytest

from edge_agent.journal.check import JOURNAL_FILE
from tests.conftest import ROOT
from tests.edge_agent.conftest import Agent
from tests.edge_agent.journal_tools import (
    Machine,
    archived,
    archives,
    bodies,
    desk_at,
    said,
    settings_of,
)

CARD = "6222021234567890128"


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


def test_verify_and_export_look_at_one_moment_while_the_agent_writes(
    own_agent: Agent, tmp_path: Path
) -> None:
    words = [sys.executable, "-m", "edge_agent.journal"]
    out = tmp_path / "out"  # a pipe that nobody reads yet would hold a long export up for ever
    for word in ("verify", "export", "verify"):
        before = own_agent.seq()
        with out.open("wb") as file:
            looking = subprocess.Popen([*words, word, str(own_agent.data)], cwd=ROOT, stdout=file)
        for _ in count():
            own_agent.issue()
            if looking.poll() is not None:
                break
        assert looking.returncode == 0
        if word == "export":
            assert before <= len(followed(out.read_bytes())[0]) <= own_agent.seq()
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
