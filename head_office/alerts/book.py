"""The alerts as they are kept. Every method is one transaction, and durable when it returns."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from head_office.access import Person
from head_office.alerts import tables
from head_office.alerts.rules import SEVERITY, Kind, Severity
from head_office.alerts.tables import alert, call, step
from head_office.alerts.watch import Begun, Changes, Key

AT_ONCE = 1000  # alerts that go in one transaction
WORST_FIRST = sa.case({"urgent": 0, "warning": 1, "notice": 2}, value=alert.c.severity, else_=3)
Does = Literal["began", "ended", "acknowledged", "assigned", "noted"]


class Step(msgspec.Struct, frozen=True):
    """What happened to an alert; `who` is empty for what the program saw."""

    at: datetime
    who: str
    what: Does
    note: str = ""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """`acknowledged`: somebody has seen it. It stays open until what it is about is over: then it has `ended`."""

    id: int
    branch: str
    region: str
    kind: Kind
    subject: str
    severity: Severity
    facts: dict[str, int | str]
    began: datetime
    ended: datetime | None = None
    acknowledged: datetime | None = None
    acknowledged_by: str | None = None
    assigned_to: str | None = None


class AlertBook:
    """`telling`: whether the bank's own system is told of each."""

    def __init__(self, engine: sa.Engine, *, telling: bool) -> None:
        self._engine = engine
        self._telling = telling
        tables.create(engine)

    def keep(
        self, changes: Changes, now: datetime, regions: Mapping[str, str] | None = None
    ) -> None:
        """What a look has found, all or nothing. `regions`: of the branches, where that has changed; what is open goes
        with its branch, so that whoever sees the branch sees it too."""
        with self._engine.begin() as to:
            _move(to, regions or {})
            for key, begun in changes.begun.items():
                new = alert.insert().values(_values(key, begun)).returning(alert.c.id)
                self._step(to, to.execute(new).one()[0], "began", begun.since, "", "")
            for key, at in changes.ended.items():
                for number in to.execute(_open_of(key)).scalars().all():
                    one = alert.update().where(alert.c.id == number)
                    to.execute(one.values(ended=at.isoformat()))
                    self._step(to, number, "ended", now, "", "")

    def open_keys(self) -> list[Key]:
        with self._engine.connect() as to:
            asked = sa.select(alert.c.branch, alert.c.kind, alert.c.subject)
            return [tuple(row) for row in to.execute(asked.where(alert.c.ended.is_(None)))]

    def find(
        self,
        person: Person,
        *,
        open_only: bool,
        branch: str | None = None,
        kind: str | None = None,
        skip: int = 0,
        limit: int = 100,
    ) -> list[Alert]:
        """Of branches the person may see: the latest first, of the open ones the worst."""
        asked = sa.select(alert).where(_seen_by(person)).offset(skip).limit(limit)
        if open_only:
            asked = asked.where(alert.c.ended.is_(None)).order_by(WORST_FIRST)
        asked = asked.order_by(alert.c.id.desc())
        if branch is not None:
            asked = asked.where(alert.c.branch == branch)
        if kind is not None:
            asked = asked.where(alert.c.kind == kind)
        with self._engine.connect() as to:
            return [_alert(row) for row in to.execute(asked)]

    def count_open(self) -> dict[tuple[str, str], int]:
        """By region and severity."""
        asked = sa.select(alert.c.region, alert.c.severity, sa.func.count())
        with self._engine.connect() as to:
            found = to.execute(
                asked.where(alert.c.ended.is_(None)).group_by(alert.c.region, alert.c.severity)
            )
            return {(region, severity): count for region, severity, count in found}

    def one(self, number: int) -> tuple[Alert, list[Step]] | None:
        with self._engine.connect() as to:
            row = to.execute(sa.select(alert).where(alert.c.id == number)).one_or_none()
            if row is None:
                return None
            asked = sa.select(step).where(step.c.alert == number).order_by(step.c.id)
            return _alert(row), [_step(found) for found in to.execute(asked)]

    def acknowledge(self, number: int, who: str, note: str, now: datetime) -> None:
        """The first who says so counts; who says so later is in the history."""
        with self._engine.begin() as to:
            first = alert.update().where(alert.c.id == number, alert.c.acknowledged.is_(None))
            to.execute(first.values(acknowledged=now.isoformat(), acknowledged_by=who))
            self._step(to, number, "acknowledged", now, who, note)

    def assign(self, number: int, who: str, name: str, now: datetime) -> None:
        with self._engine.begin() as to:
            to.execute(alert.update().where(alert.c.id == number).values(assigned_to=name or None))
            self._step(to, number, "assigned", now, who, name)

    def note(self, number: int, who: str, note: str, now: datetime) -> None:
        with self._engine.begin() as to:
            self._step(to, number, "noted", now, who, note)

    def untold(self, limit: int) -> list[tuple[int, str]]:
        """What the bank's system is to be told, the oldest first: its number, and JSON."""
        with self._engine.connect() as to:
            asked = sa.select(call.c.id, call.c.body).order_by(call.c.id).limit(limit)
            return [(row.id, row.body) for row in to.execute(asked)]

    def told(self, numbers: Sequence[int]) -> None:
        with self._engine.begin() as to:
            to.execute(call.delete().where(call.c.id.in_(numbers)))

    def forget(self, before: datetime) -> int:
        """What ended before that moment, with what was done about it. How many have gone, not all at once: ask again until
        none has. Raises SQLAlchemyError."""
        old = sa.select(alert.c.id).where(alert.c.ended < before.isoformat()).order_by(alert.c.id)
        with self._engine.connect() as to:
            numbers = to.execute(old.limit(AT_ONCE)).scalars().all()
        if numbers:
            with self._engine.begin() as to:
                to.execute(step.delete().where(step.c.alert.in_(numbers)))
                to.execute(alert.delete().where(alert.c.id.in_(numbers)))
        return len(numbers)

    def _step(
        self, to: sa.Connection, number: int, what: Does, at: datetime, who: str, note: str
    ) -> None:
        to.execute(
            step.insert().values(alert=number, at=at.isoformat(), who=who, what=what, note=note)
        )
        if self._telling:
            row = to.execute(sa.select(alert).where(alert.c.id == number)).one()
            told = {"step": Step(at, who, what, note), "alert": _alert(row)}
            to.execute(call.insert().values(body=msgspec.json.encode(told).decode()))


