"""How alerts are kept, in SQLite and PostgreSQL."""

from datetime import timedelta

import pytest

from head_office.access import Person, Role
from head_office.alerts.book import AlertBook
from head_office.alerts.rules import Trouble
from head_office.alerts.watch import Begun, Changes, Key
from head_office.ledger import Ledger
from tests.head_office.alerts.branches import NOON

ALL = Person("all", Role.MANAGER)
SILENT: Key = ("bund", "silent", "")
PAPER: Key = ("xidan", "paper-low", "kiosk-1/printer")
LATER = NOON + timedelta(minutes=5)


def begun(region: str, kind: str) -> Begun:
    return Begun(region, Trouble(kind, "", {"entries": 3}), NOON)  # type: ignore[arg-type]


@pytest.fixture
def book(ledger: Ledger) -> AlertBook:
    made = AlertBook(ledger.engine, telling=True)
    found = {SILENT: begun("East/Shanghai", "silent"), PAPER: begun("North", "paper-low")}
    made.keep(Changes(begun=found), NOON)
    return made


def test_what_began_is_open_until_it_ends(book: AlertBook) -> None:
    assert sorted(book.open_keys()) == [SILENT, PAPER]
    assert book.count_open() == {("East/Shanghai", "urgent"): 1, ("North", "notice"): 1}
    book.keep(Changes(ended={SILENT: LATER}), LATER)
    assert book.open_keys() == [PAPER]
    ended, _ = book.one(1) or pytest.fail("there is no alert")
    assert (ended.branch, ended.began, ended.ended) == ("bund", NOON, LATER)
    assert ended.facts == {"entries": 3}


def test_what_is_open_goes_with_its_branch(book: AlertBook) -> None:
    book.keep(Changes(ended={SILENT: LATER}), LATER)
    book.keep(Changes(), LATER, {"bund": "West", "xidan": "West", "other": "West"})
    west = Person("west", Role.MANAGER, ("West",))
    assert [one.branch for one in book.find(west, open_only=False)] == ["xidan"]
    assert book.count_open() == {("West", "notice"): 1}


def test_the_same_may_begin_again(book: AlertBook) -> None:
    book.keep(Changes(ended={SILENT: LATER}), LATER)
    book.keep(Changes(begun={SILENT: begun("East/Shanghai", "silent")}), LATER)
    found = book.find(ALL, open_only=False, branch="bund")
    assert [(one.id, one.ended) for one in found] == [(3, None), (1, LATER)]


def test_who_acknowledged_first_stands_in_it_and_everybody_in_its_history(book: AlertBook) -> None:
    book.acknowledge(1, "li", "on my way", NOON)
    book.acknowledge(1, "wang", "me too", LATER)
    book.assign(1, "li", "zhao", LATER)
    book.note(1, "zhao", "fuse replaced", LATER)
    book.assign(1, "li", "", LATER)
    one, history = book.one(1) or pytest.fail("there is no alert")
    assert (one.acknowledged, one.acknowledged_by, one.assigned_to) == (NOON, "li", None)
    assert [(step.who, step.what, step.note) for step in history] == [
        ("", "began", ""),
        ("li", "acknowledged", "on my way"),
        ("wang", "acknowledged", "me too"),
        ("li", "assigned", "zhao"),
        ("zhao", "noted", "fuse replaced"),
        ("li", "assigned", ""),
    ]


@pytest.mark.parametrize(
    ("regions", "seen"),
    [(None, [1, 2]), (("East",), [1]), (("East/Shanghai",), [1]), (("Eas",), []), ((), [])],
)
def test_only_what_is_in_ones_regions(
    book: AlertBook, regions: tuple[str, ...] | None, seen: list[int]
) -> None:
    person = Person("somebody", Role.MANAGER, regions)
    assert [one.id for one in book.find(person, open_only=True)] == seen


REGIONS = (
    "", "East", "EAST", "east", "East/Shanghai", "EAST/Shanghai", "East/Shanghai/Pudong", "Eastern/Shanghai", "E%", "E%/Shanghai",
    "E_st", "E_st/Shanghai", "East\\", "East\\/Shanghai", "东区", "东区/上海", "Ä", "Ä/a", "ä/a", "x'y/z",
)  # fmt: skip


def test_the_database_and_the_rights_mean_the_same_regions(ledger: Ledger) -> None:
    """In every letter: a case, a percent sign and an underscore are what they are."""
    book = AlertBook(ledger.engine, telling=False)
    found: dict[Key, Begun] = {
        (f"b{n}", "silent", ""): begun(region, "silent") for n, region in enumerate(REGIONS)
    }
    book.keep(Changes(begun=found), NOON)
    for mine in REGIONS[1:]:
        person = Person("somebody", Role.MANAGER, (mine,))
        seen = {one.region for one in book.find(person, open_only=True)}
        assert seen == {region for region in REGIONS if person.sees(region)}, mine


def test_pages(book: AlertBook) -> None:
    assert [one.id for one in book.find(ALL, open_only=False, limit=1)] == [2]
    assert [one.id for one in book.find(ALL, open_only=False, skip=1)] == [1]
    assert [one.id for one in book.find(ALL, open_only=True, limit=1)] == [1], "the worst"
    assert [one.id for one in book.find(ALL, open_only=False, kind="silent")] == [1]
    assert book.one(99) is None


def test_every_step_is_to_be_told_until_it_was(book: AlertBook) -> None:
    book.acknowledge(2, "li", "", LATER)
    numbers = [number for number, _ in book.untold(10)]
    assert numbers == sorted(numbers)
    assert len(numbers) == 3
    assert '"acknowledged"' in book.untold(10)[-1][1]
    book.told(numbers[:2])
    assert [number for number, _ in book.untold(10)] == numbers[2:]


def test_nothing_is_kept_to_be_told_where_nobody_is(ledger: Ledger) -> None:
    book = AlertBook(ledger.engine, telling=False)
    book.keep(Changes(begun={SILENT: begun("", "silent")}), NOON)
    assert book.untold(10) == []
