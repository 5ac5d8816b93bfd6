"""Visits -> figures, by DuckDB. Percentiles are those of all visits of a group, never means of percentiles."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from head_office.history.asking import Asking
from head_office.history.change import Days
from head_office.history.scope import By, Measure

ALL = ""
Rows = Iterable[Sequence[Any]]

GROUPS: Mapping[By, str] = {
    "branch": "branch",
    "region": "place.region",
    "service": "service",
    "segment": "segment",
    "hour": "lpad(hour::VARCHAR, 2, '0')",
    "day": "business_day::VARCHAR",
}
SUMS: Mapping[str, str] = {
    "arrivals": "count(*)",
    "served": "count(*) FILTER (outcome = 'served')",
    "missed": "count(*) FILTER (outcome = 'missed')",
    "cancelled": "count(*) FILTER (outcome = 'cancelled')",
    "gone": "count(*) FILTER (outcome = 'left')",
    "unfinished": "count(*) FILTER (outcome = 'unfinished')",
    "waits": "count(waited_s)",
    "wait_sum": "coalesce(sum(waited_s), 0)",
    "within": "count(*) FILTER (waited_s <= place.target_s)",
    "services": "count(service_s)",
    "service_sum": "coalesce(sum(service_s), 0)",
    "rated": "count(score)",
    "score_sum": "coalesce(sum(score), 0)",
}
SUMMED = ", ".join(f"{how} AS {name}" for name, how in SUMS.items())
OF_A_DAY: Mapping[Measure, tuple[str, str]] = {
    "wait": (SUMS["wait_sum"], SUMS["waits"]),
    "within": (SUMS["within"], SUMS["waits"]),
    "missed": (SUMS["missed"], SUMS["arrivals"]),
    "service": (SUMS["service_sum"], SUMS["services"]),
    "rating": (SUMS["score_sum"], SUMS["rated"]),
    "coverage": (SUMS["rated"], SUMS["served"]),
}


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Of a group of visits; times in s, shares from 0 to 1, none where nothing is there to be measured. `waits`: visits
    that were called, of whose waits the figures are; `within` their share that was within the branch's target.
    `coverage`: rated visits among served ones. `utilisation`: how much of the time in which counters were open a
    customer stood there."""

    group: str
    arrivals: int
    served: int
    missed: int
    cancelled: int
    left: int
    unfinished: int
    waits: int
    wait_mean_s: float | None
    wait_p50_s: int | None
    wait_p90_s: int | None
    within: float | None
    missed_share: float | None
    service_mean_s: float | None
    rated: int
    rating: float | None
    coverage: float | None
    counters_open_s: int | None = None
    counters_busy_s: int | None = None
    utilisation: float | None = None


def figured(asking: Asking, by: By) -> tuple[Figures | None, dict[str, Figures]]:
    """Of all visits together (none where there are none), and by group."""
    if by == "branch":
        total, _ = _counted(asking, "''")
        found: dict[str, Figures] = {}
        for files in asking.parts("visits"):
            found |= _of_branches(asking, files)
    else:
        total, found = _counted(asking, GROUPS[by])
    if total is not None:
        total = _with_counters(asking, "''", {ALL: total})[ALL]
    if by in ("branch", "region", "day"):
        found = _with_counters(asking, GROUPS[by], found)
    return total, dict(sorted(found.items()))


class ByDay(NamedTuple):
    """A measure's value of each day: of all together, and by group."""

    total: Days
    groups: Mapping[str, Days]


def by_day(asking: Asking, by: By, measures: Sequence[Measure]) -> dict[Measure, ByDay]:
    """All of them in one pass."""
    sums = ", ".join(f"{part}, {of}" for part, of in (OF_A_DAY[one] for one in measures))
    query = f"SELECT coalesce({GROUPS[by]}, '') AS g, business_day, {sums} {_visits(asking)} GROUP BY ALL"
    rows = asking.ask(query, asking.all_files("visits"))
    return {
        one: _by_day((name, day, *sums[2 * n : 2 * n + 2]) for name, day, *sums in rows)
        for n, one in enumerate(measures)
    }


def _by_day(rows: Iterable[tuple[str, date, int, int]]) -> ByDay:
    groups: dict[str, dict[date, float]] = {}
    parts, ofs = Counter[date](), Counter[date]()
    for name, day, part, of in rows:
        if of:
            groups.setdefault(name, {})[day] = part / of
            parts[day] += part
            ofs[day] += of
    return ByDay({day: parts[day] / of for day, of in ofs.items()}, groups)


