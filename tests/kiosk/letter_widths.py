"""How wide a text is, from the font files alone: no window, and fast. test_drawing.py proves it true to what is drawn."""

from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

from kiosk.look import fonts, theme
from kiosk.look.boxes import Measure

TO_SPARE = 1.02  # hinting widens letters of few pixels
LIKE = {"pseudo": "en"}


@cache
def advances(path: Path) -> dict[str, float]:
    """Of each character, in em."""
    font = TTFont(path, lazy=True)
    metrics, em = font["hmtx"], font["head"].unitsPerEm
    return {chr(code): metrics[name][0] / em for code, name in font.getBestCmap().items()}


@cache
def measure(language: str) -> Measure:
    """mm, as `arrange` asks for it."""
    regular, bold_ = (advances(path) for path in fonts.text_font(LIKE.get(language, language)))

    @cache
    def em(text: str, bold: bool) -> float:
        known = bold_ if bold else regular
        return sum(known[letter] for letter in text) * TO_SPARE

    return lambda text, size, bold: em(text, bold) * theme.drawn(size)
