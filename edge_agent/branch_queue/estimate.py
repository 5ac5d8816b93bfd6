"""How long somebody will probably wait: the present queue, played forward by the branch's own rules.

The counters now open take the people now waiting in the policy's order, each for a time drawn from those recently
seen; the waits of the 10th, 50th and 90th percent are the answer. People who come later and go first are not
foreseen. Here it is found out who and what is played, in `play` it is played.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from math import ceil, floor
from random import Random
from statistics import fmean

from edge_agent.branch_queue.calling_order import Rank, rank
from edge_agent.branch_queue.lines import Line, line_of
from edge_agent.branch_queue.play import Chances, Play, Played
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.rules import CounterRule, Rules
from edge_agent.branch_queue.ticket import State, Ticket, Wait

PLAYED_ALIKE = 24  # people played one by one where all counters are alike, and where they are not:
PLAYED_SKILLED = 20  # each play stays under 5 ms
AT_WORK_FOR = timedelta(
    minutes=15
)  # an idle counter with no press for so long, and work for it, is unmanned
REMEMBERED_FOR = timedelta(seconds=10)
LAST = 2**62  # the turn of somebody who comes after all who are there
FEWEST_TURNS = 3  # below this, a mean is an anecdote

Counters = Mapping[str, CounterRule]


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A play, good for everybody who would stand at the same place; `told` is what each service made of it."""

    at: datetime
    waiting: int
    played: Played
    told: dict[str, tuple[Wait, float]] = field(default_factory=dict)


class Forecast:
    """Estimates by these rules. Each is good for some seconds, so that a crowd costs no more than one customer."""

    def __init__(self, rules: Rules, random: Random) -> None:
        self._rules = rules
        self._chances = Chances(random)
        self._remembered: dict[tuple[object, ...], _Remembered] = {}

    def newcomer(
        self, queue: BranchQueue, now: datetime, service: str, segment: str, place: datetime
    ) -> Wait | None:
        """The wait of somebody who takes a ticket now and counts from `place`."""
        line = Line(service, segment, None)
        counters = at_work(queue, self._rules, now)
        ours = _able(queue, counters, line)
        if _is_free(queue, counters, ours):
            return Wait(0, 0, 0)
        if not ours or not _can_tell(queue, service):
            return None
        known = self._play_or_remember(queue, now, _somebody(line, place), counters, ours)
        if service not in known.told:
            known.told[service] = known.played.told(_turns(queue, service))
        return _later(*known.told[service], queue.count[State.WAITING] - known.waiting)

    def waiting(self, queue: BranchQueue, now: datetime, ticket: Ticket) -> Wait | None:
        """The wait still before somebody who has a ticket."""
        counters = at_work(queue, self._rules, now)
        ours = _able(queue, counters, line_of(ticket))
        if not ours or not _can_tell(queue, ticket.service):
            return None
        wait, _ = self._play(queue, now, ticket, counters).told(_turns(queue, ticket.service))
        return _rounded(wait)

    def _play_or_remember(
        self,
        queue: BranchQueue,
        now: datetime,
        me: Ticket,
        counters: Counters,
        ours: set[str],
    ) -> _Remembered:
        """Customers of other services have the same people before them where the same counters may call them
        and the policy ranks them alike."""
        alike = (frozenset(ours), *rank(me, self._rules.order, now)[:2])
        key = (queue.business_day, alike, now - me.place, *counters)
        known = self._remembered.get(key)
        if known is None or not timedelta() <= now - known.at < REMEMBERED_FOR:
            played = self._play(queue, now, me, counters)
            known = _Remembered(now, queue.count[State.WAITING], played)
            self._remember(now, key, known)
        return known

    def _remember(self, now: datetime, key: tuple[object, ...], known: _Remembered) -> None:
        fresh = {k: p for k, p in self._remembered.items() if now - p.at < REMEMBERED_FOR}
        self._remembered = {**fresh, key: known}

    def _play(self, queue: BranchQueue, now: datetime, me: Ticket, counters: Counters) -> Played:
        line = line_of(me)
        able = {other: _able(queue, counters, other) for other, _ in queue.lines.all()}
        able[line] = _able(queue, counters, line)
        ahead, more = _ahead(queue, self._rules, me, able, now)
        turns = {service: _turns(queue, service) for service in {one.service for one in ahead}}
        anybody = set().union(*(able[one] for one in {*ahead, line}))
        return Play(
            times=[turns[one.service] for one in ahead],
            able=[able[one] for one in (*ahead, line)],
            left={name: _time_left(queue, name, now) for name in counters if name in anybody},
            more=more,
            chances=self._chances,
        ).played()


