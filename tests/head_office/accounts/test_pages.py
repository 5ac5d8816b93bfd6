"""Signing in with a browser and a keyboard: the first day of an administrator, in both languages."""

from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from head_office.access import Role
from tests.head_office.accounts.conftest import PASSWORD, Bank

OWN = "a password of my own"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN", viewport={"width": 320, "height": 700})
    made = context.new_page()
    made.set_default_timeout(15_000)
    yield made
    context.close()


def type_in(page: Page, *texts: str) -> None:
    """As somebody without a mouse: each into the field that has the focus, then Enter."""
    for n, text in enumerate(texts):
        if n:
            page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_the_first_day(bank: Bank, page: Page) -> None:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Policy" in said.text else None)
    bank.add("lin", Role.ADMINISTRATOR, until=bank.clock().timestamp() + 60)
    page.goto(bank.url)  # the board leads here
    expect(page.locator("h1")).to_have_text("登录总行平台")
    page.wait_for_selector("#name:focus")
    type_in(page, "lin", "wrong")
    expect(page.locator("#problem")).to_have_text("用户名或密码不正确。")
    type_in(page, PASSWORD)
    page.wait_for_selector("#new:focus")
    type_in(page, OWN, OWN)
    secret = page.locator("p.secret").inner_text().replace(" ", "")
    type_in(page, pyotp.TOTP(secret).at(bank.clock()))
    expect(page.locator(".codes li")).to_have_count(10)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{bank.url}/")
    page.wait_for_selector("#all:not([hidden])")

    page.goto(f"{bank.url}/account")
    expect(page.locator("#rights")).to_have_text("管理员 · 所有区域")
    expect(page.locator("#factor-state")).to_contain_text("10")
    page.click("#language")
    expect(page.locator("#rights")).to_have_text("Administrator · all regions")

    page.click("#to-people")
    page.fill("#name", "wang")
    page.select_option("#role", "manager")
    page.press("#name", "Enter")
    expect(page.locator("#problem")).to_contain_text("at least one region")
    page.fill("#regions", "East/Shanghai, North")
    page.press("#regions", "Enter")
    page.wait_for_selector("#once[open]")
    once = page.locator("#once-password").inner_text()
    page.keyboard.press("Enter")
    line = page.locator('[data-person="wang"]')
    expect(line).to_contain_text("Regional manager · East/Shanghai, North")
    expect(page.locator("#entries tr").first).to_contain_text("somebody added")
    assert bank.visitor().sign_in("wang", once).json() == {"next": "new-password"}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.goto(f"{bank.url}/account")
    page.click("#sign-out")
    page.wait_for_url(f"{bank.url}/sign-in")
    page.goto(bank.url)
    expect(page).to_have_url(f"{bank.url}/sign-in?to=%2F")
    assert not wrong
