"""What every web application of ours does alike: one shape for errors, files of pages, OpenAPI."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.response import File

log = logging.getLogger(__name__)

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
PROBLEM_TYPE = "urn:lobby:problem:"
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
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
AnyRequest = Request[Any, Any, Any]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457 problem details; `type` is stable, `detail` says to a person what to do."""

    type: str
    title: str
    status: int
    detail: str


class Turned(HTTPException):
    """A request turned away at the door. `name` is stable."""

    def __init__(self, status: HTTPStatus, name: str, detail: str) -> None:
        super().__init__(detail=detail, status_code=status)
        self.name = name


def problem(status: HTTPStatus, name: str, detail: str) -> bytes:
    """The JSON of a problem."""
    said = Problem(type=PROBLEM_TYPE + name, title=status.phrase, status=status, detail=detail)
    return msgspec.json.encode(said)


def problem_response(status: HTTPStatus, name: str, detail: str) -> Response[bytes]:
    return Response(problem(status, name, detail), status_code=status, media_type=PROBLEM_JSON)


def _turned(_request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """Unknown token, malformed JSON, too large, no such page."""
    status = HTTPStatus(error.status_code)
    name = error.name if isinstance(error, Turned) else status.phrase.lower().replace(" ", "-")
    detail = error.detail
    if isinstance(error.extra, list) and error.extra:
        detail += ": " + "; ".join(
            f"{e.get('key', '')} {e['message']}".strip() for e in error.extra
        )
    return problem_response(status, name, detail)


def _unforeseen(request: AnyRequest, error: Exception) -> Response[bytes]:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem_response(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "unforeseen",
        "The program made a mistake of its own; it is in its log. Nothing was confirmed.",
    )


ERRORS: dict[int | type[Exception], Callable[..., Response[bytes]]] = {
    HTTPException: _turned,
    Exception: _unforeseen,
}


def page_file(path: Path) -> File:
    """A page, script or style. Raises Turned when there is none."""
    if path.suffix not in TYPES or not path.is_file():
        raise Turned(HTTPStatus.NOT_FOUND, "not-found", "There is nothing at this address.")
    return File(
        path,
        filename=path.name,
        media_type=TYPES[path.suffix],
        content_disposition_type="inline",
        headers=PAGE_HEADERS,
    )


@get("/openapi.json", include_in_schema=False, sync_to_thread=False)
def openapi(request: AnyRequest) -> dict[str, Any]:
    """OpenAPI 3.1."""
    return request.app.openapi_schema.to_schema()


def openapi_config(title: str, version: str) -> OpenAPIConfig:
    return OpenAPIConfig(
        title=title,
        version=version,
        path="/openapi",  # the document itself is answered by `openapi`
        render_plugins=[JsonRenderPlugin(path="/json")],
    )
