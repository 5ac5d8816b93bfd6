"""Before every answer: whose session the cookie is. An open stream ends with its session."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from time import monotonic

from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from head_office.access import SESSION, SIGNED_IN
from head_office.accounts.one_by_one import OneByOne
from head_office.accounts.sessions import Session, Sessions

LOOK_S = 5.0  # how long a stream may outlive its session


def known(
    sessions: Sessions, clock: Callable[[], datetime], look_s: float = LOOK_S
) -> Callable[[ASGIApp], ASGIApp]:
    """For the application's `middleware`. Routes ask `access.reader`, never this."""

    looks = OneByOne("sessions", 2, most=400)

    async def is_there(token: str) -> Session | None:
        return await looks(sessions.find, token, clock())

    def around(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            token = _cookie(scope)
            if token:
                scope["state"][SIGNED_IN] = session = await is_there(token)
                if session is not None:
                    send = _while_there(send, lambda: is_there(token), look_s)
            await app(scope, receive, send)

        return answer

    return around


def _cookie(scope: Scope) -> str | None:
    return Request(scope).cookies.get(SESSION) if scope["type"] == ScopeType.HTTP else None


def _while_there(send: Send, still: Callable[[], Awaitable[Session | None]], look_s: float) -> Send:
    """Sends what is sent in pieces for as long as `still` finds the session."""
    looked, over = monotonic(), False

    async def on(message: Message) -> None:
        nonlocal looked, over
        if over:
            return
        if message["type"] == "http.response.body" and monotonic() - looked >= look_s:
            looked = monotonic()
            if await still() is None:
                over = True
                message = {"type": "http.response.body", "body": b"", "more_body": False}
        await send(message)

    return on
