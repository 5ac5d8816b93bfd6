"""When a rollout goes on, stops, and is done: examples worked by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from head_office.rollout import plan as plans
from head_office.rollout.plan import Plan, Says, Stage

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST, EAST, ALL = Stage(branches=["a", "b"]), Stage(region="East"), Stage(everywhere=True)


def plan(**more: Any) -> Plan:
    usual: dict[str, Any] = {
        "version": 7, "stages": [FIRST, EAST, ALL], "healthy_h": 4.0, "when": "now", "not_before": None,
        "state": "running", "at": 0, "since": NOON, "before": 6,
    }  # fmt: skip
    return Plan(**usual | more)


def says(branch: str, state: Any = "running", **more: Any) -> Says:
    usual: dict[str, Any] = {
        "wanted": 7, "wanted_since": NOON, "version": 7, "about": 7, "since": NOON,
        "status": "online", "seen_at": NOON + HOUR, "region": "East/Shanghai",
    }  # fmt: skip
    return Says(branch=branch, state=state, **usual | more)


OLD = {"version": 6, "about": 6}


@pytest.mark.parametrize(
    ("stage", "branch", "region", "has"),
    [
        (FIRST, "a", "", True),
        (FIRST, "c", "East", False),
        (EAST, "c", "East", True),
        (EAST, "c", "East/Shanghai", True),
        (EAST, "c", "Easter", False),
        (ALL, "c", "", True),
        (Stage(), "c", "", False),
    ],
)
def test_who_is_of_a_stage(stage: Stage, branch: str, region: str, has: bool) -> None:
    assert stage.has(branch, region) is has


@pytest.mark.parametrize(
    ("branches", "hours", "state", "at"),
    [
        ([says("a"), says("b")], 3.9, "running", 0),  # well, not long enough
        ([says("a"), says("b")], 4, "running", 1),
        ([says("a"), says("b", since=NOON + HOUR)], 4.5, "running", 0),  # the last one counts
        ([says("a"), says("b", since=NOON + HOUR)], 5, "running", 1),
        ([says("a"), says("b", "trying")], 9, "running", 0),
        ([says("a"), says("b", **OLD)], 9, "running", 0),
        ([says("a"), says("b", "waiting", version=6)], 9, "running", 0),
        ([says("a"), says("b", "refused", version=6)], 9, "stopped", 0),
        ([says("a"), says("b", "rolled_back", version=6)], 9, "stopped", 0),
        ([says("a"), says("b", "rolled_back", version=5, about=6)], 9, "running", 0),  # an older one
        ([says("a"), says("b", status="silent")], 9, "stopped", 0),
        ([says("a"), says("b", status="silent", seen_at=NOON - HOUR)], 3, "running", 0),  # before
        ([says("a"), says("b"), says("c", "rolled_back", version=6)], 3, "running", 0),  # no member
        ([], 9, "running", 0),
    ],
)  # fmt: skip
def test_of_a_stage(branches: list[Says], hours: float, state: str, at: int) -> None:
    after = plans.looked(plan(), branches, NOON + hours * HOUR)
    assert (after.state, after.at) == (state, at)


def test_why_it_stopped_names_the_branch_and_its_reason() -> None:
    ill = says("b", "rolled_back", version=6, reason="the journal cannot be written")
    after = plans.looked(plan(), [says("a"), ill], NOON)
    assert after.reason == "b: rolled_back: the journal cannot be written"


def test_a_branch_of_an_earlier_stage_stops_it_too() -> None:
    after = plans.looked(plan(at=1), [says("a", "rolled_back", version=6), says("c")], NOON)
    assert after.state == "stopped"


def test_without_hours_it_waits_for_a_person() -> None:
    branches = [says("a"), says("b")]
    waits = plans.looked(plan(healthy_h=None), branches, NOON + 1000 * HOUR)
    assert (waits.state, waits.at) == ("running", 0)
    assert plans.onward(waits, NOON).at == 1


def test_after_the_last_stage_it_is_done() -> None:
    branches = [says("a"), says("b"), says("c", region="West")]
    assert plans.looked(plan(at=2), branches, NOON).state == "done"
    assert plans.looked(plan(at=2), [*branches, says("d", **OLD)], NOON).state == "running"


def test_who_held_it_up_does_so_no_longer_after_a_person_says_so() -> None:
    branches = [says("a"), says("b", "refused", version=6)]
    stopped = plans.looked(plan(), branches, NOON + 5 * HOUR)
    resumed = plans.resumed(stopped, {one.branch: one for one in branches})
    assert resumed.accepted == ["b"]
    assert plans.looked(resumed, branches, NOON + 5 * HOUR).at == 1


@pytest.mark.parametrize("state", ["paused", "stopped", "done", "over"])
def test_what_does_not_run_is_left_as_it_is(state: Any) -> None:
    still = plan(state=state)
    assert plans.looked(still, [says("a"), says("b")], NOON + 9 * HOUR) == still
