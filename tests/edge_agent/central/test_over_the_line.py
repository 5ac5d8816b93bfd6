"""A real agent, a real broker: what head office says takes effect, and nothing of the queue is lost by it."""

import json
import signal
import sqlite3
import time
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from edge_agent.central import kept as keeping
from tests.conftest import wait_for
from tests.edge_agent.central.conftest import (
    BRANCH,
    DEMO_SERVICES,
    LOANS,
    Branch,
    Pen,
    central_config,
    services,
)
from tests.edge_agent.conftest import frames
from tests.head_office.conftest import House, Line, base

SHORT = 0.05  # minutes
PLAIN = [code for code, _ in DEMO_SERVICES]


@pytest.fixture
def branch(house: House, pen: Pen) -> Branch:
    broker = house.broker()
    line = house.line(broker, "bank/#")
    made = Branch(house, broker.url, central_config(pen, SHORT), line)
    house._served(made, True)
    return made


def test_a_new_service_without_a_lost_ticket_and_the_branch_says_what_runs(
    branch: Branch, pen: Pen
) -> None:
    issued = [branch.http.post("/api/v1/tickets", json={"service": "cash"}).json() for _ in "ab"]
    branch.http.post("/api/v1/counters/1/open")
    called = branch.http.post("/api/v1/counters/1/call-next").json()
    branch.hear(pen.config(4, services(*DEMO_SERVICES, LOANS)))
    branch.wait(4, 4, "running")
    assert branch.codes() == [*PLAIN, "loans"]
    after = branch.http.get(f"/api/v1/tickets/{issued[1]['id']}").json()
    assert (called["label"], after["label"], after["state"]) == ("A001", "A002", "waiting")
    assert branch.http.get(f"/api/v1/tickets/{issued[0]['id']}").json()["state"] == "called"
    births = [one.json() for one in branch.line.of("birth")]
    assert births[-1]["config_version"] == 4
    wait_for(
        lambda: branch.line.of("queues")[-1].json()["config_state"] == "running", "it is said", 15
    )
    assert branch.told() == [("ConfigurationApplied", 4)]
    branch.hear(pen.config(5, '[http]\nlisten = "0.0.0.0:80"'))
    branch.wait(4, 5, "refused")
    assert "section [http]" in branch.reason()
    assert branch.told()[-1] == ("ConfigurationRefused", 5)


def test_open_pages_follow_on_through_it(branch: Branch, pen: Pen) -> None:
    """By the number of the last event that they have seen."""
    seen = branch.http.get("/api/v1/queues").json()["journal_seq"]
    branch.hear(pen.config(4, services(*DEMO_SERVICES, LOANS)))
    branch.wait(4, 4, "trying")
    branch.issue()
    headers = {"Last-Event-ID": str(seen)}
    with httpx.Client(base_url=branch.url, trust_env=False) as http:  # noqa: SIM117
        with http.stream("GET", "/api/v1/stream", headers=headers) as answer:
            kinds = []
            for _, event in frames(answer):
                kinds.append(event["type"])
                if event["type"] == "TicketIssued":
                    break
    assert kinds[0] == "Following"
    assert "ConfigurationApplied" in kinds


