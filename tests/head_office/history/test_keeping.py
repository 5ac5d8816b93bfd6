"""Head office keeps past days by itself, in a process that ends with it."""

from datetime import UTC, datetime, timedelta

import httpx
import psutil

from tests.conftest import wait_for
from tests.head_office.conftest import House
from tests.head_office.history.conftest import kept
from tests.head_office.history.days import Journal, busy_day

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
NOBODY = "mqtt://127.0.0.1:1"
AT_ONCE = "\n[history]\nstarts_after_s = 0\n"


def test_head_office_keeps_a_closed_day_beside_its_pages_and_ends_in_time(house: House) -> None:
    office = house.office(NOBODY, start=False, more=AT_ONCE)
    made = kept(house.folder, data=office.data)
    journal = Journal("b1")
    journal.add(busy_day(YESTERDAY, 1, 80).facts)
    journal.into(made.ledger)
    made.end()
    office.start()
    assert office.program is not None
    wait_for(lambda: last_day(office.http) == str(YESTERDAY), "yesterday in history", 60)
    children = psutil.Process(office.program.process.pid).children()
    said = office.http.get("/api/v1/history", params={"to": str(YESTERDAY), "by": "branch"}).json()
    assert [row["figures"]["group"] for row in said["rows"]] == ["b1"]
    assert [child.nice() for child in children if "keep" in child.cmdline()] == [19]
    assert office.end() == 0
    wait_for(lambda: not any(child.is_running() for child in children), "the end of the keeper")


def test_a_head_office_that_is_killed_leaves_no_keeper_behind(house: House) -> None:
    office = house.office(NOBODY, more=AT_ONCE)
    assert office.program is not None
    process = psutil.Process(office.program.process.pid)
    wait_for(process.children, "the keeper")
    keepers = process.children()
    office.kill()
    wait_for(lambda: not any(one.is_running() for one in keepers), "the end of the keeper")


def last_day(http: httpx.Client) -> str | None:
    found: str | None = http.get("/api/v1/history/choices").json()["last"]
    return found
