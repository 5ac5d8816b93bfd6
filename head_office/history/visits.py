"""A business day's entries -> visits, by the rules of docs/queue.md. Pure.

A visit is one ticket from its issue to its end, whatever services and counters it went through.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from head_office.history.seen import Entry

Outcome = Literal["served", "missed", "cancelled", "left", "unfinished"]
ENDED = {"served", "missed", "cancelled", "left"}
AT_WORK = "serving"
SCORES = range(1, 6)


class Visit(msgspec.Struct, frozen=True):
    """Durations in whole s. `service` and `segment` are what the ticket was taken for; `counter` is the last that
    called it. `waited_s`: from arrival to the first call that stood. `service_s`: all the time it was served; none where
    that is not on record. `left`: it was never served before the day ended; `unfinished`: nobody said how its
    service ended, or the record ends before it does. `missed_calls`: how often it did not come."""

    label: str
    service: str
    segment: str
    channel: str
    language: str
    arrived: datetime | None
    called: datetime | None
    ended: datetime | None
    waited_s: int | None
    service_s: int | None
    outcome: Outcome
    score: int | None
    counter: str | None
    services: int
    missed_calls: int
    transfers: int
    parks: int
    printed: str | None


@dataclass(slots=True)
class _Going:
    """A visit as far as it has gone. `journal`: the one that ended it."""

    label: str
    service: str
    segment: str
    channel: str = ""
    language: str = ""
    arrived: datetime | None = None
    called: datetime | None = None
    ended: datetime | None = None
    state: str = "waiting"
    calls: int = 0
    counter: str | None = None
    started: datetime | None = None
    service_s: float | None = None
    turn: tuple[datetime, float] | None = None  # the last turn at a counter: its start, its length
    services: int = 1
    missed_calls: int = 0
    transfers: int = 0
    parks: int = 0
    printed: str | None = None
    score: int | None = None
    journal: int = 0


def visits(entries: Iterable[tuple[int, Entry]]) -> list[Visit]:
    """In order of their first entry. What is of no ticket, or of a type that is not known here, is passed over."""
    going: dict[str, _Going] = {}
    for journal, entry in entries:
        step = STEPS.get(entry.type)
        if step is None or entry.ticket is None:
            continue
        visit = going.get(entry.ticket)
        if visit is None:
            visit = _Going(entry.label or "", entry.service or "", entry.segment or "")
            going[entry.ticket] = visit
        if not _of_a_lost_past(visit, journal, entry):
            step(visit, entry)
            visit.journal = journal
    return [_told(visit) for visit in going.values()]


def _of_a_lost_past(visit: _Going, journal: int, entry: Entry) -> bool:
    """A journal put back from a backup does not know that this customer was served, and ends the ticket again."""
    return visit.state == "served" and visit.journal != journal and entry.type != "TicketRated"


def _issued(visit: _Going, entry: Entry) -> None:
    visit.arrived = entry.touched_at or entry.at
    visit.channel, visit.language = entry.channel or "", entry.language or ""


def _printed(visit: _Going, entry: Entry) -> None:
    """As the branch keeps it: a paper that came out is not taken away by a reprint that failed."""
    if visit.printed != "confirmed" and not (entry.reprint and entry.outcome == "failed"):
        visit.printed = entry.outcome


def _called(visit: _Going, entry: Entry) -> None:
    visit.called = visit.called or entry.at
    visit.calls += 1
    visit.state, visit.counter, visit.ended = "called", entry.counter, None


def _undone(visit: _Going, entry: Entry) -> None:
    """The customer went on waiting; a first call that was taken back was none."""
    visit.calls = max(0, visit.calls - 1)
    visit.state = "waiting"
    if visit.calls == 0:
        visit.called = None


def _started(visit: _Going, entry: Entry) -> None:
    visit.state, visit.started, visit.counter = AT_WORK, entry.at, entry.counter


def _leaves(visit: _Going, entry: Entry, state: str) -> None:
    if visit.started is not None:
        seconds = max(0.0, (entry.at - visit.started).total_seconds())
        visit.turn = (visit.started, seconds)
        visit.service_s = (visit.service_s or 0.0) + seconds
        visit.started = None
    visit.state = state


def _finished(visit: _Going, entry: Entry) -> None:
    _leaves(visit, entry, "waiting" if entry.next_service else "served")
    if entry.next_service:
        visit.services += 1
    else:
        visit.ended = entry.at


def _resumed(visit: _Going, entry: Entry) -> None:
    """The finish was a mistake: that turn goes on as if it had never ended."""
    visit.services -= visit.state == "waiting" and visit.services > 1
    visit.state, visit.ended, visit.started, visit.counter = AT_WORK, None, entry.at, entry.counter
    if visit.turn is not None:
        visit.started, seconds = visit.turn
        visit.service_s = (visit.service_s or 0.0) - seconds or None
        visit.turn = None


def _missed(visit: _Going, entry: Entry) -> None:
    _leaves(visit, entry, "missed")
    visit.missed_calls += 1
    visit.ended = entry.at


def _parked(visit: _Going, entry: Entry) -> None:
    _leaves(visit, entry, "parked")
    visit.parks += 1


def _transferred(visit: _Going, entry: Entry) -> None:
    _leaves(visit, entry, "waiting")
    visit.transfers += 1


def _returned(visit: _Going, _entry: Entry) -> None:
    visit.state, visit.ended = "waiting", None


def _cancelled(visit: _Going, entry: Entry) -> None:
    by_the_day = entry.reason == "day_ended"
    if by_the_day and visit.state in ENDED:
        return
    ending = "unfinished" if AT_WORK in (entry.was, visit.state) else "left"
    visit.state = ending if by_the_day else "cancelled"
    visit.ended = entry.at


def _rated(visit: _Going, entry: Entry) -> None:
    visit.score = entry.score if entry.score in SCORES else None


STEPS: Mapping[str, Callable[[_Going, Entry], None]] = {
    "TicketIssued": _issued,
    "TicketPrinted": _printed,
    "TicketCalled": _called,
    "TicketCallUndone": _undone,
    "ServiceStarted": _started,
    "ServiceFinished": _finished,
    "ServiceResumed": _resumed,
    "TicketMissed": _missed,
    "TicketParked": _parked,
    "TicketTransferred": _transferred,
    "TicketReturned": _returned,
    "TicketCancelled": _cancelled,
    "TicketRated": _rated,
}


def _told(visit: _Going) -> Visit:
    return Visit(
        label=visit.label,
        service=visit.service,
        segment=visit.segment,
        channel=visit.channel,
        language=visit.language,
        arrived=visit.arrived,
        called=visit.called,
        ended=visit.ended,
        waited_s=_seconds(visit.arrived, visit.called),
        service_s=None if visit.service_s is None else int(visit.service_s),
        outcome=_outcome(visit.state),
        score=visit.score,
        counter=visit.counter,
        services=visit.services,
        missed_calls=visit.missed_calls,
        transfers=visit.transfers,
        parks=visit.parks,
        printed=visit.printed,
    )


def _outcome(state: str) -> Outcome:
    match state:
        case "served" | "missed" | "cancelled" | "left":
            return state
        case _:
            return "unfinished"


def _seconds(since: datetime | None, until: datetime | None) -> int | None:
    """Never less than nothing: a clock may have been set back between two journals."""
    if since is None or until is None:
        return None
    return max(0, int((until - since).total_seconds()))
