"""Administrators: who has an account, and the record of what was done."""

import asyncio
import csv
import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from head_office.access import Person, Role
from head_office.accounts import audit, tables
from head_office.accounts.acts import written_down
from head_office.accounts.people import NotPossible, People
from head_office.settings import Store
from head_office.store import engine_of
from tests.head_office.accounts.conftest import PASSWORD, Bank, Visitor, audited

CONFLICT, OK = httpx.codes.CONFLICT, httpx.codes.OK


@pytest.fixture(scope="module")
def chief(bank: Bank) -> Visitor:
    bank.add("chief", Role.ADMINISTRATOR)
    visitor = bank.visitor()
    visitor.sign_in("chief")
    visitor.set_up()
    return visitor


def add(chief: Visitor, name: str, role: str = "viewer", regions: Any = None) -> Any:
    return chief.post("/api/v1/people", json={"name": name, "role": role, "regions": regions})


def test_somebody_new_sets_their_own_password(chief: Visitor, bank: Bank) -> None:
    made = add(chief, "newcomer").json()
    assert made["person"]["new"]
    visitor = bank.visitor()
    assert visitor.sign_in("newcomer", made["password"]).json() == {"next": "new-password"}
    assert ("chief", "person-added", "newcomer") in audited(bank)


@pytest.mark.parametrize(
    ("role", "regions", "problem"),
    [
        ("manager", None, "regions-missing"),
        ("manager", [" / "], "regions-missing"),
        ("administrator", ["East"], "regions-too-many"),
    ],
)
def test_a_role_has_the_regions_that_fit(
    chief: Visitor, role: str, regions: Any, problem: str
) -> None:
    answer = add(chief, "unfit", role, regions)
    assert (answer.status_code, answer.json()["type"]) == (CONFLICT, f"urn:lobby:problem:{problem}")


def test_a_name_is_given_once_however_it_is_written(chief: Visitor) -> None:
    assert add(chief, "Twin").status_code == httpx.codes.CREATED
    for name in ("twin", "TWIN", "ｔｗｉｎ"):
        assert add(chief, name).json()["type"].endswith("name-taken")


def test_regions_are_kept_as_a_path(chief: Visitor) -> None:
    made = add(chief, "paths", "manager", [" East/Shanghai/ ", "East/Shanghai", "North"]).json()
    assert made["person"]["regions"] == ["East/Shanghai", "North"]


@pytest.mark.parametrize("role", ["viewer", "manager"])
def test_only_administrators_get_at_it(chief: Visitor, bank: Bank, role: str) -> None:
    bank.add(f"only-{role}", Role[role.upper()], ("East",))
    visitor = bank.visitor()
    if visitor.sign_in(f"only-{role}").json()["next"] == "set-up":
        visitor.set_up()
    assert visitor.inside()
    for path in ("/api/v1/people", "/api/v1/audit", "/api/v1/audit.csv"):
        assert visitor.get(path).status_code == httpx.codes.FORBIDDEN
    made = visitor.post("/api/v1/people", json={"name": "friend", "role": "administrator"})
    assert made.status_code == httpx.codes.FORBIDDEN


def test_a_reset_password_leaves_the_second_factor(chief: Visitor, bank: Bank) -> None:
    one = bank.add("forgetful", Role.ADMINISTRATOR)
    visitor = bank.visitor()
    visitor.sign_in("forgetful")
    visitor.set_up()
    reset = chief.post(f"/api/v1/people/{one.id}/reset", json={"what": "password"}).json()
    assert visitor.sign_in("forgetful").status_code == httpx.codes.UNAUTHORIZED
    assert visitor.sign_in("forgetful", reset["password"]).json() == {"next": "code"}
    assert visitor.give(visitor.recovery_codes[3]).json() == {"next": "new-password"}


def test_a_lost_phone_is_replaced(chief: Visitor, bank: Bank) -> None:
    one = bank.add("lost", Role.ADMINISTRATOR)
    visitor = bank.visitor()
    visitor.sign_in("lost")
    visitor.set_up()
    old = visitor.recovery_codes
    chief.post(f"/api/v1/people/{one.id}/reset", json={"what": "second-factor"})
    assert visitor.sign_in("lost").json() == {"next": "set-up"}
    visitor.set_up()
    visitor.sign_in("lost")
    assert visitor.give(old[0]).status_code == httpx.codes.UNAUTHORIZED


def test_the_last_administrator_stays(tmp_path: Any) -> None:
    bank = Bank(tmp_path)
    try:
        one = bank.add("alone", Role.ADMINISTRATOR)
        alone = bank.visitor()
        alone.sign_in("alone")
        alone.set_up()
        said = {"role": "viewer"}
        for path, body in (("rights", said), ("remove", None)):
            answer = alone.post(f"/api/v1/people/{one.id}/{path}", json=body)
            assert answer.json()["type"].endswith("last-administrator")
        assert alone.inside()
    finally:
        bank.end()


