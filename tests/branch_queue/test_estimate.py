"""The estimated wait: what must always hold, and whether it comes true in simulated days."""

import heapq
from collections.abc import Callable
from datetime import datetime
from math import exp, log
from random import Random

import pytest

from edge_agent.branch_queue.estimate import Forecast
from edge_agent.branch_queue.rules import CallingOrder, CounterRule
from edge_agent.branch_queue.ticket import Wait
from tests.branch_queue.hall import NINE, Hall, counter, minutes, rules, seconds

ARRIVAL = CallingOrder(rule="arrival")
BOTH = counter("cash", "cards")


class Branch(Hall):
    """A hall with a forecast, and with some experience of how long things take."""

    def __init__(self, counters: dict[str, CounterRule], order: CallingOrder = ARRIVAL) -> None:
        super().__init__(rules(counters=counters, order=order))
        self.forecast = Forecast(self.rules, Random(7))

    def learn(self, *turns_s: float, service: str = "cash", at: str = "1") -> "Branch":
        for turn in turns_s or (200, 260, 310, 90, 240, 180, 220, 400):
            self.take(service)
            self.press("call_next", at)
            self.press("start", at)
            self.later(seconds(turn))
            self.press("finish", at)
        return self

    def wait(self, service: str = "cash", segment: str = "ordinary") -> Wait | None:
        """Of a newcomer, told by somebody who has not just been asked."""
        forecast = Forecast(self.rules, Random(7))
        return forecast.newcomer(self.queue, self.now, service, segment, self.now)

    def told(self, service: str = "cash", segment: str = "ordinary") -> Wait:
        wait = self.wait(service, segment)
        assert wait is not None
        return wait

    def man_every_counter(self) -> "Branch":
        """Everywhere somebody is being served from now on."""
        for name, skills in self.rules.counters.items():
            self.press("open_counter", name)
            self.serve(max(skills.services), name)
        return self

    def serve(self, service: str = "cash", at: str = "1") -> None:
        """Somebody is being served at this counter from now on."""
        self.take(service)
        self.press("call_next", at)
        self.press("start", at)


# --- whether there is an estimate -------------------------------------------------------------


def test_there_is_no_estimate_while_no_counter_is_open() -> None:
    branch = Branch({"1": counter("cash")}).learn()
    for press in ("pause_counter", "close_counter"):
        branch.press("open_counter")
        assert branch.wait() is not None
        branch.press(press)
        assert branch.wait() is None


def test_there_is_no_estimate_before_the_first_counter_has_opened() -> None:
    assert Branch({"1": counter("cash")}).wait() is None


def test_there_is_no_estimate_when_only_counters_of_other_services_are_open() -> None:
    branch = Branch({"1": counter("cash"), "2": counter("cards")}).learn()
    branch.press("open_counter", "2")
    branch.press("close_counter", "1")
    assert branch.wait("cash") is None
    assert branch.wait("cards") is not None


def test_there_is_no_estimate_when_the_open_counters_are_for_others() -> None:
    branch = Branch({"1": counter("cash"), "2": counter("cash", segments="vip")}).learn()
    branch.press("open_counter", "2")
    branch.press("close_counter", "1")
    assert branch.wait(segment="ordinary") is None
    assert branch.wait(segment="vip") is not None


def test_there_is_no_estimate_once_the_counters_have_long_been_silent() -> None:
    """Somebody waits, an open counter is free, and nobody is called: nobody is there."""
    branch = Branch({"1": counter("cash")}).learn()
    branch.take()
    branch.later(minutes(120))
    assert branch.wait() is None


def test_there_is_no_guess_without_experience() -> None:
    branch = Branch({"1": counter("cash")})
    branch.serve()
    branch.take()
    assert branch.wait() is None


# --- what it says -----------------------------------------------------------------------------


def test_nobody_waits_for_an_idle_counter() -> None:
    branch = Branch({"1": counter("cash"), "2": BOTH}).learn()
    assert branch.wait() == Wait(0, 0, 0)
    branch.press("open_counter", "2")
    branch.serve()
    assert branch.wait() == Wait(0, 0, 0)
    assert branch.wait("cards") == Wait(0, 0, 0)


def test_nobody_waits_for_an_idle_counter_even_on_the_first_day() -> None:
    branch = Branch({"1": counter("cash")})
    branch.press("open_counter")
    assert branch.wait() == Wait(0, 0, 0)


def test_an_idle_counter_that_may_not_serve_them_helps_nobody() -> None:
    branch = Branch({"1": counter("cash"), "2": counter("cards")}).learn()
    branch.press("open_counter", "2")
    branch.serve()
    assert branch.told().likely_s > 0


def test_somebody_waits_when_every_counter_is_busy() -> None:
    branch = Branch({"1": counter("cash")}).learn()
    branch.serve()
    assert branch.told().high_s > 0
    branch.take()
    assert branch.told().likely_s > 0


def test_those_waiting_only_for_other_counters_are_not_ahead() -> None:
    branch = Branch({"1": counter("cash"), "2": counter("cards")}).learn()
    branch.learn(service="cards", at="2")
    branch.serve("cards", "2")
    branch.serve("cash", "1")
    before = branch.told()
    for _ in range(10):
        branch.take("cards")
    assert branch.told() == before


def test_who_goes_first_is_told_a_shorter_wait() -> None:
    branch = Branch({"1": counter("cash")}, CallingOrder(rule="strict", rank={"vip": 1})).learn()
    branch.serve()
    for _ in range(10):
        branch.take()
    assert branch.told(segment="vip").high_s < branch.told().low_s


