"""Real files of older versions, and how to look at a journal without the agent."""

import gzip
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from edge_agent.journal.check import JOURNAL_FILE
from tests.conftest import ROOT

FILES = sorted((ROOT / "tests/edge_agent/journals").glob("v*.sqlite.gz"))


def unpacked(packed: Path, folder: Path) -> Path:
    """A journal as an older version left it."""
    file = folder / "data" / JOURNAL_FILE
    file.parent.mkdir()
    file.write_bytes(gzip.decompress(packed.read_bytes()))
    return file


def version(file: Path) -> int:
    with closing(sqlite3.connect(file)) as reader:
        assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found: int = reader.execute("PRAGMA user_version").fetchone()[0]
        return found


def chained(file: Path) -> bool:
    """Whether the hashes lead from the first body to the last."""
    head = bytes(32)
    with closing(sqlite3.connect(file)) as reader:
        for body, told in reader.execute("SELECT body, hash FROM event ORDER BY seq"):
            head = hashlib.sha256(head + body).digest()
            if head != told:
                return False
    return True
