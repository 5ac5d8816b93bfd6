"""How far a branch's journal is in the ledger, by number alone. Pure."""

from collections.abc import Iterable

import msgspec

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

    def has(self, seq: int) -> bool:
        """Whether this entry is here."""
        return seq <= self.seq or any(first <= seq <= last for first, last in self.beyond)


def with_entries(mark: Mark, numbers: Iterable[int]) -> Mark:
    """The mark when these are here too; its digest only while `seq` stays what it was."""
    runs = list(_merged([(0, mark.seq), *mark.beyond, *_merged((n, n) for n in numbers)]))
    (_, seq), *beyond = runs
    highest = max(mark.highest, runs[-1][1])
    return Mark(seq, highest, mark.digest if seq == mark.seq else None, tuple(beyond))


def _merged(runs: Iterable[Run]) -> Iterable[Run]:
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
