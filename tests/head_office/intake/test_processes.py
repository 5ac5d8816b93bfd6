"""Several processes take in what branches send: whichever is killed, nothing is lost, and the board goes on."""

import sqlite3
from contextlib import closing, suppress

import psutil
import pytest

from tests.conftest import wait_for
from tests.head_office.conftest import Agent, Broker, House, Office

TWO = "\n[intake]\nprocesses = 2\n"
SHARDS = 64


class Bank:
    """Two branches, and a head office that takes in by two processes."""

    def __init__(self, house: House) -> None:
        self.broker: Broker = house.broker()
        self.office: Office = house.office(self.broker.url, more=TWO)
        self.agents: list[Agent] = [
            house.agent(self.broker.url, name, start=False) for name in ("riverside", "old-town")
        ]
        for agent in self.agents:
            agent.start()

    def workers(self) -> list[psutil.Process]:
        assert self.office.program is not None
        found = []
        for one in psutil.Process(self.office.program.process.pid).children():
            with suppress(psutil.NoSuchProcess):  # it has just ended
                found += [one] if "head_office.intake" in one.cmdline() else []
        return found

    def owners(self) -> dict[int, str]:
        path = f"file:{self.office.data / 'ledger.sqlite'}?mode=ro"
        with closing(sqlite3.connect(path, uri=True)) as to:
            return dict(to.execute("SELECT shard, owner FROM intake_lease").fetchall())

    def owned_by(self, workers: list[psutil.Process]) -> list[int]:
        """How many shards each has."""
        owners = list(self.owners().values())
        return [sum(f" {worker.pid} " in owner for owner in owners) for worker in workers]

    def wait_shared(self) -> None:
        def shared() -> bool:
            workers = self.workers()
            return len(workers) == 2 and self.owned_by(workers) == [SHARDS // 2, SHARDS // 2]

        wait_for(shared, "two processes with half of the shards each", 20)

    def wait_equal(self) -> None:
        for agent in self.agents:
            self.office.wait_equal(agent)
            wait_for(
                lambda agent=agent: (
                    self.office.branch(agent.branch)["acked"] == agent.journal()[-1]["seq"]
                ),
                "the board to show it",
            )


@pytest.fixture(scope="module")
def bank(module_house: House) -> Bank:
    return Bank(module_house)


def test_each_has_its_part_and_the_board_shows_what_they_take_in(bank: Bank) -> None:
    bank.wait_shared()
    for agent in bank.agents:
        agent.issue(3)
    bank.wait_equal()
    wait_for(lambda: bank.office.http.get("/healthz").status_code == 200, "all is well")
    assert {bank.office.status(agent.branch) for agent in bank.agents} == {"online"}


def test_the_metrics_are_those_of_all_and_stay_when_one_is_killed(bank: Bank) -> None:
    bank.wait_shared()

    def counts() -> float:
        return bank.office.metric("head_office_commit_duration_seconds_count")

    wait_for(lambda: counts() > 0, "commits of the other processes")
    before = counts()
    bank.workers()[0].kill()
    bank.wait_shared()
    for agent in bank.agents:
        agent.issue(1)
    bank.wait_equal()
    wait_for(lambda: counts() > before, "more commits than before")


def test_one_that_is_killed_is_replaced_and_nothing_is_lost(bank: Bank) -> None:
    bank.wait_shared()
    bank.workers()[0].kill()
    for agent in bank.agents:
        agent.issue(3)
    bank.wait_equal()
    bank.wait_shared()


def test_one_that_is_frozen_loses_its_part_and_does_no_harm_when_it_thaws(bank: Bank) -> None:
    bank.wait_shared()
    frozen, other = bank.workers()
    frozen.suspend()
    wait_for(lambda: bank.owned_by([other]) == [SHARDS], "the other one to have all", 20)
    for agent in bank.agents:
        agent.issue(2)
    bank.wait_equal()
    frozen.resume()
    bank.wait_shared()
    for agent in bank.agents:
        agent.issue(2)
    bank.wait_equal()


def test_a_board_that_is_killed_takes_its_processes_with_it_and_comes_back(bank: Bank) -> None:
    workers = bank.workers()
    bank.office.kill()
    psutil.wait_procs(workers, 10)
    assert not any(worker.is_running() for worker in workers)
    for agent in bank.agents:
        agent.issue(2)
    bank.office.start()
    bank.wait_equal()
    assert bank.office.end() == 0
    assert not bank.owners(), "whoever ends on purpose gives up its shards"
    bank.office.start()


def test_a_broker_may_deal_the_entries_out(house: House) -> None:
    """Whoever hears a branch's entries writes them, whoever owns its shard; and one may die."""
    broker = house.broker()
    office = house.office(broker.url, more=TWO + "shared = true\n")
    agents = [house.agent(broker.url, name) for name in ("riverside", "old-town")]
    for agent in agents:
        agent.issue(5)
        office.wait_equal(agent)
    assert office.program is not None
    board = psutil.Process(office.program.process.pid)
    next(one for one in board.children() if "head_office.intake" in one.cmdline()).kill()
    for agent in agents:
        agent.issue(5)
    for agent in agents:
        office.wait_equal(agent, 40)
