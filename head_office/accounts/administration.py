"""Who may sign in, and what was done: for administrators, over HTTP."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Literal

import msgspec
import sqlalchemy as sa
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import File, Stream
from msgspec import Meta

from head_office import access
from head_office.access import Person, Role
from head_office.accounts import audit, browser
from head_office.accounts.door import Door
from head_office.accounts.factor import LETTERS
from head_office.accounts.people import (
    NEW_PASSWORD_DAYS,
    Account,
    NotPossible,
    checked_regions,
    new_id,
    told,
)
from head_office.office import Office
from head_office.pages import page
from program import web
from program.web import AnyRequest, Turned

API = "/api/v1/people"
RoleName = Literal["viewer", "manager", "administrator"]
Regions = Annotated[list[Annotated[str, Meta(max_length=128)]], Meta(max_length=50)]


class GivenRights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`regions`: they see the branches in and below these only; a manager has at least one, an administrator none."""

    role: RoleName
    regions: Regions | None = None


class GivenPerson(GivenRights, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=64)]


class GivenReset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`what` they shall set anew."""

    what: Literal["password", "second-factor"]


class PersonNow(msgspec.Struct, frozen=True, kw_only=True):
    """`elsewhere`: they sign in at the bank's provider. `new`: they have not set their own password yet."""

    id: str
    name: str
    role: RoleName
    regions: list[str] | None
    elsewhere: bool
    new: bool
    second_factor: bool
    signed_in: datetime | None


class PersonChanged(msgspec.Struct, frozen=True, kw_only=True):
    """`password` is told this once, is good for three days and only to set one's own."""

    person: PersonNow
    password: str | None = None


@get("/people", include_in_schema=False, sync_to_thread=False)
def people_page() -> File:
    return page("people.html")


@get(API)
async def people(
    request: AnyRequest, office: NamedDependency[Office]
) -> dict[str, list[PersonNow]]:
    _administrator(request, office)
    return {"people": await _everybody(office.door)}


@post(API, status_code=HTTPStatus.CREATED)
async def add(
    request: AnyRequest, office: NamedDependency[Office], data: JSONBody[GivenPerson]
) -> Response[PersonChanged]:
    by, door = _administrator(request, office), office.door
    password = new_password()
    sealed = await door.passwords.seal(password)
    one = await door.work(_add, door, by, data, sealed)
    changed = PersonChanged(person=_now(one), password=password)
    return Response(changed, status_code=HTTPStatus.CREATED, headers=browser.NOT_KEPT)


@post(f"{API}/{{of:str}}/rights", status_code=HTTPStatus.OK)
async def rights(
    request: AnyRequest,
    office: NamedDependency[Office],
    of: FromPath[str],
    data: JSONBody[GivenRights],
) -> PersonChanged:
    """What they may; they are signed out everywhere and sign in anew."""
    by, role = _administrator(request, office), Role[data.role.upper()]
    regions = checked_regions(role, data.regions)

    def change(to: sa.Connection, one: Account) -> str:
        if one.subject is not None:
            raise NotPossible("not-here", "Their role follows from their groups at the provider.")
        office.door.people.set_rights(to, one.id, role, regions)
        return f"{told(one.role, one.regions)} -> {told(role, regions)}"

    return await _change(office.door, by, of, "rights-changed", change)


@post(f"{API}/{{of:str}}/reset", status_code=HTTPStatus.OK)
async def reset(
    request: AnyRequest,
    office: NamedDependency[Office],
    of: FromPath[str],
    data: JSONBody[GivenReset],
) -> Response[PersonChanged]:
    """A new password of three days, or no second factor until they set it up anew; they are signed out everywhere."""
    by, door = _administrator(request, office), office.door
    if data.what == "second-factor":
        changed = await _change(door, by, of, "second-factor-removed", _no_factor(door))
        return Response(changed)
    password = new_password()
    sealed = await door.passwords.seal(password)
    changed = await _change(door, by, of, "password-reset", _password(door, sealed))
    told_once = msgspec.structs.replace(changed, password=password)
    return Response(told_once, headers=browser.NOT_KEPT)


@post(f"{API}/{{of:str}}/sign-out", status_code=HTTPStatus.OK)
async def sign_out(
    request: AnyRequest, office: NamedDependency[Office], of: FromPath[str]
) -> PersonChanged:
    by, door = _administrator(request, office), office.door

    def change(to: sa.Connection, one: Account) -> str:
        return f"{door.sessions.end_all(to, one.id)} sessions"

    return await _change(door, by, of, "signed-out-by-administrator", change)


