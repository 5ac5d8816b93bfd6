"""Nothing is lost whatever dies: the ledger and the branch's journal are compared as they stand."""

import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from random import Random
from time import monotonic
from typing import Any

import httpx
import pytest

from edge_agent.outbox import WINDOW
from tests.conftest import wait_for
from tests.head_office.conftest import Agent, Broker, House, Office, Served, base


def lines(served: Served, *words: str) -> list[str]:
    """The warnings in its log that speak of these words."""
    found = [line for line in served.said().splitlines() if " WARNING " in line]
    return [line for line in found if any(word in line for word in words)]


def rows(office: Office) -> list[tuple[str, int]]:
    """What the ledger holds: epoch and number."""
    path = f"file:{office.data / 'ledger.sqlite'}?mode=ro"
    with closing(sqlite3.connect(path, uri=True)) as to:
        return to.execute("SELECT epoch, seq FROM event ORDER BY epoch, seq").fetchall()


def pair(house: House, broker: Broker) -> tuple[Agent, Office]:
    """Branch and head office, started at the same time."""
    office, agent = house.office(broker.url, start=False), house.agent(broker.url, start=False)
    with ThreadPoolExecutor(2) as both:
        list(both.map(Served.start, (office, agent)))
    return agent, office


def synced(agent: Agent, office: Office) -> None:
    office.wait_equal(agent)
    wait_for(lambda: agent.acked == agent.health()["journal_seq"], "the acknowledgement")


def test_without_a_broker_both_start_say_so_once_and_work_when_it_comes(house: House) -> None:
    broker = house.broker(start=False)
    agent, office = pair(house, broker)
    agent.issue(3)
    wait_for(lambda: lines(agent, "No broker") and lines(office, "No broker"), "a word of it")
    broker.start()
    office.wait_equal(agent)
    assert [len(lines(agent, "No broker")), len(lines(office, "No broker"))] == [1, 1]


def test_a_broker_killed_in_the_middle_of_traffic_costs_nothing(house: House) -> None:
    broker = house.broker()
    agent, office = pair(house, broker)
    agent.issue(20)
    broker.kill()
    agent.issue(20)
    broker.start()
    agent.issue(20)
    synced(agent, office)


def test_a_broker_that_refuses_is_named_once_and_used_when_it_relents(house: House) -> None:
    broker = house.broker(start=False)
    broker.start(anonymous=False)
    agent, office = pair(house, broker)
    agent.issue(2)
    log = house.folder / f"broker-{broker.port}.log"
    wait_for(lambda: log.read_text().count("New connection") >= 6, "three attempts of each", 20)
    said = [lines(agent, "refuse", "broker"), lines(office, "refuse", "broker")]
    broker.kill()
    broker.start()
    office.wait_equal(agent)
    assert [len(one) for one in said] == [1, 1]
    assert all("ot authori" in line for one in said for line in one)


@pytest.fixture
def mute() -> Any:
    """A port that accepts connections and never says a word."""
    held: list[socket.socket] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                held.append(listener.accept()[0])

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()

    def hang_up() -> None:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
        for one in held:
            one.close()
        held.clear()

    yield listener.getsockname()[1], hang_up
    with suppress(OSError):
        hang_up()


def test_a_port_that_never_answers_is_named_once_and_left_for_a_broker(
    house: House, mute: tuple[int, Callable[[], None]]
) -> None:
    port, hang_up = mute
    broker = house.broker(start=False)
    broker.port, broker.url = port, f"mqtt://127.0.0.1:{port}"
    agent, office = pair(house, broker)
    agent.issue(2)
    wait_for(lambda: lines(agent, "No broker") and lines(office, "No broker"), "a word of it")
    hang_up()
    broker.start()
    office.wait_equal(agent, 25)
    assert [len(lines(agent, "No broker")), len(lines(office, "No broker"))] == [1, 1]


def test_a_port_that_never_answers_does_not_hold_up_the_end(
    house: House, mute: tuple[int, Callable[[], None]]
) -> None:
    broker = house.broker(start=False)
    broker.url = f"mqtt://127.0.0.1:{mute[0]}"
    agent, office = pair(house, broker)
    assert [agent.end(), office.end()] == [0, 0]


@pytest.mark.parametrize(("kind", "version"), [("mosquitto", "5"), ("embedded", "3.1.1")])
def test_the_newest_version_that_the_broker_speaks_is_used(
    house: House, kind: str, version: str
) -> None:
    agent = house.agent(house.broker(kind).url)
    wait_for(lambda: f"(MQTT {version})" in agent.said(), "the connection")


def test_kill_9_at_random_moments_loses_and_repeats_nothing(house: House) -> None:
    random = Random(20261123)
    agent, office = pair(house, house.broker())
    for victims in ([office], [agent], [office, agent], [agent], [office]):
        agent.issue(random.randrange(5, 25))
        killers = [threading.Timer(random.uniform(0.0, 0.2), one.kill) for one in victims]
        for killer in killers:
            killer.start()
        with suppress(httpx.HTTPError):  # the agent may be the victim
            agent.issue(100)
        for killer, victim in zip(killers, victims, strict=True):
            killer.join()
            victim.start()
    synced(agent, office)
    assert rows(office) == [(agent.epoch, entry["seq"]) for entry in agent.journal()]


