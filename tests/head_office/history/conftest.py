"""A ledger with history beside it."""

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


def kept(ledger: Ledger, store: Store, folder: Path, register: Register | None = None) -> Kept:
    engine = engine_of(store)
    parts = Parts(folder / "history", "Asia/Shanghai")
    known = register or Register(None)
    folding = Folding(engine, Reading(engine, ledger), parts, days_open=3)
    return Kept(ledger, engine, parts, known, folding, Past.open(engine, parts, known))


@pytest.fixture
def history(ledger: Ledger, store: Store, tmp_path: Path) -> Kept:
    return kept(ledger, store, tmp_path)


def registered(file: Path, *lines: str) -> Register:
    """The bank's list with these lines: branch, region, target_s."""
    file.write_text("\n".join(["branch,region,target_s", *lines]), encoding="utf-8")
    return Register(file)
