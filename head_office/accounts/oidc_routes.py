"""Signing in with the bank's own account, over HTTP: there and back."""

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Literal

from litestar import get
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from litestar.response import Redirect

from head_office.accounts import browser
from head_office.accounts.arrival import BACK, THERE_FOR, Arrived, Refused
from head_office.accounts.door import Door, Entered
from head_office.accounts.people import Account, NotPossible, new_id
from head_office.accounts.sessions import Where
from head_office.office import Office
from program.openapi import OPEN
from program.web import AnyRequest, Turned

if TYPE_CHECKING:
    from head_office.accounts.oidc import Provider

SEE_OTHER: Literal[303] = 303
THERE = "lobby_there"
PATH = "/sign-in/oidc"
LONGEST = 4096
log = logging.getLogger(__name__)


@get("/sign-in/ways", security=OPEN, sync_to_thread=False)
def ways(office: NamedDependency[Office]) -> dict[str, str | None]:
    """`provider`: what the bank's provider is called, empty where it has no name; null where there is none."""
    provider = office.door.provider
    return {"provider": None if provider is None else provider.name}


@get(PATH, status_code=SEE_OTHER, security=OPEN)
async def there(request: AnyRequest, office: NamedDependency[Office]) -> Redirect:
    """To the bank's provider."""
    try:
        begun = await _provider(office).begin()
    except Refused as error:
        return await _refused(office.door, error, browser.where(request))
    return Redirect(
        begun.url,
        status_code=SEE_OTHER,
        cookies=[_there(request, office.door, begun.browser, int(THERE_FOR.total_seconds()))],
        headers=browser.NOT_KEPT,
    )


@get(BACK, status_code=SEE_OTHER, security=OPEN)
async def back(
    request: AnyRequest,
    office: NamedDependency[Office],
    of: Annotated[str, QueryParameter(name="state")] = "",
    code: FromQuery[str] = "",
    iss: FromQuery[str | None] = None,
    error: FromQuery[str] = "",
) -> Redirect:
    """From the bank's provider."""
    door, where = office.door, browser.where(request)
    try:
        if error or not code or len(code) > LONGEST:
            raise Refused("denied", "the provider has not let them in")
        who = request.cookies.get(THERE, "")
        arrived = await _provider(office).finish(of, code, iss, who)
        came = await door.work(let_in, door, arrived, where)
    except Refused as refusal:
        return await _refused(door, refusal, where)
    answer = browser.cookies(request, door, came)
    return Redirect(
        "/",
        status_code=SEE_OTHER,
        cookies=[*answer, _there(request, door, "", 0)],
        headers=browser.NOT_KEPT,
    )


HANDLERS = (ways, there, back)


def let_in(door: Door, who: Arrived, where: Where) -> Entered:
    """With the role that the provider's groups give now. Raises Refused."""
    one = door.people.of_subject(who.subject)
    if who.role is None:
        if one is not None:
            with door.engine.begin() as to:
                door.sessions.end_all(to, one.id)
        raise Refused("no-role", "none of their groups has a role here")
    now = door.clock().timestamp()
    try:
        with door.engine.begin() as to:
            if one is None:
                one = Account(
                    new_id(), who.name, who.role, who.regions, subject=who.subject, made=now
                )
                door.people.add(to, one)
            elif (one.role, one.regions) != (who.role, who.regions):
                door.people.set_rights(to, one.id, who.role, who.regions, last=True)
            return door.come_in(to, one, where, "with the bank's account")
    except NotPossible as error:
        raise Refused(error.name, str(error)) from error


def _provider(office: Office) -> "Provider":
    if office.door.provider is None:
        raise Turned(HTTPStatus.NOT_FOUND, "not-found", "Nobody signs in elsewhere here.")
    return office.door.provider


async def _refused(door: Door, error: Refused, where: Where) -> Redirect:
    log.warning("Nobody signed in by the bank's account: %s.", error)
    why = f"with the bank's account: {error.name}"
    await door.work(door.note, door.engine, None, "sign-in-failed", where, why)
    return Redirect(f"/sign-in?problem={error.name}", status_code=SEE_OTHER)


def _there(request: AnyRequest, door: Door, value: str, seconds: int) -> Cookie:
    """Lax: the provider's page sends the browser back, and this cookie has to come along."""
    return Cookie(
        THERE,
        value=value,
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=browser.secure_here(request, door.rules),
        path=PATH,
    )
