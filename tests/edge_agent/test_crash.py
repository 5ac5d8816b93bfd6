"""kill -9 at any moment: what was answered has happened, once, and a retry gets the first answer."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx

from tests.conftest import ROOT, wait_for
from tests.edge_agent.conftest import KIOSK, STAFF, Agent, check_whole

ROUNDS, KIOSKS, TELLERS = 6, 8, 4  # the torture kills more often
SERVICES = ("cash", "cards", "wealth", "business")


@dataclass
class Asked:
    """One request under its key, and what was answered; None when the agent was gone."""

    path: str
    body: Any
    token: str
    key: str
    answer: httpx.Response | None = None

    def of(self, agent: Agent) -> httpx.Response:
        return agent.post(self.path, self.body, token=self.token, key=self.key)


class Crowd:
    """Kiosks and tellers who remember everything they asked and were told."""

    def __init__(self, agent: Agent, random: Random) -> None:
        self.agent = agent
        self.random = random
        self.asked: list[Asked] = []

    def work_until_killed(self, answers: int) -> None:
        before = self.answered()
        with ThreadPoolExecutor(KIOSKS + TELLERS) as hands:
            kiosks = [hands.submit(self._kiosk, n) for n in range(KIOSKS)]
            tellers = [hands.submit(self._teller, str(n + 1)) for n in range(TELLERS)]
            try:
                wait_for(lambda: self.answered() >= before + answers, f"{answers} answers")
            finally:
                self.agent.kill()
            for hand in kiosks + tellers:
                hand.result()

    def answered(self) -> int:
        return sum(asked.answer is not None for asked in list(self.asked))

    def _ask(self, path: str, body: Any, token: str) -> httpx.Response | None:
        asked = Asked(path, body, token, key=f"{self.random.getrandbits(96):x}")
        self.asked.append(asked)
        try:
            asked.answer = asked.of(self.agent)
        except httpx.TransportError:
            return None
        return asked.answer

    def _kiosk(self, number: int) -> None:
        body = {"service": SERVICES[number % 4]}
        while self._ask("/tickets", body, KIOSK) is not None:
            pass

    def _teller(self, counter: str) -> None:
        while True:
            for move in ("start", "call-next"):
                if self._ask(f"/counters/{counter}/{move}", None, STAFF) is None:
                    return

    def ask_again(self) -> None:
        """Who got no answer asks again; some of those who got one do so too."""
        answered = [asked for asked in self.asked if asked.answer is not None]
        for asked in self.asked:
            if asked.answer is None:
                asked.answer = asked.of(self.agent)
        for asked in self.random.sample(answered, min(25, len(answered))):
            again = asked.of(self.agent)
            assert asked.answer is not None
            assert (again.status_code, again.content) == (
                asked.answer.status_code,
                asked.answer.content,
            )

    def check_answered_is_recorded(self) -> None:
        entries = self.agent.journal()
        check_whole(entries)
        issued = {(e["ticket"], e["label"]) for e in entries if e["type"] == "TicketIssued"}
        called = [(e["ticket"], e["counter"]) for e in entries if e["type"] == "TicketCalled"]
        assert len(set(called)) == len({ticket for ticket, _ in called}) == len(called)
        assert self.told("/tickets", 201, "label") <= issued
        assert self.told("call-next", 200, "counter") <= set(called)

    def check_nothing_else_is_recorded(self) -> None:
        entries = self.agent.journal()
        issued = {(e["ticket"], e["label"]) for e in entries if e["type"] == "TicketIssued"}
        called = {(e["ticket"], e["counter"]) for e in entries if e["type"] == "TicketCalled"}
        assert self.told("/tickets", 201, "label") == issued
        assert self.told("call-next", 200, "counter") == called

    def told(self, path: str, status: int, name: str) -> set[tuple[str, str]]:
        """(id, value of this name) in every such answer."""
        answers = [a.answer for a in self.asked if a.path.endswith(path) and a.answer is not None]
        said = [answer.json() for answer in answers if answer.status_code == status]
        return {(ticket["id"], ticket[name]) for ticket in said}


def test_no_answered_ticket_or_call_is_lost_or_doubled_over_six_kills(own_agent: Agent) -> None:
    random = Random(20260302)
    crowd = Crowd(own_agent, random)
    for _ in range(ROUNDS):
        crowd.work_until_killed(answers=random.randrange(1, 150))
        own_agent.start()
        crowd.check_answered_is_recorded()
        crowd.ask_again()
        crowd.check_nothing_else_is_recorded()
    assert {asked.answer.status_code for asked in crowd.asked if asked.answer} <= {
        200, 201, 204, 409,
    }  # fmt: skip


def test_the_queue_stands_as_before_after_a_kill(own_agent: Agent) -> None:
    tickets = [own_agent.issue(SERVICES[n % 4])["id"] for n in range(8)]
    for counter, moves in [("1", ["start"]), ("2", ["start", "finish"]), ("3", ["no-show"])]:
        for move in ["call-next", *moves]:
            assert own_agent.press(counter, move).status_code == 200
    own_agent.press("4", "call-next")
    own_agent.press("4", "recall")
    own_agent.post(f"/tickets/{tickets[-1]}/cancel")

    def standing() -> tuple[Any, ...]:
        now = own_agent.queues()
        waiting = [(queue["service"], queue["waiting"]) for queue in now["queues"]]
        same = [now[n] for n in ("counters", "calls", "issued", "served", "missed", "epoch")]
        return waiting, *same, now["journal_seq"], [own_agent.ticket(id_) for id_ in tickets]

    before = standing()
    own_agent.kill()
    own_agent.start()
    assert standing() == before


def refused_start(agent: Agent) -> str:
    """What another agent with the same words says when it ends by itself."""
    done = subprocess.run(
        [sys.executable, "-m", *agent.words(), "--listen", "127.0.0.1:0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode not in (0, -9, -15)
    assert "Traceback" not in done.stderr
    assert str(agent.data) in done.stderr
    return done.stderr


def test_a_second_agent_on_the_same_folder_is_refused_and_the_first_goes_on(
    own_agent: Agent,
) -> None:
    own_agent.issue()
    assert "another" in refused_start(own_agent)
    assert own_agent.issue()["label"] == "A002"


def test_a_journal_of_an_unknown_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    agent = Agent(tmp_path).start()
    agent.issue()
    assert agent.end() == 0
    journal = next(agent.data.glob("*.sqlite"))
    with sqlite3.connect(journal) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    before = journal.read_bytes()
    said = refused_start(agent)
    assert "99" in said
    assert "version" in said
    assert journal.read_bytes() == before


def test_a_file_that_is_no_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    agent.data.mkdir()
    journal = agent.data / "journal.sqlite"
    journal.write_bytes(b"not a database, but somebody's work\n" * 100)
    before = journal.read_bytes()
    assert "journal" in refused_start(agent)
    assert journal.read_bytes() == before
