"""A branch that comes while somebody looks."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.head_office.conftest import House
from tests.head_office.test_web import Board


def test_a_branch_that_is_counted_is_in_the_list_too(page: Page, tmp_path: Path) -> None:
    """With the page's clock stopped, so that no later round of it can mend what one message has left out."""
    house = House(tmp_path)
    try:
        board = Board(house)
        page.clock.install()
        page.goto(board.office.url)
        expect(page.locator("#nothing")).to_be_visible()
        page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=2))
        board.birth("river")
        expect(page.locator("#total-online")).to_have_text("1 / 1")
        expect(page.locator("[data-branch=river]")).to_be_visible()
        expect(page.locator("#nothing")).to_be_hidden()
    finally:
        house.end()
