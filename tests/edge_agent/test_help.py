"""A customer calls a person to the kiosk: over HTTP, in the journal, through a kill and over a day's end."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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

HELP = "/kiosks/kiosk-1/help"
ASKED = {"screen": "errand_choose", "reason": "printer_failed"}


@pytest.fixture(autouse=True)
def nobody_calls(agent: Agent) -> None:
    agent.post(f"{HELP}/done")


def at_kiosk(agent: Agent, token: str = KIOSK) -> str:
    services = agent.http.get(f"{API}/services", headers=bearer(token)).json()
    return str(services["help"])


def wanted(agent: Agent) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = agent.queues()["help_wanted"]
    return found


def test_a_call_goes_from_asked_over_coming_to_done(agent: Agent) -> None:
    before = agent.seq()
    asked = agent.post(HELP, ASKED, token=KIOSK)
    assert (asked.status_code, at_kiosk(agent)) == (200, "asked")
    [call] = wanted(agent)
    assert call == asked.json()
    assert (call["kiosk"], call["screen"], call["reason"]) == ("kiosk-1", *ASKED.values())
    coming = agent.post(f"{HELP}/coming", {"counter": "3"}).json()
    assert (coming["at"], coming["coming_by"]) == (call["at"], "3")
    assert at_kiosk(agent) == "coming"
    assert agent.post(f"{HELP}/done", {"counter": "3"}).status_code == 204
    assert (at_kiosk(agent), wanted(agent)) == ("", [])
    told = [(e["type"], e["kiosk"], e.get("by")) for e in agent.journal(before)]
    assert told == [
        ("HelpAsked", "kiosk-1", None), ("HelpComing", "kiosk-1", "3"), ("HelpDone", "kiosk-1", "3"),
    ]  # fmt: skip


def test_asked_again_while_open_the_answer_is_the_same_and_nothing_is_new(agent: Agent) -> None:
    first = agent.post(HELP, {"screen": "ticket"}, token=KIOSK).json()
    before = agent.seq()
    assert agent.post(HELP, {"screen": "rate"}, token=KIOSK).json() == first
    assert agent.seq() == before


@pytest.mark.parametrize(("method", "path"), [("DELETE", HELP), ("POST", f"{HELP}/cancel")])
def test_the_customer_may_no_longer_need_anybody(agent: Agent, method: str, path: str) -> None:
    agent.post(HELP, ASKED, token=KIOSK)
    for _ in range(2):
        answer = agent.http.request(method, API + path, headers=bearer(KIOSK))
        assert (answer.status_code, answer.content) == (204, b"")
    assert wanted(agent) == []
    assert (agent.journal()[-1]["type"], agent.journal()[-1]["by"]) == ("HelpDone", "customer")
    check_problem(agent.post(f"{HELP}/coming"), 409, "no-help-wanted")


def test_tellers_who_press_at_once_get_one_truth(agent: Agent) -> None:
    agent.post(HELP, ASKED, token=KIOSK)
    before = agent.seq()

    def come(counter: str) -> Any:
        return agent.post(f"{HELP}/coming", {"counter": counter}).json()

    with ThreadPoolExecutor(8) as tellers:
        said = list(tellers.map(come, map(str, range(1, 9))))
    assert len({one["coming_by"] for one in said}) == 1
    assert said == [wanted(agent)[0]] * 8
    assert agent.seq() == before + 1


def test_whoever_has_no_counter_comes_as_staff_and_no_name_is_kept(agent: Agent) -> None:
    token = agent.post("/sign-in", {"name": "lin", "pin": "2468"}, token=None).json()["token"]
    agent.post(HELP, ASKED, token=KIOSK)
    before = agent.seq()
    assert agent.post(f"{HELP}/coming", token=token).json()["coming_by"] == "staff"
    agent.post(f"{HELP}/done", token=token)
    assert [entry["by"] for entry in agent.journal(before)] == ["staff", "staff"]


def test_nobody_asks_for_another_kiosk_and_kiosks_do_not_come(agent: Agent) -> None:
    before = agent.seq()
    check_problem(agent.post("/kiosks/kiosk-2/help", ASKED, token=KIOSK), 403, "not-your-kiosk")
    check_problem(agent.post(HELP, ASKED, token=STAFF), 403, "not-allowed")
    check_problem(agent.post(HELP, ASKED, token=None), 401, "token-missing")
    check_problem(agent.post(f"{HELP}/coming", token=KIOSK), 403, "not-allowed")
    check_problem(agent.post(f"{HELP}/done", token=KIOSK), 403, "not-allowed")
    assert agent.seq() == before


@pytest.mark.parametrize(
    "asked",
    [{}, {"screen": ""}, {"screen": "13800138000"}, {"screen": "ticket", "reason": "1" * 11}],
)
def test_what_could_not_stand_in_the_journal_is_400(agent: Agent, asked: dict[str, str]) -> None:
    before = agent.seq()
    check_problem(agent.post(HELP, asked, token=KIOSK), 400)
    assert agent.seq() == before


def test_a_counter_that_is_none_is_named(agent: Agent) -> None:
    agent.post(HELP, ASKED, token=KIOSK)
    check_problem(agent.post(f"{HELP}/coming", {"counter": "99"}), 404, "unknown-counter")
    assert at_kiosk(agent) == "asked"


def test_an_open_call_outlives_a_kill(own_agent: Agent) -> None:
    own_agent.post(HELP, ASKED, token=KIOSK)
    coming = own_agent.post(f"{HELP}/coming", {"counter": "2"}).json()
    own_agent.kill()
    own_agent.start()
    assert (at_kiosk(own_agent), wanted(own_agent)) == ("coming", [coming])


def test_other_kiosks_and_strangers_are_not_told_at_their_own_screen(agent: Agent) -> None:
    agent.post(HELP, ASKED, token=KIOSK)
    assert at_kiosk(agent, STAFF) == ""
    assert agent.http.get(f"{API}/services").json()["help"] == ""


def test_with_the_business_day_a_call_ends_by_itself(tmp_path: Path) -> None:
    async def story() -> tuple[list[Any], list[Any]]:
        clock = Clock(datetime(2026, 11, 26, 8, tzinfo=UTC))
        async with branch_at(tmp_path, clock) as (branch, client):
            await client.post(API + HELP, json=ASKED, headers=bearer(KIOSK))
            before = branch.queues().help_wanted
            clock.now += timedelta(days=1)
            await branch.desk.look_at_clock()
            return before, branch.queues().help_wanted

    before, after = asyncio.run(story())
    assert (len(before), after) == (1, [])
