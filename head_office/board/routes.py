"""What the board's pages read, and the pages."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import File, Stream

from head_office import access
from head_office.access import Person
from head_office.office import Office
from head_office.pages import page
from program import web
from program.bell import heard
from program.web import JSON, STREAM_HEADERS, AnyRequest

API = "/api/v1/board"
HEARTBEAT_S = 10.0
GEOJSON = "application/geo+json"
STILL = b'data: {"type":"Still"}\n\n'


@get(["/", "/branches/{branch:str}", "/wall"], include_in_schema=False, sync_to_thread=False)
def pages(request: AnyRequest) -> File:
    """The board, one branch, the wall."""
    name = {"": "page.html", "wall": "wall.html"}
    return page(name.get(request.url.path.strip("/"), "branch.html"))


@get("/assets/board/{name:str}", include_in_schema=False, sync_to_thread=False)
def asset(name: FromPath[str]) -> File:
    return page(name)


@get(API, opt=web.AS_IT_IS, include_in_schema=False)  # the page's own; it changes with the page
async def rows(request: AnyRequest, office: NamedDependency[Office]) -> Response[bytes]:
    """Every branch as a row (head_office/board/row.py says its fields), those that who asks may see; gzipped."""
    body = await office.steps.whole(access.reader(request, office.settings))
    return Response(
        body, media_type=JSON, headers={"Content-Encoding": "gzip", "Cache-Control": "no-store"}
    )


@get(f"{API}/stream", opt=web.AS_IT_IS, include_in_schema=False, sync_to_thread=False)
def stream(
    request: AnyRequest,
    office: NamedDependency[Office],
    after: Annotated[int, QueryParameter(ge=0, le=web.LARGEST_NUMBER)] = 0,
) -> Stream:
    """Server-sent events: at most three times a second the rows that have changed since version `after` or Last-Event-ID;
    `Anew` where those are too many to tell: read the whole again."""
    person = access.reader(request, office.settings)
    last = web.last_event_id(request)
    return Stream(
        _follow(office, person, after if last is None else last),
        media_type=web.EVENTS,
        headers=STREAM_HEADERS,
    )


@get(
    "/api/v1/branches/{branch:str}/stream",
    media_type=web.EVENTS,
    opt=web.AS_IT_IS,
    sync_to_thread=False,
)
def one_stream(
    request: AnyRequest, office: NamedDependency[Office], branch: FromPath[str]
) -> Stream:
    """Server-sent events: one branch as it is now, at most three times a second, whenever it changes."""
    person = access.reader(request, office.settings)
    return Stream(
        follow_one(office, person, branch),
        media_type=web.EVENTS,
        headers=STREAM_HEADERS,
    )


@get(
    f"{API}/outline",
    media_type=GEOJSON,
    responses=web.documented(HTTPStatus.NO_CONTENT, None),
    sync_to_thread=False,
)
def outline(request: AnyRequest, office: NamedDependency[Office]) -> Response[bytes]:
    """The bank's own outline for the map, as GeoJSON; 204 where there is none."""
    access.reader(request, office.settings)
    found = office.outline
    return Response(found, status_code=200 if found else 204, media_type=GEOJSON)


HANDLERS = (pages, asset, rows, stream, one_stream, outline)


async def _follow(office: Office, person: Person, after: int) -> AsyncIterator[bytes]:
    steps, alerts = office.steps, -1
    while not office.closed:
        ring = steps.bell.next()
        at = steps.version
        if after != at:
            yield b"id: %d\ndata: %s\n\n" % (at, steps.frame(after, person))
            after = at
        if office.alerts.version != alerts:
            alerts = office.alerts.version
            yield _open_alerts(office, person)
        if not await heard(ring, HEARTBEAT_S):
            yield STILL


async def follow_one(
    office: Office, person: Person, branch: str, still_s: float = HEARTBEAT_S
) -> AsyncIterator[bytes]:
    """The bell rings for every branch: who hears nothing of this one is told in time that we are there."""
    clock = asyncio.get_running_loop().time
    told, alerts, said_at = None, -1, clock()
    while not office.closed:
        ring = office.steps.bell.next()
        now = office.picture.one(branch)
        if now is not None and now is not told and person.sees(now.region):
            yield b"data: %s\n\n" % msgspec.json.encode({"type": "Branch", "branch": now})
            told, said_at = now, clock()
        if office.alerts.version != alerts:
            alerts, said_at = office.alerts.version, clock()
            yield _open_alerts(office, person)
        left = said_at + still_s - clock()
        if left <= 0 or not await heard(ring, left):
            said_at = clock()
            yield STILL


def _open_alerts(office: Office, person: Person) -> bytes:
    return b'data: {"type":"Alerts","open":%d}\n\n' % sum(office.alerts.open(person).values())
