"""Whoever asks wrongly is told what to send; and staff, why the branch does not open."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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

HOLIDAY = """
[hours]
monday = ["09:00-17:00"]
tuesday = ["09:00-17:00"]
holidays = ["2026-03-02"]
"""


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/tickets", ["'service'"]),
        ("/tickets/nobody/rating", ["'score'"]),
        ("/counters/1/return", ["'label'"]),
        ("/counters/1/transfer", []),
        ("/sign-in", ["'name'", "'pin'"]),
    ],
)
def test_who_sends_no_body_is_told_what_it_needs(agent: Agent, path: str, keys: list[str]) -> None:
    answer = agent.post(path, token=STAFF)
    check_problem(answer, 400, "bad-request")
    assert [word for word in ("JSON body", *keys) if word not in answer.json()["detail"]] == []


def test_a_wrong_part_of_a_body_is_named(agent: Agent) -> None:
    said = agent.post("/tickets", {"service": 1}, token=KIOSK).json()["detail"]
    assert said == "'service' is unusable: Expected `str`, got `int`."


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        (
            "/tickets/nobody/rating",
            {"score": "5"},
            "'score' is unusable: Expected `int`, got `str`.",
        ),
        ("/counters/1/park", {"minutes": "5"}, "'minutes' is unusable: Expected `int"),
        (
            "/tickets",
            {"service": "cash", "errand": {"code": "loss", "identified": "true"}},
            "'errand.identified' is unusable: Expected `bool`, got `str`.",
        ),
        ("/tickets", [], "The body is unusable: Expected `object`, got `array`."),
        (
            "/tickets",
            {"service": "cash", "colour": 1},
            "The body is unusable: Object contains unknown",
        ),
    ],
)
def test_text_is_no_number_and_no_truth(agent: Agent, path: str, body: Any, said: str) -> None:
    answer = agent.post(path, body, token=STAFF)
    check_problem(answer, 400, "bad-request")
    assert answer.json()["detail"].startswith(said)


@pytest.mark.parametrize(
    "key", ["segment", "language", "channel", "customer_token", "appointment", "then", "errand"]
)
def test_a_null_is_as_good_as_a_key_left_out(agent: Agent, key: str) -> None:
    """The contract writes `segment?`, and so of the others."""
    left_out = agent.ticket(agent.issue()["id"])
    null = agent.ticket(agent.issue(**{key: None})["id"])
    assert [null[name] for name in ("segment", "language", "then")] == [
        left_out[name] for name in ("segment", "language", "then")
    ]


def test_so_it_is_within_what_is_asked(agent: Agent) -> None:
    errand = {"code": "lost-card", "choice": None, "identified": None}
    shown = agent.ticket(agent.issue("cards", errand=errand)["id"])["errand"]
    assert (shown["code"], shown["choice"], shown["identified"]) == ("lost-card", None, False)
    wrong = agent.post("/tickets", {"service": "cards", "errand": {"code": None}}, token=KIOSK)
    assert wrong.json()["detail"] == "'errand.code' is unusable: Expected `str`, got `null`."


def test_a_null_for_what_is_needed_is_none(agent: Agent) -> None:
    answer = agent.post("/tickets", {"service": None}, token=KIOSK)
    check_problem(answer, 400, "bad-request")
    assert answer.json()["detail"] == "'service' is unusable: Expected `str`, got `null`."


def test_parking_needs_no_body(agent: Agent) -> None:
    while agent.press("1", "call-next").status_code == 200:
        agent.press("1", "no-show")
    agent.issue()
    agent.press("1", "call-next")
    assert agent.press("1", "park").json()["state"] == "parked"


@pytest.mark.parametrize(
    "mistyped",
    [
        "2026-13-45T10:30:00+08:00",
        "2026-11-24T10:30:00",
        "2026-11-24 25:30",
        "2026-11-24",
        "2026-11",
    ],
)
def test_a_mistyped_appointment_is_no_reference(agent: Agent, mistyped: str) -> None:
    asked = {"service": "cash", "segment": "appointment", "appointment": mistyped}
    before = agent.seq()
    answer = agent.post("/tickets", asked, token=KIOSK)
    check_problem(answer, 400, "appointment-unusable")
    assert "2026-11-24T10:30:00+08:00" in answer.json()["detail"]
    assert agent.seq() == before


@pytest.mark.parametrize(
    "text",
    [
        "0930",
        "R-2026-11-24",
        "20261124-7",
        "VIP_3.a:7/b 1+2",
        "预约 王\u3000明",
        "Ünal Žižka",
        "می\u200cخواهم",
        "2026-11-24T10:30:00Z",
    ],
)
def test_a_booked_time_and_a_reference_of_the_banks_own_are_accepted(
    agent: Agent, text: str
) -> None:
    agent.issue(segment="appointment", appointment=text)


@pytest.mark.parametrize(
    "said", ["A\n7", "A7\r", "\x1dA7", "A\x007", "A\x7f", "A\x9b7", "A\u20287", "A\u202e7"]
)
def test_control_characters_are_no_part_of_an_appointment(agent: Agent, said: str) -> None:
    before = agent.seq()
    answer = agent.post("/tickets", {"service": "cash", "appointment": said}, token=KIOSK)
    check_problem(answer, 400, "appointment-unusable")
    assert "control character" in answer.json()["detail"]
    assert agent.seq() == before


def test_a_reference_stays_in_the_branch_and_a_booked_time_is_told(tmp_path: Path) -> None:
    """It may be a name: entries of the journal go over the wire as they are."""
    clock = Clock(datetime(2026, 3, 2, 3, 0, tzinfo=UTC))

    async def live() -> None:
        async with branch_at(tmp_path, clock) as (branch, client):
            for said in ("Wang Ming", "2026-03-02T11:30:00+08:00"):
                body = {"service": "cash", "segment": "appointment", "appointment": said}
                issued = await client.post(f"{API}/tickets", json=body, headers=bearer(KIOSK))
                ticket = issued.json()["id"]
                entry = branch.journal.of_ticket(ticket)[0].body.decode()
                shown = await client.get(f"{API}/tickets/{ticket}", headers=bearer(STAFF))
                kept = shown.json()["appointment"]
                assert ("Wang" in entry, kept) == (False, said if "W" in said else None)
            assert '"appointment":"2026-03-02T11:30:00+08:00"' in entry

    asyncio.run(live())


def test_opening_on_a_holiday_says_why_nothing_opens(tmp_path: Path) -> None:
    config = tmp_path / "branch.toml"
    config.write_text(DEMO.read_text(encoding="utf-8") + HOLIDAY, encoding="utf-8")
    clock = Clock(datetime(2026, 3, 2, 3, 0, tzinfo=UTC))

    async def press() -> tuple[dict[str, Any], ...]:
        async with branch_at(tmp_path, clock, config) as (_, client):
            on_holiday = await client.post(f"{API}/branch/open", headers=bearer(STAFF))
            clock.now = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
            closed = await client.post(f"{API}/branch/close", headers=bearer(STAFF))
            opened = await client.post(f"{API}/branch/open", headers=bearer(STAFF))
            return on_holiday.json(), closed.json(), opened.json()

    on_holiday, closed, opened = asyncio.run(press())
    assert (on_holiday["open"], on_holiday["reason"]["name"]) == (False, "holiday")
    assert "09:00 on 2026-03-03" in on_holiday["reason"]["detail"]
    assert (closed["open"], closed["reason"]["name"]) == (False, "closed-early")
    assert opened == {"open": True, "reason": None}


@pytest.mark.parametrize(
    "number",
    ["6222021234567890128", "6222 0212 3456 7890 128", "11010519491231002X", "13812345678"],
)
def test_the_number_of_a_card_a_document_or_a_phone_is_no_reference(
    agent: Agent, number: str
) -> None:
    asked = {"service": "cash", "segment": "appointment", "appointment": number}
    answer = agent.post("/tickets", asked, token=KIOSK)
    check_problem(answer, 400, "appointment-unusable")
    assert number not in answer.text


@pytest.mark.parametrize("detail", ["6222021234567890128", "two\nlines", "x" * 81])
def test_a_machine_cannot_write_what_it_likes_into_the_journal(agent: Agent, detail: str) -> None:
    printer = {
        "device": "kiosk-1/printer", "kind": "ticket_printer", "state": "fault",
        "since": "2026-11-26T00:00:00Z", "detail": detail,
    }  # fmt: skip
    answer = agent.http.put(
        f"{API}/kiosks/kiosk-1/devices", json={"devices": [printer]}, headers=bearer(KIOSK)
    )
    assert answer.status_code == 400
    assert detail not in agent.log.read_text(encoding="utf-8")
