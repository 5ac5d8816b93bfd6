"""Every answer is one that /openapi.json says: its status, its type, its shape."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.edge_agent.conftest import API, KIOSK, STAFF, Agent, Clock, bearer, branch_at
from tests.edge_agent.test_opinions import visit
from tests.openapi import NOT_KNOWN, calls, check_said, problem

PRESS, WRONG_PIN = f"{API}/counters/{{counter}}/{{press}}", {"name": "nobody", "pin": "1"}
CALLS = [  # method, path in the document, path, body, token, status
    ("GET", "/healthz", "/healthz", None, None, 200),
    ("GET", "/metrics", "/metrics", None, None, 200),
    ("GET", f"{API}/journal", f"{API}/journal", None, STAFF, 200),
    ("GET", f"{API}/journal", f"{API}/journal?limit=0", None, STAFF, 400),
    ("GET", f"{API}/journal", f"{API}/journal", None, None, 401),
    ("GET", f"{API}/devices", f"{API}/devices", None, STAFF, 200),
    ("GET", f"{API}/services", f"{API}/services", None, "nobodys", 401),
    ("GET", f"{API}/queues", f"{API}/queues", None, "nobodys", 401),
    ("GET", f"{API}/opinions", f"{API}/opinions?open=false", None, STAFF, 400),
    ("GET", f"{API}/ratings", f"{API}/ratings?before=0", None, STAFF, 400),
    ("GET", f"{API}/ratings", f"{API}/ratings", None, KIOSK, 403),
    ("POST", f"{API}/sign-in", f"{API}/sign-in", {}, None, 400),
    ("POST", f"{API}/sign-in", f"{API}/sign-in", WRONG_PIN, None, 401),
    ("POST", f"{API}/tickets", f"{API}/tickets", {"service": 1}, KIOSK, 400),
    ("PUT", f"{API}/kiosks/{{kiosk}}/devices", f"{API}/kiosks/kiosk-9/devices", {"devices": []}, KIOSK, 403),
    ("POST", PRESS, f"{API}/counters/99/call-next", None, STAFF, 404),
]  # fmt: skip


@pytest.fixture(scope="module")
def document(agent: Agent) -> dict[str, Any]:
    found: dict[str, Any] = agent.http.get("/openapi.json").raise_for_status().json()
    return found


@pytest.mark.parametrize(("method", "said", "path", "body", "token", "status"), CALLS)
def test_an_answer_is_what_the_document_says(
    agent: Agent, document: dict[str, Any], method: str, said: str, path: str, body: Any,
    token: str | None, status: int,
) -> None:  # fmt: skip
    headers = bearer(token) if token else {}
    answer = agent.http.request(method, path, json=body, headers=headers)
    assert answer.status_code == status
    check_said(document, said, answer)


def test_so_is_one_to_another_name_or_after_many_wrong_pins(tmp_path: Path) -> None:
    async def story() -> None:
        async with branch_at(tmp_path, Clock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))) as (
            _,
            client,
        ):
            document = (await client.get("/openapi.json")).json()
            answer = await client.get("/healthz", headers={"Host": "evil.example"})
            assert answer.status_code == 421
            check_said(document, "/healthz", answer)
            for _ in range(6):
                wrong = {"name": "lin", "pin": "0"}
                answer = await client.post(f"{API}/sign-in", json=wrong)
                check_said(document, f"{API}/sign-in", answer)
            assert answer.status_code == 429

    asyncio.run(story())


def test_what_a_customer_wrote_is_read_as_the_document_says(
    own_agent: Agent,
) -> None:
    rated = {"score": 2, "comment": "Slow.", "reasons": ["waited-long"]}
    own_agent.post(f"/tickets/{visit(own_agent)}/rating", rated).raise_for_status()
    answer = own_agent.http.get(f"{API}/ratings", headers=bearer(STAFF))
    assert len(answer.json()["ratings"]) == 1
    check_said(own_agent.http.get("/openapi.json").json(), f"{API}/ratings", answer)


def test_a_stream_is_said_to_be_one(document: dict[str, Any]) -> None:
    said = document["paths"][f"{API}/stream"]["get"]["responses"]["200"]["content"]
    assert list(said) == ["text/event-stream"]


PARTS = {
    "kiosk": "kiosk-1", "counter": "1", "press": "call-next", "word": "close", "label": "A999",
    "ticket": "nobodys", "opinion": "nobodys", "reference": "nobodys",
}  # fmt: skip


def test_each_call_lets_in_whom_the_document_says(own_agent: Agent) -> None:
    document = own_agent.http.get("/openapi.json").json()
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for call in calls(document, PARTS):
        if call.path == f"{API}/sign-in":
            assert call.security == ("",)
            continue  # its own 401 is of a wrong PIN
        without, wrong = (problem(own_agent.http, call, **h) for h in ({}, bearer("nobodys")))
        assert (without in NOT_KNOWN) == ("" not in call.security), (call, without)
        assert (wrong in NOT_KNOWN) == ("bearer" in call.security), (call, wrong)


@pytest.mark.parametrize(
    ("header", "unusable", "name"),
    [
        ("Idempotency-Key", "x" * 256, "idempotency-key-unusable"),
        ("Last-Event-ID", "x", "last-event-id-unusable"),
    ],
)
def test_a_header_is_named_where_it_is_read_and_nowhere_else(
    own_agent: Agent, header: str, unusable: str, name: str
) -> None:
    document = own_agent.http.get("/openapi.json").json()
    wish = {"topic": "hall", "phrases": ["seats"]}
    opinion = own_agent.http.post(f"{API}/opinions", json=wish, headers=bearer(KIOSK)).json()["id"]
    all_of_them = list(calls(document, {**PARTS, "opinion": opinion}))
    named = [call for call in all_of_them if header in call.headers]
    assert named
    for call in all_of_them:
        said = {
            problem(own_agent.http, call, **{header: unusable}, **bearer(token))
            for token in (KIOSK, STAFF)
        }
        assert (name in said) == (call in named), (call, said)
