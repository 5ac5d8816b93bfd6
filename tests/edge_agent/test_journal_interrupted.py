"""A migration that is killed, or that the disk refuses, leaves a good file, and the next start completes it."""

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from edge_agent.journal.check import JOURNAL_FILE
from edge_agent.journal.schema import SCHEMA_VERSION
from tests.conftest import ROOT, wait_for
from tests.edge_agent.journal_tools import bodies, ended_or_grown
from tests.edge_agent.old_journals import FILES, chained, unpacked, version
from torture.faults import Faults, Mode

OPEN = "import sys, pathlib; from edge_agent.journal import open_journal; open_journal(pathlib.Path(sys.argv[1])).close()"


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def old(request: Any, tmp_path: Path) -> Path:
    return unpacked(request.param, tmp_path)


def opened(file: Path, faults: Faults | None = None) -> int:
    """Open it in a process of its own, as a start does; the exit status."""
    env = faults.environment() if faults else None
    words = [sys.executable, "-c", OPEN, str(file)]
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -9) or "JournalUnusable" in done.stderr, done.stderr
    return done.returncode


def is_whole(file: Path, before: list[tuple[int, bytes]], began: int) -> None:
    """It is a good file of the version before or of this one, with every entry."""
    assert version(file) in (began, SCHEMA_VERSION)
    assert bodies(file) == before
    if version(file) == SCHEMA_VERSION:
        assert chained(file)


@pytest.fixture
def faults(tmp_path: Path) -> Faults:
    return Faults(tmp_path)


def writes_of_a_migration(old: Path, faults: Faults) -> int:
    copy = old.parent / "once" / JOURNAL_FILE
    copy.parent.mkdir()
    copy.write_bytes(old.read_bytes())
    assert opened(copy, faults) == 0
    return int(faults.page.writes)


def test_a_migration_killed_at_any_write_is_completed_by_the_next_start(
    old: Path, faults: Faults
) -> None:
    raw, before, began = old.read_bytes(), bodies(old), version(old)
    writes = writes_of_a_migration(old, faults)
    for at in sorted({*range(0, writes, max(1, writes // 14)), writes - 1}):
        for path in old.parent.glob(JOURNAL_FILE + "*"):
            path.unlink()
        old.write_bytes(raw)
        faults.begin(Mode.TORN_WRITE, passes=at, torn_at=at % 24)
        assert opened(old, faults) == -9
        faults.heal()
        is_whole(old, before, began)
        assert opened(old) == 0
        assert version(old) == SCHEMA_VERSION
        assert bodies(old) == before
        assert chained(old)


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.IO_ERROR, Mode.SYNC_ERROR, Mode.READ_ONLY])
def test_a_migration_that_the_disk_refuses_leaves_a_good_old_file(
    old: Path, faults: Faults, mode: Mode
) -> None:
    raw, before, began = old.read_bytes(), bodies(old), version(old)
    writes = writes_of_a_migration(old, faults)
    for at in (0, 1, writes // 3, writes // 2, writes - 2):
        for path in old.parent.glob(JOURNAL_FILE + "*"):
            path.unlink()
        old.write_bytes(raw)
        faults.begin(mode, passes=at)
        status = opened(old, faults)
        faults.heal()
        is_whole(old, before, began)
        assert status == (1 if version(old) == began else 0)
        assert opened(old) == 0
        assert chained(old)


def test_a_large_migration_killed_at_random_moments_is_completed(old: Path) -> None:
    with closing(sqlite3.connect(old)) as tool:
        last = tool.execute("SELECT max(seq) FROM event").fetchone()[0]
        for n in range(1, 60):
            tool.execute(
                "INSERT INTO event SELECT seq + ?, date(business_day, ?), type, ticket || ?, label, body, "
                "customer_token FROM event WHERE seq <= ?",
                (n * last, f"+{3 * n} days", f"-{n}", last),
            )
        tool.commit()
    before, chance = bodies(old), random.Random(3)
    wal = old.with_name(JOURNAL_FILE + "-wal")
    for _ in range(5):
        began = subprocess.Popen([sys.executable, "-c", OPEN, str(old)], cwd=ROOT)
        wanted = chance.randrange(1, 4_000_000)
        wait_for(partial(ended_or_grown, began, wal, wanted), "the log to grow")
        began.kill()
        began.wait()
        is_whole(old, before, 1)
    assert opened(old) == 0
    assert version(old) == SCHEMA_VERSION
    assert bodies(old) == before
    assert chained(old)
