"""HEAD: wherever GET is, and nothing but the headers of its answer (RFC 9110 section 9.3.2)."""

import httpx
import pytest

from tests.conftest import wait_for
from tests.edge_agent.conftest import API, STAFF, Agent, bearer

EVERYWHERE = [
    "/counter",
    "/hall",
    "/t/nobody",
    "/healthz",
    "/metrics",
    "/openapi.json",
    "/assets/counter/counter.js",
    f"{API}/services",
    f"{API}/queues",
    f"{API}/journal",
    f"{API}/tickets/nobody",
    f"{API}/tickets",
    "/nothing",
]
CHANGES = {"date", "content-length"}  # from one answer to the next, as times in it do


@pytest.mark.parametrize("path", EVERYWHERE)
def test_head_answers_as_get_does_without_the_body(agent: Agent, path: str) -> None:
    asked = agent.http.get(path, headers=bearer(STAFF))
    head = agent.http.head(path, headers=bearer(STAFF))
    assert (head.status_code, head.content) == (asked.status_code, b"")
    assert set(head.headers) == set(asked.headers)
    assert {k: v for k, v in head.headers.items() if k not in CHANGES} == {
        k: v for k, v in asked.headers.items() if k not in CHANGES
    }
    assert agent.http.get("/healthz").status_code == httpx.codes.OK  # on the same connection


def test_head_does_not_wait_for_the_end_of_a_stream(agent: Agent) -> None:
    head = agent.http.head(f"{API}/stream", timeout=2)
    assert head.status_code == httpx.codes.OK
    assert head.headers["content-type"].startswith("text/event-stream")
    wait_for(lambda: "lobby_stream_readers 0\n" in agent.http.get("/metrics").text, "nobody reads")


def test_head_writes_nothing(agent: Agent) -> None:
    before = agent.seq()
    head = agent.http.head(f"{API}/tickets", headers=bearer(STAFF))
    assert (head.status_code, head.headers["allow"]) == (405, "POST, OPTIONS")
    assert agent.seq() == before


def test_allow_names_head_where_get_is(agent: Agent) -> None:
    for method in ("DELETE", "OPTIONS"):
        allowed = agent.http.request(method, f"{API}/services").headers["allow"]
        assert {"GET", "HEAD", "OPTIONS"} == set(allowed.split(", ")), method
    assert "HEAD" not in agent.http.options(f"{API}/tickets").headers["allow"]
