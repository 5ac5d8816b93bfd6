"""Which configuration a start works by. It is on disk before it is tried, so that one that kills the program at its
start is known at the next."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from edge_agent.central import kept as keeping
from edge_agent.central.kept import MOST_STARTS, Kept
from edge_agent.central.settings import Instead, Values, leaving, sections_of
from edge_agent.messages import ConfigDocument
from edge_agent.settings import Settings
from program.settings_file import SettingsError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """The branch's own file: `load` with what stands instead of some of it (raises SettingsError), and its `values`."""

    load: Callable[[Instead | None], Settings]
    values: Callable[[], Values]

    def with_document(
        self, document: ConfigDocument | None, gone: list[dict[str, Any]]
    ) -> Settings:
        """Where the services that leave do not fit in, they have left. Raises SettingsError."""
        if document is None and not gone:
            return self.load(None)
        sections = _sections(document)
        name = named(document) if document else "the services of today"
        try:
            return self.load(Instead(name, sections, gone))
        except SettingsError:
            if not gone:
                raise
            log.warning("The services that should leave with the day do not fit any more.")
            return self.load(Instead(name, sections))

    def leaving(self, kept: Kept, after: ConfigDocument | None) -> list[dict[str, Any]]:
        """The services of now that are not in `after`. Raises SettingsError."""
        file = self.values()
        now = Instead("now", _sections(kept.now), kept.leaving).over(file)
        return leaving(now, {**file, **_sections(after)})


def named(document: ConfigDocument) -> str:
    return f"configuration {document.version} of head office"


def begin(folder: Path, sources: Sources, today: date) -> tuple[Settings, Kept]:
    """What this start works by. Raises SettingsError when the branch's own file cannot be used."""
    own = sources.load(None)
    kept = keeping.read(folder)
    if own.central is None:
        return own, Kept(highest=kept.highest)
    kept = _without_old(kept, today)
    if kept.trying is not None:
        kept = _count(folder, sources, kept, today)
    if kept.trying is not None:
        try:
            return sources.with_document(kept.trying, kept.leaving), kept
        except SettingsError as error:
            kept = back(folder, sources, kept, today, str(error))
    try:
        return sources.with_document(kept.running, kept.leaving), kept
    except SettingsError as error:
        log.error("The branch works by its own file alone: %s", error)
        version = kept.running.version if kept.running else 0
        verdict = keeping.Verdict(version, "refused", str(error))
        return own, Kept(highest=kept.highest, waiting=kept.waiting, verdict=verdict)


def check(folder: Path, sources: Sources) -> None:
    """Whether what head office has said still fits the branch's own file. Raises SettingsError."""
    if sources.load(None).central is not None:
        kept = keeping.read(folder)
        sources.with_document(kept.now, kept.leaving)


def _without_old(kept: Kept, today: date) -> Kept:
    over = kept.leaving_until is not None and today > kept.leaving_until
    return keeping.without_leaving(kept) if over else kept


def _count(folder: Path, sources: Sources, kept: Kept, today: date) -> Kept:
    """What cannot be counted is not tried."""
    if kept.starts >= MOST_STARTS:
        why = f"the program was started {kept.starts} times and did not stay well"
        return back(folder, sources, kept, today, why)
    counted = keeping.started(kept)
    try:
        keeping.write(folder, counted)
    except OSError as error:
        log.error("%s is not tried: %s", named(kept.trying) if kept.trying else "", error)
        return Kept(running=kept.running, highest=kept.highest, verdict=kept.verdict)
    return counted


def back(folder: Path, sources: Sources, kept: Kept, today: date, why: str) -> Kept:
    """To the version before."""
    log.error("%s is rolled back: %s", named(kept.trying) if kept.trying else "", why)
    before = keeping.rolled_back(kept, why, sources.leaving(kept, kept.running), today)
    try:
        keeping.write(folder, before)
    except OSError as error:  # the next start comes to the same end
        log.error("That cannot be written down: %s", error)
    return before


def _sections(document: ConfigDocument | None) -> dict[str, Any]:
    return sections_of(named(document), document.contents) if document else {}
