"""Two agents that bear one branch's id: each throws the other off the broker, and comes back. Time is passed in.

A run of the agent's program that another run has followed never comes back by itself: an agent that is
started anew is another run. So one that returns twice has a double. (Twice, for a broker may deliver late.)
"""

import logging
from collections import deque
from datetime import datetime, timedelta

from edge_agent.messages import Birth
from head_office.picture import Picture

log = logging.getLogger(__name__)

RETURNS = 2
WITHIN = timedelta(minutes=10)  # of each other; and so long without one ends the alarm
RUNS_KEPT = 8  # of a branch


class Clones:
    """By branch: which runs were seen, the present one last, and when one of them returned."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._runs: dict[str, deque[str]] = {}
        self._returns: dict[str, deque[datetime]] = {}
        self._alarmed: set[str] = set()

    def born(self, birth: Birth, now: datetime) -> None:
        """A branch says that it is there."""
        if birth.status == "online" and self._has_double(birth, now):
            log.error(
                "%s: two agents bear this branch's id and throw each other off the broker. Give one of them "
                "another id; what both have sent is kept apart by epoch.",
                birth.branch,
            )
            self._picture.alert(birth.branch, "cloned", now)

    def look(self, now: datetime) -> None:
        """What has been quiet for long enough is over."""
        for branch in [one for one in self._alarmed if now - self._returns[one][-1] > WITHIN]:
            self._alarmed.discard(branch)
            log.info("%s: only one agent bears this id again.", branch)
            self._picture.alert(branch, "", now)

    def _has_double(self, birth: Birth, now: datetime) -> bool:
        """True when that is news."""
        run = birth.run or birth.epoch  # an older agent does not name its run
        runs = self._runs.setdefault(birth.branch, deque(maxlen=RUNS_KEPT))
        if runs and runs[-1] == run:
            return False
        if run not in runs:
            runs.append(run)
            return False
        runs.remove(run)
        runs.append(run)
        returns = self._returns.setdefault(birth.branch, deque(maxlen=RETURNS))
        returns.append(now)
        if birth.branch in self._alarmed or len(returns) < RETURNS or now - returns[0] > WITHIN:
            return False
        self._alarmed.add(birth.branch)
        return True
