"""What every web application of ours does alike: one shape for errors, files of pages, problems told to OpenAPI."""

import logging
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from litestar.plugins import PluginProtocol, ReceiveRoutePlugin
from litestar.plugins.core import MsgspecDIPlugin
from litestar.response import File
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import HTTPScope, Message, Receive, Scope, Send
from litestar.types.asgi_types import LifeSpanReceive, LifeSpanScope, LifeSpanSend

log = logging.getLogger(__name__)

JSON = "application/json"
PAGES = Path(__file__).parent / "pages"
LONGEST_NAME = 64
LAST_EVENT_ID = "[0-9]{1,18}"
LARGEST_NUMBER = 2**63 - 1  # what the databases can count to
PROBLEM_JSON = "application/problem+json"
PROBLEMS = (
    400,
    401,
    403,
    404,
    409,
    413,
    415,
    421,
    422,
    429,
    500,
    503,
)  # any call may be answered so
PROBLEM_TYPE = "urn:lobby:problem:"
HOW_TO_BE_KNOWN = {"WWW-Authenticate": "Bearer"}  # RFC 9110 section 15.5.2 asks it of every 401
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".html": "text/html",
}
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
AS_IT_IS = {"as_it_is": True}  # a route's `opt`: nothing is compressed, so that a stream flows
EVENTS, METRICS = "text/event-stream", "text/plain; version=0.0.4"  # of Prometheus
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
# What Litestar says by itself: a name that is stable, as the phrase changes with Python's version, and what to do.
OF_ITSELF = {
    HTTPStatus.NOT_FOUND: (
        "not-found",
        "There is nothing at this address. The calls that there are stand in /openapi.json.",
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        "method-not-allowed",
        "This address takes other methods: the header Allow of this answer names them.",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "request-entity-too-large",
        "The body is larger than any that this address takes. Send a smaller one.",
    ),
}
NO_BODY = "'data'"  # what Litestar says of a body that is missing
AnyRequest = Request[Any, Any, Any]


def bearer(request: AnyRequest) -> str | None:
    """The token that the request bears (RFC 6750); None where it bears none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


class Application(Litestar):
    """Litestar for msgspec alone, with HEAD wherever there is GET. By itself it loads pydantic and attrs wherever they
    are installed, and a library of the broker brings pydantic: 0.1 s of each start, and 20 MB."""

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        """HEAD is answered as GET is, without the body (RFC 9110 section 9.3.2)."""
        if scope["type"] == ScopeType.HTTP and cast(HTTPScope, scope)["method"] == "HEAD":
            as_get = cast(HTTPScope, {**scope, "method": "GET"})
            await super().__call__(as_get, receive, _headers_alone(cast(Send, send)))
        else:
            await super().__call__(scope, receive, send)

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin(), _AsDocumented()]


class _AsDocumented(ReceiveRoutePlugin):
    """OPTIONS knows of HEAD, and OpenAPI of our problems: Litestar tells of errors in a shape of its own."""

    def receive_route(self, route: BaseRoute) -> None:
        if "GET" in route.methods:
            route.methods.add("HEAD")
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                handler.responses = {**_problems(), **(handler.responses or {})}


def _problems() -> dict[int, ResponseSpec]:
    return {
        code: ResponseSpec(
            Problem,
            description=HTTPStatus(code).phrase,
            generate_examples=False,
            media_type=PROBLEM_JSON,
        )
        for code in PROBLEMS
    }


def _headers_alone(send: Send) -> Send:
    """The answer is over with its headers, so that nobody waits for a stream; the server then lets the route go."""

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return tell


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457 problem details; `type` is stable, `detail` says to a person what to do."""

    type: str
    title: str
    status: int
    detail: str


class Turned(HTTPException):
    """A request turned away at the door. `name` is stable."""

    def __init__(
        self, status: HTTPStatus, name: str, detail: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail=detail, status_code=status, headers=headers)
        self.name = name


