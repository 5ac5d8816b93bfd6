"""What the board is told: a branch in few bytes, once for all who read, of what each may see."""

import asyncio
import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from bench.many_branches import Many, birth, health, queues
from edge_agent.messages import Queues
from head_office.access import Person, Role
from head_office.board import outline
from head_office.board.row import about, standing
from head_office.board.steps import ANEW, MANY, Steps
from head_office.picture import BranchNow, Picture
from head_office.register import Place, Register

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
EVERYBODY = Person("office", Role.VIEWER)
EAST = Person("east", Role.VIEWER, ("East",))


class Bank:
    """A picture of some branches, and the board's steps over it."""

    def __init__(self, folder: Path, count: int = 30) -> None:
        many = Many(count)
        many.write_list(folder / "branches.csv")
        self.places = list(many.places())
        self.picture = Picture(1000, Register(folder / "branches.csv"))
        self.picture.place(NOW)
        self.steps = Steps(self.picture, lambda: NOW)

    def speak(self, place: Place, said: Queues | None = None) -> None:
        at = NOW + timedelta(seconds=1)
        self.picture.queues(place.branch, said or queues(place, at, Random(1)), at)
        self.steps.step()

    def frame(self, after: int, person: Person = EVERYBODY) -> Any:
        return msgspec.json.decode(self.steps.frame(after, person))

    def whole(self, person: Person = EVERYBODY) -> Any:
        return msgspec.json.decode(gzip.decompress(asyncio.run(self.steps.whole(person))))


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank(tmp_path)


def branches(frame: Any) -> set[str]:
    return {row[0] for row in frame["standing"]}


def test_a_row_says_how_its_branch_stands() -> None:
    place = next(Many(1).places())
    said = queues(place, NOW, Random(3), "slow")
    waits = [line.longest_wait_s for line in said.queues if line.waiting]
    now = BranchNow(
        branch=place.branch, since=NOW, seen_at=NOW + timedelta(seconds=4), queues=said,
        devices=health(NOW, Random(1), "low").devices, target_s=place.target_s, behind=3,
    )  # fmt: skip
    row = msgspec.json.decode(msgspec.json.encode(standing(now)))
    open_ = [one for one in said.counters if one.state not in ("closed", "paused")]
    busy = [one for one in open_ if one.state == "serving"]
    assert row == [
        place.branch, "online", SECONDS, SECONDS + 4, sum(line.waiting for line in said.queues),
        max(waits), SECONDS, len(open_), len(busy), 6, said.served,
        [["kiosk-1/printer", "ticket_printer", "degraded", "paperLow", 40]],
        3, 0, ["wait-over-target", "paper-low"], [said.ratings.visits, said.ratings.rated, said.ratings.mean], 0,
    ]  # fmt: skip


def test_a_wait_is_counted_from_when_it_was_heard_where_the_branchs_clock_is_wrong() -> None:
    place = next(Many(1).places())
    an_hour_ahead = queues(place, NOW + timedelta(hours=1), Random(3), "clock")
    now = BranchNow(branch=place.branch, since=NOW, seen_at=NOW, queues=an_hour_ahead)
    assert standing(now).counted_at == SECONDS
    assert standing(now).clock_off_s == 5400


def test_a_row_says_who_its_branch_is() -> None:
    now = BranchNow(
        branch="bund", name={"en": "The Bund"}, since=NOW, seen_at=NOW, region="East/Shanghai",
        latitude=31.24, longitude=121.49, target_s=900, version="1.4",
    )  # fmt: skip
    said = msgspec.json.encode(about(now))
    assert said == b'["bund",{"en":"The Bund"},"East/Shanghai",31.24,121.49,900,"1.4"]'


def test_everything_is_every_branch_once(bank: Bank) -> None:
    whole = bank.whole()
    assert branches(whole) == {place.branch for place in bank.places}
    assert [row[0] for row in whole["about"]] == [row[0] for row in whole["standing"]]
    assert whole["branches"] == len(whole["standing"]) == 30


def test_a_step_tells_what_has_changed_and_who_it_is_only_when_that_has(bank: Bank) -> None:
    bank.steps.step()
    before = bank.steps.version
    bank.whole()
    bank.speak(bank.places[4])
    frame = bank.frame(before)
    assert (branches(frame), frame["about"]) == ({bank.places[4].branch}, [])
    before = bank.steps.version
    bank.picture.birth(birth(bank.places[4], NOW), NOW)  # now its version is known
    bank.steps.step()
    assert [row[-1] for row in bank.frame(before)["about"]] == ["1.4.2"]


def test_who_lags_is_told_of_each_branch_once_as_it_is_now(bank: Bank) -> None:
    bank.steps.step()
    before = bank.steps.version
    for waiting in range(3):
        said = queues(bank.places[0], NOW, Random(waiting))
        bank.speak(bank.places[0], said)
    rows = bank.frame(before)["standing"]
    assert [row[4] for row in rows] == [sum(line.waiting for line in said.queues)]


def test_all_who_are_as_far_are_given_the_same_bytes(bank: Bank) -> None:
    bank.steps.step()
    before = bank.steps.version
    bank.speak(bank.places[0])
    assert bank.steps.frame(before, EVERYBODY) is bank.steps.frame(
        before, Person("two", Role.MANAGER)
    )


def test_a_regional_manager_is_told_of_theirs_only(bank: Bank) -> None:
    bank.steps.step()
    before = bank.steps.version
    theirs = {place.branch for place in bank.places if place.region.startswith("East/")}
    for place in bank.places:
        bank.speak(place)
    assert 0 < len(theirs) < 30
    assert branches(bank.frame(before, EAST)) == theirs == branches(bank.whole(EAST))
    assert bank.whole(EAST)["branches"] == len(theirs)


@pytest.mark.parametrize("after", [0, 999, 10**9])
def test_who_was_told_by_another_run_is_to_ask_for_everything(bank: Bank, after: int) -> None:
    assert bank.steps.frame(after, EVERYBODY) == ANEW


def test_who_lags_too_far_is_to_ask_for_everything(tmp_path: Path) -> None:
    bank = Bank(tmp_path, MANY + 1)
    bank.steps.step()
    before = bank.steps.version
    said = queues(bank.places[0], NOW, Random(1))
    for place in bank.places[:MANY]:
        bank.picture.queues(place.branch, said, NOW + timedelta(seconds=1))
    bank.steps.step()
    assert len(bank.frame(before)["standing"]) == MANY
    bank.speak(bank.places[MANY])
    assert bank.steps.frame(before, EVERYBODY) == ANEW


def test_a_branch_that_is_forgotten_is_counted_no_more(bank: Bank, tmp_path: Path) -> None:
    bank.whole()
    Many(29).write_list(tmp_path / "branches.csv")
    register = bank.picture._register
    assert register.read_again()
    bank.picture.place(NOW)
    bank.steps.step()
    assert bank.whole()["branches"] == 29


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read"),
        ("{", "is no GeoJSON"),
        ("[]", "is no GeoJSON"),
        ('{"type": "Topology"}', "expected one of FeatureCollection"),
    ],
)
def test_an_outline_that_cannot_be_used_is_said_in_a_sentence(
    tmp_path: Path, text: str | None, said: str
) -> None:
    file = tmp_path / "outline.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(outline.Unusable, match=said):
        outline.load(str(file))


def test_an_outline_is_given_out_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "outline.json"
    file.write_text('{"type": "Polygon", "coordinates": []}')
    assert outline.load(str(file)) == file.read_bytes()
    assert outline.load(None) == b""
