"""The character NUL, which PostgreSQL cannot keep: every call says so, and none fails."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from hypothesis import given, strategies as st

from head_office.settings import Store
from head_office.web import application
from program.nul import IN_JSON
from tests.head_office.accounts.conftest import Bank

TOKEN = "a token of a program"
CALLER = {"Authorization": f"Bearer {TOKEN}"}
READER = {"name": "program", "token": TOKEN, "role": "administrator"}
TIMES_OUT = httpx.Timeout(10)


@pytest.fixture
def bank(tmp_path: Path, store: Store) -> Iterator[Bank]:
    made = Bank(tmp_path / "bank", store, readers=[READER], history={"folder": str(tmp_path / "h")})
    yield made
    made.end()


def calls(bank: Bank) -> list[tuple[str, str]]:
    """Every method and path, as they are declared."""
    routes = application(bank.office).routes
    return [
        (method, route.path_format)
        for route in routes
        for method in sorted(getattr(route, "methods", ()))
        if method in ("GET", "POST")
    ]


def test_no_call_fails_by_it(bank: Bank) -> None:
    tried = []
    with httpx.Client(
        base_url=bank.url, headers=CALLER, trust_env=False, timeout=TIMES_OUT
    ) as http:
        for method, path in calls(bank):
            somewhere = re.sub(r"\{\w+\}", "1", path)
            asked = [("GET", f"{somewhere}?branch=%00&x=1", None)] if method == "GET" else []
            if "{" in path:
                asked.append((method, re.sub(r"\{\w+\}", "a%00b", path), None))
            if method == "POST":
                asked.append((method, somewhere, b'{"note": "a\\u0000b"}'))
            for how, where, body in asked:
                answer = http.request(how, where, content=body)
                tried.append((how, where, answer.status_code, answer.text[:200]))
    assert len(tried) > 60
    wrong = [one for one in tried if one[2] not in (400, 401, 404, 422)]
    assert not wrong
    assert [one for one in tried if "?" in one[1] and "NUL" not in one[3]] == []


@given(
    st.recursive(
        st.text(st.sampled_from('\\u0"\0a')), lambda some: st.lists(some, max_size=4), max_leaves=9
    )
)
def test_what_is_found_in_json_is_in_it(value: object) -> None:
    """And not a backslash that only stands before the letters of one."""
    body = msgspec.json.encode(value)
    assert bool(IN_JSON.search(body)) == ("\\x00" in repr(value).replace("\\\\", ""))
