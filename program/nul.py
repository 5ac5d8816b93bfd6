"""Turns away what names the character NUL. No database of ours is asked with it: PostgreSQL cannot keep it, and SQLite would."""

import re
from http import HTTPStatus
from typing import NoReturn

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send
from litestar.types.asgi_types import ReceiveMessage

from program.web import Turned

IN_QUERY = re.compile(rb"\x00|%00")
IN_JSON = re.compile(rb"\x00|(?<!\\)(?:\\\\)*\\u0000")  # after an even number of backslashes


def without_nul(app: ASGIApp) -> ASGIApp:
    """For an application's `middleware`; 400 for a NUL in path, query or JSON."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            return await app(scope, receive, send)
        if "\0" in scope["path"] or IN_QUERY.search(scope["query_string"]):
            _turn("address")
        body = bytearray()

        async def heard() -> ReceiveMessage:
            message = await receive()
            if message["type"] == "http.request":
                body.extend(message["body"])
                if not message["more_body"] and IN_JSON.search(body):
                    _turn("body")
            return message

        return await app(scope, heard, send)

    return answer


def _turn(where: str) -> NoReturn:
    raise Turned(
        HTTPStatus.BAD_REQUEST,
        "nul-character",
        f"The {where} has the character NUL (%00, \\u0000) in it; leave it out.",
    )
