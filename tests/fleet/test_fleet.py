"""A handful of simulated branches with a real broker and a real head office."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fleet.places import write_list
from head_office import register
from tests.conftest import ROOT, wait_for
from tests.head_office.conftest import Broker, House, Office

DEVICES = {"ticket_printer", "card_reader", "id_card", "camera"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.end()


@pytest.fixture(scope="module")
def broker(house: House) -> Broker:
    return house.broker()


@pytest.fixture(scope="module")
def office(house: House, broker: Broker) -> Office:
    made: Office = house.office(broker.url)
    return made


def fleet(broker: Broker, *words: str) -> subprocess.Popen[str]:
    asked = [sys.executable, "-m", "fleet", "--broker", broker.url, *words]
    return subprocess.Popen(asked, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def lines(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines()]


def test_two_days_of_three_branches_are_at_head_office(broker: Broker, office: Office) -> None:
    words = ["--branches", "3", "--processes", "2", "--day", "4s", "--days", "2", "--visits", "8"]
    running = fleet(broker, *words, "--seed", "5")
    said, _ = running.communicate(timeout=60)
    assert running.returncode == 0, said
    total = lines(said)[-1]
    assert (total["what"], total["branches"], total["behind"]) == ("total", 3, 0)
    assert total["issued"] >= total["called"] > 10
    assert office.metric("head_office_events") == total["entries"]
    for number in (1, 2, 3):
        proof = office.http.get(f"/api/v1/branches/sim-{number:05d}/proof").json()
        assert proof["verdict"] == "complete"
    events = office.events("sim-00001")
    assert len({event["business_day"] for event in events}) == 2
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    now = office.branch("sim-00001")
    assert (now["status"], now["queues"]["journal"]) == ("offline", "ok")  # it has said goodbye


def test_states_alone_are_on_the_board_and_leave_nothing_in_the_ledger(
    house: House, broker: Broker, office: Office
) -> None:
    before = office.metric("head_office_events")
    running = fleet(broker, "--branches", "250", "--states-only", "--report", "1s", "--seed", "9")
    try:
        wait_for(lambda: office.branch("sim-00250").get("queues"), "the last branch's queues")
        shown = office.branch("sim-00250")
        assert {one["kind"] for one in shown["devices"]} == DEVICES
        assert shown["name"]["en"].endswith("250")
        assert [one["service"] for one in shown["queues"]["queues"]] == ["cash", "cards", "wealth"]
        assert (shown["behind"], shown["missing"]) == (0, 0)
        assert office.metric("head_office_events") == before
    finally:
        running.send_signal(signal.SIGTERM)
        said, _ = running.communicate(timeout=20)
    assert running.returncode == 0
    assert lines(said)[-1]["messages"] >= 700  # a few are offline and say no more


def test_without_a_broker_nothing_is_acknowledged_and_the_status_says_so(house: House) -> None:
    away = house.broker(start=False)
    running = fleet(away, "--branches", "1", "--processes", "1", "--day", "1s", "--settle", "1s")
    said, _ = running.communicate(timeout=60)
    assert running.returncode == 1
    assert lines(said)[-1]["behind"] > 0


def test_the_list_of_the_branches_can_be_read_by_head_office(tmp_path: Path) -> None:
    file = tmp_path / "branches.csv"
    write_list(file, 40, 1)
    places = register.load(file)
    assert len(places) == 40
    one = places["sim-00001"]
    assert one.region.count("/") == 1
    assert set(one.names) == {"zh-Hans", "zh-Hant", "en"}
    write_list(tmp_path / "more.csv", 60, 1)
    assert register.load(tmp_path / "more.csv")["sim-00001"] == one


@pytest.mark.parametrize("words", [["--day", "soon"], ["--broker", "nowhere"]])
def test_what_cannot_be_used_is_said(words: list[str]) -> None:
    asked = [sys.executable, "-m", "fleet", *words, "--branches", "1"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert words[1] in done.stderr


def test_more_branches_than_a_process_may_have_files_are_refused_before_anything_starts() -> None:
    asked = [sys.executable, "-m", "fleet", "--branches", "1000000"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--processes" in done.stderr
    assert not done.stdout
