"""Head office says complete only when it is, and otherwise exactly what is wrong."""

import hashlib
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from edge_agent.journal import check
from edge_agent.messages import DayOnRecord
from head_office.entries import Row
from head_office.ledger import Ledger, Told
from head_office.proof import Proof, prove
from head_office.settings import Store
from head_office.store import engine_of, open_ledger
from head_office.tables import event
from tests.conftest import ROOT, wait_for
from tests.head_office.conftest import Agent, House, Line, Office

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PAST = "2026-01-02"  # of the entries that `Agent.fill` writes
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


FRESH = count(1)
# each example has a branch of its own
ON_ONE_LEDGER = [HealthCheck.function_scoped_fixture]


class Journal:
    """A branch's journal as it would tell of it: numbers, bodies, and the chain worked out by hand."""

    def __init__(self, days: dict[date, int]) -> None:
        self.branch = f"b{next(FRESH)}"
        self.bodies: dict[int, bytes] = {}
        self.chain = {0: bytes(32)}
        self.days: dict[date, DayOnRecord] = {}
        for day, entries in days.items():
            first = len(self.bodies) + 1
            for seq in range(first, first + entries):
                self._add(seq, day)
            last = len(self.bodies)
            self.days[day] = DayOnRecord(
                business_day=day, first_seq=first, last_seq=last,
                before=self.chain[first - 1].hex(), hash=self.chain[last].hex(),
            )  # fmt: skip

    def _add(self, seq: int, day: date) -> None:
        said = {"seq": seq, "type": "X", "at": NOON.isoformat(), "business_day": day.isoformat()}
        self.bodies[seq] = json.dumps(said).encode()
        self.chain[seq] = hashlib.sha256(self.chain[seq - 1] + self.bodies[seq]).digest()

    def rows(self, *, hashes: bool = True) -> list[Row]:
        return [
            Row(self.branch, "e", seq, "X", body, MONDAY, self.chain[seq] if hashes else None)
            for seq, body in self.bodies.items()
        ]

    def told(self, day: date, *, closed: bool = True, epoch: str = "e") -> Told:
        return Told(self.branch, epoch, self.days[day], closed, NOON)


def behind_its_back(store: Store, change: sa.Update | sa.Delete) -> None:
    engine = engine_of(store)
    with engine.begin() as to:
        assert to.execute(change).rowcount > 0
    engine.dispose()


def spoilt(journal: Journal, seq: int) -> sa.Update:
    of = (event.c.branch == journal.branch, event.c.seq == seq)
    return event.update().where(*of).values(body=journal.bodies[seq] + b" ")


def one(ledger: Ledger, journal: Journal, day: date) -> Proof:
    (found,) = prove(ledger, journal.branch, day)
    return found


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=ON_ONE_LEDGER)
def test_exactly_what_is_missing_is_said(ledger: Ledger, data: st.DataObject) -> None:
    journal = Journal(
        {MONDAY: data.draw(st.integers(1, 12)), TUESDAY: data.draw(st.integers(1, 12))}
    )
    here = data.draw(st.permutations(journal.rows(hashes=data.draw(st.booleans()))))
    lost = data.draw(st.sets(st.sampled_from(sorted(journal.bodies))))
    for row in here:
        if row.seq not in lost:
            ledger.write([row], [], [])
    ledger.write([], [], [], [journal.told(MONDAY), journal.told(TUESDAY)])
    for day in (MONDAY, TUESDAY):
        found, said = one(ledger, journal, day), journal.days[day]
        numbers = range(said.first_seq, said.last_seq + 1)
        missing = {n for first, last in found.missing for n in range(first, last + 1)}
        assert missing == lost & set(numbers)
        assert found.verdict == ("missing" if missing else "complete")
        assert all(a[1] + 1 < b[0] for a, b in zip(found.missing, found.missing[1:], strict=False))