def test_a_backlog_drains_by_history_and_never_delays_new_entries(house: House) -> None:
    broker = house.broker()
    ear = house.line(broker, "bank/#")
    agent = house.agent(broker.url, start=False)
    agent.fill(1500)
    agent.start()
    office = house.office(broker.url)
    for _ in range(3):
        agent.issue()
        seq, asked = agent.health()["journal_seq"], monotonic()
        wait_for(lambda new=seq: new in sent(ear.of("events")), "the new entry", 5)
        assert monotonic() - asked < 2
    synced(agent, office)
    assert min(sent(ear.of("events"))) > 1500  # the end of that old day may be backlog, too


def sent(messages: list[Any]) -> set[int]:
    return {event["seq"] for one in messages for event in one.json()["events"]}


def test_a_backlog_larger_than_the_window_drains_when_head_office_comes_late(house: House) -> None:
    broker = house.broker()
    ear = house.line(broker, f"{base('riverside')}/history")
    agent = house.agent(broker.url, start=False)
    agent.fill(WINDOW + 500)
    agent.start()
    wait_for(lambda: len(sent(ear.of("history"))) >= WINDOW, "a window sent into the void")
    office = house.office(broker.url)
    agent.issue()
    office.wait_equal(agent)


@pytest.fixture
def emptied(house: House) -> tuple[Agent, Office]:
    """Head office had everything and lost it all; the branch believes that it is safe there."""
    agent, office = pair(house, house.broker())
    agent.issue(10)
    synced(agent, office)
    office.end()
    shutil.rmtree(office.data)
    office.start()
    return agent, office


def test_an_emptied_ledger_is_filled_again_after_the_next_ticket(
    emptied: tuple[Agent, Office],
) -> None:
    agent, office = emptied
    agent.issue()
    office.wait_equal(agent)


def test_an_emptied_ledger_is_filled_again_though_the_branch_is_quiet(
    emptied: tuple[Agent, Office],
) -> None:
    agent, office = emptied
    office.wait_equal(agent)


def test_a_head_office_that_never_heard_the_birth_still_learns_who_the_branch_is(
    house: House,
) -> None:
    broker = house.broker()
    agent = house.agent(broker.url)
    line = house.line(broker, "bank/#")
    wait_for(lambda: line.of("birth"), "the birth")
    line.say(f"{base('riverside')}/birth", b"", retain=True)  # a broker that retains nothing
    office = house.office(broker.url)
    agent.issue()
    wait_for(lambda: office.branch("riverside").get("version"), "the branch's version")


def restore(agent: Agent, act: Callable[[], None]) -> None:
    """A backup of the journal is taken, `act` goes on, then the backup is put back."""
    agent.end()
    backup = agent.data.with_name("backup")
    shutil.copytree(agent.data, backup)
    act()
    shutil.rmtree(agent.data)
    shutil.copytree(backup, agent.data)


def test_a_restored_backup_is_a_new_epoch_and_both_epochs_are_kept(house: House) -> None:
    agent, office = pair(house, house.broker())
    agent.issue(5)
    old, first, whole = agent.epoch, [], []

    def go_on() -> None:
        agent.start()
        agent.issue(5)
        synced(agent, office)
        first.append(agent.epoch)
        whole.extend(agent.journal())
        agent.end()

    restore(agent, go_on)
    agent.start()
    wait_for(lambda: agent.epoch != old, "the new epoch")
    agent.issue(2)
    synced(agent, office)
    assert (first, office.events(agent.branch, old)) == ([old], whole)
    assert {epoch for epoch, _ in rows(office)} == {old, agent.epoch}
    assert agent.said().count("starts a new epoch") == 1


def test_a_restored_backup_that_went_on_without_a_line_is_not_taken_for_the_old_one(
    house: House,
) -> None:
    broker = house.broker()
    agent, office = pair(house, broker)
    agent.issue(5)

    def go_on() -> None:
        agent.start()
        agent.issue(3)
        synced(agent, office)
        agent.end()

    restore(agent, go_on)
    broker.kill()
    agent.start()
    agent.issue(6)  # more than what was lost: the journal is longer than head office's again
    broker.start()
    synced(agent, office)


def test_a_ledger_that_is_locked_for_a_while_loses_nothing(house: House) -> None:
    agent, office = pair(house, house.broker())
    agent.issue()
    synced(agent, office)
    agent.end()
    with closing(sqlite3.connect(office.data / "ledger.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        agent.start()
        agent.issue(5)
        wait_for(lambda: office.http.get("/healthz").status_code == 503, "a word of it")
        assert agent.acked < agent.health()["journal_seq"]
    office.wait_equal(agent)
    wait_for(lambda: office.status(agent.branch) == "online", "the branch online")
