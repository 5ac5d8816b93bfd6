"""What the branch has yet to hear, in order: papers, and tickets to be given back."""

import logging
from collections import deque
from dataclasses import astuple, dataclass

from kiosk.store import Store, StoreUnusable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Telling:
    """A POST under its own key, so that telling it twice changes nothing. `what`: tell, or give back."""

    what: str
    path: str
    body: bytes
    key: str


class Untold:
    """Kept in the store, where there is one, so that it outlives a kill; a disk that fails costs no more than that."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self._waiting: deque[Telling] = deque()
        try:
            rows = (
                store.rows("SELECT what, path, body, key FROM untold ORDER BY n") if store else []
            )
            self._waiting.extend(Telling(*row) for row in rows)
        except StoreUnusable as error:
            log.warning("What the branch has not heard before the start cannot be read: %s", error)

    def first(self) -> Telling | None:
        return self._waiting[0] if self._waiting else None

    def add(self, telling: Telling) -> None:
        self._waiting.append(telling)
        self._write(
            "INSERT INTO untold (what, path, body, key) VALUES (?, ?, ?, ?)", *astuple(telling)
        )

    def heard(self, telling: Telling) -> None:
        """The branch has answered."""
        self._waiting.remove(telling)
        self._write("DELETE FROM untold WHERE key = ?", telling.key)

    def _write(self, words: str, *values: object) -> None:
        if self._store is None:
            return
        try:
            with self._store.writing() as file:
                file.execute(words, values)
        except StoreUnusable as error:
            log.warning("What the branch has to hear is in memory only: %s", error)
