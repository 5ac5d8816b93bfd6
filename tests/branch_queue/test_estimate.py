"""The estimated wait: what must always hold, and whether it is true in a simulated branch."""

import heapq
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from math import log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.branch_queue import moves
from edge_agent.branch_queue.estimate import Wait, estimate, wait_for
from edge_agent.branch_queue.facts import TicketCalled
from edge_agent.branch_queue.queue import BranchQueue, apply_all
from edge_agent.branch_queue.rules import Rules, ServiceRule

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SERVICES = {"cash": ServiceRule("cash", "A"), "cards": ServiceRule("cards", "B")}
EXPERIENCE = (200.0, 260.0, 310.0, 90.0, 240.0, 180.0)
SECONDS = st.lists(st.floats(5.0, 3600.0), min_size=5, max_size=50)


class Branch:
    """A branch run by the rules; `now` is set by the test."""

    def __init__(self, counters: dict[str, frozenset[str]], services_s: tuple[float, ...]) -> None:
        self.rules = Rules(services=SERVICES, counters=counters)
        self.queue = BranchQueue(business_day=date(2026, 3, 2), service_seconds=services_s)
        self.now = NINE
        self.issued = 0

    def issue(self, service: str = "cash") -> str:
        self.issued += 1
        ticket = f"t{self.issued}"
        facts = moves.issue(
            self.queue, self.rules, self.now, ticket=ticket, service=service,
            segment="ordinary", language="en", channel="kiosk",
        )  # fmt: skip
        self.queue = apply_all(self.queue, facts)
        return ticket

    def call_and_start(self, counter: str) -> str | None:
        """The ticket that is served at this counter from now on."""
        facts = moves.call_next(self.queue, self.rules, self.now, counter)
        self.queue = apply_all(self.queue, facts)
        called = [fact.ticket for fact in facts if isinstance(fact, TicketCalled)]
        if called:
            started = moves.start(self.queue, self.rules, self.now, counter)
            self.queue = apply_all(self.queue, started)
        return called[0] if called else None

    def put_to_work(self, counter: str, service: str = "cash") -> None:
        self.issue(service)
        assert self.call_and_start(counter) is not None

    def wait(self, service: str = "cash") -> Wait | None:
        return wait_for(self.queue, self.rules, service, self.now)


def test_there_is_no_estimate_while_no_counter_is_at_work() -> None:
    branch = Branch({"1": frozenset({"cash"})}, EXPERIENCE)
    branch.issue()
    assert branch.wait() is None


def test_there_is_no_estimate_when_only_counters_of_other_services_are_at_work() -> None:
    branch = Branch({"1": frozenset({"cash"}), "2": frozenset({"cards"})}, EXPERIENCE)
    branch.put_to_work("2", "cards")
    assert branch.wait("cards") is not None
    assert branch.wait("cash") is None


def test_there_is_no_estimate_without_experience() -> None:
    branch = Branch({"1": frozenset({"cash"})}, ())
    branch.put_to_work("1")
    assert branch.wait() is None
    assert estimate(ahead=3, counters=2, idle=0, services_s=()) is None


def test_there_is_no_estimate_once_the_counters_have_long_been_silent() -> None:
    branch = Branch({"1": frozenset({"cash"})}, EXPERIENCE)
    branch.put_to_work("1")
    branch.queue = apply_all(branch.queue, moves.finish(branch.queue, branch.rules, NINE, "1"))
    assert branch.wait() is not None
    branch.now += timedelta(hours=2)
    assert branch.wait() is None


def test_nobody_waits_for_an_idle_counter_with_no_queue() -> None:
    branch = Branch({"1": frozenset({"cash"})}, EXPERIENCE)
    branch.put_to_work("1")
    branch.queue = apply_all(branch.queue, moves.finish(branch.queue, branch.rules, NINE, "1"))
    assert branch.wait() == Wait(0, 0, 0)


def test_somebody_waits_when_every_counter_is_busy() -> None:
    branch = Branch({"1": frozenset({"cash"})}, EXPERIENCE)
    branch.put_to_work("1")
    wait = branch.wait()
    assert wait is not None
    assert wait.likely_s > 0


def test_those_waiting_only_for_other_counters_are_not_ahead() -> None:
    branch = Branch({"1": frozenset({"cash"}), "2": frozenset({"cards"})}, EXPERIENCE)
    branch.put_to_work("1")
    before = branch.wait()
    for _ in range(10):
        branch.issue("cards")
    assert branch.wait() == before