def test_somebody_in_line_hears_what_is_still_before_them() -> None:
    branch = Branch({"1": counter("cash")}).learn()
    branch.serve()
    tickets = [branch.ticket(branch.take()) for _ in range(6)]
    waits = [branch.forecast.waiting(branch.queue, branch.now, ticket) for ticket in tickets]
    likely = [wait.likely_s for wait in waits if wait is not None]
    assert len(likely) == 6
    assert likely == sorted(likely)
    assert abs(likely[3] - 60 * round(likely[3] / 60)) in (0, 30)


def test_the_ticket_at_the_end_of_the_line_hears_what_the_newcomer_heard() -> None:
    branch = Branch({"1": counter("cash")}).learn()
    branch.serve()
    for _ in range(8):
        branch.take()
    heard = branch.told()
    ticket = branch.ticket(branch.take())
    again = Forecast(branch.rules, Random(8)).waiting(branch.queue, branch.now, ticket)
    assert again is not None
    assert again.likely_s == pytest.approx(heard.likely_s, rel=0.15)


@pytest.mark.parametrize("counters", [1, 4, 16])
def test_low_is_at_most_likely_and_likely_at_most_high_and_all_are_rounded(counters: int) -> None:
    branch = Branch(counters_of(counters, "alike")).learn().man_every_counter()
    for _ in range(30):
        for _ in range(5):
            branch.take()
        wait = branch.told()
        assert 0 <= wait.low_s <= wait.likely_s <= wait.high_s
        for figure in (wait.low_s, wait.likely_s, wait.high_s):
            step = 30 if figure < 600 else 60 if figure < 3600 else 300
            assert figure % step == 0, f"{figure} s pretends"


@pytest.mark.parametrize("skills", ["alike", "split"])
@pytest.mark.parametrize("counters", [1, 4, 16])
@pytest.mark.parametrize("rule", ["arrival", "head_start"])
def test_more_people_ahead_never_shorten_the_likely_wait_materially(
    counters: int, skills: str, rule: str
) -> None:
    branch = Branch(counters_of(counters, skills), CallingOrder(rule=rule)).learn()  # type: ignore[arg-type]
    branch.man_every_counter()
    longest = 0
    for _ in range(25):
        for service in ("cash", "cash", "cards", "cash"):
            branch.take(service)
        likely = branch.told().likely_s
        assert likely >= 0.9 * longest - 60
        longest = max(longest, likely)
    assert longest > 300


# --- simulated days ---------------------------------------------------------------------------

MEAN_S = 240
LOAD = 1.05  # of what the counters can serve: the line grows to minutes and to an hour
Draw = Callable[[Random], float]


def exponential(random: Random) -> float:
    return -MEAN_S * log(1 - random.random())


def lognormal(random: Random) -> float:
    """With a spread of 0.7 of the mean."""
    variance = log(1 + 0.7**2)
    return MEAN_S * exp(random.gauss(-variance / 2, variance**0.5))


def counters_of(number: int, skills: str) -> dict[str, CounterRule]:
    """All for everything; or, of four, two for everything and one each for cash and cards only."""
    kinds = {"alike": [BOTH], "split": [counter("cash"), BOTH, counter("cards"), BOTH]}[skills]
    return {str(n + 1): kinds[n % len(kinds)] for n in range(number)}


def simulated_day(
    counters: int, skills: str, draw: Draw, seed: int, customers: int
) -> list[tuple[Wait, float]]:
    """(what somebody was told, how long they waited in s), of those who had to wait."""
    random = Random(seed)
    branch = Branch(counters_of(counters, skills))
    forecast = Forecast(branch.rules, random)
    told: dict[str, tuple[Wait, datetime]] = {}
    waits: list[tuple[Wait, float]] = []
    free: list[tuple[datetime, str]] = []
    idle = list(branch.rules.counters)

    def serve(name: str) -> None:
        call = branch.call(name)
        if call is None:
            idle.append(name)
            return
        branch.press("start", name)
        heapq.heappush(free, (branch.now + seconds(draw(random)), name))
        if call.ticket in told:
            wait, since = told.pop(call.ticket)
            waits.append((wait, (branch.now - since).total_seconds()))

    def until(then: datetime) -> None:
        while free and free[0][0] <= then:
            branch.now, name = heapq.heappop(free)
            serve(name)
        branch.now = then

    for n in range(customers):
        until(branch.now + seconds(random.expovariate(LOAD * counters / MEAN_S)))
        service = random.choice(["cash", "cash", "cards"])
        learnt = n >= customers / 5
        wait = (
            forecast.newcomer(branch.queue, branch.now, service, "ordinary", branch.now)
            if learnt and n % 14 == 0
            else None
        )
        ticket = branch.take(service)
        if wait is not None and 60 <= wait.likely_s <= 3600:
            told[ticket] = (wait, branch.now)
        for name in idle[:]:
            idle.remove(name)
            serve(name)
    until(NINE + minutes(60 * 24))
    return waits


@pytest.mark.parametrize(
    ("counters", "skills", "draw"),
    [  # each hall by one kind of turns, the two that differ most by both
        (1, "alike", exponential), (4, "alike", lognormal), (4, "split", exponential),
        (4, "split", lognormal), (16, "alike", lognormal), (16, "split", exponential),
    ],
)  # fmt: skip
def test_about_eight_of_ten_waits_lie_in_the_range(counters: int, skills: str, draw: Draw) -> None:
    days, customers = {1: (50, 70), 4: (20, 200), 16: (12, 400)}[counters]
    waits = [
        wait
        for seed in range(days)
        for wait in simulated_day(counters, skills, draw, seed, customers)
    ]
    assert len(waits) > 100
    within = sum(wait.low_s <= waited <= wait.high_s for wait, waited in waits) / len(waits)
    assert max(waited for _, waited in waits) > 600
    assert 0.72 <= within <= 0.90, f"{within:.0%} of {len(waits)}"
