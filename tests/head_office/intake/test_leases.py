"""Who takes in what: every shard is somebody's, evenly, whoever dies, freezes or comes; time is passed in."""

from collections import Counter
from collections.abc import Iterator
from math import ceil

import pytest
import sqlalchemy as sa
from hypothesis import given, strategies as st

from head_office.intake.counted import Counted
from head_office.intake.leases import BEAT_S, LOST_AFTER_S, Leases, shares
from head_office.intake.tables import lease
from head_office.settings import Store
from head_office.store import engine_of

SHARDS = 64


class Crew:
    """Processes on one ledger, each with its own name, on one clock that a test moves."""

    def __init__(self, store: Store) -> None:
        self.engine = engine_of(store)
        self.now = 0.0
        self.processes: dict[str, Leases] = {}
        self.owns: dict[str, frozenset[int]] = {}

    def start(self, *names: str) -> None:
        for name in names:
            self.processes[name] = Leases(self.engine, name, lambda: self.now)

    def kill(self, *names: str) -> None:
        for name in names:
            del self.processes[name]
            self.owns.pop(name, None)

    def beat(self, rounds: int = 1, *, frozen: tuple[str, ...] = ()) -> None:
        for _ in range(rounds):
            self.now += BEAT_S
            for name, process in self.processes.items():
                if name not in frozen:
                    self.owns[name] = process.renew()

    def in_table(self) -> dict[int, str]:
        with self.engine.connect() as to:
            return {row.shard: row.owner for row in to.execute(sa.select(lease))}

    def check_even(self) -> None:
        """All is somebody's, nobody has more than a part, and everybody believes what the table says."""
        alive = list(self.processes)
        assert set(self.in_table()) == set(range(SHARDS))
        counts = Counter(self.in_table().values())
        assert set(counts) == set(alive)
        assert max(counts.values()) <= ceil(SHARDS / len(alive))
        for name in alive:
            assert self.owns[name] == {s for s, owner in self.in_table().items() if owner == name}


@pytest.fixture
def crew(store: Store) -> Iterator[Crew]:
    made = Crew(store)
    yield made
    made.engine.dispose()


SILENCE = (
    ceil(LOST_AFTER_S / BEAT_S) + 2
)  # rounds until the death of one is noticed, and one to act


def test_one_alone_has_all_and_gives_up_half_to_a_second(crew: Crew) -> None:
    crew.start("a")
    crew.beat()
    assert len(crew.owns["a"]) == SHARDS
    crew.start("b")
    crew.beat(3)
    crew.check_even()


def test_the_part_of_one_that_dies_is_taken_over_and_it_gets_its_part_again(crew: Crew) -> None:
    crew.start("a", "b", "c")
    crew.beat(3)
    crew.check_even()
    crew.kill("b")
    crew.beat(SILENCE)
    crew.check_even()
    crew.start("b again")
    crew.beat(3)
    crew.check_even()


def test_one_that_freezes_and_thaws_does_not_take_back_what_others_have(crew: Crew) -> None:
    crew.start("a", "b")
    crew.beat(3)
    crew.beat(SILENCE, frozen=("a",))
    assert len(crew.owns["b"]) == SHARDS
    crew.beat()
    taken_back = crew.owns["a"]
    assert not taken_back
    crew.beat(3)
    crew.check_even()


def test_one_that_leaves_is_replaced_at_once(crew: Crew) -> None:
    crew.start("a", "b")
    crew.beat(3)
    crew.processes["a"].leave()
    crew.kill("a")
    crew.beat()
    crew.check_even()


def test_who_looks_on_sees_what_nobody_takes_in(crew: Crew) -> None:
    board = Leases(crew.engine, "board", lambda: crew.now)
    assert board.unattended() == SHARDS
    crew.start("a", "b")
    crew.beat(3)
    assert board.unattended() == 0
    crew.kill("a", "b")
    crew.now += LOST_AFTER_S + 1
    assert board.unattended() == SHARDS


def test_what_all_have_done_is_one_sum_that_never_shrinks(crew: Crew) -> None:
    """Whoever ends, is killed, is taken for dead, or is told of twice."""
    board = Leases(crew.engine, "board", lambda: crew.now)
    assert board.sums() == (Counted(), 0)
    crew.start("a", "b")
    first = Counted(dropped=1, failed=2).committed(0.02).committed(0.5)
    crew.processes["a"].renew(first, waiting=5)
    crew.processes["a"].renew(first, waiting=7)
    crew.processes["b"].renew(Counted().committed(0.02), waiting=1)
    done, waiting = board.sums()
    assert (done.dropped, done.failed, waiting) == (1, 2, 8)
    assert done.took_s == pytest.approx(0.54)
    assert list(done.within())[-1][1] == 3
    crew.processes["a"].renew(first.committed(20), waiting=0)  # slower than any limit
    crew.processes["b"].leave(Counted(dropped=4).committed(0.02))
    crew.kill("a", "b")
    crew.start("c")
    crew.beat(int(LOST_AFTER_S) + 3)
    done, waiting = board.sums()
    assert (done.dropped, done.failed, waiting) == (5, 2, 0)
    assert [count for _, count in done.within()][-2:] == [3, 4]


def test_processes_of_an_earlier_version_had_no_messages_that_wait(store: Store) -> None:
    engine = engine_of(store)
    with engine.begin() as to:
        to.execute(sa.text("CREATE TABLE intake_process (name varchar(96) PRIMARY KEY, beat bigint NOT NULL)"))  # fmt: skip
        to.execute(sa.text("INSERT INTO intake_process VALUES ('old', 3)"))
    leases = Leases(engine, "new", lambda: 0.0)
    leases.renew(Counted(dropped=1), waiting=2)
    assert leases.sums() == (Counted(dropped=1), 2)
    engine.dispose()


@given(
    owners=st.dictionaries(st.integers(0, SHARDS - 1), st.sampled_from("abcdx")),
    alive=st.sets(st.sampled_from("abcd"), min_size=1),
)
def test_after_each_has_chosen_twice_all_is_shared_evenly(
    owners: dict[int, str], alive: set[str]
) -> None:
    for _ in range(2):
        for me in sorted(alive):
            ours = shares(owners, alive, me)
            others = {shard for shard, owner in owners.items() if owner in alive - {me}}
            assert not ours & others, "nothing is taken from the living"
            owners = {s: o for s, o in owners.items() if o != me} | dict.fromkeys(ours, me)
    assert set(owners) == set(range(SHARDS))
    assert max(Counter(owners.values()).values()) <= ceil(SHARDS / len(alive))


def test_who_could_not_write_for_a_while_does_not_take_itself_for_dead(crew: Crew) -> None:
    """Its beat stood still because nothing was committed, not because it was not there."""
    crew.start("a")
    crew.beat()
    away = sa.text("ALTER TABLE intake_lease RENAME TO intake_lease_away")
    with crew.engine.begin() as to:
        to.execute(away)
    for _ in range(2):  # read, and not committed
        crew.now += LOST_AFTER_S
        with pytest.raises(sa.exc.SQLAlchemyError):
            crew.processes["a"].renew()
    with crew.engine.begin() as to:
        to.execute(sa.text("ALTER TABLE intake_lease_away RENAME TO intake_lease"))
    crew.now += LOST_AFTER_S + BEAT_S
    crew.beat()
    crew.check_even()