def test_a_counter_that_joins_and_serves_more_does_not_lengthen_the_wait() -> None:
    """Ten people wait for cards; a second counter, for both, can only be good for cash."""
    both = frozenset({"cash", "cards"})
    branch = Branch({"1": frozenset({"cash"}), "2": both}, EXPERIENCE)
    branch.put_to_work("1")
    branch.issue("cards")
    for _ in range(10):
        branch.issue("cards")
    alone = branch.wait()
    assert branch.call_and_start("2") is not None
    helped = branch.wait()
    assert alone is not None
    assert helped is not None
    assert helped.likely_s <= alone.likely_s


def made(ahead: int, counters: int, idle: int, services_s: list[float]) -> Wait:
    wait = estimate(ahead, counters, idle, services_s)
    assert wait is not None
    return wait


def parts(wait: Wait) -> tuple[int, int, int]:
    return wait.low_s, wait.likely_s, wait.high_s


@given(st.integers(0, 60), st.integers(1, 16), st.integers(0, 16), SECONDS)
def test_low_is_at_most_likely_and_likely_at_most_high(
    ahead: int, counters: int, idle: int, services_s: list[float]
) -> None:
    wait = made(ahead, counters, min(idle, counters), services_s)
    assert 0 <= wait.low_s <= wait.likely_s <= wait.high_s


@given(st.integers(0, 60), st.integers(1, 16), st.integers(0, 16), SECONDS)
def test_one_more_ahead_never_shortens_the_wait(
    ahead: int, counters: int, idle: int, services_s: list[float]
) -> None:
    fewer = made(ahead, counters, min(idle, counters), services_s)
    more = made(ahead + 1, counters, min(idle, counters), services_s)
    assert all(a <= b for a, b in zip(parts(fewer), parts(more), strict=True))


@given(st.integers(0, 60), st.integers(1, 16), st.integers(0, 16), st.booleans(), SECONDS)
def test_one_more_counter_never_lengthens_the_wait(
    ahead: int, counters: int, idle: int, comes_idle: bool, services_s: list[float]
) -> None:
    idle = min(idle, counters)
    without = made(ahead, counters, idle, services_s)
    with_it = made(ahead, counters + 1, idle + comes_idle, services_s)
    assert all(a >= b for a, b in zip(parts(without), parts(with_it), strict=True))


# --- a simulated branch -----------------------------------------------------------------------

LOAD = 0.9  # of what the counters could serve at most
Draw = Callable[[Random], float]


def erlang(shape: int) -> Draw:
    """Service times with a mean of 240 s; shape 1 is exponential, 2 and 3 are usual at counters."""
    return lambda random: -240 / shape * sum(log(1 - random.random()) for _ in range(shape))


def simulate(
    counters: int, draw: Draw, seed: int, customers: int = 300
) -> list[tuple[Wait, float]]:
    """(what those were told who had to wait, how long they waited in s)."""
    random = Random(seed)
    branch = Branch({str(n): frozenset({"cash"}) for n in range(counters)}, ())
    told: dict[str, tuple[Wait, datetime]] = {}
    waits: list[tuple[Wait, float]] = []
    arrival, ends = NINE, [(NINE, str(n)) for n in range(counters)]
    idle: list[str] = []

    def serve(counter: str) -> None:
        ticket = branch.call_and_start(counter)
        if ticket is None:
            idle.append(counter)
            return
        heapq.heappush(ends, (branch.now + timedelta(seconds=draw(random)), counter))
        if ticket in told:
            wait, since = told[ticket]
            waits.append((wait, (branch.now - since).total_seconds()))

    for _ in range(customers):
        arrival += timedelta(seconds=random.expovariate(1) * 240 / counters / LOAD)
        while ends and ends[0][0] <= arrival:
            branch.now, counter = heapq.heappop(ends)
            serve(counter)
        branch.now = arrival
        wait = branch.wait()
        ticket = branch.issue()
        if wait is not None and not idle:
            told[ticket] = (wait, arrival)
        if idle:
            serve(idle.pop(0))
    return waits


@pytest.mark.parametrize("counters", [1, 3, 8])
@pytest.mark.parametrize("shape", [1, 2, 3])
def test_about_eight_of_ten_waits_lie_in_the_range(counters: int, shape: int) -> None:
    waits = [w for seed in range(10) for w in simulate(counters, erlang(shape), seed)]
    assert len(waits) > 1000
    within = sum(wait.low_s <= waited <= wait.high_s for wait, waited in waits) / len(waits)
    assert 0.70 <= within <= 0.92, f"{within:.0%} of {len(waits)}"
