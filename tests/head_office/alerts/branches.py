"""Branches as they may stand, for the tests of alerts."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from edge_agent.messages import (
    CounterNow,
    DeviceHealth,
    EstimatedWait,
    HelpWanted,
    QueueNow,
    Queues,
)
from head_office.picture import BranchNow

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def well(branch: str = "bund", **but: Any) -> BranchNow:
    """Online, nobody waits, nothing ails it; but for what is said."""
    values = {"region": "East/Shanghai", "target_s": 600, "queues": queues(), **but}
    return BranchNow(branch=branch, since=NOON, seen_at=NOON, **values)


def queues(**but: Any) -> Queues:
    values: dict[str, Any] = {
        "branch": "bund",
        "name": {"en": "The Bund"},
        "at": NOON,
        "business_day": NOON.date(),
        "epoch": "e",
        "journal_seq": 1,
        "queues": [],
        "counters": [CounterNow(counter="1", state="idle")],
        "calls": [],
        "issued": 0,
        "served": 0,
        "missed": 0,
    }
    return Queues(**{**values, **but})


def waiting(longest_s: int, likely_s: int | None = None, people: int = 3) -> Queues:
    estimate = None if likely_s is None else EstimatedWait(low_s=0, likely_s=likely_s, high_s=9999)
    one = QueueNow(
        service="cash",
        names={"en": "Cash"},
        waiting=people,
        longest_wait_s=longest_s,
        estimated_wait=estimate,
    )
    return queues(queues=[one])


def machine(state: str, detail: str = "", left: int | None = None) -> DeviceHealth:
    said = {"device": "kiosk-1/printer", "kind": "ticket_printer", "since": NOON, "state": state}
    return msgspec.convert({**said, "detail": detail, "tickets_left": left}, DeviceHealth)


def help_wanted(**but: Any) -> HelpWanted:
    return HelpWanted(**{"kiosk": "kiosk-1", "screen": "welcome", "at": NOON, **but})
