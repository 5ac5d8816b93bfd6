"""The real canvas, drawn without a screen: what is pressed looks pressed, every character is there, and nothing is drawn
when nothing has changed. And the widths by which the lint judges are true to it."""

import json
import subprocess
import sys
from typing import Any

import pytest

from kiosk.look import theme
from tests.conftest import ROOT
from tests.kiosk.every_screen import PANELS

CLOSE_MM = 0.4  # a pixel
SPARE = 1.05  # the lint may think a text so much wider than it is, never narrower


@pytest.fixture(scope="module", params=["10.1 landscape", "21.5 portrait", "32 portrait"])
def drawn(request: pytest.FixtureRequest) -> Any:
    panel = PANELS[request.param]
    words = (str(panel.width_px), str(panel.height_px), str(panel.diagonal_inch))
    run = subprocess.run(
        [sys.executable, "-m", "tests.kiosk.draw", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_nothing_is_drawn_when_nothing_changes(drawn: Any) -> None:
    assert (drawn["idle"], drawn["same"]) == (0, 0)


def test_what_was_shown_before_the_window_had_its_size_is_where_it_belongs(drawn: Any) -> None:
    assert drawn["before"] == pytest.approx(drawn["usual_colour"], abs=1)


def test_what_is_pressed_looks_pressed_until_it_is_released(drawn: Any) -> None:
    assert drawn["pressed"] == pytest.approx(drawn["pressed_colour"], abs=1)
    assert drawn["before"] == drawn["released"] != drawn["pressed"]
    assert drawn["told"] == 1


def test_the_pressed_colour_is_told_from_the_usual_one() -> None:
    for palette in theme.PALETTES.values():
        for pair in (palette.tile, palette.main, palette.plain, palette.chosen):
            assert pair.pressed != pair.ground


def test_a_frame_stands_apart_around_what_the_keypad_has_reached(drawn: Any) -> None:
    assert drawn["frame"] == pytest.approx(drawn["frame_colour"], abs=1)
    assert drawn["beside_frame"] == pytest.approx(drawn["page_colour"], abs=1)


def test_no_character_is_missing(drawn: Any) -> None:
    assert drawn["tofu"] == []


def test_traditional_chinese_is_drawn_with_its_own_forms(drawn: Any) -> None:
    assert drawn["forms"] == {"骨": True, "過": True, "務": True}


def test_the_lint_never_thinks_a_text_narrower_than_it_is_drawn(drawn: Any) -> None:
    for language, text, bold, there, measured in drawn["widths"]:
        where = (language, text, bold)
        assert (where, measured - there) > (where, -CLOSE_MM)
        assert (where, measured) < (where, there * SPARE + CLOSE_MM)
