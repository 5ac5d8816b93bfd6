"""How a written text is pronounced: the voice that can, and what it would otherwise say wrong. Pure."""

import re

MANDARIN = "cmn-latn-pinyin"  # Debian's `cmn` reads Chinese characters as English letters
CANTONESE = "yue"
ENGLISH = "en-gb"
HANZI = re.compile(r"[\u3400-\u9fff]")
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
SPELLED = re.compile(r"(?<!\S)[A-Z0-9](?: [A-Z0-9])+(?!\S)|^[A-Z0-9]$")
PERCENT = re.compile(r"(\d+) ?%")
WRITTEN_SHORT = (
    (re.compile(r"(?<=\d) min\b"), " minutes"),
    (re.compile(r"(?<=\d) s\b"), " seconds"),
)


def voice_of(text: str, language: str, *, cantonese: bool = False) -> str:
    """espeak-ng's name of it. A name in another script is read by whoever can."""
    chinese = language.startswith("zh") and not LATIN_WORD.search(text)
    if not chinese and not HANZI.search(text):
        return ENGLISH
    return CANTONESE if cantonese and language == "zh-Hant" else MANDARIN


def is_spelled(text: str) -> bool:
    return SPELLED.fullmatch(text) is not None


def aloud(text: str, voice: str) -> str:
    """For this voice. In Mandarin the 1 of a number read digit by digit is yao, not to be taken for 7."""
    if voice == ENGLISH:
        for short, long in WRITTEN_SHORT:
            text = short.sub(long, text)
        return SPELLED.sub(lambda found: found[0].replace(" ", ", "), text)
    text = PERCENT.sub(r"百分之\1", text)
    if voice == MANDARIN:
        return SPELLED.sub(lambda found: found[0].replace("1", "幺"), text)
    return text
