"""What ails a branch, from how it stands now. Pure; a table of what is noticed, how soon, and how badly it matters."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

import msgspec

from edge_agent.messages import DeviceHealth
from head_office.picture import BranchNow

Kind = Literal[
    "silent",
    "cloned",
    "journal-failing",
    "entries-missing",
    "clock-wrong",
    "wait-over-target",
    "wait-near-target",
    "help-unanswered",
    "device-down",
    "paper-low",
    "backlog",
    "configuration",
]
Severity = Literal["urgent", "warning", "notice"]

SEVERITY: dict[Kind, Severity] = {
    "silent": "urgent",
    "cloned": "urgent",
    "journal-failing": "urgent",
    "entries-missing": "warning",
    "clock-wrong": "warning",
    "wait-over-target": "warning",
    "wait-near-target": "notice",
    "help-unanswered": "warning",
    "device-down": "warning",
    "paper-low": "notice",
    "backlog": "notice",
    "configuration": "warning",
}
LASTING = {  # what goes away by itself within it is nobody's work
    "silent": timedelta(seconds=60),
    "cloned": timedelta(0),
    "journal-failing": timedelta(0),
    "entries-missing": timedelta(seconds=60),
    "clock-wrong": timedelta(seconds=30),
    "wait-over-target": timedelta(0),
    "wait-near-target": timedelta(seconds=60),
    "help-unanswered": timedelta(0),
    "device-down": timedelta(seconds=60),
    "paper-low": timedelta(seconds=60),
    "backlog": timedelta(seconds=120),
    "configuration": timedelta(0),
}
OVER_AFTER = timedelta(seconds=60)  # without it; so that one that comes and goes is one alert
NEAR = 0.8  # of the target
HELP = timedelta(minutes=3)
BACKLOG = 500  # entries behind: some minutes of a full branch
DOWN = ("absent", "fault")
NOT_TAKEN = ("refused", "rolled_back")


class Trouble(msgspec.Struct, frozen=True):
    """One thing that ails a branch. `subject`: the machine, the kiosk or the version that it is about. `facts`: its figures."""

    kind: Kind
    subject: str = ""
    facts: dict[str, int | str] = {}


def heard_of(now: BranchNow) -> bool:
    """Whether the branch itself tells how it stands. Of one that does not, nothing begins and nothing is over."""
    return now.status == "online"


def troubles(now: BranchNow) -> list[Trouble]:
    """All that ails it now."""
    if now.status == "never":
        return []
    own = _of_queues(now) if heard_of(now) else ()
    machines = (one for device in now.devices for one in _of_device(device))
    return [*_of_line(now), *own, *(machines if heard_of(now) else ())]


def _of_line(now: BranchNow) -> Iterator[Trouble]:
    if now.status != "online":
        yield Trouble("silent", facts={"status": now.status})
    if now.alert == "cloned":
        yield Trouble("cloned")
    if now.missing:
        yield Trouble("entries-missing", facts={"entries": now.missing})
    elif now.behind >= BACKLOG:
        yield Trouble("backlog", facts={"entries": now.behind})


def _of_queues(now: BranchNow) -> Iterator[Trouble]:
    queues = now.queues
    if queues is None:
        return
    if queues.journal == "failing":
        yield Trouble("journal-failing")
    if queues.clock_off_s:
        yield Trouble("clock-wrong", facts={"off_s": queues.clock_off_s})
    if queues.config_state in NOT_TAKEN:
        facts: dict[str, int | str] = {"state": queues.config_state, "reason": queues.config_reason}
        yield Trouble("configuration", str(queues.config_about), facts)
    yield from _of_waits(now)
    for call in queues.help_wanted:
        if call.coming_at is None and queues.at - call.at > HELP:
            waited = int((queues.at - call.at).total_seconds())
            yield Trouble("help-unanswered", call.kiosk, {"waited_s": waited})


def _of_waits(now: BranchNow) -> Iterator[Trouble]:
    """`near` also when whoever comes now is likely to wait longer than the target."""
    waiting = [one for one in now.queues.queues if one.waiting] if now.queues else []
    longest = max((one.longest_wait_s for one in waiting), default=0)
    likely = max((one.estimated_wait.likely_s for one in waiting if one.estimated_wait), default=0)
    facts: dict[str, int | str] = {"longest_s": longest, "target_s": now.target_s}
    if longest > now.target_s:
        yield Trouble("wait-over-target", facts=facts)
    elif longest > NEAR * now.target_s or likely > now.target_s:
        yield Trouble("wait-near-target", facts={**facts, "likely_s": likely})


def _of_device(device: DeviceHealth) -> Iterator[Trouble]:
    facts: dict[str, int | str] = {"machine": device.kind, "cause": device.detail}
    if device.state in DOWN:
        yield Trouble("device-down", device.device, facts)
    elif device.detail == "paperLow":
        left = {} if device.tickets_left is None else {"tickets_left": device.tickets_left}
        yield Trouble("paper-low", device.device, {**facts, **left})