def test_unknown_people_are_a_404(chief: Visitor) -> None:
    for path, body in (("remove", None), ("rights", {"role": "viewer"}), ("sign-out", None)):
        answer = chief.post(f"/api/v1/people/nobody/{path}", json=body)
        assert answer.status_code == httpx.codes.NOT_FOUND


def test_the_record_tells_who_when_from_where(chief: Visitor, bank: Bank) -> None:
    bank.add("watched")
    bank.visitor().sign_in("watched", "wrong")
    bank.visitor().sign_in("hunter2-my-password", "oops")
    entries = chief.get("/api/v1/audit").json()["entries"]
    nobody, wrong = entries[:2]
    assert (nobody["person"], nobody["what"]) == ("", "sign-in-failed")
    assert (wrong["person"], wrong["address"]) == ("watched", "127.0.0.1")
    assert "hunter2" not in str(entries)
    assert wrong["at"].endswith("Z")


def test_it_is_read_page_by_page(chief: Visitor) -> None:
    first = chief.get("/api/v1/audit", params={"limit": 3}).json()["entries"]
    then = chief.get("/api/v1/audit", params={"limit": 3, "before": first[-1]["id"]}).json()
    ids = [one["id"] for one in first + then["entries"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 6


def test_it_is_exported_whole_and_harmless(chief: Visitor, bank: Bank) -> None:
    audit.record(
        bank.door.engine, "=cmd|' /C calc'!A0", "alert-acknowledged", "河滨支行", "a\r\nb\u202e"
    )
    answer = chief.get("/api/v1/audit.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["at", "person", "address", "what", "of", "detail"]
    last = next(row for row in rows if row[3] == "alert-acknowledged")
    assert last[1:] == ["'=cmd|' /C calc'!A0", "", "alert-acknowledged", "河滨支行", "a  b "]


def test_what_other_parts_do_is_in_it_or_not_done(store: Store) -> None:
    """Within their own transaction, on both databases; with the address that the person has come from."""
    engine = engine_of(store)
    tables.create(engine)
    tables.create(engine)
    who = Person("lin", Role.MANAGER, ("East",), "10.1.2.3")
    audit.record(engine, who, "alert-acknowledged", "bund", "seen\0")
    with engine.connect() as to:
        audit.record(to, who, "rollout-begun", "v2")
        to.rollback()
    (entry,) = audit.read(engine, None, 10)
    assert (entry.person, entry.address, entry.of, entry.detail) == (
        "lin",
        "10.1.2.3",
        "bund",
        "seen ",
    )
    for change in (sa.update(tables.audit).values(person="x"), sa.delete(tables.audit)):
        with pytest.raises(sa.exc.DBAPIError, match="only grows"), engine.begin() as to:
            to.execute(change)
    engine.dispose()


@pytest.mark.parametrize(
    ("method", "status", "written"),
    [("POST", 200, True), ("POST", 204, True), ("POST", 409, False), ("GET", 200, False)],
)
def test_what_is_changed_in_any_part_is_written_down(
    bank: Bank, method: str, status: int, written: bool
) -> None:
    async def part(scope: Any, _receive: Any, send: Any) -> None:
        scope["state"]["person"] = Person("lin", Role.MANAGER, None, "10.1.2.3")
        await send({"type": "http.response.start", "status": status, "headers": []})

    async def nothing(_message: Any) -> None:
        return

    path = f"/api/v1/anything/{method}{status}"
    scope: Any = {"type": "http", "method": method, "path": path, "state": {}}
    watched = written_down(bank.door.engine, bank.door.work, bank.clock)(part)
    asyncio.run(watched(scope, nothing, nothing))  # type: ignore[arg-type]
    assert (("lin", "changed", path) in audited(bank)) is written


def test_two_administrators_do_not_remove_each_other_at_once(store: Store, tmp_path: Any) -> None:
    bank = Bank(tmp_path / "two", store if store.url else None)
    try:
        ids = [bank.add(name, Role.ADMINISTRATOR).id for name in ("one", "two")]

        def demote(of: str) -> bool:
            try:
                with bank.door.engine.begin() as to:
                    People(bank.door.engine).set_rights(to, of, Role.VIEWER, None)
            except NotPossible:
                return False
            return True

        with ThreadPoolExecutor(2) as both:
            done = list(both.map(demote, ids))
        roles = [one.role for one in bank.door.people.all()]
        assert sorted(done) == [False, True]
        assert roles.count(Role.ADMINISTRATOR) == 1
        visitor = bank.visitor()
        assert visitor.sign_in("two").json()["next"] in ("done", "set-up")
        assert visitor.sign_in("two", PASSWORD + "x").status_code == httpx.codes.UNAUTHORIZED
    finally:
        bank.end()
