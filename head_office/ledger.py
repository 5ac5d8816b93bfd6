"""What the branches have reported, each entry once, keyed `(branch, epoch, seq)`. SQLAlchemy Core."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from edge_agent.messages import DayOnRecord
from head_office import tables
from head_office.marks import Mark, mark_after
from head_office.tables import day_on_record, event, latest, set_aside, watermark


@dataclass(frozen=True, slots=True)
class Row:
    """One journal entry of a branch; `body` is its JSON as it came, `hash` that of the journal's chain."""

    branch: str
    epoch: str
    seq: int
    type: str
    body: bytes
    hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A branch's word on a business day of its journal, and when it was said."""

    branch: str
    epoch: str
    day: DayOnRecord
    closed: bool
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """The marks of every branch and epoch that was written, and the journals that brought other entries
    under numbers that are taken: what was here first has stayed, and none of what they brought was kept."""

    marks: dict[tuple[str, str], Mark]
    rewritten: frozenset[tuple[str, str]]


class Ledger:
    """One writer; `engine` decides where. A transaction is durable when it returns."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        tables.create(engine)

    def write(
        self,
        rows: Sequence[Row],
        states: Sequence[tuple[str, str, datetime, bytes]],
        aside: Sequence[tuple[datetime, str, str, bytes]],
        told: Sequence[Told] = (),
    ) -> Written:
        """Keep entries (repeats change nothing), latest states, unreadable messages and what branches say of
        their journals: all or nothing."""
        with self._engine.begin() as to:
            rewritten = self._rewritten(to, rows)
            rows = [row for row in rows if (row.branch, row.epoch) not in rewritten]
            if rows:
                values = [
                    {
                        "branch": r.branch,
                        "epoch": r.epoch,
                        "seq": r.seq,
                        "type": r.type,
                        "body": r.body,
                        "hash": r.hash,
                    }
                    for r in rows
                ]
                to.execute(self._insert(event).on_conflict_do_nothing(), values)
            for branch, leaf, seen_at, body in states:
                self._keep_latest(to, branch, leaf, seen_at, body)
            for at, topic, reason, payload in aside:
                to.execute(
                    set_aside.insert().values(
                        at=at.isoformat(), topic=topic[:256], reason=reason[:512], payload=payload
                    )
                )
            if told:
                self._keep_told(to, told)
            return Written(self._move_marks(to, rows), rewritten)

    def _rewritten(self, to: sa.Connection, rows: Sequence[Row]) -> frozenset[tuple[str, str]]:
        """The journals that bring other entries under numbers we have: restored from a backup."""
        runs: dict[tuple[str, str], dict[int, bytes]] = {}
        for row in rows:
            runs.setdefault((row.branch, row.epoch), {}).setdefault(row.seq, row.body)
        return frozenset(key for key, bodies in runs.items() if _differs(to, *key, bodies))

    def _keep_latest(
        self, to: sa.Connection, branch: str, leaf: str, seen_at: datetime, body: bytes
    ) -> None:
        values = {"seen_at": seen_at.isoformat(), "body": body}
        to.execute(
            self._insert(latest)
            .values(branch=branch, leaf=leaf, **values)
            .on_conflict_do_update(index_elements=["branch", "leaf"], set_=values)
        )

    def _keep_told(self, to: sa.Connection, told: Sequence[Told]) -> None:
        """The latest word counts: one of fewer entries is older. A day that is closed stays so."""
        add = self._insert(day_on_record)
        keys = [column.name for column in day_on_record.primary_key]
        news: dict[str, sa.ColumnElement[Any]] = {
            column.name: add.excluded[column.name]
            for column in day_on_record.columns
            if column.name not in keys
        }
        news["closed"] = sa.or_(day_on_record.c.closed, add.excluded.closed)
        newer = add.excluded.last_seq >= day_on_record.c.last_seq
        values = [_values(one) for one in told]
        to.execute(add.on_conflict_do_update(index_elements=keys, set_=news, where=newer), values)

    def _move_marks(self, to: sa.Connection, rows: Iterable[Row]) -> dict[tuple[str, str], Mark]:
        highest: dict[tuple[str, str], int] = {}
        for row in rows:
            key = (row.branch, row.epoch)
            highest[key] = max(highest.get(key, 0), row.seq)
        return {key: self._move_mark(to, *key, seen) for key, seen in highest.items()}

    def _move_mark(self, to: sa.Connection, branch: str, epoch: str, seen: int) -> Mark:
        of_branch = (watermark.c.branch == branch, watermark.c.epoch == epoch)
        before = to.execute(
            sa.select(watermark.c.seq, watermark.c.highest).where(*of_branch)
        ).one_or_none()
        seq, highest = before or (0, 0)
        mark = mark_after(to, branch, epoch, seq, max(highest, seen))
        values = asdict(mark)
        to.execute(
            self._insert(watermark)
            .values(branch=branch, epoch=epoch, **values)
            .on_conflict_do_update(index_elements=["branch", "epoch"], set_=values)
        )
        return mark

    def marks(self) -> dict[tuple[str, str], Mark]:
        """All marks, at start."""
        with self._engine.connect() as to:
            found = to.execute(sa.select(watermark))
            return {
                (r.branch, r.epoch): Mark(r.seq, r.highest, r.digest, r.above or 0) for r in found
            }

    def states(self) -> list[tuple[str, str, datetime, bytes]]:
        """Every branch's latest birth, queues and health, at start."""
        with self._engine.connect() as to:
            return [
                (row.branch, row.leaf, datetime.fromisoformat(row.seen_at), row.body)
                for row in to.execute(sa.select(latest))
            ]

    def events(self, branch: str, epoch: str, after: int, limit: int) -> list[bytes]:
        """A branch's entries after number `after`, by number."""
        with self._engine.connect() as to:
            found = to.execute(
                sa.select(event.c.body)
                .where(event.c.branch == branch, event.c.epoch == epoch, event.c.seq > after)
                .order_by(event.c.seq)
                .limit(limit)
            )
            return [row.body for row in found]

    def told(self, branch: str, day: date | None) -> list[Told]:
        """What the branch has said of a business day, by epoch and number; of its last one when none is named."""
        of_branch = day_on_record.c.branch == branch
        with self._engine.connect() as to:
            if day is None:
                last = sa.select(sa.func.max(day_on_record.c.business_day)).where(of_branch)
                day = to.execute(last).scalar_one()
            found = to.execute(
                sa.select(day_on_record)
                .where(of_branch, day_on_record.c.business_day == day)
                .order_by(day_on_record.c.epoch, day_on_record.c.first_seq)
            )
            return [_told(row) for row in found]

    def links(
        self, branch: str, epoch: str, first: int, last: int
    ) -> Iterator[tuple[int, bytes, bytes | None]]:
        """Number, body and hash of those of these entries that are here, by number; of whatever type somebody has
        made them in the database's file."""
        with self._engine.connect() as to:
            found = to.execute(
                sa.select(event.c.seq, _as_bytes(event.c.body), _as_bytes(event.c.hash))
                .where(
                    event.c.branch == branch,
                    event.c.epoch == epoch,
                    event.c.seq.between(first, last),
                )
                .order_by(event.c.seq)
            )
            for row in found:
                yield row.seq, row.body, row.hash

    def counts(self) -> Mapping[str, int]:
        """Rows by table, for the metrics."""
        with self._engine.connect() as to:
            return {
                table.name: to.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in (event, set_aside)
            }

    def close(self) -> None:
        self._engine.dispose()


