"""What a kiosk tells of looking whether a customer is the card's owner: an entry without the customer, and a word to
the teller.
"""

from typing import Any

import pytest

from tests.edge_agent.conftest import API, KIOSK, Agent, bearer, check_problem, frames

PASSED: dict[str, Any] = {
    "method": "face",
    "decision": "passed",
    "engine": "opencv SFace 2021dec t=0.415",
    "consent": "2026-11",
}


def tell(agent: Agent, kiosk: str = "kiosk-1", **changed: Any) -> Any:
    return agent.http.post(
        f"{API}/kiosks/{kiosk}/identity-checks", json={**PASSED, **changed}, headers=bearer(KIOSK)
    )


def test_a_check_is_an_entry_of_the_journal(agent: Agent) -> None:
    assert tell(agent, decision="undecided", reason="too_dark").status_code == 204
    entry = agent.journal()[-1]
    assert entry["type"] == "IdentityChecked"
    assert {name: entry[name] for name in ("kiosk", "method", "decision", "reason")} == {
        "kiosk": "kiosk-1",
        "method": "face",
        "decision": "undecided",
        "reason": "too_dark",
    }
    assert (entry["engine"], entry["consent"]) == (PASSED["engine"], PASSED["consent"])


def test_nobody_is_named_in_it(agent: Agent) -> None:
    tell(agent)
    assert set(agent.journal()[-1]) - {"seq", "at", "business_day", "hash"} == {
        "type", "kiosk", "method", "decision", "engine", "consent",
    }  # fmt: skip


def test_told_twice_under_one_key_it_is_one_check(agent: Agent) -> None:
    before = len(agent.journal())
    for _ in range(2):
        done = agent.http.post(
            f"{API}/kiosks/kiosk-1/identity-checks",
            json=PASSED,
            headers={**bearer(KIOSK), "Idempotency-Key": "check-1"},
        )
        assert done.status_code == 204
    assert len(agent.journal()) == before + 1


@pytest.mark.parametrize(
    "changed",
    [
        {"score": 0.9},
        {"embedding": [0.1]},
        {"picture": "…"},
        {"customer_token": "x"},
        {"method": "voice"},
        {"decision": "perhaps"},
        {"reason": "6222021234567890123"},
        {"reason": "Zhang San"},
        {"engine": "6222021234567890123"},
        {"engine": "张三"},
        {"consent": "x" * 200},
    ],
)
def test_there_is_no_place_for_a_person_in_it(agent: Agent, changed: dict[str, Any]) -> None:
    before = len(agent.journal())
    assert tell(agent, **changed).status_code == 400
    assert len(agent.journal()) == before


def test_a_kiosk_speaks_for_itself_only(agent: Agent) -> None:
    check_problem(tell(agent, kiosk="kiosk-2"), 403, "not-your-kiosk")
    lost = agent.http.post(f"{API}/kiosks/kiosk-1/identity-checks", json=PASSED)
    check_problem(lost, 401, "token-missing")


def test_everybodys_stream_says_no_more_than_that_it_happened(agent: Agent) -> None:
    headers = {"Last-Event-ID": str(agent.seq())}
    tell(agent, decision="failed", reason="no_match")
    agent.issue("cash", identity="failed", identity_reason="flat")
    with agent.http.stream("GET", f"{API}/stream", headers=headers) as answer:
        told = frames(answer)
        check = next(event for _, event in told if event["type"] == "IdentityChecked")
        ticket = next(event for _, event in told if event["type"] == "TicketIssued")
    assert {"method", "decision", "reason", "engine", "consent"}.isdisjoint(check)
    assert "identity" not in ticket
    assert "identity_reason" not in ticket


def test_it_outlives_a_kill_and_strangers_do_not_see_it_at_the_counter(own_agent: Agent) -> None:
    issued = own_agent.issue("cash", identity="face")
    own_agent.kill()
    own_agent.start()
    called = own_agent.press("1", "call-next").json()
    assert (called["id"], called["identity"]) == (issued["id"], "face")
    public = own_agent.http.get(f"{API}/queues").json()["counters"][0]
    assert public["label"] == called["label"]
    assert public["identity"] == ""


@pytest.mark.parametrize("identity", ["face", "fingerprint", "failed", "declined"])
def test_the_teller_is_told_with_the_ticket(agent: Agent, identity: str) -> None:
    issued = agent.issue("wealth", identity=identity)
    assert agent.journal()[-1]["identity"] == identity
    assert agent.ticket(issued["id"])["identity"] == identity


def test_where_nobody_looked_nothing_is_said(agent: Agent) -> None:
    issued = agent.issue("wealth")
    assert "identity" not in agent.journal()[-1]
    assert agent.ticket(issued["id"])["identity"] == ""
