"""Name, password, code: who gets in, and who does not."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from argon2 import PasswordHasher

from head_office.access import Role
from tests.head_office.accounts.conftest import PASSWORD, Bank, Visitor

OK, UNAUTHORIZED = httpx.codes.OK, httpx.codes.UNAUTHORIZED


def test_a_viewer_gets_in_with_name_and_password(bank: Bank, visitor: Visitor) -> None:
    bank.add("wang")
    assert not visitor.inside()
    assert visitor.sign_in("wang").json() == {"next": "done"}
    assert visitor.inside()
    assert visitor.get("/api/v1/account").json()["name"] == "wang"


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMINISTRATOR])
def test_who_may_change_something_needs_a_second_factor(
    bank: Bank, visitor: Visitor, role: Role
) -> None:
    name = f"li-{role.name.lower()}"
    bank.add(name, role, ("East",) if role is Role.MANAGER else None)
    assert visitor.sign_in(name).json() == {"next": "set-up"}
    assert not visitor.inside()
    assert visitor.set_up().json()["next"] == "done"
    assert len(set(visitor.recovery_codes)) == 10
    assert visitor.inside()


def test_from_then_on_the_code_is_asked_for(bank: Bank, visitor: Visitor) -> None:
    bank.add("zhao", Role.ADMINISTRATOR)
    visitor.sign_in("zhao")
    visitor.set_up()
    again = bank.visitor()
    assert again.sign_in("zhao").json() == {"next": "code"}
    assert not again.inside()
    again.secret = visitor.secret
    assert again.give(again.code(1)).json() == {"next": "done"}
    assert again.inside()


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_phones_clock_may_be_off_by_one_step(bank: Bank, visitor: Visitor, steps: int) -> None:
    bank.add(f"off-{steps}", Role.ADMINISTRATOR)
    visitor.sign_in(f"off-{steps}")
    visitor.set_up()
    bank.clock.go_on(seconds=90)
    visitor.sign_in(f"off-{steps}")
    assert visitor.give(visitor.code(steps)).status_code == OK


@pytest.mark.parametrize("steps", [-2, 2])
def test_but_not_by_two(bank: Bank, visitor: Visitor, steps: int) -> None:
    bank.add(f"far-{steps}", Role.ADMINISTRATOR)
    visitor.sign_in(f"far-{steps}")
    visitor.set_up()
    bank.clock.go_on(seconds=90)
    visitor.sign_in(f"far-{steps}")
    assert visitor.give(visitor.code(steps)).status_code == UNAUTHORIZED


def test_a_code_is_good_once(bank: Bank, visitor: Visitor) -> None:
    bank.add("once", Role.ADMINISTRATOR)
    visitor.sign_in("once")
    visitor.set_up()
    bank.clock.go_on(seconds=90)
    code = visitor.code()
    visitor.sign_in("once")
    assert visitor.give(code).status_code == OK
    visitor.sign_in("once")
    assert visitor.give(code).status_code == UNAUTHORIZED


def test_a_recovery_code_stands_in_once(bank: Bank, visitor: Visitor) -> None:
    bank.add("lost-phone", Role.ADMINISTRATOR)
    visitor.sign_in("lost-phone")
    visitor.set_up()
    first, second = visitor.recovery_codes[:2]
    visitor.sign_in("lost-phone")
    assert visitor.give(first.upper().replace("-", " ")).status_code == OK
    assert visitor.get("/api/v1/account").json()["recovery_codes"] == 9
    visitor.sign_in("lost-phone")
    assert visitor.give(first).status_code == UNAUTHORIZED
    assert visitor.give(second).status_code == OK


def test_name_or_password_wrong_is_one_answer(bank: Bank, visitor: Visitor) -> None:
    bank.add("there")
    wrong = visitor.sign_in("there", "not the password")
    nobody = visitor.sign_in("nobody", "not the password")
    assert wrong.status_code == nobody.status_code == UNAUTHORIZED
    assert wrong.json() == nobody.json()


def test_a_name_is_the_same_in_capitals(bank: Bank, visitor: Visitor) -> None:
    bank.add("Chen.Jing")
    assert visitor.sign_in("chen.jing").status_code == OK
    assert visitor.get("/api/v1/account").json()["name"] == "Chen.Jing"


def test_an_administrators_password_is_for_setting_ones_own(bank: Bank, visitor: Visitor) -> None:
    bank.add("fresh", until=bank.clock().timestamp() + 60)
    assert visitor.sign_in("fresh").json() == {"next": "new-password"}
    assert not visitor.inside()
    same = visitor.post("/api/v1/account/password", json={"new": PASSWORD})
    assert same.json()["type"].endswith("password-same")
    own = visitor.post("/api/v1/account/password", json={"new": "my own long password"})
    assert own.json() == {"next": "done"}
    assert visitor.inside()
    assert bank.visitor().sign_in("fresh").status_code == UNAUTHORIZED
    assert bank.visitor().sign_in("fresh", "my own long password").status_code == OK


def test_it_runs_out(bank: Bank, visitor: Visitor) -> None:
    bank.add("late", until=bank.clock().timestamp() - 1)
    answer = visitor.sign_in("late")
    assert answer.json()["type"].endswith("password-ran-out")
    assert visitor.sign_in("late", "wrong").json()["type"].endswith("wrong-password")


@pytest.mark.parametrize(
    ("password", "what"),
    [("short", "short"), ("aaaaaaaaaaaaaa", "simple"), ("my name is fussy", "name")],
)
def test_a_poor_password_is_not_taken(
    bank: Bank, visitor: Visitor, password: str, what: str
) -> None:
    if bank.door.people.named("fussy") is None:
        bank.add("fussy", until=bank.clock().timestamp() + 3600)
    visitor.sign_in("fussy")
    answer = visitor.post("/api/v1/account/password", json={"new": password})
    assert answer.status_code == httpx.codes.CONFLICT
    assert answer.json()["type"].endswith(f"password-{what}")


def test_the_hash_is_made_anew_when_its_parameters_have_changed(
    bank: Bank, visitor: Visitor
) -> None:
    one = bank.add("aged")
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    bank.door.people.seal_anew(one.id, one.password or "", old)
    assert visitor.sign_in("aged").status_code == OK
    now = bank.door.people.one(one.id)
    assert now is not None
    assert now.password is not None
    assert now.password != old
    assert not bank.door.passwords.outdated(now.password)
    assert visitor.sign_in("aged").status_code == OK


@pytest.mark.parametrize("recovery", [False, True])
def test_one_code_given_twice_at_once_lets_one_in(bank: Bank, recovery: bool) -> None:
    bank.add(f"twice-{recovery}", Role.ADMINISTRATOR)
    own = bank.visitor()
    own.sign_in(f"twice-{recovery}")
    own.set_up()
    bank.clock.go_on(seconds=90)
    code = own.recovery_codes[0] if recovery else own.code()
    there = [bank.visitor() for _ in range(4)]
    for one in there:
        one.sign_in(f"twice-{recovery}")
    with ThreadPoolExecutor(4) as at_once:
        list(at_once.map(lambda one: one.give(code), there))
    assert sum(one.inside() for one in there) == 1


def test_signing_in_twice_at_once_makes_two_sessions(bank: Bank) -> None:
    bank.add("both")
    there = [bank.visitor() for _ in range(2)]
    with ThreadPoolExecutor(2) as at_once:
        list(at_once.map(lambda one: one.sign_in("both"), there))
    assert all(one.inside() for one in there)
    assert there[0].session() != there[1].session()
