"""The files of history: a business day has up to eight parts, each a few Parquet files of one generation.

A file is never changed. A new generation is written beside the old one and becomes the one that is read when the
ledger's database says so; the old one stays a while for those who are reading it.
"""

import os
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zlib import crc32
from zoneinfo import ZoneInfo

import msgspec
from msgspec import structs

from head_office.history.counters import CounterTime
from head_office.history.opinions import OpinionSeen
from head_office.history.visits import Visit
from head_office.register import Register

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PARTS = 8
GRACE_S = 900.0  # no question takes longer
Kind = Literal["visits", "counters", "opinions"]
SHAPES: dict[Kind, str] = {  # of a JSON line; `hour` of arrival comes to visits
    "visits": """label VARCHAR, service VARCHAR, segment VARCHAR, channel VARCHAR, "language" VARCHAR,
        arrived TIMESTAMPTZ, called TIMESTAMPTZ, ended TIMESTAMPTZ, waited_s BIGINT, service_s BIGINT,
        outcome VARCHAR, score INTEGER, counter VARCHAR, services INTEGER, missed_calls INTEGER,
        transfers INTEGER, parks INTEGER, printed VARCHAR""",
    "counters": "counter VARCHAR, open_s BIGINT, paused_s BIGINT, busy_s BIGINT",
    "opinions": "opinion VARCHAR, topic VARCHAR, given TIMESTAMPTZ, answered TIMESTAMPTZ",
}
COLUMNS: dict[Kind, str] = {
    "visits": "* EXCLUDE (zone), hour(timezone(zone, arrived))::INTEGER AS hour",
    "counters": "* EXCLUDE (zone)",
    "opinions": "* EXCLUDE (zone)",
}
LONG_LINES = "maximum_object_size = 268435456"
INTO = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 32768)"


class Folded(msgspec.Struct, frozen=True):
    """A branch's day, ready to be kept; the zone in which its hours are told stands in when it is written."""

    branch: str
    business_day: date
    visits: list[Visit]
    counters: list[CounterTime]
    opinions: list[OpinionSeen]
    time_zone: str = ""


class Parts:
    """The folder `root`. The hour of the day in which somebody came is told in the branch's time zone by the list of branches,
    or else in `time_zone`, the bank's."""

    def __init__(self, root: Path, time_zone: str, register: Register) -> None:
        self.root, self._time_zone, self._register = root, time_zone, register

    def zone_of(self, branch: str) -> ZoneInfo:
        return ZoneInfo(self._register.of(branch).time_zone or self._time_zone)

    def file(self, kind: Kind, day: date, part: int, generation: int) -> Path:
        return self.root / kind / day.isoformat() / f"{part}-{generation}.parquet"

    def is_whole(self, day: date, part: int, generation: int) -> bool:
        """None of its files has gone."""
        return all(self.file(kind, day, part, generation).exists() for kind in SHAPES)

    def write(
        self, day: date, part: int, generation: int, days: Iterable[Folded], lines: Path
    ) -> None:
        """The part's next generation: what it has of other branches, and these. On disk when this returns.

        `lines` is a file to use on the way.
        """
        encode = msgspec.json.Encoder().encode
        branches = []
        with lines.open("wb") as to:
            for one in days:
                branches.append(one.branch)
                zone = self.zone_of(one.branch).key
                to.write(encode(structs.replace(one, time_zone=zone)) + b"\n")
        with closing(connect(self.root, self._time_zone, threads=1)) as database:
            for kind in SHAPES:
                self._write(database, kind, (day, part, generation), branches, lines)
        lines.unlink()

    def _write(
        self,
        database: "DuckDBPyConnection",
        kind: Kind,
        place: tuple[date, int, int],
        branches: Sequence[str],
        lines: Path,
    ) -> None:
        day, part, generation = place
        file, before = (self.file(kind, day, part, one) for one in (generation, generation - 1))
        file.parent.mkdir(parents=True, exist_ok=True)
        query, asked = f"SELECT {COLUMNS[kind]} FROM ({_new(kind, lines)})", {}
        if before.exists():
            kept = f"SELECT * FROM read_parquet({_quoted(before)}) WHERE NOT list_contains($new, branch)"
            query, asked = f"{query} UNION ALL BY NAME {kept}", {"new": list(branches)}
        unfinished = file.with_suffix(".unfinished")
        database.execute(f"COPY ({query} ORDER BY branch) TO {_quoted(unfinished)} {INTO}", asked)
        _sync(unfinished)
        unfinished.rename(file)
        _sync(file.parent)

    def replaced(self, day: date, part: int, generation: int, at: float) -> None:
        """From `at` on nobody begins to read this generation."""
        for kind in SHAPES:
            with suppress(FileNotFoundError):
                os.utime(self.file(kind, day, part, generation), (at, at))

    def sweep(self, day: date, current: dict[int, int], at: float) -> None:
        """Away with the files of a day that nobody reads any more, and with what was never finished."""
        for kind in SHAPES:
            folder = self.root / kind / day.isoformat()
            for file in folder.glob("*-*.*") if folder.is_dir() else ():
                part, _, generation = file.stem.partition("-")
                in_use = file.suffix == ".parquet" and current.get(int(part)) == int(generation)
                if not in_use and at - file.stat().st_mtime > GRACE_S:
                    file.unlink()


def part_of(branch: str) -> int:
    return crc32(branch.encode()) % PARTS


def connect(root: Path, time_zone: str, *, threads: int) -> "DuckDBPyConnection":
    """A database in memory; what does not fit into 1 GB goes to disk."""
    import duckdb  # noqa: PLC0415  slow to load, and most pages ask nothing of history

    root.mkdir(parents=True, exist_ok=True)
    database = duckdb.connect(
        config={
            "threads": threads,
            "memory_limit": "1GB",
            "temp_directory": str(root / "unfinished"),
            "preserve_insertion_order": False,
        }
    )
    database.execute(f"SET TimeZone = '{time_zone}'")
    return database


def _new(kind: Kind, lines: Path) -> str:
    """The rows of this kind in a file of `Folded`, one a line."""
    columns = f"{{branch: 'VARCHAR', business_day: 'DATE', time_zone: 'VARCHAR', {kind}: 'STRUCT({SHAPES[kind]})[]'}}"
    read = f"read_json({_quoted(lines)}, format = 'newline_delimited', columns = {columns}, {LONG_LINES})"
    return (
        f"SELECT branch, business_day, zone, unnest(one, recursive := true) FROM "
        f"(SELECT branch, business_day, time_zone AS zone, unnest({kind}) AS one FROM {read})"
    )


def _quoted(path: Path) -> str:
    text = str(path).replace("'", "''")
    return f"'{text}'"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
