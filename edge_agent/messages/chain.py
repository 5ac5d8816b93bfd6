"""The journal's hash chain, which the branch writes and head office works out again."""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Annotated

from msgspec import Meta

from edge_agent.messages.shapes import Number, Shape

GENESIS = bytes(32)  # stands before the first entry of an epoch
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z", description="a SHA-256 in hex")]


class DayOnRecord(Shape, frozen=True):
    """A branch's own word on a business day of its journal: its first and last entry, and the chain at its
    two ends (`before` the first entry, `hash` of the last)."""

    business_day: date
    first_seq: Number
    last_seq: Number
    before: Hash
    hash: Hash

    def __post_init__(self) -> None:
        if self.first_seq > self.last_seq:
            raise ValueError("a day on record ends before it begins")


def chained(before: bytes, body: bytes) -> bytes:
    """The hash of an entry: SHA-256 over the hash of the entry before it and its own body."""
    return hashlib.sha256(before + body).digest()


def chain(before: bytes, bodies: Iterable[bytes]) -> list[bytes]:
    """The hash of each of these entries, which follow one another."""
    hashes, sha256 = [], hashlib.sha256
    for (
        body
    ) in bodies:  # as `chained`, without its call: head office does this for every entry of a fleet
        before = sha256(before + body).digest()
        hashes.append(before)
    return hashes
