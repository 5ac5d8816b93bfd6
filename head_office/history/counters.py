"""A business day's entries -> how long each counter was open, paused and busy. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from head_office.history.seen import Entry

LEAVES = {
    "ServiceFinished",
    "TicketMissed",
    "TicketParked",
    "TicketTransferred",
    "TicketCallUndone",
    "TicketCancelled",
}
PRESSES = {
    "TicketCalled",
    "TicketRecalled",
    "TicketCallUndone",
    "ServiceStarted",
    "ServiceFinished",
    "ServiceResumed",
    "TicketMissed",
    "TicketParked",
    "TicketTransferred",
    "CounterOpened",
}


class CounterTime(msgspec.Struct, frozen=True):
    """Whole s. Busy: a ticket stood at it, from the call until it left; that is a part of the time it was open."""

    counter: str
    open_s: int
    paused_s: int
    busy_s: int


@dataclass(slots=True)
class _Going:
    open: datetime | None = None
    paused: datetime | None = None
    busy: datetime | None = None
    pressed: datetime | None = None
    open_s: float = 0.0
    paused_s: float = 0.0
    busy_s: float = 0.0


def counters(entries: Iterable[Entry]) -> list[CounterTime]:
    """By name. A counter that nobody closed counts as open until its last press, or until the branch closed if that was
    later: tellers forget it, and the day ends in the night."""
    going: dict[str, _Going] = {}
    shut: datetime | None = None
    for entry in entries:
        if entry.type == "BranchClosed" and entry.reason in ("hours", "staff"):
            shut = entry.at
        elif entry.counter is not None and _at_its_counter(entry):
            _step(going.setdefault(entry.counter, _Going()), entry)
    return [_told(name, one, shut) for name, one in sorted(going.items())]


def _at_its_counter(entry: Entry) -> bool:
    """The end of the day presses nothing, nor does it show when a forgotten ticket left."""
    if entry.type == "TicketCancelled":
        return entry.reason != "day_ended"
    return entry.type in PRESSES or entry.type in ("CounterPaused", "CounterClosed")


def _step(counter: _Going, entry: Entry) -> None:
    at, kind = entry.at, entry.type
    if kind in ("CounterPaused", "CounterClosed"):
        _shut(counter, at)
        counter.paused = at if kind == "CounterPaused" else None
        return
    if kind in PRESSES:
        if counter.paused is not None:
            counter.paused_s += _between(counter.paused, at)
            counter.paused = None
        counter.open = counter.open or at
    if kind in LEAVES:
        counter.busy_s += _between(counter.busy, at)
        counter.busy = None
    elif kind == "TicketCalled":
        counter.busy_s += _between(counter.busy, counter.pressed)  # how it left is not on record
        counter.busy = at
    elif kind in ("ServiceStarted", "ServiceResumed"):
        counter.busy = counter.busy or at
    counter.pressed = at


def _shut(counter: _Going, at: datetime) -> None:
    counter.open_s += _between(counter.open, at)
    counter.paused_s += _between(counter.paused, at)
    counter.busy_s += _between(counter.busy, counter.pressed)
    counter.open = counter.busy = counter.paused = None


def _told(name: str, counter: _Going, shut: datetime | None) -> CounterTime:
    ends = [at for at in (counter.pressed, shut) if at is not None]
    if ends:
        _shut(counter, max(ends))
    busy = min(counter.busy_s, counter.open_s)
    return CounterTime(name, int(counter.open_s), int(counter.paused_s), int(busy))


def _between(since: datetime | None, until: datetime | None) -> float:
    if since is None or until is None:
        return 0.0
    return max(0.0, (until - since).total_seconds())
