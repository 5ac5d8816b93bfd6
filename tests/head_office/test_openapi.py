"""Every answer of head office is one that /openapi.json says, also when it is a refusal or not well."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from head_office.access import COOKIE
from tests.head_office.accounts.conftest import Bank
from tests.openapi import NOT_KNOWN, calls, check_said, problem

PROGRAM = {"readers": [{"name": "program", "token": "a secret of a program"}]}
BEARS = {"Authorization": "Bearer a secret of a program"}
BRANCHES, CODE, PASSWORD = "/api/v1/branches", "/sign-in/code", "/sign-in/password"


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    bank = Bank(tmp_path_factory.mktemp("bank"), **PROGRAM)
    yield bank.visitor()
    bank.end()


@pytest.fixture(scope="module")
def document(http: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = http.get("/openapi.json").json()
    return found


@pytest.mark.parametrize(
    ("said", "path", "headers", "status"),
    [
        ("/healthz", "/healthz", {}, 503),  # nobody listens to the broker here
        ("/metrics", "/metrics", BEARS, 200),
        (f"{BRANCHES}/{{branch}}", f"{BRANCHES}/nobody", BEARS, 404),
        ("/api/v1/alerts", "/api/v1/alerts", {}, 401),
        ("/api/v1/alerts", "/api/v1/alerts?limit=x", BEARS, 400),
        ("/api/v1/people", "/api/v1/people", BEARS, 403),
    ],
)
def test_an_answer_is_what_the_document_says(
    http: httpx.Client, document: dict[str, Any], said: str, path: str, headers: Any, status: int
) -> None:
    answer = http.get(path, headers=headers)
    assert answer.status_code == status
    check_said(document, said, answer)


@pytest.mark.parametrize("path", [CODE, PASSWORD])
def test_so_is_one_to_a_body_that_is_none(
    http: httpx.Client, document: dict[str, Any], path: str
) -> None:
    for kind in ("text/plain", "application/json"):
        answer = http.post(path, content=b"{", headers={"Content-Type": kind})
        assert answer.is_client_error
        check_said(document, path, answer)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/stream", "text/event-stream"),
        (f"{BRANCHES}/{{branch}}/stream", "text/event-stream"),
        ("/api/v1/audit.csv", "text/csv"),
        ("/api/v1/reports/{name}", "application/pdf"),
        ("/api/v1/board/outline", "application/geo+json"),
    ],
)
def test_what_is_no_json_is_not_said_to_be(document: dict[str, Any], path: str, kind: str) -> None:
    assert list(document["paths"][path]["get"]["responses"]["200"]["content"]) == [kind]


def test_the_way_to_the_banks_provider_leads_on(document: dict[str, Any]) -> None:
    for path in ("/sign-in/oidc", "/sign-in/oidc/back"):
        assert "303" in document["paths"][path]["get"]["responses"]


PARTS = {"branch": "bund", "number": "1", "name": "2026-01.pdf", "one": "x", "of": "x"} | {
    "id_": "x", "step": "hold",
}  # fmt: skip


def test_each_call_lets_in_whom_the_document_says(
    http: httpx.Client, document: dict[str, Any]
) -> None:
    schemes = document["components"]["securitySchemes"]
    assert {name: one["type"] for name, one in schemes.items()} == {
        "bearer": "http", "session": "apiKey", "reader": "apiKey",
    }  # fmt: skip
    for call in calls(document, PARTS):
        if call.path == "/sign-in":
            assert call.security == ("",)
            continue  # its own 401 is of a token in the body
        http.cookies.clear()
        without, wrong, right = (
            problem(http, call, **h) for h in ({}, {"Authorization": "Bearer nobodys"}, BEARS)
        )
        assert (without in NOT_KNOWN) == ("" not in call.security), (call, without)
        assert (right in NOT_KNOWN) == (not {"", "bearer"} & {*call.security}), (call, right)
        assert (wrong in NOT_KNOWN) == ("" not in call.security), (call, wrong)


def test_every_reader_is_let_in_by_the_boards_cookie_too(
    http: httpx.Client, document: dict[str, Any]
) -> None:
    cookie = {"Cookie": f"{COOKIE}={PROGRAM['readers'][0]['token']}"}
    for call in calls(document, PARTS):
        http.cookies.clear()
        if call.path != "/sign-in" and "" not in call.security:
            said = problem(http, call, **cookie)
            assert (said in NOT_KNOWN) == ("reader" not in call.security), (call, said)


def test_the_streams_say_that_they_go_on(http: httpx.Client, document: dict[str, Any]) -> None:
    for call in calls(document, PARTS):
        said = problem(http, call, **{"Last-Event-ID": "x"}, **BEARS)
        assert (said == "last-event-id-unusable") == ("Last-Event-ID" in call.headers), call
    assert any("Last-Event-ID" in call.headers for call in calls(document, PARTS))
