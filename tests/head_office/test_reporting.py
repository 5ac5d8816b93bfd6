"""What happens at a branch is seen at head office, on both brokers; who is gone is seen to be gone."""

import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from edge_agent.messages import Birth, Queues
from head_office.picture import Picture
from tests.conftest import wait_for
from tests.head_office.conftest import BROKERS, Agent, Broker, House, Line, Office, Served, base

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Bank:
    """One broker, one branch, one head office."""

    def __init__(self, house: House, kind: str) -> None:
        self.house = house
        self.broker: Broker = house.broker(kind)
        self.ear: Line = house.line(self.broker, "bank/#")
        self.office: Office = house.office(self.broker.url, start=False)
        self.agent: Agent = house.agent(self.broker.url, f"branch-{kind}", start=False)
        with ThreadPoolExecutor(2) as both:
            list(both.map(Served.start, (self.office, self.agent)))
        self.id = self.agent.branch

    def now(self) -> Any:
        return self.office.branch(self.id)

    def wait_status(self, status: str, timeout_s: float = 15) -> None:
        wait_for(lambda: self.now().get("status") == status, status, timeout_s)

    def back(self) -> None:
        """Whatever an earlier test did: the branch runs and is shown so."""
        if not self.agent.answers():
            self.agent.start()
        self.wait_status("online")


