"""The demo's end: it waits for its own people, says for what, and does not mind who plays with it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.people import Seen
from demo.programs import Failed, Programs, await_nothing_missing
from demo.summary import Summary, told
from tests.conftest import wait_for
from tests.head_office.conftest import Agent, Broker, Office

KIOSK = {"Authorization": "Bearer demo-kiosk"}


class Hall:
    """A branch with head office; what its printer has printed is written by hand."""

    def __init__(self, folder: Path) -> None:
        self._broker = Broker(folder)
        self.agent = Agent(folder / "branch", self._broker.url, "riverside")
        self.office = Office(folder / "office", self._broker.url)
        for one in (self.agent, self.office):
            one.start()
        self._truth = folder / "printer.truth"
        self._truth.write_text("")
        self.summary = Summary(self.agent.url, self.office.url, self._truth, ("1", "2", "3"))
        self.seen = Seen()

    def issue(self, headers: dict[str, str] = KIOSK) -> Any:
        wish = {"service": "cash"}
        answer = self.agent.http.post("/api/v1/tickets", json=wish, headers=headers)
        return answer.raise_for_status().json()

    def press(self, counter: str, press: str) -> Any:
        answer = self.agent.http.post(f"/api/v1/counters/{counter}/{press}")
        return answer.raise_for_status().json()

    def print(self, ticket: Any) -> None:
        with self._truth.open("a") as truth:
            truth.write(json.dumps({"event": "paper", "paper": "full"}) + "\n")
        path, said = f"/api/v1/tickets/{ticket['id']}/printed", {"outcome": "confirmed"}
        self.agent.http.post(path, json=said, headers=KIOSK).raise_for_status()

    def comes_in(self) -> Any:
        """A customer of the demo's, with a paper."""
        ticket = self.issue()
        self.seen.tickets.add(ticket["label"])
        self.print(ticket)
        return ticket

    def missing(self) -> list[str]:
        """Once head office has everything."""
        wait_for(
            lambda: not any("head office" in one for one in self.summary.missing(self.seen)),
            "head office",
        )
        return self.summary.missing(self.seen)

    def end(self) -> None:
        for one in (self.agent, self.office, self._broker):
            one.kill()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    open_hall = Hall(tmp_path)
    yield open_hall
    open_hall.end()


def test_it_says_for_whom_and_what_it_waits(hall: Hall) -> None:
    hall.seen.tickets.add(hall.issue()["label"])
    assert hall.missing() == ["A001 to be served, which is waiting", "word of A001's paper"]
    with pytest.raises(Failed, match="in vain for A001 to be served, which is waiting; word of"):
        await_nothing_missing(hall.missing, 0, Programs(print))
    hall.press("1", "call-next")
    assert hall.missing()[0] == "A001 to be served, which is called"


def test_a_ticket_that_somebody_else_takes_is_told_and_fails_nothing(hall: Hall) -> None:
    mine, theirs = hall.comes_in(), hall.issue()  # no printer prints the second
    for label in (mine["label"], theirs["label"]):
        assert hall.press("1", "call-next")["label"] == label
        hall.press("1", "start")
        hall.press("1", "finish")
        hall.seen.called.append(label)
        hall.seen.served.append(label)
    assert hall.missing() == []
    lines = hall.summary.lines(hall.seen)
    assert [line.name for line in lines if not line.agrees] == []
    assert "issued                   1        2  (1 by others)" in told(lines)


def test_a_customer_whom_somebody_else_calls_and_keeps_fails_nothing(hall: Hall) -> None:
    hall.comes_in()
    hall.press("4", "call-next")
    assert hall.missing() == []
    assert all(line.agrees for line in hall.summary.lines(hall.seen))


def test_what_nobody_lived_through_and_no_journal_has_differs(hall: Hall) -> None:
    hall.comes_in()
    hall.seen.called.append("A001")
    hall.missing()
    assert "called                   1        0  <- differs" in told(hall.summary.lines(hall.seen))
