"""What head office does with what it has noticed, when branches move and the database does not answer."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from head_office.access import Person, Role
from head_office.alerts.book import AlertBook
from head_office.alerts.desk import AlertDesk
from head_office.ledger import Ledger
from head_office.picture import Picture
from head_office.register import Register
from tests.head_office.alerts.branches import NOON

EAST, WEST = (Person(name, Role.MANAGER, (name,)) for name in ("East", "West"))


def desk(book: AlertBook, picture: Picture) -> AlertDesk:
    return AlertDesk(book, picture, clock=lambda: NOON, hears=lambda: True, on_change=lambda: None)


def test_whoever_sees_a_branch_sees_what_is_open_of_it(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "branches.csv"
    file.write_text("branch,region\nbund,East\n")
    register = Register(file)
    picture = Picture(0, register)
    picture.alert("bund", "cloned", NOON)
    made = desk(AlertBook(ledger.engine, telling=False), picture)
    asyncio.run(made.look())
    assert (made.open(EAST), made.open(WEST)) == ({"urgent": 1}, {})
    file.write_text("branch,region\nbund,West/Xian\n")
    assert register.read_again()
    picture.place(NOON + timedelta(seconds=5))
    asyncio.run(made.look())
    assert (made.open(EAST), made.open(WEST)) == ({}, {"urgent": 1})
    assert [one.branch for one in made.book.find(WEST, open_only=True)] == ["bund"]


class Unread(AlertBook):
    """Of a database that goes away between a write and a read."""

    away = False

    def count_open(self) -> Any:
        if self.away:
            raise sa.exc.OperationalError("SELECT", None, Exception("the server is gone"))
        return super().count_open()


def test_a_database_that_goes_away_ends_nothing(ledger: Ledger) -> None:
    picture, book = Picture(), Unread(ledger.engine, telling=False)
    picture.alert("bund", "cloned", NOON)
    made = desk(book, picture)
    book.away = True
    asyncio.run(made.look())
    book.away = False
    asyncio.run(made.look())
    assert made.open(Person("all", Role.VIEWER)) == {"urgent": 1}
    assert len(book.find(Person("all", Role.VIEWER), open_only=False)) == 1
