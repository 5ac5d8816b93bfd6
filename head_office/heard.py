"""What a branch's message says, checked."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from itertools import count, repeat
from typing import NamedTuple, TypeVar

import msgspec

from edge_agent import messages, topics
from head_office.entries import Row
from head_office.ledger import Told
from program.in_flight import Message

State = messages.Birth | messages.Queues | messages.Health
STATES = ("birth", "queues", "health")
LONGEST_EPOCH = 64
UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
S = TypeVar("S", messages.Birth, messages.Queues)


class StateHeard(NamedTuple):
    """A branch's word on itself. `retained`: the broker's memory, and no sign of life now."""

    branch: str
    leaf: str
    shape: State
    seen_at: datetime
    retained: bool
    body: bytes


class _Entries(msgspec.Struct, frozen=True):
    events: list[messages.Event]


class _Will(msgspec.Struct, frozen=True):
    """What counts in a last will; the rest was said when the connection began, and may be out of date."""

    session: str
    status: str
    at: messages.Moment | None = None


_batch = msgspec.json.Decoder(messages.Batch)
_entries = msgspec.json.Decoder(_Entries)
_birth = msgspec.json.Decoder(messages.Birth)
_will = msgspec.json.Decoder(_Will)
_queues = msgspec.json.Decoder(messages.Queues)
_health = msgspec.json.Decoder(messages.Health)


class States:
    """Reads births, queues and health. Knows at which connection each branch is: the last will of an older one
    means nothing."""

    def __init__(self) -> None:
        self._born: dict[
            str, messages.Birth
        ] = {}  # without their days, of which thousands of branches have many

    def read(self, branch: str, leaf: str, message: Message, at: datetime) -> StateHeard | None:
        """None for what means nothing. Raises UNREADABLE."""
        body = message.payload
        if leaf == "birth" and (known := self._born.get(branch)):
            will = _will.decode(body)
            if will.status == "offline" and will.session != known.session:
                return None
            body = _gone(known, will) if will.status == "offline" else body
        shape = _shape(branch, leaf, body)
        if isinstance(shape, messages.Birth) and shape.status == "online":
            self._born[branch] = msgspec.structs.replace(shape, days=[])
        seen_at = min(shape.at, at) if message.retain else at
        return StateHeard(branch, leaf, shape, seen_at, message.retain, body)

    def recall(self, kept: Iterable[tuple[str, str, datetime, bytes]]) -> list[StateHeard]:
        """What was written down before. Of an older version it may be unreadable to this one, and is passed over."""
        found = (self._recall(*one) for one in sorted(kept, key=_birth_first))
        return [heard for heard in found if heard is not None]

    def forget(self, branches: Iterable[str]) -> None:
        for branch in branches:
            self._born.pop(branch, None)

    def _recall(self, branch: str, leaf: str, seen_at: datetime, body: bytes) -> StateHeard | None:
        message = Message(topics.topic(branch, leaf), body, retain=True)
        with suppress(*UNREADABLE):
            return self.read(branch, leaf, message, seen_at)
        return None


def _birth_first(state: tuple[str, str, datetime, bytes]) -> int:
    return STATES.index(state[1])


def _gone(known: messages.Birth, will: _Will) -> bytes:
    at = will.at or known.at
    return msgspec.json.encode(msgspec.structs.replace(known, status="offline", at=at))


def _shape(branch: str, leaf: str, payload: bytes) -> State:
    if leaf == "birth":
        return of_branch(branch, _birth.decode(payload))
    if leaf == "queues":
        return of_branch(branch, _queues.decode(payload))
    return _health.decode(payload)


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


def told_by(heard: StateHeard) -> list[Told]:
    """What the branch says of its own journal."""
    shape = heard.shape
    if isinstance(shape, messages.Birth):
        return [Told(heard.branch, shape.epoch, day, True, heard.seen_at) for day in shape.days]
    if isinstance(shape, messages.Queues) and shape.on_record is not None:
        return [Told(heard.branch, shape.epoch, shape.on_record, False, heard.seen_at)]
    return []


def rows_of(branch: str, payload: bytes) -> list[Row]:
    """The entries of a batch. Raises ValueError when its numbers do not follow each other, or not its chain."""
    batch = _batch.decode(payload)
    plain(batch.epoch)
    bodies = [bytes(raw) for raw in batch.events]
    entries = _entries.decode(payload).events
    for number, entry in zip(count(batch.first_seq), entries, strict=False):
        if entry.seq != number:
            raise ValueError(f"entry {entry.seq} stands where {number} belongs")
    # PostgreSQL has no such character; the body keeps it
    kinds = [entry.type.replace("\0", "\ufffd") for entry in entries]
    days = [entry.business_day for entry in entries]
    columns = zip(
        repeat(branch),
        repeat(batch.epoch),
        count(batch.first_seq),
        kinds,
        bodies,
        days,
        _hashes(batch, bodies),
        strict=False,
    )
    return list(map(Row._make, columns))


def _hashes(batch: messages.Batch, bodies: list[bytes]) -> Iterable[bytes | None]:
    """Of each entry; none where an older branch says none. Raises ValueError."""
    if batch.before is None or not bodies:
        return repeat(None)
    hashes = messages.chain(bytes.fromhex(batch.before), bodies)
    if batch.hash is not None and hashes[-1].hex() != batch.hash:
        raise ValueError("the entries do not fit the chain that is said with them")
    return hashes
