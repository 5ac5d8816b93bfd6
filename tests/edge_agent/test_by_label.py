"""Today's ticket by the number on its paper."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edge_agent.branch_queue import queue as branch_queue
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


@pytest.mark.parametrize("token", [KIOSK, STAFF])
@pytest.mark.parametrize("typed", ["{}", " {} ", "lower", "with blanks"])
def test_as_somebody_types_it(agent: Agent, token: str, typed: str) -> None:
    issued = agent.issue("business")
    label = issued["label"]
    text = {"lower": label.lower(), "with blanks": f"{label[0]} {label[1:]}"}.get(
        typed, typed.format(label)
    )
    answer = agent.http.get(f"{API}/tickets/of/{text}", headers=bearer(token))
    assert (answer.status_code, answer.json()["id"]) == (200, issued["id"])


@pytest.mark.parametrize("label", ["Z999", "A", "%20", "%00", "A001'--", "\u0130"])
def test_what_nobody_has_is_404(agent: Agent, label: str) -> None:
    answer = agent.http.get(f"{API}/tickets/of/{label}", headers=bearer(KIOSK))
    check_problem(answer, 404, "unknown-ticket")


def test_a_stranger_may_not_ask_for_a_number(agent: Agent) -> None:
    label = agent.issue()["label"]
    check_problem(agent.http.get(f"{API}/tickets/of/{label}"), 401, "token-missing")


def test_a_visit_that_is_over_can_still_be_rated_by_its_number_and_yesterdays_is_not_todays(
    tmp_path: Path,
) -> None:
    """Also when so many have ended since that the queue has it no longer in mind."""
    clock = Clock(datetime(2026, 11, 26, 2, tzinfo=UTC))

    async def story() -> tuple[Any, ...]:
        async with branch_at(tmp_path, clock) as (branch, client):

            async def press(path: str, body: Any = None, token: str = STAFF) -> Any:
                answer = await client.post(API + path, json=body, headers=bearer(token))
                return answer.json() if answer.content else None

            async def by_label(label: str) -> Any:
                answer = await client.get(f"{API}/tickets/of/{label}", headers=bearer(KIOSK))
                return answer.json()

            first = await press("/tickets", {"service": "cash"}, KIOSK)
            for word in ("call-next", "start", "finish"):
                await press(f"/counters/1/{word}")
            many = range(branch_queue.ENDED_IN_MIND)
            cards = {"service": "cards"}
            gone = await asyncio.gather(*(press("/tickets", cards, KIOSK) for _ in many))
            await asyncio.gather(*(press(f"/tickets/{one['id']}/cancel") for one in gone))
            forgotten = first["id"] not in branch.desk.queue.tickets
            found = await by_label(first["label"])
            rated = await press(f"/tickets/{found['id']}/rating", {"score": 5}, KIOSK)
            clock.now += timedelta(days=1)
            await branch.desk.look_at_clock()
            return first, forgotten, found, rated, await by_label(first["label"])

    first, forgotten, found, rated, next_day = asyncio.run(story())
    assert forgotten
    assert (found["id"], found["state"], rated["rating"]) == (first["id"], "served", 5)
    assert next_day["status"] == 404
