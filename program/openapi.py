"""What /openapi.json says of headers and of who may call; the rest Litestar reads from the routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIType,
    Operation,
    Parameter,
    Schema,
    SecurityRequirement,
    SecurityScheme,
)

from program.web import LAST_EVENT_ID, AnyRequest

BEARER: SecurityRequirement = {"bearer": []}
NOBODY: SecurityRequirement = {}
OPEN, OPEN_OR_KNOWN = (
    [NOBODY],
    [NOBODY, BEARER],
)  # a route's `security`, where it is not the program's
SCHEME = SecurityScheme(
    type="http", scheme="bearer", description="A token of the configuration, or of a sign-in."
)


def header(name: str, description: str, **text: Any) -> Parameter:
    """Of a request; it may be left out. `text`: what its text is like, as JSON Schema has it."""
    schema = Schema(type=OpenAPIType.STRING, **text)
    return Parameter(
        name=name, param_in="header", required=False, description=description, schema=schema
    )


@dataclass
class Resumed(Operation):
    """Of a stream that goes on where the reader was."""

    def __post_init__(self) -> None:
        said = header(
            "Last-Event-ID", "The id of the last event that came: what followed it comes first.",
            pattern=f"^{LAST_EVENT_ID}$",
        )  # fmt: skip
        self.parameters = [*(self.parameters or []), said]


@get("/openapi.json", include_in_schema=False, sync_to_thread=False)
def openapi(request: AnyRequest) -> dict[str, Any]:
    """OpenAPI 3.1."""
    return request.app.openapi_schema.to_schema()


def openapi_config(
    title: str, version: str, more: Mapping[str, SecurityScheme] | None = None
) -> OpenAPIConfig:
    """A call needs the bearer scheme or one of `more`, unless its route says otherwise."""
    schemes = {"bearer": SCHEME, **(more or {})}
    return OpenAPIConfig(
        title=title,
        version=version,
        path="/openapi",  # the document itself is answered by `openapi`
        render_plugins=[JsonRenderPlugin(path="/json")],
        components=Components(security_schemes=dict(schemes)),
        security=[{name: []} for name in schemes],
    )
