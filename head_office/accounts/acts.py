"""After every answer: what somebody has changed stands in the audit, whatever part of head office it was."""

import logging
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from head_office.access import PERSON
from head_office.accounts import audit
from head_office.accounts.one_by_one import Busy, OneByOne
from head_office.accounts.same_site import READING

WRITES_ITSELF = ("/api/v1/people", "/api/v1/account")  # more exactly, and in one transaction
log = logging.getLogger(__name__)


def written_down(
    engine: sa.Engine, work: OneByOne, clock: Callable[[], datetime]
) -> Callable[[ASGIApp], ASGIApp]:
    """For the application's `middleware`. Knows who by what `access.reader` has found."""

    async def write(scope: Scope) -> None:
        person = scope["state"].get(PERSON)
        if person is None:
            return
        try:
            await work(audit.record, engine, person, "changed", scope["path"], at=clock())
        except Busy as error:  # it is done all the same: say so, and keep the line here
            log.error("%s has changed %s; not in the audit: %s", person.name, scope["path"], error)

    def around(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            async def on(message: Message) -> None:
                if message["type"] == "http.response.start" and message["status"] < 300:
                    await write(scope)
                await send(message)

            await app(scope, receive, on if _changes(scope) else send)

        return answer

    return around


def _changes(scope: Scope) -> bool:
    if scope["type"] != ScopeType.HTTP or scope["method"] in READING:
        return False
    return not scope["path"].startswith(WRITES_ITSELF)