@given(st.integers(1, 20), st.integers(2, 19), st.booleans())
@settings(max_examples=30, deadline=None, suppress_health_check=ON_ONE_LEDGER)
def test_an_altered_entry_is_named(
    store: Store, ledger: Ledger, altered: int, away: int, hole: bool
) -> None:
    journal = Journal({MONDAY: 20})
    gone = (altered - 1 - away) % 20 + 1  # not the entry before: nobody would know what stood there
    assume(gone not in (altered, altered - 1))
    rows = [row for row in journal.rows() if not (hole and row.seq == gone)]
    ledger.write(rows, [], [], [journal.told(MONDAY)])
    behind_its_back(store, spoilt(journal, altered))
    found = one(ledger, journal, MONDAY)
    assert (found.verdict, found.altered) == ("altered", altered)
    assert found.missing == ([(gone, gone)] if hole else [])


def test_a_journal_that_is_another_than_the_branch_says_is_altered(ledger: Ledger) -> None:
    journal, other = Journal({MONDAY: 5}), Journal({TUESDAY: 5})
    said = Told(journal.branch, "e", other.days[TUESDAY], True, NOON)
    ledger.write(journal.rows(), [], [], [said])
    assert one(ledger, journal, TUESDAY).verdict == "altered"


def test_without_the_branchs_word_nothing_is_proved(ledger: Ledger) -> None:
    journal = Journal({MONDAY: 5})
    ledger.write(journal.rows(), [], [])
    assert prove(ledger, journal.branch, MONDAY) == []


def test_the_word_on_one_day_proves_no_other(ledger: Ledger) -> None:
    journal = Journal({MONDAY: 5, TUESDAY: 5})
    ledger.write(journal.rows(), [], [], [journal.told(MONDAY)])
    assert prove(ledger, journal.branch, TUESDAY) == []


def test_the_word_of_one_epoch_proves_no_other(ledger: Ledger) -> None:
    journal = Journal({MONDAY: 5})
    ledger.write(journal.rows(), [], [], [journal.told(MONDAY, epoch="f")])
    found = one(ledger, journal, MONDAY)
    assert (found.epoch, found.verdict, found.missing) == ("f", "missing", [(1, 5)])


def test_a_day_is_proved_whatever_became_of_the_days_beside_it(
    store: Store, ledger: Ledger
) -> None:
    journal = Journal({MONDAY: 5, TUESDAY: 5})
    ledger.write(journal.rows(), [], [], [journal.told(MONDAY), journal.told(TUESDAY)])
    behind_its_back(store, spoilt(journal, 3))
    assert (one(ledger, journal, MONDAY).altered, one(ledger, journal, TUESDAY).verdict) == (
        3,
        "complete",
    )


def test_of_two_epochs_each_is_judged_by_its_own_word(ledger: Ledger) -> None:
    journal = Journal({MONDAY: 5})
    rows = [row._replace(epoch="f") for row in journal.rows()[:3]]
    told = [journal.told(MONDAY), journal.told(MONDAY, epoch="f")]
    ledger.write([*journal.rows(), *rows], [], [], told)
    found = prove(ledger, journal.branch, MONDAY)
    assert [(p.epoch, p.verdict, p.missing) for p in found] == [
        ("e", "complete", []),
        ("f", "missing", [(4, 5)]),
    ]
    assert [p.other_epochs for p in found] == [["f"], ["e"]]


def test_an_older_word_that_comes_late_changes_nothing(ledger: Ledger) -> None:
    early, late = Journal({MONDAY: 3}), Journal({MONDAY: 5})
    ledger.write(late.rows()[:3], [], [], [late.told(MONDAY)])
    old = Told(late.branch, "e", early.days[MONDAY], False, NOON)
    ledger.write([], [], [], [old])
    found = one(ledger, late, MONDAY)
    assert (found.missing, found.closed) == ([(4, 5)], True)


