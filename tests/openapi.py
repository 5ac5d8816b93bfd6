"""Whether an answer is one that the OpenAPI document says, and whether who may call is as it says."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
import jsonschema


def check_said(document: dict[str, Any], path: str, answer: httpx.Response) -> None:
    """`path` as the document writes it. Raises AssertionError, jsonschema.ValidationError."""
    call = document["paths"][path][answer.request.method.lower()]
    said = call["responses"][str(answer.status_code)]
    kind = answer.headers["content-type"]
    assert kind.partition(";")[0] in {one.partition(";")[0] for one in said["content"]}, kind
    if "json" in kind:
        (of_kind,) = said["content"].values()
        jsonschema.validate(
            answer.json(), {**of_kind["schema"], "components": document["components"]}
        )


FORMATS = {"date-time": "2026-03-02T01:00:00Z", "date": "2026-03-02"}
METHODS = ("get", "post", "put", "delete", "patch")
NOT_KNOWN = ("token-missing", "unknown-token", "signed-out")
Kind = Mapping[str, Any]


class Call(NamedTuple):
    """One that the document names, with a body that it takes."""

    method: str
    path: str
    headers: frozenset[str]
    security: tuple[str, ...]  # the schemes that let one in; "" for who names none
    body: Any


def calls(document: Kind, parts: Mapping[str, str]) -> Iterator[Call]:
    """`parts`: what stands for the variable parts of paths."""
    for path, methods in document["paths"].items():
        for method in methods.keys() & set(METHODS):
            said = methods[method]
            given = said.get("parameters", ())
            headers = (one["name"] for one in given if one["in"] == "header")
            asked = {
                one["name"]: _example(one["schema"], document)
                for one in given
                if one["in"] == "query" and one.get("required")
            }
            security = said.get("security", document["security"])
            yield Call(
                method, f"{path.format_map(parts)}?{urlencode(asked)}".rstrip("?"), frozenset(headers),
                tuple(next(iter(one), "") for one in security), _body(said, document),
            )  # fmt: skip


def problem(http: httpx.Client, call: Call, **headers: str) -> str:
    """The name of the problem that the call is answered with; "" for none. A stream is not read."""
    with http.stream(call.method, call.path, json=call.body, headers=headers) as answer:
        if answer.headers.get("content-type") != "application/problem+json":
            return ""
        answer.read()
        return str(answer.json()["type"]).rpartition(":")[2]


def _body(said: Kind, document: Kind) -> Any:
    content = said.get("requestBody", {}).get("content", {})
    return _example(content["application/json"]["schema"], document) if content else None


def _example(kind: Kind, document: Kind) -> Any:
    """The smallest value that the schema takes."""
    if "$ref" in kind:
        return _example(
            document["components"]["schemas"][kind["$ref"].rpartition("/")[2]], document
        )
    if some := kind.get("oneOf") or kind.get("anyOf"):
        return _example(some[0], document)
    if "enum" in kind:
        return kind["enum"][0]
    if kind["type"] == "object":
        named = kind.get("properties", {"en": kind.get("additionalProperties", {})})
        return {key: _example(named[key], document) for key in kind.get("required", named)}
    if kind["type"] == "array":
        return [_example(kind["items"], document)] * kind.get("minItems", 0)
    if kind["type"] == "string":
        shortest = kind.get("minLength", 1)
        some = (
            FORMATS.get(kind.get("format", "")),
            *("a" * max(n, shortest) for n in (1, 2, 16, 64)),
        )
        return next(one for one in some if one and re.search(kind.get("pattern", ""), one))
    return {"boolean": False, "null": None}.get(kind["type"], int(kind.get("minimum", 1)))
