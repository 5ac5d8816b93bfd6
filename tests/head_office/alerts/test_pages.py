"""Alerts over HTTP and on their page: a real head office hears of a branch in trouble."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from msgspec import structs
from playwright.sync_api import Browser, Page, expect

from tests.conftest import wait_for
from tests.head_office.alerts.branches import waiting
from tests.head_office.conftest import House, Office, base
from tests.head_office.test_web import ADMIN

MANAGER = {"Authorization": "Bearer manager-of-the-north"}
OVER, NEAR = "bund", "xidan"


@pytest.fixture(scope="module")
def office(module_house: House) -> Office:
    """Two branches in two regions: one over its target, whose alert is there at once; one well."""
    file = module_house.folder / "branches.csv"
    file.write_text(f"branch,region,target_s\n{OVER},East,600\n{NEAR},North,600\n", "utf-8")
    more = (
        '\n[[readers]]\nname = "north"\ntoken = "manager-of-the-north"\nrole = "manager"\n'
        f'regions = ["North"]\n\n[branches]\nfile = "{file}"\n'
    )
    broker = module_house.broker()
    office = module_house.office(broker.url, more=more)
    line = module_house.line(broker)
    wait_for(lambda: office.http.get("/healthz").is_success, "the broker")
    for branch, longest_s in ((OVER, 1500), (NEAR, 0)):
        said = structs.replace(waiting(longest_s), branch=branch, at=datetime.now(UTC))
        line.say(f"{base(branch)}/queues", msgspec.json.encode(said))
    wait_for(lambda: asked(office)["alerts"], "the alert")
    return office


def asked(office: Office, headers: Any = ADMIN, **params: Any) -> Any:
    return office.http.get("/api/v1/alerts", params=params, headers=headers).json()


def test_the_alert_says_what_and_how_much(office: Office) -> None:
    (alert,) = asked(office)["alerts"]
    assert (alert["branch"], alert["kind"], alert["region"]) == (OVER, "wait-over-target", "East")
    assert alert["facts"] == {"longest_s": 1500, "target_s": 600}
    assert asked(office)["open"] == {"warning": 1}
    assert asked(office, branch=NEAR)["alerts"] == []
    assert asked(office, kind="silent")["alerts"] == []


def test_another_regions_manager_neither_sees_nor_answers_it(office: Office) -> None:
    assert asked(office, MANAGER) == {"alerts": [], "names": {}, "open": {}}
    there = office.http.get("/api/v1/alerts/1", headers=MANAGER)
    answer = office.http.post("/api/v1/alerts/1/acknowledge", json={}, headers=MANAGER)
    assert (there.status_code, answer.status_code) == (404, 404)


def test_who_only_looks_answers_nothing(office: Office) -> None:
    refused = office.http.post("/api/v1/alerts/1/note", json={"note": "x"})
    assert refused.status_code == httpx.codes.FORBIDDEN
    assert "role of manager" in refused.json()["detail"]


@pytest.mark.parametrize("path", ["9", "99999999999999999999999", "-1"])
def test_there_is_no_such_alert(office: Office, path: str) -> None:
    assert office.http.get(f"/api/v1/alerts/{path}", headers=ADMIN).status_code == 404


@pytest.mark.parametrize(
    ("what", "body"),
    [("note", {"note": "x" * 501}), ("assign", {}), ("assign", {"to": 5}), ("note", {"n": "x"})],
)
def test_answers_that_cannot_be_used(office: Office, what: str, body: Any) -> None:
    refused = office.http.post(f"/api/v1/alerts/1/{what}", json=body, headers=ADMIN)
    assert refused.status_code == httpx.codes.BAD_REQUEST


@pytest.fixture
def page(browser: Browser, office: Office) -> Iterator[Page]:
    """An administrator's, in English, on a phone."""
    context = browser.new_context(base_url=office.url, viewport={"width": 320, "height": 640})
    context.request.post("/sign-in", data={"token": "demo-admin"})
    opened = context.new_page()
    opened.goto("/alerts")
    opened.locator("#language").click()
    yield opened
    context.close()


def test_it_is_answered_on_the_page(page: Page, office: Office) -> None:
    alert = page.locator(".alert")
    expect(alert.locator("h2")).to_have_text("wait over target The Bund")
    expect(alert.locator(".facts")).to_have_text("longest wait 25 min, target 10")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    alert.get_by_text("Assign to this person").click()
    expect(alert.locator(".problem")).to_have_text("Please write whose work it is.")
    alert.locator(".note").fill("zhao")
    alert.get_by_text("Assign to this person").click()
    expect(alert.locator(".who")).to_contain_text("assigned to zhao")
    alert.locator(".note").fill("on my way")
    alert.get_by_text("Acknowledge").click()
    expect(alert.locator(".who")).to_contain_text("acknowledged by demo")
    alert.get_by_text("History").click()
    expect(alert.locator(".history li")).to_have_count(3)
    steps = office.http.get("/api/v1/alerts/1", headers=ADMIN).json()["history"]
    assert [(one["who"], one["what"], one["note"]) for one in steps] == [
        ("", "began", ""),
        ("demo", "assigned", "zhao"),
        ("demo", "acknowledged", "on my way"),
    ]


def test_the_choice_stands_in_the_address(page: Page) -> None:
    page.select_option("#kind", "silent")
    expect(page.locator("#counts")).to_have_text("No alert matches")
    page.reload()
    expect(page.locator("#kind")).to_have_value("silent")
    expect(page.locator("#counts")).to_have_text("No alert matches")