def last_event_id(request: AnyRequest) -> int | None:
    """The number a reader has seen last; None when it names none. Raises Turned."""
    text = request.headers.get("last-event-id", "").strip(" \t")  # RFC 9110, 5.5
    if not text:
        return None
    if not re.fullmatch(LAST_EVENT_ID, text):
        raise Turned(
            HTTPStatus.BAD_REQUEST, "last-event-id-unusable", "Last-Event-ID is a number we sent."
        )
    return int(text)


def documented(status: HTTPStatus, shape: type[msgspec.Struct] | None) -> dict[int, ResponseSpec]:
    """What OpenAPI shall say of a route that answers ready-made bytes."""
    return {int(status): ResponseSpec(shape, description=status.phrase, generate_examples=False)}


def problem(status: HTTPStatus, name: str, detail: str) -> bytes:
    """The JSON of a problem."""
    said = Problem(type=PROBLEM_TYPE + name, title=status.phrase, status=status, detail=detail)
    return msgspec.json.encode(said)


def problem_response(
    status: HTTPStatus, name: str, detail: str, headers: Mapping[str, str] | None = None
) -> Response[bytes]:
    return Response(
        problem(status, name, detail),
        status_code=status,
        media_type=PROBLEM_JSON,
        headers=HOW_TO_BE_KNOWN if status is HTTPStatus.UNAUTHORIZED else headers,
    )


def _turned(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """Unknown token, malformed JSON, too large, no such page."""
    status = HTTPStatus(error.status_code)
    name, detail = status.phrase.lower().replace(" ", "-"), error.detail
    if isinstance(error, Turned):
        name = error.name
    elif status in OF_ITSELF:
        name, detail = OF_ITSELF[status]
    if isinstance(error.extra, list) and error.extra:
        detail = "; ".join(_wrong(request, part) for part in error.extra)
    return problem_response(status, name, detail, _with_head(error.headers))


def _with_head(headers: dict[str, str] | None) -> dict[str, str] | None:
    """A 405 from Litestar names the methods that it knows of itself."""
    allowed = (headers or {}).get("allow", "")
    return {**(headers or {}), "allow": f"{allowed}, HEAD"} if "GET" in allowed else headers


def _wrong(request: AnyRequest, part: dict[str, str]) -> str:
    """What is wrong with a part of the request. Litestar's key for the whole body is `data`."""
    key, message = part.get("key", ""), part["message"]
    if key != "data":
        return f"'{key}' is unusable: {message}."
    if message != NO_BODY:
        return f"The body is unusable: {message}."
    field = request.route_handler.parsed_data_field
    fields = msgspec.structs.fields(field.annotation) if field else ()
    needed = ", ".join(f"'{one.encode_name}'" for one in fields if one.required)
    return f"A JSON body is needed, and in it {needed}." if needed else "A JSON body is needed."


def _unforeseen(request: AnyRequest, error: Exception) -> Response[bytes]:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem_response(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "unforeseen",
        "The program made a mistake of its own; it is in its log. Nothing was confirmed.",
    )


def _unreadable(_request: AnyRequest, error: Exception) -> Response[bytes]:
    """Bytes that are no text, or JSON nested without end."""
    return problem_response(
        HTTPStatus.BAD_REQUEST, "bad-request", f"The body cannot be read: {type(error).__name__}."
    )


ERRORS: dict[int | type[Exception], Callable[..., Response[bytes]]] = {
    HTTPException: _turned,
    UnicodeDecodeError: _unreadable,
    RecursionError: _unreadable,
    Exception: _unforeseen,
}


def page_file(path: Path) -> File:
    """A page, script or style. Raises Turned when there is none."""
    if path.suffix not in TYPES or len(path.name) > LONGEST_NAME or not path.is_file():
        raise Turned(HTTPStatus.NOT_FOUND, "not-found", "There is nothing at this address.")
    return File(
        path,
        filename=path.name,
        media_type=TYPES[path.suffix],
        content_disposition_type="inline",
        headers=PAGE_HEADERS,
    )


@get("/assets/program/{name:str}", include_in_schema=False, sync_to_thread=False)
def shared_asset(name: FromPath[str]) -> File:
    """What the pages of all programs share."""
    return page_file(PAGES / Path(name).name)
