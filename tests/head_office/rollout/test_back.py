"""Who presses "back" means the version on their screen: twice, late or together, it is one step."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from head_office.rollout.back import go_back
from head_office.rollout.key import make
from head_office.rollout.plan import Stage
from program.web import Turned
from tests.head_office.conftest import Office
from tests.head_office.rollout.conftest import ADMIN, API
from tests.head_office.rollout.test_desk import Fleet, new_ledger


def test_pressed_twice_it_goes_back_one_version(tmp_path: Path) -> None:
    fleet = Fleet(new_ledger(tmp_path), make(tmp_path / "office.pem"), ["b0"], Random(1))
    for contents in ("first", "second", "third"):
        fleet.begin(Stage(everywhere=True), contents=contents)
        asyncio.run(fleet.pass_time(1))
    assert fleet.desk.plan is not None
    assert (fleet.desk.plan.version, fleet.desk.plan.state) == (3, "done")

    first = asyncio.run(go_back(fleet.desk, 3, "li"))
    assert (first.version, first.before) == (4, 1)
    with pytest.raises(Turned, match="version 4 has gone out since, not version 3") as refused:
        asyncio.run(go_back(fleet.desk, 3, "li"))
    assert refused.value.status_code == httpx.codes.CONFLICT
    contents_now = [one.contents for one in fleet.desk.book.versions()]
    assert contents_now == ["second", "third", "second", "first"]
    assert [one.what for one in fleet.desk.book.deeds()].count("back") == 1


def test_two_people_at_once_go_back_once(office: Office) -> None:
    def ask(path: str, body: Any) -> httpx.Response:
        return httpx.post(f"{office.url}{API}/{path}", json=body, headers=ADMIN, trust_env=False)

    version = ask("versions", {"contents": ""}).json()["version"]
    ask(f"versions/{version}/plan", {"stages": [{"everywhere": True}]})
    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda _: ask("back", {"version": version}), range(8)))
    assert sorted(one.status_code for one in answers) == [200, *[409] * 7]
    assert "has gone out since" in next(one for one in answers if one.status_code == 409).text
    now = office.http.get(API).json()
    assert now["plan"]["version"] == version + 1
    assert [one["version"] for one in now["versions"]][:2] == [version + 1, version]
    assert [one["what"] for one in now["deeds"]].count("back") == 1
