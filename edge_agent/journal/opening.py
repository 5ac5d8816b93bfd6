"""What stands before a journal can be used: only one agent, a connection that syncs, an empty log."""

import fcntl
import logging
import os
import sqlite3
from pathlib import Path

from edge_agent.journal.archive import sync
from edge_agent.journal.entries import JournalUnusable

log = logging.getLogger(__name__)

MOST_WAL_PAGES = 20_000  # about 80 MB; normally `tidy` folds the log in when nobody waits


def only_one(path: Path) -> int:
    """Two agents on one journal would each count for themselves: the second is refused."""
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise JournalUnusable(
            f"{path}: another edge agent works with this journal. Stop it first, "
            "or give this one a folder of its own with --data."
        ) from None
    return lock


def fold_in(writer: sqlite3.Connection, path: Path) -> bool:
    """What stands in the write-ahead log goes into the file, and the log is empty, on disk as well.

    Part of it may never have reached the disk (a sync failed): what came behind such a hole would be lost
    with the next power cut, and the part before it come back over newer pages. False: not now, as another
    program reads.
    """
    busy, *_ = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        log.warning("Another program reads %s: its log is folded in later.", path)
        return False
    log_file = path.with_name(path.name + "-wal")
    for one in (log_file, path.parent):
        if one.exists():
            sync(one)
    return True


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=2.0, cached_statements=64
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {MOST_WAL_PAGES}")
    return connection
