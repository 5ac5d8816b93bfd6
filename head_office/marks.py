"""How far a branch's journal is in the ledger."""

from dataclasses import dataclass

import sqlalchemy as sa

from edge_agent.messages import digest
from head_office.tables import event

PAGE = 5000


@dataclass(frozen=True, slots=True)
class Mark:
    """Of one branch and epoch: everything up to `seq` is here; `highest` is the last one known to exist.

    `digest` is of the entry `seq`; `above` is how many are here after it, beyond a gap.
    """

    seq: int
    highest: int
    digest: str | None = None
    above: int = 0

    @property
    def missing(self) -> int:
        """Entries known to exist and not here."""
        return max(0, self.highest - self.seq - self.above)


def mark_after(to: sa.Connection, branch: str, epoch: str, seq: int, highest: int) -> Mark:
    """Where the unbroken run that goes on after `seq` ends now."""
    seq = _contiguous(to, branch, epoch, seq)
    above = _above(to, branch, epoch, seq) if highest > seq else 0
    return Mark(seq, highest, _digest(to, branch, epoch, seq), above)


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


def _above(to: sa.Connection, branch: str, epoch: str, seq: int) -> int:
    """How many entries are here after a gap: what came live while the gap has not filled."""
    return to.execute(
        sa.select(sa.func.count())
        .select_from(event)
        .where(event.c.branch == branch, event.c.epoch == epoch, event.c.seq > seq)
    ).scalar_one()


def _digest(to: sa.Connection, branch: str, epoch: str, seq: int) -> str | None:
    body = to.execute(
        sa.select(event.c.body).where(
            event.c.branch == branch, event.c.epoch == epoch, event.c.seq == seq
        )
    ).scalar_one_or_none()
    return None if body is None else digest(body)
