"""What a branch's message says, checked. Pure."""

from datetime import datetime
from typing import TypeVar

import msgspec

from edge_agent import messages
from head_office.entries import Row
from head_office.ledger import Told

State = messages.Birth | messages.Queues | messages.Health
LONGEST_EPOCH = 64
S = TypeVar("S", messages.Birth, messages.Queues)


def of_branch(branch: str, shape: S) -> S:
    """Raises ValueError when the message says that it is another branch's."""
    if shape.branch != branch:
        raise ValueError(f"says that it is branch '{shape.branch[:64]}'")
    plain(shape.epoch)
    return shape


def plain(epoch: str) -> str:
    """Raises ValueError for an epoch that no database could look up."""
    if "\0" in epoch or len(epoch) > LONGEST_EPOCH:
        raise ValueError(f"an epoch has at most {LONGEST_EPOCH} characters, none of them nought")
    return epoch


def told_by(branch: str, shape: State, at: datetime) -> list[Told]:
    """What the branch says of its own journal."""
    if isinstance(shape, messages.Birth):
        return [Told(branch, shape.epoch, day, True, at) for day in shape.days]
    if isinstance(shape, messages.Queues) and shape.on_record is not None:
        return [Told(branch, shape.epoch, shape.on_record, False, at)]
    return []


def rows_of(branch: str, payload: bytes) -> list[Row]:
    """The entries of a batch. Raises ValueError when its numbers do not follow each other, or not its chain."""
    batch = msgspec.json.decode(payload, type=messages.Batch)
    epoch, rows = plain(batch.epoch), []
    for number, (raw, hash_) in enumerate(_chained(batch), start=batch.first_seq):
        event = msgspec.json.decode(raw, type=messages.Event)
        if event.seq != number:
            raise ValueError(f"entry {event.seq} stands where {number} belongs")
        kind = event.type.replace(
            "\0", "\ufffd"
        )  # PostgreSQL has no such character; the body keeps it
        rows.append(Row(branch, epoch, number, kind, raw, event.business_day, hash_))
    return rows


def _chained(batch: messages.Batch) -> list[tuple[bytes, bytes | None]]:
    """Each entry with its hash; without one where an older branch says none. Raises ValueError."""
    bodies = [bytes(raw) for raw in batch.events]
    if batch.before is None or not bodies:
        return [(body, None) for body in bodies]
    hashes = messages.chain(bytes.fromhex(batch.before), bodies)
    if batch.hash is not None and hashes[-1].hex() != batch.hash:
        raise ValueError("the entries do not fit the chain that is said with them")
    return list(zip(bodies, hashes, strict=True))
