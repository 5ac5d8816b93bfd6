"""From an administrator's text to a customer's kiosk and back to the board, all real, over a real broker."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from edge_agent.central.kept import MOST_STARTS
from tests.conftest import wait_for
from tests.edge_agent.central.conftest import BRANCH, DEMO_SERVICES, LOANS, services
from tests.head_office.conftest import House
from tests.head_office.rollout.conftest import API, Bank

KIOSK = {"Authorization": "Bearer demo-kiosk"}
PLAIN = [code for code, _ in DEMO_SERVICES]
HERE = {"branches": [BRANCH]}


def test_a_new_service_reaches_the_kiosk_and_the_board_says_what_really_runs(bank: Bank) -> None:
    version = bank.make(services(*DEMO_SERVICES, LOANS), "loans")
    bank.begin(version, HERE)
    wait_for(lambda: "loans" in bank.branch.codes(), "the service at the branch", 40)
    asked = {"service": "loans"}
    issued = bank.branch.http.post("/api/v1/tickets", json=asked, headers=KIOSK)
    assert issued.json()["label"] == "E001"
    wait_for(lambda: bank.says()["version"] == version, "the version on the board", 30)
    bank.wait_state("done")
    on_board = bank.office.branch(BRANCH)["queues"]
    assert (on_board["config_version"], on_board["config_state"]) == (version, "running")


def test_what_was_done_stands_there_with_who_did_it(bank: Bank) -> None:
    version = bank.make("[limits]\nper_kiosk_a_minute = 60\n", "fewer")
    latest = bank.now()["deeds"][0]
    assert (latest["who"], latest["what"], latest["version"]) == ("demo", "version made", version)
    answer = bank.office.http.get(f"{API}/versions/{version}").json()
    assert "+per_kiosk_a_minute = 60" in answer["changes"]


def test_what_no_branch_could_work_by_is_not_kept(bank: Bank) -> None:
    unfit = services(("cash", "A"), ("cards", "A"))
    found = bank.ask("check", {"contents": unfit})["problem"]
    assert "prefix" in found
    answer = bank.office.http.post(f"{API}/versions", json={"contents": unfit})
    assert (answer.status_code, answer.json()["detail"]) == (422, found)
    assert "[http]" in bank.ask("check", {"contents": "[http]\nlisten = 1"})["problem"]
    assert bank.ask("check", {"contents": ""})["problem"] == ""


WRONG: dict[str, tuple[str, dict[str, Any], int]] = {
    "a branch that nobody knows": ("versions/1/plan", {"stages": [{"branches": ["riversyde"]}]}, 422),
    "a region without branches": ("versions/1/plan", {"stages": [{"region": "East"}]}, 422),
    "no stages": ("versions/1/plan", {"stages": []}, 400),
    "no such version": ("versions/999/plan", {"stages": [HERE]}, 404),
    "an older version": ("versions/1/plan", {"stages": [HERE]}, 409),
    "no such step": ("dance", {}, 409),
    "nothing to resume": ("resume", {}, 409),
    "back, and nobody knows from where": ("back", {}, 400),
    "no such message": ("notices/none/withdraw", {}, 404),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_asked_wrongly(bank: Bank, name: str) -> None:
    """After the first test: version 1 has gone out."""
    path, body, status = WRONG[name]
    answer = bank.office.http.post(f"{API}/{path}", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


@pytest.mark.parametrize("path", ["check", "versions", "versions/1/plan", "pause", "notices"])
def test_only_an_administrator_changes_anything(bank: Bank, path: str) -> None:
    """On loopback everybody may look."""
    bodies = {"check": {"contents": ""}, "versions": {"contents": ""}}
    with httpx.Client(base_url=bank.office.url, trust_env=False) as anybody:
        assert anybody.get(API).json()["may_change"] is False
        body = bodies.get(path, {"stages": [HERE]})
        if path == "notices":
            now = datetime.now(UTC)
            times = {"from": now.isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
            body = {**times, "words": {"en": "x"}, "where": ["hall"], "to": HERE}
        assert anybody.post(f"{API}/{path}", json=body).status_code == 403


def test_a_message_is_in_the_hall_and_head_office_knows(bank: Bank) -> None:
    now = datetime.now(UTC)
    said = bank.ask(
        "notices",
        {
            "from": now.isoformat(), "until": (now + timedelta(hours=1)).isoformat(), "to": HERE,
            "words": {"zh-Hans": "系统维护", "en": "Maintenance"}, "where": ["hall"],
        },
    )  # fmt: skip
    id_ = said["document"]["id"]

    def shown() -> list[str]:
        with httpx.Client(base_url=bank.branch.url, trust_env=False) as hall:
            return [one["id"] for one in hall.get("/api/v1/queues").json()["notices"]]

    wait_for(lambda: shown() == [id_], "the message in the hall")
    wait_for(lambda: bank.now()["notices"][0]["shown"] == 1, "head office knows", 20)
    bank.ask(f"notices/{id_}/withdraw")
    wait_for(lambda: shown() == [], "its end", 20)


def test_a_bad_one_is_rolled_back_by_the_branch_and_stops_until_a_person_goes_back(
    house: House,
) -> None:
    bank = Bank(house, trial_min=10)
    version = bank.make(services(*DEMO_SERVICES, LOANS))
    bank.begin(version, HERE, {"everywhere": True}, healthy_h=0)
    bank.branch.wait(version, version, "trying", 40)
    for _ in range(MOST_STARTS):
        bank.branch.kill()
        bank.branch.start()
    plan = bank.wait_state("stopped", 40)
    assert plan["at"] == 0
    assert "started" in plan["reason"]
    assert (bank.says()["version"], bank.says()["state"]) == (0, "rolled_back")
    assert bank.branch.codes() == PLAIN
    back = bank.ask("back", {"version": version})
    assert (back["version"], back["state"]) == (version + 1, "running")
    wait_for(lambda: bank.says()["about"] == version + 1, "the way back", 40)
    assert [deed["what"] for deed in bank.now()["deeds"]][:3] == ["begun", "back", "stopped"]
