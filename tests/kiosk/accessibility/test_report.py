"""The accessibility report: it is what the code says now, its tests exist, and no figure gives its words the lie."""

from typing import Any

import pytest

from kiosk.look.panel import Panel
from tests.conftest import ROOT
from tests.kiosk.accessibility import figures
from tests.kiosk.accessibility.report import DEFAULT, WORD, parts, report
from tests.kiosk.every_screen import PANELS

SAMPLE = ("10.1 landscape", "19", "21.5 portrait")
COMMITTED = ROOT / "docs" / "accessibility.md"
PANEL = Panel(DEFAULT.width_px, DEFAULT.height_px, DEFAULT.diagonal_inch)
CLAUSES = [clause for part in parts() for clause in part["clauses"]]
HARDWARE = {  # of EN 301 549 v3.2.1, chapter 8, as the OpenACR catalogue lists them
    "8.1.2", "8.1.3", "8.2.1.1", "8.2.1.2", "8.2.2.1", "8.2.2.2",
    "8.3.2.1", "8.3.2.2", "8.3.2.3.1", "8.3.2.3.2", "8.3.2.3.3", "8.3.2.4", "8.3.2.5", "8.3.2.6",
    "8.3.3.1", "8.3.3.2", "8.3.3.3.1", "8.3.3.3.2", "8.3.4.1", "8.3.4.2", "8.3.4.3.2", "8.3.4.3.3",
    "8.3.5", "8.3.6", "8.4.1", "8.4.2.1", "8.4.2.2", "8.4.3", "8.5",
}  # fmt: skip


def clauses_of(part: int) -> set[str]:
    return {number for one in parts()[part]["clauses"] for number in one["number"].split(", ")}


@pytest.fixture(scope="module")
def usual() -> figures.Sizes:
    return figures.sizes(PANEL, figures.USUAL)


def test_the_report_that_a_bank_files_is_what_the_code_says() -> None:
    """With the rows of some panels, a tall, a wide and a slim one; of all, `python -m tests.kiosk.lint` asks it."""
    again = ".venv/bin/python -m tests.kiosk.accessibility docs/accessibility.md"
    left_out = tuple(f"| {name} |" for name in set(PANELS) - set(SAMPLE))
    committed = COMMITTED.read_text(encoding="utf-8").splitlines(keepends=True)
    assert all(any(line.startswith(row) for line in committed) for row in left_out)
    same = [line for line in committed if not line.startswith(left_out)]
    assert "".join(same) == report(DEFAULT, SAMPLE), (
        f"the code says something else now: {again}, and read what has changed"
    )


def test_every_clause_of_closed_functionality_of_hardware_and_of_the_ada_section_is_answered() -> (
    None
):
    closed = {f"5.1.3.{n}" for n in range(1, 17)} | {
        "5.1.4",
        "5.1.5",
        "5.1.6.1",
        "5.1.6.2",
        "5.1.7",
    }
    others = {"5.2", "5.3", "5.4", "5.5.1", "5.5.2", "5.6.1", "5.6.2", "5.7", "5.8", "5.9"}
    assert clauses_of(0) == closed | others | {"5.1.2.1", "5.1.2.2"}
    assert clauses_of(1) == HARDWARE
    assert {f"707.{n}" for n in range(1, 9) if n not in (6, 7)} <= clauses_of(3)
    assert {"707.6.1", "707.6.2", "707.6.3", "707.7.1", "707.7.2"} <= clauses_of(3)


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda one: one["number"])
def test_a_clause_is_answered_in_one_of_five_words_and_by_tests_that_exist(
    clause: dict[str, Any],
) -> None:
    assert clause["says"] in WORD
    assert clause["evidence"].strip()
    for named in clause.get("tests", ()):
        file, _, test = named.partition("::")
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), named


def test_letters_are_as_high_as_is_said(usual: figures.Sizes) -> None:
    """ADA 707.7.2."""
    assert usual.capital >= 4.8
    assert round(figures.sizes(PANEL, figures.LARGE).distance) >= 600


def test_what_is_touched_is_as_large_and_as_low_as_is_said(usual: figures.Sizes) -> None:
    low = figures.sizes(PANEL, figures.LOW)
    assert min(usual.target, low.target) >= 20 - 1e-6
    assert low.top <= 0.45 * PANEL.height + 0.1 < usual.top


def test_colours_stand_out_as_is_said() -> None:
    """WCAG 1.4.3 and 1.4.11, as EN 301 549 takes them over."""
    for pairs in figures.contrasts().values():
        assert min(text for text, _ in pairs.values()) >= 4.5
        assert min(edge for _, edge in pairs.values() if edge is not None) >= 3


def test_time_is_given_as_is_said() -> None:
    """WCAG 2.2.1: 20 s to ask for more, before any screen on which something is asked."""
    for screen, left, asks in figures.patience():
        assert asks or screen in ("welcome", "away", "ticket", "thanks")
        assert all(one is None or one >= 15 for one in left)
