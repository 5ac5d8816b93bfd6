"""`python -m edge_agent.journal` says in a sentence what it cannot do, and ends quietly when nobody reads on."""

import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from edge_agent.journal import open_journal
from edge_agent.journal.check import JOURNAL_FILE
from tests.conftest import ROOT
from tests.edge_agent.journal_tools import fill

WORDS = [sys.executable, "-m", "edge_agent.journal"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A journal that fills more than a pipe."""
    folder = tmp_path / "data"
    journal = open_journal(folder / JOURNAL_FILE)
    fill(journal, [date(2026, 3, 2)], 1000)
    journal.close()
    return folder


def journal(*words: object, **more: Any) -> "subprocess.CompletedProcess[str]":
    given = [*WORDS, *map(str, words)]
    return subprocess.run(
        given, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False, timeout=60, **more
    )


def is_sentence(done: "subprocess.CompletedProcess[str]", *named: str) -> None:
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert [word for word in named if word not in done.stderr] == []
    assert "Errno" not in done.stderr


def a_file(folder: Path) -> Path:
    (folder / "file").write_text("")
    return folder / "file"


@pytest.mark.parametrize(
    "target",
    [a_file, lambda folder: a_file(folder) / "below", lambda _: Path("/proc/lobby")],
    ids=["a file", "below a file", "where nobody may write"],
)
def test_a_folder_that_cannot_be_used_is_named(
    data: Path, tmp_path: Path, target: Callable[[Path], Path]
) -> None:
    to = target(tmp_path)
    is_sentence(journal("backup", data, "--to", to), str(to), "--to")


def test_the_journals_own_folder_is_refused(data: Path) -> None:
    is_sentence(journal("backup", data, "--to", data), str(data), "--to")


def test_a_disk_that_is_too_small_is_named_and_not_the_journal(data: Path, tmp_path: Path) -> None:
    def small() -> None:
        resource.setrlimit(
            resource.RLIMIT_FSIZE, (65536, 65536)
        )  # the reader needs a small file, too

    to = tmp_path / "backup"
    done = journal("backup", data, "--to", to, preexec_fn=small)
    is_sentence(done, f"{to}: no backup can be written there", "disk")
    assert not (to / JOURNAL_FILE).exists()


def test_an_export_that_does_not_fit_says_so(data: Path) -> None:
    with Path("/dev/full").open("w") as full:
        is_sentence(journal("export", data, stdout=full), "standard output", "No space left")


def test_an_export_that_nobody_reads_on_ends_as_other_tools_do(data: Path) -> None:
    words = [*WORDS, "export", str(data)]
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline().startswith(b"{")
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == -signal.SIGPIPE
