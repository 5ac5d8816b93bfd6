"""The day's appointments, as the bank's own system drops them: one CSV file, read again when it has changed.

A line that cannot be used is told once, by its number and never by what stands in it, and keeps no other out.
"""

import csv
import logging
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from edge_agent import messages

log = logging.getLogger(__name__)

NEEDED = ("reference", "service", "at")
LONGEST_REFERENCE = 64
LINES_TOLD = 20  # of one reading; a file that is wrong throughout must not fill the log
REPLACED = "\ufffd"  # stands where bytes were no UTF-8


@dataclass(frozen=True, slots=True)
class _Row:
    appointment: messages.Appointment
    day: date
    customer_token: str


class _Unusable(Exception):
    """Of a line or the whole file; the text says why, without what stands there."""


class Appointments:
    """`path` None: this branch keeps no list. `day_of` gives a moment's business day; a time without zone is the
    branch's own."""

    def __init__(
        self,
        path: Path | None,
        zone: ZoneInfo,
        day_of: Callable[[datetime], date],
        services: Collection[str],
    ) -> None:
        self._path = path
        self._zone = zone
        self._day_of = day_of
        self._services = services
        self._seen: tuple[int, ...] | None = None
        self._rows: list[_Row] | None = None
        self._lost = False
        self._told: set[str] = set()

    @property
    def readable(self) -> bool:
        """Whether there is a list."""
        return self.look() is not None

    def of(self, reference: str, today: date) -> messages.Appointment | None:
        """Today's appointment with this reference."""
        rows = self.look() or ()
        return next(
            (
                row.appointment
                for row in rows
                if row.day == today and row.appointment.reference == reference
            ),
            None,
        )

    def of_customer(self, token: str, today: date, now: datetime) -> messages.Appointment | None:
        """Of this customer's appointments today, the one nearest to now."""
        rows = self.look() or ()
        mine = [r.appointment for r in rows if r.day == today and r.customer_token == token]
        return min(mine, key=lambda one: abs(one.at - now), default=None)

    def look(self) -> list[_Row] | None:
        """The rows as the file stands now; the log says what is new."""
        if self._path is None:
            return None
        try:
            stat = os.stat(self._path)
            seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if seen != self._seen:
                self._take(self._path.read_bytes())
                self._seen = seen
        except (OSError, _Unusable) as error:
            self._lose(error)
        return self._rows

    def _take(self, raw: bytes) -> None:
        rows, wrong = self._read(raw.decode("utf-8-sig", errors="replace").splitlines())
        self._rows = rows
        if self._lost:
            log.info("The appointments can be read again: %s", self._path)
        self._lost = False
        self._tell(wrong)

    def _lose(self, error: Exception) -> None:
        if not self._lost:
            why = error.strerror if isinstance(error, OSError) else error
            log.warning("There are no appointments: %s: %s", self._path, why)
        self._rows, self._seen, self._lost = None, None, True

    def _tell(self, wrong: list[str]) -> None:
        """What was told of the reading before is not told again."""
        news = [one for one in wrong if one not in self._told]
        for one in news[:LINES_TOLD]:
            log.warning("An appointment is left out: %s, %s", self._path, one)
        if len(news) > LINES_TOLD:
            log.warning(
                "%s: %s more appointments are left out.", self._path, len(news) - LINES_TOLD
            )
        self._told = set(wrong)

    def _read(self, lines: list[str]) -> tuple[list[_Row], list[str]]:
        """The rows, and what is wrong with the others. Raises _Unusable."""
        columns = _columns(lines[0] if lines else "")
        rows: dict[tuple[date, str], _Row] = {}
        wrong = []
        for number, line in enumerate(lines[1:], start=2):
            if not line.strip():
                continue
            try:
                row = self._row(dict(zip(columns, _split(line), strict=False)))
                if (row.day, row.appointment.reference) in rows:
                    raise _Unusable("its reference stands before on the same day")
            except _Unusable as error:
                wrong.append(f"line {number}: {error}")
            else:
                rows[row.day, row.appointment.reference] = row
        return list(rows.values()), wrong

    def _row(self, cells: dict[str, str]) -> _Row:
        """Raises _Unusable."""
        reference, service, text = (cells.get(name, "") for name in NEEDED)
        if any(REPLACED in cell for cell in cells.values()):
            raise _Unusable("is not UTF-8")
        if not 0 < len(reference) <= LONGEST_REFERENCE:
            raise _Unusable(f"the reference needs 1 to {LONGEST_REFERENCE} characters")
        if messages.LIKE_A_NUMBER_OF_A_PERSON.search(reference):
            raise _Unusable("the reference looks like the number of a card, a document or a phone")
        if service not in self._services:
            raise _Unusable(f"the service is none of {', '.join(self._services)}")
        try:
            at = self._moment(text)
            day = self._day_of(at)
        except (ValueError, OverflowError):
            raise _Unusable(
                "the time is none; expected one such as 2026-11-26T10:30:00+08:00"
            ) from None
        found = messages.Appointment(reference=reference, service=service, at=at)
        return _Row(found, day, cells.get("customer_token", ""))

    def _moment(self, text: str) -> datetime:
        """Raises ValueError, OverflowError. A date alone is no time."""
        at = datetime.fromisoformat(text if ":" in text else "")
        return (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)


def _columns(line: str) -> list[str]:
    """Raises _Unusable."""
    columns = [name.lower() for name in _split(line)]
    if missing := [name for name in NEEDED if name not in columns]:
        raise _Unusable(
            f"the first line lacks {', '.join(missing)}; expected reference,service,at,customer_token"
        )
    return columns


def _split(line: str) -> list[str]:
    """Each line for itself: a quotation mark that nobody closed must not swallow those after it. Raises _Unusable."""
    try:
        return [cell.strip() for cell in next(csv.reader([line]), [])]
    except csv.Error as error:
        raise _Unusable(f"is no CSV: {error}") from error
