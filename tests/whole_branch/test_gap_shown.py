"""Who looks at the board sees what head office lacks of a branch, in both languages, until it is here."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.head_office.conftest import House
from tests.head_office.test_web import Board

WIDTHS = (390, 1366)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    house = House(tmp_path)
    yield Board(house)
    house.end()


def test_a_gap_stands_on_the_board_and_on_the_branchs_page_until_it_closes(
    board: Board, page: Page, tmp_path: Path
) -> None:
    board.birth("river")
    board.events("river", 1, 3)
    board.events("river", 1206, 1207)
    page.goto(board.office.url)
    news = page.locator("[data-branch=river] .news")
    expect(news).to_contain_text("尚缺 1,202 条记录")
    page.screenshot(path=tmp_path / "board.png")
    page.goto(f"{board.office.url}/branches/river")
    facts = page.locator("#branch-facts")
    expect(facts).to_contain_text("尚缺 1,202 条记录")
    page.click("#language")
    expect(facts).to_contain_text("1,202 entries not here yet")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.screenshot(path=tmp_path / f"branch-{width}.png")
    board.events("river", 4, 1204)
    expect(facts).to_contain_text("1 entry not here yet")
    board.events("river", 1205, 1205)
    expect(facts).not_to_contain_text("not here yet")
