"""What another site's page can make a visitor do, and what odd input can."""

import socket
from typing import Any

import httpx
import pytest

from head_office.access import Role
from tests.head_office.accounts.conftest import PASSWORD, Bank, Visitor

OK, FORBIDDEN = httpx.codes.OK, httpx.codes.FORBIDDEN
ELSEWHERE = "https://evil.example"


@pytest.fixture(scope="module")
def chief(bank: Bank) -> Visitor:
    bank.add("chief", Role.ADMINISTRATOR)
    visitor = bank.visitor()
    visitor.sign_in("chief")
    visitor.set_up()
    return visitor


ORDERS = [
    ("/sign-out", {"everywhere": True}),
    ("/api/v1/account/password", {"password": PASSWORD, "new": "an entirely new one"}),
    ("/api/v1/account/second-factor", {"password": PASSWORD}),
    ("/api/v1/account/recovery-codes", {"password": PASSWORD}),
    ("/api/v1/people", {"name": "mallory", "role": "administrator"}),
    ("/api/v1/people/x/remove", None),
    ("/api/v1/people/x/reset", {"what": "password"}),
    ("/api/v1/alerts/1/acknowledge", {}),
    ("/api/v1/rollout/pause", None),
]


@pytest.mark.parametrize(("path", "said"), ORDERS)
@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "http://127.0.0.1", None, ""])
def test_another_sites_page_changes_nothing(
    chief: Visitor, path: str, said: Any, origin: str | None
) -> None:
    request = chief.build_request("POST", path, json=said)
    request.headers.pop("origin")
    if origin is not None:
        request.headers["origin"] = origin
    assert chief.send(request).status_code == FORBIDDEN
    assert chief.inside()


def test_no_part_of_head_office_lets_another_sites_page_in(chief: Visitor) -> None:
    """Every call that changes something, of parts to come too; what is asked is not even looked at, or nonsense."""
    paths = chief.get("/openapi.json").json()["paths"]
    calls = [(how, path) for path, on in paths.items() for how in on if how != "get"]
    assert len(calls) >= 20
    for how, path in calls:
        real = path.replace("{number}", "1").replace("{", "").replace("}", "")
        answer = chief.request(how, real, json={}, headers={"Origin": ELSEWHERE})
        assert answer.status_code in (400, 403, 404), path
    assert chief.inside()


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_neither_does_a_form(chief: Visitor, kind: str) -> None:
    body = b'{"name":"mallory","role":"administrator"}'
    answer = chief.post("/api/v1/people", content=body, headers={"Content-Type": kind})
    assert answer.status_code == httpx.codes.UNSUPPORTED_MEDIA_TYPE


def test_nor_does_a_page_of_a_port_next_door(chief: Visitor) -> None:
    headers = {"Sec-Fetch-Site": "same-site"}
    answer = chief.post("/api/v1/people", json={"name": "m", "role": "viewer"}, headers=headers)
    assert answer.status_code == FORBIDDEN


def test_nobody_is_signed_in_by_another_sites_page(bank: Bank, visitor: Visitor) -> None:
    visitor.headers["Origin"] = ELSEWHERE
    assert visitor.sign_in("chief").status_code == FORBIDDEN
    assert visitor.post("/sign-in", json={"token": "12345678"}).status_code == FORBIDDEN


@pytest.mark.parametrize(
    "name",
    ["\u202echief", "chief\u200b", "'; DROP TABLE account; --", "../../etc", "%s%n",
     "a" * 256, "🙂"],
)  # fmt: skip
def test_odd_names_are_nobodys(bank: Bank, visitor: Visitor, name: str) -> None:
    visitor.headers["X-Forwarded-For"] = f"2001:db8::{hash(name) & 0xFFFF:x}:0:0:1"
    assert visitor.sign_in(name).status_code == httpx.codes.UNAUTHORIZED


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"\xff", b'"\\ud800"', b'{"name":"\\ud800","password":"x"}',
             b'{"name":1,"password":2}', b"[" * 4000, b'{"name":"x","password":"y","more":1}'],
)  # fmt: skip
def test_a_body_that_is_not_right_is_a_400(visitor: Visitor, body: bytes) -> None:
    answer = visitor.post(
        "/sign-in/password", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == httpx.codes.BAD_REQUEST


def test_a_name_of_a_megabyte_is_too_large(visitor: Visitor) -> None:
    answer = visitor.sign_in("x" * 1_000_000)
    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
    pieces = visitor.post(
        "/sign-in/password",
        content=iter([b'{"name":"', *[b"x" * 1000] * 1000]),
        headers={"Content-Type": "application/json"},
    )
    assert pieces.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE


@pytest.mark.parametrize("cookie", ["", "x" * 3000, "\x7f", "é", "a;b", "../..", "0" * 43])
def test_odd_cookies_are_nobodys(bank: Bank, cookie: str) -> None:
    with socket.create_connection(("127.0.0.1", bank.port), 10) as line:
        head = f"GET /api/v1/people HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: lobby_session={cookie}\r\n\r\n"
        line.sendall(head.encode())
        assert line.makefile("rb").readline().split()[1] in (b"401", b"400")


@pytest.mark.parametrize("name", ["x y", "\u202ex", "", " ", ".", "-x", "a" * 65, "a\nb", "a\0b"])
def test_no_account_has_an_odd_name(chief: Visitor, name: str) -> None:
    answer = chief.post("/api/v1/people", json={"name": name, "role": "viewer"})
    assert answer.status_code in (httpx.codes.CONFLICT, httpx.codes.BAD_REQUEST)


def test_pages_bear_a_policy_that_lets_no_script_in(visitor: Visitor) -> None:
    for path in ("/sign-in", "/account", "/people"):
        answer = visitor.get(path)
        assert answer.status_code == OK
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "<script>" not in answer.text
        assert "style=" not in answer.text
