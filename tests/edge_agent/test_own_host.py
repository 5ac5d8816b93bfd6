"""DNS rebinding: a page elsewhere whose name leads to loopback is answered nothing, whatever everybody knows."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.edge_agent.conftest import (
    API,
    DEMO,
    KIOSK,
    STAFF,
    Agent,
    Clock,
    bearer,
    branch_at,
    check_problem,
)

EVIL = "evil.example"
NO_NAMES_OF_OURS = [
    EVIL, f"{EVIL}:8080", "127.0.0.1.evil.example", "localhost.evil.example:8080", "128.0.0.1", "10.0.0.1",
]  # fmt: skip
OURS = [
    "localhost", "LocalHost:1", "127.0.0.1", "127.0.0.1:65000", "127.0.0.2", "[::1]", "[::1]:8080", "branch-17", "",
]  # fmt: skip
CALLS = [
    ("GET", "/counter"), ("GET", "/healthz"), ("GET", "/openapi.json"), ("GET", f"{API}/queues"), ("GET", f"{API}/stream"),
    ("HEAD", f"{API}/queues"), ("POST", f"{API}/sign-in"), ("POST", f"{API}/tickets/nobody/cancel"),
]  # fmt: skip


@pytest.mark.parametrize("name", NO_NAMES_OF_OURS)
def test_who_asks_by_another_name_is_turned_away(agent: Agent, name: str) -> None:
    answer = agent.http.get(f"{API}/queues", headers={"Host": name})
    check_problem(answer, 421, "other-host")
    said = answer.json()["detail"]
    missing = ("127.0.0.1", name.partition(":")[0], "proxy", "public_url", "[http]")
    assert [word for word in missing if word not in said] == []


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_no_call_is_open_to_it(agent: Agent, method: str, path: str) -> None:
    answer = agent.http.request(method, path, headers={"Host": EVIL})
    assert answer.status_code == httpx.codes.MISDIRECTED_REQUEST


@pytest.mark.parametrize("token", [STAFF, KIOSK, "nobodys"])
def test_nor_with_a_token_that_everybody_knows_or_that_is_nobodys(agent: Agent, token: str) -> None:
    for headers in (bearer(token), {"Authorization": token}):
        named = {**headers, "Host": EVIL, "X-Forwarded-For": "10.0.0.1"}
        check_problem(agent.http.get(f"{API}/services", headers=named), 421, "other-host")


@pytest.mark.parametrize("name", OURS)
def test_a_name_that_nobody_elsewhere_can_have_is_good(agent: Agent, name: str) -> None:
    answer = agent.http.get(f"{API}/queues", headers={"Host": name})
    assert answer.status_code == httpx.codes.OK


def test_a_proxy_may_bring_our_public_name_or_who_bears_a_secret(tmp_path: Path) -> None:
    text = DEMO.read_text(encoding="utf-8")
    text = text.replace(
        'public_url = "http://127.0.0.1:8080"', 'public_url = "https://Riverside.bank.example"'
    ).replace('token = "demo-kiosk"', 'token = "a-secret-of-our-own"')
    config = tmp_path / "branch.toml"
    config.write_text(text, encoding="utf-8")

    async def statuses() -> list[int]:
        clock = Clock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
        async with branch_at(tmp_path / "data", clock, config) as (_, client):
            asked = [
                {"Host": "riverside.bank.example"},
                {"Host": "riverside.bank.example:443"},
                {"Host": "inside.bank.example", **bearer("a-secret-of-our-own")},
                {"Host": "inside.bank.example", **bearer("demo-staff")},
                {"Host": "inside.bank.example"},
            ]
            return [(await client.get(f"{API}/services", headers=one)).status_code for one in asked]

    assert asyncio.run(statuses()) == [200, 200, 200, 421, 421]


def test_beyond_loopback_a_branch_has_any_name(tmp_path: Path) -> None:
    config = tmp_path / "branch.toml"
    text = DEMO.read_text(encoding="utf-8")
    lin = text[text.index('pin = "') : text.index('"\n\n[[staff]]\nname = "demo-program"') + 1]
    for old, new in (
        ("127.0.0.1:8080", "0.0.0.0:8080"),
        ('token = "demo-', 'token = "own-demo-'),
        (lin, 'token = "lins-own-token"'),
    ):
        text = text.replace(old, new)
    config.write_text(text, encoding="utf-8")

    async def status() -> int:
        clock = Clock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
        async with branch_at(tmp_path / "data", clock, config) as (_, client):
            answer = await client.get(f"{API}/services", headers={"Host": "branch-17"})
            return answer.status_code

    assert asyncio.run(status()) == httpx.codes.OK