def test_a_branch_whose_disk_fails_in_its_trial_goes_back_by_itself(
    branch: Branch, pen: Pen
) -> None:
    branch.hear(pen.config(4, services(*DEMO_SERVICES, LOANS)))
    branch.wait(4, 4, "trying")
    wait_for(branch.told, "its entry in the journal")
    other = sqlite3.connect(branch.data / "journal.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # nobody else can write now
    wait_for(lambda: keeping.read(branch.data).verdict, "the way back", 30)
    other.close()
    branch.wait(0, 4, "rolled_back")
    assert branch.codes() == PLAIN
    assert "journal" in branch.reason() or "healthz" in branch.reason()
    branch.issue()
    assert branch.told() == [("ConfigurationApplied", 4), ("ConfigurationRolledBack", 4)]


def test_a_crash_loop_ends_with_the_version_before(branch: Branch, pen: Pen) -> None:
    branch.hear(pen.config(4, services(*DEMO_SERVICES, LOANS)))
    branch.wait(4, 4, "trying")
    wait_for(branch.told, "its entry in the journal")
    for _ in range(keeping.MOST_STARTS):
        branch.kill()
        branch.start()
    branch.wait(0, 4, "rolled_back")
    assert branch.codes() == PLAIN
    assert "started" in branch.reason()
    assert branch.told() == [("ConfigurationApplied", 4), ("ConfigurationRolledBack", 4)]


@pytest.mark.parametrize("seed", range(3))
def test_killed_in_the_middle_of_it_all_the_branch_works_by_one_of_the_two(
    branch: Branch, pen: Pen, seed: int
) -> None:
    random = Random(seed)
    labels = {branch.http.post("/api/v1/tickets", json={"service": "cash"}).json()["label"]}
    branch.hear(pen.config(4, services(*DEMO_SERVICES, LOANS)))
    ends_at = time.monotonic() + random.uniform(0, 2.5)
    wait_for(lambda: time.monotonic() > ends_at, "a moment of its own")
    branch.kill()
    branch.start()
    version, _, state = branch.now()
    assert (version, state) in ((0, ""), (0, "waiting"), (4, "trying"), (4, "running"))
    branch.hear(pen.config(4, services(*DEMO_SERVICES, LOANS)))
    branch.wait(4, 4, "running")
    assert branch.codes() == [*PLAIN, "loans"]
    waiting = [e["label"] for e in branch.journal() if e["type"] == "TicketIssued"]
    assert set(waiting) == labels


def test_told_to_end_while_it_starts_anew_it_ends(branch: Branch, pen: Pen) -> None:
    branch.hear(pen.config(4, services(*DEMO_SERVICES, LOANS)))
    wait_for(lambda: "starts anew" in branch.said(), "the end of the old start")
    assert branch.end() in (0, -signal.SIGTERM)
    branch.start()
    branch.wait(4, 4, "running")


def test_a_large_document_is_refused_in_no_time(branch: Branch, pen: Pen) -> None:
    branch.hear(pen.config(4, "x" * 5_000_000))
    wait_for(lambda: branch.now()[2] == "refused", "the refusal")
    began = time.monotonic()
    branch.issue()
    assert time.monotonic() - began < 5  # on a busy machine
    assert "characters" in branch.reason()
    said = branch.said()
    assert "xxxx" not in said


def test_a_branch_without_the_section_refuses_and_says_so(house: House, pen: Pen) -> None:
    broker = house.broker()
    line: Line = house.line(broker, "bank/#")
    text = central_config(pen).replace("[central]\n", "")
    text = "\n".join(one for one in text.splitlines() if not one.startswith(("keys = [", "trial_")))
    branch = Branch(house, broker.url, text, line)
    house._served(branch, True)
    for version in (4, 5):
        branch.hear(pen.config(version, services(*DEMO_SERVICES, LOANS)))
        branch.wait(0, version, "refused")
    assert "[central]" in branch.reason()
    assert branch.told() == [("ConfigurationRefused", 0)]
    assert branch.said().count("is not believed") == 1


def test_messages_are_shown_and_withdrawn(branch: Branch, pen: Pen) -> None:
    branch.hear(pen.notice("n1", urgent=True))
    branch.hear(pen.notice("n2", where=["counter"]))
    branch.hear(pen.notice("n1"))

    def shown(**headers: str) -> list[str]:
        found = httpx.get(f"{branch.url}/api/v1/queues", headers=headers, trust_env=False)
        return [one["id"] for one in found.json()["notices"]]

    bearer = "Bearer demo-staff"
    wait_for(lambda: shown(Authorization=bearer) == ["n1", "n2"], "both at the counter")
    assert shown() == ["n1"]
    branch.hear(pen.withdrawal("n1"))
    wait_for(lambda: shown() == [], "the end of it")
    assert branch.told("Notice") == [
        ("NoticeTaken", "n1"),
        ("NoticeTaken", "n2"),
        ("NoticeWithdrawn", "n1"),
    ]
    wait_for(lambda: [one["id"] for one in told(branch)] == ["n2"], "head office is told", 15)
    assert not told(branch)[0]["words"]


def told(branch: Branch) -> list[Any]:
    """Head office, of messages."""
    said = branch.line.of("queues")
    return said[-1].json()["notices"] if said else []


def test_rubbish_on_the_command_topic_harms_nothing(branch: Branch) -> None:
    wait_for(branch.on_line, "the branch on the line")  # the broker keeps nothing for it
    for rubbish in (
        b"",
        b"\xff" * 1000,
        b'{"command":"config"}',
        b'{"command":"message","document":7}',
    ):
        branch.line.say(f"{base(BRANCH)}/command", rubbish)
    branch.line.say(
        f"{base(BRANCH)}/command", json.dumps({"command": "config", "document": "{}"}).encode()
    )
    wait_for(lambda: branch.now()[2] == "refused", "the refusal")
    branch.issue()
    assert Path(branch.data).exists()


def test_commands_that_are_none_fill_neither_the_journal_nor_the_log(branch: Branch) -> None:
    """However often they come, and however often the program starts."""
    wait_for(branch.on_line, "the branch on the line")
    for start in range(2):
        before = len(branch.said().splitlines())
        for number in range(100):
            for bad in (
                {"command": "config"}, {"command": f"x{number}"}, {"command": "resend"}, [number],
            ):  # fmt: skip
                branch.line.say(f"{base(BRANCH)}/command", bad)
        wait_for(lambda: branch.now()[2] == "refused", "the refusal")
        branch.issue()
        assert branch.told() == [("ConfigurationRefused", 0)]
        said = branch.said().splitlines()[before:]
        assert sum("is passed over" in line for line in said) == 1
        assert sum("is not believed" in line for line in said) == 1
        if not start:
            branch.end()
            branch.start()
            wait_for(branch.on_line, "the branch on the line again")
