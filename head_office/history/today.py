"""A branch's day so far out of the ledger, beside what is usual out of history."""

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from head_office.access import Person
from head_office.history.curve import USUAL_DAYS, Curve, Quarter, Stay, quarters, usual
from head_office.history.past import Past
from head_office.history.reading import BranchDay, Reading
from head_office.history.scope import Question
from head_office.history.seen import seen
from head_office.history.tables import branch_day
from head_office.history.visits import visits

LOOKS_BACK = timedelta(weeks=16)
ONE_WEEK = timedelta(weeks=1)
STAYS = """SELECT business_day, arrived, called, ended, waited_s FROM read_parquet($files)
    JOIN place USING (branch) WHERE business_day BETWEEN $first AND $last"""


class Today:
    """Needs the ledger and history."""

    def __init__(self, past: Past, reading: Reading) -> None:
        self._past, self._reading, self._zone_of = past, reading, past.parts.zone_of

    def curve(self, branch: str, person: Person, day: date | None, now: datetime) -> Curve:
        """Of the day that goes on there, or went on last, when none is named. `person` may see the branch."""
        last = self._reading.last(branch)
        if last is not None and day in (None, last.day):
            day, so_far = last.day, self._so_far(last, now)
        elif day is not None:
            so_far = self._of_days(branch, person, [day]).get(day, [])
        else:
            so_far = []
        usual_days = [] if day is None else self._usual_days(branch, day)
        found = self._of_days(branch, person, usual_days)
        return Curve(
            branch=branch,
            day=day,
            time_zone=self._zone_of(branch).key,
            quarters=so_far,
            usual=usual(found),
            days=sorted(found),
        )

    def _so_far(self, one: BranchDay, now: datetime) -> list[Quarter]:
        journals: dict[str, list[bytes]] = {}
        for span in one.spans:
            links = self._reading.links(one.branch, one.day, span)
            journals.setdefault(span.epoch, []).extend(body for _, body, _ in links)
        found = seen(journals)
        stays = [Stay(v.arrived, v.called, v.ended, v.waited_s) for v in visits(found.entries)]
        return quarters(stays, one.day, self._zone_of(one.branch), None if one.closed else now)

    def _usual_days(self, branch: str, day: date) -> list[date]:
        """The last eight of this weekday that are kept."""
        weeks = min(LOOKS_BACK, day - date.min) // ONE_WEEK
        wanted = [day - ONE_WEEK * n for n in range(1, weeks + 1)]
        asked = (
            sa.select(branch_day.c.business_day)
            .where(branch_day.c.branch == branch, branch_day.c.business_day.in_(wanted))
            .order_by(branch_day.c.business_day.desc())
            .limit(USUAL_DAYS)
        )
        with self._past.engine.connect() as to:
            return list(to.execute(asked).scalars())

    def _of_days(self, branch: str, person: Person, days: list[date]) -> dict[date, list[Quarter]]:
        if not days:
            return {}
        question = Question(first=min(days), last=max(days), branch=branch)
        stays: dict[date, list[Stay]] = {day: [] for day in days}
        for day, *rest in self._past.rows(question, person, "visits", STAYS):
            if day in stays:
                stays[day].append(Stay(*rest))
        zone = self._zone_of(branch)
        found = {day: quarters(of_it, day, zone, None) for day, of_it in stays.items()}
        return {day: of_it for day, of_it in found.items() if of_it}
