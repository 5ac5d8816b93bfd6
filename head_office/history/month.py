"""What the monthly report tells, as values: every figure with what it rests on."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from head_office.access import Person
from head_office.history.change import Change
from head_office.history.figures import Figures
from head_office.history.past import Answer, Compare, Past
from head_office.history.scope import By, Measure, Question

RANKED = 10
ANSWERED_WITHIN = timedelta(days=1)
ANSWERS_COME = timedelta(days=31)  # looked for so long after the month
MEASURES: tuple[Measure, ...] = ("wait", "within", "missed", "service", "rating", "coverage")
WORST = """SELECT branch, business_day, arrived, service, waited_s FROM read_parquet($files)
    JOIN place USING (branch) WHERE business_day BETWEEN $first AND $last AND waited_s IS NOT NULL
    ORDER BY waited_s DESC, branch, arrived LIMIT 10"""
OPINIONS = """SELECT branch, opinion, topic, given, answered FROM read_parquet($files)
    JOIN place USING (branch) WHERE business_day BETWEEN $first AND $last"""


class WorstWait(msgspec.Struct, frozen=True):
    branch: str
    arrived: datetime
    service: str
    waited_s: int


class Topic(msgspec.Struct, frozen=True):
    """Suggestions and complaints of one topic, the branches' own code: how many, and how many answered in a day."""

    topic: str
    given: int
    answered: int
    in_time: int


@dataclass(frozen=True, slots=True)
class Month:
    """`changes` compare with the month before, `against_base` the waits with the base month; both weekday by weekday."""

    first: date
    last: date
    total: Figures | None
    changes: dict[Measure, Change]
    against_base: Change | None
    base_mean_s: float | None
    days: Answer
    hours: Answer
    services: Answer
    regions: Answer
    branches: Answer
    worst: list[WorstWait]
    topics: list[Topic]


class Reported:
    """Gathers a month. `region` narrows it to one and all below."""

    def __init__(self, past: Past, person: Person, region: str) -> None:
        self._past, self._person, self._region = past, person, region

    def month(self, month: date, base: date | None) -> Month:
        first, last = span(month)
        before = span(first - timedelta(days=1))
        days = self._answer(first, last, "day")
        return Month(
            first=first,
            last=last,
            total=None if days.total is None else days.total.figures,
            changes=self._changes(first, last, MEASURES, before),
            against_base=None
            if base is None
            else self._changes(first, last, ("wait",), span(base))["wait"],
            base_mean_s=None if base is None else self._mean(*span(base)),
            days=days,
            hours=self._answer(first, last, "hour"),
            services=self._answer(first, last, "service"),
            regions=self._answer(first, last, "region", Compare("wait", before)),
            branches=self._answer(first, last, "branch", Compare("wait", before)),
            worst=[self._worst(row) for row in self._rows(first, last, "visits", WORST)],
            topics=self._topics(first, last),
        )

    def _answer(self, first: date, last: date, by: By, compare: Compare | None = None) -> Answer:
        question = Question(first=first, last=last, by=by, region=self._region)
        return self._past.answer(question, self._person, compare)

    def _changes(
        self, first: date, last: date, measures: Sequence[Measure], before: tuple[date, date]
    ) -> dict[Measure, Change]:
        question = Question(first=first, last=last, by="day", region=self._region)
        return self._past.changes(question, self._person, measures, before)

    def _mean(self, first: date, last: date) -> float | None:
        total = self._answer(first, last, "day").total
        return None if total is None else total.figures.wait_mean_s

    def _rows(self, first: date, last: date, kind: Any, query: str) -> list[tuple[Any, ...]]:
        question = Question(first=first, last=last, region=self._region)
        return self._past.rows(question, self._person, kind, query)

    def _worst(self, row: Sequence[Any]) -> WorstWait:
        branch, _, arrived, service, waited_s = row
        return WorstWait(
            branch, arrived.astimezone(self._past.parts.zone_of(branch)), service, waited_s
        )

    def _topics(self, first: date, last: date) -> list[Topic]:
        rows = self._rows(first, last + ANSWERS_COME, "opinions", OPINIONS)
        answered = {(row[0], row[1]): row[4] for row in rows if row[4] is not None}
        found: dict[str, list[timedelta | None]] = {}
        end = last + timedelta(days=1)
        for branch, opinion, topic, given, _ in rows:
            zone = self._past.parts.zone_of(branch)
            if given is None or given.astimezone(zone).date() >= end:
                continue
            at = answered.get((branch, opinion))
            found.setdefault(topic or "", []).append(None if at is None else at - given)
        return [_topic(topic, after) for topic, after in sorted(found.items(), key=_most)]


def span(month: date) -> tuple[date, date]:
    """Its first and last day."""
    return month.replace(day=1), month.replace(day=monthrange(month.year, month.month)[1])


def _topic(topic: str, after: Sequence[timedelta | None]) -> Topic:
    answered = [one for one in after if one is not None]
    in_time = sum(one <= ANSWERED_WITHIN for one in answered)
    return Topic(topic, len(after), len(answered), in_time)


def _most(topic: tuple[str, Sequence[timedelta | None]]) -> tuple[int, str]:
    return -len(topic[1]), topic[0]
