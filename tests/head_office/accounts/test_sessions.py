"""A session: what it is made of, when it ends, and that nothing of it lives on."""

import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from head_office.access import Role
from head_office.accounts import tables
from head_office.accounts.known import known
from tests.head_office.accounts.conftest import PASSWORD, Bank, Visitor

UNAUTHORIZED = httpx.codes.UNAUTHORIZED


def signed_in(bank: Bank, name: str, role: Role = Role.VIEWER) -> Visitor:
    if bank.door.people.named(name) is None:
        bank.add(name, role)
    visitor = bank.visitor()
    if visitor.sign_in(name).json()["next"] == "set-up":
        visitor.set_up()
    assert visitor.inside()
    return visitor


def flags(answer: Any, name: str) -> str:
    line = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(f"{name}="))
    return str(line).lower()


def test_the_cookie_is_for_no_script_and_no_other_site(bank: Bank, visitor: Visitor) -> None:
    bank.add("flags")
    said = flags(visitor.sign_in("flags"), "lobby_session")
    assert "httponly" in said
    assert "samesite=strict" in said
    assert "secure" not in said


def test_by_https_it_goes_by_https_only(bank: Bank, visitor: Visitor) -> None:
    bank.add("tls")
    visitor.headers["X-Forwarded-Proto"] = "https"  # a proxy on this machine is believed
    assert "secure" in flags(visitor.sign_in("tls"), "lobby_session")


def test_the_database_holds_no_token(bank: Bank) -> None:
    visitor = signed_in(bank, "hashed")
    with bank.door.engine.connect() as to:
        kept = [
            repr(tuple(row))
            for table in tables.tables.sorted_tables
            for row in to.execute(sa.select(table))
        ]
    assert kept
    tokens = [visitor.session(), visitor.cookies.get("lobby_browser") or "", PASSWORD]
    assert not [one for one in kept for token in tokens if token in one]


def test_a_cookie_of_before_is_never_taken_over(bank: Bank, visitor: Visitor) -> None:
    """Fixation: whoever plants a cookie must not find it signed in."""
    bank.add("fixed")
    visitor.cookies.set("lobby_session", "planted-by-somebody", domain="127.0.0.1", path="/")
    answer = visitor.sign_in("fixed")
    new = flags(answer, "lobby_session").split(";")[0].partition("=")[2]
    assert new not in ("", "planted-by-somebody")
    planted = httpx.Cookies({"lobby_session": "planted-by-somebody"})
    with httpx.Client(base_url=bank.url, cookies=planted, trust_env=False) as other:
        assert other.get("/api/v1/branches").status_code == UNAUTHORIZED


def test_every_step_has_a_cookie_of_its_own(bank: Bank) -> None:
    visitor = signed_in(bank, "steps", Role.ADMINISTRATOR)
    whole = visitor.session()
    again = bank.visitor()
    again.secret = visitor.secret
    again.sign_in("steps")
    half = again.session()
    assert again.give(again.code(1)).json() == {"next": "done"}
    assert len({whole, half, again.session()}) == 3
    old = httpx.get(f"{bank.url}/api/v1/account", cookies={"lobby_session": half}, trust_env=False)
    assert old.status_code == UNAUTHORIZED


def test_after_signing_out_the_cookie_is_worth_nothing(bank: Bank) -> None:
    visitor = signed_in(bank, "leaver")
    token = visitor.session()
    assert visitor.post("/sign-out", json={}).json() == {"go": None}
    visitor.cookies.set("lobby_session", token, domain="127.0.0.1", path="/")
    assert not visitor.inside()


def test_signing_out_everywhere_ends_all_of_ones_own(bank: Bank) -> None:
    first, second, other = (signed_in(bank, n) for n in ("many", "many", "another"))
    assert len(first.get("/api/v1/account").json()["sessions"]) == 2
    first.post("/sign-out", json={"everywhere": True})
    assert (second.inside(), other.inside()) == (False, True)


def test_one_session_can_be_ended_from_another_but_not_by_others(bank: Bank) -> None:
    first, second, other = (signed_in(bank, n) for n in ("pair", "pair", "stranger"))
    listed = first.get("/api/v1/account").json()["sessions"]
    that = next(one["id"] for one in listed if not one["this"])
    other.post(f"/api/v1/account/sessions/{that}/end")
    assert second.inside()
    first.post(f"/api/v1/account/sessions/{that}/end")
    assert (first.inside(), second.inside()) == (True, False)


def test_an_unused_session_ends(bank: Bank) -> None:
    visitor = signed_in(bank, "idle")
    bank.clock.go_on(minutes=29)
    assert visitor.inside()
    bank.clock.go_on(minutes=29)
    assert visitor.inside()
    bank.clock.go_on(minutes=31)
    assert not visitor.inside()


