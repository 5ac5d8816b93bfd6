"""The teller's console in a real browser, at the size of a counter's screen."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.edge_agent.conftest import KIOSK, Agent

SIZE = {"width": 1366, "height": 768}
Open = Callable[[str], Page]


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


@pytest.mark.parametrize(
    ("identity", "chinese", "english"),
    [
        ("face", "✓ 人脸相符", "✓ Face matches"),
        ("fingerprint", "✓ 指纹相符", "✓ Fingerprint matches"),
        ("failed", "未能核实本人 (no_record)", "Owner not confirmed (no_record)"),
        ("declined", "客户选择不核验", "Chose no check"),
    ],
)
def test_whether_it_is_the_cards_owner_stands_beside_the_number(
    agent: Agent, console: Open, identity: str, chinese: str, english: str
) -> None:
    errand = {"code": "loan", "choice": "home", "identified": True}
    reason = "no_record" if identity == "failed" else ""
    asked = {"errand": errand, "identity": identity, "identity_reason": reason, "segment": "vip"}
    call(agent, "4", agent.issue("wealth", **asked)["id"])
    page = console("4")
    expect(page.locator("#identity")).to_have_text(chinese)
    page.click("#language")
    expect(page.locator("#identity")).to_have_text(english)
    assert not scrolls(page)
    agent.press("4", "no-show")
    call(agent, "4", agent.issue("wealth")["id"])
    expect(page.locator("#identity")).to_be_hidden()
    agent.press("4", "no-show")


@pytest.fixture
def kiosk_asks(agent: Agent) -> Iterator[Callable[[str], None]]:
    """A customer at kiosk-1 calls a person, on this screen."""

    def ask(screen: str) -> None:
        answer = agent.post("/kiosks/kiosk-1/help", {"screen": screen}, token=KIOSK)
        assert answer.status_code == 200, answer.text

    yield ask
    agent.post("/kiosks/kiosk-1/help/done")


def test_a_call_for_a_person_is_seen_and_heard_at_once_and_answered(
    agent: Agent, console: Open, kiosk_asks: Callable[[str], None]
) -> None:
    page, colleague = console("3"), console("5")
    expect(page.locator("#queues tr")).to_have_count(4)
    kiosk_asks("errand_choose")
    banner = page.locator('[data-kiosk="kiosk-1"]')
    expect(banner).to_be_visible(timeout=5_000)  # the page looks by itself every 10 s
    expect(banner).to_contain_text("自助机 kiosk-1 的客户请求协助（快捷业务：选择事项）刚刚呼叫")
    assert page.evaluate("document.body.dataset.helpChimes") == "1"
    assert not scrolls(page)
    banner.get_by_role("button", name="我过去").click()
    for one in (page, colleague):
        expect(one.locator(".coming")).to_have_text("3 号窗口正在前往")
        expect(one.get_by_role("button", name="我过去")).to_have_count(0)
    page.click("#language")
    expect(banner).to_contain_text("kiosk-1 asks for help (one-touch service: choosing)")
    expect(banner).to_contain_text("Counter 3 is coming")
    banner.get_by_role("button", name="Done").click()
    for one in (page, colleague):
        expect(one.locator("#help-calls")).to_be_empty()
    assert page.evaluate("document.body.dataset.helpChimes") == "1"
    assert agent.journal()[-1]["by"] == "3"


def test_the_second_to_say_so_learns_who_goes(
    agent: Agent, console: Open, kiosk_asks: Callable[[str], None]
) -> None:
    page = console("6")
    kiosk_asks("ticket")
    button = page.locator("#help-coming-kiosk-1")
    expect(button).to_be_visible()

    def colleague_first(route: Route) -> None:
        agent.post("/kiosks/kiosk-1/help/coming", {"counter": "4"})
        route.continue_()

    page.route("**/help/coming", colleague_first)
    button.click()
    expect(page.locator("#news")).to_have_text("4 号窗口已先前往协助。")
    expect(page.locator(".coming")).to_have_text("4 号窗口正在前往")


def test_a_screen_without_a_name_is_shown_by_its_code(
    console: Open, kiosk_asks: Callable[[str], None]
) -> None:
    page = console("7")
    kiosk_asks("brand_new")
    expect(page.locator('[data-kiosk="kiosk-1"]')).to_contain_text("（brand_new）")
