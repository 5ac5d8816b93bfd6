"""What /healthz of each program says."""

from http import HTTPStatus
from typing import Literal

import msgspec
from litestar.openapi.datastructures import ResponseSpec

from program.web import documented


class Standing(msgspec.Struct, frozen=True):
    """How a program stands, in sentences."""

    status: Literal["ok", "failing"]
    reasons: list[str]
    warnings: list[str]


def told_as(shape: type[Standing]) -> dict[int, ResponseSpec]:
    """For OpenAPI: the same shape, well or not."""
    return {
        **documented(HTTPStatus.OK, shape),
        **documented(HTTPStatus.SERVICE_UNAVAILABLE, shape),
    }
