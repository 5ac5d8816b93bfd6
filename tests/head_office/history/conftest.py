"""A ledger with history beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from head_office.access import Person, Role
from head_office.history.folding import Folding
from head_office.history.parts import Parts
from head_office.history.past import Past
from head_office.history.reading import Reading
from head_office.ledger import Ledger
from head_office.register import Register
from head_office.settings import Store
from head_office.store import engine_of

EVERYBODY = Person("head office", Role.VIEWER)
LATER = datetime(2026, 12, 1, 12, tzinfo=UTC)


@dataclass
class Kept:
    ledger: Ledger
    engine: sa.Engine
    parts: Parts
    register: Register
    folding: Folding
    past: Past

    def fold(self, now: datetime = LATER, only: date | None = None) -> int:
        return self.folding.fold(now, only)

    def end(self) -> None:
        self.ledger.close()


def kept(
    folder: Path,
    register: Register | None = None,
    store: Store | None = None,
    data: Path | None = None,
    folded: Path | None = None,
) -> Kept:
    """`data`: of the ledger, and `folded`: of history, where they are not in `folder`."""
    engine = engine_of(store or Store(data=str(data or folder / "ledger")))
    ledger = Ledger(engine)
    known = register or Register(None)
    parts = Parts(folded or folder / "history", "Asia/Shanghai", known)
    folding = Folding(engine, Reading(engine, ledger), parts, days_open=3)
    return Kept(ledger, engine, parts, known, folding, Past.open(engine, parts, known))


@pytest.fixture
def history(tmp_path: Path) -> Iterator[Kept]:
    made = kept(tmp_path)
    yield made
    made.end()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    """With the ledger in SQLite or in PostgreSQL."""
    store = None
    if request.param == "postgresql":
        store = request.getfixturevalue("postgres").store()
    made = kept(tmp_path, store=store)
    yield made
    made.end()


def registered(file: Path, *lines: str) -> Register:
    """The bank's list with these lines: branch, region, target_s."""
    file.write_text("\n".join(["branch,region,target_s", *lines]), encoding="utf-8")
    return Register(file)
