"""Signing in and out, and one's own account, over HTTP."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import File
from msgspec import Meta

from head_office import access
from head_office.access import IN_SESSION, ON_THIS_MACHINE, SIGNED_IN
from head_office.accounts import administration, browser, oidc_routes
from head_office.accounts.door import Door
from head_office.accounts.passwords import LONGEST
from head_office.accounts.sessions import Session
from head_office.office import Office
from head_office.pages import page
from program.openapi import NOBODY, OPEN
from program.web import AnyRequest

API = "/api/v1/account"
Password = Annotated[str, Meta(min_length=1, max_length=LONGEST)]
Code = Annotated[str, Meta(min_length=1, max_length=64)]


class GivenName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=256)]
    password: Password


class GivenToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: Annotated[str, Meta(min_length=1, max_length=128)]


class GivenCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: Code


class GivenPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The present one, to show that it is you; left out as a step of signing in."""

    password: Annotated[str, Meta(max_length=LONGEST)] = ""


class GivenNewPassword(GivenPassword, frozen=True, forbid_unknown_fields=True, kw_only=True):
    new: Password


class GivenEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    everywhere: bool = False


class NewFactor(msgspec.Struct, frozen=True):
    """`key` to be typed into an app, or the QR code that says the same: rows of 1 (dark) and 0."""

    key: str
    qr: list[str]


class OpenSession(msgspec.Struct, frozen=True):
    id: str
    since: datetime
    seen: datetime
    address: str
    agent: str
    this: bool


class OwnAccount(msgspec.Struct, frozen=True, kw_only=True):
    """`signed_in`: by an account; else by a token, or `here`, on this machine. `elsewhere`: at the bank's provider."""

    name: str
    role: str
    regions: list[str] | None
    signed_in: bool
    here: bool = False
    elsewhere: bool = False
    second_factor: bool = False
    second_factor_needed: bool = False
    recovery_codes: int = 0
    sessions: list[OpenSession] = []


@get("/sign-in", include_in_schema=False, sync_to_thread=False)
def sign_in_page() -> File:
    return page("signin.html")


@get("/account", include_in_schema=False, sync_to_thread=False)
def account_page() -> File:
    return page("account.html")


@post("/sign-in/password", status_code=200, security=OPEN)
async def with_password(
    request: AnyRequest, office: NamedDependency[Office], data: JSONBody[GivenName]
) -> Response[Any]:
    """`next`: `done`, or what is asked for now: `code`, `new-password`, `set-up` (of the second factor)."""
    door = office.door
    browser.check_page(request, door.rules)
    came = await door.with_password(data.name, data.password, browser.where(request))
    before: Session | None = request.scope["state"].get(SIGNED_IN)
    if before is not None:
        await door.work(door.end, before)
    return browser.entered(request, door, came)


@post("/sign-in", status_code=204, security=OPEN)
async def with_token(
    request: AnyRequest, office: NamedDependency[Office], data: JSONBody[GivenToken]
) -> Response[None]:
    """A program's token in a browser; its stream cannot send a header."""
    door = office.door
    browser.check_page(request, door.rules)
    known = access.of_token(office.settings, data.token)
    name = None if known is None else known.name
    await door.work(door.with_token, name, browser.where(request))
    return browser.with_token(request, door.rules, data.token)


@post("/sign-in/code", status_code=200, security=IN_SESSION)
async def with_code(
    request: AnyRequest, office: NamedDependency[Office], data: JSONBody[GivenCode]
) -> Response[Any]:
    door = office.door
    session = browser.session_of(request, door.rules)
    came = await door.work(door.with_code, session, data.code, browser.where(request))
    return browser.entered(request, door, came)


@post("/sign-out", status_code=200, security=[NOBODY, *IN_SESSION])
async def sign_out(
    request: AnyRequest, office: NamedDependency[Office], data: JSONBody[GivenEnd]
) -> Response[Any]:
    """`go`: where the browser goes to sign out of the bank's provider, if anywhere."""
    door = office.door
    browser.check_page(request, door.rules)
    session: Session | None = request.scope["state"].get(SIGNED_IN)
    go = None
    if session is not None:
        browser.session_of(request, door.rules)
        where = browser.where(request)
        one = await door.work(door.sign_out, session, where, everywhere=data.everywhere)
        if one is not None and one.subject is not None and door.provider is not None:
            go = await door.provider.way_out()
    return browser.left(request, door.rules, {"go": go})


