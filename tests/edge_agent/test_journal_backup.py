"""A copy of the journal while the branch works: whole, or the one before it stays."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from edge_agent.journal import check, open_journal
from edge_agent.journal.check import JOURNAL_FILE
from tests.conftest import ROOT, wait_for
from tests.edge_agent.conftest import Agent
from tests.edge_agent.journal_tools import (
    A_DAY,
    archived,
    archives,
    bodies,
    ended_or_grown,
    fill,
    said,
)

WORDS = [sys.executable, "-m", "edge_agent.journal", "backup"]
FIRST_DAY = date(2026, 3, 2)


def backup(source: Path, target: Path) -> "subprocess.CompletedProcess[str]":
    words = [*WORDS, str(source), "--to", str(target)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@contextmanager
def busy(work: Callable[[], Any]) -> Iterator[list[Any]]:
    """Somebody works all the while; what came of it."""
    done: list[Any] = []
    stop = threading.Event()

    def on_and_on() -> None:
        while not stop.is_set():
            done.append(work())

    worker = threading.Thread(target=on_and_on)
    worker.start()
    try:
        yield done
    finally:
        stop.set()
        worker.join()


def test_a_backup_holds_every_ticket_answered_before_it_began(
    own_agent: Agent, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    with busy(own_agent.issue) as issued:
        for _ in range(3):
            wait_for(lambda: len(issued) > 20, "some tickets")
            before = [ticket["id"] for ticket in list(issued)]
            done = backup(own_agent.data, target)
            assert done.returncode == 0, done.stderr
            status, words = said("verify", target)
            assert (status, "intact" in words) == (0, True)
            text = b"".join(body for _, body in bodies(target / JOURNAL_FILE))
            assert [one for one in before if one.encode() not in text] == []
    own_agent.end()


def test_a_branch_goes_on_from_its_backup(own_agent: Agent, tmp_path: Path) -> None:
    issued = [own_agent.issue() for _ in range(5)]
    own_agent.press("1", "call-next")
    before = own_agent.journal()
    assert backup(own_agent.data, tmp_path / "backup").returncode == 0
    own_agent.issue()
    own_agent.kill()
    shutil.rmtree(own_agent.data)
    shutil.copytree(tmp_path / "backup", own_agent.data)
    own_agent.start()
    assert own_agent.journal() == before
    assert own_agent.ticket(issued[0]["id"])["state"] == "called"
    assert own_agent.issue()["label"] == "A006"


def test_a_backup_of_a_branch_with_archived_days_is_whole_by_itself(tmp_path: Path) -> None:
    source, target = tmp_path / "data", tmp_path / "backup"
    archived(source, 4)
    words = said("verify", source)[1]
    assert backup(source, target).returncode == 0
    shutil.rmtree(source)
    assert said("verify", target) == (0, words)


def test_a_day_that_is_archived_while_the_backup_runs_does_not_spoil_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "data", tmp_path / "backup"
    archived(source, 4)
    journal = open_journal(source / JOURNAL_FILE)
    copy = check._copy_archived

    def copies_and_archives(*given: Any) -> None:
        copy(*given)
        assert journal.archive_oldest_day(FIRST_DAY + 2 * A_DAY)

    monkeypatch.setattr(check, "_copy_archived", copies_and_archives)
    assert said("backup", source, "--to", target)[0] == 0
    journal.close()
    assert said("verify", target)[0] == 0


def test_a_branch_that_never_rests_can_still_be_backed_up(tmp_path: Path) -> None:
    source, target = tmp_path / "data", tmp_path / "backup"
    journal = open_journal(source / JOURNAL_FILE)
    fill(journal, [FIRST_DAY], 120_000)

    def one_more() -> None:
        with journal.transaction():
            journal.keep_note("acked", str(time.monotonic_ns()))

    began = time.monotonic()
    assert backup(source, target).returncode == 0
    quiet_s = time.monotonic() - began
    with busy(one_more):
        words = [*WORDS, str(source), "--to", str(target)]
        running = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            status: int | None = running.wait(5 * quiet_s + 5)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            running.kill()
            running.wait()
    journal.close()
    assert status == 0


def test_an_interrupted_backup_leaves_the_one_before_and_the_next_succeeds(tmp_path: Path) -> None:
    source, target = tmp_path / "data", tmp_path / "backup"
    archived(source, 4)
    assert backup(source, target).returncode == 0
    before = said("verify", target)
    journal = open_journal(source / JOURNAL_FILE)
    fill(journal, [FIRST_DAY + 20 * A_DAY], 20_000)
    journal.close()
    chance = Random(11)
    unfinished = target / f"{JOURNAL_FILE}.unfinished"
    for _ in range(6):
        running = subprocess.Popen([*WORDS, str(source), "--to", str(target)], cwd=ROOT)
        size = chance.randrange(1, 6_000_000)
        wait_for(partial(ended_or_grown, running, unfinished, size), "the copy to grow")
        running.send_signal(signal.SIGKILL)
        if running.wait() == -signal.SIGKILL:
            assert said("verify", target) == before
    assert backup(source, target).returncode == 0
    assert said("verify", target) == said("verify", source)
    assert not unfinished.exists()


def test_a_copy_of_an_archive_that_was_cut_by_a_power_cut_is_made_again(tmp_path: Path) -> None:
    source, target = tmp_path / "data", tmp_path / "backup"
    archived(source, 4)
    assert backup(source, target).returncode == 0
    copy = next(archives(target))
    os.truncate(copy, copy.stat().st_size // 2)
    done = backup(source, target)
    assert (done.returncode, done.stderr) == (0, "")
    assert said("verify", target)[0] == 0


def test_a_copy_is_durable_before_it_replaces_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "data", tmp_path / "backup"
    archived(source, 4)
    synced: list[str] = []
    fsync = os.fsync

    def noted(handle: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{handle}"))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    assert said("backup", source, "--to", target)[0] == 0
    name = next(archives(source)).stem  # whatever it is called while it is copied
    assert [path for path in synced if path.startswith(f"{target}/archive/{name}")]
    assert str(target / "archive") in synced
    assert str(target) in synced


def test_a_broken_journal_does_not_replace_a_good_backup(tmp_path: Path) -> None:
    source, target = tmp_path / "data", tmp_path / "backup"
    archived(source, 4)
    assert backup(source, target).returncode == 0
    before = said("verify", target)
    with closing(sqlite3.connect(source / JOURNAL_FILE)) as tool:
        tool.execute("DELETE FROM event WHERE seq = (SELECT max(seq) - 2 FROM event)")
        tool.commit()
    done = backup(source, target)
    assert (done.returncode, "BROKEN" in done.stderr) == (1, True)
    assert said("verify", target) == before


@pytest.mark.parametrize("by", ["its folder", "its folder by another name", "its file"])
def test_a_backup_into_the_journals_own_folder_is_refused(own_agent: Agent, by: str) -> None:
    own_agent.issue()
    place = own_agent.data
    if by == "its folder by another name":
        place = own_agent.folder / "link"
        place.symlink_to(own_agent.data)
    source = own_agent.data / JOURNAL_FILE if by == "its file" else own_agent.data
    inode = (own_agent.data / JOURNAL_FILE).stat().st_ino
    done = backup(source, place)
    assert (own_agent.data / JOURNAL_FILE).stat().st_ino == inode
    assert done.returncode == 2
    assert "own folder" in done.stderr or str(place) in done.stderr
    assert own_agent.issue()["label"] == "A002"


def test_a_place_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    archived(tmp_path / "data", 4)
    (tmp_path / "a file").write_text("")
    done = backup(tmp_path / "data", tmp_path / "a file")
    assert (done.returncode, str(tmp_path / "a file") in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr
