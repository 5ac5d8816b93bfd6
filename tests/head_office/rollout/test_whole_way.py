"""From an administrator's text to a customer's kiosk and back to the board, all real, over a real broker."""

from tests.conftest import wait_for
from tests.edge_agent.central.conftest import BRANCH, DEMO_SERVICES, LOANS, services
from tests.head_office.rollout.conftest import Bank

KIOSK = {"Authorization": "Bearer demo-kiosk"}
EVERYWHERE = {"everywhere": True}


def test_a_new_service_reaches_the_kiosk_and_the_board_says_what_really_runs(bank: Bank) -> None:
    version = bank.make(services(*DEMO_SERVICES, LOANS), "loans")
    bank.begin(version, {"branches": [BRANCH]})
    wait_for(lambda: "loans" in bank.branch.codes(), "the service at the branch", 30)
    asked = {"service": "loans"}
    issued = bank.branch.http.post("/api/v1/tickets", json=asked, headers=KIOSK)
    assert issued.json()["label"] == "E001"
    wait_for(lambda: bank.says()["version"] == version, "the version on the board", 30)
    bank.wait_state("done")
    on_board = bank.office.branch(BRANCH)["queues"]
    assert (on_board["config_version"], on_board["config_state"]) == (version, "running")
