"""How far a branch's journal is in the ledger, by number alone. Pure."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import structs

Run = tuple[int, int]  # first and last number, both of them included


class Mark(msgspec.Struct, frozen=True):
    """Of one branch and epoch: everything up to `seq` is here; `highest` is the last one known to exist.

    `digest` is of the entry `seq`; `beyond` are the runs that are here after it, each behind a gap.
    """

    seq: int = 0
    highest: int = 0
    digest: str | None = None
    beyond: tuple[Run, ...] = ()

    @property
    def missing(self) -> int:
        """Entries known to exist and not here."""
        return self.highest - self.seq - sum(last - first + 1 for first, last in self.beyond)

    @property
    def last(self) -> int:
        """The last entry that is here."""
        return self.beyond[-1][1] if self.beyond else self.seq

    def has(self, seq: int) -> bool:
        """Whether this entry is here."""
        return seq <= self.seq or any(first <= seq <= last for first, last in self.beyond)


def knowing(mark: Mark, highest: int) -> Mark:
    """The mark when the branch speaks of entries up to this number."""
    return mark if highest <= mark.highest else structs.replace(mark, highest=highest)


def with_runs(mark: Mark, runs: Iterable[Run]) -> Mark:
    """The mark when these are here too; its digest only while `seq` stays what it was."""
    return _of(mark, list(_merged([(0, mark.seq), *mark.beyond, *runs])))


def without(mark: Mark, runs: Iterable[Run]) -> Mark:
    """The mark when these are not here, whatever was believed of them."""
    here: list[Run] = [(0, mark.seq), *mark.beyond]
    for first, last in runs:
        here = [part for run in here for part in _outside(run, max(1, first), last)]
    return _of(mark, here)


def runs_of(numbers: Sequence[int]) -> list[Run]:
    """Numbers as runs; quickly where they follow one another."""
    if numbers and list(range(numbers[0], numbers[0] + len(numbers))) == numbers:
        return [(numbers[0], numbers[-1])]
    return list(_merged((number, number) for number in numbers))


def _of(mark: Mark, runs: Sequence[Run]) -> Mark:
    (_, seq), *beyond = runs
    highest = max(mark.highest, runs[-1][1])
    return Mark(seq, highest, mark.digest if seq == mark.seq else None, tuple(beyond))


def _outside(run: Run, first: int, last: int) -> list[Run]:
    """What is left of a run without `first` … `last`."""
    before, after = (run[0], min(run[1], first - 1)), (max(run[0], last + 1), run[1])
    return [part for part in (before, after) if part[0] <= part[1]]


def _merged(runs: Iterable[Run]) -> Iterator[Run]:
    """In order; those that touch are one."""
    first = last = None
    for start, end in sorted(runs):
        if first is None or last is None:
            first, last = start, end
        elif start <= last + 1:
            last = max(last, end)
        else:
            yield first, last
            first, last = start, end
    if first is not None and last is not None:
        yield first, last
