"""Whoever guesses waits longer and longer; whoever's name it is gets in all the same."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from head_office.access import Role
from head_office.accounts.one_by_one import Busy, OneByOne
from head_office.accounts.pauses import of_address, of_name
from tests.head_office.accounts.conftest import Bank

ADDRESSES = (f"198.51.100.{n}" for n in count(1))
TOO_MANY = httpx.codes.TOO_MANY_REQUESTS


@pytest.fixture
def address() -> str:
    """Of nobody else in this file."""
    return next(ADDRESSES)


def test_pauses_grow_and_stay_bearable() -> None:
    """5 free, then 5 s, 10 s, 20 s … a quarter of an hour."""
    name = of_name("x", 5)
    assert [name.pause_s(n) for n in (1, 4, 5, 6, 7)] == [0, 0, 5, 10, 20]
    assert name.pause_s(100) == 900
    assert of_address("x").pause_s(1000) == 60


@pytest.mark.parametrize("name", ["there", "nobody"])
def test_after_five_wrong_ones_the_right_one_waits_too(bank: Bank, name: str, address: str) -> None:
    if name == "there":
        bank.add(name)
    visitor = bank.visitor(address)
    for _ in range(5):
        assert visitor.sign_in(name, "wrong").status_code == httpx.codes.UNAUTHORIZED
    waits = visitor.sign_in(name)
    assert waits.status_code == TOO_MANY
    assert 1 <= int(waits.headers["retry-after"]) <= 5
    bank.clock.go_on(seconds=6)
    wanted = httpx.codes.OK if name == "there" else httpx.codes.UNAUTHORIZED
    assert visitor.sign_in(name).status_code == wanted


def test_many_guesses_at_once_are_as_many(bank: Bank, address: str) -> None:
    bank.add("target")
    bank.clock.stands = bank.clock()
    with ThreadPoolExecutor(20) as crowd:
        answers = list(
            crowd.map(
                lambda n: bank.visitor(address).sign_in("target", f"guess {n}").status_code,
                range(60),
            )
        )
    bank.clock.stands = None
    assert answers.count(httpx.codes.UNAUTHORIZED) == 5
    assert set(answers) <= {httpx.codes.UNAUTHORIZED, TOO_MANY}


def test_a_stranger_does_not_lock_the_administrator_out(bank: Bank, address: str) -> None:
    bank.add("guessed-at", Role.ADMINISTRATOR)
    own = bank.visitor(address)
    own.sign_in("guessed-at")
    own.set_up()
    own.post("/sign-out", json={})
    stranger = bank.visitor("203.0.113.9")
    for _ in range(40):
        if stranger.sign_in("guessed-at", "wrong").status_code == TOO_MANY:
            bank.clock.go_on(seconds=1)
    assert stranger.sign_in("guessed-at", "wrong").status_code == TOO_MANY
    assert own.sign_in("guessed-at").json() == {"next": "code"}
    assert own.give(own.recovery_codes[0]).json() == {"next": "done"}


def test_a_known_browser_is_one_that_the_name_has_signed_in_with(bank: Bank, address: str) -> None:
    bank.add("boss")
    bank.add("clerk")
    clerk = bank.visitor(address)
    clerk.sign_in("clerk")
    for _ in range(5):
        clerk.sign_in("boss", "wrong")
    assert clerk.sign_in("boss", "wrong").status_code == TOO_MANY
    assert clerk.sign_in("clerk").status_code == httpx.codes.OK


def test_one_address_does_not_try_one_password_with_every_name(bank: Bank, address: str) -> None:
    spray = bank.visitor(address)
    answers = [spray.sign_in(f"name-{n}", "Spring2026!!").status_code for n in range(25)]
    assert answers.index(TOO_MANY) == 20
    assert bank.visitor("203.0.113.8").sign_in("x", "y").status_code != TOO_MANY


def test_a_network_of_ipv6_is_one_address() -> None:
    assert of_address("2001:db8:1:2::1") == of_address("2001:db8:1:2:ffff::9")
    assert of_address("2001:db8:1:2::1") != of_address("2001:db8:1:3::1")


def test_signing_in_oneself_gives_an_address_no_more_guesses(bank: Bank, address: str) -> None:
    bank.add("insider")
    mine = bank.visitor(address)
    answers = []
    for n in range(30):
        mine.cookies.clear()
        if n % 10 == 9:
            mine.sign_in("insider")
        answers.append(mine.sign_in(f"victim-{n}", "wrong").status_code)
    assert answers.count(httpx.codes.UNAUTHORIZED) <= 20


def test_codes_are_counted_too(bank: Bank, address: str) -> None:
    bank.add("coded", Role.ADMINISTRATOR)
    own = bank.visitor(address)
    own.sign_in("coded")
    own.set_up()
    thief = bank.visitor(address)
    thief.sign_in("coded")
    with ThreadPoolExecutor(10) as crowd:
        answers = list(crowd.map(lambda n: thief.give(f"{n:06}").status_code, range(30)))
    assert answers.count(httpx.codes.UNAUTHORIZED) <= 5
    bank.clock.go_on(seconds=90)
    own.sign_in("coded")
    assert own.give(own.code()).status_code == httpx.codes.OK


def test_a_clock_that_was_wrong_shuts_nobody_out(bank: Bank, address: str) -> None:
    bank.add("timely", Role.ADMINISTRATOR)
    own = bank.visitor(address)
    own.sign_in("timely")
    own.set_up()
    bank.clock.go_on(days=30)
    for _ in range(9):
        bank.visitor(address).sign_in("timely", "wrong")
    own.sign_in("timely")
    assert own.give(own.code()).status_code == httpx.codes.OK
    bank.clock.go_on(days=-30, seconds=90)
    fresh = bank.visitor(address)
    fresh.secret = own.secret
    assert fresh.sign_in("timely").json() == {"next": "code"}
    assert fresh.give(fresh.code()).status_code == httpx.codes.OK


def test_tokens_are_not_guessed_at_the_door_either(bank: Bank, address: str) -> None:
    visitor = bank.visitor(address)
    answers = [visitor.post("/sign-in", json={"token": f"x{n}"}).status_code for n in range(22)]
    assert answers[-1] == TOO_MANY


def test_a_crowd_at_the_door_takes_nobody_elses_threads() -> None:
    """Who comes when too many wait is told so at once; the rest get their turn."""

    async def crowd() -> list[object]:
        go = threading.Event()
        work = OneByOne("test", most=3)
        waiting = [asyncio.create_task(work(go.wait, 10)) for _ in range(5)]
        await asyncio.sleep(0)
        go.set()
        return await asyncio.gather(*waiting, return_exceptions=True)

    ended = asyncio.run(crowd())
    assert ended[:3] == [True] * 3
    assert [type(one) for one in ended[3:]] == [Busy] * 2


def test_a_database_that_does_not_answer_is_told_as_such() -> None:
    def away() -> None:
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))

    with pytest.raises(Busy, match="server closed the connection"):
        asyncio.run(OneByOne("test")(away))