def test_a_line_that_is_dead_on_the_way_does_not_hold_up_the_end(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as held:
        for _ in range(4):  # the kernel answers no more after these: our connect hangs
            knock = held.enter_context(socket.socket())
            knock.setblocking(False)
            knock.connect_ex(full.getsockname())
        agent = house.agent(f"mqtt://127.0.0.1:{full.getsockname()[1]}")
        assert agent.program is not None
        assert agent.program.end(4.5) == 0  # the contract's 5 s, less a slow machine's breath


@pytest.fixture(scope="module", params=BROKERS)
def started(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Bank]:
    house = House(tmp_path_factory.mktemp(request.param))
    try:
        yield Bank(house, request.param)
    finally:
        house.end()


@pytest.fixture
def bank(started: Bank) -> Bank:
    started.back()
    return started


def test_tickets_stand_at_head_office_as_in_the_branchs_journal(bank: Bank) -> None:
    bank.agent.issue(5)
    bank.office.wait_equal(bank.agent)


def test_the_branch_knows_what_head_office_has_committed(bank: Bank) -> None:
    bank.agent.issue(3)
    wait_for(lambda: bank.agent.acked == bank.agent.health()["journal_seq"], "the acknowledgement")


def test_the_board_follows_the_queue(bank: Bank) -> None:
    before = bank.agent.http.get("/api/v1/queues").json()["queues"][0]["waiting"]
    bank.agent.issue(2)
    wait_for(
        lambda: (
            (bank.now()["queues"] or {"queues": [{}]})["queues"][0].get("waiting") == before + 2
        ),
        "the queue on the board",
    )


def test_the_board_comes_to_rest_with_nothing_behind(bank: Bank) -> None:
    bank.agent.issue(2)
    seq = bank.agent.health()["journal_seq"]
    wait_for(lambda: (bank.now()["acked"], bank.now()["behind"]) == (seq, 0), "nothing behind")


def test_the_board_knows_the_branchs_name_and_version(bank: Bank) -> None:
    wait_for(lambda: bank.now()["version"], "the version")
    assert bank.now()["name"]["en"] == "Riverside Branch"


def test_the_queues_are_published_at_most_once_a_second(bank: Bank) -> None:
    before = len(bank.ear.of("queues"))
    bank.agent.issue(20)
    seq = bank.agent.health()["journal_seq"]
    wait_for(lambda: bank.ear.of("queues")[-1].json()["journal_seq"] >= seq, "the last state")
    times = [datetime.fromisoformat(one.json()["at"]) for one in bank.ear.of("queues")[before:]]
    gaps = [b - a for a, b in pairwise(times)]
    assert all(gap > timedelta(seconds=0.9) for gap in gaps)


def test_nothing_on_the_wire_holds_the_customers_token(bank: Bank) -> None:
    asked = {"service": "cards", "customer_token": "4000123412341234"}
    bank.agent.http.post("/api/v1/tickets", json=asked)
    bank.office.wait_equal(bank.agent)
    said = b"".join(one.payload for one in bank.ear.heard)
    assert b"4000123412341234" not in said
    assert b"customer_token" not in said


def test_an_agent_that_comes_back_is_online_in_a_new_session(bank: Bank) -> None:
    assert bank.agent.end() == 0
    bank.agent.start()
    bank.wait_status("online")
    sessions = {b.json()["session"] for b in bank.ear.of("birth") if b.json()["status"] == "online"}
    assert len(sessions) >= 2


def test_an_agent_that_ends_on_purpose_is_offline_at_once(bank: Bank) -> None:
    assert bank.agent.end() == 0
    bank.wait_status("offline", 5)


def test_an_agent_that_is_killed_is_offline_by_its_last_will(bank: Bank) -> None:
    bank.agent.kill()
    bank.wait_status("offline", 25)


def test_the_will_of_an_old_session_that_arrives_late_is_ignored(bank: Bank) -> None:
    bank.ear.say(f"{base(bank.id)}/birth", old_will(bank))
    bank.agent.issue()
    bank.office.wait_equal(bank.agent)
    assert bank.now()["status"] == "online"


def test_an_old_will_stays_ignored_when_head_office_starts_again(bank: Bank) -> None:
    bank.ear.say(f"{base(bank.id)}/birth", old_will(bank), retain=True)
    bank.agent.issue()
    bank.office.wait_equal(bank.agent)
    bank.office.end()
    bank.office.start()
    bank.agent.issue()
    bank.office.wait_equal(bank.agent)
    bank.wait_status("online", 13)


def old_will(bank: Bank) -> dict[str, Any]:
    births = [one.json() for one in bank.ear.of("birth")]
    return {**births[-1], "status": "offline", "session": "0123456789abcdef"}


def test_a_branch_that_freezes_is_not_online_and_comes_back_when_it_thaws(house: House) -> None:
    broker = house.broker()
    office, agent = house.office(broker.url), house.agent(broker.url)
    wait_for(lambda: office.status("riverside") == "online", "the branch")
    assert agent.program is not None
    before = datetime.now(UTC)
    agent.program.process.send_signal(signal.SIGSTOP)
    try:
        gone = wait_for(
            lambda: (now := office.branch("riverside"))["status"] != "online" and now, "gone", 40
        )
    finally:
        agent.program.process.send_signal(signal.SIGCONT)
    assert gone["status"] in ("silent", "offline")
    assert datetime.fromisoformat(gone["since"]) >= before - timedelta(seconds=15)
    wait_for(lambda: office.status("riverside") == "online", "the branch again")


def birth(status: str, session: str = "s1") -> Birth:
    name = {"en": "Riverside"}
    return Birth(
        branch="b", name=name, version="1", epoch="e", session=session, status=status, at=NOON
    )


def queues(seq: int) -> Queues:
    return Queues(
        branch="b", name={}, at=NOON, business_day=NOON.date(), epoch="e", journal_seq=seq,
        queues=[], counters=[], calls=[], issued=0, served=0, missed=0,
    )  # fmt: skip


def shown(picture: Picture) -> Any:
    now = picture.one("b")
    assert now is not None
    return now


def test_a_branch_that_says_nothing_falls_silent_since_its_last_word() -> None:
    picture = Picture()
    picture.birth(birth("online"), NOON)
    picture.queues("b", queues(1), NOON + timedelta(seconds=7))
    picture.fall_silent(NOON + timedelta(seconds=60))
    assert (shown(picture).status, shown(picture).since) == ("silent", NOON + timedelta(seconds=7))


def test_a_silent_branch_that_speaks_is_online_again() -> None:
    picture = Picture()
    picture.birth(birth("online"), NOON)
    picture.fall_silent(NOON + timedelta(seconds=60))
    picture.queues("b", queues(1), NOON + timedelta(seconds=70))
    assert (shown(picture).status, shown(picture).since) == ("online", NOON + timedelta(seconds=70))


def test_an_offline_branch_does_not_fall_silent() -> None:
    picture = Picture()
    picture.birth(birth("offline"), NOON)
    picture.fall_silent(NOON + timedelta(hours=60))
    assert shown(picture).status == "offline"


def test_the_will_of_the_present_session_counts() -> None:
    picture = Picture()
    picture.birth(birth("online", "s2"), NOON)
    picture.birth(birth("offline", "s2"), NOON + timedelta(seconds=1))
    assert shown(picture).status == "offline"
