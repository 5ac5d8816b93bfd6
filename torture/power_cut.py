"""What a power cut leaves: every sector written since the last good sync is on the disk or is not.

The undo logs of faulty_disk.c are played back to the state at their beginning, and then forward again,
keeping for each page of the kernel's cache which of its versions the disk may hold.
"""

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from torture.faults import SECTOR

PAGE = 4096  # bytes; what the kernel's cache takes for clean or dirty
RECORD = struct.Struct("<4sIqqqq")  # magic, kind, offset, size before, length, kept
MAGIC = b"UNDO"
WRITE, SYNCED, FAILED = b"WSF"


@dataclass(frozen=True)
class Record:
    """One line of an undo log: for a write, `old` stood at `offset` in a file of `size` bytes."""

    kind: int
    offset: int = 0
    size: int = 0
    length: int = 0
    old: bytes = b""

    @property
    def pages(self) -> range:
        return range(self.offset // PAGE, (self.offset + max(self.length, 1) - 1) // PAGE + 1)


def read_log(raw: bytes) -> Iterator[Record]:
    """The whole records; the last one may be torn by the kill, its write never happened."""
    at = 0
    while at + RECORD.size <= len(raw):
        magic, kind, offset, size, length, kept = RECORD.unpack_from(raw, at)
        if magic != MAGIC:
            raise ValueError(f"an undo log is not readable at byte {at}")
        at += RECORD.size
        if at + kept > len(raw):
            return
        yield Record(kind, offset, size, length, raw[at : at + kept])
        at += kept


def tidy(undo: Path) -> None:
    """After a kill: drops the torn end of each log, so that the next life can write on."""
    for log in undo.iterdir():
        raw = log.read_bytes()
        whole = sum(RECORD.size + len(record.old) for record in read_log(raw))
        if whole < len(raw):
            with log.open("r+b") as file:
                file.truncate(whole)


def cut_power(undo: Path, chance: random.Random) -> int:
    """Spoils the files as a power cut would and empties the logs; returns the sectors lost."""
    lost = 0
    for log in sorted(undo.iterdir()):
        file = Path(log.name.replace("%", "/"))
        if file.exists():
            records = list(read_log(log.read_bytes()))
            lost += _spoil(file, records, chance) if records else 0
            file.with_name(file.name.split("-")[0] + "-shm").unlink(missing_ok=True)
        log.unlink()
    return lost


def _spoil(file: Path, records: list[Record], chance: random.Random) -> int:
    now = file.read_bytes()
    versions = history(now, records)
    sizes = {r.size for r in records if r.kind == WRITE} | {len(now)}
    left = bytearray(now.ljust(max(sizes), b"\0"))
    lost = 0
    for number, candidates in may_be_on_disk(versions, records).items():
        left.extend(bytes(max(0, (number + 1) * PAGE - len(left))))
        for at in range(0, PAGE, SECTOR):
            sector = chance.choice(candidates)[at : at + SECTOR]
            lost += sector != candidates[-1][at : at + SECTOR]
            left[number * PAGE + at : number * PAGE + at + SECTOR] = sector
    file.write_bytes(left[: _size(records, len(now), chance)])
    return lost


def _size(records: list[Record], now: int, chance: random.Random) -> int:
    """One of the sizes since the last good sync."""
    synced = max((i for i, r in enumerate(records) if r.kind == SYNCED), default=-1)
    after = records[synced + 1 :]
    return chance.choice([*(r.size for r in after if r.kind == WRITE), now])


def history(now: bytes, records: list[Record]) -> dict[int, list[bytes]]:
    """The versions of every touched page, oldest first; one more than the page has writes."""
    content = bytearray(now)
    versions: dict[int, list[bytes]] = {}
    for record in reversed([r for r in records if r.kind == WRITE]):
        for number in record.pages:
            versions.setdefault(number, []).append(_page(content, number))
        content[len(content) :] = bytes(max(0, record.size - len(content)))
        content[record.offset : record.offset + len(record.old)] = record.old
        del content[record.size :]
    for number, found in versions.items():
        found.append(_page(content, number))
        found.reverse()
    return versions


def _page(content: bytearray, number: int) -> bytes:
    return bytes(content[number * PAGE : (number + 1) * PAGE]).ljust(PAGE, b"\0")


def may_be_on_disk(
    versions: dict[int, list[bytes]], records: list[Record]
) -> dict[int, list[bytes]]:
    """For each page the versions that the disk may hold, the one in the cache last."""
    seen = dict.fromkeys(versions, 0)  # how many writes so far
    found = {number: [pages[0]] for number, pages in versions.items()}
    dirty: set[int] = set()
    for record in records:
        if record.kind == WRITE:
            dirty.update(record.pages)
            for number in record.pages:
                seen[number] += 1
                found[number].append(versions[number][seen[number]])
        elif record.kind == FAILED:
            dirty.clear()
        else:
            for number in dirty:
                found[number] = [found[number][-1]]
            dirty.clear()
    return found
