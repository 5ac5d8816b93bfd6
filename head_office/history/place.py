"""Where history is kept."""

from pathlib import Path

from head_office.settings import Settings

ANSWERS_S = 600.0  # a PostgreSQL that holds the ledger, to who reads a fleet's day or month at once


class NoHistory(Exception):
    """There is no place for it; the text says what to do."""


def folder_of(settings: Settings) -> Path:
    """Raises NoHistory."""
    if settings.history.folder is not None:
        return Path(settings.history.folder)
    if settings.store.data is not None:
        return Path(settings.store.data) / "history"
    raise NoHistory(
        "section [history]: key 'folder': is missing; with the ledger in a PostgreSQL, name a folder for past days"
    )
