"""Two agents with one id raise an alarm at head office, and neither's entries are lost or mixed."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from edge_agent.messages import Birth
from head_office.clones import Clones
from head_office.entries import Row
from head_office.picture import Picture
from head_office.settings import Store
from head_office.store import open_ledger
from program.broker import Broker as Section
from program.line_state import LineState
from program.mqtt_link import MqttLink
from tests.conftest import wait_for
from tests.head_office.conftest import BROKERS, Agent, Broker, House, Office, base
from tests.head_office.counting_broker import CountingBroker

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@contextmanager
def twins(house: House, broker: Broker) -> Iterator[tuple[Agent, Agent, Office]]:
    """Two machines set up with the same branch.toml, each with a journal of its own."""
    office, one = house.office(broker.url), house.agent(broker.url)
    elsewhere = House(house.folder / "elsewhere")
    try:
        yield one, elsewhere.agent(broker.url), office
    finally:
        elsewhere.end()


def same(office: Office, agent: Agent) -> bool:
    return office.events(agent.branch, agent.epoch) == agent.journal()


@pytest.mark.parametrize("kind", BROKERS)
def test_two_agents_with_one_id_raise_an_alarm_and_are_kept_apart(house: House, kind: str) -> None:
    """Neither broker tells whom it throws off, and why."""
    broker = house.broker(kind)
    line = house.line(broker, f"{base('riverside')}/birth")
    with twins(house, broker) as (one, other, office):
        begun = monotonic()
        one.issue(3)
        other.issue(5)
        wait_for(lambda: office.branch("riverside").get("alert") == "cloned", "the alarm", 40)
        for agent in (one, other):
            wait_for(lambda a=agent: "our id" in str(a.health()["warnings"]), "its own word", 20)
        assert one.epoch != other.epoch
        wait_for(lambda: same(office, one) and same(office, other), "both journals", 60)
        said = [line for line in office.said().splitlines() if "two agents bear" in line]
        assert len(said) == 1
        wait_for(lambda: monotonic() - begun > 20, "a fight to show itself", 25)
        births = [birth for birth in line.of("birth") if birth.json()["status"] == "online"]
        assert len(births) < 30, "they fight: without growing pauses there are four a second"
        for agent in (one, other):
            assert agent.said().count("somebody else connects with our id") == 1
            assert agent.said().count("Connected to the broker") < 8, "each is no news any more"


def test_a_copied_disk_is_kept_apart_too(house: House) -> None:
    """Both begin with one journal and one epoch, and write different entries under the same numbers."""
    broker = house.broker()
    office, one = house.office(broker.url), house.agent(broker.url)
    one.issue(3)
    office.wait_equal(one)
    first = one.epoch
    one.end()
    elsewhere = House(house.folder / "elsewhere")
    try:
        copy = elsewhere.agent(broker.url, start=False)
        shutil.copytree(one.data, copy.data)
        one.start()
        one.issue(2)
        office.wait_equal(one)
        whole = one.journal()
        one.end()
        copy.start()
        copy.issue(6)
        wait_for(lambda: copy.epoch != first and same(office, copy), "the copy's own journal", 40)
        one.start()
        wait_for(lambda: same(office, one), "the first one's journal", 40)
        assert office.events("riverside", first) == whole
    finally:
        elsewhere.end()


def test_of_a_journal_that_brings_other_entries_nothing_is_kept(tmp_path: Path) -> None:
    """Also not those of its entries whose numbers are still free."""

    def row(seq: int, said: bytes) -> Row:
        return Row("riverside", "e", seq, "Alert", said, NOON.date())

    ledger = open_ledger(Store(data=str(tmp_path)))
    ledger.write([row(1, b"a"), row(2, b"b")], [], [])
    written = ledger.write([row(2, b"other"), row(3, b"other")], [], [])
    assert written.rewritten == {("riverside", "e")}
    assert ledger.events("riverside", "e", 0, 9) == [b"a", b"b"]
    ledger.close()


def birth(run: str, status: str = "online") -> Birth:
    return Birth(
        branch="riverside",
        name={},
        version="1",
        epoch="e",
        session="s",
        run=run,
        status="online" if status == "online" else "offline",
        at=NOON,
    )


def alert_after(runs: str, step: timedelta = timedelta(seconds=20)) -> str:
    """What the board says after births of these runs, one letter each."""
    picture = Picture()
    clones = Clones(picture)
    for number, run in enumerate(runs):
        clones.born(birth(run), NOON + number * step)
    now = picture.one("riverside")
    return now.alert if now else ""


@pytest.mark.parametrize("runs", ["abab", "aabbabb", "abcacb"])
def test_runs_that_alternate_are_two_agents(runs: str) -> None:
    assert alert_after(runs) == "cloned"


@pytest.mark.parametrize("runs", ["", "a", "aaaaaaaa", "abcdefgh", "aabbccdd", "aba"])
def test_restarts_and_reborn_lines_are_one(runs: str) -> None:
    """A late message of the run before (aba) may have been the broker's doing."""
    assert alert_after(runs) == ""


def test_returns_that_are_hours_apart_are_none() -> None:
    assert alert_after("abab", timedelta(hours=1)) == ""


def test_an_old_agent_that_names_no_run_is_told_by_its_epoch() -> None:
    picture = Picture()
    clones = Clones(picture)
    for epoch in ("e1", "e2", "e1", "e2"):
        clones.born(
            Birth(
                branch="riverside", name={}, version="1", epoch=epoch, session="s", status="online",
                at=NOON,
            ),
            NOON,
        )  # fmt: skip
    assert picture.all()[0].alert == "cloned"


def test_the_alarm_ends_ten_minutes_after_the_last_return() -> None:
    picture = Picture()
    clones = Clones(picture)
    for run in "abab":
        clones.born(birth(run), NOON)
    clones.look(NOON + timedelta(minutes=10))
    assert picture.all()[0].alert == "cloned"
    clones.look(NOON + timedelta(minutes=10, seconds=1))
    assert picture.all()[0].alert == ""


def test_an_agent_that_is_thrown_off_by_another_one_says_so_itself() -> None:
    """MQTT 5.0, section 3.14.2.1: 0x8E, session taken over."""
    broker = CountingBroker(20, goodbye=0x8E)
    state = LineState()
    link = MqttLink(
        Section(url=broker.url),
        client_id="one",
        subscriptions=[],
        on_connected=lambda: None,
        on_message=lambda _message: None,
        will=None,
        state=state,
        one_reader=True,
        clock=lambda: NOON,
        random=Random(1),
    )

    async def until_it_says_so() -> None:
        task = asyncio.get_running_loop().create_task(link.run())
        async with asyncio.timeout(10):
            while state.names != ["id-taken"]:
                await asyncio.sleep(0.02)
        task.cancel()

    asyncio.run(until_it_says_so())
    broker.end()
