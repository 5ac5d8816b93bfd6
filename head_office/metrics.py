"""What head office tells Prometheus, by its conventions (prometheus.io/docs/practices/naming). Labels are a state, a severity
or the first part of a region, never a branch."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import get_args

import psutil
import sqlalchemy as sa
from litestar import Response, get
from litestar.di import NamedDependency

from edge_agent.messages import Queues
from head_office import VERSION, access
from head_office.alerts.rules import Severity
from head_office.intake.counted import Counted
from head_office.ledger import Ledger
from head_office.listener import Listener
from head_office.office import Office
from head_office.picture import BranchNow, Status
from program.web import METRICS, AnyRequest

OURS = "lobby_head_office_"
STATUSES, SEVERITIES = get_args(Status), get_args(Severity)
Labels = Mapping[str, str]


@get("/metrics", media_type=METRICS)
async def metrics(request: AnyRequest, office: NamedDependency[Office]) -> Response[str]:
    """Prometheus text; of the branches that who asks may see. Regions are named: it takes a token, as the board does."""
    person = access.reader(request, office.settings)
    branches = [now for now in office.picture.all() if person.sees(now.region)]
    text = [
        *await asyncio.to_thread(_kept, office.ledger, office.listener),
        *_branches(branches),
        *_alerts(office.alerts.open(person)),
        *_program(office),
    ]
    return Response("".join(text), media_type=METRICS)


def _kept(ledger: Ledger, listener: Listener) -> list[str]:
    """Entries are counted by the marks of the journals: nobody counts hundreds of millions of rows. Nothing while the
    ledger cannot be read: the other figures say that."""
    try:
        marks = ledger.marks().values()
        entries = sum(mark.highest - mark.missing for mark in marks)
        aside = ledger.set_aside()
        done, waiting = listener.taken_in()
    except (sa.exc.SQLAlchemyError, OSError):
        return []
    return [
        *_one("events_total", "counter", "Entries of branches' journals, each once.", entries),
        *_one("messages_set_aside_total", "counter", "Messages that nobody can read.", aside),
        *_taken_in(done, waiting),
    ]


def _taken_in(done: Counted, waiting: int) -> Iterator[str]:
    """By this process, or by all that take in."""
    yield from _one("messages_waiting", "gauge", "Heard and not written down yet.", waiting)
    yield from _one(
        "messages_dropped_total", "counter", "Too many waited; branches send again.", done.dropped
    )
    yield from _one("commits_failed_total", "counter", "Tries to write the ledger.", done.failed)
    name = f"{OURS}commit_duration_seconds"
    within = list(done.within())
    yield f"# HELP {name} From a batch to the disk.\n# TYPE {name} histogram\n"
    for limit, count in within:
        yield _line(f"{name}_bucket", {"le": "+Inf" if limit == inf else f"{limit:g}"}, count)
    yield _line(f"{name}_sum", {}, round(done.took_s, 6))
    yield _line(f"{name}_count", {}, within[-1][1])


def _branches(all_of_them: list[BranchNow]) -> Iterator[str]:
    regions: dict[str, list[BranchNow]] = {}
    for now in all_of_them:
        regions.setdefault(now.region.partition("/")[0], []).append(now)
    statuses = Counter((region, now.status) for region, some in regions.items() for now in some)
    yield from _many("branches", "gauge", "By how they are.", [
        ({"region": region, "status": status}, statuses[region, status])
        for region in regions
        for status in STATUSES
    ])  # fmt: skip
    for name, about, figure in (
        ("entries_behind", "Told of, after the last that is acknowledged.", _behind),
        ("entries_missing", "Of those, what is not here at all.", _missing),
        ("customers_waiting", "In the queues of branches that are online.", _waiting),
        ("longest_wait_seconds", "Of whoever waits longest at a branch online.", _longest_s),
    ):
        by_region = [({"region": region}, figure(some)) for region, some in regions.items()]
        yield from _many(name, "gauge", about, by_region)


def _behind(some: list[BranchNow]) -> int:
    return sum(now.behind for now in some)


def _missing(some: list[BranchNow]) -> int:
    return sum(now.missing for now in some)


def _waiting(some: list[BranchNow]) -> int:
    return sum(queue.waiting for now in _online(some) for queue in now.queues)


def _longest_s(some: list[BranchNow]) -> int:
    waits = (queue.longest_wait_s for now in _online(some) for queue in now.queues)
    return max(waits, default=0)


def _online(some: list[BranchNow]) -> Iterator[Queues]:
    """The last word of a branch that is gone says nothing of now."""
    return (now.queues for now in some if now.status == "online" and now.queues is not None)


def _alerts(found: Mapping[str, int]) -> Iterator[str]:
    yield from _many("alerts_open", "gauge", "By how bad they are.", [
        ({"severity": severity}, found.get(severity, 0)) for severity in SEVERITIES
    ])  # fmt: skip


def _program(office: Office) -> Iterator[str]:
    listener = office.listener
    yield from _one("broker_connected", "gauge", "1 while we hear.", int(listener.listening))
    yield from _one(
        "ledger_failing", "gauge", "1 while it cannot be written.", int(listener.failing)
    )
    yield from _one(
        "shards_unattended", "gauge", "Of 64, those nobody takes in.", listener.unattended
    )
    yield from _one("stream_listeners", "gauge", "Readers of the stream.", office.following)
    yield from _many("build_info", "gauge", "Which version runs.", [({"version": VERSION}, 1)])
    memory = psutil.Process().memory_info().rss
    yield from _family("process_resident_memory_bytes", "gauge", "Memory.", [({}, memory)])
    cpu_s = round(time.process_time(), 3)
    yield from _family("process_cpu_seconds_total", "counter", "CPU time.", [({}, cpu_s)])


def _one(name: str, kind: str, about: str, value: float) -> Iterator[str]:
    return _many(name, kind, about, [({}, value)])


def _many(
    name: str, kind: str, about: str, samples: Iterable[tuple[Labels, float]]
) -> Iterator[str]:
    return _family(OURS + name, kind, about, samples)


def _family(
    name: str, kind: str, about: str, samples: Iterable[tuple[Labels, float]]
) -> Iterator[str]:
    yield f"# HELP {name} {about}\n# TYPE {name} {kind}\n"
    yield from (_line(name, labels, value) for labels, value in samples)


def _line(name: str, labels: Labels, value: float) -> str:
    named = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{named}}} {value}\n" if named else f"{name} {value}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
