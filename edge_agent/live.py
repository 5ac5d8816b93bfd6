"""Tells open pages what changed. A reader is only a number: the last journal entry it has seen."""

import logging
from collections.abc import AsyncIterator

import msgspec

from edge_agent.branch_queue.facts import IdentityChecked
from edge_agent.journal import Entry, Journal
from edge_agent.journal.entries import EntriesUnreadable
from program.bell import Bell, heard

log = logging.getLogger(__name__)

AT_ONCE = 500
NOT_FOR_EVERYBODY = (
    "ticket",
    "appointment",
    "segment",
    "why",
    "errand",
    "errand_choice",
    "identified",
    "identity",
    "identity_reason",
    "method",
    "decision",
    "engine",
    "consent",
    "reasons",
    "opinion",
    "topic",
    "phrases",
)
HEARTBEAT_S = 10.0  # below the 30 s after which proxies and pages take a silent stream for dead


class Live:
    """Wakes everybody who follows the journal, whenever something has been committed."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.bell = Bell()
        self.closed = False
        self.readers = 0

    def wake(self) -> None:
        """Something was committed."""
        self.bell.ring()

    def close(self) -> None:
        """The program ends: every reader is let go."""
        self.closed = True
        self.wake()

    async def follow(self, after: int | None, *, with_ids: bool) -> AsyncIterator[bytes]:
        """Server-sent events after number `after`; without it, from now on.

        The first one says where the reader stands and in which journal, so that it notices a new one.
        """
        seen = self._journal.last_seq if after is None or after > self._journal.last_seq else after
        yield _frame(seen, {"type": "Following", "journal_seq": seen, "epoch": self._journal.epoch})
        self.readers += 1
        try:
            while not self.closed:
                ring = self.bell.next()
                entries = self._after(seen)
                if entries is None:
                    return
                for entry in entries:
                    yield event(entry, with_ids=with_ids)
                    seen = entry.seq
                if not entries and not await heard(ring, HEARTBEAT_S):
                    yield _frame(seen, {"type": "Still", "journal_seq": seen})
        finally:
            self.readers -= 1

    def _after(self, seen: int) -> list[Entry] | None:
        """None ends the stream: a page that misses events asks for the branch as it stands."""
        try:
            return self._journal.after(seen, AT_ONCE)
        except EntriesUnreadable as error:
            log.error("A reader's entries after %s cannot be read: %s", seen, error)
            return None


def event(entry: Entry, *, with_ids: bool) -> bytes:
    """One entry. A ticket's id is its customer's key; who is a VIP is nobody's business: staff and kiosks only."""
    values = msgspec.json.decode(entry.body)
    values["journal_seq"] = values.pop("seq")
    if not with_ids:
        for name in NOT_FOR_EVERYBODY:
            values.pop(name, None)
        if values["type"] == IdentityChecked.__name__:  # of whoever stands at that kiosk now
            values.pop("reason", None)
    return _frame(entry.seq, values)


def _frame(seq: int, values: dict[str, object]) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (seq, msgspec.json.encode(values))
