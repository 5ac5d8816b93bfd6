"""How long somebody with so many people ahead will probably wait.

A plain model for a queue called in order of arrival: with `c` counters at work and `n` people to be
served first, the wait is the time the counters together need for `n + 1 - idle` service ends. Its
spread follows from the spread of the services seen. No estimate without counters or experience.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from math import sqrt
from statistics import fmean, pstdev

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
    counters = _at_work(queue, rules, service, now)
    if not counters:
        return None
    served = _served_by(rules, counters)
    before = takewhile(lambda waiting: waiting.id != ticket, queue.waiting.values())
    ahead = sum(1 for waiting in before if waiting.service in served)
    idle = sum(1 for counter in counters if counter not in queue.at_counter)
    return estimate(ahead, len(counters), idle, queue.service_seconds)


def estimate(ahead: int, counters: int, idle: int, services_s: Sequence[float]) -> Wait | None:
    """From people ahead, counters at work, idle ones among them, and recent service times in s."""
    if counters == 0 or len(services_s) < FEWEST_SERVICES:
        return None
    service_ends = max(0, ahead + 1 - idle)
    likely = service_ends * fmean(services_s) / counters
    spread = TEN_PERCENT * pstdev(services_s) * sqrt(service_ends) / counters
    return Wait(
        _half_minutes(likely - spread), _half_minutes(likely), _half_minutes(likely + spread)
    )


def _at_work(queue: BranchQueue, rules: Rules, service: str, now: datetime) -> list[str]:
    return [
        counter
        for counter, services in rules.counters.items()
        if service in services
        and (
            counter in queue.at_counter
            or now - queue.last_active.get(counter, datetime.min.replace(tzinfo=now.tzinfo))
            <= AT_WORK_FOR
        )
    ]


def _served_by(rules: Rules, counters: Sequence[str]) -> frozenset[str]:
    return frozenset[str]().union(*(rules.counters[counter] for counter in counters))


def _half_minutes(seconds: float) -> int:
    """Rounded to 30 s, so that the figure does not pretend to know more."""
    return max(0, round(seconds / 30) * 30)