def _counted(asking: Asking, group: str) -> tuple[Figures | None, dict[str, Figures]]:
    """Counts by length of wait first: exact percentiles without keeping every wait in memory."""
    added = ", ".join(f"sum({name})::BIGINT AS {name}" for name in SUMS)
    query = f"""
        WITH counted AS MATERIALIZED (
            SELECT false AS whole, coalesce({group}, '') AS g, waited_s, {SUMMED} {_visits(asking)} GROUP BY ALL
        ), together AS (
            SELECT * FROM counted
            UNION ALL SELECT true, '', waited_s, {added} FROM counted GROUP BY waited_s
        ), ordered AS (
            SELECT *, sum(waits) OVER (PARTITION BY whole, g ORDER BY waited_s) AS until,
                sum(waits) OVER (PARTITION BY whole, g) AS of FROM together
        )
        SELECT whole, g, {added}, min(waited_s) FILTER (waits > 0 AND until >= 0.5 * of),
            min(waited_s) FILTER (waits > 0 AND until >= 0.9 * of) FROM ordered GROUP BY whole, g"""
    rows = asking.ask(query, asking.all_files("visits"))
    total = _figures(rest for whole, *rest in rows if whole)
    return total.get(ALL), _figures(rest for whole, *rest in rows if not whole)


def _of_branches(asking: Asking, files: Sequence[Path]) -> dict[str, Figures]:
    waits = "quantile_disc(waited_s, [0.5, 0.9])"
    query = f"SELECT branch, {SUMMED}, {waits} {_visits(asking)} GROUP BY branch"
    rows = asking.ask(query, files)
    return _figures([*row[:-1], *(row[-1] or (None, None))] for row in rows)


def _visits(asking: Asking) -> str:
    """Those of the question."""
    wanted = "".join(f" AND {name} = ${name}" for name in asking.wanted())
    return (
        "FROM read_parquet($files) JOIN place USING (branch) "
        f"WHERE business_day BETWEEN $first AND $last{wanted}"
    )


def _figures(rows: Rows) -> dict[str, Figures]:
    found = {}
    for name, *values, p50, p90 in rows:
        sums = dict(zip(SUMS, values, strict=True))
        found[name] = _of_sums(name, sums, p50, p90)
    return found


def _of_sums(name: str, sums: Mapping[str, int], p50: int | None, p90: int | None) -> Figures:
    covered = _ratio(sums["rated"], sums["served"])
    return Figures(
        group=name,
        arrivals=sums["arrivals"],
        served=sums["served"],
        missed=sums["missed"],
        cancelled=sums["cancelled"],
        left=sums["gone"],
        unfinished=sums["unfinished"],
        waits=sums["waits"],
        wait_mean_s=_ratio(sums["wait_sum"], sums["waits"]),
        wait_p50_s=p50,
        wait_p90_s=p90,
        within=_ratio(sums["within"], sums["waits"]),
        missed_share=_ratio(sums["missed"], sums["arrivals"]),
        service_mean_s=_ratio(sums["service_sum"], sums["services"]),
        rated=sums["rated"],
        rating=_ratio(sums["score_sum"], sums["rated"]),
        coverage=None if covered is None else min(1.0, covered),
    )


def _with_counters(asking: Asking, group: str, found: dict[str, Figures]) -> dict[str, Figures]:
    query = (
        f"SELECT coalesce({group}, '') AS g, sum(open_s)::BIGINT, sum(busy_s)::BIGINT FROM read_parquet($files) "
        "JOIN place USING (branch) WHERE business_day BETWEEN $first AND $last GROUP BY g"
    )
    times = {g: rest for g, *rest in asking.ask(query, asking.all_files("counters"))}
    return {
        name: one if name not in times or asking.wanted() else _used(one, *times[name])
        for name, one in found.items()
    }


def _used(one: Figures, open_s: int, busy_s: int) -> Figures:
    """Counters serve all services: their time is told only where all visits are asked for."""
    return msgspec.structs.replace(
        one, counters_open_s=open_s, counters_busy_s=busy_s, utilisation=_ratio(busy_s, open_s)
    )


def _ratio(part: int, of: int) -> float | None:
    return part / of if of else None
