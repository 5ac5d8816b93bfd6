"""The monthly report: what it says of the plan's aims, whose branches are in it, and that it is a PDF."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from edge_agent.branch_queue.facts import Fact, OpinionAnswered, OpinionGiven
from head_office.history.report_job import Job
from head_office.history.report_words import WORDS
from head_office.settings import Branches, History, Http, Settings, Store
from program.broker import Broker
from tests.conftest import ROOT
from tests.head_office.history.conftest import Kept, kept, registered
from tests.head_office.history.days import Journal, busy_day

OCTOBER = [date(2026, 10, 5) + timedelta(days=n) for n in range(8)]
NOVEMBER = [date(2026, 11, 2) + timedelta(days=n) for n in range(8)]
NOW = datetime(2026, 11, 26, tzinfo=UTC)
MONTH = date(2026, 11, 1)


def html(job: Job, now: datetime) -> str:
    from head_office.history import report  # noqa: PLC0415  half a second for every worker that has other tests

    return report.html(job, now)


def opinions(day: date) -> list[Fact]:
    """Two given: one is answered within two hours, the other after thirty."""
    at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    given = [
        OpinionGiven(at=at, business_day=day, opinion=f"o{n}-{day}", label=f"S00{n}", topic="hall", phrases=("seats",), language="en")
        for n in (1, 2)
    ]  # fmt: skip
    answered = [
        OpinionAnswered(at=at + timedelta(hours=hours), business_day=day, opinion=f"o{n}-{day}", label=f"S00{n}")
        for n, hours in ((1, 2), (2, 30))
    ]  # fmt: skip
    return [*given, *answered]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def filled(folder: Path) -> Iterator[Kept]:
    lines = ("b-east,East/Shanghai,600", "b-west,West,600")
    made = kept(folder, registered(folder / "list.csv", *lines))
    for n, branch in enumerate(("b-east", "b-west")):
        journal = Journal(branch)
        for m, day in enumerate([*OCTOBER, *NOVEMBER]):
            journal.add(busy_day(day, 100 * n + m, 60).facts)
        journal.add(opinions(NOVEMBER[-1]) if branch == "b-east" else [])
        rows = journal.rows()
        made.ledger.write(rows if n else rows[:-30] + rows[-28:], [], [], journal.told())
    for day in (*OCTOBER, *NOVEMBER):
        made.fold(NOW, day)
    yield made
    made.end()


def job(folder: Path, *, base: str | None = None, **more: object) -> Job:
    settings = Settings(
        http=Http("127.0.0.1:8090"), store=Store(data=str(folder / "ledger")), broker=Broker(url="mqtt://127.0.0.1:1"),
        branches=Branches(str(folder / "list.csv")),
        history=History(folder=str(folder / "history"), base_month=base, bank={"en": "Example Bank"}),
    )  # fmt: skip
    given = {"settings": settings, "month": MONTH, "language": "en", **more}
    return Job(**given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def text(filled: Kept, folder: Path) -> str:
    """Of all branches, without a base month."""
    return html(job(folder), NOW)


def test_every_language_has_every_word() -> None:
    assert WORDS["en"].keys() == WORDS["zh-Hans"].keys()


def test_an_aim_that_nobody_measures_is_said_to_be_not_measured(text: str) -> None:
    for word in ("no_base", "no_solved", "elsewhere"):
        assert WORDS["en"][word] in text


def test_waits_are_compared_with_the_base_month(filled: Kept, folder: Path) -> None:
    text = html(job(folder, base="2026-10"), NOW)
    assert WORDS["en"]["aim_wait"].format(base="2026-10") in text
    assert "only 5 pairs of days" in text  # the first Thursday of October is not that of the data


def test_a_base_month_without_data_is_said_to_be_so(filled: Kept, folder: Path) -> None:
    assert WORDS["en"]["no_base_data"] in html(job(folder, base="2020-01", region="West"), NOW)


def test_opinions_are_counted_by_topic_and_whether_they_were_answered_in_time(text: str) -> None:
    assert "<td>hall</td><td>2</td><td>2</td><td>1</td>" in text


def test_the_days_that_are_not_whole_are_named(text: str) -> None:
    assert f"<td>{NOVEMBER[-1]}</td><td>b-east</td><td>2 entries missing</td>" in text


@pytest.mark.parametrize("more", [{"regions": ("East",)}, {"region": "East"}])
def test_a_region_has_its_own_branches_only(
    filled: Kept, folder: Path, more: dict[str, object]
) -> None:
    text = html(job(folder, **more), NOW)
    assert "b-east" in text
    assert "b-west" not in text
    assert "West" not in text


def test_a_month_without_anything_says_so(filled: Kept, folder: Path) -> None:
    assert WORDS["en"]["nothing"] in html(job(folder, month=date(2025, 1, 1)), NOW)


def test_a_name_is_text_and_no_markup(filled: Kept, folder: Path) -> None:
    text = html(job(folder, region="<script>alert(1)</script>"), NOW)
    assert "<script>" not in text


@pytest.mark.timeout(240)
def test_the_report_is_a_pdf_with_its_letters_in_it(filled: Kept, folder: Path) -> None:
    """By its own process, as head office makes it."""
    words = [sys.executable, "-m", "head_office.history.report"]
    given = msgspec.json.encode(job(folder, language="zh-Hans", base="2026-10"))
    done = subprocess.run(
        words, input=given, cwd=ROOT, capture_output=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.startswith(b"%PDF-")
    assert b"/FontFile3" in done.stdout or b"/FontFile2" in done.stdout or b"ObjStm" in done.stdout


def test_without_history_the_reason_is_said(folder: Path) -> None:
    broken = json.loads(msgspec.json.encode(job(folder)))
    broken["settings"]["store"] = {"data": str(folder / "nowhere")}
    words = [sys.executable, "-m", "head_office.history.report"]
    done = subprocess.run(
        words,
        input=json.dumps(broken).encode(),
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 3
    assert "there is no ledger here" in done.stderr.decode()