@post(f"{API}/{{of:str}}/remove", status_code=HTTPStatus.OK)
async def remove(
    request: AnyRequest, office: NamedDependency[Office], of: FromPath[str]
) -> dict[str, list[PersonNow]]:
    by, door = _administrator(request, office), office.door
    await door.work(_remove, door, by, of)
    return {"people": await _everybody(door)}


@get("/api/v1/audit")
async def entries(
    request: AnyRequest,
    office: NamedDependency[Office],
    before: Annotated[int | None, QueryParameter(ge=1, le=web.LARGEST_NUMBER)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=audit.PAGE)] = 100,
) -> dict[str, list[audit.Entry]]:
    """The latest first; `before`: those with a smaller id."""
    _administrator(request, office)
    found = await office.door.work(audit.read, office.door.engine, before, limit)
    return {"entries": found}


@get("/api/v1/audit.csv", media_type="text/csv")
async def as_csv(request: AnyRequest, office: NamedDependency[Office]) -> Stream:
    """All of it, for spreadsheets."""
    by, door = _administrator(request, office), office.door
    await door.work(audit.record, door.engine, by, "audit-exported", at=door.clock())
    headers = {**browser.NOT_KEPT, "Content-Disposition": 'attachment; filename="audit.csv"'}
    return Stream(audit.as_csv(door.engine), media_type="text/csv", headers=headers)


HANDLERS = (people_page, people, add, rights, reset, sign_out, remove, entries, as_csv)


def new_password() -> str:
    """To be read out on a telephone: no letters that look alike."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def until(now: datetime) -> float:
    return (now + timedelta(days=NEW_PASSWORD_DAYS)).timestamp()


def _administrator(request: AnyRequest, office: Office) -> Person:
    """Raises Turned for who is none, or sees some regions only: they could give others more than they have."""
    person = access.reader(request, office.settings, Role.ADMINISTRATOR)
    if person.regions is not None:
        raise Turned(
            HTTPStatus.FORBIDDEN, "not-allowed", "This takes an administrator of every region."
        )
    return person


async def _everybody(door: Door) -> list[PersonNow]:
    return [_now(one) for one in await door.work(door.people.all)]


def _add(door: Door, by: Person, data: GivenPerson, sealed: str) -> Account:
    now, role = door.clock(), Role[data.role.upper()]
    one = Account(
        new_id(), data.name, role, checked_regions(role, data.regions), sealed, until(now),
        made=now.timestamp(),
    )  # fmt: skip
    with door.engine.begin() as to:
        door.people.add(to, one)
        audit.record(to, by, "person-added", data.name, told(role, one.regions), at=now)
    return one


def _remove(door: Door, by: Person, of: str) -> None:
    one = _known(door, of)
    with door.engine.begin() as to:
        door.people.remove(to, of)
        audit.record(to, by, "person-removed", one.name, at=door.clock())


def _no_factor(door: Door) -> Callable[[sa.Connection, Account], str]:
    def change(to: sa.Connection, one: Account) -> str:
        door.factor.remove(to, one.id)
        return ""

    return change


def _password(door: Door, sealed: str) -> Callable[[sa.Connection, Account], str]:
    def change(to: sa.Connection, one: Account) -> str:
        if one.subject is not None:
            raise NotPossible("not-here", "They sign in with the bank's account; reset it there.")
        door.people.set_password(to, one.id, sealed, until(door.clock()))
        return ""

    return change


async def _change(
    door: Door, by: Person, of: str, what: str, change: Callable[[sa.Connection, Account], str]
) -> PersonChanged:
    """Change somebody and write it down, both or neither."""

    def work() -> PersonChanged:
        one = _known(door, of)
        with door.engine.begin() as to:
            detail = change(to, one)
            audit.record(to, by, what, one.name, detail, at=door.clock())
        return PersonChanged(person=_now(_known(door, of)))

    return await door.work(work)


def _known(door: Door, of: str) -> Account:
    one = door.people.one(of)
    if one is None:
        raise Turned(HTTPStatus.NOT_FOUND, "unknown-person", "There is no such account any more.")
    return one


def _now(one: Account) -> PersonNow:
    return PersonNow(
        id=one.id,
        name=one.name,
        role=one.role.name.lower(),  # type: ignore[arg-type]
        regions=None if one.regions is None else list(one.regions),
        elsewhere=one.subject is not None,
        new=one.password_until is not None,
        second_factor=one.factor is not None,
        signed_in=None if one.signed_in is None else datetime.fromtimestamp(one.signed_in, UTC),
    )
