"""Every screen, in every language, in realistic and in the worst states, drawn and measured.

The drawing is done by lint_screens.py in a process of its own. Pictures: --basetemp=FOLDER keeps them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import pytest

from kiosk import words
from tests.conftest import ROOT
from tests.kiosk.screen_states import LINK, STATES

PANELS = {
    '1080x1920 21.5"': (1080, 1920, 21.5),
    '768x1366 21.5"': (768, 1366, 21.5),
    '768x1366 18.5"': (768, 1366, 18.5),  # the usual size of a panel with so many dots
}
RULES = (
    "text larger than its box",
    "out of the window",
    "shortened",
    "outside its parent",
    "overlap",
    "too small to touch",
    "too near to touch",
    "unequal letters",
    "cannot be read",
)
CLAIMS = (
    "acts_on_release",
    "sliding_off_cancels",
    "sliding_off_and_back_acts",
    "a_second_finger_elsewhere_does_nothing",
    "a_second_finger_on_the_same_tile_acts_once",
    "the_next_touch_after_two_fingers_works",
    "a_shut_service_does_nothing",
    "nothing_can_be_touched_while_asking",
    "a_tile_disabled_under_the_finger_does_nothing",
    "a_tile_that_became_another_under_the_finger_does_nothing",
    "a_finger_down_while_the_screen_leaves_does_nothing",
    "every_tile_tells_its_own_service",
    "back_and_done_finish",
    "a_closed_welcome_cannot_be_begun",
    "welcome_begins",
    "nothing_of_a_ticket_stays_in_any_widget",
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the lint says of each panel, and where its pictures are."""
    return {name: draw(panel, tmp_path_factory.mktemp("screens")) for name, panel in PANELS.items()}


def draw(panel: tuple[int, int, float], folder: Path) -> dict[str, Any]:
    script = [sys.executable, str(Path(__file__).with_name("lint_screens.py"))]
    done = subprocess.run(
        [*script, *map(str, panel), str(folder)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return {**json.loads(done.stdout), "folder": folder}


@pytest.mark.parametrize("panel", PANELS)
def test_every_state_was_drawn_in_every_language(drawn: dict[str, Any], panel: str) -> None:
    expected = {f"{state}-{language}" for state in STATES for language in words.LANGUAGES}
    assert set(drawn[panel]["states"]) == expected
    assert {path.stem for path in drawn[panel]["folder"].glob("*.png")} == expected


def test_every_rule_that_can_be_broken_is_a_test_here(drawn: dict[str, Any]) -> None:
    assert {rule for one in drawn.values() for rule, _, _ in one["findings"]} <= set(RULES)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("panel", PANELS)
def test_no_screen_breaks_the_rule(drawn: dict[str, Any], panel: str, rule: str) -> None:
    found = [f"{state}: {what}" for name, state, what in drawn[panel]["findings"] if name == rule]
    assert found == []


def test_every_touch_that_was_tried_is_a_test_here(drawn: dict[str, Any]) -> None:
    assert [set(one["touches"]) for one in drawn.values()] == [set(CLAIMS)] * len(PANELS)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_touch_does_what_it_shall_and_no_more(drawn: dict[str, Any], claim: str) -> None:
    assert {panel: one["touches"][claim] for panel, one in drawn.items()} == dict.fromkeys(
        PANELS, True
    )


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("panel", PANELS)
def test_a_phone_reads_the_link_from_the_code_on_the_screen(
    drawn: dict[str, Any], panel: str, language: str
) -> None:
    picture = cv2.imread(str(drawn[panel]["folder"] / f"ticket-no-paper-{language}.png"))
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == LINK
