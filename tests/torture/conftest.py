"""A tiny program with a database, under the shim."""

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from torture.faults import Faults

# commits a row for every line on standard input and says what came of it
VICTIM = """
import sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("PRAGMA journal_mode=WAL")
store.execute("PRAGMA synchronous=" + sys.argv[2])
store.execute("CREATE TABLE IF NOT EXISTS row (text)")
print("ready", flush=True)
for line in sys.stdin:
    try:
        store.execute("INSERT INTO row VALUES (?)", [line.strip() * 200])
        print("done", flush=True)
    except sqlite3.Error as error:
        print(error, flush=True)
"""


class Victim:
    """A tiny program with a database, under the shim."""

    def __init__(self, faults: Faults, file: Path, synchronous: str = "FULL") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", VICTIM, str(file), synchronous],
            env=faults.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == "ready"

    def commit(self, text: str = "x") -> str:
        """What the victim says to it; empty when it died."""
        assert self.process.stdin is not None
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return self._line()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@pytest.fixture
def faults(tmp_path: Path) -> Faults:
    return Faults(tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def victim(faults: Faults, file: Path) -> Iterator[Victim]:
    running = Victim(faults, file)
    yield running
    running.kill()


def rows(file: Path) -> list[str]:
    """First letters of the rows, read without the shim. Raises CalledProcessError when unreadable."""
    words = (
        "import sqlite3, sys; store = sqlite3.connect(sys.argv[1]);"
        "assert store.execute('PRAGMA integrity_check').fetchone() == ('ok',);"
        "print(*(text[0] for (text,) in store.execute('SELECT text FROM row')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", words, str(file)], check=True, capture_output=True, text=True
    )
    return done.stdout.split()


class AllLost(random.Random):
    """The unluckiest power cut: nothing that was not synced arrives."""

    def choice(self, seq: Any) -> Any:
        return seq[0]
