"""History over HTTP: what is asked, what is answered, who may ask, and a branch's day beside a usual one."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from litestar.testing import TestClient

from edge_agent.messages import Birth
from head_office.history.curve import Quarter, Stay, quarters, usual
from head_office.office import Office
from head_office.settings import History, Http, Reader, Settings, Store
from head_office.web import application
from head_office.wiring import wired
from program.broker import Broker
from tests.head_office.history.conftest import Kept, kept, registered
from tests.head_office.history.days import Journal, busy_day

MONDAY = date(2026, 11, 16)
EARLIER = [MONDAY - timedelta(weeks=n) for n in range(4, 0, -1)]
ZONE = ZoneInfo("Asia/Shanghai")
READERS = [
    Reader("head", "token-of-all"),
    Reader("east", "token-of-east", "manager", ["East"]),
]
ALL, EAST = ({"Authorization": f"Bearer token-of-{who}"} for who in ("all", "east"))
SPAN = {"from": str(EARLIER[0]), "to": str(MONDAY)}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("routes")
    made = kept(
        folder, registered(folder / "list.csv", "b-east,East/Shanghai,600", "b-west,West,600")
    )
    for n, branch in enumerate(("b-east", "b-west")):
        journal = Journal(branch)
        for m, day in enumerate(EARLIER):
            journal.add(busy_day(day, 10 * n + m, 150).facts)
        journal.into(made.ledger)
        today = Journal(branch, bodies=list(journal.bodies), days=list(journal.days))
        today.add(busy_day(MONDAY, 50 + n, 100, ends=False).facts)
        told = [*journal.told(), today.told(closed=False)[-1]]
        made.ledger.write(today.rows(), [], [], told)
    made.fold(datetime(2026, 11, 16, 20, tzinfo=UTC))
    yield made
    made.end()


@pytest.fixture(scope="module")
def office(filled: Kept) -> Office:
    settings = Settings(
        http=Http("0.0.0.0:8090"), store=Store(data="x"), broker=Broker(url="mqtt://127.0.0.1:1"),
        readers=READERS, history=History(folder=str(filled.parts.root)),
    )  # fmt: skip
    return wired(settings, filled.ledger, filled.register)


@pytest.fixture(scope="module")
def http(office: Office) -> Iterator[TestClient[Any]]:
    with TestClient(application(office)) as client:
        yield client


def test_figures_are_answered_as_json(http: TestClient[Any]) -> None:
    said = http.get("/api/v1/history", params={"by": "branch", **SPAN}, headers=ALL).json()
    assert [row["figures"]["group"] for row in said["rows"]] == ["b-east", "b-west"]
    assert said["total"]["figures"]["arrivals"] == sum(
        row["figures"]["arrivals"] for row in said["rows"]
    )
    assert said["completeness"]["complete"] == 8


def test_a_comparison_says_with_what_and_how_sure_it_is(http: TestClient[Any]) -> None:
    asked = {"by": "region", "from": str(EARLIER[2]), "to": str(EARLIER[3]), "compare": "wait"}
    said = http.get("/api/v1/history", params=asked, headers=ALL).json()
    change = said["total"]["change"]
    assert (said["before_first"], change["days"]) == (str(EARLIER[0]), 2)
    assert change["verdict"] == "cannot be told"


def test_the_days_before_can_be_named(http: TestClient[Any]) -> None:
    before = {"before_from": str(EARLIER[0]), "before_to": str(EARLIER[0])}
    asked = {"from": str(EARLIER[3]), "to": str(EARLIER[3]), "compare": "rating", **before}
    said = http.get("/api/v1/history", params=asked, headers=ALL).json()
    assert (said["before_first"], said["before_last"]) == (str(EARLIER[0]), str(EARLIER[0]))


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
@pytest.mark.parametrize(
    "path", ["/api/v1/history", "/api/v1/history/choices", "/api/v1/branches/b-west/curve"]
)
def test_a_regional_manager_is_told_nothing_of_another_region(
    http: TestClient[Any], path: str, form: str
) -> None:
    answer = http.get(path, params={"by": "branch", "format": form, **SPAN}, headers=EAST)
    assert b"b-west" not in answer.content.replace(b"No branch 'b-west' is known.", b"")
    assert b"West" not in answer.content


@pytest.mark.parametrize(
    "path", ["/api/v1/history", "/api/v1/history/choices", "/api/v1/branches/b-west/curve"]
)
def test_who_is_not_known_is_told_nothing(http: TestClient[Any], path: str) -> None:
    assert http.get(path).status_code == 401


@pytest.mark.parametrize(
    "asked",
    [{"by": "customer"}, {"from": "yesterday"}, {"from": "2026-11-30", "to": "2026-11-01"}, {"compare": "luck"},
     {"before_from": "2026-11-01"}, {"compare": "wait", "before_to": "2026-11-01"}, {"format": "xlsx"},
     {"from": "0001-01-01"}, {"to": "0001-01-02"}],
)  # fmt: skip
def test_a_senseless_question_is_a_400_that_says_so(
    http: TestClient[Any], asked: dict[str, str]
) -> None:
    answer = http.get("/api/v1/history", params=asked, headers=ALL)
    assert answer.status_code == 400
    assert answer.json()["detail"]


@pytest.mark.parametrize("name", ["'; DROP TABLE place; --", "$files", "x" * 500, "%"])
def test_no_name_is_more_than_a_name(http: TestClient[Any], name: str) -> None:
    for key in ("branch", "region", "service", "segment"):
        answer = http.get("/api/v1/history", params={key: name, **SPAN}, headers=ALL)
        assert answer.status_code == 200
        assert answer.json()["total"] is None


def test_a_file_is_saved_under_a_name_of_its_own(http: TestClient[Any]) -> None:
    answer = http.get("/api/v1/history", params={"format": "csv", **SPAN}, headers=ALL)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'history-day-{EARLIER[0]}-{MONDAY}.csv"' in answer.headers["content-disposition"]


def test_what_can_be_chosen(http: TestClient[Any]) -> None:
    said = http.get("/api/v1/history/choices", headers=ALL).json()
    assert said["regions"] == ["East", "East/Shanghai", "West"]
    assert [one["branch"] for one in said["branches"]] == ["b-east", "b-west"]
    assert (said["first"], said["last"]) == (str(EARLIER[0]), str(EARLIER[-1]))


@pytest.mark.parametrize(
    ("name", "what_to_do"),
    [
        ("9999-12.pdf", "The latest report is 2"),
        (f"{datetime.now(UTC) + timedelta(days=62):%Y-%m}.pdf", "The latest report is 2"),
        ("1999-12.pdf", "named for its month"),
        ("2026-13.pdf", "named for its month"),
    ],
)
def test_a_report_of_a_month_that_cannot_be_is_a_404_that_says_what_to_do(
    http: TestClient[Any], name: str, what_to_do: str
) -> None:
    answer = http.get(f"/api/v1/reports/{name}", headers=ALL)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:lobby:problem:not-found")
    assert what_to_do in answer.json()["detail"]


def test_todays_curve_stands_beside_the_usual_one(http: TestClient[Any], filled: Kept) -> None:
    said = http.get("/api/v1/branches/b-east/curve", headers=ALL).json()
    assert said["day"] == str(MONDAY)
    assert said["days"] == [str(day) for day in EARLIER]
    assert said["quarters"]
    assert said["usual"]
    one = http.get(
        "/api/v1/branches/b-east/curve", params={"day": str(EARLIER[3])}, headers=ALL
    ).json()
    assert one["days"] == [str(day) for day in EARLIER[:3]]
    assert one["quarters"]


def test_a_curve_ends_where_the_branch_was_heard_last(
    http: TestClient[Any], office: Office
) -> None:
    noon = datetime(2026, 11, 16, 12, tzinfo=ZONE)
    for status in ("online", "offline"):
        gone = Birth(
            branch="b-west", name={}, version="1", epoch="e", session="s", status=status, at=noon
        )  # fmt: skip
        office.picture.birth(gone, noon)
    said = http.get("/api/v1/branches/b-west/curve", headers=ALL).json()
    assert said["quarters"][-1]["minute"] == 12 * 60


def test_a_branch_that_never_reported_has_no_curve(http: TestClient[Any]) -> None:
    said = http.get("/api/v1/branches/nobody/curve", headers=ALL).json()
    assert (said["day"], said["quarters"], said["usual"]) == (None, [], [])


NINE = datetime(2026, 11, 16, 9, tzinfo=ZONE)


def stay(came: float, called: float | None, ended: float | None = None) -> Stay:
    """In minutes after nine."""
    moments = [None if m is None else NINE + timedelta(minutes=m) for m in (came, called, ended)]
    waited = None if called is None else int((called - came) * 60)
    return Stay(moments[0], moments[1], moments[2], waited)


@pytest.mark.parametrize("day", [date.min, date(1, 3, 1), date.max])
def test_any_day_of_the_calendar_may_be_asked_for(http: TestClient[Any], day: date) -> None:
    path, asked = "/api/v1/branches/b-east/curve", {"day": day.isoformat()}
    said = http.get(path, params=asked, headers=ALL).json()
    assert (said["day"], said["quarters"], said["days"]) == (day.isoformat(), [], [])


def test_a_curve_counts_who_waits_at_the_end_of_each_quarter() -> None:
    stays = [stay(1, 20), stay(2, 10), stay(16, None, 40), stay(31, 44)]
    found = quarters(stays, MONDAY, ZONE, None)
    assert found == [
        Quarter(555, 1, 480), Quarter(570, 1, 1140), Quarter(585, 0, 780),
    ]  # fmt: skip


def test_a_curve_of_a_day_that_goes_on_ends_with_the_last_whole_quarter() -> None:
    stays = [stay(1, 10), stay(2, None)]
    assert [q.waiting for q in quarters(stays, MONDAY, ZONE, NINE + timedelta(minutes=59))] == [
        1,
        1,
        1,
    ]


def test_usual_is_the_middle_of_the_days() -> None:
    days = {MONDAY - timedelta(weeks=n): [Quarter(555, n, n * 60)] for n in range(1, 9)}
    (found,) = usual(days)
    assert found.waiting.middle == 4.5
    assert found.waiting.low < 2.0 < 7.0 < found.waiting.high


def test_of_two_days_nothing_is_usual() -> None:
    assert usual({MONDAY: [Quarter(555, 1, 1)], EARLIER[0]: [Quarter(555, 1, 1)]}) == []


def test_a_day_on_which_nobody_came_at_that_time_counts_as_nobody_waiting() -> None:
    days = {MONDAY - timedelta(weeks=n): [Quarter(540 + 15 * n, 6, None)] for n in range(1, 4)}
    assert all(one.waiting.middle == 0 for one in usual(days))


def test_the_page_is_there(http: TestClient[Any]) -> None:
    answer = http.get("/history")
    assert answer.headers["content-type"].startswith("text/html")
