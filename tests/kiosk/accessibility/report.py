"""Clauses and figures -> the report, in Markdown. The same code and panel give the same report."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kiosk.look.panel import Panel
from kiosk.settings import Screen
from tests.kiosk.accessibility import figures
from tests.kiosk.accessibility.figures import LARGE, LOW, USUAL, Sizes
from tests.kiosk.every_screen import PANELS

CLAUSES = Path(__file__).parent / "clauses.toml"
DEFAULT = Screen()
WORD = {
    "supported": "Supported",
    "partly": "Partly",
    "the bank's to do": "The bank's to do",
    "not applicable": "Not applicable",
    "not supported": "**Not supported**",
}
HEAD = """# Accessibility of the kiosk

Made by `python -m tests.kiosk.accessibility docs/accessibility.md` from the running code; every figure is computed, every
test named here exists and runs with `make test`. The panel is {panel}; for another one give `--panel`. It says what the
software does: the cabinet, the hall and the sound are the bank's, and where they decide, that is said. Nobody
from outside has audited it.

{counted}
"""
AFTER = """
## What the bank has to do

{duties}
"""


def parts() -> list[dict[str, Any]]:
    return list(tomllib.loads(CLAUSES.read_text(encoding="utf-8"))["parts"])


def report(screen: Screen, panels: Iterable[str] = PANELS) -> str:
    """`panels`: those that get a row of their own."""
    panel = Panel(screen.width_px, screen.height_px, screen.diagonal_inch)
    table = figures.contrasts()
    known = figures.of(panel, table)
    clauses = [clause for part in parts() for clause in part["clauses"]]
    counted = Counter(clause["says"] for clause in clauses)
    lines = [
        HEAD.format(panel=_named(panel), counted=", ".join(f"{WORD[k]}: {counted[k]}" for k in WORD)),
        *(line for part in parts() for line in _part(part, known)),
        AFTER.format(duties="\n".join(_duties(clauses, known))).rstrip(),
        *_panels(panels),
        *_contrasts(table),
        *_patience(),
        *_readings(),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _named(panel: Panel) -> str:
    return f"{panel.width_px} x {panel.height_px} pixels, {panel.diagonal_inch:g} inches"


def _part(part: dict[str, Any], known: dict[str, object]) -> Iterator[str]:
    yield f"## {part['title']}\n"
    rows = (
        (one["number"], one["asks"], WORD[one["says"]], _evidence(one, known))
        for one in part["clauses"]
    )
    yield from _table(("Clause", "It asks", "The kiosk", "Evidence"), rows)


def _evidence(clause: dict[str, Any], known: dict[str, object]) -> str:
    text = str(clause["evidence"]).format(**known)
    tests = [f"`{name.rpartition('::')[2]}`" for name in clause.get("tests", ())]
    return text + (f" Tests: {', '.join(tests)}" if tests else "")


def _duties(clauses: list[dict[str, Any]], known: dict[str, object]) -> Iterator[str]:
    for one in clauses:
        if one["says"] == "the bank's to do":
            yield f"- {one['number']}: {_evidence({**one, 'tests': ()}, known)}"


def _panels(panels: Iterable[str]) -> Iterator[str]:
    yield "\n## On every panel\n"
    yield (
        "Smallest capital, the farthest eye that sees it under 0.7 degrees with large letters, smallest side of what "
        "is touched, and the highest touch above the panel's lower edge, over every state in every language; mm.\n"
    )
    head = ("Panel", "Capital", "Large", "Eye", "Touch", "Large", "Highest", "Low")
    yield from _table(head, (_panel(name, PANELS[name]) for name in panels))


def _panel(name: str, panel: Panel) -> tuple[str, ...]:
    usual, large = figures.sizes(panel, USUAL), figures.sizes(panel, LARGE)
    low: Sizes | None = figures.sizes(panel, LOW) if panel.tall else None
    return (
        name, f"{usual.capital:.1f}", f"{large.capital:.1f}", f"{large.distance:.0f}", f"{usual.target:.1f}",
        f"{large.target:.1f}", f"{usual.top:.0f}", f"{low.top:.0f}" if low else "as it is",
    )  # fmt: skip


def _contrasts(table: dict[str, dict[str, tuple[float, float | None]]]) -> Iterator[str]:
    yield "\n## Every pair of colours\n"
    yield "Contrast of what is written on its ground, and of the edge on the page, by the formula of WCAG 2.2.\n"
    names = list(next(iter(table.values())))
    rows = ((name, *(_ratio(*pairs[name]) for pairs in table.values())) for name in names)
    yield from _table(("Pair", *table), rows)


def _ratio(text: float, edge: float | None) -> str:
    return f"{text:.1f}" if edge is None else f"{text:.1f}, edge {edge:.1f}"


def _patience() -> Iterator[str]:
    yield "\n## Every time-out\n"
    yield "Seconds without a touch or a key until the screen goes back to its start, in the demo's configuration.\n"
    rows = (
        (str(screen), *(_seconds(one) for one in left), "yes" if asks else "no")
        for screen, left, asks in figures.patience()
    )
    yield from _table(("Screen", "Usual", "Large letters", "Speech", "Asks before"), rows)


def _seconds(left: float | None) -> str:
    return "stays" if left is None else f"{left:.0f}"


def _readings() -> Iterator[str]:
    yield "\n## How each screen is read\n"
    yield "In English, as it opens; then next and previous go through its choices.\n"
    rows = ((name, " / ".join(said), str(count)) for name, said, count in figures.readings("en"))
    yield from _table(("State", "Is read", "Choices"), rows)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    head = tuple(head)
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"
    yield ""