@get(API)
async def own(request: AnyRequest, office: NamedDependency[Office]) -> OwnAccount:
    """Who asks, and how they sign in."""
    person = access.reader(request, office.settings)
    session: Session | None = request.scope["state"].get(SIGNED_IN)
    whole = session is not None and session.stage == "done"
    if session is not None and whole and "authorization" not in request.headers:
        return await office.door.work(_own, office.door, session)
    regions = None if person.regions is None else list(person.regions)
    return OwnAccount(
        name=person.name,
        role=person.role.name.lower(),
        regions=regions,
        signed_in=False,
        here=person.name == ON_THIS_MACHINE.name,
    )


@post(f"{API}/password", status_code=200, security=IN_SESSION)
async def new_password(
    request: AnyRequest, office: NamedDependency[Office], data: JSONBody[GivenNewPassword]
) -> Response[Any]:
    """Also the step of signing in where an administrator's password is replaced; then `password` is left out."""
    door, where = office.door, browser.where(request)
    session = browser.session_of(request, door.rules)
    if session.stage == "done":
        await door.check_own(session, data.password, where)
    came = await door.with_new_password(session, data.new, where)
    return browser.entered(request, door, came)


@post(f"{API}/second-factor", status_code=200, security=IN_SESSION)
async def begin_factor(
    request: AnyRequest, office: NamedDependency[Office], data: JSONBody[GivenPassword]
) -> Response[NewFactor]:
    """A new secret; nothing changes until `confirm_factor`. As a step of signing in without `password`."""
    door, where = office.door, browser.where(request)
    session = browser.session_of(request, door.rules)
    if session.stage == "done":
        one = await door.check_own(session, data.password, where)
    else:
        one = await door.work(door.at, session, "set-up")
    key, address = await door.work(door.factor.begin, one)
    return Response(NewFactor(key, _drawn(address)), headers=browser.NOT_KEPT)


@post(f"{API}/second-factor/confirm", status_code=200, security=IN_SESSION)
async def confirm_factor(
    request: AnyRequest, office: NamedDependency[Office], data: JSONBody[GivenCode]
) -> Response[Any]:
    """With the first code; `recovery_codes` are told this once."""
    door, where = office.door, browser.where(request)
    session = browser.session_of(request, door.rules)
    came, codes = await door.work(door.with_new_factor, session, data.code, where)
    return browser.entered(request, door, came, {"recovery_codes": codes})


@post(f"{API}/recovery-codes", status_code=200, security=IN_SESSION)
async def new_recovery_codes(
    request: AnyRequest, office: NamedDependency[Office], data: JSONBody[GivenPassword]
) -> Response[dict[str, list[str]]]:
    """Ten in place of those before."""
    door, where = office.door, browser.where(request)
    session = browser.session_of(request, door.rules, done=True)
    one = await door.check_own(session, data.password, where)
    codes = await door.work(door.new_recovery_codes, one, where)
    return Response({"recovery_codes": codes}, headers=browser.NOT_KEPT)


@post(f"{API}/sessions/{{one:str}}/end", status_code=200, security=IN_SESSION)
async def end_session(
    request: AnyRequest, office: NamedDependency[Office], one: FromPath[str]
) -> OwnAccount:
    """One of one's own, such as on a machine left behind."""
    door = office.door
    session = browser.session_of(request, door.rules, done=True)
    await door.work(door.end_other, session, one, browser.where(request))
    return await door.work(_own, door, session)


HANDLERS = (
    sign_in_page,
    account_page,
    with_password,
    with_token,
    with_code,
    sign_out,
    own,
    new_password,
    begin_factor,
    confirm_factor,
    new_recovery_codes,
    end_session,
    *administration.HANDLERS,
    *oidc_routes.HANDLERS,
)


def _drawn(text: str) -> list[str]:
    import segno  # noqa: PLC0415  slow to load

    rows = segno.make_qr(text, error="m").matrix
    return ["".join("1" if dark else "0" for dark in row) for row in rows]


def _own(door: Door, session: Session) -> OwnAccount:
    one = door.of(session)
    return OwnAccount(
        name=one.name,
        role=one.role.name.lower(),
        regions=None if one.regions is None else list(one.regions),
        signed_in=True,
        elsewhere=one.subject is not None,
        second_factor=one.factor is not None,
        second_factor_needed=door.needs_factor(one.role),
        recovery_codes=door.factor.codes_left(one.id),
        sessions=[
            OpenSession(
                id=each.id,
                since=datetime.fromtimestamp(each.made, UTC),
                seen=datetime.fromtimestamp(each.seen, UTC),
                address=each.address,
                agent=each.agent,
                this=each.id == session.id,
            )
            for each in door.sessions.of(one.id, door.clock())
            if each.stage == "done"
        ],
    )