def at_work(queue: BranchQueue, rules: Rules, now: datetime) -> dict[str, CounterRule]:
    """The counters that are open, without those that nobody seems to man."""
    return {
        name: rule for name, rule in rules.counters.items() if _is_at_work(queue, name, rule, now)
    }


def _can_tell(queue: BranchQueue, service: str) -> bool:
    """How long this service takes is known."""
    return len(_turns(queue, service)) >= FEWEST_TURNS


def _is_free(queue: BranchQueue, counters: Counters, ours: set[str]) -> bool:
    """One of the counters that may serve us has nothing else to do."""
    lines = [other for other, _ in queue.lines.all()]
    return any(
        not any(queue.may_call(name, counters[name], other) for other in lines)
        for name in ours
        if name not in queue.at_counter
    )


def _is_at_work(queue: BranchQueue, counter: str, rule: CounterRule, now: datetime) -> bool:
    known = queue.day.counters.get(counter)
    if known is None or known.state != "open":
        return False
    if counter in queue.at_counter or now - known.active_at <= AT_WORK_FOR:
        return True
    return not any(queue.may_call(counter, rule, line) for line, _ in queue.lines.all())


def _able(queue: BranchQueue, counters: Counters, line: Line) -> set[str]:
    """Which of the counters may call from this line."""
    return {name for name, rule in counters.items() if queue.may_call(name, rule, line)}


def _turns(queue: BranchQueue, service: str) -> Sequence[float]:
    """Times lately seen from the call until the counter was free, in s; of all services when this one has few."""
    turns = queue.day.turn_seconds
    own = turns.get(service, ())
    return own if len(own) >= FEWEST_TURNS else [s for some in turns.values() for s in some]


def _time_left(queue: BranchQueue, counter: str, now: datetime) -> Sequence[float]:
    """What may be left of the turn at this counter: as long as turns that lasted at least until now."""
    ticket = queue.at(counter)
    if ticket is None:
        return ()
    so_far = max(0.0, (now - (ticket.called_at or now)).total_seconds())
    turns = _turns(queue, ticket.service)
    return [s - so_far for s in turns if s > so_far] or [fmean(turns) / 2 if turns else 0.0]


def _ahead(
    queue: BranchQueue,
    rules: Rules,
    me: Ticket,
    able: Mapping[Line, set[str]],
    now: datetime,
) -> tuple[list[Line], int]:
    """The lines of the people called before `me`, in order, and how many more there are. Only those who share a
    counter with `me` matter; `able` says which counters may call from each line."""
    ours, mine = able[line_of(me)], rank(me, rules.order, now)
    before: list[tuple[Rank, Line]] = []
    count, alike = 0, True
    for other, places in queue.lines.all():
        if not able[other] & ours:
            continue
        alike = alike and able[other] == ours
        ranks = _Ranks(queue, rules, now, places)
        ahead = bisect_left(ranks, mine)
        count += ahead
        before += [(ranks[n], other) for n in range(min(ahead, PLAYED_ALIKE))]
    before.sort(key=lambda one: one[0])
    played = PLAYED_ALIKE if alike else PLAYED_SKILLED
    return [other for _, other in islice(before, played)], max(0, count - played)


@dataclass(frozen=True, slots=True)
class _Ranks(Sequence[Rank]):
    """The ranks of a line's people, worked out only where looked at."""

    queue: BranchQueue
    rules: Rules
    now: datetime
    places: Sequence[tuple[datetime, int, str]]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, index: int) -> Rank:  # type: ignore[override]
        return rank(self.queue.tickets[self.places[index][2]], self.rules.order, self.now)


def _somebody(line: Line, place: datetime) -> Ticket:
    return Ticket(
        id="", label="", service=line.service, segment=line.segment, language="", channel="",
        issued_at=place, place=place, turn=LAST, for_counter=line.for_counter,
    )  # fmt: skip


def _later(wait: Wait, pace_s: float, more: int) -> Wait:
    """The remembered wait, for so many more who have come since, or less who have gone."""
    shift = more * pace_s
    return _rounded(
        Wait(*(max(0, round(s + shift)) for s in (wait.low_s, wait.likely_s, wait.high_s)))
    )


def _rounded(wait: Wait) -> Wait:
    """So that the figure does not pretend: to 30 s, above 10 minutes to whole ones, above 60 to five; the range
    outward."""
    return Wait(_round(wait.low_s, floor), _round(wait.likely_s, round), _round(wait.high_s, ceil))


def _round(seconds: float, how: Callable[[float], int]) -> int:
    step = 30 if seconds < 600 else 60 if seconds < 3600 else 300
    return max(0, how(seconds / step) * step)
