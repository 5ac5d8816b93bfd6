"""`python -m kiosk.identity pairs FILE`: one JSON line a pair of pictures, by the kiosk's own decision.

FILE is a CSV. With a header, the columns `left_image` and `right_image` count; without one, the first two. A relative path starts at
the CSV's folder or, if nothing is there, at the working directory. A line that is no pair ends it before anything is judged. A picture
that is missing or cannot be read makes the pair `poor_quality`, a line on standard error and status 2 at the end.
"""

import csv
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.identity import pictures
from kiosk.identity.decision import Verdict, verify
from kiosk.identity.engine import Engine
from kiosk.identity.pictures import NoPicture

COLUMNS = ("left_image", "right_image")
UNUSABLE = 2  # exit status
NO_PICTURE = Verdict("poor_quality", ("not_a_picture",))


class PairsError(Exception):
    """The file of pairs cannot be used; the text says where and why."""


@dataclass(frozen=True)
class Pair:
    """As written in the file, and where the pictures were found."""

    written: tuple[str, str]
    found: tuple[Path, Path]


def run(file: Path, engine: Engine) -> int:
    """Prints to standard output; gives the exit status. Raises PairsError."""
    status = 0
    for pair in list(read(file)):
        start = time.perf_counter()
        try:
            left, right = (pictures.read(path) for path in pair.found)
            verdict = verify(left, [right], engine)
        except (NoPicture, OSError) as error:
            sys.stderr.write(f"{pictures.why(error)}\n")
            status, verdict = UNUSABLE, NO_PICTURE
        _tell(pair, verdict, (time.perf_counter() - start) * 1000)
    return status


def read(file: Path) -> Iterator[Pair]:
    """Raises PairsError for a file that cannot be read, or a line that is no pair."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            yield from _pairs(file, csv.reader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise PairsError(
            f"{file} cannot be read as a CSV of pairs: {why}; name a file that is there, in UTF-8, with the columns "
            f"{','.join(COLUMNS)}"
        ) from error


def _pairs(file: Path, rows: Iterator[list[str]]) -> Iterator[Pair]:
    columns = (0, 1)
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row]
        if number == 1 and set(COLUMNS) <= set(cells):
            columns = (cells.index(COLUMNS[0]), cells.index(COLUMNS[1]))
        elif any(cells):
            yield _pair(file, number, cells, columns)


def _pair(file: Path, number: int, cells: list[str], columns: tuple[int, int]) -> Pair:
    if len(cells) <= max(columns) or not all(cells[column] for column in columns):
        raise PairsError(f"{file} line {number}: expected two paths, left_image,right_image")
    left, right = (cells[column] for column in columns)
    return Pair((left, right), (_found(file, left), _found(file, right)))


def _found(file: Path, written: str) -> Path:
    beside = file.parent / written
    return beside if beside.is_file() or not Path(written).is_file() else Path(written)


def _tell(pair: Pair, verdict: Verdict, ms: float) -> None:
    score = None if verdict.likeness is None else round(verdict.likeness, 4)
    left, right = pair.written
    line = {"left": left, "right": right, "outcome": verdict.outcome, "score": score}
    sys.stdout.write(json.dumps({**line, "ms": round(ms, 1)}, ensure_ascii=False) + "\n")
    sys.stdout.flush()
