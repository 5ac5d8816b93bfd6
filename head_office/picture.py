"""Every branch as it is now. Pure values and numbers; time is passed in."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from msgspec import structs

from edge_agent.messages import Birth, DeviceHealth, Health, Names, Queues
from head_office.marks import Mark
from head_office.register import TARGET_S, Place, Register

SILENT_AFTER = timedelta(seconds=30)  # three missed signs of life
GONE_AFTER = timedelta(
    days=1
)  # a branch that is not on the list: closed for good, or not on it yet
Status = Literal["online", "offline", "silent", "never"]
Alert = Literal["", "cloned"]


class BranchNow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One branch on the board. `alert`: `cloned` when two agents bear its id. `since` is when it came into its status;
    `never` is of the bank's list and has not reported yet. `acked` is committed here; `behind` are the entries after it,
    `missing` those of them that are not here at all. Where it is and its target, in s, are from the bank's list."""

    branch: str
    name: Names = {}
    status: Status = "online"
    since: datetime
    seen_at: datetime
    version: str = ""
    epoch: str = ""
    acked: int = 0
    behind: int = 0
    missing: int = 0
    queues: Queues | None = None
    devices: list[DeviceHealth] = []
    alert: Alert = ""
    region: str = ""
    latitude: float | None = None
    longitude: float | None = None
    target_s: int = TARGET_S


class Picture:
    """The branches by id. Every change gets the next version number; a reader is only a number.

    `first_version` is above every number of an earlier run, so that its readers see everything anew.
    """

    def __init__(self, first_version: int = 0, register: Register | None = None) -> None:
        self._register = register or Register(None)
        self._branches: dict[str, BranchNow] = {}
        self._changed: dict[str, int] = {}  # branch -> version, the latest change last
        self.version = first_version

    @property
    def count(self) -> int:
        return len(self._branches)

    def all(self) -> list[BranchNow]:
        return sorted(self._branches.values(), key=lambda now: now.branch)

    def one(self, branch: str) -> BranchNow | None:
        return self._branches.get(branch)

    def changed_after(self, version: int) -> list[tuple[int, BranchNow]]:
        """The branches that have changed since, each as it is now; the earliest change first."""
        newer = [(self._changed[name], name) for name in _newer(self._changed, version)]
        return [(at, self._branches[name]) for at, name in reversed(newer)]

    def birth(self, birth: Birth, seen_at: datetime) -> None:
        """Who a branch is."""
        now = self._of(birth.branch, seen_at)
        since = now.since if now.status == birth.status else seen_at
        self._keep(
            structs.replace(
                now,
                name=birth.name,
                version=birth.version,
                epoch=birth.epoch,
                status=birth.status,
                since=since,
                seen_at=max(now.seen_at, seen_at),
            )
        )

    def queues(self, branch: str, queues: Queues, seen_at: datetime) -> None:
        now = self._alive(self._of(branch, seen_at), seen_at)
        self._keep(structs.replace(now, queues=queues, epoch=queues.epoch, name=queues.name))

    def health(self, branch: str, health: Health, seen_at: datetime) -> None:
        now = self._alive(self._of(branch, seen_at), seen_at)
        self._keep(structs.replace(now, devices=health.devices))

    def committed(self, branch: str, epoch: str, mark: Mark, seen_at: datetime) -> None:
        """How much of the branch's journal is in the ledger."""
        now = self._alive(self._of(branch, seen_at), seen_at)
        if now.epoch not in ("", epoch):
            return  # the tail of a journal that has been replaced
        behind = max(0, mark.highest - mark.seq)
        of_journal = {"epoch": epoch, "acked": mark.seq, "behind": behind, "missing": mark.missing}
        self._keep(structs.replace(now, **of_journal))

    def alert(self, branch: str, alert: Alert, seen_at: datetime) -> None:
        """What somebody must look at, until it is over."""
        self._keep(structs.replace(self._of(branch, seen_at), alert=alert))

    def fall_silent(self, now: datetime) -> None:
        """Mark the branches that have said nothing for too long. One heard in what is now the future was heard by a clock
        that has been put right: its time begins anew."""
        for branch in list(self._branches.values()):
            if branch.seen_at > now:
                self._keep(structs.replace(branch, seen_at=now, since=min(branch.since, now)))
            elif branch.status == "online" and now - branch.seen_at > SILENT_AFTER:
                self._keep(structs.replace(branch, status="silent", since=branch.seen_at))

    def place(self, now: datetime) -> None:
        """What the bank's list says. One that it does not know is forgotten a day after it has gone; without a list all
        stay."""
        places = self._register.places
        for branch, place in places.items():
            if branch not in self._branches:
                new = BranchNow(
                    branch=branch, name=place.names, status="never", since=now, seen_at=now
                )
                self._keep(_placed(new, place))
        for one in list(self._branches.values()):
            if places and one.branch not in places and _gone(one, now):
                self._forget(one.branch)
            elif not _stands(one, place := self._register.of(one.branch)):
                self._keep(_placed(one, place))

    def _of(self, branch: str, seen_at: datetime) -> BranchNow:
        """A branch that says something for the first time is online."""
        known = self._branches.get(branch)
        if known is not None and known.status != "never":
            return known
        new = BranchNow(branch=branch, since=seen_at, seen_at=seen_at)
        return _placed(new, self._register.of(branch))

    def _alive(self, now: BranchNow, seen_at: datetime) -> BranchNow:
        """News from a branch: it is not silent. (Offline is its own word and only its birth ends it.)"""
        if seen_at <= now.seen_at:
            return now
        if now.status == "silent":
            now = structs.replace(now, status="online", since=seen_at)
        return structs.replace(now, seen_at=seen_at)

    def _forget(self, branch: str) -> None:
        self.version += 1
        del self._branches[branch]
        self._changed.pop(branch, None)

    def _keep(self, now: BranchNow) -> None:
        self.version += 1
        self._branches[now.branch] = now
        self._changed.pop(now.branch, None)
        self._changed[now.branch] = self.version


def _newer(changed: dict[str, int], version: int) -> Iterator[str]:
    for name, at in reversed(changed.items()):
        if at <= version:
            return
        yield name


def _placed(now: BranchNow, place: Place) -> BranchNow:
    """With what the bank's list says of it."""
    return structs.replace(
        now,
        region=place.region,
        latitude=place.latitude,
        longitude=place.longitude,
        target_s=place.target_s,
    )


def _gone(one: BranchNow, now: datetime) -> bool:
    return one.status == "never" or (one.status != "online" and now - one.since > GONE_AFTER)


def _stands(now: BranchNow, place: Place) -> bool:
    """Whether it is where the list says."""
    there = (place.region, place.latitude, place.longitude, place.target_s)
    return (now.region, now.latitude, now.longitude, now.target_s) == there
