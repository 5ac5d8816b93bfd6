"""What the browser brings and takes away: its cookies; and what went wrong, as it is told."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from litestar import Response
from litestar.datastructures import Cookie

from head_office.access import COOKIE, SESSION, SIGNED_IN, from_where
from head_office.accounts import same_site
from head_office.accounts.door import Door, Entered, Wrong
from head_office.accounts.known_browsers import BROWSER_KNOWN_FOR
from head_office.accounts.one_by_one import Busy
from head_office.accounts.pauses import Paused
from head_office.accounts.people import NotPossible
from head_office.accounts.sealing import NoKey
from head_office.accounts.sessions import HALF_WAY, Session, Where
from head_office.accounts.settings import AccountSettings
from program import web
from program.web import AnyRequest, Turned

DEVICE = "lobby_browser"
NOT_KEPT = {"Cache-Control": "no-store"}


def where(request: AnyRequest) -> Where:
    """From where somebody asks."""
    agent = request.headers.get("user-agent", "")
    return Where(from_where(request), agent, request.cookies.get(DEVICE, ""))


def check_page(request: AnyRequest, rules: AccountSettings) -> None:
    """Before there is a session. Raises Turned where another site's page signs somebody in."""
    same_site.check(request, rules.address, origin_needed=False)


def session_of(request: AnyRequest, rules: AccountSettings, *, done: bool = False) -> Session:
    """The session, whole or half way. Raises Turned."""
    session: Session | None = request.scope["state"].get(SIGNED_IN)
    if session is None or (done and session.stage != "done"):
        raise Turned(HTTPStatus.UNAUTHORIZED, "signed-out", "The session has ended; sign in again.")
    if request.method not in same_site.READING:
        same_site.check(request, rules.address, origin_needed=True)
    return session


def entered(request: AnyRequest, door: Door, came: Entered, more: Any = None) -> Response[Any]:
    """The answer to who has come in, or a step further."""
    body = {"next": came.stage, **(more or {})}
    return Response(body, cookies=cookies(request, door, came), headers=NOT_KEPT)


def cookies(request: AnyRequest, door: Door, came: Entered) -> list[Cookie]:
    lasts = door.sessions.longest if came.stage == "done" else HALF_WAY
    secure = secure_here(request, door.rules)
    given = [_cookie(SESSION, came.token, int(lasts.total_seconds()), secure)]
    if COOKIE in request.cookies:
        given.append(_cookie(COOKIE, "", 0, secure))
    if came.device is not None:
        kept = int(BROWSER_KNOWN_FOR.total_seconds())
        given.append(_cookie(DEVICE, came.device, kept, secure))
    return given


def with_token(request: AnyRequest, rules: AccountSettings, token: str) -> Response[None]:
    """It stays while the browser is open."""
    secure = secure_here(request, rules)
    cookies = [_cookie(COOKIE, token, None, secure)]
    if SESSION in request.cookies:
        cookies.append(_cookie(SESSION, "", 0, secure))
    return Response(None, status_code=HTTPStatus.NO_CONTENT, cookies=cookies)


def left(request: AnyRequest, rules: AccountSettings, body: Any) -> Response[Any]:
    """Without the cookies; the browser stays known."""
    secure = secure_here(request, rules)
    gone = [_cookie(name, "", 0, secure) for name in (SESSION, COOKIE)]
    return Response(body, cookies=gone)


def secure_here(request: AnyRequest, rules: AccountSettings) -> bool:
    """Whether the browser came by https."""
    by_https = (rules.address or "").startswith("https://") or request.url.scheme == "https"
    return rules.secure or by_https


def _cookie(name: str, value: str, seconds: int | None, secure: bool) -> Cookie:
    return Cookie(
        name,
        value=value,
        max_age=seconds,
        httponly=True,
        samesite="strict",
        secure=secure,
        path="/",
    )


def _wrong(_request: AnyRequest, error: Wrong) -> Response[bytes]:
    return web.problem_response(HTTPStatus.UNAUTHORIZED, error.name, str(error))


def _not_possible(_request: AnyRequest, error: NotPossible) -> Response[bytes]:
    return web.problem_response(HTTPStatus.CONFLICT, error.name, str(error))


def _paused(_request: AnyRequest, error: Paused) -> Response[bytes]:
    said = web.problem_response(HTTPStatus.TOO_MANY_REQUESTS, "paused", str(error))
    said.headers["Retry-After"] = str(error.seconds)
    return said


def _busy(_request: AnyRequest, error: Busy) -> Response[bytes]:
    said = web.problem_response(HTTPStatus.SERVICE_UNAVAILABLE, "busy", str(error))
    said.headers["Retry-After"] = "3"
    return said


def _no_key(_request: AnyRequest, error: NoKey) -> Response[bytes]:
    return web.problem_response(HTTPStatus.SERVICE_UNAVAILABLE, "no-key", str(error))


ERRORS: dict[int | type[Exception], Callable[..., Response[bytes]]] = {
    Wrong: _wrong,
    NotPossible: _not_possible,
    Paused: _paused,
    Busy: _busy,
    NoKey: _no_key,
}
