"""When what ails a branch becomes an alert, and when the alert is over. Time is passed in; nothing is written here."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from head_office.alerts.rules import LASTING, OVER_AFTER, Kind, Trouble, heard_of, troubles
from head_office.picture import BranchNow

Thing = tuple[Kind, str]  # what it is, and of which machine or kiosk
Key = tuple[str, Kind, str]  # the same with its branch
Ailing = dict[Thing, Trouble]  # of one branch


@dataclass(frozen=True, slots=True)
class Begun:
    region: str
    trouble: Trouble
    since: datetime


@dataclass(slots=True)
class Changes:
    """What one look has found; `ended` with the moment since when there is nothing of it any more."""

    begun: dict[Key, Begun] = field(default_factory=dict)
    ended: dict[Key, datetime] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.begun or self.ended)


class Watch:
    """`look` as often as you like, and `took` when what it found is kept: until then it is found again."""

    def __init__(self, open_: Iterable[Key]) -> None:
        # of each branch: what is open, and since when there is nothing of it; what has not lasted long enough yet
        self._open: defaultdict[str, dict[Thing, datetime | None]] = defaultdict(dict)
        self._coming: defaultdict[str, dict[Thing, datetime]] = defaultdict(dict)
        self._ails: dict[str, tuple[BranchNow, Ailing]] = {}
        for branch, kind, subject in open_:
            self._open[branch][kind, subject] = None

    def look(self, branches: Iterable[BranchNow], now: datetime) -> Changes:
        """`branches`: all that there are."""
        changes = Changes()
        gone = {branch for branch, things in self._open.items() if things}
        self._ails = {one.branch: (one, self._ailing(one)) for one in branches}
        for one, there in self._ails.values():
            gone.discard(one.branch)
            self._begin(one, there, now, changes)
            if heard_of(one):
                self._end(one.branch, there, now, changes)
        for branch in gone:
            changes.ended |= {(branch, *thing): now for thing in self._open[branch]}
        return changes

    def took(self, changes: Changes) -> None:
        for branch, kind, subject in changes.begun:
            self._coming[branch].pop((kind, subject), None)
            self._open[branch][kind, subject] = None
        for branch, kind, subject in changes.ended:
            self._open[branch].pop((kind, subject), None)

    def deaf(self) -> None:
        """Head office itself hears nobody: that a branch is silent says nothing, and must last anew."""
        self._coming.clear()

    def _ailing(self, one: BranchNow) -> Ailing:
        """Worked out once for as long as the branch is the same."""
        known = self._ails.get(one.branch)
        if known is not None and known[0] is one:
            return known[1]
        return {(trouble.kind, trouble.subject): trouble for trouble in troubles(one)}

    def _begin(self, one: BranchNow, there: Ailing, now: datetime, changes: Changes) -> None:
        coming = self._coming.pop(one.branch, {})
        known = self._open.get(one.branch, {})
        still = {thing: coming.get(thing, now) for thing in there if thing not in known}
        if still:
            self._coming[one.branch] = still
        for thing, since in still.items():
            if now - since >= LASTING[thing[0]]:
                key = (one.branch, *thing)
                changes.begun[key] = Begun(one.region, there[thing], since)

    def _end(self, branch: str, there: Ailing, now: datetime, changes: Changes) -> None:
        for thing, since in self._open.get(branch, {}).items():
            if thing in there:
                self._open[branch][thing] = None
            elif since is None:
                self._open[branch][thing] = now
            elif now - since >= OVER_AFTER:
                changes.ended[branch, *thing] = since
