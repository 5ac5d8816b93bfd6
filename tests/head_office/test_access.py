"""Who may see which branches."""

from typing import Any

import httpx
import pytest

from head_office.access import Person, Role
from tests.conftest import wait_for
from tests.head_office.conftest import House, Office
from tests.head_office.test_web import ADMIN

MANAGER = {"Authorization": "Bearer manager-of-the-east"}


@pytest.mark.parametrize(
    ("regions", "region", "seen"),
    [
        (None, "East", True),
        (None, "", True),
        (("East",), "East", True),
        (("East",), "East/Shanghai", True),
        (("East/Shanghai",), "East", False),
        (("East",), "Easter", False),
        (("East",), "", False),
        ((), "East", False),
        (("North", "East"), "East/Shanghai", True),
    ],
)
def test_regions(regions: tuple[str, ...] | None, region: str, seen: bool) -> None:
    assert Person("somebody", Role.MANAGER, regions).sees(region) is seen


def test_each_role_may_what_the_ones_before_it_may() -> None:
    assert Role.VIEWER < Role.MANAGER < Role.ADMINISTRATOR


@pytest.fixture(scope="module")
def office(module_house: House) -> Office:
    """Of two branches that never reported."""
    file = module_house.folder / "branches.csv"
    file.write_text("branch,region\nbund,East/Shanghai\nxidan,North\n", encoding="utf-8")
    more = (
        f'\n[[readers]]\nname = "east"\ntoken = "manager-of-the-east"\nrole = "manager"\n'
        f'regions = ["East"]\n\n[branches]\nfile = "{file}"\n'
    )
    office = module_house.office(module_house.broker().url, more=more)
    wait_for(lambda: len(seen(office, ADMIN)) == 2, "the two branches of the list")
    return office


def seen(office: Office, headers: Any) -> list[str]:
    said = office.http.get("/api/v1/branches", headers=headers).json()
    return [one["branch"] for one in said["branches"]]


def test_a_manager_sees_their_own_branches_only(office: Office) -> None:
    assert seen(office, ADMIN) == ["bund", "xidan"]
    assert seen(office, MANAGER) == ["bund"]
    for path in ("", "/events", "/events?epoch=e", "/proof", "/proof?epoch=e", "/curve"):
        hidden = office.http.get(f"/api/v1/branches/xidan{path}", headers=MANAGER)
        assert hidden.status_code == httpx.codes.NOT_FOUND
    assert office.http.get("/api/v1/branches/bund", headers=MANAGER).json()["status"] == "never"


def test_so_does_the_stream(office: Office) -> None:
    told = []
    headers = {**MANAGER, "Last-Event-ID": "0"}
    with office.http.stream("GET", "/api/v1/stream", headers=headers) as answer:
        for line in answer.iter_lines():
            told.append(line)
            if '"Still"' in line or '"bund"' in line:
                break
    assert any('"bund"' in line for line in told)
    assert not any('"xidan"' in line for line in told)
