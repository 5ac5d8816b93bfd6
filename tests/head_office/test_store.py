"""The ledger's database, as all parts of head office open it."""

from pathlib import Path

import pytest
import sqlalchemy as sa

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
