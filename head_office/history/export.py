"""An answer as a table for other programs: CSV for Excel, and Parquet."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from head_office.history.figures import Figures
from head_office.history.past import Answer, Row

MARK = "\ufeff"  # by which Excel knows UTF-8
A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
CHANGE = ("days", "before", "now", "difference", "low", "high", "confidence", "verdict")
FIGURES = msgspec.structs.fields(Figures)
TITLES = ("from", "to", *(one.name for one in FIGURES), *(f"change_{name}" for name in CHANGE))
TOTAL = "all"
Cell = str | int | float | None


def as_csv(answer: Answer) -> bytes:
    """UTF-8. A text that a spreadsheet would take for a formula is given an apostrophe in front."""
    text = io.StringIO()
    text.write(MARK)
    to = csv.writer(text)
    to.writerow(TITLES)
    to.writerows([_plain(cell) for cell in cells] for cells in _table(answer))
    return text.getvalue().encode()


def as_parquet(answer: Answer) -> bytes:
    import duckdb  # noqa: PLC0415  slow to load

    with TemporaryDirectory() as folder:
        lines, into = Path(folder) / "lines", Path(folder) / "table"
        rows = (dict(zip(TITLES, cells, strict=True)) for cells in _table(answer))
        lines.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
        columns = ", ".join(f"'{name}': '{_kind(name)}'" for name in TITLES)
        query = (
            f"COPY (SELECT * FROM read_json('{lines}', format = 'newline_delimited', "
            f"columns = {{{columns}}})) TO '{into}' (FORMAT parquet, COMPRESSION zstd)"
        )
        with duckdb.connect() as database:
            database.execute(query)
        return into.read_bytes()


def _table(answer: Answer) -> Iterator[list[Cell]]:
    """All together first, then each group."""
    question = answer.question
    days: list[Cell] = [question.first.isoformat(), question.last.isoformat()]
    if answer.total is not None:
        total = msgspec.structs.replace(answer.total.figures, group=TOTAL)
        yield [*days, *_cells(Row(total, answer.total.change))]
    for row in answer.rows:
        yield [*days, *_cells(row)]


def _cells(row: Row) -> Iterator[Cell]:
    for one in FIGURES:
        yield _rounded(getattr(row.figures, one.name))
    for name in CHANGE:
        yield None if row.change is None else _rounded(getattr(row.change, name))


def _rounded(value: Cell) -> Cell:
    return round(value, 4) if isinstance(value, float) else value


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.startswith(A_FORMULA):
        return f"'{cell}"
    return cell


def _kind(name: str) -> str:
    """Of a column in DuckDB's words."""
    if name in ("from", "to"):
        return "DATE"
    if name in ("group", "change_verdict"):
        return "VARCHAR"
    whole = {one.name for one in FIGURES if one.type in (int, int | None)}
    return "BIGINT" if name in whole or name == "change_days" else "DOUBLE"