def test_the_last_day_is_meant_when_none_is_named(ledger: Ledger) -> None:
    journal = Journal({MONDAY: 5, TUESDAY: 5})
    ledger.write(journal.rows(), [], [], [journal.told(TUESDAY), journal.told(MONDAY)])
    assert [proof.day for proof in prove(ledger, journal.branch, None)] == [TUESDAY]


def test_a_ledger_of_the_version_before_is_brought_up_to_date(tmp_path: Path) -> None:
    journal = Journal({MONDAY: 5})
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as to:
        to.executescript(OLD_LEDGER)
        said = [(journal.branch, "e", seq, "X", body) for seq, body in journal.bodies.items()]
        to.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?)", said)
        to.execute("INSERT INTO watermark VALUES (?, 'e', 5, 5, NULL)", (journal.branch,))
        to.commit()
    ledger = open_ledger(Store(data=str(tmp_path)))
    assert ledger.marks()[journal.branch, "e"].missing == 0
    ledger.write([], [], [], [journal.told(MONDAY)])
    assert one(ledger, journal, MONDAY).verdict == "complete"
    ledger.close()


OLD_LEDGER = """
CREATE TABLE event (branch VARCHAR(64) NOT NULL, epoch VARCHAR(64) NOT NULL, seq BIGINT NOT NULL,
    type VARCHAR(64) NOT NULL, body BLOB NOT NULL, PRIMARY KEY (branch, epoch, seq)) WITHOUT ROWID;
CREATE TABLE watermark (branch VARCHAR(64) NOT NULL, epoch VARCHAR(64) NOT NULL, seq BIGINT NOT NULL,
    highest BIGINT NOT NULL, digest VARCHAR(32), PRIMARY KEY (branch, epoch));
"""


class Bank:
    """A branch with a day of its past, and a head office; each is really there."""

    def __init__(self, house: House) -> None:
        broker = house.broker()
        self.line: Line = house.line(broker, "bank/#")
        self.agent: Agent = house.agent(broker.url, start=False)
        self.agent.fill(450)  # more than two batches
        self.agent.start()
        self.office: Office = house.office(broker.url)
        self.agent.issue(3)
        self.office.wait_equal(self.agent)

        journal = self.agent.journal()
        self.past = sum(entry["business_day"] == PAST for entry in journal)  # its closing, too

    def proof(self, **asked: str) -> Any:
        answer = self.office.http.get("/api/v1/branches/riverside/proof", params=asked)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    def wait_complete(self, **asked: str) -> Any:
        seq = self.agent.health()["journal_seq"]

        def complete() -> Any:
            found = self.proof(**asked)
            known = asked or found["last_seq"] == seq
            return found if known and found["verdict"] == "complete" else None

        return wait_for(complete, "the proof", 15)

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        config = str(ROOT / "config/demo/head_office.toml")
        line = [sys.executable, "-m", "head_office.proof", "--config", config, *words]
        return subprocess.run(
            line, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
        )

    def at_data(self) -> tuple[str, str]:
        return ("--data", str(self.office.data))


@pytest.fixture(scope="module")
def bank(module_house: House) -> Bank:
    return Bank(module_house)


def chain_head(bodies: list[bytes]) -> str:
    head = bytes(32)
    for body in bodies:
        head = hashlib.sha256(head + body).digest()
    return head.hex()


def raw_bodies(agent: Agent) -> list[bytes]:
    _, *lines = check.export(agent.data / check.JOURNAL_FILE)
    return [line.rstrip(b"\n").partition(b" ")[2] for line in lines]


def test_today_is_complete_as_far_as_the_branch_has_said(bank: Bank) -> None:
    bank.agent.issue(2)
    found = bank.wait_complete()
    assert (found["closed"], found["first_seq"], found["missing"]) == (False, bank.past + 1, [])
    assert found["hash"] == chain_head(raw_bodies(bank.agent))
    assert found["epoch"] == bank.agent.epoch


