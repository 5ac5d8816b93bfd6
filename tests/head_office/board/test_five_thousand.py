"""Five thousand branches in a real browser: the list, its keys, its filters, what stands in the address."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.many_branches import Many
from tests.conftest import wait_for
from tests.head_office.board.conftest import WIDTHS, Bank, bank, fits, legible, watched

BRANCHES = 5000
FIRST_PAGE_BYTES = 300_000
FIRST_PAGE_S = 10  # generous: the machine may be busy with other tests
IN_THE_PAGE = 60  # rows; 3840 x 2160 has room for some twenty-five
TRANSFERRED = """() => performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"))
  .reduce((sum, one) => sum + one.transferSize, 0)"""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    with bank(tmp_path_factory.mktemp("many"), Many(BRANCHES)) as made:
        yield made


@pytest.fixture(scope="module")
def opened(many: Bank, browser: Browser) -> Iterator[Page]:
    with watched(browser) as page:
        page.goto(many.office.url)
        page.wait_for_selector("[data-branch]")
        yield page


@pytest.fixture
def board(many: Bank, opened: Page) -> Page:
    """The page as it was first, without reading it anew."""
    opened.set_viewport_size({"width": 1366, "height": 768})
    if opened.evaluate("location.pathname") == "/":
        opened.evaluate(
            "history.pushState(null, '', '/'); dispatchEvent(new PopStateEvent('popstate'));"
            "document.activeElement.blur(); scrollTo(0, 0)"
        )
    else:
        opened.goto(many.office.url)
    expect(opened.locator("#found")).to_contain_text("共 5,000 个网点")
    return opened


def number(page: Page, name: str) -> list[int]:
    text = page.locator(name).inner_text()
    return [int(one.replace(",", "")) for one in re.findall(r"\d[\d,]*", text)]


def ailing(many: Bank, what: str) -> list[str]:
    return [branch for branch, ails in many.ails.items() if ails == what]


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(page.evaluate("location.search").removeprefix("?"))


def test_the_first_page_is_light_and_soon_there(many: Bank, page: Page) -> None:
    page.goto(many.office.url, wait_until="commit")
    page.wait_for_selector("[data-branch]", timeout=FIRST_PAGE_S * 1000)
    page.wait_for_load_state()
    assert page.evaluate(TRANSFERRED) <= FIRST_PAGE_BYTES


def test_the_figures_are_those_that_the_branches_told(many: Bank, board: Page) -> None:
    online = [len(many.online), BRANCHES]
    wait_for(lambda: number(board, "#total-online") == online, "those online", 30)
    assert number(board, "#total-waiting") == [many.waiting]
    served = sum(queue.served for queue in many.told.values())
    assert number(board, "#total-served") == [served]


def test_a_kind_of_trouble_counts_its_branches_and_shows_them_alone(
    many: Bank, board: Page
) -> None:
    for kind, what in (("clock-wrong", "clock"), ("wait-over-target", "slow"), ("paper-low", "low"),
                       ("offline", "offline"), ("silent", "silent"), ("never", "never")):  # fmt: skip
        expect(board.locator(f"#kinds [data-kind={kind}] b")).to_have_text(
            str(len(ailing(many, what)))
        )
    board.click("#kinds [data-kind=clock-wrong]")
    expect(board.locator("#found")).to_contain_text(f"找到 {len(ailing(many, 'clock'))} 个")
    shown = board.locator("#rows [data-branch]").evaluate_all(
        "all => all.map((one) => one.dataset.branch)"
    )
    assert set(shown) <= set(ailing(many, "clock"))
    assert asked(board) == {"trouble": ["clock-wrong"]}


def test_the_worst_come_first(many: Bank, board: Page) -> None:
    rows = board.locator("#rows [data-branch]")
    first = rows.evaluate_all("all => all.slice(0, 8).map((one) => one.dataset.branch)")
    assert set(first) <= set(ailing(many, "silent"))


def test_only_rows_in_sight_are_in_the_page_and_all_are_counted(board: Page) -> None:
    board.set_viewport_size({"width": 3840, "height": 2160})
    board.wait_for_function("document.querySelectorAll('#rows [data-branch]').length > 20")
    assert board.locator("#rows [data-branch]").count() < IN_THE_PAGE
    assert board.get_attribute("#branches", "aria-rowcount") == str(BRANCHES + 1)
    board.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(board.locator(f"#rows [aria-rowindex='{BRANCHES + 1}']")).to_be_visible()
    assert board.locator("#rows [data-branch]").count() < IN_THE_PAGE


@pytest.mark.parametrize("sought", ["hangzhou west lake", "杭州西湖", "HANGZHOU 西湖"])
def test_a_branch_is_found_by_its_name_in_any_language(
    many: Bank, board: Page, sought: str
) -> None:
    board.fill("#search", sought)
    meant = [p for p in many.places.values() if p.names["en"] == "Hangzhou West Lake"]
    expect(board.locator("#found")).to_contain_text(f"找到 {len(meant)} 个")
    assert asked(board) == {"q": [sought]}


def test_a_branch_is_found_by_its_id_and_by_its_region(many: Bank, board: Page) -> None:
    board.fill("#search", "b04999")
    expect(board.locator("#rows [data-branch]")).to_have_count(1)
    board.fill("#search", "guangxi")
    meant = [one for one in many.places.values() if one.region == "South/Guangxi"]
    expect(board.locator("#found")).to_contain_text(f"找到 {len(meant)} 个")
    board.fill("#search", "nowhere at all")
    expect(board.locator("#nothing")).to_be_visible()
    board.click("#clear")
    expect(board.locator("#found")).to_contain_text("共 5,000 个网点")


def test_what_was_chosen_is_in_the_address_and_the_back_button_goes_through_it(
    many: Bank, board: Page
) -> None:
    board.set_viewport_size({"width": 1920, "height": 1080})
    board.click("[data-region=East]")
    board.click("[data-region='East/Jiangsu']")
    here = [one for one in many.places.values() if one.region == "East/Jiangsu"]
    found = board.locator("#found")
    expect(found).to_contain_text(f"找到 {len(here)} 个")
    board.click("#kinds [data-kind=any]")
    assert asked(board) == {"region": ["East/Jiangsu"], "trouble": ["any"]}
    board.reload()
    expect(board.locator("#kinds [aria-current]")).to_have_attribute("data-kind", "any")
    board.go_back()
    board.go_back()
    assert asked(board) == {"region": ["East"]}
    east = [one for one in many.places.values() if one.region.startswith("East/")]
    expect(found).to_contain_text(f"找到 {len(east):,} 个")
    expect(board.locator("[data-region=East] .count")).to_have_text(f"{len(east):,}")


def test_the_keyboard_alone_goes_through_list_filter_and_branch_and_back(
    many: Bank, board: Page
) -> None:
    board.focus("#search")
    board.keyboard.type("suzhou")
    expect(board.locator("#found")).to_contain_text("找到")
    while board.evaluate("!document.activeElement.matches('#kinds [data-kind=any]')"):
        board.keyboard.press("Tab")
    board.keyboard.press("Enter")
    expect(board.locator("#kinds [data-kind=any]")).to_be_focused()
    while board.evaluate("!document.activeElement.closest('#rows')"):
        board.keyboard.press("Tab")
    for _ in range(3):
        board.keyboard.press("ArrowDown")
    here = board.evaluate("document.activeElement.closest('[data-branch]').dataset.branch")
    assert board.evaluate("document.activeElement.closest('[role=row]').ariaRowIndex") == "5"
    board.keyboard.press("Enter")
    expect(board.locator("#branch-name")).to_have_text(many.places[here].names["zh-Hans"])
    while board.evaluate("document.activeElement.id !== 'back'"):
        board.keyboard.press("Tab")
    board.keyboard.press("Enter")
    expect(board.locator(f"[data-branch={here}] a")).to_be_focused()
    assert asked(board) == {"q": ["suzhou"], "trouble": ["any"]}


def test_the_last_branch_is_one_key_away_and_rows_keep_their_order_meanwhile(board: Page) -> None:
    board.locator("#rows a[tabindex='0']").focus()
    board.keyboard.press("End")
    row = board.locator("[role=row]:focus-within")
    expect(row).to_have_attribute("aria-rowindex", str(BRANCHES + 1))
    expect(row).to_be_in_viewport(ratio=1)
    board.keyboard.press("Home")
    expect(row).to_have_attribute("aria-rowindex", "2")
    expect(row).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("path", ["/?trouble=wait-over-target", "/?view=map", "/branches/b00009"])
def test_at_every_width_nothing_is_cut_and_all_can_be_read(
    many: Bank, page: Page, path: str
) -> None:
    for language in ("zh-Hans", "en"):
        page.goto(f"{many.office.url}{path}{'&' if '?' in path else '?'}lang={language}")
        page.wait_for_selector("#rows [data-branch], #branch-name:not(:empty)")
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(
                "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
            )
            fits(page)
        legible(page)


def test_a_branch_that_speaks_is_seen_within_seconds(many: Bank, board: Page) -> None:
    branch = next(one for one in many.online if not many.ails[one])
    board.fill("#search", branch)
    before = board.locator("#rows .waiting").inner_text()
    queue = many.told[branch]
    more = [{"waiting": one.waiting + 7} for one in queue.queues]
    lines = [_replaced(one, change) for one, change in zip(queue.queues, more, strict=True)]
    many.told[branch] = _replaced(queue, {"queues": lines})
    many.say(branch, "queues", many.told[branch])
    expect(board.locator("#rows .waiting")).to_have_text(str(int(before) + 28), timeout=20_000)


def _replaced(one: Any, changes: dict[str, Any]) -> Any:
    return type(one)(**{**{name: getattr(one, name) for name in one.__struct_fields__}, **changes})


def test_the_map_has_every_branch_once_and_says_who_is_not_on_it(many: Bank, page: Page) -> None:
    page.goto(f"{many.office.url}/?view=map")
    page.wait_for_selector(".spot")
    placed = [one for one in many.places.values() if one.latitude is not None]
    total = "all => all.reduce((sum, one) => sum + Number(one.dataset.count), 0)"
    wait_for(lambda: page.locator(".spot").evaluate_all(total) == len(placed), "all on the map")
    expect(page.locator("#found")).to_contain_text(f"{BRANCHES - len(placed)} 个网点没有坐标")
    assert page.get_attribute("#branches", "aria-rowcount") == str(BRANCHES - len(placed) + 1)
    assert page.get_attribute(".outline", "d").startswith("M")
    legible(page)


def test_the_map_moves_by_keys_and_mouse_and_its_place_is_in_the_address(
    many: Bank, page: Page
) -> None:
    page.goto(f"{many.office.url}/?view=map")
    page.wait_for_selector(".spot")
    seen = number(page, "#in-view")[0]
    page.focus("#map")
    for key in "+++++":
        page.keyboard.press(key)
    wait_for(lambda: number(page, "#in-view")[0] < seen, "less of the map")
    wait_for(lambda: "at" in asked(page), "its place in the address")
    page.keyboard.press("0")
    wait_for(lambda: number(page, "#in-view")[0] == seen, "all of it again")
    place = page.locator("#map").bounding_box()
    assert place
    page.mouse.move(place["x"] + 300, place["y"] + 200)
    page.mouse.wheel(0, -900)
    wait_for(lambda: number(page, "#in-view")[0] < seen, "less of the map")
    page.keyboard.press("0")
    page.mouse.down()
    page.mouse.move(place["x"] + 900, place["y"] + 200, steps=4)
    page.mouse.up()
    wait_for(lambda: number(page, "#in-view")[0] < seen, "the map elsewhere")
