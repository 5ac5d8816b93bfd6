"""History over HTTP: figures, exports, a branch's day, the monthly report; and its page."""

import asyncio
import logging
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Literal, ParamSpec, TypeVar

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import File

from edge_agent.messages import Names
from head_office import access, pages
from head_office.access import Person
from head_office.history.curve import Curve
from head_office.history.export import as_csv, as_parquet
from head_office.history.opened import OpenHistory
from head_office.history.past import Answer, Compare
from head_office.history.report_job import Job, ReportFailed, pdf_beside
from head_office.history.report_words import ReportLanguage
from head_office.history.scope import FIRST_YEAR, By, Measure, Question, Senseless
from head_office.history.working import Ended
from head_office.office import Office
from program import web
from program.web import JSON, AnyRequest, Turned

log = logging.getLogger(__name__)
API = "/api/v1"
P = ParamSpec("P")
R = TypeVar("R")
ONE_REPORT = asyncio.Semaphore(1)  # at a time: each takes a core for some seconds
USUAL_SPAN = timedelta(days=27)  # four weeks
ONE_DAY = timedelta(days=1)
PDF = "application/pdf"
Format = Literal["json", "csv", "parquet"]
KINDS = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
}


class KnownBranch(msgspec.Struct, frozen=True):
    branch: str
    names: Names
    region: str


class Choices(msgspec.Struct, frozen=True):
    """What can be asked for; the first and last day that is kept."""

    first: date | None
    last: date | None
    regions: list[str]
    branches: list[KnownBranch]
    services: dict[str, Names]


@get("/history", include_in_schema=False, sync_to_thread=False)
def page() -> File:
    return pages.page("history.html")


@get(f"{API}/history", responses=web.documented(HTTPStatus.OK, Answer))
async def history(
    request: AnyRequest,
    office: NamedDependency[Office],
    by: FromQuery[By] = "day",
    first: Annotated[date | None, QueryParameter(name="from")] = None,
    last: Annotated[date | None, QueryParameter(name="to")] = None,
    region: FromQuery[str] = "",
    branch: FromQuery[str] = "",
    service: FromQuery[str] = "",
    segment: FromQuery[str] = "",
    compare: FromQuery[Measure | None] = None,
    before_first: Annotated[date | None, QueryParameter(name="before_from")] = None,
    before_last: Annotated[date | None, QueryParameter(name="before_to")] = None,
    form: Annotated[Format, QueryParameter(name="format")] = "json",
) -> Response[bytes]:
    """Figures of past days by branch, region, service, segment, hour or day; of the last four weeks when no days are
    named. `compare` names a measure: whether it is better than the same weekdays before, or than from `before_from` to
    `before_to`, with an interval. Waits and services are in seconds."""
    person = access.reader(request, office.settings)
    opened = _opened(office)
    first, last = _span(first, last)
    question = Question(
        first=first,
        last=last,
        by=by,
        region=region.strip("/"),
        branch=branch,
        service=service,
        segment=segment,
    )
    against = _compare(compare, before_first, before_last)
    try:
        answer = await _ask(opened, opened.past.answer, question, person, against)
    except Senseless as error:
        raise Turned(HTTPStatus.BAD_REQUEST, "senseless-question", str(error)) from error
    return await _ask(opened, _in_form, answer, form)


@get(f"{API}/history/choices")
async def choices(request: AnyRequest, office: NamedDependency[Office]) -> Choices:
    """Branches, regions and services that can be asked for, and the days that are kept."""
    person = access.reader(request, office.settings)
    opened = _opened(office)
    first, last, known = await _ask(opened, opened.past.known)
    branches = [one for one in _branches(office, opened, known) if person.sees(one.region)]
    above = {path for one in branches for path in _paths(one.region) if person.sees(path)}
    return Choices(first, last, sorted(above), branches, _services(office, person))


@get(f"{API}/branches/{{branch:str}}/curve")
async def curve(
    request: AnyRequest,
    office: NamedDependency[Office],
    branch: FromPath[str],
    day: FromQuery[date | None] = None,
) -> Curve:
    """How many wait, and how long, by quarters of an hour: of the branch's present day or the one named, beside the
    usual range of the last eight of that weekday."""
    person = access.reader(request, office.settings)
    opened = _opened(office)
    if not person.sees(opened.past.register.of(branch).region):
        raise Turned(HTTPStatus.NOT_FOUND, "unknown-branch", f"No branch '{branch[:64]}' is known.")
    until = _heard_until(office, branch)
    return await _ask(opened, opened.today.curve, branch, person, day, until)


