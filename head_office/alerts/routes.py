"""Alerts over HTTP: the open ones and those of before, what was done about each, and the answers of people."""

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import File
from msgspec import Meta

from edge_agent.messages import Names
from head_office import access
from head_office.access import Person, Role
from head_office.alerts.book import Alert, Step
from head_office.office import Office
from head_office.pages import page
from program import web
from program.web import AnyRequest, Turned

API = "/api/v1/alerts"
MOST = 500
Note = Annotated[str, Meta(max_length=500)]
Name = Annotated[str, Meta(max_length=64)]


class Alerts(msgspec.Struct, frozen=True):
    """`open`: how many are open, by severity; `names` of the branches that stand here."""

    alerts: list[Alert]
    names: dict[str, Names]
    open: dict[str, int]


class AlertHistory(msgspec.Struct, frozen=True):
    alert: Alert
    history: list[Step]


class GivenNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    note: Note = ""


class GivenName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`to`: whose work it is; nobody's when empty."""

    to: Name


@get("/alerts", include_in_schema=False, sync_to_thread=False)
def alerts_page() -> File:
    return page("alerts.html")


@get(API)
async def alerts(
    request: AnyRequest,
    office: NamedDependency[Office],
    which: Annotated[Literal["open", "all"], QueryParameter(name="state")] = "open",
    branch: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    skip: Annotated[int, QueryParameter(ge=0, le=web.LARGEST_NUMBER)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 100,
) -> Alerts:
    """The latest first, of the open ones the worst."""
    person = access.reader(request, office.settings)
    found = await asyncio.to_thread(
        office.alerts.book.find,
        person,
        open_only=which == "open",
        branch=branch,
        kind=kind,
        skip=skip,
        limit=limit,
    )
    known = (office.picture.one(one.branch) for one in found)
    names = {now.branch: now.name for now in known if now is not None}
    return Alerts(found, names, office.alerts.open(person))


@get(f"{API}/{{number:int}}")
async def alert(
    request: AnyRequest, office: NamedDependency[Office], number: FromPath[int]
) -> AlertHistory:
    return await _of(office, access.reader(request, office.settings), number)


@post(f"{API}/{{number:int}}/acknowledge", status_code=HTTPStatus.OK)
async def acknowledge(
    request: AnyRequest,
    office: NamedDependency[Office],
    number: FromPath[int],
    data: JSONBody[GivenNote],
) -> AlertHistory:
    """Somebody has seen it. Who says so first stands in the alert."""
    person = await _answering(request, office, number)
    book = office.alerts.book
    await asyncio.to_thread(book.acknowledge, number, person.name, data.note, _now())
    return await _changed(office, person, number)


@post(f"{API}/{{number:int}}/assign", status_code=HTTPStatus.OK)
async def assign(
    request: AnyRequest,
    office: NamedDependency[Office],
    number: FromPath[int],
    data: JSONBody[GivenName],
) -> AlertHistory:
    person = await _answering(request, office, number)
    to = data.to.strip()
    await asyncio.to_thread(office.alerts.book.assign, number, person.name, to, _now())
    return await _changed(office, person, number)


@post(f"{API}/{{number:int}}/note", status_code=HTTPStatus.OK)
async def note(
    request: AnyRequest,
    office: NamedDependency[Office],
    number: FromPath[int],
    data: JSONBody[GivenNote],
) -> AlertHistory:
    person = await _answering(request, office, number)
    await asyncio.to_thread(office.alerts.book.note, number, person.name, data.note, _now())
    return await _changed(office, person, number)


HANDLERS = (alerts_page, alerts, alert, acknowledge, assign, note)


async def _answering(request: AnyRequest, office: Office, number: int) -> Person:
    """Raises Turned for who may not answer it."""
    person = access.reader(request, office.settings, Role.MANAGER)
    await _of(office, person, number)
    return person


async def _changed(office: Office, person: Person, number: int) -> AlertHistory:
    await office.alerts.changed()
    return await _of(office, person, number)


async def _of(office: Office, person: Person, number: int) -> AlertHistory:
    """Raises Turned for one that is not there, or not theirs to see."""
    found = await asyncio.to_thread(office.alerts.book.one, min(number, web.LARGEST_NUMBER))
    if found is None or not person.sees(found[0].region):
        raise Turned(HTTPStatus.NOT_FOUND, "unknown-alert", f"There is no alert {number}.")
    return AlertHistory(*found)


def _now() -> datetime:
    return datetime.now(UTC)
