"""The simulated day: who comes when, what the clock says, what breaks."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from fleet import rhythm
from fleet.clock import Clock
from fleet.machines import KINDS, Machines

SERVICES = ("cash", "cards")
HOUR_S = 3600
SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_day_has_two_humps_and_a_quiet_noon() -> None:
    hours = Counter(
        int(visit.at_s // HOUR_S) for visit in rhythm.visits(Random(1), 20_000, SERVICES)
    )
    morning, noon, afternoon = hours[1], hours[3], hours[6]
    assert morning > 2 * noon
    assert afternoon > 1.3 * noon
    assert all(0 <= hour < rhythm.OPEN_FOR_S / HOUR_S for hour in hours)


def test_visits_are_in_order_and_the_same_for_the_same_seed() -> None:
    one, again = (rhythm.visits(Random(7), 50, SERVICES) for _ in range(2))
    assert one == again
    assert [visit.at_s for visit in one] == sorted(visit.at_s for visit in one)
    assert one != rhythm.visits(Random(8), 50, SERVICES)


def test_branches_differ_in_size_and_their_mean_is_about_one() -> None:
    sizes = [rhythm.size(Random(n)) for n in range(4000)]
    assert 0.9 < sum(sizes) / len(sizes) < 1.1
    assert max(sizes) > 2.5
    assert min(sizes) >= 0.4


class Real:
    """Seconds that pass when told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def clock(real: Real, days: int = 2) -> Clock:
    return Clock(real, date(2026, 11, 25), SHANGHAI, days=days, day_s=60)


def at(made: Clock, real: Real, seconds: float) -> datetime:
    """What it says so many real seconds after the beginning, once it has ticked."""

    async def tick() -> None:
        ticking = asyncio.create_task(made.tick())
        await asyncio.sleep(0.05)
        ticking.cancel()

    real.now = 100.0 + seconds
    asyncio.run(tick())
    return made()


def test_nine_hours_pass_in_the_time_of_a_day_and_the_night_in_none() -> None:
    real = Real()
    made = clock(real)
    opens = datetime(2026, 11, 25, 8, 30, tzinfo=SHANGHAI)
    assert made() == opens
    made.begin()
    assert at(made, real, 30) == opens + timedelta(hours=4.5)
    assert at(made, real, 60) == opens + timedelta(days=1)
    assert at(made, real, 119) < opens + timedelta(days=1, hours=9)
    assert at(made, real, 500) == opens + timedelta(days=1, hours=9)


def test_a_write_between_two_ticks_takes_no_time() -> None:
    """Its milliseconds would be seconds at this pace, and every journal slow."""
    real = Real()
    made = clock(real)
    made.begin()
    before = made.steady()
    real.now += 0.005
    assert made.steady() == before


def test_what_broke_says_why_and_is_well_again() -> None:
    machines, now = Machines(Random(3), 1.0), datetime(2026, 11, 26, tzinfo=UTC)
    machines.fails("card_reader", now)
    broken = {one.kind: one for one in machines.all(now) if one.state != "ready"}
    assert {kind: one.detail for kind, one in broken.items()} == {"card_reader": "jammed"}
    machines.works("card_reader", now)
    assert {one.state for one in machines.all(now)} == {"ready"}
    assert [one.kind for one in machines.all(now)] == list(KINDS)


def test_failures_come_as_often_as_asked() -> None:
    machines = Machines(Random(5), 0.5)
    number = sum(len(machines.plan(rhythm.OPEN_FOR_S)) for _ in range(4000))
    assert 1800 < number < 2200
