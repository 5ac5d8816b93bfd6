"""How a version goes out: to some branches first, then to more, as long as they stay well. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, structs

from edge_agent.messages import ConfigState

State = Literal["running", "paused", "stopped", "done", "over"]
When = Literal["now", "closed"]
FAILED: tuple[ConfigState, ...] = ("refused", "rolled_back")
MOST_NAMED = 3  # branches in a sentence


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """These branches, all in and below a region, or every branch."""

    branches: Annotated[list[str], Meta(max_length=20_000)] = []
    region: Annotated[str, Meta(max_length=200)] = ""
    everywhere: bool = False

    def has(self, branch: str, region: str) -> bool:
        below = bool(self.region) and f"{region}/".startswith(f"{self.region}/")
        return self.everywhere or below or branch in self._named

    @cached_property
    def _named(self) -> frozenset[str]:
        """Every branch is looked for at every look, and the list may name them all."""
        return frozenset(self.branches)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Of one version. Stages up to `at` have begun, the last of them `since` then. After `healthy_h` hours in which all
    of a stage run it the next one begins; None waits for a click. `accepted`: branches that hold it up no longer.
    `before`: the version whose rollout was done last before it."""

    version: int
    stages: list[Stage]
    healthy_h: float | None
    when: When
    not_before: datetime | None
    state: State
    at: int
    since: datetime
    before: int
    reason: str = ""
    accepted: list[str] = []

    def reaches(self, branch: str, region: str) -> bool:
        """Whether this branch shall have it by now."""
        return any(stage.has(branch, region) for stage in self.stages[: self.at + 1])


class Says(msgspec.Struct, frozen=True, kw_only=True):
    """One branch: what we want of it since when, what it says, and since when it says so. `seen_at`: its last sign."""

    branch: str
    region: str = ""
    wanted: int = 0
    wanted_since: datetime | None = None
    version: int = 0
    about: int = 0
    state: ConfigState = ""
    reason: str = ""
    since: datetime | None = None
    status: str = "never"
    seen_at: datetime | None = None

    def runs(self, version: int) -> bool:
        """Kept, its trial over."""
        return self.version == version and self.state == "running"


def as_wanted(says: Says) -> bool:
    """Also where nothing is wanted."""
    return says.wanted == 0 or says.runs(says.wanted)


def failed(says: Says) -> bool:
    """It refused what is wanted, or went back."""
    return says.wanted != 0 and says.about == says.wanted and says.state in FAILED


def looked(plan: Plan, says: Iterable[Says], now: datetime) -> Plan:
    """The plan after a look at its branches: it stops, goes on, is done, or is as it was."""
    if plan.state != "running":
        return plan
    accepted = frozenset(plan.accepted)
    ours = [
        one for one in says if one.branch not in accepted and plan.reaches(one.branch, one.region)
    ]
    if trouble := failing(plan, ours):
        named = "; ".join(f"{one.branch}: {_why(one)}" for one in trouble[:MOST_NAMED])
        more = f"; and {len(trouble) - MOST_NAMED} more" if len(trouble) > MOST_NAMED else ""
        return structs.replace(plan, state="stopped", reason=named + more)
    if not ours or not all(one.runs(plan.version) for one in ours):
        return plan
    if plan.at == len(plan.stages) - 1:
        return structs.replace(plan, state="done", reason="")
    longest = max(*(one.since or now for one in ours), plan.since)
    if plan.healthy_h is not None and now - longest >= timedelta(hours=plan.healthy_h):
        return onward(plan, now)
    return plan


def failing(plan: Plan, says: Iterable[Says]) -> list[Says]:
    """Those that refused or rolled back this version, or fell silent while they should take it."""
    return [
        one
        for one in says
        if (one.about == plan.version and one.state in FAILED) or _fell_silent(plan, one)
    ]


def onward(plan: Plan, now: datetime) -> Plan:
    """The next stage begins."""
    at = min(plan.at + 1, len(plan.stages) - 1)
    return structs.replace(plan, at=at, since=now, state="running", reason="")


def paused(plan: Plan) -> Plan:
    return structs.replace(plan, state="paused")


def resumed(plan: Plan, says: Mapping[str, Says]) -> Plan:
    """Whoever holds it up now does so no longer."""
    held = [one.branch for one in failing(plan, says.values())]
    accepted = sorted({*plan.accepted, *held})
    return structs.replace(plan, state="running", reason="", accepted=accepted)


def _fell_silent(plan: Plan, one: Says) -> bool:
    """After it was told to take this version."""
    since = one.wanted_since
    told = one.wanted == plan.version and since is not None and one.seen_at is not None
    return told and one.status == "silent" and one.seen_at >= since  # type: ignore[operator]


def _why(one: Says) -> str:
    if one.status == "silent":
        return "silent"
    return f"{one.state}: {one.reason}" if one.reason else one.state
