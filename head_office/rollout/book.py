"""What is kept of rollouts. Every method is one transaction, and durable when it returns."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from msgspec import structs
from sqlalchemy.dialects import postgresql, sqlite

from edge_agent.messages import NoticeDocument
from head_office.rollout import tables
from head_office.rollout.plan import Plan, Says, Stage
from head_office.rollout.tables import branch, deed, notice, plan, version

What = Literal[
    "version made", "begun", "next stage", "paused", "resumed", "stopped", "done", "back",
    "message", "message withdrawn",
]  # fmt: skip
MOST_SHOWN = 100


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """`contents` are sections of branch.toml."""

    version: int
    contents: str
    note: str
    made_by: str
    made_at: datetime


class OfficeNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A message, and for whom; `document` names no branch yet."""

    document: NoticeDocument
    to: Stage
    made_by: str
    made_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what and when; `who` is empty for the program itself."""

    at: datetime
    who: str
    what: What
    version: int = 0
    detail: str = ""


class RolloutBook:
    """In the ledger's database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        tables.create(engine)

    def versions(self) -> list[Version]:
        """The latest first; not all of a long past."""
        with self._engine.connect() as to:
            asked = sa.select(version).order_by(version.c.version.desc()).limit(MOST_SHOWN)
            return [_version(row) for row in to.execute(asked)]

    def version(self, number: int) -> Version | None:
        with self._engine.connect() as to:
            row = to.execute(sa.select(version).where(version.c.version == number)).first()
            return None if row is None else _version(row)

    def version_before(self, number: int) -> Version | None:
        """The one made before this one."""
        with self._engine.connect() as to:
            asked = sa.select(version).where(version.c.version < number)
            row = to.execute(asked.order_by(version.c.version.desc()).limit(1)).first()
            return None if row is None else _version(row)

    def make(self, contents: str, note: str, done: Deed, above: int) -> int:
        """A new version: its number is above all of ours, and above `above`, which some branch knows."""
        with self._engine.begin() as to:
            ours = to.execute(sa.select(sa.func.max(version.c.version))).scalar_one() or 0
            number = max(int(ours), above) + 1
            made = {"made_by": done.who, "made_at": done.at.isoformat()}
            new = {"version": number, "contents": contents, "note": note, **made}
            to.execute(version.insert().values(new))
            self._note(to, structs.replace(done, version=number))
            return number

    def plan(self) -> Plan | None:
        """The latest."""
        with self._engine.connect() as to:
            asked = sa.select(plan.c.body).order_by(plan.c.version.desc()).limit(1)
            body = to.execute(asked).scalar_one_or_none()
            return None if body is None else msgspec.json.decode(body, type=Plan)

    def last_done(self, below: int) -> int:
        """The version whose rollout was done last, 0 for none."""
        with self._engine.connect() as to:
            asked = sa.select(sa.func.max(plan.c.version))
            done = asked.where(plan.c.state == "done", plan.c.version < below)
            return to.execute(done).scalar_one() or 0

    def keep_plan(self, kept: Plan, done: Deed) -> None:
        with self._engine.begin() as to:
            values = {
                "version": kept.version,
                "state": kept.state,
                "body": msgspec.json.encode(kept).decode(),
            }
            self._put(to, plan, values)
            self._note(to, done)

    def branches(self) -> list[Says]:
        with self._engine.connect() as to:
            bodies = to.execute(sa.select(branch.c.body)).scalars()
            return [msgspec.json.decode(body, type=Says) for body in bodies]

    def keep_branches(self, says: Iterable[Says]) -> None:
        values = [{"branch": one.branch, "body": msgspec.json.encode(one).decode()} for one in says]
        if values:
            with self._engine.begin() as to:
                self._put(to, branch, values)

    def notices(self, now: datetime) -> list[OfficeNotice]:
        """Those that are not over, the latest first."""
        with self._engine.connect() as to:
            asked = sa.select(notice.c.body).where(notice.c.until > now.isoformat())
            found = [
                msgspec.json.decode(body, type=OfficeNotice) for body in to.execute(asked).scalars()
            ]
            return sorted(found, key=lambda one: one.made_at, reverse=True)

    def keep_notice(self, kept: OfficeNotice, done: Deed) -> None:
        with self._engine.begin() as to:
            values = {
                "id": kept.document.id,
                "until": kept.document.until.astimezone(UTC).isoformat(),  # compared as text
                "body": msgspec.json.encode(kept).decode(),
            }
            self._put(to, notice, values)
            self._note(to, done)

    def deeds(self) -> list[Deed]:
        """The latest first."""
        with self._engine.connect() as to:
            asked = sa.select(deed).order_by(deed.c.id.desc()).limit(MOST_SHOWN)
            return [
                Deed(
                    at=datetime.fromisoformat(row.at),
                    who=row.who,
                    what=row.what,
                    version=row.version,
                    detail=row.detail,
                )
                for row in to.execute(asked)
            ]

    def forget(self, before: datetime) -> None:
        """What was done before that moment, and messages that were over then. Versions and plans stay: a branch may run,
        or go back to, any of them."""
        with self._engine.begin() as to:
            to.execute(deed.delete().where(deed.c.at < before.isoformat()))
            to.execute(notice.delete().where(notice.c.until < before.isoformat()))

    def _note(self, to: sa.Connection, done: Deed) -> None:
        to.execute(deed.insert().values(structs.asdict(done) | {"at": done.at.isoformat()}))

    def _put(self, to: sa.Connection, table: sa.Table, values: Any) -> None:
        """Insert, or put the new values in the place of the old."""
        into = self._insert(table)
        key = [column.name for column in table.primary_key]
        others = {c.name: into.excluded[c.name] for c in table.columns if c.name not in key}
        to.execute(into.on_conflict_do_update(index_elements=key, set_=others), _list(values))


def _list(values: Any) -> Sequence[Any]:
    return values if isinstance(values, list) else [values]


def _version(row: Any) -> Version:
    return Version(
        version=row.version,
        contents=row.contents,
        note=row.note,
        made_by=row.made_by,
        made_at=datetime.fromisoformat(row.made_at),
    )
