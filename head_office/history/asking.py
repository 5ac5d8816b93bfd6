"""A question put to the files of history, by DuckDB."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from head_office.history.parts import Kind, connect
from head_office.history.scope import Question, Scope
from head_office.history.working import Working

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

THREADS = 2
Files = Mapping[Kind, Mapping[int, Sequence[Path]]]  # of each part, those of the days in question


@dataclass(frozen=True, slots=True)
class Asking:
    """A question, the branches it is about, and the files that hold them now."""

    root: Path
    question: Question
    scope: Scope
    files: Files
    working: Working

    def parts(self, kind: Kind) -> list[Sequence[Path]]:
        """The files of each part; a branch is in one part only."""
        return list(self.files[kind].values())

    def all_files(self, kind: Kind) -> list[Path]:
        return [file for files in self.parts(kind) for file in files]

    def ask(self, query: str, files: Sequence[Path]) -> list[tuple[Any, ...]]:
        """`query` reads `$files`, days from `$first` to `$last`, and the table `place`. Raises Ended."""
        if not files or not self.scope.places:
            return []
        asked: dict[str, object] = {
            "files": [str(file) for file in files],
            "first": self.question.first,
            "last": self.question.last,
        }
        asked |= {name: value for name, value in self.wanted().items() if f"${name}" in query}
        with self._places() as database, self.working.at_work(database):
            return database.execute(query, asked).fetchall()

    def wanted(self) -> dict[str, str]:
        """What visits must be of."""
        given = {"service": self.question.service, "segment": self.question.segment}
        return {name: value for name, value in given.items() if value}

    @contextmanager
    def _places(self) -> Iterator["DuckDBPyConnection"]:
        """With the table `place`: branch, region and target_s of the branches that may be seen."""
        import numpy as np  # noqa: PLC0415  slow to load

        scope = self.scope
        places = {
            "branch": np.array(list(scope.places), dtype=object),
            "region": np.array([scope.group(branch) for branch in scope.places], dtype=object),
            "target_s": np.array([one.target_s for one in scope.places.values()], dtype=np.int64),
        }
        with closing(connect(self.root, "UTC", threads=THREADS)) as database:
            database.register("places", places)
            database.execute("CREATE TABLE place AS SELECT * FROM places")
            database.unregister("places")
            yield database
