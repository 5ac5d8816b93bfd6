"""Whether an answer is one that the OpenAPI document says."""

from typing import Any

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
