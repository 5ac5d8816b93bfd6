"""A branch as a row of the board: as few bytes as say it. Pure.

Both shapes go out as JSON arrays, their fields in the order in which they stand here; head_office/board/row.js reads
them. Times are whole seconds since 1970 in UTC.
"""

from datetime import datetime

import msgspec

from edge_agent.messages import DeviceHealth, DeviceState, Names, Queues
from head_office.alerts.rules import Kind, troubles
from head_office.picture import SILENT_AFTER, BranchNow, Status

AILING: frozenset[DeviceState] = frozenset({"absent", "fault", "degraded"})
AT_WORK = frozenset({"called", "serving"})


class About(msgspec.Struct, frozen=True, array_like=True):
    """What seldom changes."""

    branch: str
    names: Names
    region: str
    latitude: float | None
    longitude: float | None
    target_s: int
    version: str


class Ailing(msgspec.Struct, frozen=True, array_like=True):
    """A machine that is not well."""

    device: str
    kind: str
    state: DeviceState
    detail: str
    tickets_left: int | None


class Rated(msgspec.Struct, frozen=True, array_like=True):
    """Today's ratings."""

    visits: int
    rated: int
    mean: float | None


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """How it stands. `longest_s` was so at `counted_at`, by head office's clock; `open` counters of `counters` are
    open, `busy` of them have somebody; `kinds`: what ails it, each kind once."""

    branch: str
    status: Status
    since: int
    seen: int
    waiting: int
    longest_s: int
    counted_at: int
    open: int
    busy: int
    counters: int
    served: int
    ailing: list[Ailing]
    behind: int
    missing: int
    kinds: list[Kind]
    ratings: Rated | None
    clock_off_s: int


def about(now: BranchNow) -> About:
    names = now.queues.name if now.queues is not None else now.name
    return About(
        branch=now.branch,
        names=names,
        region=now.region,
        latitude=now.latitude,
        longitude=now.longitude,
        target_s=now.target_s,
        version=now.version,
    )


def standing(now: BranchNow) -> Standing:
    queues = now.queues
    lines = queues.queues if queues is not None else []
    counters = queues.counters if queues is not None else []
    return Standing(
        branch=now.branch,
        status=now.status,
        since=_seconds(now.since),
        seen=_seconds(now.seen_at),
        waiting=sum(line.waiting for line in lines),
        longest_s=max((line.longest_wait_s for line in lines if line.waiting), default=0),
        counted_at=_seconds(_counted_at(now)),
        open=sum(one.state not in ("closed", "paused") for one in counters),
        busy=sum(one.state in AT_WORK for one in counters),
        counters=len(counters),
        served=queues.served if queues is not None else 0,
        ailing=[_ailing(one) for one in now.devices if one.state in AILING],
        behind=now.behind,
        missing=now.missing,
        kinds=list(dict.fromkeys(one.kind for one in troubles(now))),
        ratings=_rated(queues),
        clock_off_s=queues.clock_off_s if queues is not None else 0,
    )


def _counted_at(now: BranchNow) -> datetime:
    """When the branch counted; the moment we heard of it where its own clock cannot be right."""
    if now.queues is None:
        return now.seen_at
    told = now.queues.at
    return told if abs(now.seen_at - told) <= SILENT_AFTER else now.seen_at


def _ailing(one: DeviceHealth) -> Ailing:
    return Ailing(one.device, one.kind, one.state, one.detail, one.tickets_left)


def _rated(queues: Queues | None) -> Rated | None:
    told = queues.ratings if queues is not None else None
    return None if told is None else Rated(told.visits, told.rated, told.mean)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
