"""For how long something has been so, in words that somebody would say."""

from playwright.sync_api import Page, expect

from tests.head_office.conftest import House


def test_a_counter_that_has_just_called_reads_well_in_each_language(
    page: Page, house: House
) -> None:
    broker = house.broker()
    office, agent = house.office(broker.url), house.agent(broker.url)
    agent.issue()
    agent.http.post("/api/v1/counters/1/call-next").raise_for_status()
    office.wait_equal(agent)
    for language, said in (("zh-Hans", "现金业务 · 不到 1 分钟"), ("en", "Cash · for under 1 min")):
        page.goto(f"{office.url}/branches/riverside?lang={language}")
        expect(page.locator("li.called")).to_contain_text(said)
    longer = """async () => {
        const [branch, alert] = await Promise.all(["branch", "alerts"].map((one) => import(`/assets/board/${one}_words.js`)));
        const agos = ["3 分钟", "不到 1 分钟"];
        return [...agos.map(branch.WORDS["zh-Hans"].forSince), ...agos.map((one) => alert.WORDS["zh-Hans"].began("10:24", one))];
    }"""
    assert page.evaluate(longer) == [
        "已 3 分钟", "不到 1 分钟", "10:24 开始，已持续 3 分钟", "10:24 开始，已持续不到 1 分钟",
    ]  # fmt: skip