def test_so_does_a_used_one_after_a_working_day(bank: Bank) -> None:
    visitor = signed_in(bank, "all-day")
    for _ in range(35):
        bank.clock.go_on(minutes=20)
        assert visitor.inside()
    bank.clock.go_on(minutes=21)
    assert not visitor.inside()


def test_a_session_of_a_clock_that_ran_ahead_ends_when_it_is_set_right(bank: Bank) -> None:
    bank.clock.go_on(days=300)
    visitor = signed_in(bank, "ahead")
    bank.clock.go_on(days=-300)
    assert not visitor.inside()


def test_a_new_password_ends_the_other_sessions(bank: Bank) -> None:
    first, second = signed_in(bank, "changes"), signed_in(bank, "changes")
    given = {"password": PASSWORD, "new": "an entirely new one"}
    assert first.post("/api/v1/account/password", json=given).json() == {"next": "done"}
    assert (first.inside(), second.inside()) == (True, False)


def test_it_takes_the_present_one(bank: Bank) -> None:
    visitor = signed_in(bank, "careful")
    for given in ({"new": "an entirely new one"}, {"new": "an entirely new one", "password": "x"}):
        answer = visitor.post("/api/v1/account/password", json=given)
        assert answer.status_code == UNAUTHORIZED
    assert bank.visitor().sign_in("careful").status_code == httpx.codes.OK


def test_changing_the_second_factor_takes_the_password_too(bank: Bank) -> None:
    visitor = signed_in(bank, "phones", Role.ADMINISTRATOR)
    assert visitor.post("/api/v1/account/second-factor", json={}).status_code == UNAUTHORIZED
    bank.clock.go_on(seconds=90)
    old = visitor.secret
    assert visitor.set_up(password=PASSWORD).json()["next"] == "done"
    assert visitor.secret != old


@pytest.mark.parametrize("how", ["role", "regions", "removed", "password", "factor", "signed-out"])
def test_who_loses_rights_is_out_at_once(bank: Bank, how: str) -> None:
    chief = signed_in(bank, f"chief-{how}", Role.ADMINISTRATOR)
    visitor = signed_in(bank, f"loses-{how}")
    one = bank.door.people.named(f"loses-{how}")
    assert one is not None
    path, said = {
        "role": ("rights", {"role": "manager", "regions": ["East"]}),
        "regions": ("rights", {"role": "viewer", "regions": ["North"]}),
        "removed": ("remove", None),
        "password": ("reset", {"what": "password"}),
        "factor": ("reset", {"what": "second-factor"}),
        "signed-out": ("sign-out", None),
    }[how]
    assert chief.post(f"/api/v1/people/{one.id}/{path}", json=said).status_code == httpx.codes.OK
    assert not visitor.inside()


def test_an_open_stream_ends_with_its_session(bank: Bank) -> None:
    visitor = signed_in(bank, "streams")
    sent: list[Any] = []

    async def stream(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for n in range(6):
            if n == 3:
                visitor.post("/sign-out", json={"everywhere": True})
            await send({"type": "http.response.body", "body": b"news", "more_body": True})

    async def keep(message: Any) -> None:
        sent.append(message)

    cookie = f"lobby_session={visitor.session()}".encode()
    scope: Any = {"type": "http", "headers": [(b"cookie", cookie)], "state": {}}
    watched = known(bank.door.sessions, bank.clock, look_s=0)(stream)
    asyncio.run(watched(scope, keep, keep))  # type: ignore[arg-type]
    bodies = [(one["body"], one["more_body"]) for one in sent[1:]]
    assert bodies == [(b"news", True)] * 3 + [(b"", False)]


def test_a_manager_sees_their_own_regions_only(bank: Bank, visitor: Visitor) -> None:
    bank.add("east", Role.MANAGER, ("East",))
    visitor.sign_in("east")
    visitor.set_up()
    seen = visitor.get("/api/v1/branches").json()["branches"]
    assert [one["branch"] for one in seen] == ["bund"]
    assert visitor.get("/api/v1/branches/xidan").status_code == httpx.codes.NOT_FOUND
    assert visitor.get("/api/v1/people").status_code == httpx.codes.FORBIDDEN


def test_secrets_of_the_second_factor_are_sealed(bank: Bank) -> None:
    visitor = signed_in(bank, "sealed", Role.ADMINISTRATOR)
    with bank.door.engine.connect() as to:
        (kept,) = to.execute(
            sa.select(tables.account.c.factor).where(tables.account.c.key == "sealed")
        ).one()
    assert visitor.secret.encode() not in kept
    key = bank.settings.account_key
    assert key is not None
    assert key.stat().st_mode & 0o777 == 0o600
