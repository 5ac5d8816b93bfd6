"""The databases that answer questions just now, so that head office need not wait for them when it ends."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

AGAIN_S = 0.05


class Ended(Exception):
    """Head office is ending; the question was not answered."""


class Working:
    """Shared by the threads that ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at_work: set[DuckDBPyConnection] = set()
        self.ended = False

    @contextmanager
    def at_work(self, database: "DuckDBPyConnection") -> Iterator[None]:
        """Raises Ended, also in the middle of what is done in it."""
        from duckdb import InterruptException  # noqa: PLC0415  slow to load

        with self._lock:
            if self.ended:
                raise Ended
            self._at_work.add(database)
        try:
            yield
        except InterruptException as error:
            raise Ended from error
        finally:
            with self._lock:
                self._at_work.discard(database)

    @property
    def busy(self) -> int:
        """How many answer just now."""
        return len(self._at_work)

    def end(self) -> None:
        """Whatever is being worked out is dropped, and nothing more begins."""
        with self._lock:
            self.ended = True
        threading.Thread(target=self._interrupt, daemon=True).start()

    def _interrupt(self) -> None:
        """Until all have stopped: one that is only about to begin does not hear it the first time."""
        while self._at_work:
            with self._lock:
                for database in self._at_work:
                    database.interrupt()
            time.sleep(AGAIN_S)
