"""Old business days as files of their own, with their part of the chain.

`archive/2026-08-01_1-5321.gz` is text: a line of JSON that says what it is, then a line for each entry, its hash in
hex and its body as it went over the wire. `export` writes the same lines.
"""

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from edge_agent.journal.entries import Entry
from edge_agent.messages import chained

FORMAT = "lobby-journal-1"


@dataclass(frozen=True, slots=True)
class ArchivedDay:
    """A business day that has left the database; `before` and `hash` are the chain at its two ends."""

    first_seq: int
    last_seq: int
    business_day: str
    before: bytes
    hash: bytes
    file: str


Link = tuple[Entry, bytes]  # an entry and its hash


class ChainBroken(Exception):
    """The text says where."""


def lines(first: dict[str, object], links: Iterable[Link]) -> Iterator[bytes]:
    """The text of an archive or an export."""
    yield msgspec.json.encode(first) + b"\n"
    for entry, hash_ in links:
        yield hash_.hex().encode() + b" " + entry.body + b"\n"


def write(folder: Path, day: ArchivedDay, links: Iterable[Link]) -> None:
    """Durable under its name when this returns, and read back."""
    folder.mkdir(exist_ok=True)
    sync(folder.parent)
    unfinished = folder / f"{day.file}.unfinished"
    with unfinished.open("wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as packed:
            packed.writelines(lines(about(day), links))
        raw.flush()
        os.fsync(raw.fileno())
    check(unfinished, day)
    unfinished.rename(folder / day.file)
    sync(folder)


def read(path: Path) -> Iterator[Link]:
    """The entries of an archived day. Raises ChainBroken for what is missing, or no archive."""
    try:
        with gzip.open(path, "rb") as packed:
            yield from _links(packed)
    except (EOFError, OSError, ValueError, zlib.error, msgspec.MsgspecError) as error:
        raise ChainBroken(f"{path}: cannot be read: {error}") from error


def _links(packed: Iterable[bytes]) -> Iterator[Link]:
    lines_ = iter(packed)
    next(lines_, None)  # says what it is
    for line in lines_:
        hash_, _, body = line.rstrip(b"\n").partition(b" ")
        head = msgspec.json.decode(body, type=_Head)
        yield Entry(head.seq, head.type, body), bytes.fromhex(hash_.decode())


def check(path: Path, day: ArchivedDay) -> None:
    """Raises ChainBroken when the file is not that day's unbroken part of the chain."""
    if _about(path) != about(day):
        raise ChainBroken(f"{path}: its first line is not that of {day.business_day}")
    head, seq = day.before, day.first_seq - 1
    for entry, hash_ in read(path):
        head, seq = next_link(head, seq, entry, hash_, path), entry.seq
    if (seq, head) != (day.last_seq, day.hash):
        raise ChainBroken(f"{path}: ends at entry {seq}; expected {day.last_seq}")


def next_link(head: bytes, seq: int, entry: Entry, hash_: bytes, where: Path) -> bytes:
    """The chain's head after this entry. Raises ChainBroken."""
    if entry.seq != seq + 1:
        raise ChainBroken(f"{where}: entry {entry.seq} follows entry {seq}: entries are missing")
    named = entry.body.startswith(b'{"seq":%d,"type":"%s"' % (entry.seq, entry.type.encode()))
    if chained(head, entry.body) != hash_ or not named:
        raise ChainBroken(f"{where}: entry {entry.seq} does not fit the chain: it was changed")
    return hash_


def about(day: ArchivedDay) -> dict[str, object]:
    """The first line of its file."""
    return {"format": FORMAT, "business_day": day.business_day, "before": day.before.hex()}


def _about(path: Path) -> object:
    try:
        with gzip.open(path, "rb") as packed:
            return msgspec.json.decode(packed.readline())
    except (EOFError, OSError, ValueError, zlib.error, msgspec.MsgspecError) as error:
        raise ChainBroken(f"{path}: cannot be read: {error}") from error


class _Head(msgspec.Struct, frozen=True):
    seq: int
    type: str


def sync(path: Path) -> None:
    """A file, or a folder's list of names, is on disk when this returns."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
