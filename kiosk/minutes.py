"""An estimated wait in whole minutes, as a person says it."""

from math import ceil

from edge_agent.messages import EstimatedWait


def minutes(wait: EstimatedWait) -> tuple[int, int]:
    """The range in minutes, at least 1; the upper end rounded up: better sooner than promised."""
    low = max(1, wait.low_s // 60)
    return low, max(low, ceil(wait.high_s / 60))
