"""`python -m bench.bare_commit PATH TICKETS`: seconds of bare commits as a JSON list, on whatever disk the environment
makes of it."""

import json
import secrets
import sqlite3
import sys
import time
from pathlib import Path

from edge_agent.journal.schema import SCHEMA


def bare_commits(path: Path, tickets: int) -> list[float]:
    """The limit: what one ticket writes, and one FULL commit each, in this folder, and nothing else. In s."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.executescript(SCHEMA)
    seconds = []
    for n in range(1, tickets + 1):
        ticket, label = secrets.token_urlsafe(16), f"A{n:03d}"
        event = (n, "2026-11-23", "TicketIssued", ticket, label, b"x" * 230, None, b"x" * 32)
        answer = ("kiosk-1", f"one-{n}", b"x" * 32, 201, b"x" * 200, "2026-11-23T10:00:00+00:00")
        start = time.perf_counter()
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", event)
        database.execute("INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?)", answer)
        database.execute("COMMIT")
        seconds.append(time.perf_counter() - start)
    database.close()
    return seconds


if __name__ == "__main__":
    sys.stdout.write(json.dumps(bare_commits(Path(sys.argv[1]), int(sys.argv[2]))))
