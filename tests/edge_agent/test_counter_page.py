"""The teller's console in a real browser, at the size of a counter's screen."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.edge_agent.conftest import Agent
from tests.whole_branch.conftest import CHROMIUM

SIZE = {"width": 1366, "height": 768}
Open = Callable[[str], Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield opened
        opened.close()


@pytest.fixture
def console(agent: Agent, browser: Browser) -> Iterator[Open]:
    """Opens a console, signed in, at this counter."""
    pages: list[Page] = []

    def at_counter(counter: str) -> Page:
        page = browser.new_context(locale="zh-CN", viewport=SIZE).new_page()  # type: ignore[arg-type]
        pages.append(page)
        page.set_default_timeout(10_000)
        page.goto(f"http://{agent.address}/counter")
        page.fill("#name", "lin")
        page.fill("#pin", "2468")
        page.click("#sign-in")
        page.select_option("#counter", counter)
        return page

    yield at_counter
    for page in pages:
        page.context.close()


def call(agent: Agent, counter: str, ticket: str) -> None:
    """This ticket stands at this counter."""
    while agent.press(counter, "call-next").json()["id"] != ticket:
        agent.press(counter, "no-show")


def scrolls(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollHeight > window.innerHeight"))


def test_the_called_tickets_errand_is_said_plainly_and_gone_with_the_next(
    agent: Agent, console: Open
) -> None:
    errand = {"code": "loan", "choice": "home", "identified": True}
    call(agent, "1", agent.issue("wealth", errand=errand)["id"])
    page = console("1")
    expect(page.locator("#errand-what")).to_have_text("客户要办：贷款申请（购房）")
    expect(page.locator("#errand-identified")).to_have_text("自助机已读取银行卡或证件")
    page.click("#language")
    expect(page.locator("#errand-what")).to_have_text("Wants: Apply for a loan (A home)")
    expect(page.locator("#errand-identified")).to_have_text("A card or ID was read at the kiosk")
    assert not scrolls(page)
    agent.press("1", "no-show")
    call(agent, "1", agent.issue("cash")["id"])
    expect(page.locator("#errand")).to_be_hidden()


def test_an_errand_without_choice_and_card_says_so(agent: Agent, console: Open) -> None:
    call(agent, "2", agent.issue("cards", errand={"code": "lost-card"})["id"])
    page = console("2")
    expect(page.locator("#errand-what")).to_have_text("客户要办：银行卡、存折挂失")
    expect(page.locator("#errand-identified")).to_have_text("自助机没有读取银行卡或证件")
