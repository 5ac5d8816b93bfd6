"""Colours by WCAG 2.2's own formula, icons and Chinese forms by what is in the font files."""

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTCollection, TTFont

from kiosk.look import fonts, icons
from tests.conftest import ROOT

ICONS = {name: value for name, value in vars(icons).items() if name.isupper()}
READ_THEME = """
import json
from kiosk.look import theme
names = {tuple(v): n for n, v in vars(theme).items() if n.isupper() and isinstance(v, list)}
pairs = lambda found: [[names[tuple(a)], a, names[tuple(b)], b] for a, b in found]
print(json.dumps({"text": pairs(theme.TEXT_ON_GROUND), "edge": pairs(theme.EDGE_ON_GROUND)}))
"""
FORMS = "门直骨"
COLLECTION = fonts.COLLECTIONS / "NotoSansCJK-Regular.ttc"


def luminance(colour: list[float]) -> float:
    """WCAG 2.2, definition of relative luminance."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(scope="module")
def pairs() -> dict[str, dict[str, float]]:
    """The theme asks Kivy for its colours, so it is read in a process of its own."""
    quiet = {"KIVY_NO_ARGS": "1", "KIVY_NO_FILELOG": "1", "KIVY_NO_CONSOLELOG": "1"}
    words = [sys.executable, "-c", READ_THEME]
    said = subprocess.run(
        words, cwd=ROOT, env={**os.environ, **quiet}, capture_output=True, check=True
    ).stdout
    return {
        kind: {f"{a} on {b}": contrast(front, ground) for a, front, b, ground in found}
        for kind, found in json.loads(said).items()
    }


@pytest.fixture(scope="module")
def ours() -> TTFont:
    return TTFont(fonts.text_font()[0], lazy=True)


@pytest.fixture(scope="module")
def collection() -> dict[str, TTFont]:
    faces = TTCollection(COLLECTION, lazy=True).fonts
    return {face["name"].getDebugName(1): face for face in faces}


def outline(font: TTFont, character: str) -> list[object]:
    glyphs, pen = font.getGlyphSet(), DecomposingRecordingPen(font.getGlyphSet())
    glyphs[font.getBestCmap()[ord(character)]].draw(pen)
    return pen.value


def test_the_formula_is_the_standards_own() -> None:
    assert contrast([0, 0, 0], [1, 1, 1]) == pytest.approx(21)
    assert contrast([119 / 255] * 3, [1, 1, 1]) == pytest.approx(4.48, abs=0.01)


def test_every_text_colour_has_a_contrast_of_4_5_on_its_ground(
    pairs: dict[str, dict[str, float]], record_property: Callable[[str, object], None]
) -> None:
    best = [name for name, value in pairs["text"].items() if value >= 7]
    record_property("reach_7", f"{len(best)} of {len(pairs['text'])}")
    assert len(pairs["text"]) >= 10
    assert {n: round(v, 2) for n, v in pairs["text"].items() if v < 4.5} == {}


def test_every_edge_has_a_contrast_of_3_on_its_ground(
    pairs: dict[str, dict[str, float]],
) -> None:
    assert {n: round(v, 2) for n, v in pairs["edge"].items() if v < 3} == {}


def test_the_icon_font_has_every_icon() -> None:
    known = TTFont(fonts.icon_font(), lazy=True).getBestCmap()
    assert len(ICONS) >= 10
    assert {name for name, value in ICONS.items() if ord(value) not in known} == set()


def test_no_two_icons_look_alike() -> None:
    known = TTFont(fonts.icon_font(), lazy=True).getBestCmap()
    glyphs = [known[ord(value)] for value in ICONS.values()]
    assert len(set(glyphs)) == len(glyphs)


@pytest.mark.parametrize("character", FORMS)
def test_chinese_characters_have_their_simplified_chinese_form(
    ours: TTFont, collection: dict[str, TTFont], character: str
) -> None:
    assert outline(ours, character) == outline(collection["Noto Sans CJK SC"], character)


@pytest.mark.parametrize("character", FORMS)
def test_no_chinese_character_has_its_japanese_form(
    ours: TTFont, collection: dict[str, TTFont], character: str
) -> None:
    assert outline(ours, character) != outline(collection["Noto Sans CJK JP"], character)


def test_the_two_weights_are_two_weights() -> None:
    regular, bold = (TTFont(path, lazy=True)["OS/2"].usWeightClass for path in fonts.text_font())
    assert (regular, bold) == (400, 700)
