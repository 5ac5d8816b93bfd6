"""Holds head office's ledger against the branches' journals. Pure: both are passed in as they were read."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from torture.verdict import Figures
from torture_fleet.journals import Journal
from torture_fleet.ledgers import Ledger, Mark, Row

# what must be 0 -> how a manager reads it
LEDGER_MUST_HAVE_NO = {
    "absent": "branches of which head office has nothing",
    "lost": "entries of a journal that head office does not have",
    "doubled": "entries that head office has more than once, also under another epoch",
    "altered": "entries that are not byte for byte what the branch wrote",
    "strangers": "entries that stand in no journal",
    "disorder": "journals that do not come back in the order of their numbers",
    "gaps": "journals of which head office itself does not say that it has everything",
    "unchained": "entries whose hash is not the journal's",
}


def compare(journals: Sequence[Journal], ledger: Ledger, figures: Figures) -> None:
    """Blames everything that is not exactly as the branches wrote it."""
    rows: dict[str, list[Row]] = {journal.branch: [] for journal in journals}
    for row in ledger.rows:
        if row.branch in rows:
            rows[row.branch].append(row)
        else:
            figures.blame("strangers", f"entry {row.seq} of {row.branch}, which is no branch")
    for journal in journals:
        _compare_one(journal, rows[journal.branch], figures)
        _check_mark(journal, ledger.marks, figures)


def _compare_one(journal: Journal, rows: Sequence[Row], figures: Figures) -> None:
    if not rows and journal.bodies:
        figures.blame("absent", journal.branch)
    own = [row for row in rows if row.epoch == journal.epoch]
    for row in rows:
        if row.epoch != journal.epoch:
            what = "doubled" if _stands_there(journal, row) else "strangers"
            figures.blame(what, f"{journal.branch}: entry {row.seq} under epoch {row.epoch}")
    times = Counter(row.seq for row in own)
    for seq, found in times.items():
        if found > 1:
            figures.blame("doubled", f"{journal.branch}: entry {seq} stands there {found} times")
    for seq in range(1, len(journal.bodies) + 1):
        if seq not in times:
            figures.blame("lost", f"{journal.branch}: entry {seq} of {len(journal.bodies)}")
    if [row.seq for row in own] != sorted(row.seq for row in own):
        figures.blame("disorder", journal.branch)
    for row in own:
        _compare_entry(journal, row, figures)


def _stands_there(journal: Journal, row: Row) -> bool:
    return 0 < row.seq <= len(journal.bodies) and journal.bodies[row.seq - 1] == row.body


def _compare_entry(journal: Journal, row: Row, figures: Figures) -> None:
    said = f"{journal.branch}: entry {row.seq}"
    if not 0 < row.seq <= len(journal.bodies):
        figures.blame("strangers", f"{said}; the journal ends at {len(journal.bodies)}")
    elif row.body != journal.bodies[row.seq - 1]:
        figures.blame("altered", f"{said} is {row.body!r}, was {journal.bodies[row.seq - 1]!r}")
    elif row.hash != journal.hashes[row.seq - 1]:
        figures.blame("unchained", said)


def _check_mark(journal: Journal, marks: Iterable[Mark], figures: Figures) -> None:
    """`highest` may be a number that head office has only been told of: it must not be above what there is."""
    end = len(journal.bodies)
    mine = [mark for mark in marks if (mark.branch, mark.epoch) == (journal.branch, journal.epoch)]
    for mark in mine:
        if (mark.seq, mark.highest, mark.runs) != (end, end, 0):
            figures.blame("gaps", f"{journal.branch} has {end} entries; head office says {mark}")
    if not mine and end:
        figures.blame("gaps", f"{journal.branch}: head office has no mark")


def check_order(journal: Journal, served: Sequence[Mapping[str, Any]], figures: Figures) -> None:
    """What head office's HTTP gives out, page after page, is the journal from its beginning to its end."""
    if list(served) != [json.loads(body) for body in journal.bodies]:
        numbers = [entry.get("seq") for entry in served]
        figures.blame(
            "disorder",
            f"{journal.branch}: over HTTP {len(served)} entries ({numbers[:3]} … {numbers[-3:]}) are not the "
            f"journal's {len(journal.bodies)}",
        )
