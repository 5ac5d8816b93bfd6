"""Every answer is one that /openapi.json says: its status, its type, its shape."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.edge_agent.conftest import API, KIOSK, STAFF, Agent, Clock, bearer, branch_at
from tests.openapi import check_said

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


def test_a_stream_is_said_to_be_one(document: dict[str, Any]) -> None:
    said = document["paths"][f"{API}/stream"]["get"]["responses"]["200"]["content"]
    assert list(said) == ["text/event-stream"]
