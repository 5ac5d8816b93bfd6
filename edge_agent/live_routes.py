"""What pages, programs and engineers read: the branch as it stands, its stream, its journal, its health."""

import time
from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
import psutil
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Stream

from edge_agent import messages
from edge_agent.asking import caller_of, require
from edge_agent.branch import Branch
from program import health
from program.openapi import OPEN, OPEN_OR_KNOWN, Resumed
from program.web import (
    EVENTS,
    JSON,
    LARGEST_NUMBER,
    METRICS,
    STREAM_HEADERS,
    AnyRequest,
    documented,
    last_event_id,
)

API = "/api/v1"
PAGE_OF_JOURNAL = 1000


class Entries(msgspec.Struct, frozen=True):
    """Journal entries, oldest first."""

    events: list[dict[str, Any]]


class Standing(health.Standing, frozen=True):
    """How the branch stands, in sentences. `warnings` can wait."""

    journal_seq: int
    acked_by_head_office: int


@get(f"{API}/queues", sync_to_thread=False, security=OPEN_OR_KNOWN)
def queues(request: AnyRequest, branch: NamedDependency[Branch]) -> messages.Queues:
    """The branch as it stands: each queue, each counter, with `journal_seq`. Who is a VIP, and why somebody
    was called, is for readers with a token."""
    view = branch.queues()
    return view if caller_of(request, branch) else messages.for_everybody(view)


@get(
    f"{API}/stream",
    media_type=EVENTS,
    sync_to_thread=False,
    security=OPEN_OR_KNOWN,
    operation_class=Resumed,
)
def stream(request: AnyRequest, branch: NamedDependency[Branch]) -> Stream:
    """Server-sent events; with `Last-Event-ID` a reader that reconnects misses nothing."""
    known = caller_of(request, branch) is not None
    events = branch.live.follow(last_event_id(request), with_ids=known)
    return Stream(events, media_type=EVENTS, headers=STREAM_HEADERS)


@get(f"{API}/journal", responses=documented(HTTPStatus.OK, Entries), sync_to_thread=False)
def journal(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    after: Annotated[int, QueryParameter(ge=0, le=LARGEST_NUMBER)] = 0,
    limit: Annotated[int, QueryParameter(ge=1)] = 100,
) -> Response[bytes]:
    """Journal entries after number `after`, oldest first; at most 1000 at once."""
    require(request, branch, "staff", "kiosk")
    events = [
        msgspec.Raw(entry.body)
        for entry in branch.journal.after(after, min(limit, PAGE_OF_JOURNAL))
    ]
    return Response(msgspec.json.encode({"events": events}), media_type=JSON)


@get("/healthz", responses=health.told_as(Standing), sync_to_thread=False, security=OPEN)
def healthz(branch: NamedDependency[Branch]) -> Response[bytes]:
    """200 when tickets can be issued, else 503; with the reasons."""
    reasons = ["the journal cannot be written"] if branch.desk.failing else []
    standing = Standing(
        status="failing" if reasons else "ok",
        reasons=reasons,
        warnings=[
            *(["the disk is slow"] if branch.desk.slow else []),
            *(["the machine's clock is not believed"] if branch.clock.off else []),
            *(f"the line to head office: {branch.line.sentence(one)}" for one in branch.line.names),
            *(
                f"the archived day {day} cannot be read"
                for day in sorted(branch.journal.unreadable_days)
            ),
        ],
        journal_seq=branch.desk.seq,
        acked_by_head_office=branch.journal.acked,
    )
    status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
    return Response(msgspec.json.encode(standing), status_code=status, media_type=JSON)


@get("/metrics", media_type=METRICS, sync_to_thread=False, security=OPEN)
def metrics(branch: NamedDependency[Branch]) -> Response[str]:
    """Prometheus text."""
    text = "".join(_metric_lines(branch, branch.clock()))
    return Response(text, media_type=METRICS)


def _metric_lines(branch: Branch, now: datetime) -> Iterator[str]:
    view = branch.queues()
    yield from _gauge("lobby_journal_seq", "last journal entry", branch.desk.seq)
    yield from _gauge("lobby_journal_acked", "last entry head office has", branch.journal.acked)
    yield from _gauge(
        "lobby_journal_failing", "1 when it cannot be written", int(branch.desk.failing)
    )
    yield from _gauge("lobby_stream_readers", "open live streams", branch.live.readers)
    yield from _gauge("lobby_tickets_issued_today", "tickets issued today", view.issued)
    yield from _gauge("lobby_tickets_served_today", "tickets served today", view.served)
    process = psutil.Process()
    yield from _gauge("process_resident_memory_bytes", "memory", process.memory_info().rss)
    yield from _gauge("process_cpu_seconds_total", "CPU time", round(time.process_time(), 3))
    yield from _gauge("lobby_journal_slow", "1 after a slow write", int(branch.desk.slow))
    yield from _gauge("lobby_clock_off_seconds", "clock that is not believed", view.clock_off_s)
    if view.ratings:
        yield from _gauge("lobby_visits_finished_today", "visits finished", view.ratings.visits)
        yield from _gauge("lobby_visits_rated_today", "of them rated", view.ratings.rated)
    yield from _gauge("lobby_opinions_open", "opinions to answer", view.open_opinions)
    if view.accuracy:
        kept = view.accuracy
        yield from _gauge("lobby_waits_promised", "promised waits that came due", kept.promises)
        yield from _gauge("lobby_waits_within_range", "of them within their range", kept.within)
        yield from _gauge(
            "lobby_wait_error_seconds", "mean distance from likely", kept.mean_error_s
        )
    yield "# HELP lobby_waiting people waiting\n# TYPE lobby_waiting gauge\n"
    for queue in view.queues:
        yield f'lobby_waiting{{service="{queue.service}"}} {queue.waiting}\n'
    yield "# HELP lobby_device_works 1 when the machine works\n# TYPE lobby_device_works gauge\n"
    for device in branch.machines.all():
        works = int(device.state in ("ready", "busy", "degraded"))
        name, kind = _label(device.device), _label(device.kind)
        yield f'lobby_device_works{{device="{name}",kind="{kind}"}} {works}\n'


def _label(value: str) -> str:
    """Escaped as the text format asks."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _gauge(name: str, about: str, value: float) -> Iterator[str]:
    yield f"# HELP {name} {about}\n# TYPE {name} gauge\n{name} {value}\n"


ROUTES = [queues, stream, journal, healthz, metrics]