def _heard_until(office: Office, branch: str) -> datetime:
    """Of a branch that is away nobody knows how its day has gone on."""
    now = office.picture.one(branch)
    away = now is not None and now.status in ("offline", "silent")
    return now.seen_at if now is not None and away else datetime.now(UTC)


@get(f"{API}/reports/{{name:str}}", media_type=PDF)
async def report(
    request: AnyRequest,
    office: NamedDependency[Office],
    name: FromPath[str],
    language: FromQuery[ReportLanguage] = "zh-Hans",
    region: FromQuery[str] = "",
) -> Response[bytes]:
    """The monthly service quality report, as PDF: `2026-11.pdf`."""
    person = access.reader(request, office.settings)
    _opened(office)
    settings = msgspec.structs.replace(office.settings, readers=[])
    job = Job(
        settings, _month(name, datetime.now(UTC)), language, region.strip("/"), person.regions
    )
    try:
        async with ONE_REPORT:
            body = await pdf_beside(job)
    except ReportFailed as error:
        log.error("The report of %s could not be made: %s.", job.month, error)
        raise Turned(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "report-failed",
            f"The report could not be made: {error}. Try again, or tell whoever looks after head office.",
        ) from error
    headers = {
        "Content-Disposition": f'attachment; filename="report-{name}"',
        "Cache-Control": "no-store",
    }
    return Response(body, media_type=PDF, headers=headers)


HANDLERS = (page, history, choices, curve, report)


def _month(name: str, now: datetime) -> date:
    """Begun anywhere. Raises Turned."""
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])\.pdf", name, re.ASCII)
    if found is None or int(found[1]) < FIRST_YEAR:
        raise Turned(
            HTTPStatus.NOT_FOUND, "not-found", "A report is named for its month: 2026-11.pdf."
        )
    month, latest = date(int(found[1]), int(found[2]), 1), (now + ONE_DAY).date()
    if month > latest:
        raise Turned(
            HTTPStatus.NOT_FOUND,
            "not-found",
            f"This month has not begun. The latest report is {latest:%Y-%m}.pdf.",
        )
    return month


async def _ask(opened: OpenHistory, what: Callable[P, R], *given: P.args, **named: P.kwargs) -> R:
    """Raises Turned."""
    try:
        return await opened.ask(what, *given, **named)
    except Ended as error:
        raise Turned(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "ending",
            "Head office is ending. Ask again in a minute.",
        ) from error


def _opened(office: Office) -> OpenHistory:
    if office.history is None:
        raise Turned(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "no-history",
            "Past days are not kept here. Name a folder for them in section [history] of head_office.toml.",
        )
    return office.history


def _span(first: date | None, last: date | None) -> tuple[date, date]:
    """Raises Turned for days before the beginning of time."""
    end = last or datetime.now(UTC).date() - ONE_DAY
    try:
        return first or end - USUAL_SPAN, end
    except OverflowError as error:
        raise Turned(
            HTTPStatus.BAD_REQUEST, "senseless-question", f"There is nothing before {end}."
        ) from error


def _compare(measure: Measure | None, first: date | None, last: date | None) -> Compare | None:
    """Raises Turned."""
    if (first is None) != (last is None) or (first is not None and measure is None):
        raise Turned(
            HTTPStatus.BAD_REQUEST,
            "senseless-question",
            "Name 'before_from' and 'before_to' together, and with them 'compare'.",
        )
    if measure is None:
        return None
    return Compare(measure, None if first is None or last is None else (first, last))


def _in_form(answer: Answer, form: Format) -> Response[bytes]:
    if form == "json":
        return Response(msgspec.json.encode(answer), media_type=JSON)
    question = answer.question
    name = f"history-{question.by}-{question.first}-{question.last}.{form}"
    body = as_csv(answer) if form == "csv" else as_parquet(answer)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=KINDS[form], headers=headers)


def _branches(office: Office, opened: OpenHistory, known: list[str]) -> list[KnownBranch]:
    register = opened.past.register
    found = []
    for branch in sorted({*known, *register.places}):
        now, place = office.picture.one(branch), register.of(branch)
        names = (now.name if now else None) or place.names
        found.append(KnownBranch(branch, names, place.region))
    return found


def _services(office: Office, person: Person) -> dict[str, Names]:
    """As the branches name them now."""
    found: dict[str, Names] = {}
    for now in office.picture.all():
        if now.queues is not None and person.sees(now.region):
            found |= {queue.service: queue.names for queue in now.queues.queues}
    return found


def _paths(region: str) -> list[str]:
    """A region and all above it."""
    steps = region.split("/") if region else []
    return ["/".join(steps[: n + 1]) for n in range(len(steps))]
