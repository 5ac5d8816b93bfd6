"""The queue as it stands, kept beside the entries so that a start need not read millions of them.

A snapshot is only a short cut: one that cannot be read, or does not fit the chain, is passed over, and the
queue is made again from the entries of the last business day.
"""

import logging
import sqlite3
from collections import Counter
from datetime import date

import msgspec

from edge_agent.branch_queue.changes import apply_all
from edge_agent.branch_queue.queue import BranchQueue, Day
from edge_agent.branch_queue.ticket import State, Ticket
from edge_agent.journal.entries import JournalUnusable, decode
from edge_agent.journal.file import Journal
from edge_agent.messages import chained

log = logging.getLogger(__name__)

VERSION = 6  # raise it when Ticket or Day change their shape: older snapshots are then passed over


class _Snapshot(msgspec.Struct, frozen=True):
    business_day: date
    day: Day
    tickets: list[Ticket]
    parked: list[str]
    ended: list[str]
    count: dict[str, int]
    taken_with_card: dict[str, int]


def save(journal: Journal, queue: BranchQueue) -> None:
    """Inside a transaction: the queue after the last entry. The one before it is kept too."""
    shot = _Snapshot(
        queue.business_day,
        queue.day,
        list(queue.tickets.values()),
        *queue.order(),
        {state.value: number for state, number in queue.count.items()},
        dict(queue.taken_with_card),
    )
    body = msgspec.json.encode(shot)
    journal.keep_snapshot(VERSION, body)


def load(journal: Journal, today: date) -> BranchQueue:
    """The queue as the journal left it; an earlier day is ended by the next write.

    Raises JournalUnusable when the entries read do not fit the chain, or cannot be read.
    """
    try:
        return _load(journal, today)
    except (sqlite3.Error, ValueError, LookupError, msgspec.MsgspecError) as error:
        raise JournalUnusable(
            f"{journal.path}: is damaged ({error}). Keep the file, restore the latest backup, and see: "
            "python -m edge_agent.journal verify"
        ) from error


def _load(journal: Journal, today: date) -> BranchQueue:
    seq, head, queue = _latest(journal) or _start_of_last_day(journal, today)
    for entry_seq, kind, body, token, hash_ in journal.rows_after(seq):
        head = chained(head, body)
        if entry_seq != seq + 1 or head != hash_:
            raise JournalUnusable(
                f"{journal.path}: entry {entry_seq} is damaged or was changed: it does not fit the chain. Keep "
                "the file, restore the latest backup, and see: python -m edge_agent.journal verify"
            )
        seq = entry_seq
        apply_all(queue, [decode(kind, body, token)])
    queue.keep()
    return queue


def _latest(journal: Journal) -> tuple[int, bytes, BranchQueue] | None:
    for seq, head, version, body in journal.snapshots():
        if version == VERSION and journal.hash_of(seq) == head:
            try:
                shot = msgspec.json.decode(body, type=_Snapshot)
            except (msgspec.MsgspecError, RecursionError) as error:
                log.warning("The snapshot at entry %s cannot be read: %s", seq, error)
                continue
            return seq, head, _queue_of(shot)
    return None


def _queue_of(shot: _Snapshot) -> BranchQueue:
    queue = BranchQueue(shot.business_day, shot.day)
    for ticket in shot.tickets:
        queue.put(ticket)
    queue.keep()
    queue.count = Counter({State(state): number for state, number in shot.count.items()})
    queue.put_in_order(shot.parked, shot.ended)
    queue.taken_with_card = Counter(shot.taken_with_card)
    return queue


def _start_of_last_day(journal: Journal, today: date) -> tuple[int, bytes, BranchQueue]:
    day, before = journal.last_day()
    left_open = Day(open_opinions=journal.open_opinions())
    return before, journal.hash_of(before), BranchQueue(day or today, left_open)
