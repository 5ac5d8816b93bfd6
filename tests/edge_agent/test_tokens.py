"""Who may do what: tokens, roles, sign-in."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.edge_agent.conftest import (
    API,
    KIOSK,
    STAFF,
    Agent,
    Clock,
    bearer,
    branch_at,
    check_problem,
)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/tickets", {"service": "cash"}),
        ("/counters/1/call-next", None),
        ("/counters/1/start", None),
    ],
)
def test_without_a_token_nobody_writes(agent: Agent, path: str, body: object) -> None:
    seq = agent.seq()
    check_problem(agent.post(path, body, token=None), 401, "token-missing")
    check_problem(agent.post(path, body, token="wrong-token"), 401, "unknown-token")
    assert agent.seq() == seq


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Basic ZGVtbw==", "demo-staff", "Bearer demo-staff x"]
)
def test_a_header_that_bears_no_known_token_is_401(agent: Agent, header: str) -> None:
    answer = agent.http.post(f"{API}/counters/1/call-next", headers={"Authorization": header})
    check_problem(answer, 401)


def test_a_kiosk_calls_nobody(agent: Agent) -> None:
    check_problem(agent.post("/counters/1/call-next", token=KIOSK), 403, "not-allowed")


def test_staff_do_not_speak_for_a_printer(agent: Agent) -> None:
    path = f"/tickets/{agent.issue()['id']}/printed"
    check_problem(agent.post(path, {"outcome": "confirmed"}, token=STAFF), 403, "not-allowed")


@pytest.mark.parametrize("path", ["/journal", "/devices"])
def test_a_stranger_reads_neither_journal_nor_machines(agent: Agent, path: str) -> None:
    check_problem(agent.http.get(API + path), 401, "token-missing")
    assert agent.http.get(API + path, headers=bearer(KIOSK)).status_code == 200


@pytest.mark.parametrize("path", ["/services", "/queues"])
def test_anybody_reads_the_queue_from_the_hall(agent: Agent, path: str) -> None:
    assert agent.http.get(API + path).status_code == 200


def test_lin_signs_in_and_her_token_calls_and_outlives_a_kill(own_agent: Agent) -> None:
    signed = own_agent.post("/sign-in", {"name": "lin", "pin": "2468"}, token=None)
    assert signed.status_code == 200
    token = signed.json()["token"]
    assert datetime.fromisoformat(signed.json()["expires_at"]) > datetime.now(UTC)
    own_agent.issue()
    own_agent.kill()
    own_agent.start()
    assert own_agent.post("/counters/1/call-next", token=token).status_code == 200


@pytest.mark.parametrize(
    ("name", "pin"), [("lin", "0000"), ("nobody", "2468"), ("demo-program", "2468"), ("lin", "²")]
)
def test_a_wrong_name_or_pin_gets_no_token(agent: Agent, name: str, pin: str) -> None:
    answer = agent.post("/sign-in", {"name": name, "pin": pin}, token=None)
    check_problem(answer, 401, "wrong-pin")
    assert "token" not in answer.json()


async def guess(client: httpx.AsyncClient, pin: str) -> int:
    answer = await client.post(f"{API}/sign-in", json={"name": "lin", "pin": pin})
    return answer.status_code


def test_after_some_wrong_pins_even_the_right_one_must_wait_a_while(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))

    async def story() -> tuple[list[int], int, int]:
        async with branch_at(tmp_path, clock) as (_, client):
            wrong = [await guess(client, f"{n:04d}") for n in range(10)]
            at_once = await guess(client, "2468")
            clock.now += timedelta(minutes=15)
            return wrong, at_once, await guess(client, "2468")

    wrong, at_once, later = asyncio.run(story())
    assert (wrong[0], wrong[-1]) == (401, 429)
    assert (at_once, later) == (429, 200)


def test_the_wait_that_is_told_is_long_enough_and_no_longer(tmp_path: Path) -> None:
    """RFC 6585 section 4."""
    clock = Clock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))

    async def story() -> list[int]:
        async with branch_at(tmp_path, clock) as (_, client):
            for n in range(5):
                clock.now += timedelta(seconds=3.5)
                assert await guess(client, f"{n:04d}") == 401
            answer = await client.post(f"{API}/sign-in", json={"name": "lin", "pin": "2468"})
            check_problem(answer, 429, "locked")
            wait = int(answer.headers["retry-after"])
            assert f"{wait} seconds" in answer.json()["detail"]
            clock.now += timedelta(seconds=wait - 1)
            before = await guess(client, "2468")
            clock.now += timedelta(seconds=1)
            return [wait, before, await guess(client, "2468")]

    assert asyncio.run(story()) == [46, 429, 200]


def test_guessing_many_pins_at_once_is_no_way_around_the_lock(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))

    async def story() -> list[int]:
        async with branch_at(tmp_path, clock) as (_, client):
            return await asyncio.gather(*(guess(client, f"{n:04d}") for n in range(24)))

    statuses = asyncio.run(story())
    tried = statuses.count(401)
    assert tried + statuses.count(429) == 24
    assert tried <= 8, f"{tried} wrong PINs were tried at once; one after the other it is 5"
