"""A branch's entries of one business day, of all its journals, in the order in which they happened. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec

from edge_agent.messages import Moment

NOUGHT = b"\\u0000"  # no text of a database may hold it
Journals = Mapping[str, Sequence[bytes]]  # epoch -> bodies by number


class Entry(msgspec.Struct, frozen=True):
    """What history needs of a journal entry; which keys there are depends on its type."""

    seq: int
    at: Moment
    type: str
    ticket: str | None = None
    label: str | None = None
    service: str | None = None
    segment: str | None = None
    counter: str | None = None
    channel: str | None = None
    language: str | None = None
    touched_at: Moment | None = None
    next_service: str | None = None
    outcome: str | None = None
    reprint: bool | None = None
    reason: str | None = None
    was: str | None = None
    score: int | None = None
    opinion: str | None = None
    topic: str | None = None
    taken_on: date | None = None


class _Head(msgspec.Struct, frozen=True):
    seq: int


@dataclass(slots=True)
class Seen:
    """`entries` with the place of their journal among the day's journals; `gaps`: numbers between the first and the
    last of a journal that are not here; `unreadable`: entries whose keys are not what their type has."""

    entries: list[tuple[int, Entry]] = field(default_factory=list)
    gaps: int = 0
    unreadable: int = 0


_read = msgspec.json.Decoder(Entry).decode
_read_head = msgspec.json.Decoder(_Head).decode


def seen(journals: Journals) -> Seen:
    """A journal that was put back from a backup begins with entries of the one before: those count once.

    Epochs begin with the moment of their making, so their names are in order of time.
    """
    found = Seen()
    known: set[bytes] = set()
    for number, epoch in enumerate(sorted(journals)):
        before: int | None = None
        for body in journals[epoch]:
            entry = _entry(body, found)
            seq = entry.seq if entry else _seq(body)
            if before is not None and seq is not None:
                found.gaps += max(0, seq - before - 1)
            before = seq if seq is not None else before
            if entry and body not in known:
                found.entries.append((number, entry))
        known.update(journals[epoch])
    return found


def at_counters(found: Seen) -> Iterator[Entry]:
    """The entries without the place of their journal."""
    return (entry for _, entry in found.entries)


def _entry(body: bytes, found: Seen) -> Entry | None:
    try:
        return _read(body.replace(NOUGHT, b"\\ufffd") if NOUGHT in body else body)
    except msgspec.MsgspecError:
        found.unreadable += 1
        return None


def _seq(body: bytes) -> int | None:
    try:
        return _read_head(body).seq
    except msgspec.MsgspecError:
        return None
