"""What customers think, on real pages: the phone asks and follows, the counter answers, head office adds up."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from edge_agent.journal.check import JOURNAL_FILE
from tests.edge_agent.conftest import Agent
from tests.edge_agent.test_opinions import answer, give, given, rate, shown, visit
from tests.head_office.conftest import House
from tests.head_office.test_web import EPOCH, Board, base
from tests.whole_branch.conftest import CONSOLE

SMALL_PHONE = {"width": 390, "height": 844}


def phone(agent: Agent, page: Page, id_: str) -> None:
    page.set_viewport_size(SMALL_PHONE)
    page.goto(f"http://{agent.address}/t/{id_}")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


# --- the phone ---------------------------------------------------------------------------------


def test_reasons_are_offered_after_the_score_in_the_phones_language(
    agent: Agent, page: Page
) -> None:
    phone(agent, page, visit(agent))
    expect(page.locator("#reasons")).to_be_hidden()
    page.get_by_label("非常不满意", exact=True).check()
    expect(page.locator("#reasons label")).to_have_text(
        ["等候太久", "问题没有解决", "没有讲清楚", "自助机不好用"]
    )
    page.get_by_label("等候太久").check()
    page.click("#language")
    expect(page.get_by_label("I waited too long")).to_be_checked()
    assert fits(page)
    page.get_by_label("Very good", exact=True).check()
    expect(page.get_by_label("I waited too long")).to_have_count(0)
    page.get_by_label("The staff were friendly").check()
    page.click("#send-rating")
    expect(page.locator("#thanks")).to_contain_text("Very good")
    assert (agent.journal()[-1]["score"], agent.journal()[-1]["reasons"]) == (5, ["friendly"])


def test_a_rating_needs_no_reason(agent: Agent, page: Page) -> None:
    phone(agent, page, visit(agent))
    page.get_by_label("满意", exact=True).check()
    page.click("#send-rating")
    expect(page.locator("#thanks")).to_be_visible()
    assert "reasons" not in agent.journal()[-1]


def test_no_more_than_five_reasons_can_be_chosen(agent: Agent, page: Page) -> None:
    phone(agent, page, visit(agent))
    page.get_by_label("一般").check()
    boxes = page.locator("#reason-tiles input")
    expect(boxes).to_have_count(6)
    for n in range(5):
        boxes.nth(n).check()
    expect(boxes.nth(5)).to_be_disabled()
    page.click("#send-rating")
    expect(page.locator("#thanks")).to_be_visible()
    assert len(agent.journal()[-1]["reasons"]) == 5


def test_the_same_page_follows_an_opinion_to_its_answer(agent: Agent, page: Page) -> None:
    opinion = given(agent, language="zh-Hans")["id"]
    phone(agent, page, opinion)
    expect(page.locator("#label")).to_have_text("S001")
    expect(page.locator("#service")).to_have_text("大厅环境")
    expect(page.locator("#phrases li")).to_have_text(["座位不够", "大厅不够整洁"])
    expect(page.locator("#steps [aria-current]")).to_have_text("由网点处理")
    for hidden in ("#answer", "#rating", "#wait", "#cancel", "#return"):
        expect(page.locator(hidden)).to_be_hidden()
    answer(agent, opinion, "<b>下周一</b>起增加座位。")
    expect(page.locator("#answer-text")).to_have_text("<b>下周一</b>起增加座位。")
    expect(page.locator("#steps .done")).to_have_count(3)
    page.click("#language")
    expect(page.locator("#state-title")).to_have_text("The branch has answered")
    expect(page.locator("#phrases li").first).to_have_text("There are not enough seats")
    assert fits(page)


def test_an_english_opinions_page_is_english_at_once(agent: Agent, page: Page) -> None:
    phone(agent, page, given(agent, language="en")["id"])
    expect(page.locator("#state-title")).to_have_text("We have your suggestion")


def test_an_id_that_nobody_has_is_said_to_be_unknown(agent: Agent, page: Page) -> None:
    phone(agent, page, "nobody-has-this-id")
    expect(page.locator("#state-title")).to_have_text("查不到这个号码")
    expect(page.locator("#opinion")).to_be_hidden()


# --- the counter -------------------------------------------------------------------------------


def test_the_badge_comes_and_goes_with_what_is_open(agent: Agent, console: Page) -> None:
    expect(console.locator("#desk")).to_be_visible()
    expect(console.locator("#opinions")).to_be_hidden()
    first, second = given(agent)["id"], given(agent)["id"]
    expect(console.locator("#opinions-count")).to_have_text("2")
    answer(agent, first)
    expect(console.locator("#opinions-count")).to_have_text("1")
    answer(agent, second)
    expect(console.locator("#opinions")).to_be_hidden()


def test_staff_read_sentences_and_handwriting_and_answer(agent: Agent, console: Page) -> None:
    opinion = given(agent, writing=[[100, 100, 400, 100], [700, 300]])["id"]
    expect(console.locator("#opinions")).to_be_visible()
    console.keyboard.press("i")
    item = console.locator("#opinions-list > li")
    expect(item).to_have_count(1)
    expect(item.locator(".said li")).to_have_text(["座位不够", "大厅不够整洁"])
    expect(item.locator("svg path")).to_have_count(2)
    assert item.locator("svg path").nth(0).bounding_box()["width"] > 100  # type: ignore[index]
    item.locator("textarea").fill("请致电 13800138000")
    item.get_by_role("button", name="发送答复").click()
    expect(item.locator(".problem")).to_contain_text("号码")
    assert shown(agent, opinion)["answer"] is None
    item.locator("textarea").fill("下周起增加座位。")
    item.get_by_role("button", name="发送答复").click()
    expect(console.locator("#opinions-said")).to_have_text("S001 已答复。")
    expect(console.locator("#opinions-none")).to_be_visible()
    assert shown(agent, opinion)["answer"] == "下周起增加座位。"
    console.keyboard.press("Escape")
    expect(console.locator("#opinions-dialog")).to_be_hidden()


def test_what_is_being_typed_survives_news_another_language_and_a_colleague(
    agent: Agent, console: Page
) -> None:
    opinion = given(agent)["id"]
    console.click("#opinions")
    console.locator("#opinions-list textarea").press_sequentially("我们")
    given(agent)
    expect(console.locator("#opinions-list > li")).to_have_count(2)
    expect(console.locator("#opinions-list textarea").first).to_be_focused()
    console.keyboard.press("Escape")
    console.click("#language")
    console.click("#opinions")
    typed = console.locator("#opinions-list > li").first
    expect(typed.locator("textarea")).to_have_value("我们")
    answer(agent, opinion, "Done.")
    expect(typed.locator(".problem")).to_contain_text("not sent")
    expect(typed.locator("textarea")).to_have_value("我们")


@pytest.mark.parametrize(("hours", "late"), [(19, False), (21, True)])
def test_what_has_waited_over_20_hours_is_marked(
    agent: Agent, page: Page, hours: int, *, late: bool
) -> None:
    opinion = given(agent)["id"]
    agent.kill()
    with closing(sqlite3.connect(agent.data / JOURNAL_FILE)) as tool, tool:
        then = datetime.now(UTC) - timedelta(hours=hours)
        tool.execute(
            "UPDATE note SET value = json_set(value, '$.at', ?) WHERE name = ?",
            (then.isoformat(), f"opinion:{opinion}"),
        )
    agent.start()
    page.set_viewport_size(CONSOLE)
    page.goto(f"http://{agent.address}/counter")
    page.fill("#name", "lin")
    page.fill("#pin", "2468")
    page.click("#sign-in")
    page.click("#opinions")
    waited = page.locator("#opinions-list .waited")
    expect(waited).to_contain_text(f"{hours} 小时 0 分")
    expect(page.locator("#opinions-list > .late")).to_have_count(int(late))
    expect(page.locator("#opinions.late")).to_have_count(int(late))


def test_after_signing_out_nothing_of_a_customer_is_left(agent: Agent, console: Page) -> None:
    given(agent)
    console.click("#opinions")
    expect(console.locator("#opinions-list > li")).to_have_count(1)
    console.keyboard.press("Escape")
    console.click("#sign-out")
    expect(console.locator("#opinions")).to_be_hidden()
    expect(console.locator("#opinions-list > li")).to_have_count(0)


def test_the_counter_shows_todays_coverage_in_a_quiet_line(agent: Agent, console: Page) -> None:
    expect(console.locator("#desk")).to_be_visible()
    expect(console.locator("#ratings")).to_be_hidden()
    first, second, *_ = (visit(agent) for _ in range(4))
    rate(agent, first, 5, [])
    rate(agent, second, 2, [])
    expect(console.locator("#ratings")).to_have_text(
        "今日评价：已办结 4 位，其中 2 位已评价（50%），平均 3.5 分（满分 5 分）"
    )


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_console_with_its_badge_still_fits_its_screen(
    agent: Agent, console: Page, language: str
) -> None:
    give(agent)
    if language == "en":
        console.click("#language")
    expect(console.locator("#opinions")).to_be_visible()
    assert console.evaluate("document.documentElement.scrollHeight") <= CONSOLE["height"]
    assert fits(console)


# --- head office -------------------------------------------------------------------------------


def queues(branch: str, visits: int, rated: int, mean: float | None, **more: Any) -> dict[str, Any]:
    return {
        "branch": branch, "name": {"en": branch.title()}, "at": datetime.now(UTC).isoformat(),
        "business_day": "2026-03-02", "epoch": EPOCH, "journal_seq": 1, "queues": [],
        "counters": [], "calls": [], "issued": visits, "served": visits, "missed": 0,
        "ratings": {"visits": visits, "rated": rated, "mean": mean}, **more,
    }  # fmt: skip


def test_the_board_shows_coverage_by_branch_and_in_all(tmp_path: Path, page: Page) -> None:
    house = House(tmp_path)
    try:
        board = Board(house)
        for branch, *told in (("hill", 10, 10, 3.0), ("river", 40, 10, 4.5), ("new", 0, 0, None)):
            board.birth(branch)
            board.line.say(f"{base(branch)}/queues", queues(branch, *told, open_opinions=2))
        old = queues("old", 9, 0, None)
        del old["ratings"]  # an agent that does not tell yet
        board.line.say(f"{base('old')}/queues", old)
        page.goto(board.office.url)
        page.click("#language")
        for branch, said in (("hill", "10 of 10 (100%)\nmean 3.0"), ("river", "10 of 40 (25%)\nmean 4.5"),
                             ("new", "–"), ("old", "–")):  # fmt: skip
            expect(page.locator(f"[data-branch={branch}] .ratings")).to_have_text(said)
        expect(page.locator("#total-rated")).to_have_text("40%")
        expect(page.locator("#total-ratings")).to_have_text("20 of 50 · mean 3.8")
        page.goto(f"{board.office.url}/branches/river")
        expect(page.locator("#total-rated")).to_have_text("4.5")
        expect(page.locator("#total-ratings")).to_have_text("10 of 40 (25%)")
        expect(page.locator("#branch-facts")).to_contain_text("2 opinions to answer")
    finally:
        house.end()
