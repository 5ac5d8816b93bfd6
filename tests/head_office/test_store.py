"""The ledger's database, as all parts of head office open it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from head_office.ledger import Ledger
from head_office.settings import Store
from head_office.store import engine_of


def test_an_error_of_the_database_tells_no_secret(tmp_path: Path) -> None:
    """It is logged with its statement."""
    engine = engine_of(Store(data=str(tmp_path)))
    statement = sa.text("INSERT INTO nowhere VALUES (:secret)")
    with pytest.raises(sa.exc.OperationalError) as failed, engine.begin() as to:
        to.execute(statement, {"secret": "argon2-of-somebody"})
    assert "nowhere" in str(failed.value)
    assert "argon2" not in str(failed.value)
    engine.dispose()


def test_what_cannot_be_read_does_not_fill_the_disk(ledger: Ledger) -> None:
    at = datetime(2026, 11, 26, 12, tzinfo=UTC)
    for batch in range(30):
        ledger.write([], [], [(at, "topic", f"{batch}", b"?")] * 100)
    assert ledger.set_aside() == 3000
    with ledger.engine.connect() as to:
        kept = to.execute(
            sa.text("SELECT count(*), max(CAST(reason AS integer)) FROM set_aside")
        ).one()
    assert tuple(kept) == (2000, 29)
