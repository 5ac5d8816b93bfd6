"""The bank's list of its branches: where each one is, and how long its customers should wait at most.

A CSV file (UTF-8) with a line of titles: `branch` is needed; `region` is a path such as East/Shanghai;
`name_zh-Hans`, `name_zh-Hant` and `name_en` are shown until the branch says its own; `latitude` and `longitude` are
in degrees; `target_s` is in seconds; `time_zone`, such as Asia/Urumqi, where it is not the bank's. It is read again when it changes. The bank's system drops it.
"""

import csv
import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from edge_agent import topics
from edge_agent.messages import Names

log = logging.getLogger(__name__)

TARGET_S = 1200  # where nobody says another
TITLES = ("branch", "region", "latitude", "longitude", "target_s", "time_zone")
NAME = "name_"
LONGEST = 200


class Unusable(Exception):
    """The list cannot be used; the text says where, and what was expected."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What the bank's list says of one branch. An empty `time_zone` is the bank's."""

    branch: str
    region: str = ""
    names: Names = {}
    latitude: float | None = None
    longitude: float | None = None
    target_s: int = TARGET_S
    time_zone: str = ""


class Register:
    """The list as it was read last. Without a file it is empty."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._stamp: tuple[int, int] | None = None
        self._failing = False
        self.places: Mapping[str, Place] = {}
        if file is not None:
            self._stamp = _stamp(file)
            self.places = load(file)

    def of(self, branch: str) -> Place:
        return self.places.get(branch) or Place(branch=branch)

    def read_again(self) -> bool:
        """True when the file has changed and could be read; what is wrong with it is logged once, and the list stays."""
        if self._file is None:
            return False
        try:
            stamp = _stamp(self._file)
            if stamp == self._stamp and not self._failing:
                return False
            self.places, self._stamp = load(self._file), stamp
        except Unusable as error:
            if not self._failing:
                log.error("The list of branches stays as it was: %s", error)
            self._failing = True
            return False
        self._failing = False
        log.info("The list of branches was read: %s branches.", len(self.places))
        return True


def load(file: Path) -> dict[str, Place]:
    """By branch. Raises Unusable."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return dict(_places(file, csv.DictReader(lines, strict=True)))
    except OSError as error:
        raise Unusable(f"{file}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise Unusable(f"{file}: is not CSV in UTF-8: {error}") from error


def _places(file: Path, rows: "csv.DictReader[str]") -> Iterator[tuple[str, Place]]:
    titles = rows.fieldnames or []
    unknown = [one for one in titles if one not in TITLES and not one.startswith(NAME)]
    if "branch" not in titles or unknown:
        raise Unusable(
            f"{file}: line 1: expected the titles branch, {', '.join(TITLES[1:])}, name_zh-Hans, name_zh-Hant, "
            f"name_en; found {', '.join(titles) or 'nothing'}"
        )
    seen: set[str] = set()
    for row in rows:
        where = f"{file}: line {rows.line_num}"
        place = _place(where, row)
        if place.branch in seen:
            raise Unusable(f"{where}: branch {place.branch} stands here a second time")
        seen.add(place.branch)
        yield place.branch, place


def _place(where: str, row: Mapping[str | None, str | None]) -> Place:
    if None in row or None in row.values():
        raise Unusable(f"{where}: expected as many fields as there are titles")
    cells = {str(title): (cell or "").strip()[:LONGEST] for title, cell in row.items()}
    branch = cells["branch"]
    if not re.fullmatch(topics.BRANCH_ID, branch):
        raise Unusable(
            f"{where}: 'branch' is {branch!r}: expected letters, digits, - and _, at most 64"
        )
    names = {key.removeprefix(NAME): cell for key, cell in cells.items() if key.startswith(NAME)}
    return Place(
        branch=branch,
        region=cells.get("region", "").strip("/"),
        names={language: name for language, name in names.items() if name},
        latitude=_number(where, cells, "latitude", -90, 90),
        longitude=_number(where, cells, "longitude", -180, 180),
        target_s=int(_number(where, cells, "target_s", 1, 86_400) or TARGET_S),
        time_zone=_zone(where, cells.get("time_zone", "")),
    )


def _zone(where: str, name: str) -> str:
    try:
        return name and ZoneInfo(name).key
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise Unusable(
            f"{where}: 'time_zone' is {name!r}: expected one such as Asia/Urumqi, or nothing for the bank's"
        ) from error


def _number(
    where: str, cells: Mapping[str, str], title: str, low: float, high: float
) -> float | None:
    text = cells.get(title, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = high + 1
    if not low <= value <= high:
        raise Unusable(f"{where}: '{title}' is {text!r}: expected a number from {low} to {high}")
    return value


def _stamp(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError as error:
        raise Unusable(f"{file}: cannot be read ({error.strerror})") from error
    return found.st_mtime_ns, found.st_size
