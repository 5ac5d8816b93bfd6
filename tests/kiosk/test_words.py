"""The files of sentences: the same keys and places in every language, all of them used, all printable."""

import ast
import re
import string
import tomllib
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from kiosk import words
from kiosk.look import fonts
from tests.conftest import ROOT

KIOSK = ROOT / "kiosk"
FILES = sorted((KIOSK / "words").glob("*.toml"))
KEY = re.compile(r"[a-z_]+(\.[a-z_0-9]+)*")
FIRST = "zh-Hans"
languages = pytest.mark.parametrize("language", words.LANGUAGES)


def sentences(language: str) -> dict[str, str]:
    text = (KIOSK / "words" / f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["words"]


def places(sentence: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None)


def strings_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def strings_in_code() -> set[str]:
    return set().union(*(strings_in(path) for path in KIOSK.rglob("*.py")))


def calls_of_say() -> set[str]:
    """Every constant key that is given to the words: say("…"), words("…"), view.words("…")."""
    found = set()
    for path in KIOSK.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            parts = ast.walk(node.args[0])
            if name in ("say", "words"):
                found |= {
                    p.value for p in parts if isinstance(p, ast.Constant) and type(p.value) is str
                }
    return found


def characters(texts: list[str]) -> set[str]:
    return set("".join(texts))


def printed_on_paper(language: str) -> dict[str, str]:
    return {
        key: text
        for key, text in sentences(language).items()
        if key.startswith("slip.") or key == "ticket.yours"
    }


def test_every_language_of_the_code_has_a_file_and_every_file_a_language() -> None:
    assert sorted(words.LANGUAGES) == [path.stem for path in FILES]


@languages
def test_every_language_has_the_same_keys(language: str) -> None:
    assert sorted(sentences(language)) == sorted(sentences(FIRST))


@languages
def test_every_sentence_has_the_same_places_in_every_language(language: str) -> None:
    other = sentences(language)
    differ = {
        key: (places(text), places(other[key]))
        for key, text in sentences(FIRST).items()
        # one minute is said with `high` alone or with both: only the names given by the code may stand there
        if places(text) != places(other[key])
    }
    assert differ == {}


@languages
def test_no_sentence_is_empty_or_has_blanks_at_its_ends(language: str) -> None:
    wrong = {k: t for k, t in sentences(language).items() if not t.strip() or t != t.strip()}
    assert wrong == {}


@languages
def test_every_key_the_code_says_exists(language: str) -> None:
    said = {key for key in calls_of_say() if KEY.fullmatch(key)}
    assert len(said) > 20
    assert sorted(said - set(sentences(language))) == []


@languages
def test_every_notice_the_journey_can_give_exists(language: str) -> None:
    notices = {text for text in strings_in_code() if re.fullmatch(r"notice\.\w+", text)}
    assert len(notices) >= 3
    assert sorted(notices - set(sentences(language))) == []


def test_no_key_is_dead() -> None:
    assert sorted(set(sentences(FIRST)) - strings_in_code()) == []


def test_a_key_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        words.load(FIRST)("no.such.key")


@pytest.mark.parametrize("weight", [0, 1], ids=["regular", "bold"])
@languages
def test_every_character_is_in_the_font(language: str, weight: int) -> None:
    known = TTFont(fonts.text_font()[weight], lazy=True).getBestCmap()
    missing = {c for c in characters(list(sentences(language).values())) if ord(c) not in known}
    assert missing == set()


@languages
def test_every_character_for_paper_is_ascii_or_two_bytes_of_gb18030(language: str) -> None:
    on_paper = printed_on_paper(language)
    assert len(on_paper) >= 6
    cannot = {
        (key, c)
        for key, text in on_paper.items()
        for c in text
        if not (" " <= c <= "~") and len(c.encode("gb18030")) != 2
    }
    assert cannot == set()


@languages
def test_no_chinese_stands_in_an_english_sentence_but_the_name_of_a_language(language: str) -> None:
    if language != "en":
        assert any("一" <= c <= "鿿" for c in characters(list(sentences(language).values())))
        return
    chinese = {k for k, t in sentences(language).items() if any("一" <= c <= "鿿" for c in t)}
    assert chinese == set()


def test_every_language_has_a_name_of_its_own() -> None:
    names = [sentences(language)["language.name"] for language in words.LANGUAGES]
    assert len(set(names)) == len(names)