def test_a_day_of_the_past_is_complete_and_closed(bank: Bank) -> None:
    found = bank.wait_complete(day=PAST)
    assert (found["closed"], found["first_seq"], found["last_seq"]) == (True, 1, bank.past)
    assert found["hash"] == chain_head(raw_bodies(bank.agent)[: bank.past])


def test_a_day_nobody_has_told_of_is_unproved(bank: Bank) -> None:
    found = bank.proof(day="2026-01-03")
    assert (found["verdict"], found["day"], found["hash"]) == ("unproved", "2026-01-03", None)


def test_an_epoch_nobody_has_told_of_is_unproved(bank: Bank) -> None:
    assert bank.proof(day=PAST, epoch="other")["verdict"] == "unproved"


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", ""])
def test_what_is_no_day_is_a_400(bank: Bank, day: str) -> None:
    answer = bank.office.http.get("/api/v1/branches/riverside/proof", params={"day": day})
    assert answer.status_code == httpx.codes.BAD_REQUEST


def test_an_unknown_branch_is_a_404(bank: Bank) -> None:
    answer = bank.office.http.get("/api/v1/branches/nobody/proof")
    assert answer.status_code == httpx.codes.NOT_FOUND


def test_the_command_ends_with_status_0_only_for_complete(bank: Bank) -> None:
    bank.wait_complete(day=PAST)
    whole = bank.command(*bank.at_data(), "riverside", PAST)
    assert (whole.returncode, json.loads(whole.stdout)["verdict"]) == (0, "complete")
    nothing = bank.command(*bank.at_data(), "riverside", "2026-01-03")
    assert (nothing.returncode, json.loads(nothing.stdout)["verdict"]) == (1, "unproved")


def test_the_command_says_what_it_lacks(bank: Bank, tmp_path: Path) -> None:
    nowhere = bank.command("--data", str(tmp_path), "riverside")
    assert (nowhere.returncode, "no ledger" in nowhere.stderr) == (2, True)
    wrong = bank.command(*bank.at_data(), "riverside", "monday")
    assert (wrong.returncode, "2026-11-23" in wrong.stderr) == (2, True)
    assert not list(tmp_path.iterdir())


def test_a_batch_that_was_altered_on_its_way_is_set_aside(bank: Bank) -> None:
    true = next(m for m in bank.line.of("history") if m.json()["first_seq"] == 1)
    forged = true.json()
    forged["epoch"] = "forged"
    before = bank.office.metric("head_office_messages_set_aside")
    bank.line.say(true.topic, forged | {"events": forged["events"][:-1]})
    wait_for(
        lambda: bank.office.metric("head_office_messages_set_aside") == before + 1, "set aside"
    )
    assert bank.office.events("riverside", "forged") == []


def test_a_days_entries_that_are_lost_and_altered_are_found(house: House) -> None:
    bank = Bank(house)
    bank.wait_complete(day=PAST)
    bank.office.end()
    with closing(sqlite3.connect(bank.office.data / "ledger.sqlite", isolation_level=None)) as to:
        to.execute("DELETE FROM event WHERE seq IN (17, 18, 19, 400)")
    missing = bank.command(*bank.at_data(), "riverside", PAST)
    said = json.loads(missing.stdout)
    assert (missing.returncode, said["verdict"]) == (1, "missing")
    assert said["missing"] == [[17, 19], [400, 400]]
    with closing(sqlite3.connect(bank.office.data / "ledger.sqlite", isolation_level=None)) as to:
        to.execute("UPDATE event SET body = replace(body, 'x', 'y') WHERE seq = 100")
    altered = bank.command(*bank.at_data(), "riverside", PAST)
    said = json.loads(altered.stdout)
    assert (altered.returncode, said["verdict"], said["altered"]) == (1, "altered", 100)


def test_the_birth_tells_of_the_closed_days(bank: Bank) -> None:
    births = [one.json() for one in bank.line.of("birth") if one.json()["status"] == "online"]
    assert [day["business_day"] for day in births[-1]["days"]] == [PAST]
