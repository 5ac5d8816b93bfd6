"""How long somebody with so many people ahead will probably wait.

The queue is played forward by its own rule, every service taking the mean of those seen: who is called when
each counter comes free? The range around that grows with the spread of the services, with the chance of who
finishes first where many counters are busy, and with how little a mean of few services knows. No estimate
without counters or experience.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from math import sqrt
from statistics import fmean, pvariance

from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.rules import Rules

AT_WORK_FOR = timedelta(minutes=15)  # a counter with no press for so long is taken to be unmanned
FEWEST_SERVICES = 3  # below this, a mean is an anecdote
TEN_PERCENT = 1.2816  # standard normal quantile: 10 % lie below -1.2816 and 10 % above it


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds: 80 % of waits lie between low and high."""

    low_s: int
    likely_s: int
    high_s: int


def wait_for(
    queue: BranchQueue, rules: Rules, service: str, now: datetime, ticket: str | None = None
) -> Wait | None:
    """The wait of `ticket`, or of somebody who takes a ticket for `service` now."""
    counters = _at_work(queue, rules, now)
    serving = sum(service in services for services in counters.values())
    if serving == 0 or len(queue.service_seconds) < FEWEST_SERVICES:
        return None
    line = [*_services_ahead(queue, ticket), service]
    mean = fmean(queue.service_seconds)
    likely, ends = _play(line, counters, frozenset(queue.at_counter), mean)
    return _range(likely, ends, serving, queue.service_seconds)


def estimate(ahead: int, counters: int, idle: int, services_s: Sequence[float]) -> Wait | None:
    """With alike counters: from people ahead, counters at work, idle ones among them, and the recent
    service times in s."""
    if counters == 0 or len(services_s) < FEWEST_SERVICES:
        return None
    ends = max(0, ahead + 1 - idle)
    return _range(ends * fmean(services_s) / counters, ends, counters, services_s)


def _services_ahead(queue: BranchQueue, ticket: str | None) -> list[str]:
    services = []
    for waiting in queue.waiting.values():
        if waiting.id == ticket:
            break
        services.append(waiting.service)
    return services


def _play(
    line: Sequence[str], counters: Mapping[str, frozenset[str]], busy: frozenset[str], mean_s: float
) -> tuple[float, int]:
    """When the last of `line` is called (s from now), and how many services end before that.

    Busy counters come free one after the other, evenly over one mean service: nobody knows in which order.
    """
    working = sorted(name for name in counters if name in busy)
    idle = sorted(name for name in counters if name not in busy)
    free = [(0.0, name) for name in idle]
    free += [((place + 1) * mean_s / len(working), name) for place, name in enumerate(working)]
    heapify(free)
    waiting, ends = list(line), 0
    while free:
        at, counter = heappop(free)
        place = next((i for i, one in enumerate(waiting) if one in counters[counter]), None)
        ends += at > 0
        if place is None:
            continue  # nobody left whom this counter may serve
        if place == len(waiting) - 1:
            return at, ends
        del waiting[place]
        heappush(free, (at + mean_s, counter))
    return 0.0, 0


def _range(likely: float, ends: int, counters: int, services_s: Sequence[float]) -> Wait:
    """80 % around `likely`, which is `ends` service ends away.

    With few ends at many counters the ends come as at random (variation 1); with many at few, as the
    services themselves vary. A mean of n services is itself off by its spread over the root of n.
    """
    if ends == 0:
        return Wait(0, 0, 0)
    mean = fmean(services_s)
    variation = pvariance(services_s) / mean**2 if mean else 0.0
    at_random = counters / (counters + ends)
    of_ends = (variation + max(0.0, 1 - variation) * at_random * (counters > 1)) / ends
    of_mean = variation / len(services_s)
    spread = TEN_PERCENT * likely * sqrt(of_ends + of_mean)
    return Wait(
        _half_minutes(likely - spread), _half_minutes(likely), _half_minutes(likely + spread)
    )


def _at_work(queue: BranchQueue, rules: Rules, now: datetime) -> dict[str, frozenset[str]]:
    """The counters that serve somebody or have been pressed lately, with what they serve."""
    return {
        counter: services
        for counter, services in rules.counters.items()
        if counter in queue.at_counter or _pressed_lately(queue, counter, now)
    }


def _pressed_lately(queue: BranchQueue, counter: str, now: datetime) -> bool:
    last = queue.last_active.get(counter)
    return last is not None and now - last <= AT_WORK_FOR


def _half_minutes(seconds: float) -> int:
    """Rounded to 30 s, so that the figure does not pretend to know more."""
    return max(0, round(seconds / 30) * 30)
