"""What is known to exist and not here is counted, asked for, and shown until it is here."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from edge_agent.messages import Birth, Command, digest
from head_office.entries import Row
from head_office.ledger import Ledger
from head_office.picture import Picture
from tests.conftest import wait_for
from tests.head_office.conftest import House, Line, Office, base

FRESH = count(1)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@given(st.lists(st.sets(st.integers(1, 30), min_size=1), min_size=1, max_size=6))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_missing_is_counted_whatever_comes_in_which_order(
    ledger: Ledger, arrivals: list[set[int]]
) -> None:
    branch, here = f"b{next(FRESH)}", set[int]()
    for numbers in arrivals:
        here |= numbers
        rows = [Row(branch, "e", n, "X", b'{"seq":%d}' % n, NOON.date()) for n in numbers]
        mark = ledger.write(rows, [], []).marks[branch, "e"]
        run = next(n for n in range(32) if n + 1 not in here)
        assert (mark.seq, mark.highest) == (run, max(here))
        assert mark.missing == max(here) - len(here)
        assert mark.digest == ((run and digest(b'{"seq":%d}' % run)) or None)
        assert ledger.marks()[branch, "e"] == mark
    found = ledger.events(branch, "e", 0, 100)
    assert found == [b'{"seq":%d}' % n for n in sorted(here)]


class Fake:
    """A branch that is only a line, so that it can lose what it likes."""

    def __init__(self, house: House) -> None:
        broker = house.broker()
        self.line: Line = house.line(broker, "bank/#")
        self.office: Office = house.office(broker.url)
        wait_for(lambda: self.office.http.get("/healthz").status_code == 200, "the broker")

    def send(self, first: int, last: int, leaf: str = "events") -> None:
        at = NOON.isoformat()
        events = [
            {"seq": seq, "at": at, "type": "TicketIssued", "business_day": "2026-11-23"}
            for seq in range(first, last + 1)
        ]
        self.line.say(f"{base('b')}/{leaf}", {"epoch": "e", "first_seq": first, "events": events})

    def queues(self, seq: int) -> None:
        said = {
            "branch": "b", "name": {"en": "B"}, "at": NOON.isoformat(), "epoch": "e",
            "business_day": "2026-11-23", "journal_seq": seq, "queues": [], "counters": [],
            "calls": [], "issued": 0, "served": 0, "missed": 0,
        }  # fmt: skip
        self.line.say(f"{base('b')}/queues", said)

    def wait_missing(self, count: int) -> None:
        wait_for(lambda: self.office.branch("b").get("missing") == count, f"{count} missing")

    def asked(self) -> list[Any]:
        return [one.json() for one in self.line.of("command") if b"resend" in one.payload]


@pytest.fixture(scope="module")
def fake(module_house: House) -> Fake:
    return Fake(module_house)


def test_a_gap_is_shown_and_asked_for_until_it_closes(fake: Fake) -> None:
    fake.send(1, 2)
    fake.send(5, 6)
    fake.wait_missing(2)
    wait_for(fake.asked, "the word that it is asked for", 10)
    fake.send(3, 3, "history")
    fake.wait_missing(1)
    fake.send(4, 4, "history")
    fake.wait_missing(0)
    assert fake.office.branch("b")["acked"] == 6


def test_what_the_branch_only_speaks_of_is_missing_too(fake: Fake) -> None:
    fake.send(1, 6)
    fake.queues(9)
    fake.wait_missing(3)
    fake.send(9, 9)
    fake.wait_missing(2)
    assert fake.office.metric("head_office_entries_missing") == 2
    fake.send(7, 8, "history")
    fake.wait_missing(0)


def test_a_gap_is_still_shown_when_head_office_starts_again(fake: Fake) -> None:
    fake.send(1, 9)
    fake.send(11, 12)
    fake.queues(12)
    fake.wait_missing(1)
    fake.office.end()
    fake.office.start()
    assert fake.office.branch("b")["missing"] == 1
    wait_for(lambda: fake.office.http.get("/healthz").status_code == 200, "the broker")
    fake.send(10, 10, "history")
    fake.wait_missing(0)


def test_a_real_branch_fills_the_gap_of_a_ledger_that_has_lost_entries(house: House) -> None:
    broker = house.broker()
    agent, office = house.agent(broker.url), house.office(broker.url)
    agent.issue(12)
    office.wait_equal(agent)
    office.end()
    with closing(sqlite3.connect(office.data / "ledger.sqlite", isolation_level=None)) as to:
        to.execute("DELETE FROM event WHERE seq BETWEEN 5 AND 7")
        to.execute(
            "UPDATE watermark SET seq = 4, digest = NULL, beyond = '[[8,' || highest || ']]'"
        )
    office.start()
    assert office.branch(agent.branch)["missing"] == 3
    wait_for(lambda: office.branch(agent.branch)["missing"] == 0, "nothing missing", 15)
    office.wait_equal(agent)


@pytest.mark.parametrize("more", [{}, {"from": 1}, {"to": 3}])
def test_a_branch_that_is_not_told_which_entries_says_so(
    house: House, more: dict[str, int]
) -> None:
    broker = house.broker()
    agent = house.agent(broker.url)
    agent.issue(3)
    line = house.line(broker)
    topic = f"{base(agent.branch)}/command"
    wait_for(lambda: "Connected" in agent.said(), "the line")

    def answered() -> bool:
        line.say(topic, {"command": "resend", **more})
        return "is incomplete" in agent.said()

    wait_for(answered, "a word of it")
    assert "'resend' is incomplete: 'from' and 'to' are needed" in agent.said()
    assert "not known" not in agent.said()


def test_a_new_branch_lacks_nothing() -> None:
    picture = Picture()
    birth = Birth(
        branch="b", name={}, version="1", epoch="e", session="s", status="online", at=NOON
    )
    picture.birth(birth, NOON)
    now = picture.one("b")
    assert now is not None
    assert now.missing == 0


def test_a_command_says_no_more_than_the_contract() -> None:
    said = [msgspec.to_builtins(Command(command="rebirth"))]
    said.append(msgspec.to_builtins(Command(command="resend", first=3, last=4)))
    assert said == [{"command": "rebirth"}, {"command": "resend", "from": 3, "to": 4}]


@pytest.mark.parametrize("seq", [-1, 2**63])
def test_an_acknowledgement_of_a_number_that_no_entry_has_begins_no_epoch(
    house: House, seq: int
) -> None:
    broker = house.broker()
    agent = house.agent(broker.url)
    epoch = agent.http.get("/api/v1/queues").json()["epoch"]
    line = house.line(broker)
    wait_for(lambda: "Connected" in agent.said(), "the line")

    def answered() -> bool:
        line.say(f"{base(agent.branch)}/ack", {"epoch": epoch, "seq": seq})
        return "cannot be read" in agent.said() or "new epoch" in agent.said()

    wait_for(answered, "a word of it")
    assert "new epoch" not in agent.said()
    assert agent.http.get("/api/v1/queues").json()["epoch"] == epoch
