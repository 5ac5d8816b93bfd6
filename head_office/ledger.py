"""What the branches have reported, each entry once, keyed `(branch, epoch, seq)`. SQLAlchemy Core."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from edge_agent.messages import DayOnRecord, digest
from head_office import tables
from head_office.entries import Row, add
from head_office.marks import Mark, Run, with_entries
from head_office.tables import day_on_record, event, latest, set_aside, watermark

Key = tuple[str, str]  # branch and epoch


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

    marks: dict[Key, Mark]
    rewritten: frozenset[Key]


class Ledger:
    """One writer; `engine` decides where. A transaction is durable when it returns."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
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
        with self.engine.begin() as to:
            written = self._keep_entries(to, rows) if rows else Written({}, frozenset())
            for branch, leaf, seen_at, body in states:
                self._keep_latest(to, branch, leaf, seen_at, body)
            for at, topic, reason, payload in aside:
                to.execute(
                    set_aside.insert().values(
                        at=at.isoformat(),
                        topic=topic[:256],
                        reason=reason.replace("\0", "\ufffd")[:512],
                        payload=payload,
                    )
                )
            if told:
                self._keep_told(to, told)
            return written

    def _keep_entries(self, to: sa.Connection, rows: Sequence[Row]) -> Written:
        journals: dict[Key, dict[int, Row]] = {}
        for row in rows:
            journals.setdefault((row.branch, row.epoch), {}).setdefault(row.seq, row)
        before = _marks(to, list(journals))
        new, rewritten, marks = [], set(), {}
        for key, entries in journals.items():
            mark = before.get(key, Mark())
            here = {seq: row.body for seq, row in entries.items() if mark.has(seq)}
            if here and _differs(to, *key, here):
                rewritten.add(key)  # another journal under this name: nothing of it is kept
                continue
            new += [row for seq, row in entries.items() if seq not in here]
            marks[key] = _moved(mark, entries, here)
        add(to, new)
        marks = {key: _digested(to, key, mark) for key, mark in marks.items()}
        if marks:
            self._keep_marks(to, marks)
        return Written(marks, frozenset(rewritten))

    def _keep_marks(self, to: sa.Connection, marks: Mapping[Key, Mark]) -> None:
        values = [
            {
                "branch": branch,
                "epoch": epoch,
                "seq": mark.seq,
                "highest": mark.highest,
                "digest": mark.digest,
                "beyond": msgspec.json.encode(mark.beyond).decode(),
            }
            for (branch, epoch), mark in marks.items()
        ]
        to.execute(self._keeping(watermark), values)

    def _keep_latest(
        self, to: sa.Connection, branch: str, leaf: str, seen_at: datetime, body: bytes
    ) -> None:
        values = {"branch": branch, "leaf": leaf, "seen_at": seen_at.isoformat(), "body": body}
        to.execute(self._keeping(latest), values)

    def _keep_told(self, to: sa.Connection, told: Sequence[Told]) -> None:
        """The latest word counts: one of fewer entries is older. A day that is closed stays so."""
        say = self._insert(day_on_record)
        news = {"closed": sa.or_(day_on_record.c.closed, say.excluded.closed)}
        newer = say.excluded.last_seq >= day_on_record.c.last_seq
        to.execute(self._keeping(day_on_record, news, newer), [_values(one) for one in told])

    def _keeping(
        self,
        table: sa.Table,
        news: Mapping[str, sa.ColumnElement[Any]] | None = None,
        where: sa.ColumnElement[bool] | None = None,
    ) -> Any:
        """Insert, or put the new values in the place of the old."""
        into = self._insert(table)
        keys = [column.name for column in table.primary_key]
        values = {c.name: into.excluded[c.name] for c in table.columns if c.name not in keys}
        return into.on_conflict_do_update(
            index_elements=keys, set_=values | dict(news or {}), where=where
        )

    def marks(self) -> dict[Key, Mark]:
        """All marks, at start."""
        with self.engine.connect() as to:
            return _marks(to, None)

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

    def counts(self) -> Mapping[str, int]:
        """Rows by table, for the metrics."""
        with self.engine.connect() as to:
            return {
                table.name: to.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in (event, set_aside)
            }

    def close(self) -> None:
        self.engine.dispose()


def _marks(to: sa.Connection, keys: Sequence[Key] | None) -> dict[Key, Mark]:
    """Those of these journals, or all."""
    asked = sa.select(watermark)
    if keys is not None:
        asked = asked.where(sa.tuple_(watermark.c.branch, watermark.c.epoch).in_(keys))
    return {
        (row.branch, row.epoch): Mark(
            row.seq,
            row.highest,
            row.digest,
            msgspec.json.decode(row.beyond or "[]", type=tuple[Run, ...]),
        )
        for row in to.execute(asked)
    }


def _moved(mark: Mark, entries: Mapping[int, Row], here: Mapping[int, bytes]) -> Mark:
    """The mark after these entries, of which some were here before."""
    mark = with_entries(mark, entries)
    if mark.digest is None and mark.seq in entries and mark.seq not in here:
        return msgspec.structs.replace(mark, digest=digest(entries[mark.seq].body))
    return mark


def _digested(to: sa.Connection, key: Key, mark: Mark) -> Mark:
    """With the digest of the entry it stands at, where that came earlier than now."""
    if mark.digest is not None or mark.seq == 0:
        return mark
    found = [body for _, body in _bodies(to, *key, mark.seq, mark.seq)]
    return msgspec.structs.replace(mark, digest=digest(found[0]) if found else None)


def _bodies(
    to: sa.Connection, branch: str, epoch: str, first: int, last: int
) -> Iterator[tuple[int, bytes]]:
    found = to.execute(
        sa.select(event.c.seq, event.c.body).where(
            event.c.branch == branch, event.c.epoch == epoch, event.c.seq.between(first, last)
        )
    )
    for row in found:
        yield row.seq, row.body


def _differs(to: sa.Connection, branch: str, epoch: str, bodies: Mapping[int, bytes]) -> bool:
    """Whether any of these entries, which are here already, has other contents here."""
    here = _bodies(to, branch, epoch, min(bodies), max(bodies))
    return any(seq in bodies and bodies[seq] != body for seq, body in here)


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
