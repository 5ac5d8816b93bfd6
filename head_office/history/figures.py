"""Visits -> figures, by DuckDB. Percentiles are those of all visits of a group, never means of percentiles."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from head_office.history.asking import Asking
from head_office.history.comparison import Days
from head_office.history.scope import By, Measure

ALL = ""
Rows = Iterable[tuple[Any, ...]]

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
OF_A_DAY: Mapping[Measure, str] = {
    "wait": "avg(waited_s)",
    "within": "avg((waited_s <= place.target_s)::INTEGER)",
    "missed": "count(*) FILTER (outcome = 'missed') / nullif(count(*), 0)",
    "service": "avg(service_s)",
    "rating": "avg(score)",
    "coverage": "least(1, count(score) / nullif(count(*) FILTER (outcome = 'served'), 0))",
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


def total(asking: Asking) -> Figures | None:
    """Of all visits; none where there are none."""
    found = _with_counters(asking, "''", _counted(asking, "''"))
    return found.get(ALL)


def by_group(asking: Asking, by: By) -> dict[str, Figures]:
    """By group. Of branches each part is asked alone, in little memory."""
    group = GROUPS[by]
    if by == "branch":
        found = {
            name: one
            for files in asking.parts("visits")
            for name, one in _of_branches(asking, files).items()
        }
    else:
        found = _counted(asking, group)
    if by in ("branch", "region", "day"):
        found = _with_counters(asking, group, found)
    return dict(sorted(found.items()))


def by_day(asking: Asking, by: By | None, measure: Measure) -> Mapping[str, Days]:
    """A measure's value of each day, by group, or of all together."""
    group = "''" if by is None else GROUPS[by]
    value = OF_A_DAY[measure]
    query = f"SELECT {group} AS g, business_day, {value} AS v {_visits(asking)} GROUP BY ALL HAVING v IS NOT NULL"
    found: dict[str, dict[date, float]] = {}
    for name, day, one in asking.ask(query, asking.all_files("visits")):
        found.setdefault(name or ALL, {})[day] = float(one)
    return found


def _counted(asking: Asking, group: str) -> dict[str, Figures]:
    """Counts by length of wait first: exact percentiles without keeping every wait in memory."""
    summed = ", ".join(f"sum({name})::BIGINT" for name in SUMS)
    query = f"""
        WITH counted AS (
            SELECT {group} AS g, waited_s, {SUMMED} {_visits(asking)} GROUP BY ALL
        ), ordered AS (
            SELECT *, sum(waits) OVER (PARTITION BY g ORDER BY waited_s) AS until,
                sum(waits) OVER (PARTITION BY g) AS of FROM counted
        )
        SELECT g, {summed}, min(waited_s) FILTER (waits > 0 AND until >= 0.5 * of),
            min(waited_s) FILTER (waits > 0 AND until >= 0.9 * of) FROM ordered GROUP BY g"""
    return _figures(asking.ask(query, asking.all_files("visits")))


def _of_branches(asking: Asking, files: Sequence[Path]) -> dict[str, Figures]:
    waits = "quantile_disc(waited_s, [0.5, 0.9])"
    query = f"SELECT branch, {SUMMED}, {waits} {_visits(asking)} GROUP BY branch"
    rows = asking.ask(query, files)
    return _figures((*row[:-1], *(row[-1] or (None, None))) for row in rows)


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
        found[name or ALL] = _of_sums(name or ALL, sums, p50, p90)
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
        f"SELECT {group} AS g, sum(open_s)::BIGINT, sum(busy_s)::BIGINT FROM read_parquet($files) "
        "JOIN place USING (branch) WHERE business_day BETWEEN $first AND $last GROUP BY g"
    )
    times = {g or ALL: rest for g, *rest in asking.ask(query, asking.all_files("counters"))}
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
