"""Colours by WCAG 2.2's own formula, icons and Chinese forms by what is in the font files."""

from collections.abc import Iterator

import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTCollection, TTFont

from kiosk.journey.step import Theme
from kiosk.look import fonts, icons
from kiosk.look.theme import PALETTES, Colour, Palette, colour
from tests.kiosk.lint import contrast

TEXT, EDGE = 7, 3
FORMS = "门直骨"
COLLECTION = fonts.COLLECTIONS / "NotoSansCJK-Regular.ttc"
themes = pytest.mark.parametrize("theme", Theme)


def characters() -> Iterator[tuple[str, str]]:
    """(name, character) of every icon."""
    for name, value in vars(icons).items():
        if name.isupper():
            yield from ((f"{name} {n}", one) for n, one in enumerate(value, start=1))


@pytest.fixture(scope="module")
def ours() -> TTFont:
    return TTFont(fonts.text_font()[0], lazy=True)


@pytest.fixture(scope="module")
def collection() -> dict[str, TTFont]:
    faces = TTCollection(COLLECTION, lazy=True).fonts
    return {face["name"].getDebugName(1): face for face in faces}


@pytest.fixture(scope="module")
def icon_font() -> TTFont:
    return TTFont(fonts.icon_font(), lazy=True)


def outline(font: TTFont, character: str) -> list[object]:
    glyphs, pen = font.getGlyphSet(), DecomposingRecordingPen(font.getGlyphSet())
    glyphs[font.getBestCmap()[ord(character)]].draw(pen)
    return pen.value


def test_the_formula_is_the_standards_own() -> None:
    assert contrast(colour("#000000"), colour("#FFFFFF")) == pytest.approx(21)
    assert contrast(colour("#777777"), colour("#FFFFFF")) == pytest.approx(4.48, abs=0.01)


def test_every_theme_has_its_palette() -> None:
    assert set(PALETTES) == set(Theme)


@themes
def test_every_text_has_a_contrast_of_7_on_its_ground_also_under_a_finger(theme: Theme) -> None:
    weak = {
        name: round(found, 2)
        for name, pair in PALETTES[theme].pairs()
        if (found := min(contrast(pair.ink, one) for one in (pair.ground, pair.pressed))) < TEXT
    }
    assert weak == {}


@themes
def test_quiet_words_have_a_contrast_of_7_wherever_they_stand(theme: Theme) -> None:
    palette = PALETTES[theme]
    grounds = (palette.page.ground, palette.card.ground, palette.tile.ground)
    assert min(contrast(palette.quiet.ink, one) for one in grounds) >= TEXT


def around(palette: Palette) -> tuple[Colour, Colour]:
    return palette.page.ground, palette.card.ground


@themes
def test_every_edge_has_a_contrast_of_3_on_the_page_and_on_a_card(theme: Theme) -> None:
    palette = PALETTES[theme]
    weak = {
        name: round(found, 2)
        for name, pair in palette.pairs()
        if pair.edge and (found := min(contrast(pair.edge, one) for one in around(palette))) < EDGE
    }
    assert weak == {}


@themes
@pytest.mark.parametrize("name", ["tile", "main", "plain", "chosen", "off", "badge"])
def test_what_is_touched_and_a_badge_are_seen_by_their_edge_or_their_ground(
    name: str, theme: Theme
) -> None:
    palette = PALETTES[theme]
    pair = getattr(palette, name)
    inks = [one for one in (pair.edge, pair.ground) if one]
    assert max(contrast(ink, palette.page.ground) for ink in inks) >= EDGE


def test_the_icon_font_has_every_icon(icon_font: TTFont) -> None:
    known = icon_font.getBestCmap()
    assert len(list(characters())) >= 40
    assert [name for name, one in characters() if ord(one) not in known] == []


def test_no_two_icons_look_alike(icon_font: TTFont) -> None:
    seen: dict[str, str] = {}
    alike = []
    for name, one in characters():
        first = seen.setdefault(repr(outline(icon_font, one)), name)
        alike += [(first, name)] if first != name else []
    assert alike == []


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
