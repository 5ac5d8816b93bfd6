"""DNS rebinding: on loopback head office asks nobody who they are, and so answers to this machine's names alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.head_office.accounts.conftest import Bank

EVIL = {"Host": "evil.example:8090"}
TURNED = httpx.codes.MISDIRECTED_REQUEST
TOKEN = "a secret of a program"
HERE = {"http": {"listen": "127.0.0.1:1"}}  # as the rights see it
DEMO = {"readers": [{"name": "demo", "token": "demo-admin", "role": "administrator"}]}
PROGRAM = {"readers": [{"name": "program", "token": TOKEN}]}
PASSED_ON = {"X-Forwarded-For": "10.0.0.1"}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Any]:
    banks: list[Bank] = []

    def make(**said: Any) -> httpx.Client:
        banks.append(Bank(tmp_path / str(len(banks)), **{**HERE, **said}))
        return banks[-1].visitor()

    yield make
    for bank in banks:
        bank.end()


def status(http: httpx.Client, path: str = "/api/v1/branches", **headers: str) -> int:
    return http.get(
        path, headers={name.replace("_", "-"): said for name, said in headers.items()}
    ).status_code


def test_another_name_gets_nothing_even_with_the_demos_token(made: Any) -> None:
    http = made(**DEMO)
    for path in ("/", "/healthz", "/metrics", "/api/v1/branches", "/api/v1/stream", "/sign-in"):
        answer = http.get(path, headers=EVIL)
        assert answer.status_code == TURNED, path
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["type"].endswith(":other-host")
        assert "`address` in section [accounts]" in answer.json()["detail"]
    known: list[dict[str, str]] = [
        {"Authorization": "Bearer demo-admin"},
        {"Cookie": "lobby_reader=demo-admin", **PASSED_ON},
        {"Authorization": "Bearer demo-admin", **PASSED_ON},
    ]
    for headers in known:
        assert status(http, **{**headers, **EVIL}) == TURNED
    body = {"token": "demo-admin"}
    origin = {"Origin": "http://evil.example:8090", **EVIL}
    assert http.post("/sign-in", json=body, headers=origin).status_code == TURNED


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1:8090", "[::1]:8090"])
def test_this_machines_names_are_answered(made: Any, name: str) -> None:
    assert status(made(**DEMO), Host=name) == httpx.codes.OK


def test_a_proxy_on_this_machine_brings_any_name_where_it_is_asked_who_comes(made: Any) -> None:
    http = made(**PROGRAM)
    bears = {"Authorization": f"Bearer {TOKEN}"}
    assert status(http, **EVIL) == TURNED
    assert status(http, **EVIL, Authorization="Bearer nobodys") == TURNED
    assert status(http, **EVIL, **bears) == httpx.codes.OK
    assert status(http, **EVIL, **PASSED_ON) == httpx.codes.UNAUTHORIZED
    named = made(accounts={"address": "https://Office.bank.example"})
    assert status(named, Host="office.bank.example") == httpx.codes.OK
    always = made(accounts={"always": True})
    assert status(always, **EVIL) == httpx.codes.UNAUTHORIZED
    assert status(always, "/sign-in", **EVIL) == httpx.codes.OK


def test_beyond_loopback_it_has_any_name(made: Any) -> None:
    assert status(made(http={"listen": "0.0.0.0:1"}, **PROGRAM), **EVIL) == httpx.codes.UNAUTHORIZED
