"""The page of past days, in a real browser: what is chosen, what is said, what can be downloaded."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.head_office.conftest import House, Office
from tests.head_office.history.conftest import LATER, kept
from tests.head_office.history.days import Journal, busy_day

FIRST = date(2026, 11, 2)
DAYS = [FIRST + timedelta(days=n) for n in range(8)]
SPAN = f"period=own&from={DAYS[0]}&to={DAYS[-1]}"
PHONE_PX = 390


@pytest.fixture(scope="module")
def office(module_house: House) -> Office:
    made = module_house.office("mqtt://127.0.0.1:1", start=False)
    history = kept(module_house.folder, data=made.data, folded=made.data / "history")
    for n, branch in enumerate(("bund", "hills")):
        journal = Journal(branch)
        for m, day in enumerate(DAYS):
            journal.add(busy_day(day, 10 * n + m, 60).facts)
        journal.into(history.ledger)
    history.fold(LATER)
    history.end()
    made.start()
    return made


@pytest.fixture
def page(browser: Browser, office: Office) -> Iterator[Page]:
    """In English, on a phone; whatever the browser complains of fails the test."""
    context = browser.new_context(base_url=office.url, viewport={"width": PHONE_PX, "height": 844})
    context.add_init_script("localStorage.setItem('lobby-language', 'en')")
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    wrong: list[str] = []
    opened.on("console", lambda message: wrong.append(message.text))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    assert wrong == []


def test_figures_comparison_and_what_they_rest_on_are_said(page: Page) -> None:
    page.goto(f"/history?{SPAN}&by=branch")
    expect(page.locator("#rows tr")).to_have_count(2)
    assert sorted(page.locator("#rows th").all_inner_texts()) == ["bund", "hills"]
    expect(page.locator("#verdict")).to_contain_text("Only 0 pairs of days can be compared")
    expect(page.locator("#whole")).to_have_text("Of 16 branch days 16 are proved to be whole.")
    expect(page.locator("#chart rect")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_PX


def test_what_is_chosen_stands_in_the_address(page: Page) -> None:
    page.goto(f"/history?{SPAN}&by=day")
    expect(page.locator("#rows tr")).to_have_count(len(DAYS))
    page.select_option("#by", "service")
    page.fill("#branch", "hills")
    page.locator("#branch").blur()
    expect(page.locator("#whole")).to_have_text("Of 8 branch days 8 are proved to be whole.")
    page.reload()
    expect(page.locator("#branch")).to_have_value("hills")
    expect(page.locator("#by")).to_have_value("service")


def test_days_of_which_nothing_is_kept_are_said_to_be_empty(page: Page) -> None:
    page.goto("/history?period=own&from=2020-01-01&to=2020-01-02")
    expect(page.locator("#state")).to_have_text("Nothing is kept of what you have chosen.")
    expect(page.locator("#answer")).to_be_hidden()


def test_the_table_can_be_downloaded_as_it_is_chosen(page: Page) -> None:
    page.goto(f"/history?{SPAN}&by=branch&branch=bund")
    expect(page.locator("#rows tr")).to_have_count(1)
    with page.expect_download() as started:
        page.locator("#csv").click()
    assert started.value.suggested_filename == f"history-branch-{DAYS[0]}-{DAYS[-1]}.csv"
    lines = started.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[2] for line in lines] == ["group", "all", "bund"]


def test_both_languages_say_everything(page: Page) -> None:
    page.goto(f"/history?{SPAN}&by=hour")
    for _ in range(2):
        expect(page.locator("#answer")).to_be_visible()
        assert "undefined" not in page.locator("body").inner_text()
        page.locator("#language").click()
