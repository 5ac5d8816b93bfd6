"""What the branches have reported, each entry once, keyed `(branch, epoch, seq)`. SQLAlchemy Core."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from edge_agent.messages import digest

PAGE = 5000
tables = sa.MetaData()
event = sa.Table(
    "event",
    tables,
    sa.Column("branch", sa.String(64), primary_key=True),
    sa.Column("epoch", sa.String(64), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
watermark = sa.Table(
    "watermark",  # everything up to seq is here
    tables,
    sa.Column("branch", sa.String(64), primary_key=True),
    sa.Column("epoch", sa.String(64), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("highest", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String(32)),  # of the entry `seq`
)
latest = sa.Table(
    "latest",  # the last birth, queues and health of each branch, as received
    tables,
    sa.Column("branch", sa.String(64), primary_key=True),
    sa.Column("leaf", sa.String(16), primary_key=True),
    sa.Column("seen_at", sa.String(40), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
set_aside = sa.Table(
    "set_aside",  # what could not be read, for an engineer
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("topic", sa.String(256), nullable=False),
    sa.Column("reason", sa.String(512), nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One journal entry of a branch; `body` is its JSON as it came."""

    branch: str
    epoch: str
    seq: int
    type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """Of one branch and epoch: everything up to `seq` is here; `highest` is the last one seen.

    `digest` is of the entry `seq`.
    """

    seq: int
    highest: int
    digest: str | None = None

    @property
    def gap(self) -> bool:
        return self.highest > self.seq


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
        tables.create_all(engine)

    def write(
        self,
        rows: Sequence[Row],
        states: Sequence[tuple[str, str, datetime, bytes]],
        aside: Sequence[tuple[datetime, str, str, bytes]],
    ) -> Written:
        """Keep entries (repeats change nothing), latest states and unreadable messages: all or nothing."""
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
        seq = _contiguous(to, branch, epoch, seq)
        mark = Mark(seq, max(highest, seen), _digest(to, branch, epoch, seq))
        values = {"seq": mark.seq, "highest": mark.highest, "digest": mark.digest}
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
            return {(r.branch, r.epoch): Mark(r.seq, r.highest, r.digest) for r in found}

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

    def counts(self) -> Mapping[str, int]:
        """Rows by table, for the metrics."""
        with self._engine.connect() as to:
            return {
                table.name: to.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in (event, set_aside)
            }

    def close(self) -> None:
        self._engine.dispose()


def open_ledger(folder: Path) -> Ledger:
    """SQLite in `folder`, WAL and synchronous=FULL: an acknowledged entry survives a power cut."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{folder / 'ledger.sqlite'}")

    @sa.event.listens_for(engine, "connect")
    def durable(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    return Ledger(engine)


def _digest(to: sa.Connection, branch: str, epoch: str, seq: int) -> str | None:
    body = to.execute(
        sa.select(event.c.body).where(
            event.c.branch == branch, event.c.epoch == epoch, event.c.seq == seq
        )
    ).scalar_one_or_none()
    return None if body is None else digest(body)


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


def _contiguous(to: sa.Connection, branch: str, epoch: str, seq: int) -> int:
    """The last number of the unbroken run that goes on after `seq`."""
    while True:
        numbers = to.execute(
            sa.select(event.c.seq)
            .where(event.c.branch == branch, event.c.epoch == epoch, event.c.seq > seq)
            .order_by(event.c.seq)
            .limit(PAGE)
        ).scalars()
        start = seq
        for number in numbers:
            if number != seq + 1:
                return seq
            seq = number
        if seq - start < PAGE:
            return seq
