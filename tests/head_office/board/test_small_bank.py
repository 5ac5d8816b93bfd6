"""The wall screen, one branch's page, the map, a line that is lost: on a bank of sixty branches, in a real browser."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from bench.many_branches import Many
from tests.conftest import wait_for
from tests.head_office.board.conftest import Bank, bank, fits, legible
from tests.head_office.conftest import House

BRANCHES = 60
READERS = """
[[readers]]
name = "east"
token = "token-of-the-east"
regions = ["East"]
"""
EAST = {"Authorization": "Bearer token-of-the-east"}
WALLS = ((1366, 768), (1920, 1080), (3840, 2160))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    with bank(tmp_path_factory.mktemp("small"), Many(BRANCHES, ill=0.5), READERS) as made:
        yield made


def of(small: Bank, what: str) -> str:
    return next(branch for branch, ails in small.ails.items() if ails == what)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_wall_fits_every_screen_and_can_be_read(small: Bank, page: Page, theme: str) -> None:
    for language in ("zh-Hans", "en"):
        page.goto(f"{small.office.url}/wall?turn=0&theme={theme}&lang={language}")
        page.wait_for_selector("#worst [data-branch]")
        for width, height in WALLS:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(
                "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
            )
            assert page.evaluate("document.documentElement.scrollHeight") <= height
            fits(page)
            size = float(
                page.evaluate(
                    "parseFloat(getComputedStyle(document.getElementById('online')).fontSize)"
                )
            )
            assert size >= height / 13  # read from 3 m
        legible(page)


def test_the_walls_figures_are_those_that_the_branches_told(small: Bank, page: Page) -> None:
    page.goto(f"{small.office.url}/wall?turn=0")
    expect(page.locator("#online")).to_have_text(str(len(small.online)))
    expect(page.locator("#waiting")).to_have_text(str(small.waiting))
    ill = [one for one, ails in small.ails.items() if ails not in ("", "never")]
    expect(page.locator("#ill")).to_have_text(str(len(ill)))
    expect(page.locator("#worst [data-branch]")).to_have_count(10)


def test_the_wall_turns_the_regions_over_and_does_not_grow(small: Bank, page: Page) -> None:
    page.goto(f"{small.office.url}/wall?turn=0.15")
    page.wait_for_selector("#tiles [data-now=yes]")
    regions = {place.region.split("/")[0] for place in small.places.values()}
    seen, sizes = set(), []

    def look() -> bool:
        name, size = page.evaluate(
            "[document.getElementById('where').textContent, document.querySelectorAll('*').length]"
        )
        seen.add(name)
        if name == "全部地区":
            sizes.append(size)
        return regions < seen and len(sizes) > 6

    wait_for(look, "every region in its turn", 20)
    assert max(sizes[3:]) <= max(sizes[:3]) + 40  # the map's marks come and go


def test_a_line_that_is_lost_is_said_with_the_time_of_the_last_news_and_comes_back(
    small: Bank, browser: Browser
) -> None:
    wall, board = browser.new_page(locale="zh-CN"), browser.new_page(locale="zh-CN")
    try:
        wall.goto(f"{small.office.url}/wall?turn=0")
        board.goto(small.office.url)
        for page in (wall, board):
            page.wait_for_selector("[data-branch]")
        small.office.end()
        expect(wall.locator("#lost")).to_contain_text("数据已过时")
        expect(board.locator("#lost")).to_contain_text("的情况")
        assert (
            wall.evaluate("parseFloat(getComputedStyle(document.getElementById('lost')).fontSize)")
            >= 30
        )
        for page in (wall, board):
            expect(page.locator("body")).to_have_attribute("data-stale", "yes")
            assert "grayscale" in page.evaluate(
                "getComputedStyle(document.querySelector('main:not([hidden])')).filter"
            )
            fits(page)
            legible(page)
        small.office.start()
        small.tell(small.online)
        for page in (wall, board):
            expect(page.locator("body")).to_have_attribute("data-stale", "no", timeout=30_000)
        expect(wall.locator("#online")).to_have_text(str(len(small.online)), timeout=30_000)
        expect(board.locator("#total-waiting")).to_have_text(str(small.waiting), timeout=30_000)
    finally:
        wall.close()
        board.close()


def test_a_branchs_page_says_what_the_branch_told(small: Bank, page: Page) -> None:
    branch = of(small, "slow")
    queue = small.told[branch]
    page.goto(f"{small.office.url}/branches/{branch}?lang=en")
    expect(page.locator("#branch-name")).to_have_text(small.places[branch].names["en"])
    expect(page.locator("#total-waiting")).to_have_text(
        str(sum(one.waiting for one in queue.queues))
    )
    expect(page.locator("#total-target")).to_contain_text("missed by")
    expect(page.locator("#queues tr")).to_have_count(4)
    expect(page.locator("#counters .serving")).to_have_count(
        sum(one.state == "serving" for one in queue.counters)
    )
    expect(page.locator("#proof")).to_contain_text("nothing can be checked")
    expect(page.locator("#curve-said")).to_contain_text("nothing of today to draw")
    expect(page.locator("#alerts")).to_contain_text("wait over target", timeout=20_000)


def test_what_a_branch_says_is_on_its_page_within_seconds(small: Bank, page: Page) -> None:
    branch = of(small, "")
    page.goto(f"{small.office.url}/branches/{branch}")
    page.wait_for_selector("#queues tr")
    small.say(branch, "health", small.healths[of(small, "low")])
    expect(page.locator("#machines .ails")).to_contain_text(
        "纸张即将用完（约够 40 张）", timeout=20_000
    )


def test_the_first_page_names_every_script_it_needs_so_that_none_waits_for_another(
    small: Bank, page: Page
) -> None:
    page.goto(small.office.url)
    page.wait_for_selector("[data-branch]")
    asked = page.evaluate(
        "performance.getEntriesByType('resource').map(one => one.name).filter(name => name.endsWith('.js'))"
    )
    named = page.evaluate(
        "[...document.querySelectorAll('link[rel=modulepreload], script')].map(one => one.href ?? one.src)"
    )
    assert sorted(set(asked)) == sorted(named)


def test_what_a_branch_told_before_it_went_is_grey(small: Bank, page: Page) -> None:
    def ground() -> str:
        return str(page.evaluate("getComputedStyle(totals).backgroundColor"))

    page.goto(f"{small.office.url}/branches/{of(small, '')}")
    page.wait_for_selector("#queues tr")
    here = ground()
    page.goto(f"{small.office.url}/branches/{of(small, 'offline')}")
    page.wait_for_selector("#queues tr")
    assert ground() != here


def test_an_unknown_branch_is_said_to_be_unknown(small: Bank, page: Page) -> None:
    page.goto(f"{small.office.url}/branches/nobody")
    expect(page.locator("#missing")).to_contain_text("没有这个网点")


def test_a_regional_manager_reads_rows_of_theirs_only(small: Bank) -> None:
    theirs = {one.branch for one in small.places.values() if one.region.startswith("East/")}
    answer = small.office.http.get("/api/v1/board", headers=EAST)
    assert answer.headers["content-encoding"] == "gzip"
    assert {row[0] for row in answer.json()["standing"]} == theirs
    elsewhere = next(one for one in small.places if one not in theirs)
    with small.office.http.stream(
        "GET", f"/api/v1/branches/{elsewhere}/stream", headers=EAST
    ) as frames:
        first = next(line for line in frames.iter_lines() if line)
    assert elsewhere not in first


@pytest.mark.parametrize("path", ["/api/v1/board", "/api/v1/board/stream", "/api/v1/board/outline"])
def test_who_is_not_known_reads_nothing(small: Bank, path: str) -> None:
    answer = small.office.http.get(path, headers={"Authorization": "Bearer nobody"})
    assert answer.status_code == httpx.codes.UNAUTHORIZED


def test_a_region_is_chosen_and_the_map_shows_it_alone(small: Bank, page: Page) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"{small.office.url}/?view=map")
    page.click("[data-region=East]")
    here = [one for one in small.places.values() if one.region.startswith("East/")]
    placed = [one for one in here if one.latitude is not None]
    expect(page.locator("#in-view")).to_contain_text(f"{len(placed)} 个网点")
    page.focus("#map")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('#worst') !== null")
    page.locator(".spot[data-count='1']").first.click()
    expect(page.locator("#branch-name")).not_to_be_empty()
    page.click("#back")
    expect(page.locator("#in-view")).to_contain_text(f"{len(placed)} 个网点")


def test_a_bank_of_no_branches_says_so(tmp_path: object, house: House, page: Page) -> None:
    office = house.office("mqtt://127.0.0.1:1")
    page.goto(office.url)
    expect(page.locator("#nothing")).to_contain_text("还没有网点接入")
    fits(page)
