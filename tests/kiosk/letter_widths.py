"""How wide a text is, from the font files alone: no window, and fast. test_drawing.py proves it true to what is drawn."""

from functools import cache

from fontTools.ttLib import TTFont

from kiosk.look import fonts, theme
from kiosk.look.boxes import Measure

TO_SPARE = 1.02  # hinting widens letters of few pixels
LIKE = {"pseudo": "en"}


@cache
def advances(language: str, bold: bool) -> dict[str, float]:
    """Of each character, in em."""
    font = TTFont(fonts.text_font(LIKE.get(language, language))[int(bold)], lazy=True)
    metrics, em = font["hmtx"], font["head"].unitsPerEm
    return {chr(code): metrics[name][0] / em for code, name in font.getBestCmap().items()}


@cache
def measure(language: str, px_a_mm: float) -> Measure:
    """mm, as `arrange` asks for it; letters have whole pixels."""
    fonts_ = (advances(language, False), advances(language, True))

    @cache
    def em(text: str, bold: bool) -> float:
        known = fonts_[bold]
        return sum(known[letter] for letter in text) * TO_SPARE

    @cache  # a page asks for each some hundred times while places are sought
    def wide(text: str, size: float, bold: bool) -> float:
        return em(text, bold) * round(theme.drawn(size) * px_a_mm) / px_a_mm

    return wide
