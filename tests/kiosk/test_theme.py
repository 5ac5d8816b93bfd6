"""Colours by WCAG 2.2's own formula, sizes by what the theme promises, icons and Chinese forms by the font files."""

import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTCollection, TTFont

from kiosk.journey.step import Theme
from kiosk.look import fonts, icons, theme
from kiosk.look.panel import Panel
from kiosk.look.theme import Palette
from tests.kiosk.contrast import contrast
from tests.kiosk.every_screen import PANELS

ICONS = {name: value for name, value in vars(icons).items() if name.isupper()}
FORMS = "门直骨"
COLLECTION = fonts.COLLECTIONS / "NotoSansCJK-Regular.ttc"
TEXT, EDGE = 7.0, 3.0

palettes = pytest.mark.parametrize("palette", theme.PALETTES.values(), ids=theme.PALETTES)
panels = pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)


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
    grey = 119 / 255
    assert contrast((0, 0, 0, 1), (1, 1, 1, 1)) == pytest.approx(21)
    assert contrast((grey, grey, grey, 1), (1, 1, 1, 1)) == pytest.approx(4.48, abs=0.01)


def test_every_theme_has_its_colours() -> None:
    assert set(theme.PALETTES) == set(Theme)


@palettes
def test_every_text_has_a_contrast_of_7_also_while_it_is_pressed(palette: Palette) -> None:
    found = {
        name: round(contrast(pair.ink, ground), 2)
        for name, pair in palette.pairs()
        for ground in (pair.ground, pair.pressed)
        if contrast(pair.ink, ground) < TEXT
    }
    assert found == {}


@palettes
def test_second_lines_can_be_read_on_the_page_and_on_cards(palette: Palette) -> None:
    grounds = (palette.page.ground, palette.card.ground)
    assert min(contrast(palette.quiet.ink, ground) for ground in grounds) >= TEXT


@palettes
def test_what_can_be_touched_is_told_from_the_page_and_the_bar(palette: Palette) -> None:
    """By its edge, or by its ground where that is dark enough."""
    for pair in (palette.tile, palette.main, palette.plain, palette.chosen, palette.off):
        for around in (palette.page.ground, palette.card.ground, palette.wait.ground):
            inks = [ink for ink in (pair.edge, pair.ground) if ink is not None]
            assert max(contrast(ink, around) for ink in inks) >= EDGE


@palettes
def test_the_frame_of_the_keypad_is_told_from_all_that_choices_stand_on(palette: Palette) -> None:
    for around in (palette.page.ground, palette.card.ground, palette.wait.ground):
        assert contrast(palette.reached, around) >= EDGE


@panels
def test_letters_are_as_large_as_promised(panel: Panel) -> None:
    """ADA 707.7.2: capitals of 4.8 mm; in care mode EN 301 549 5.1.4 at 600 mm, and 12 mm for Chinese choices."""
    normal, care = (theme.scale(panel, large=large) for large in (False, True))
    assert min(normal.small, normal.body, normal.bar, *normal.tiles) >= 6.6
    assert normal.small * theme.CAPITAL >= 4.8
    least = 7.6 if panel.compact else 10
    assert min(care.small, care.body, care.bar) >= least
    assert min(care.tiles) >= (least if panel.compact else 12)
    assert care.small * theme.CAPITAL >= (5.5 if panel.compact else 7.3)


@panels
def test_care_mode_is_larger_in_everything_that_is_read(panel: Panel) -> None:
    normal, care = (theme.scale(panel, large=large) for large in (False, True))
    names = ("small", "body", "large", "title", "key", "bar")
    assert all(getattr(care, name) > getattr(normal, name) for name in names)


def test_a_larger_panel_has_no_smaller_letters() -> None:
    sizes = [theme.scale(PANELS[f"{inch} portrait"], large=False).body for inch in (21.5, 27, 32)]
    assert sizes == sorted(sizes)


def test_the_icon_font_has_every_icon() -> None:
    known = TTFont(fonts.icon_font(), lazy=True).getBestCmap()
    assert len(ICONS) >= 10
    values = {name: value for name, value in ICONS.items() if isinstance(value, str)}
    assert {name for name, value in values.items() if ord(value) not in known} == set()
    assert all(ord(face) in known for face in icons.SCORES)


def test_no_two_icons_look_alike_but_those_that_mean_the_same() -> None:
    """What moves buttons lower, and what shows more below, are both an arrow down."""
    known = TTFont(fonts.icon_font(), lazy=True).getBestCmap()
    glyphs = [
        known[ord(value)]
        for name, value in ICONS.items()
        if isinstance(value, str) and name != "MORE"
    ]
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


def test_traditional_chinese_has_its_own_forms(collection: dict[str, TTFont]) -> None:
    hant = TTFont(fonts.text_font("zh-Hant")[0], lazy=True)
    assert outline(hant, "骨") == outline(collection["Noto Sans CJK TC"], "骨")
    assert outline(hant, "骨") != outline(collection["Noto Sans CJK SC"], "骨")


def test_the_two_weights_are_two_weights() -> None:
    regular, bold = (TTFont(path, lazy=True)["OS/2"].usWeightClass for path in fonts.text_font())
    assert (regular, bold) == (400, 700)


@pytest.fixture(scope="module", params=["zh-Hans", "zh-Hant"])
def light(request: pytest.FixtureRequest) -> tuple[str, TTFont, TTFont]:
    """A language, its light face and its whole one."""
    language = str(request.param)
    whole = TTFont(fonts.text_font(language)[0], lazy=True)
    return language, TTFont(fonts.lighten(language, "Regular"), lazy=True), whole


def test_a_text_is_common_just_when_the_light_face_has_all_of_it(
    light: tuple[str, TTFont, TTFont],
) -> None:
    language, face, whole = light
    has = set(face.getBestCmap())
    wrong = {chr(c) for c in whole.getBestCmap() if fonts.is_common(chr(c), language) != (c in has)}
    assert wrong == set()


def test_the_light_face_draws_as_the_whole_one_does(light: tuple[str, TTFont, TTFont]) -> None:
    language, face, whole = light
    characters = [one for one in "银行現金门門直骨Ag1，" if fonts.is_common(one, language)]
    assert len(characters) >= 8
    for one in characters:
        at, in_whole = (font.getBestCmap()[ord(one)] for font in (face, whole))
        assert outline(face, one) == outline(whole, one)
        assert face["hmtx"][at] == whole["hmtx"][in_whole]


@pytest.mark.parametrize("name", ["朱镕基", "陶喆", "䶮"])
def test_a_rare_name_is_written_with_the_whole_face(name: str) -> None:
    assert not fonts.is_common(name, "zh-Hans")
