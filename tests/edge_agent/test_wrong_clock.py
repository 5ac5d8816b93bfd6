"""A clock that jumps by an hour, a day or half a century breaks neither order nor numbers."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from edge_agent.settings import Settings
from tests.edge_agent.journal_tools import A_DAY, MORNING, Desk, Machine, desk_at, settings_of

AN_HOUR = timedelta(hours=1)
A_MINUTE = timedelta(minutes=1)
A_SECOND = timedelta(seconds=1)
LONG_ENOUGH = 11 * A_MINUTE  # a leap forward is taken over after ten
JUMPS = [-A_DAY, A_DAY, AN_HOUR, -AN_HOUR, timedelta(days=400), timedelta(days=-400)]

Story = Callable[[Desk, Machine], Coroutine[Any, Any, None]]


def told(folder: Path, story: Story, machine: Machine | None = None) -> Machine:
    """A branch whose clock does what the story says."""
    clock = machine or Machine()

    async def tell() -> None:
        async with desk_at(settings_of(folder), clock) as desk:
            await story(desk, clock)
            await in_order(desk)

    asyncio.run(tell())
    return clock


async def in_order(desk: Desk) -> None:
    """Times and business days never go back; numbers have no gap; no label stands twice in a day."""
    events = await desk.events()
    assert [e["seq"] for e in events] == [*range(1, len(events) + 1)]
    for one, following in pairwise(events):
        assert moment(one["at"]) <= moment(following["at"])
        assert one["business_day"] <= following["business_day"]
    labels = [(e["business_day"], e["label"]) for e in events if e["type"] == "TicketIssued"]
    assert len({*labels}) == len(labels)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def passes(desk: Desk, machine: Machine, time: timedelta) -> None:
    """The agent looks at its clock again and again, as it does while it runs."""
    step = max(A_SECOND, time / 40)
    while time > timedelta():
        machine.goes_on(min(step, time))
        await desk.branch.desk.look_at_clock()
        time -= step


async def work(desk: Desk, machine: Machine, turns: int = 4) -> None:
    """Customers come and are served, each turn in three minutes; the estimate learns from it."""
    for _ in range(turns):
        await desk.issue()
        await desk.press("1", "call-next")
        await passes(desk, machine, A_MINUTE)
        await desk.press("1", "start")
        await passes(desk, machine, 2 * A_MINUTE)
        await desk.press("1", "finish")


async def off_s(desk: Desk) -> int:
    found = (await desk.queues())["clock_off_s"]
    assert isinstance(found, int)
    warned = (await desk.http.get("/healthz")).json()["warnings"]
    assert bool(found) == any("clock" in warning for warning in warned)
    return found


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_leap_while_running_breaks_nothing_and_is_told(tmp_path: Path, jump: timedelta) -> None:
    async def story(desk: Desk, machine: Machine) -> None:
        await work(desk, machine)
        waiting = [await desk.issue() for _ in range(3)]
        day = (await desk.queues())["business_day"]
        machine.leaps(jump)
        new = await desk.issue()
        assert new["label"] == "A008"
        assert new["business_day"] == day
        assert await off_s(desk) == round(jump.total_seconds())
        machine.goes_on(A_MINUTE)
        machine.leaps(-jump)  # somebody has seen it
        await desk.branch.desk.look_at_clock()
        assert await off_s(desk) == 0
        assert abs(desk.branch.clock() - machine.wall) <= A_MINUTE
        for ticket in (*waiting, new):
            called = (await desk.press("1", "call-next")).json()
            assert called["id"] == ticket["id"]
            await desk.press("1", "no-show")

    told(tmp_path, story)


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_leap_across_a_restart_breaks_nothing(tmp_path: Path, jump: timedelta) -> None:
    waiting: list[str] = []

    async def before(desk: Desk, machine: Machine) -> None:
        await work(desk, machine)
        waiting.extend([(await desk.issue())["id"] for _ in range(3)])

    async def after(desk: Desk, machine: Machine) -> None:
        await desk.branch.desk.look_at_clock()
        new = await desk.issue()
        if jump < timedelta() or jump == AN_HOUR:  # the same day still
            assert new["label"] == "A008"
            for one in waiting:
                assert (await desk.press("1", "call-next")).json()["id"] == one
                await desk.press("1", "no-show")
        else:
            assert new["label"] == "A001"
        assert await off_s(desk) == (round(jump.total_seconds()) if jump < timedelta() else 0)

    machine = told(tmp_path, before)
    machine.leaps(jump)
    told(tmp_path, after, machine)


@pytest.mark.parametrize("jump", [-A_DAY, -AN_HOUR], ids=str)
def test_a_start_with_the_clock_behind_follows_it_once_it_is_right(
    tmp_path: Path, jump: timedelta
) -> None:
    machine = told(tmp_path, work)
    machine.goes_on(30 * A_MINUTE)
    machine.leaps(jump)

    async def story(desk: Desk, machine: Machine) -> None:
        await desk.issue()
        await passes(desk, machine, 5 * A_MINUTE)
        assert await off_s(desk) < 0
        machine.leaps(-jump)
        await desk.issue()
        assert await off_s(desk) == 0
        assert desk.branch.clock() == machine.wall

    told(tmp_path, story, machine)


@pytest.mark.parametrize("with_journal", [True, False])
def test_a_machine_that_starts_in_1970_is_followed_at_once_when_its_time_comes(
    tmp_path: Path, with_journal: bool
) -> None:
    if with_journal:
        told(tmp_path, work)
    machine = Machine(datetime(1970, 1, 1, 0, 1, tzinfo=UTC))

    async def story(desk: Desk, machine: Machine) -> None:
        await desk.branch.desk.look_at_clock()
        await passes(desk, machine, A_MINUTE)
        machine.wall = MORNING + 3 * A_DAY  # from a time server
        new = await desk.issue()
        assert new["business_day"] == "2026-03-05"
        assert new["label"] == "A001"
        assert await off_s(desk) == 0

    told(tmp_path, story, machine)


def test_a_leap_forward_that_stays_is_taken_over_after_ten_minutes(tmp_path: Path) -> None:
    async def story(desk: Desk, machine: Machine) -> None:
        await work(desk, machine)
        machine.leaps(A_DAY)
        await passes(desk, machine, 9 * A_MINUTE)
        assert (await desk.issue())["business_day"] == "2026-03-02"
        await passes(desk, machine, 2 * A_MINUTE)
        assert (await desk.issue())["business_day"] == "2026-03-03"
        assert await off_s(desk) == 0

    told(tmp_path, story)


def test_a_leap_forward_is_not_believed_sooner_for_a_leap_backward_before_it(
    tmp_path: Path,
) -> None:
    async def story(desk: Desk, machine: Machine) -> None:
        await work(desk, machine)
        waiting = await desk.issue()
        machine.leaps(-AN_HOUR)
        await passes(desk, machine, LONG_ENOUGH)
        machine.leaps(A_DAY)
        await passes(desk, machine, A_MINUTE)
        assert (await desk.queues())["business_day"] == "2026-03-02"
        assert (await desk.press("1", "call-next")).json()["id"] == waiting["id"]

    told(tmp_path, story)


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("ahead", [AN_HOUR, A_DAY], ids=str)
def test_after_a_leap_forward_was_taken_over_and_taken_back_the_times_agree_again_some_day(
    tmp_path: Path, ahead: timedelta, restarted: bool
) -> None:
    """`waited out`: whoever waits must arrive."""

    async def until_believed(desk: Desk, machine: Machine) -> None:
        await work(desk, machine)
        machine.leaps(ahead)
        await passes(desk, machine, LONG_ENOUGH)
        assert await off_s(desk) == 0
        machine.leaps(-ahead)
        await desk.issue()
        assert await off_s(desk) < 0

    async def waits(desk: Desk, machine: Machine) -> None:
        for _ in range(24 * 5):
            machine.goes_on(AN_HOUR)
            await desk.branch.desk.look_at_clock()
        await desk.issue()
        assert await off_s(desk) == 0

    async def both(desk: Desk, machine: Machine) -> None:
        await until_believed(desk, machine)
        await waits(desk, machine)

    if restarted:
        told(tmp_path, waits, told(tmp_path, until_believed))
    else:
        told(tmp_path, both)


@pytest.mark.parametrize("jump", [AN_HOUR, -AN_HOUR, A_DAY, -A_DAY], ids=str)
def test_estimates_stay_sane_over_a_leap_with_people_at_the_counters(
    tmp_path: Path, jump: timedelta
) -> None:
    async def story(desk: Desk, machine: Machine) -> None:
        await work(desk, machine, 6)
        for _ in range(4):
            await desk.issue()
        await desk.press("1", "call-next")
        await desk.press("1", "start")
        before = await estimate(desk)
        assert 300 <= before <= 1500  # three wait, each turn takes three minutes
        machine.leaps(jump)
        await passes(desk, machine, LONG_ENOUGH)
        if jump != A_DAY:
            assert await estimate(desk) <= 1500
        await desk.press("1", "finish")
        for _ in range(4):
            await desk.issue()
        await desk.press("1", "call-next")
        await passes(desk, machine, A_MINUTE)
        assert await estimate(desk) <= 3000  # six wait; the slowest real turn took twelve minutes
        promised = [e["promised"] for e in await desk.events() if e.get("promised")]
        assert all(0 <= one["low_s"] <= one["likely_s"] <= one["high_s"] < 3000 for one in promised)

    told(tmp_path, story)


async def estimate(desk: Desk) -> int:
    wait = (await desk.queues())["queues"][0]["estimated_wait"]
    return 0 if wait is None else int(wait["high_s"])


def in_zone(folder: Path, zone: str, starts_at: str) -> Settings:
    settings = settings_of(folder)
    branch = structs.replace(settings.branch, time_zone=zone, day_starts_at=starts_at)
    return structs.replace(settings, branch=branch)


SHIFTS = [
    ("Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 11, 3, 12, tzinfo=UTC)),  # at midnight
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 2, tzinfo=UTC)),  # by half an hour
]


@pytest.mark.parametrize("starts_at", ["04:00", "02:30", "00:00"])
@pytest.mark.parametrize(("zone", "begins"), SHIFTS)
def test_daylight_saving_changes_nothing(
    tmp_path: Path, zone: str, begins: datetime, starts_at: str
) -> None:
    async def story() -> None:
        machine = Machine(begins)
        days: list[str] = []
        async with desk_at(in_zone(tmp_path, zone, starts_at), machine) as desk:
            for _ in range(48 * 2):
                machine.goes_on(30 * A_MINUTE)
                await desk.branch.desk.look_at_clock()
                days.append((await desk.issue())["business_day"])
                assert await off_s(desk) == 0
            await in_order(desk)
        assert days == sorted(days)
        assert len({*days}) == 3
        async with desk_at(in_zone(tmp_path, zone, starts_at), machine) as desk:
            assert (await desk.issue())["business_day"] == days[-1]
            await in_order(desk)

    asyncio.run(story())
