"""What is wrong with the line is read at the counter and on the board, in both languages, in a real browser."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import wait_for
from tests.head_office.conftest import Broker, House, Line, base
from tests.head_office.test_refused import restricted


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
    made = context.new_page()
    made.set_default_timeout(15_000)
    yield made
    context.close()


def test_the_counter_reads_that_the_broker_refuses(house: House, page: Page) -> None:
    broker, _ = restricted(house, "topic read bank/#")
    agent = house.agent(broker.url)
    agent.issue()
    page.goto(f"{agent.url}/counter")
    page.fill("#name", "lin")
    page.fill("#pin", "2468")
    page.click("#sign-in")
    banner = page.locator('[data-trouble="line-publish-refused"]')
    expect(banner).to_contain_text("拒收本网点的数据")
    page.click("#language")
    expect(banner).to_contain_text("refuses what this branch sends")


def speak_in_turn(line: Line, branch: str, runs: str) -> None:
    for run in runs:
        said = {
            "branch": branch, "name": {"zh-Hans": "河滨支行", "en": "Riverside"}, "version": "1",
            "epoch": f"e-{run}", "session": run, "run": run, "status": "online",
            "at": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        line.say(f"{base(branch)}/birth", said)


def test_the_board_and_the_branchs_page_say_that_an_id_is_borne_twice(
    house: House, page: Page
) -> None:
    broker: Broker = house.broker()
    line, office = house.line(broker), house.office(broker.url)
    wait_for(lambda: office.http.get("/healthz").status_code == 200, "the broker")
    speak_in_turn(line, "hillside", "a")
    speak_in_turn(line, "riverside", "abab")
    page.goto(office.url)
    status = page.locator('[data-branch="riverside"] .status')
    expect(status).to_have_text("网点编号重复：两台服务器在用同一编号")
    expect(page.locator(".branch").first).to_have_attribute("data-branch", "riverside")
    page.click("#language")
    expect(status).to_have_text("Duplicate id: two servers use this branch's id")
    page.goto(f"{office.url}/branches/riverside")
    expect(page.locator("#branch-status")).to_contain_text("Duplicate id")
