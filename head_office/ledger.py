"""What the branches have reported, each entry once, keyed `(branch, epoch, seq)`. SQLAlchemy Core."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from edge_agent.messages import DayOnRecord
from head_office import journals, tables
from head_office.entries import Row, make_room
from head_office.journals import Key, Written, keeping, writing
from head_office.marks import Mark, Run, without
from head_office.tables import day_on_record, event, latest, set_aside, watermark

ASIDE_KEPT = 2000  # messages, 64 KiB each at most


@dataclass(frozen=True, slots=True)
class Told:
    """A branch's word on a business day of its journal, and when it was said."""

    branch: str
    epoch: str
    day: DayOnRecord
    closed: bool
    said_at: datetime


class Ledger:
    """`engine` decides where. Several may write at once; a transaction is durable when it returns."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
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
        make_room(self.engine, rows)
        with writing(self.engine) as to:
            written = journals.keep(to, rows) if rows else Written({}, frozenset())
            if states:
                to.execute(keeping(to, latest), [_state(*state) for state in sorted(states)])
            if aside:
                _keep_aside(to, aside)
            if told:
                _keep_told(to, told)
            return written

    def lost(self, branch: str, epoch: str, runs: Sequence[Run]) -> None:
        """Entries that were here are gone: from now on they count as missing, and so they are asked for again."""
        key = branch, epoch
        believed = self.marks([key]).get(key, Mark())
        if without(believed, runs) != believed:
            with writing(self.engine) as to:
                journals.lost(to, key, runs)

    def marks(self, keys: Sequence[Key] | None = None) -> dict[Key, Mark]:
        """Of these journals, or of all."""
        with self.engine.connect() as to:
            return journals.marks_of(to, keys)

    def gaps(self) -> dict[Key, Mark]:
        """The marks of the journals of which something is known to exist and not here."""
        with self.engine.connect() as to:
            found = to.execute(sa.select(watermark).where(watermark.c.highest > watermark.c.seq))
            return {(row.branch, row.epoch): journals.mark_in(row) for row in found}

    def states(self) -> list[tuple[str, str, datetime, bytes]]:
        """Every branch's latest birth, queues and health, at start."""
        with self.engine.connect() as to:
            return [
                (row.branch, row.leaf, datetime.fromisoformat(row.seen_at), row.body)
                for row in to.execute(sa.select(latest))
            ]

    def events(self, branch: str, epoch: str, after: int, limit: int) -> list[bytes]:
        """A branch's entries after number `after`, by number."""
        with self.engine.connect() as to:
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
        with self.engine.connect() as to:
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
        with self.engine.connect() as to:
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

    def set_aside(self) -> int:
        """How many messages were; the latest are kept."""
        with self.engine.connect() as to:
            return to.execute(sa.select(sa.func.max(set_aside.c.id))).scalar_one() or 0

    def close(self) -> None:
        self.engine.dispose()


def _state(branch: str, leaf: str, seen_at: datetime, body: bytes) -> dict[str, Any]:
    return {"branch": branch, "leaf": leaf, "seen_at": seen_at.isoformat(), "body": body}


def _aside(at: datetime, topic: str, reason: str, payload: bytes) -> dict[str, Any]:
    return {
        "at": at.isoformat(),
        "topic": topic[:256],
        "reason": reason.replace("\0", "\ufffd")[:512],
        "payload": payload,
    }


def _keep_aside(to: sa.Connection, aside: Sequence[tuple[datetime, str, str, bytes]]) -> None:
    """A branch that nobody can read says it again and again: the oldest make room."""
    to.execute(set_aside.insert(), [_aside(*one) for one in aside])
    last = to.execute(sa.select(sa.func.max(set_aside.c.id))).scalar_one()
    to.execute(set_aside.delete().where(set_aside.c.id <= last - ASIDE_KEPT))


def _keep_told(to: sa.Connection, told: Sequence[Told]) -> None:
    """The latest word counts: one of fewer entries is older. A day that is closed stays so."""
    say = journals.insert(to, day_on_record)
    news = {"closed": sa.or_(day_on_record.c.closed, say.excluded.closed)}
    newer = say.excluded.last_seq >= day_on_record.c.last_seq
    in_order = sorted(told, key=lambda one: (one.branch, one.epoch, one.day.first_seq, one.closed))
    to.execute(keeping(to, day_on_record, news, newer), [_values(one) for one in in_order])


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


def _told(row: Any) -> Told:
    day = DayOnRecord(
        business_day=row.business_day,
        first_seq=row.first_seq,
        last_seq=row.last_seq,
        before=row.before.hex(),
        hash=row.hash.hex(),
    )
    return Told(row.branch, row.epoch, day, row.closed, datetime.fromisoformat(row.said_at))


def _as_bytes(column: sa.Column[Any]) -> sa.Label[bytes]:
    return sa.cast(column, sa.LargeBinary).label(column.name)