def ledger_file(folder: Path) -> Path:
    return folder / "ledger.sqlite"


def open_ledger(folder: Path) -> Ledger:
    """SQLite in `folder`, WAL and synchronous=FULL: an acknowledged entry survives a power cut."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{ledger_file(folder)}")

    @sa.event.listens_for(engine, "connect")
    def durable(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    return Ledger(engine)


def _values(told: Told) -> dict[str, Any]:
    """As it stands in its table."""
    return {
        "branch": told.branch,
        "epoch": told.epoch,
        "first_seq": told.day.first_seq,
        "last_seq": told.day.last_seq,
        "business_day": told.day.business_day,
        "before": bytes.fromhex(told.day.before),
        "hash": bytes.fromhex(told.day.hash),
        "closed": told.closed,
        "said_at": told.said_at.isoformat(),
    }


def _as_bytes(column: sa.Column[Any]) -> sa.Label[bytes]:
    return sa.cast(column, sa.LargeBinary).label(column.name)


def _told(row: Any) -> Told:
    day = DayOnRecord(
        business_day=row.business_day,
        first_seq=row.first_seq,
        last_seq=row.last_seq,
        before=row.before.hex(),
        hash=row.hash.hex(),
    )
    return Told(row.branch, row.epoch, day, row.closed, datetime.fromisoformat(row.said_at))


def _differs(to: sa.Connection, branch: str, epoch: str, bodies: Mapping[int, bytes]) -> bool:
    """Whether any of these entries is here already, with other contents."""
    highest = to.execute(
        sa.select(watermark.c.highest).where(
            watermark.c.branch == branch, watermark.c.epoch == epoch
        )
    ).scalar_one_or_none()
    if highest is None or min(bodies) > highest:
        return False  # all are new: the common case
    found = to.execute(
        sa.select(event.c.seq, event.c.body).where(
            event.c.branch == branch,
            event.c.epoch == epoch,
            event.c.seq.between(min(bodies), max(bodies)),
        )
    )
    return any(row.seq in bodies and bodies[row.seq] != row.body for row in found)
