"""Is everything of a branch's business day here, and unaltered? The journal's hash chain is worked out again.

`python -m head_office.proof --config FILE BRANCH [DAY]` prints one line of JSON for each epoch that knows the day,
and ends with status 0 only when each is complete; 1 when one is not, 2 when there is no ledger to look at.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Literal

import msgspec

from edge_agent.messages import DayOnRecord, chained
from head_office import settings as office_settings
from head_office.ledger import Ledger, Told
from head_office.store import NoLedger, open_ledger
from program import command_line

Link = tuple[int, bytes, bytes | None]  # number, body, hash as it was kept
Range = tuple[int, int]  # first and last number, both of them included


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Of one branch, epoch and business day. Nothing is `complete` that the branch has not said of itself.

    `missing`: numbers that the branch has and that are not here, first and last of each range. `altered`: the
    first entry that does not fit the chain. `hash`: the chain after the last entry, as the branch says. The day goes
    on while it is not `closed`; the verdict is then on what the branch had at `said_at`.
    """

    branch: str
    epoch: str
    day: date | None
    verdict: Literal["complete", "missing", "altered", "unproved"]
    missing: list[Range] = []
    altered: int | None = None
    first_seq: int | None = None
    last_seq: int | None = None
    hash: str | None = None
    closed: bool = False
    said_at: datetime | None = None
    other_epochs: list[str] = []


def prove(ledger: Ledger, branch: str, day: date | None) -> list[Proof]:
    """One for each epoch whose journal has the day; of the last day when none is named. Reads that day only. What was
    here and is gone counts as missing from now on: head office asks the branch for it."""
    told = ledger.told(branch, day)
    epochs = groupby(told, key=lambda one: one.epoch)
    proofs = [_of_epoch(ledger, list(of_epoch)) for _, of_epoch in epochs]
    for found in proofs:
        if found.missing:
            ledger.lost(branch, found.epoch, found.missing)
    return [_beside(proof, proofs) for proof in proofs]


def unproved(branch: str, epoch: str, day: date | None) -> Proof:
    """The branch has said nothing of this day."""
    return Proof(branch=branch, epoch=epoch, day=day, verdict="unproved")


def chosen(proofs: list[Proof], epoch: str) -> Proof | None:
    """That of the epoch, else the one that was told last."""
    mine = [proof for proof in proofs if proof.epoch == epoch]
    return next(iter(mine or sorted(proofs, key=_told_at, reverse=True)), None)


def _told_at(proof: Proof) -> float:
    return proof.said_at.timestamp() if proof.said_at else 0.0


def _beside(proof: Proof, all_of_them: list[Proof]) -> Proof:
    others = [other.epoch for other in all_of_them if other is not proof]
    return msgspec.structs.replace(proof, other_epochs=others)


def _of_epoch(ledger: Ledger, told: list[Told]) -> Proof:
    """A day is one run of entries; of several only when the branch's clock was set to another zone."""
    links = (ledger.links(o.branch, o.epoch, o.day.first_seq, o.day.last_seq) for o in told)
    return judged(told, links)


def judged(told: Sequence[Told], links: Iterable[Iterable[Link]]) -> Proof:
    """Of one epoch: what the branch has said of a day, and beside each word those of its entries that are here."""
    first, last = told[0], told[-1]
    found = _Found()
    for one, of_it in zip(told, links, strict=True):
        _follow(one.day, of_it, found)
    return Proof(
        branch=first.branch,
        epoch=first.epoch,
        day=first.day.business_day,
        verdict=found.verdict,
        missing=found.missing,
        altered=found.altered,
        first_seq=first.day.first_seq,
        last_seq=last.day.last_seq,
        hash=last.day.hash,
        closed=all(one.closed for one in told),
        said_at=max(one.said_at for one in told),
    )


@dataclass(slots=True)
class _Found:
    missing: list[Range] = field(default_factory=list)
    altered: int | None = None

    @property
    def verdict(self) -> Literal["complete", "missing", "altered"]:
        if self.altered is not None:
            return "altered"
        return "missing" if self.missing else "complete"

    def unfit(self, seq: int) -> None:
        if self.altered is None:
            self.altered = seq


def _follow(day: DayOnRecord, links: Iterable[Link], found: _Found) -> None:
    """The chain from entry to entry. Behind a gap it goes on from the hash that was kept with the entry."""
    head: bytes | None = bytes.fromhex(day.before)
    expected = day.first_seq
    for seq, body, kept in links:
        if seq != expected:
            found.missing.append((expected, seq - 1))
            head = None
        expected = seq + 1
        fits = head and chained(head, body)
        if fits and kept and fits != kept:
            found.unfit(seq)
        head = kept or fits
    if expected <= day.last_seq:
        found.missing.append((expected, day.last_seq))
    elif head is not None and head.hex() != day.hash:
        found.unfit(day.last_seq)


def main() -> int:
    given = _words().parse_args()
    settings = command_line.load_or_exit(
        lambda: office_settings.load(given.config, listen=None, data=given.data, broker=None),
        check=False,
    )
    try:
        ledger = open_ledger(settings.store, create=False)
    except NoLedger as error:
        sys.stderr.write(f"{error}\n")
        return command_line.UNUSABLE
    try:
        proofs = prove(ledger, given.branch, given.day) or [unproved(given.branch, "", given.day)]
    finally:
        ledger.close()
    sys.stdout.writelines(f"{msgspec.json.encode(proof).decode()}\n" for proof in proofs)
    return 0 if all(proof.verdict == "complete" for proof in proofs) else 1


def _words() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(
        prog="python -m head_office.proof", description=(__doc__ or "").partition("\n")[0]
    )
    words.add_argument(
        "--config", type=Path, default=Path("config/demo/head_office.toml"), metavar="FILE"
    )
    words.add_argument("--data", type=Path, metavar="DIR", help="folder of the database")
    words.add_argument("branch", metavar="BRANCH")
    words.add_argument(
        "day", type=_day, nargs="?", metavar="DAY", help="as 2026-11-23; the last one when left out"
    )
    return words


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is no day; write it as 2026-11-23") from error


if __name__ == "__main__":
    sys.exit(main())
