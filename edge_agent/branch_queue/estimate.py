"""How long somebody will probably wait: the present queue, played forward by the branch's own rules.

200 times over, the counters now open take the people now waiting in the policy's order, each for a time drawn
from those recently seen; the waits of the 10th, 50th and 90th percent are the answer. People who come later
and go first are not foreseen. Of a long line only the head is played person by person; the many behind it
take, by the central limit theorem, their mean with a normal spread.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from heapq import heapify, heappop, heappush, heapreplace
from itertools import cycle, islice
from math import ceil, floor, sqrt
from operator import add, itemgetter, mul
from random import Random
from statistics import fmean

from edge_agent.branch_queue.calling_order import candidate, sooner
from edge_agent.branch_queue.lines import Line
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.rules import CounterRule, Rules
from edge_agent.branch_queue.ticket import State, Ticket, Wait

DRAWS = 200
ORDERS = 64
PLAYED_ALIKE = 24  # people played one by one where all counters are alike, and where they are not:
PLAYED_SKILLED = 20  # each play stays under 5 ms
AT_WORK_FOR = timedelta(
    minutes=15
)  # an idle counter with no press for so long, and work for it, is unmanned
REMEMBERED_FOR = timedelta(seconds=10)
FEWEST_TURNS = 3  # below this, a mean is an anecdote
MOST_UNSURE = 0.35  # about a mean; no draw then falls below an eighth of it

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
        self._chances = _Chances(random)
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
        play = _Play(
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


class _Chances:
    """Chance made beforehand: drawing anew for every person would cost most of the time.

    Times are drawn evenly, each as often as the others, in one of many orders made once.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self.normals = [max(-2.5, min(2.5, random.gauss())) for _ in range(DRAWS)]
        self.more_normals = [random.gauss() for _ in range(DRAWS)]
        self._orders = cycle(
            [itemgetter(*random.sample(range(DRAWS), DRAWS)) for _ in range(ORDERS)]
        )

    def of(self, times: Sequence[float]) -> Sequence[float]:
        """DRAWS of these times."""
        if len(times) > DRAWS:
            return self._random.sample(times, DRAWS)
        every = [*times] * (DRAWS // len(times) + 1)
        drawn: Sequence[float] = next(self._orders)(every)
        return drawn


@dataclass(frozen=True, slots=True)
class _Play:
    """`times`: what each person may take in s, in order, ourselves last; `able`: which counters may call each of them;
    `left`: what may still be left of each counter's present turn in s, empty for an idle one; `more` people
    stand between. Mean and spread are of our own service's turns."""

    times: Sequence[Sequence[float]]
    able: Sequence[set[str]]
    left: Mapping[str, Sequence[float]]
    more: int
    mean_s: float
    spread_s: float
    chances: _Chances

    def wait(self) -> Wait:
        alike = all(some == self.able[-1] for some in self.able)
        once = self._once_alike if alike else partial(self._once_skilled, self._may_call())
        nobody = [()] * DRAWS
        free = zip(*(self.chances.of(left or (0.0,)) for left in self.left.values()), strict=True)
        turns = [self.chances.of(times) for times in self.times[:-1]]
        played = map(once, free, zip(*turns, strict=True) if turns else nobody)
        waits = list(map(mul, map(add, played, self._many_more()), self._stretches()))
        waits.sort()
        tenth = DRAWS // 10
        return Wait(round(waits[tenth - 1]), round(waits[DRAWS // 2]), round(waits[-tenth]))

    def pace_s(self) -> float:
        return self.mean_s / len(self.able[-1])

    def _once_alike(self, free_at: tuple[float, ...], turns: tuple[float, ...]) -> float:
        free = list(free_at)
        heapify(free)
        for turn in turns:
            heapreplace(free, free[0] + turn)
        return free[0]

    def _once_skilled(
        self, may_call: list[int], free_at: tuple[float, ...], turns: tuple[float, ...]
    ) -> float:
        """Who waits, and whom each counter may call, are bits of a number: the lowest is the first in order."""
        free = list(zip(free_at, may_call, strict=True))
        heapify(free)
        ours = 1 << len(turns)
        waiting = 2 * ours - 1
        while free:
            at, counter = heappop(free)
            called = waiting & counter
            if not called:
                continue  # nobody left whom this counter may serve
            first = called & -called
            if first == ours:
                return at
            waiting ^= first
            heappush(free, (at + turns[first.bit_length() - 1], counter))
        return 0.0

    def _may_call(self) -> list[int]:
        """For each counter, a bit for each person whom it may call."""
        people = list(enumerate(self.able))
        return [sum(1 << n for n, able in people if counter in able) for counter in self.left]

    def _stretches(self) -> list[float]:
        """A few times seen know their mean badly: one factor for each draw."""
        unsure = self.spread_s / (self.mean_s or 1.0) / sqrt(len(self.times[-1]))
        unsure = min(unsure, MOST_UNSURE)
        return [1 + unsure * z for z in self.chances.normals]

    def _many_more(self) -> list[float]:
        """How long the people take who are not played one by one."""
        if not self.more:
            return [0.0] * DRAWS
        mean, spread = self.more * self.mean_s, sqrt(self.more) * self.spread_s
        counters = len(self.left)
        return [max(0.0, mean + spread * z) / counters for z in self.chances.more_normals]


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
