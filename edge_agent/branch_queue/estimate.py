"""How long somebody will probably wait: the present queue, played forward by the branch's own rules.

The counters now open take the people now waiting in the policy's order, each for a time drawn from those recently
seen; the waits of the 10th, 50th and 90th percent are the answer. People who come later and go first are not
foreseen. Here it is found out who and what is played, in `play` it is played.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from math import ceil, floor, sqrt
from random import Random
from statistics import fmean

from edge_agent.branch_queue.calling_order import candidate, sooner
from edge_agent.branch_queue.lines import Line
from edge_agent.branch_queue.play import Chances, Play
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.rules import CounterRule, Rules
from edge_agent.branch_queue.ticket import State, Ticket, Wait

PLAYED_ALIKE = 24  # people played one by one where all counters are alike, and where they are not:
PLAYED_SKILLED = 20  # each play stays under 5 ms
AT_WORK_FOR = timedelta(
    minutes=15
)  # an idle counter with no press for so long, and work for it, is unmanned
REMEMBERED_FOR = timedelta(seconds=10)
FEWEST_TURNS = 3  # below this, a mean is an anecdote

Counters = Mapping[str, CounterRule]


@dataclass(frozen=True, slots=True)
class _Played:
    at: datetime
    waiting: int
    wait: Wait
    pace_s: float  # how much later, for one more ahead


class Forecast:
    """Estimates by these rules. Each is good for some seconds, so that a crowd costs no more than one customer."""

    def __init__(self, rules: Rules, random: Random) -> None:
        self._rules = rules
        self._random = random
        self._chances = Chances(random)
        self._played: dict[tuple[object, ...], _Played] = {}

    def newcomer(
        self, queue: BranchQueue, now: datetime, service: str, segment: str, place: datetime
    ) -> Wait | None:
        """The wait of somebody who takes a ticket now and counts from `place`."""
        line = Line(service, segment, None)
        counters = at_work(queue, self._rules, now)
        if _is_free(queue, counters, line):
            return Wait(0, 0, 0)
        if not _can_tell(queue, counters, line):
            return None
        key = (queue.business_day, line, now - place, *counters)
        known = self._played.get(key)
        if known is None or not timedelta() <= now - known.at < REMEMBERED_FOR:
            known = self._play(queue, now, line, place, counters)
            self._remember(now, key, known)
        return _later(known, queue.count[State.WAITING])

    def _remember(self, now: datetime, key: tuple[object, ...], played: _Played) -> None:
        fresh = {k: p for k, p in self._played.items() if now - p.at < REMEMBERED_FOR}
        self._played = {**fresh, key: played}

    def waiting(self, queue: BranchQueue, now: datetime, ticket: Ticket) -> Wait | None:
        """The wait still before somebody who has a ticket."""
        line = Line(ticket.service, ticket.segment, ticket.for_counter)
        counters = at_work(queue, self._rules, now)
        if not _can_tell(queue, counters, line):
            return None
        return _rounded(self._play(queue, now, line, ticket.place, counters, ticket.turn).wait)

    def _play(
        self,
        queue: BranchQueue,
        now: datetime,
        line: Line,
        place: datetime,
        counters: Counters,
        turn: int = 2**62,
    ) -> _Played:
        ahead, more = _ahead(queue, self._rules, line, place, turn, now, counters)
        able = {one: _able(queue, counters, one) for one in {*ahead, line}}
        turns = {one.service: _turns(queue, one.service) for one in able}
        own = turns[line.service]
        mean = fmean(own)
        play = Play(
            times=[turns[one.service] for one in (*ahead, line)],
            able=[able[one] for one in (*ahead, line)],
            left={
                name: _time_left(queue, name, now)
                for name in counters
                if any(name in some for some in able.values())
            },
            more=more,
            mean_s=mean,
            spread_s=sqrt(fmean((turn - mean) ** 2 for turn in own)),
            chances=self._chances,
        )
        return _Played(now, queue.count[State.WAITING], play.wait(), play.pace_s())


def at_work(queue: BranchQueue, rules: Rules, now: datetime) -> dict[str, CounterRule]:
    """The counters that are open, without those that nobody seems to man."""
    return {
        name: rule for name, rule in rules.counters.items() if _is_at_work(queue, name, rule, now)
    }


def _can_tell(queue: BranchQueue, counters: Counters, line: Line) -> bool:
    """Somebody serves this line, and how long that takes is known."""
    known = len(_turns(queue, line.service)) >= FEWEST_TURNS
    return known and any(queue.may_call(name, rule, line) for name, rule in counters.items())


def _is_free(queue: BranchQueue, counters: Counters, line: Line) -> bool:
    """An open counter that may serve this line has nothing else to do."""
    lines = [other for other, _ in queue.lines.all()]
    return any(
        name not in queue.at_counter
        and queue.may_call(name, rule, line)
        and not any(queue.may_call(name, rule, other) for other in lines)
        for name, rule in counters.items()
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
    line: Line,
    place: datetime,
    turn: int,
    now: datetime,
    counters: Counters,
) -> tuple[list[Line], int]:
    """The lines of the people called before somebody in `line` at `place`, in order, and how many more there
    are. Only those who share a counter with them matter."""
    ours = _able(queue, counters, line)
    me = replace(_somebody(line, place), turn=turn)
    mine = _rank(rules, me, now)
    before: list[tuple[tuple[object, ...], Line]] = []
    count, alike = 0, True
    for other, places in queue.lines.all():
        able = _able(queue, counters, other)
        if not able & ours:
            continue
        alike = alike and able == ours
        ranks = _Ranks(queue, rules, now, places)
        ahead = bisect_left(ranks, mine)
        count += ahead
        before += [(ranks[n], other) for n in range(min(ahead, PLAYED_ALIKE))]
    before.sort(key=lambda one: one[0])
    played = PLAYED_ALIKE if alike else PLAYED_SKILLED
    return [other for _, other in islice(before, played)], max(0, count - played)


Rank = tuple[bool, float, datetime, int]


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
        return _rank(self.rules, self.queue.tickets[self.places[index][2]], self.now)


def _rank(rules: Rules, ticket: Ticket, now: datetime) -> Rank:
    return sooner(candidate(ticket, rules.order, None, now), ticket)


def _somebody(line: Line, place: datetime) -> Ticket:
    return Ticket(
        id="", label="", service=line.service, segment=line.segment, language="", channel="",
        issued_at=place, place=place, turn=0, for_counter=line.for_counter,
    )  # fmt: skip


def _later(known: _Played, waiting: int) -> Wait:
    """The remembered wait, for those who have come or gone since."""
    shift = (waiting - known.waiting) * known.pace_s
    wait = known.wait
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
