"""Turns away who asks by a name of the internet that is not ours. A page elsewhere may have its own name lead to loopback (DNS
rebinding); a browser then takes our answers for that page's, and only the name that it asks by tells. It has a dot in it: names
without one, as machines have in their own network, are nobody's to give."""

import re
from collections.abc import Callable
from http import HTTPStatus

from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Middleware, Receive, Scope, Send

from program.address import Address, host_of
from program.web import LONGEST_NAME, AnyRequest, Turned

HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@/\s]+))(?::[0-9]*)?", re.IGNORECASE)


def own_host_only(
    listen: Address, url: str | None, named_in: str, unless: Callable[[AnyRequest], bool]
) -> list[Middleware]:
    """For an application's `middleware`, first; nothing beyond loopback. `url` is our address for others, by a proxy, and
    stands in key and section `named_in`; `unless` who asks must say who they are, and has."""
    if not listen.loopback:
        return []
    known = host_of(url) if url else None

    def around(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == ScopeType.HTTP:
                host = _host(scope)
                ours = "." not in host or host == known or Address(host, 0).loopback
                if not ours and not unless(Request(scope)):
                    raise _elsewhere(host, named_in)
            await app(scope, receive, send)

        return answer

    return [around]


def _elsewhere(host: str, named_in: str) -> Turned:
    return Turned(
        HTTPStatus.MISDIRECTED_REQUEST,
        "other-host",
        f"'{host[:LONGEST_NAME]}' is no name of this program, which is there for its own machine: ask for localhost or "
        f"127.0.0.1. Where people come by that name, through a proxy, whoever set it up names it as {named_in}, or "
        "lets the proxy ask for 127.0.0.1.",
    )


def _host(scope: Scope) -> str:
    """Without the port; empty where there is none, or more than one."""
    named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    found = HOST.fullmatch(named[0]) if len(named) == 1 else None
    return (found[1] or found[2]).lower() if found else ""
