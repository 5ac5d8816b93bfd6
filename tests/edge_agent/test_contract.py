"""Every call of the branch over HTTP, as the contract describes it, against a real agent."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema
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

SERVICES = ["cash", "cards", "wealth", "business"]
ISSUED_KEYS = {
    "id", "label", "service", "segment", "business_day", "issued_at", "ahead", "estimated_wait",
}  # fmt: skip


def is_utc(moment: str) -> bool:
    return moment.endswith("Z") and datetime.fromisoformat(moment).utcoffset() == timedelta(0)


def clear(agent: Agent, counter: str) -> None:
    """Whatever stands at this counter is gone, and nobody waits."""
    agent.press(counter, "start")
    while agent.press(counter, "call-next").status_code != 204:
        agent.press(counter, "start")


def call(agent: Agent, counter: str) -> dict[str, Any]:
    """A fresh ticket called to this counter."""
    clear(agent, counter)
    id_ = agent.issue()["id"]
    called = agent.press(counter, "call-next")
    assert called.status_code == 200, called.text
    found: dict[str, Any] = called.json()
    assert found["id"] == id_
    return found


def test_services_have_code_names_waiting_count_estimate_and_open(agent: Agent) -> None:
    before = agent.http.get(f"{API}/services").json()["services"]
    agent.issue("wealth")
    after = agent.http.get(f"{API}/services").json()["services"]
    assert [service["code"] for service in after] == SERVICES
    for service in after:
        assert {"zh-Hans", "zh-Hant", "en"} <= set(service["names"])
        assert "estimated_wait" in service
        assert service["open"] is True
    grown = [b["waiting"] - a["waiting"] for a, b in zip(before, after, strict=True)]
    assert grown == [0, 0, 1, 0]


def test_a_ticket_is_issued_with_all_the_contract_names(agent: Agent) -> None:
    issued = agent.issue("cards", segment="care", language="en", appointment="0930")
    assert set(issued) >= ISSUED_KEYS
    assert issued["label"][0] == "B"
    assert (issued["service"], issued["segment"]) == ("cards", "care")
    assert is_utc(issued["issued_at"])


def test_each_service_has_its_letter(agent: Agent) -> None:
    assert [agent.issue(service)["label"][0] for service in SERVICES] == ["A", "B", "C", "D"]


def test_ahead_counts_those_who_came_before(agent: Agent) -> None:
    first, second = agent.issue("business"), agent.issue("business")
    assert second["ahead"] == first["ahead"] + 1


def test_ticket_ids_carry_at_least_96_random_bits(agent: Agent) -> None:
    ids = [agent.issue()["id"] for _ in range(20)]
    assert len(set(ids)) == 20
    assert min(map(len, ids)) * 6 >= 96  # base64 letters carry 6 bits each
    assert all(len({id_[n] for id_ in ids}) > 1 for n in range(16))  # no fixed or counted part


def test_a_ticket_is_shown_with_its_state_and_history(agent: Agent) -> None:
    ticket = call(agent, "1")["id"]
    agent.press("1", "start")
    agent.press("1", "finish")
    shown = agent.ticket(ticket)
    assert shown["state"] == "served"
    assert [line["type"] for line in shown["history"]] == [
        "TicketIssued", "TicketCalled", "ServiceStarted", "ServiceFinished",
    ]  # fmt: skip
    assert all(is_utc(line["at"]) for line in shown["history"])


def test_an_unknown_ticket_is_404(agent: Agent) -> None:
    check_problem(agent.http.get(f"{API}/tickets/nobody"), 404, "unknown-ticket")
    check_problem(agent.post("/tickets/nobody/cancel"), 404, "unknown-ticket")


def test_a_customer_cancels_with_nothing_but_the_ticket_id(agent: Agent) -> None:
    ticket = agent.issue()["id"]
    answer = agent.post(f"/tickets/{ticket}/cancel", token=None)
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    check_problem(agent.post(f"/tickets/{ticket}/cancel", token=None), 409, "wrong-state")
    assert agent.journal()[-1]["reason"] == "customer"


def test_call_next_gives_the_ticket_and_204_when_nobody_waits(agent: Agent) -> None:
    called = call(agent, "2")
    assert (called["state"], called["counter"]) == ("called", "2")
    agent.press("2", "no-show")
    nobody = agent.press("2", "call-next")
    assert (nobody.status_code, nobody.content) == (204, b"")


def test_call_next_is_409_until_the_called_one_has_started_or_missed(agent: Agent) -> None:
    call(agent, "3")
    agent.issue()
    check_problem(agent.press("3", "call-next"), 409, "ticket-still-called")
    agent.press("3", "start")
    assert agent.press("3", "call-next").status_code == 200


def test_call_next_while_serving_finishes_that_ticket_first(agent: Agent) -> None:
    served = call(agent, "4")["id"]
    agent.press("4", "start")
    agent.issue()
    seq = agent.seq()
    agent.press("4", "call-next")
    entries = agent.journal(seq)
    assert [entry["type"] for entry in entries] == ["ServiceFinished", "TicketCalled"]
    assert agent.ticket(served)["state"] == "served"


def test_recall_start_and_finish_answer_with_the_ticket_after_them(agent: Agent) -> None:
    id_ = call(agent, "5")["id"]
    for move, state in [("recall", "called"), ("start", "serving"), ("finish", "served")]:
        answer = agent.press("5", move)
        assert (answer.status_code, answer.json()["state"]) == (200, state)
        assert answer.json()["id"] == id_


def test_no_show_marks_the_ticket_as_missed(agent: Agent) -> None:
    call(agent, "6")
    assert agent.press("6", "no-show").json()["state"] == "missed"


@pytest.mark.parametrize("move", ["recall", "start", "finish", "no-show"])
def test_a_press_with_nobody_there_is_409_with_the_reason(agent: Agent, move: str) -> None:
    clear(agent, "7")
    check_problem(agent.press("7", move), 409, "nobody-at-counter")


def test_a_service_cannot_be_finished_before_it_has_started(agent: Agent) -> None:
    call(agent, "8")
    check_problem(agent.press("8", "finish"), 409, "wrong-state")


def test_the_queues_show_each_queue_each_counter_and_the_journal_number(agent: Agent) -> None:
    called = call(agent, "9")
    agent.issue("wealth")
    now = agent.queues()
    assert [queue["service"] for queue in now["queues"]] == SERVICES
    assert [counter["counter"] for counter in now["counters"]] == [str(n) for n in range(1, 17)]
    at_nine = next(c for c in now["counters"] if c["counter"] == "9")
    assert (at_nine["state"], at_nine["label"]) == ("called", called["label"])
    assert now["journal_seq"] == agent.journal()[-1]["seq"]
    assert is_utc(now["at"])
    assert called["id"] not in str(now)


def test_the_journal_is_paged_oldest_first_without_gaps(agent: Agent) -> None:
    for _ in range(5):
        agent.issue()
    whole = agent.journal()
    asked = {"after": 2, "limit": 3}
    page = agent.http.get(f"{API}/journal", params=asked, headers=bearer(STAFF)).json()["events"]
    assert page == whole[2:5]
    assert [entry["seq"] for entry in whole] == list(range(1, agent.seq() + 1))
    assert {"seq", "at", "type", "business_day", "label", "service", "ticket"} <= set(page[0])


def test_the_customer_token_is_on_no_wire(agent: Agent) -> None:
    issued = agent.issue(customer_token="6222021234567890")
    assert "6222021234567890" not in str((agent.journal(), agent.ticket(issued["id"])))


@pytest.mark.parametrize("wrong", [{"after": -1}, {"limit": 0}, {"after": "x"}])
def test_a_journal_page_that_cannot_be_is_400(agent: Agent, wrong: dict[str, Any]) -> None:
    check_problem(agent.http.get(f"{API}/journal", params=wrong, headers=bearer(STAFF)), 400)


def test_health_is_ok_with_no_broker_and_says_its_reasons(agent: Agent) -> None:
    answer = agent.http.get("/healthz")
    assert (answer.status_code, answer.json()["reasons"]) == (200, [])


def test_metrics_are_prometheus_text_and_count(agent: Agent) -> None:
    def issued() -> float:
        answer = agent.http.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain")
        lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
        found = dict(line.rsplit(" ", 1) for line in lines)
        return float(found["lobby_tickets_issued_today"])

    before = issued()
    agent.issue()
    assert issued() == before + 1


# --- the description of the interface ----------------------------------------------------------


@pytest.fixture(scope="module")
def document(agent: Agent) -> dict[str, Any]:
    found: dict[str, Any] = agent.http.get("/openapi.json").raise_for_status().json()
    return found


def test_an_agent_has_not_loaded_what_none_of_its_routes_needs(agent: Agent) -> None:
    """As long as Litestar asks for its plugins where `Application` says which: else each start is slower again."""
    assert agent.program is not None
    loaded = Path(f"/proc/{agent.program.process.pid}/maps").read_text(encoding="utf-8")
    assert "msgspec" in loaded
    assert "pydantic" not in loaded


def test_openapi_is_3_1_and_knows_the_calls(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    known = {f"{API}/{leaf}" for leaf in ("services", "tickets", "queues", "stream", "journal")}
    known |= {f"{API}/tickets/{{ticket}}", f"{API}/tickets/{{ticket}}/cancel", f"{API}/sign-in"}
    assert known <= set(document["paths"])


def fits(document: dict[str, Any], path: str, method: str, status: str, found: Any) -> None:
    content = document["paths"][path][method]["responses"][status]["content"]
    schema = next(iter(content.values()))["schema"]
    whole = {**schema, "components": document.get("components", {})}
    jsonschema.validate(found, whole)


def test_an_issued_ticket_is_what_openapi_says(agent: Agent, document: dict[str, Any]) -> None:
    fits(document, f"{API}/tickets", "post", "201", agent.issue())


def test_a_shown_ticket_is_what_openapi_says(agent: Agent, document: dict[str, Any]) -> None:
    shown = agent.ticket(agent.issue()["id"])
    fits(document, f"{API}/tickets/{{ticket}}", "get", "200", shown)


def test_a_problem_is_what_openapi_says(agent: Agent, document: dict[str, Any]) -> None:
    answer = agent.post("/tickets", {"service": 1}, token=KIOSK)
    fits(document, f"{API}/tickets", "post", str(answer.status_code), answer.json())


def test_services_and_queues_are_what_openapi_says(agent: Agent, document: dict[str, Any]) -> None:
    for leaf in ("services", "queues"):
        fits(document, f"{API}/{leaf}", "get", "200", agent.http.get(f"{API}/{leaf}").json())


@pytest.mark.parametrize(
    ("press", "body"), [("park", "Park"), ("transfer", "Transfer"), ("return", "Return")]
)
def test_a_press_that_says_something_has_its_body_described(
    document: dict[str, Any], press: str, body: str
) -> None:
    asked = document["paths"][f"{API}/counters/{{counter}}/{press}"]["post"]["requestBody"]
    assert f"#/components/schemas/{body}" in str(asked["content"]["application/json"])
    assert body in document["components"]["schemas"]


# --- a day's end, with a clock of our own ------------------------------------------------------


def test_numbers_begin_anew_on_the_next_business_day_and_old_tickets_have_ended(
    tmp_path: Path,
) -> None:
    clock = Clock(datetime(2026, 3, 2, 19, 0, tzinfo=UTC))  # 03:00 in Shanghai: still the 2nd

    async def days() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        async with branch_at(tmp_path, clock) as (_, client):

            async def issue() -> dict[str, Any]:
                answer = await client.post(
                    f"{API}/tickets", json={"service": "cash"}, headers=bearer(KIOSK)
                )
                issued: dict[str, Any] = answer.raise_for_status().json()
                return issued

            old = await issue()
            clock.now += timedelta(hours=1, minutes=1)
            new = await issue()
            shown: httpx.Response = await client.get(f"{API}/tickets/{old['id']}")
            return old, new, shown.json()

    old, new, shown = asyncio.run(days())
    assert (old["business_day"], old["label"]) == ("2026-03-02", "A001")
    assert (new["business_day"], new["label"], new["ahead"]) == ("2026-03-03", "A001", 0)
    assert (shown["business_day"], shown["state"]) == ("2026-03-02", "expired")
