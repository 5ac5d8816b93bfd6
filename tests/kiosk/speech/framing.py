"""The frame of a step in every language."""

from kiosk.journey.step import Step
from kiosk.screens.frame import every_language, frame
from kiosk.screens.page import Frame, View
from kiosk.words import name_in
from tests.kiosk.states import BANK, BRANCH, LINK, NOW, RULES

WORDS = every_language()
NAMES = {language: words("language.name") for language, words in WORDS.items()}


def framed(step: Step, language: str = "") -> Frame:
    words = WORDS[language or step.language]
    bank, branch = name_in(BANK, words.language), name_in(BRANCH, words.language)
    link = LINK if step.ticket or step.opinion else ""
    return frame(View(step, RULES, words, NOW, bank, branch, link), NAMES)
