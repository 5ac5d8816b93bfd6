"""Which process takes in which shards, agreed upon in the ledger's database.

No clock is compared with another: a process lives while its number grows, and each of the others judges by its
own clock. Two that both believe they own a shard do no harm, for the ledger takes entries from anybody.
"""

from collections.abc import Callable, Iterator, Mapping, Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil

import msgspec
import sqlalchemy as sa

from edge_agent.topics import SHARDS
from head_office.intake.counted import NOTHING, Counted
from head_office.intake.tables import ONE_AT_A_TIME, counted, create, lease, process
from head_office.journals import keeping, writing

BEAT_S = 1.0
ANSWERS_S = 3.0  # a PostgreSQL, so that a process can end also where that does not answer
LOST_AFTER_S = 6.0  # without a beat; one may wait 5 s for its turn in SQLite


def shares(owners: Mapping[int, str], alive: AbstractSet[str], me: str) -> frozenset[int]:
    """The shards that are mine when I take no more than my part, and only what nobody alive has. Pure."""
    part = ceil(SHARDS / len(alive))
    held = [shard for shard in range(SHARDS) if owners.get(shard) == me]
    free = [shard for shard in range(SHARDS) if owners.get(shard) not in alive]
    return frozenset((held + free)[:part])


@dataclass(slots=True)
class Pulses:
    """The last beat of each process and when it was new to us, in s."""

    _seen: dict[str, tuple[int, float]] = field(default_factory=dict)

    def lost(self, beats: Mapping[str, int], now: float) -> set[str]:
        """Those that have not beaten for too long."""
        self._seen = {
            name: self._seen[name] if self._seen.get(name, (-1, 0.0))[0] == beat else (beat, now)
            for name, beat in beats.items()
        }
        return {name for name, (_, since) in self._seen.items() if now - since > LOST_AFTER_S}


class Leases:
    """`clock` in s, never going back; `name` is nobody else's."""

    def __init__(self, engine: sa.Engine, name: str, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._name = name
        self._clock = clock
        self._pulses = Pulses()
        self._told = NOTHING
        create(engine)

    def renew(self, done: Counted = NOTHING, waiting: int = 0) -> frozenset[int]:
        """Say that we live, what we have done so far and how many messages wait here; the shards that are ours now. Raises
        SQLAlchemyError."""
        with self._alone() as to:
            beats = _beats(to)
            beats[self._name] = beats.get(self._name, 0) + 1
            beat = {"name": self._name, "beat": beats[self._name], "waiting": waiting}
            to.execute(keeping(to, process), beat)
            self._add(to, done)
            lost = self._pulses.lost(beats, self._clock()) - {self._name}
            if lost:
                to.execute(process.delete().where(process.c.name.in_(lost)))
            owners = _owners(to)
            ours = shares(owners, beats.keys() - lost, self._name)
            self._hold(to, owners, ours)
        self._told = done
        return ours

    def unattended(self) -> int:
        """Shards that nobody alive takes in. Raises SQLAlchemyError."""
        with self._engine.connect() as to:
            beats, owners = _beats(to), _owners(to)
        alive = beats.keys() - self._pulses.lost(beats, self._clock())
        return SHARDS - sum(owner in alive for owner in owners.values())

    def sums(self) -> tuple[Counted, int]:
        """What all of them have done, and how many messages wait. Raises SQLAlchemyError."""
        waiting = sa.select(sa.func.coalesce(sa.func.sum(process.c.waiting), 0))
        with self._engine.connect() as to:
            return _sum(to), int(to.execute(waiting).scalar_one())

    def leave(self, done: Counted = NOTHING) -> None:
        """Others may have ours at once. Raises SQLAlchemyError."""
        with self._alone() as to:
            self._add(to, done)
            to.execute(lease.delete().where(lease.c.owner == self._name))
            to.execute(process.delete().where(process.c.name == self._name))

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _alone(self) -> Iterator[sa.Connection]:
        with writing(self._engine) as to:
            if to.dialect.name == "postgresql":
                to.exec_driver_sql(ONE_AT_A_TIME)
            yield to

    def _add(self, to: sa.Connection, done: Counted) -> None:
        """To what all have done: so it never shrinks, whoever ends."""
        if done != self._told:
            body = msgspec.json.encode(_sum(to).plus(done, since=self._told)).decode()
            to.execute(keeping(to, counted), {"id": 1, "body": body})

    def _hold(self, to: sa.Connection, owners: Mapping[int, str], ours: AbstractSet[int]) -> None:
        given_up = [
            shard for shard, owner in owners.items() if owner == self._name and shard not in ours
        ]
        taken = [shard for shard in sorted(ours) if owners.get(shard) != self._name]
        if given_up:
            to.execute(lease.delete().where(lease.c.shard.in_(given_up)))
        if taken:
            rows = [{"shard": shard, "owner": self._name} for shard in taken]
            to.execute(keeping(to, lease), rows)


def _sum(to: sa.Connection) -> Counted:
    body = to.execute(sa.select(counted.c.body)).scalar_one_or_none()
    return NOTHING if body is None else msgspec.json.decode(body, type=Counted)


def _beats(to: sa.Connection) -> dict[str, int]:
    return {row.name: row.beat for row in to.execute(sa.select(process))}


def _owners(to: sa.Connection) -> dict[int, str]:
    return {row.shard: row.owner for row in to.execute(sa.select(lease))}
