"""The monthly report as PDF. `python -m head_office.history.report` makes one of a job on its standard input: it
takes seconds of a processor, which head office's own process has no time for."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import jinja2
import msgspec
from weasyprint import HTML

from head_office.access import Person, Role
from head_office.history import charts
from head_office.history.month import RANKED, Month, Reported
from head_office.history.names import Called, called
from head_office.history.parts import Parts
from head_office.history.past import Past, Row
from head_office.history.place import ANSWERS_S, NoHistory, folder_of
from head_office.history.report_figures import Aim, aims, amount, change_words, figure, indicators
from head_office.history.report_job import Job
from head_office.history.report_words import MONTHS, WORDS
from head_office.ledger import Ledger
from head_office.register import Register
from head_office.store import NoLedger, engine_of

HERE = Path(__file__).parent
FAILED = 3
MOST_LISTED = 40


def pdf(job: Job, now: datetime) -> bytes:
    """Raises NoHistory, NoLedger, NoFont."""
    return bytes(HTML(string=html(job, now), base_url=str(HERE)).write_pdf())


def html(job: Job, now: datetime) -> str:
    """What is printed; charts stand in it."""
    settings = job.settings
    engine = engine_of(settings.store, create=False, answers_s=ANSWERS_S)
    ledger = Ledger(engine)
    file = settings.branches.file
    register = Register(None if file is None else Path(file))
    zone = ZoneInfo(settings.history.time_zone)
    parts = Parts(folder_of(settings), settings.history.time_zone, register)
    past = Past.open(engine, parts, register)
    person = Person("report", Role.VIEWER, job.regions)
    base = settings.history.base_month
    month = Reported(past, person, job.region).month(
        job.month, None if base is None else date.fromisoformat(f"{base}-01")
    )
    names = called(ledger, register, job.language)
    sheet = _Sheet(job, month, names, now.astimezone(zone))
    ledger.close()
    return _template().render(sheet.values())


def _template() -> jinja2.Template:
    where = jinja2.FileSystemLoader(HERE)
    made = jinja2.Environment(loader=where, autoescape=True, undefined=jinja2.StrictUndefined)
    return made.get_template("report.html")


@dataclass(frozen=True, slots=True)
class _Sheet:
    job: Job
    month: Month
    names: Called
    now: datetime

    def values(self) -> dict[str, object]:
        words, month = WORDS[self.job.language], self.month
        base = self.job.settings.history.base_month
        return {
            "words": words,
            "language": self.job.language,
            "bank": self._bank(),
            "month": self._month_name(),
            "region": self.job.region or ", ".join(self.job.regions or ()) or words["all_regions"],
            "made_at": f"{self.now:%Y-%m-%d %H:%M}",
            "completeness": month.days.completeness,
            "there": month.total is not None,
            "aims": list[Aim](aims(month, words, base)),
            "indicators": indicators(month, words),
            "days": self._days(),
            "hours": self._hours(),
            "regions": [self._ranked(row) for row in _longest_first(month.regions.rows)],
            "regions_chart": self._regions(),
            "longest": [self._ranked(row) for row in _longest_first(month.branches.rows)[:RANKED]],
            "shortest": self._shortest(),
            "services": [self._service(row) for row in _longest_first(month.services.rows)],
            "worst": self._worst(),
            "topics": month.topics,
            "incomplete": [self._incomplete(*one) for one in _named(month)],
            "more": month.days.completeness.more
            + max(0, len(month.days.completeness.incomplete) - MOST_LISTED),
        }

    def _bank(self) -> str:
        bank = self.job.settings.history.bank
        return bank.get(self.job.language) or next(iter(bank.values()), "")

    def _month_name(self) -> str:
        first = self.month.first
        name = MONTHS[first.month - 1]
        return WORDS[self.job.language]["month"].format(
            year=first.year, month=first.month, name=name
        )

    def _days(self) -> str:
        words, rows = WORDS[self.job.language], self.month.days.rows
        names = (words["wait"], words["p90"], words["minutes_axis"])
        labels = [row.figures.group[5:] for row in rows]
        mean = [_minutes(row.figures.wait_mean_s) for row in rows]
        return charts.days(labels, mean, [_minutes(row.figures.wait_p90_s) for row in rows], names)

    def _hours(self) -> str:
        words, days = WORDS[self.job.language], max(1, len(self.month.days.rows))
        rows = [row for row in self.month.hours.rows if row.figures.group]
        labels = [f"{row.figures.group}:00" for row in rows]
        mean = [_minutes(row.figures.wait_mean_s) for row in rows]
        arrivals = [row.figures.arrivals / days for row in rows]
        return charts.hours(labels, arrivals, mean, (words["arrivals_a_day"], words["wait_axis"]))

    def _regions(self) -> str:
        words = WORDS[self.job.language]
        rows = _longest_first(self.month.regions.rows)[:15]
        now = [_minutes(row.change.now if row.change else None) for row in rows]
        before = [_minutes(row.change.before if row.change else None) for row in rows]
        labels = [row.figures.group or words["no_region"] for row in rows]
        names = (words["days_now"], words["days_before"], words["minutes_axis"])
        return charts.ranked(labels, now, before, names)

    def _shortest(self) -> list[tuple[str, ...]]:
        """Only of a list that is longer than those with the longest waits."""
        rows = _longest_first(self.month.branches.rows)
        return [self._ranked(row) for row in reversed(rows[max(RANKED, len(rows) - RANKED) :])]

    def _ranked(self, row: Row) -> tuple[str, ...]:
        words, one = WORDS[self.job.language], row.figures
        by_branch = one.group in {row.figures.group for row in self.month.branches.rows}
        name = self.names.branch(one.group) if by_branch else one.group or words["no_region"]
        change = change_words("wait", row.change, words, short=True)
        cells = (figure("arrivals", one, words), figure("wait_mean_s", one, words))
        return (
            name,
            *cells,
            figure("wait_p90_s", one, words),
            figure("within", one, words),
            figure("coverage", one, words),
            change,
        )

    def _service(self, row: Row) -> tuple[str, ...]:
        words, one = WORDS[self.job.language], row.figures
        names = ("arrivals", "wait_mean_s", "wait_p90_s", "within", "service_mean_s", "rating")
        return (self.names.service(one.group), *(figure(name, one, words) for name in names))

    def _worst(self) -> list[tuple[str, str, str, str]]:
        words = WORDS[self.job.language]
        return [
            (
                self.names.branch(one.branch),
                f"{one.arrived:%m-%d %H:%M}",
                self.names.service(one.service),
                amount("wait", one.waited_s, words),
            )
            for one in self.month.worst
        ]

    def _incomplete(self, branch: str, day: date, verdict: str, missing: int) -> tuple[str, ...]:
        words = WORDS[self.job.language]
        return day.isoformat(), self.names.branch(branch), words[f"day_{verdict}"].format(n=missing)


def _named(month: Month) -> list[tuple[str, date, str, int]]:
    found = month.days.completeness.incomplete[:MOST_LISTED]
    return [(one.branch, one.day, one.verdict, one.missing) for one in found]


def _longest_first(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: -(row.figures.wait_mean_s or 0.0))


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 60


def main() -> int:
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    try:
        made = pdf(job, datetime.now(UTC))
    except (NoHistory, NoLedger, charts.NoFont) as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
