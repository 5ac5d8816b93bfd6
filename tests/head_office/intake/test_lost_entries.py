"""Entries that the ledger had and has lost: a proof finds them missing, and then they come again by themselves."""

import sqlite3
from contextlib import closing
from datetime import date
from typing import Any

import pytest
from hypothesis import given, strategies as st

from edge_agent.messages import digest
from head_office.entries import Row
from head_office.ledger import Ledger
from head_office.marks import Mark, runs_of, with_runs, without
from tests.conftest import wait_for
from tests.head_office.conftest import House

ONE_ALONE, TWO = "", "\n[intake]\nprocesses = 2\n"
numbers = st.sets(st.integers(1, 25))


@pytest.mark.parametrize("more", [ONE_ALONE, TWO], ids=["one alone", "two processes"])
def test_what_a_proof_misses_comes_back(house: House, more: str) -> None:
    broker = house.broker()
    agent, office = house.agent(broker.url), house.office(broker.url, more=more)
    agent.issue(10)
    office.wait_equal(agent)
    wait_for(lambda: proof(office)["verdict"] == "complete", "the proof")
    with closing(sqlite3.connect(office.data / "ledger.sqlite", timeout=20)) as to, to:
        to.execute("DELETE FROM event WHERE seq BETWEEN 4 AND 6")
    wait_for(lambda: proof(office)["missing"] == [[4, 6]], "the proof to miss them")
    wait_for(lambda: office.branch(agent.branch)["missing"] == 3, "the board to say so", 10)
    wait_for(lambda: proof(office)["verdict"] == "complete", "what was lost", 30)
    office.wait_equal(agent)
    wait_for(lambda: office.branch(agent.branch)["missing"] == 0, "the board to say so", 10)


def proof(office: Any) -> Any:
    return office.http.get("/api/v1/branches/riverside/proof").json()


def test_only_what_is_really_gone_is_missing(ledger: Ledger) -> None:
    rows = [Row("b", "e", n, "X", b'{"seq":%d}' % n, date(2026, 11, 23)) for n in range(1, 8)]
    ledger.write([one for one in rows if one.seq != 4], [], [])
    ledger.lost("b", "e", [(2, 5)])
    mark = ledger.marks()["b", "e"]
    assert (mark.seq, mark.highest, mark.beyond, mark.digest) == (
        3,
        7,
        ((5, 7),),
        digest(rows[2].body),
    )
    assert ledger.gaps() == {("b", "e"): mark}
    ledger.write(rows, [], [])
    assert ledger.marks()["b", "e"] == Mark(7, 7, digest(rows[6].body))
    assert not ledger.gaps()


@given(here=numbers, gone=numbers, highest=st.integers(0, 30))
def test_marks_are_sets_of_numbers(here: set[int], gone: set[int], highest: int) -> None:
    mark = with_runs(Mark(highest=highest), runs_of(list(here)))
    left = without(mark, runs_of(sorted(gone)))
    assert {n for n in range(1, 32) if mark.has(n)} == here
    assert {n for n in range(1, 32) if left.has(n)} == here - gone
    assert left.missing == left.highest - len(here - gone)
    assert left.highest == mark.highest == max(here | {highest})
