"""Which configuration of head office this branch works by, as one file that is replaced whole.

A crash at any step leaves the old file or the new one. Pure but for `read` and `write`.
"""

import logging
import os
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import structs

from edge_agent.messages import ConfigDocument

log = logging.getLogger(__name__)

FILE = "central.json"
MOST_STARTS = 3  # of a trial, that did not end well


class Verdict(msgspec.Struct, frozen=True):
    """What became of a version that the branch does not work by; `to` is the one it went back to."""

    version: int
    state: Literal["refused", "rolled_back"]
    reason: str
    to: int = 0


class Kept(msgspec.Struct, frozen=True):
    """`waiting` was taken and is not applied yet; `trying` is applied, `running` is what it goes back to. None of them
    is the branch's own file alone. Versions up to `highest` are known: they are not taken again. `starts`: of the trial.
    `leaving`: services that are not offered any more, until the business day `leaving_until` ends."""

    running: ConfigDocument | None = None
    trying: ConfigDocument | None = None
    waiting: ConfigDocument | None = None
    highest: int = 0
    starts: int = 0
    verdict: Verdict | None = None
    leaving: list[dict[str, Any]] = []
    leaving_until: date | None = None

    @property
    def now(self) -> ConfigDocument | None:
        """What the branch works by."""
        return self.trying or self.running

    @property
    def version(self) -> int:
        return self.now.version if self.now else 0


def taken(kept: Kept, document: ConfigDocument) -> Kept:
    """A new version, to be applied when it is safe."""
    return structs.replace(kept, waiting=document, highest=document.version)


def refused(kept: Kept, version: int, reason: str) -> Kept:
    """A version that is believed, and cannot be used."""
    verdict = Verdict(version, "refused", reason)
    return structs.replace(kept, highest=max(kept.highest, version), verdict=verdict)


def applied(kept: Kept, leaving: list[dict[str, Any]], until: date) -> Kept:
    """The one that waited is on trial from the next start on."""
    return structs.replace(
        kept,
        trying=kept.waiting,
        waiting=None,
        starts=0,
        leaving=leaving,
        leaving_until=until if leaving else None,
    )


def started(kept: Kept) -> Kept:
    """A start of the trial, counted before anything of it is tried."""
    return structs.replace(kept, starts=kept.starts + 1)


def ended_well(kept: Kept) -> Kept:
    """The trial was interrupted by somebody who ended the program."""
    return structs.replace(kept, starts=max(0, kept.starts - 1))


def passed(kept: Kept) -> Kept:
    """The branch has been well with it."""
    return structs.replace(kept, running=kept.trying, trying=None, starts=0)


def rolled_back(kept: Kept, reason: str, leaving: list[dict[str, Any]], until: date) -> Kept:
    """Back to the version before, for good: this one is not tried again."""
    tried = kept.trying.version if kept.trying else 0
    to = kept.running.version if kept.running else 0
    return structs.replace(
        kept,
        trying=None,
        starts=0,
        verdict=Verdict(tried, "rolled_back", reason, to),
        leaving=leaving,
        leaving_until=until if leaving else None,
    )


def without_leaving(kept: Kept) -> Kept:
    """Their business day is over."""
    return structs.replace(kept, leaving=[], leaving_until=None)


def read(folder: Path) -> Kept:
    """One that cannot be read is set aside: the branch works by its own file until head office says it again."""
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Kept)
    except FileNotFoundError:
        return Kept()
    except (OSError, msgspec.MsgspecError, RecursionError) as error:
        log.error("%s: cannot be read and is passed over: %s", path, error)
        return Kept()


def write(folder: Path, kept: Kept) -> None:
    """Durable when this returns. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        file.write(msgspec.json.encode(kept))
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    of_folder = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(of_folder)
    finally:
        os.close(of_folder)
