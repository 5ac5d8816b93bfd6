"""Figures of groups: they add up to the whole, percentiles are those of the visits, and nobody sees another's branches."""

import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from head_office.access import Person, Role
from head_office.history.export import A_FORMULA, TITLES, as_csv, as_parquet
from head_office.history.figures import Figures
from head_office.history.past import Answer, Compare, Past
from head_office.history.scope import By, Question, Senseless
from head_office.history.working import Ended
from tests.conftest import wait_for
from tests.head_office.history.conftest import EVERYBODY, Kept, kept, registered
from tests.head_office.history.days import Journal, busy_day

FIRST = date(2026, 11, 23)
DAYS = [FIRST + timedelta(days=n) for n in range(3)]
REGIONS = ("East/Shanghai", "East/Hangzhou", "West", "")
GROUPS: tuple[By, ...] = ("branch", "region", "service", "segment", "hour", "day")
COUNTED = ("arrivals", "served", "missed", "cancelled", "left", "unfinished", "waits", "rated")
NAMES = ["b0", "b1", "b2", "b3", "b4", "b5"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Six branches, three days each."""
    folder = tmp_path_factory.mktemp("history")
    lines = [f"{name},{REGIONS[n % 4]},{300 * (n + 1)}" for n, name in enumerate(NAMES)]
    made = kept(folder, registered(folder / "list.csv", *lines))
    for n, name in enumerate(NAMES):
        journal = Journal(name)
        for m, day in enumerate(DAYS):
            journal.add(busy_day(day, 10 * n + m, 150).facts)
        journal.into(made.ledger)
    assert made.fold() == len(NAMES) * len(DAYS)
    yield made
    made.end()


def asked(filled: Kept, by: By, person: Person = EVERYBODY, **more: Any) -> Answer:
    return filled.past.answer(Question(first=DAYS[0], last=DAYS[-1], by=by, **more), person)


def waits(filled: Kept, **more: Any) -> list[int]:
    """As they stand in the files, read without our queries."""
    glob = str(filled.parts.root / "visits/*/*.parquet")
    wanted = "".join(f" AND {name} = '{value}'" for name, value in more.items())
    rows = duckdb.sql(
        f"SELECT waited_s FROM read_parquet('{glob}') WHERE waited_s IS NOT NULL{wanted}"
    )
    return sorted(row[0] for row in rows.fetchall())


def whole(answer: Answer) -> Figures:
    assert answer.total is not None
    return answer.total.figures


FILTERS = st.fixed_dictionaries({}, optional={
    "region": st.sampled_from(["East", "East/Shanghai", "West"]), "branch": st.sampled_from(NAMES),
    "service": st.sampled_from(["cash", "wealth"]), "segment": st.sampled_from(["ordinary", "vip"]),
})  # fmt: skip


@given(by=st.sampled_from(GROUPS), more=FILTERS)
@settings(max_examples=15, deadline=None)
def test_the_groups_add_up_to_the_whole(filled: Kept, by: By, more: dict[str, str]) -> None:
    answer = asked(filled, by, **more)
    if answer.total is None:
        assert answer.rows == []
        return
    for name in COUNTED:
        assert sum(getattr(row.figures, name) for row in answer.rows) == getattr(
            whole(answer), name
        )


def nearest_rank(values: list[int], share: float) -> int:
    """The smallest value that at least this share of them does not exceed."""
    return values[int(np.ceil(share * len(values))) - 1]


@pytest.mark.parametrize("by", ["service", "segment", "branch"])
def test_percentiles_are_those_of_all_visits_of_a_group(filled: Kept, by: By) -> None:
    for row in asked(filled, by).rows:
        found = waits(filled, **{by: row.figures.group})
        assert row.figures.waits == len(found)
        assert row.figures.wait_p50_s == nearest_rank(found, 0.5)
        assert row.figures.wait_p90_s == nearest_rank(found, 0.9)
        assert row.figures.wait_mean_s == pytest.approx(sum(found) / len(found))


@pytest.mark.parametrize("by", GROUPS)
def test_the_whole_is_the_same_however_it_is_grouped(filled: Kept, by: By) -> None:
    assert whole(asked(filled, by)) == whole(asked(filled, "day"))
    assert whole(asked(filled, by)).wait_p90_s == nearest_rank(waits(filled), 0.9)


def test_a_wait_is_within_the_target_of_its_own_branch(filled: Kept) -> None:
    for n, name in enumerate(NAMES):
        (row,) = asked(filled, "branch", branch=name).rows
        found = waits(filled, branch=name)
        assert row.figures.within == pytest.approx(
            sum(w <= 300 * (n + 1) for w in found) / len(found)
        )


def test_counters_are_used_as_much_in_all_as_in_each_branch(filled: Kept) -> None:
    rows = asked(filled, "branch").rows
    total = whole(asked(filled, "region"))
    assert total.counters_busy_s == sum(row.figures.counters_busy_s or 0 for row in rows)
    assert all(0 < (row.figures.utilisation or 0) <= 1 for row in rows)


def test_of_one_service_nothing_is_said_of_counters(filled: Kept) -> None:
    assert whole(asked(filled, "day", service="cash")).utilisation is None


def test_regions_are_told_one_step_below_the_one_asked_for(filled: Kept) -> None:
    assert [row.figures.group for row in asked(filled, "region").rows] == ["", "East", "West"]
    below = asked(filled, "region", region="East").rows
    assert [row.figures.group for row in below] == ["East/Hangzhou", "East/Shanghai"]


SHANGHAI = Person("manager", Role.MANAGER, ("East/Shanghai",))
THEIRS = {"b0", "b4"}


@pytest.mark.parametrize("by", GROUPS)
def test_a_regional_manager_sees_their_own_branches_in_every_figure(filled: Kept, by: By) -> None:
    theirs = asked(filled, by, SHANGHAI)
    one_by_one = [whole(asked(filled, "day", branch=name)).arrivals for name in THEIRS]
    assert whole(theirs).arrivals == sum(one_by_one)
    assert sum(row.figures.arrivals for row in theirs.rows) == sum(one_by_one)
    assert {one.branch for one in theirs.completeness.incomplete} <= THEIRS
    assert theirs.completeness.branch_days == 2 * len(DAYS)


@pytest.mark.parametrize(
    "more",
    [{"branch": "b1"}, {"region": "West"}, {"region": "East/Hangzhou"}, {"branch": "nobody"}],
)
def test_a_branch_of_others_is_as_one_that_is_not_there(filled: Kept, more: dict[str, str]) -> None:
    assert asked(filled, "branch", SHANGHAI, **more).total is None


def test_a_region_is_not_taken_for_one_whose_name_begins_alike(filled: Kept) -> None:
    assert asked(filled, "branch", region="East/Shang").total is None


@pytest.mark.parametrize(("first", "last"), [(DAYS[1], DAYS[0]), (date(2020, 1, 1), DAYS[0])])
def test_a_senseless_time_is_refused_with_what_to_ask_instead(
    filled: Kept, first: date, last: date
) -> None:
    with pytest.raises(Senseless):
        filled.past.answer(Question(first=first, last=last), EVERYBODY)


ENDLESS = """SELECT sum(a.range * b.range % 7) FROM range(10000000) a, range(10000000) b, (
    SELECT count(*) FROM read_parquet($files) WHERE business_day BETWEEN $first AND $last)"""


def test_head_office_need_not_wait_for_a_long_question_when_it_ends(filled: Kept) -> None:
    """The files are read by a second reader, as the first one is not asked again."""
    past = Past.open(filled.engine, filled.parts, filled.register)
    question = Question(first=DAYS[0], last=DAYS[-1])
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(past.rows, question, EVERYBODY, "visits", ENDLESS)
        wait_for(lambda: past.working.busy, "the question")
        past.working.end()
        with pytest.raises(Ended):
            asked.result(timeout=20)
    with pytest.raises(Ended):
        past.answer(question, EVERYBODY)


def test_a_comparison_with_nothing_cannot_be_told(filled: Kept) -> None:
    question = Question(first=DAYS[0], last=DAYS[-1], by="branch")
    answer = filled.past.answer(question, EVERYBODY, Compare())
    assert answer.before_first == DAYS[0] - timedelta(days=7)
    assert {row.change.verdict for row in answer.rows if row.change} == {"cannot be told"}


def read_csv(body: bytes) -> list[dict[str, str]]:
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


@pytest.mark.parametrize("by", GROUPS)
def test_csv_and_parquet_say_what_the_answer_says(filled: Kept, by: By, tmp_path: Path) -> None:
    answer = asked(filled, by)
    rows = read_csv(as_csv(answer))
    assert [int(row["served"]) for row in rows] == [
        whole(answer).served,
        *(row.figures.served for row in answer.rows),
    ]
    file = tmp_path / "table.parquet"
    file.write_bytes(as_parquet(answer))
    table = duckdb.sql(f"SELECT * FROM read_parquet('{file}')")
    assert tuple(table.columns) == TITLES
    for said, row in zip(table.fetchall(), rows, strict=True):
        assert said[TITLES.index("arrivals")] == int(row["arrivals"])
        assert said[TITLES.index("group")] == row["group"]


@given(name=st.text(max_size=12))
@settings(max_examples=25, deadline=None)
def test_no_name_is_a_formula_in_a_spreadsheet(filled: Kept, name: str) -> None:
    answer = asked(filled, "service")
    row = answer.rows[0]
    named = msgspec.structs.replace(row, figures=msgspec.structs.replace(row.figures, group=name))
    body = as_csv(msgspec.structs.replace(answer, rows=[named]))
    cells = [
        cell
        for line in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
        for cell in line
    ]
    assert not [cell for cell in cells if cell.startswith(A_FORMULA)]
