"""The branch's numbered, append-only, hash-chained, durable log: queue, audit trail and outbox in one.

`file` writes it, `committed` reads it, `entries` says what an entry is, `schema` brings older files up to date, `snapshot`
makes starting quick, `archive` moves old days away. `python -m edge_agent.journal` verifies, exports, backs up.
"""

from edge_agent.journal.entries import Entry, JournalUnusable, StoredAnswer
from edge_agent.journal.file import Journal, open_journal

__all__ = ["Entry", "Journal", "JournalUnusable", "StoredAnswer", "open_journal"]
