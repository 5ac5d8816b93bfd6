"""The page as an administrator uses it: no branch is needed, and the bank's list has three."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import wait_for
from tests.head_office.conftest import Office

CONTENTS = "[limits]\nper_kiosk_a_minute = 30\n"


@pytest.fixture
def page(browser: Browser, office: Office) -> Iterator[Page]:
    """In English, on a phone."""
    context = browser.new_context(base_url=office.url, viewport={"width": 390, "height": 844})
    opened = context.new_page()
    opened.goto("/rollout")
    opened.locator("#language").click()
    yield opened
    context.close()


def sign_in(page: Page) -> None:
    page.context.request.post("/sign-in", data={"token": "demo-admin"})
    page.reload()
    expect(page.locator("#new")).to_be_visible()


def test_who_may_only_look_is_told_so_and_sees_no_buttons(page: Page) -> None:
    expect(page.locator("#door")).to_contain_text("You can only look.")
    expect(page.locator("#new")).to_be_hidden()
    expect(page.locator("#new-notice")).to_be_hidden()


def test_a_version_is_written_checked_kept_and_rolled_out(page: Page) -> None:
    sign_in(page)
    page.locator("#new summary").click()
    page.locator("#contents").fill("[http]\nlisten = 1")
    page.get_by_text("Check", exact=True).click()
    expect(page.locator("#said")).to_contain_text("section [http]: is the branch's own")
    page.locator("#contents").fill(CONTENTS)
    page.get_by_text("Check", exact=True).click()
    expect(page.locator("#said")).to_have_text("The check is passed: a branch can work by it.")
    page.locator("#note").fill("fewer at once")
    page.get_by_text("Keep as a new version").click()
    expect(page.locator("#said")).to_contain_text("Kept as version 1")
    version = page.locator("#versions > li")
    version.locator("summary").click()
    expect(version.locator(".changes")).to_contain_text("+per_kiosk_a_minute = 30")
    version.locator(".stages").fill("bund, harbor")
    version.get_by_text("Begin", exact=True).click()
    expect(page.locator("#problem")).to_contain_text("No branch is known for harbor")
    version.locator(".stages").fill("bund\nregion East\nall")
    version.get_by_text("Begin", exact=True).click()
    expect(page.locator("#plan-state")).to_have_text("Version 1 (fewer at once): being rolled out")
    expect(page.locator("#stages li")).to_have_text(
        ["Stage 1: bund0 of 1 run it", "Stage 2: region East0 of 2 run it", "Stage 3: every branch0 of 3 run it"]
    )  # fmt: skip
    expect(page.locator("#branches tr")).to_have_count(1)
    expect(page.locator("#branches")).to_contain_text("has never reported")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_stages_go_on_pause_and_go_back_by_hand(page: Page, office: Office) -> None:
    """After the one before: version 1 is on its way."""
    sign_in(page)
    page.get_by_text("Begin next stage").click()
    expect(page.locator("#branches tr")).to_have_count(2)
    page.get_by_text("Pause", exact=True).click()
    expect(page.locator("#plan-state")).to_contain_text("paused")
    page.get_by_text("Go on", exact=True).click()
    page.get_by_text("Back to each branch's own file").click()
    expect(page.locator("#plan-state")).to_contain_text("Version 1")  # asked a second time
    page.get_by_text("Click again").click()
    expect(page.locator("#plan-state")).to_contain_text("Version 2")
    wait_for(lambda: _wanted(office) == {"bund": 2, "harbour": 2, "gobi": 0}, "both go back")
    expect(page.locator("#deeds li").first).to_contain_text("demo · rollout begun · version 2")


def test_a_message_is_sent_and_withdrawn(page: Page) -> None:
    sign_in(page)
    page.locator("#new-notice summary").click()
    page.locator("#words-zh-Hans").fill("系统维护")
    page.locator("#words-en").fill("Maintenance")
    page.locator("#to").fill("region East")
    page.get_by_text("Send", exact=True).click()
    notice = page.locator("#notices li")
    expect(notice).to_contain_text("0 of 2 branches have it")
    notice.get_by_text("Withdraw").click()
    expect(notice).to_contain_text("withdrawn by demo")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_branch_is_found_by_its_region(page: Page) -> None:
    page.locator("#search").fill("west")
    expect(page.locator("#branches tr")).to_have_count(1)
    expect(page.locator("#branches")).to_contain_text("gobi")


def _wanted(office: Office) -> dict[str, int]:
    found = office.http.get("/api/v1/rollout").json()["branches"]
    return {one["branch"]: one["wanted"] for one in found}
