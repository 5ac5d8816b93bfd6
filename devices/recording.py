"""What went over a wire, kept in a file: JSON lines, the first about the recording, then a line a piece.

A recording is masked before it is written, as its kind knows how: card numbers, names, templates are replaced
and the checks made right again, so that it can be given away and replayed. It lives in memory until then.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from math import isfinite
from pathlib import Path
from typing import Literal

from devices.port import Port

FORMAT = 1
LONGEST_BYTES = 8 * 1024 * 1024  # of one recording; what comes after is not kept
Mask = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that one side sent at once, `at` seconds after the beginning."""

    at: float
    sender: Literal["host", "machine"]
    data: bytes


class UnusableRecording(Exception):
    """The file is no recording; the text says why."""


class Tape:
    """Collects the pieces of a wire, over all its openings."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = clock()
        self._size = 0
        self.pieces: list[Piece] = []

    @property
    def full(self) -> bool:
        return self._size >= LONGEST_BYTES

    def add(self, sender: Literal["host", "machine"], data: bytes) -> None:
        if data and not self.full:
            self._size += len(data)
            self.pieces.append(Piece(round(self._clock() - self._began, 4), sender, data))


class RecordedPort:
    """A wire that writes down what goes over it."""

    def __init__(self, port: Port, tape: Tape) -> None:
        self._port = port
        self._tape = tape

    def read(self, timeout_s: float) -> bytes:
        data = self._port.read(timeout_s)
        self._tape.add("machine", data)
        return data

    def write(self, data: bytes, timeout_s: float) -> None:
        self._tape.add("host", data)
        self._port.write(data, timeout_s)

    def wake(self) -> None:
        self._port.wake()

    def close(self) -> None:
        self._port.close()


def masked(pieces: Iterable[Piece], mask: Mask) -> list[Piece]:
    """The same pieces; a frame may lie in several of them, so each side is masked as one stream.

    Raises ValueError when `mask` does not keep the length: the pieces could not be told apart any more.
    """
    kept = list(pieces)
    streams = {
        sender: mask(b"".join(piece.data for piece in kept if piece.sender == sender))
        for sender in ("host", "machine")
    }
    if sum(map(len, streams.values())) != sum(len(piece.data) for piece in kept):
        raise ValueError("the mask of this kind does not keep the length")
    done = dict.fromkeys(streams, 0)
    out = []
    for piece in kept:
        start = done[piece.sender]
        done[piece.sender] = end = start + len(piece.data)
        out.append(replace(piece, data=streams[piece.sender][start:end]))
    return out


def save(path: Path, kind: str, pieces: Iterable[Piece], *, is_masked: bool) -> None:
    """Raises OSError."""
    said = [{"at": p.at, "from": p.sender, "hex": p.data.hex()} for p in pieces]
    head = {"recording": FORMAT, "kind": kind, "masked": is_masked, "pieces": len(said)}
    lines = [head, *said]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="ascii")


def load(path: Path) -> tuple[str, list[Piece]]:
    """Kind and pieces. Raises UnusableRecording."""
    try:
        head, *lines = path.read_text(encoding="ascii").splitlines()
        about = json.loads(head)
        if about["recording"] != FORMAT:
            raise UnusableRecording(f"{path}: format {about['recording']}; expected {FORMAT}")
        if len(lines) != about["pieces"]:
            raise UnusableRecording(f"{path}: {len(lines)} of {about['pieces']} pieces; it was cut")
        return str(about["kind"]), list(_pieces(lines))
    except OSError as error:
        raise UnusableRecording(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise UnusableRecording(f"{path}: is no recording of `python -m devices record`") from error


def _pieces(lines: Iterable[str]) -> Iterator[Piece]:
    for line in lines:
        said = json.loads(line)
        if said["from"] not in ("host", "machine"):
            raise ValueError(said["from"])
        at = float(said["at"])
        if not isfinite(at):
            raise ValueError(said["at"])
        yield Piece(at, said["from"], bytes.fromhex(said["hex"]))


def turns(pieces: Iterable[Piece]) -> list[tuple[bytes, list[Piece]]]:
    """What the host said, and the machine's pieces that followed, in turns; the first may be of the machine."""
    found: list[tuple[bytes, list[Piece]]] = []
    for sender, group in groupby(pieces, lambda piece: piece.sender):
        some = list(group)
        if sender == "host":
            found.append((b"".join(piece.data for piece in some), []))
        else:
            if not found:
                found.append((b"", []))
            found[-1][1].extend(some)
    return found
