"""What customers write with their rating, on real pages: from the phone to the counters, and only there."""

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from tests.edge_agent.conftest import Agent
from tests.edge_agent.test_opinions import answer, given, visit
from tests.edge_agent.test_ratings import rate
from tests.whole_branch.conftest import CONSOLE, sign_in

PHONE = {"width": 390, "height": 844}
SIZES = [{"width": 1280, "height": 800}, PHONE]


def test_what_is_written_on_the_phone_is_read_at_the_counter(agent: Agent, page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"http://{agent.address}/t/{visit(agent)}")
    expect(page.locator("#rating")).to_contain_text("留言由本网点工作人员阅读")
    page.get_by_label("不满意", exact=True).check()
    page.get_by_label("等候太久").check()
    page.fill("#comment", "等了一个小时。\n请多开一个窗口。")
    page.click("#language")
    expect(page.locator("#rating")).to_contain_text("The staff of this branch read it")
    page.click("#send-rating")
    expect(page.locator("#thanks")).to_be_visible()

    page.set_viewport_size(CONSOLE)
    page.goto(f"http://{agent.address}/counter")
    sign_in(page)
    page.click("#opinions")
    item = page.locator("#written-list > li")
    expect(item.locator(".label")).to_have_text("A001")
    expect(item.locator(".score")).to_have_text("Poor (2 of 5)")
    expect(item.locator(".head")).to_contain_text("Cash")
    expect(item.locator(".soft")).to_have_text("Reasons: I waited too long")
    assert item.locator(".comment").inner_text() == "等了一个小时。\n请多开一个窗口。"
    page.keyboard.press("Escape")
    page.click("#language")
    page.click("#opinions")
    expect(item.locator(".score")).to_have_text("不满意（2 分）")
    expect(item.locator(".soft")).to_have_text("原因：等候太久")
    day = datetime.fromisoformat(agent.journal()[-1]["business_day"])
    expect(item.locator(".when")).to_contain_text(f"{day.month}月{day.day}日")


def test_the_newest_stand_first_and_come_while_one_reads(agent: Agent, console: Page) -> None:
    rate(agent, 5, "First.")
    console.click("#opinions")
    words = console.locator("#written-list .comment")
    expect(words).to_have_text(["First."])
    rate(agent, 4, None)
    rate(agent, 1, "Second.")
    expect(words).to_have_text(["Second.", "First."])
    expect(console.locator("#written-list > .low")).to_have_count(1)


def test_the_button_counts_the_low_ones_since_this_browsers_last_look(
    agent: Agent, console: Page
) -> None:
    fresh, button = console.locator("#written-fresh"), console.locator("#opinions")
    expect(button).to_be_hidden()
    rate(agent, 3, "Fair.")
    expect(button).to_be_visible()
    expect(fresh).to_be_hidden()
    rate(agent, 2, "Slow.")
    expect(fresh).to_have_text("低分 1")
    opinion = given(agent)["id"]
    rate(agent, 1, "Rude.")
    expect(fresh).to_have_text("低分 2")
    expect(console.locator("#opinions-count")).to_have_text("1")
    button.click()  # what waits for an answer comes first
    expect(console.locator("#opinions-list > li")).to_be_visible()
    expect(fresh).to_have_text("低分 2")
    console.click("#tab-written")
    expect(console.locator("#written-list > li")).to_have_count(3)
    expect(fresh).to_be_hidden()
    console.keyboard.press("Escape")
    answer(agent, opinion)
    expect(console.locator("#opinions-count")).to_be_hidden()
    expect(button).to_be_visible()
    console.reload()
    expect(button).to_be_visible()
    expect(fresh).to_be_hidden()
    rate(agent, 1, "Again.")
    expect(fresh).to_have_text("低分 1")


def test_keys_alone_lead_there_and_back(agent: Agent, console: Page) -> None:
    given(agent)
    expect(console.locator("#opinions-count")).to_have_text("1")
    console.keyboard.press("i")
    for key, shown, other in (("ArrowRight", "written", "open"), ("ArrowLeft", "open", "written")):
        console.keyboard.press(key)
        tab = console.get_by_role("tab", selected=True).and_(console.locator(f"#tab-{shown}"))
        expect(tab).to_be_focused()
        expect(console.locator(f"#opinions-{shown}")).to_be_visible()
        expect(console.locator(f"#opinions-{other}")).to_be_hidden()
    console.keyboard.press("ArrowRight")
    expect(console.locator("#written-none")).to_have_text("还没有客户随评价写下什么。")
    console.keyboard.press("Tab")
    panel = console.get_by_role("tabpanel", name="客户随评价写下的话")
    expect(panel).to_be_focused()
    console.keyboard.press("Escape")
    expect(console.locator("#opinions-dialog")).to_be_hidden()


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_what_looks_like_html_is_text_and_whatever_is_written_fits(
    agent: Agent, console: Page, size: dict[str, int]
) -> None:
    html = '<img src=x onerror="document.title=1"><b>bold</b>'
    written = [html, "W" * 2000, "很" * 2000, "\u202e" + "\n" * 100 + "end"]
    for words in written:
        rate(agent, 1, words)
    console.set_viewport_size(size)  # type: ignore[arg-type]
    console.click("#opinions")
    comments = console.locator("#written-list .comment")
    expect(comments).to_have_count(4)
    assert comments.evaluate_all("all => all.map((one) => one.textContent)") == written[::-1]
    expect(console.locator("#written-list :is(img, .comment b)")).to_have_count(0)
    for box in ("#opinions-dialog", "#written-list > li >> nth=2", "#written-list > li >> nth=1"):
        assert console.locator(box).evaluate("one => one.scrollWidth <= one.clientWidth")
    assert console.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_console_with_both_counts_still_fits_its_screen(
    agent: Agent, console: Page, language: str
) -> None:
    if language == "en":
        console.click("#language")
    given(agent)
    rate(agent, 1, "Slow.")
    for badge in ("#opinions-count", "#written-fresh"):
        expect(console.locator(badge)).to_be_visible()
    assert console.evaluate("document.documentElement.scrollHeight") <= CONSOLE["height"]
    assert console.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_after_signing_out_nothing_of_it_is_left_and_signing_in_brings_it(
    agent: Agent, console: Page
) -> None:
    rate(agent, 1, "Slow.")
    console.click("#opinions")
    expect(console.locator("#written-list > li")).to_have_count(1)
    console.keyboard.press("Escape")
    console.click("#sign-out")
    expect(console.locator("#opinions")).to_be_hidden()
    expect(console.locator("#written-list > li")).to_have_count(0)
    sign_in(console)
    expect(console.locator("#opinions")).to_be_visible()
    expect(console.locator("#written-list > li")).to_have_count(1)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("**/api/v1/opinions?open=true", "#opinions-list"), ("**/api/v1/ratings", "#written-list")],
)
def test_what_was_not_answered_is_asked_for_again(
    agent: Agent, page: Page, asked: str, shown: str
) -> None:
    """Without a new event: the next look at the queue brings it."""
    rate(agent, 1, "等了很久")
    given(agent)
    page.route(asked, lambda route: route.abort(), times=2)
    page.goto(f"http://{agent.address}/counter")
    sign_in(page)
    page.click("#opinions")
    expect(page.locator(f"{shown} > li")).to_have_count(1, timeout=40_000)
