"""Every screen there is, in every language, theme, mode and panel, whole and with each part broken: some minutes.

`.venv/bin/python -m tests.kiosk.lint [part of a panel's name]` writes each finding, and how many screens it saw.
"""

import sys
from dataclasses import replace

from kiosk.journey.step import Theme
from tests.conftest import ROOT
from tests.kiosk import every_screen
from tests.kiosk.accessibility.report import DEFAULT, report
from tests.kiosk.contrast import pale

PARTS = ("nothing", "readers", "printer", "branch")


def look(panel: str = "") -> int:
    """How many findings there are."""
    found = 0
    panels = [name for name in every_screen.PANELS if panel in name]
    for one in every_screen.judged(panels, every_screen.words(), PARTS):
        found += 1
        sys.stdout.write(f"{one}\n")
    return found + _colours(panels) + _reported()


def _colours(panels: list[str]) -> int:
    """Where things stand does not depend on the theme; so only colours are judged in each of them."""
    found = 0
    for where, shown in every_screen.every(panels, ("zh-Hans",), ("nothing",)):
        for theme in Theme:
            comfort = replace(shown.comfort, theme=theme)
            boxes = every_screen.placed(shown.frame, shown.panel, comfort)
            for one in pale(boxes, comfort):
                found += 1
                sys.stdout.write(f"{where}, {theme}: {one}\n")
    return found


def _reported() -> int:
    """Whether the accessibility report has the figures of every panel."""
    file = ROOT / "docs" / "accessibility.md"
    if file.read_text(encoding="utf-8") == report(DEFAULT):
        return 0
    sys.stdout.write(f"{file}: the code says something else now\n")
    return 1


def main() -> int:
    findings = look(*sys.argv[1:2])
    sys.stdout.write(f"{findings} findings\n")
    return int(findings > 0)
