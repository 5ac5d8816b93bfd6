"""A second paper over HTTP: ordered by staff or by a printer that failed, fetched and told by a kiosk."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.edge_agent.conftest import API, KIOSK, Agent, Clock, bearer, branch_at, check_problem


def report(agent: Agent, state: str) -> None:
    """What kiosk-1 says of its printer."""
    printer = {
        "device": "kiosk-1/printer",
        "kind": "ticket_printer",
        "state": state,
        "since": datetime.now(UTC).isoformat(),
    }
    answer = agent.http.put(
        f"{API}/kiosks/kiosk-1/devices", json={"devices": [printer]}, headers=bearer(KIOSK)
    )
    assert answer.status_code == 204, answer.text


def to_print(agent: Agent, token: str | None = KIOSK) -> list[dict[str, Any]]:
    headers = bearer(token) if token else {}
    found: list[dict[str, Any]] = agent.http.get(f"{API}/services", headers=headers).json()[
        "reprints"
    ]
    return found


@pytest.fixture
def agent(own_agent: Agent) -> Agent:
    report(own_agent, "ready")
    return own_agent


def test_staff_order_a_reprint_and_the_kiosk_fetches_it_until_it_has_told(agent: Agent) -> None:
    issued = agent.issue(language="en")
    asked = agent.post("/counters/2/reprint", {"label": issued["label"]})
    assert asked.json() == {"label": issued["label"], "kiosk": "kiosk-1"}
    for _ in range(2):
        (one,) = to_print(agent)
        assert (one["ticket"]["id"], one["language"]) == (issued["id"], "en")
    told = {"outcome": "confirmed", "reprint": True}
    agent.post(f"/tickets/{issued['id']}/printed", told, token=KIOSK)
    assert to_print(agent) == []
    order, paper = agent.journal()[-2:]
    assert (order["type"], order["counter"], order["reason"]) == ("ReprintOrdered", "2", "staff")
    assert (paper["type"], paper["reprint"], paper["kiosk"]) == ("TicketPrinted", True, "kiosk-1")


def test_only_the_kiosk_hears_what_it_shall_print(agent: Agent) -> None:
    issued = agent.issue()
    agent.post("/counters/2/reprint", {"label": issued["label"]})
    assert to_print(agent, None) == []
    assert to_print(agent, "demo-staff") == []


def test_a_customer_cannot_order_one(agent: Agent) -> None:
    issued = agent.issue()
    body = {"label": issued["label"]}
    check_problem(agent.post("/counters/2/reprint", body, token=None), 401)
    check_problem(agent.post("/counters/2/reprint", body, token=KIOSK), 403)


def test_what_stands_in_the_way_is_said(agent: Agent) -> None:
    label = agent.issue()["label"]
    check_problem(agent.post("/counters/2/reprint", {"label": "Z999"}), 404, "unknown-ticket")
    check_problem(agent.post("/counters/99/reprint", {"label": label}), 404, "unknown-counter")
    report(agent, "fault")
    check_problem(agent.post("/counters/2/reprint", {"label": label}), 409, "no-printer-works")


def test_the_kiosk_that_failed_is_not_asked_again_by_itself(agent: Agent) -> None:
    issued = agent.issue()
    agent.post(f"/tickets/{issued['id']}/printed", {"outcome": "failed"}, token=KIOSK)
    assert to_print(agent) == []


def test_a_ticket_that_ends_before_its_kiosk_has_fetched_the_order_gets_no_paper(
    agent: Agent,
) -> None:
    issued = agent.issue()
    agent.post("/counters/2/reprint", {"label": issued["label"]})
    agent.post(f"/tickets/{issued['id']}/cancel")
    assert to_print(agent) == []


def test_an_order_survives_a_kill(agent: Agent) -> None:
    issued = agent.issue()
    agent.post("/counters/2/reprint", {"label": issued["label"]})
    agent.kill()
    agent.start()
    assert [one["ticket"]["label"] for one in to_print(agent)] == [issued["label"]]


def test_where_no_paper_can_be_there_the_next_one_is_not_marked(agent: Agent) -> None:
    first, second = agent.issue(), agent.issue()
    agent.post(f"/tickets/{first['id']}/printed", {"outcome": "failed"}, token=KIOSK)
    agent.post(f"/tickets/{second['id']}/printed", {"outcome": "indeterminate"}, token=KIOSK)
    for issued in (first, second):
        agent.post("/counters/2/reprint", {"label": issued["label"]})
    assert [one["marked"] for one in to_print(agent)] == [False, True]


def test_a_kiosk_killed_before_it_told_leaves_a_paper_in_doubt(tmp_path: Path) -> None:
    async def story() -> list[Any]:
        clock = Clock(datetime(2026, 11, 26, 2, tzinfo=UTC))
        async with branch_at(tmp_path, clock) as (branch, client):
            printer = {
                "device": "kiosk-1/printer", "kind": "ticket_printer", "state": "ready",
                "since": clock().isoformat(),
            }  # fmt: skip
            devices = f"{API}/kiosks/kiosk-1/devices"
            await client.put(devices, json={"devices": [printer]}, headers=bearer(KIOSK))
            await client.post(f"{API}/tickets", json={"service": "cash"}, headers=bearer(KIOSK))
            clock.now += timedelta(minutes=3)
            for _ in range(2):
                await branch.record_missing_papers()
            return [json.loads(entry.body) for entry in branch.journal.after(0, 10)]

    papers = [one for one in asyncio.run(story()) if one["type"] == "TicketPrinted"]
    assert [(one["outcome"], one["reason"]) for one in papers] == [("indeterminate", "noWord")]


def test_the_ticket_of_a_customer_whose_kiosk_was_killed_is_printed_again_by_its_number(
    tmp_path: Path,
) -> None:
    """Nobody waits for the two minutes: the customer stands at the counter with no paper and remembers the number."""

    async def story() -> tuple[list[Any], list[Any]]:
        clock = Clock(datetime(2026, 11, 26, 2, tzinfo=UTC))
        kiosk, staff = bearer(KIOSK), bearer("demo-staff")
        async with branch_at(tmp_path, clock) as (branch, client):
            printer = {
                "device": "kiosk-1/printer", "kind": "ticket_printer", "state": "ready",
                "since": clock().isoformat(),
            }  # fmt: skip
            devices = f"{API}/kiosks/kiosk-1/devices"
            await client.put(devices, json={"devices": [printer]}, headers=kiosk)
            asked = await client.post(f"{API}/tickets", json={"service": "cash"}, headers=kiosk)
            issued = asked.json()
            clock.now += timedelta(seconds=20)
            by_label = {"label": issued["label"]}
            await client.post(f"{API}/counters/2/reprint", json=by_label, headers=staff)
            offer = await client.get(f"{API}/services", headers=kiosk)  # it is back
            told = {"outcome": "confirmed", "reprint": True}
            await client.post(f"{API}/tickets/{issued['id']}/printed", json=told, headers=kiosk)
            clock.now += timedelta(minutes=3)
            await branch.record_missing_papers()
            entries = [json.loads(entry.body) for entry in branch.journal.after(0, 10)]
            return offer.json()["reprints"], entries

    orders, entries = asyncio.run(story())
    [order] = orders
    assert (order["ticket"]["label"], order["marked"]) == ("A001", True)
    papers = [one for one in entries if one["type"] == "TicketPrinted"]
    assert [(one["outcome"], one["reprint"]) for one in papers] == [("confirmed", True)]
