"""What a fleet shall be."""

import resource
from dataclasses import dataclass
from datetime import date
from pathlib import Path

FILES_EACH = 7  # a branch's journal and its log, twice over, its lock, and its line
FILES_BESIDE = 400


class TooMany(Exception):
    """More branches in a process than it may have files; the text says what to do."""


@dataclass(frozen=True)
class Plan:
    """Numbers of one run; `first` is the first simulated day, `data` holds a folder for each branch."""

    branches: int
    processes: int
    broker: str
    first: date
    days: int
    day_s: float
    visits: float
    counters: int
    seed: int
    data: Path
    report_s: float
    settle_s: float

    def numbers(self, process: int) -> range:
        """The branches of this process, each in one."""
        return range(1 + process, self.branches + 1, self.processes)


def raise_file_limit(branches: int) -> None:
    """For one process with so many branches, and for those that it starts. Raises TooMany."""
    needed = branches * FILES_EACH + FILES_BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= needed:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, max(hard, needed)))
    except (ValueError, OSError) as error:
        raise TooMany(
            f"{branches} branches in one process need {needed} open files, and {hard} are allowed: "
            "take more --processes, or raise the limit (ulimit -n)"
        ) from error