def _move(to: sa.Connection, regions: Mapping[str, str]) -> None:
    asked = sa.select(alert.c.id, alert.c.branch, alert.c.region).where(alert.c.ended.is_(None))
    for number, branch, region in to.execute(asked).all() if regions else ():
        now = regions.get(branch, region)
        if now != region:
            to.execute(alert.update().where(alert.c.id == number).values(region=now))


def _values(key: Key, begun: Begun) -> dict[str, Any]:
    branch, kind, subject = key
    return {
        "branch": branch,
        "region": begun.region,
        "kind": kind,
        "subject": subject.replace("\0", "\ufffd"),  # PostgreSQL has no such character
        "severity": SEVERITY[kind],
        "facts": msgspec.json.encode(begun.trouble.facts).decode(),
        "began": begun.since.isoformat(),
    }


def _open_of(key: Key) -> sa.Select[int]:
    branch, kind, subject = key
    return sa.select(alert.c.id).where(
        alert.c.branch == branch,
        alert.c.kind == kind,
        alert.c.subject == subject,
        alert.c.ended.is_(None),
    )


def _seen_by(person: Person) -> sa.ColumnElement[bool]:
    """As `Person.sees`. Not by LIKE, which takes East and EAST for one in SQLite."""
    if person.regions is None:
        return sa.true()
    below = (_begins_with(f"{mine}/") for mine in person.regions)
    return sa.or_(sa.false(), alert.c.region.in_(person.regions), *below)


def _begins_with(text: str) -> sa.ColumnElement[bool]:
    return sa.func.substr(alert.c.region, 1, len(text)) == text


def _alert(row: Any) -> Alert:
    values = {name: getattr(row, name) for name in Alert.__struct_fields__}
    return msgspec.convert({**values, "facts": msgspec.json.decode(row.facts)}, Alert)


def _step(row: Any) -> Step:
    return Step(datetime.fromisoformat(row.at), row.who, row.what, row.note)
