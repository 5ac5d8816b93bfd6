"""Whether a branch stays well with a new configuration. Pure: seconds are passed in."""

from typing import Literal

UNWELL_S = 15.0  # a disk that hiccups is no reason; of a short trial, a quarter


class Trial:
    """Well for `lasts_s` in all, or back. Begins when the program has come up."""

    def __init__(self, lasts_s: float, now: float) -> None:
        self._ends_at = now + lasts_s
        self._patience_s = min(UNWELL_S, lasts_s / 4)
        self._unwell_since: float | None = None
        self.why = ""

    def looked(self, now: float, why: str) -> Literal["", "passed", "failed"]:
        """`why` the branch is not well; empty when it is."""
        if not why:
            self._unwell_since, self.why = None, ""
            return "passed" if now >= self._ends_at else ""
        self.why = why
        if self._unwell_since is None:
            self._unwell_since = now
        return "failed" if now - self._unwell_since >= self._patience_s else ""
