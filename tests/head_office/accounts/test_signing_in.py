"""Name, password, code: who gets in, and who does not."""

import httpx
import pytest

from head_office.access import Role
from tests.head_office.accounts.conftest import PASSWORD, Bank, Browser

OK, UNAUTHORIZED = httpx.codes.OK, httpx.codes.UNAUTHORIZED


def test_a_viewer_gets_in_with_name_and_password(bank: Bank, browser: Browser) -> None:
    bank.add("wang")
    assert not browser.inside()
    assert browser.sign_in("wang").json() == {"next": "done"}
    assert browser.inside()
    assert browser.get("/api/v1/account").json()["name"] == "wang"


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMINISTRATOR])
def test_who_may_change_something_needs_a_second_factor(
    bank: Bank, browser: Browser, role: Role
) -> None:
    name = f"li-{role.name.lower()}"
    bank.add(name, role, ("East",) if role is Role.MANAGER else None)
    assert browser.sign_in(name).json() == {"next": "set-up"}
    assert not browser.inside()
    assert browser.set_up().json()["next"] == "done"
    assert len(set(browser.recovery_codes)) == 10
    assert browser.inside()


def test_from_then_on_the_code_is_asked_for(bank: Bank, browser: Browser) -> None:
    bank.add("zhao", Role.ADMINISTRATOR)
    browser.sign_in("zhao")
    browser.set_up()
    again = bank.browser()
    assert again.sign_in("zhao").json() == {"next": "code"}
    assert not again.inside()
    again.secret = browser.secret
    assert again.give(again.code(1)).json() == {"next": "done"}
    assert again.inside()


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_phones_clock_may_be_off_by_one_step(bank: Bank, browser: Browser, steps: int) -> None:
    bank.add(f"off-{steps}", Role.ADMINISTRATOR)
    browser.sign_in(f"off-{steps}")
    browser.set_up()
    bank.clock.go_on(seconds=90)
    browser.sign_in(f"off-{steps}")
    assert browser.give(browser.code(steps)).status_code == OK


@pytest.mark.parametrize("steps", [-2, 2])
def test_but_not_by_two(bank: Bank, browser: Browser, steps: int) -> None:
    bank.add(f"far-{steps}", Role.ADMINISTRATOR)
    browser.sign_in(f"far-{steps}")
    browser.set_up()
    bank.clock.go_on(seconds=90)
    browser.sign_in(f"far-{steps}")
    assert browser.give(browser.code(steps)).status_code == UNAUTHORIZED


def test_a_code_is_good_once(bank: Bank, browser: Browser) -> None:
    bank.add("once", Role.ADMINISTRATOR)
    browser.sign_in("once")
    browser.set_up()
    bank.clock.go_on(seconds=90)
    code = browser.code()
    browser.sign_in("once")
    assert browser.give(code).status_code == OK
    browser.sign_in("once")
    assert browser.give(code).status_code == UNAUTHORIZED


def test_a_recovery_code_stands_in_once(bank: Bank, browser: Browser) -> None:
    bank.add("lost-phone", Role.ADMINISTRATOR)
    browser.sign_in("lost-phone")
    browser.set_up()
    first, second = browser.recovery_codes[:2]
    browser.sign_in("lost-phone")
    assert browser.give(first.upper().replace("-", " ")).status_code == OK
    assert browser.get("/api/v1/account").json()["recovery_codes"] == 9
    browser.sign_in("lost-phone")
    assert browser.give(first).status_code == UNAUTHORIZED
    assert browser.give(second).status_code == OK


def test_name_or_password_wrong_is_one_answer(bank: Bank, browser: Browser) -> None:
    bank.add("there")
    wrong = browser.sign_in("there", "not the password")
    nobody = browser.sign_in("nobody", "not the password")
    assert wrong.status_code == nobody.status_code == UNAUTHORIZED
    assert wrong.json() == nobody.json()


def test_a_name_is_the_same_in_capitals(bank: Bank, browser: Browser) -> None:
    bank.add("Chen.Jing")
    assert browser.sign_in("chen.jing").status_code == OK
    assert browser.get("/api/v1/account").json()["name"] == "Chen.Jing"


def test_an_administrators_password_is_for_setting_ones_own(bank: Bank, browser: Browser) -> None:
    bank.add("fresh", until=bank.clock().timestamp() + 60)
    assert browser.sign_in("fresh").json() == {"next": "new-password"}
    assert not browser.inside()
    same = browser.post("/api/v1/account/password", json={"new": PASSWORD})
    assert same.json()["type"].endswith("password-same")
    own = browser.post("/api/v1/account/password", json={"new": "my own long password"})
    assert own.json() == {"next": "done"}
    assert browser.inside()
    assert bank.browser().sign_in("fresh").status_code == UNAUTHORIZED
    assert bank.browser().sign_in("fresh", "my own long password").status_code == OK


def test_it_runs_out(bank: Bank, browser: Browser) -> None:
    bank.add("late", until=bank.clock().timestamp() - 1)
    answer = browser.sign_in("late")
    assert answer.json()["type"].endswith("password-ran-out")
    assert browser.sign_in("late", "wrong").json()["type"].endswith("wrong-password")


@pytest.mark.parametrize(
    ("password", "what"),
    [("short", "short"), ("aaaaaaaaaaaaaa", "simple"), ("my name is fussy", "name")],
)
def test_a_poor_password_is_not_taken(
    bank: Bank, browser: Browser, password: str, what: str
) -> None:
    if bank.door.people.named("fussy") is None:
        bank.add("fussy", until=bank.clock().timestamp() + 3600)
    browser.sign_in("fussy")
    answer = browser.post("/api/v1/account/password", json={"new": password})
    assert answer.status_code == httpx.codes.CONFLICT
    assert answer.json()["type"].endswith(f"password-{what}")


def test_the_hash_is_made_anew_when_its_parameters_have_changed(
    bank: Bank, browser: Browser
) -> None:
    from argon2 import PasswordHasher  # noqa: PLC0415

    one = bank.add("aged")
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    bank.door.people.seal_anew(one.id, one.password or "", old)
    assert browser.sign_in("aged").status_code == OK
    now = bank.door.people.one(one.id)
    assert now is not None
    assert now.password is not None
    assert now.password != old
    assert not bank.door.passwords.outdated(now.password)
    assert browser.sign_in("aged").status_code == OK
