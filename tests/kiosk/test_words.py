"""The files of sentences: the same keys and places in every language, all of them used, all printable."""

import ast
import re
import string
import tomllib
from functools import cache
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from kiosk import words
from kiosk.look import fonts
from kiosk.screens.pieces import WARNINGS
from program.settings_file import SettingsError
from tests.conftest import ROOT

KIOSK = ROOT / "kiosk"
FILES = sorted((KIOSK / "words").glob("*.toml"))
KEY = re.compile(r"[a-z_]+(\.[a-z_0-9]+)+")
FIRST = "zh-Hans"
LANGUAGES = words.languages()
languages = pytest.mark.parametrize("language", LANGUAGES)


def sentences(language: str) -> dict[str, str]:
    text = (KIOSK / "words" / f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["words"]


def places(sentence: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None)


@cache
def code() -> list[ast.AST]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in KIOSK.rglob("*.py")]
    return [node for tree in trees for node in ast.walk(tree)]


def constants(nodes: list[ast.AST]) -> set[str]:
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def patterns(nodes: list[ast.AST]) -> list[re.Pattern[str]]:
    """Keys that are put together: f"rate.score.{number}"."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            parts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[A-Za-z_0-9]*"
                for part in node.values
            ]
            found.add("".join(parts))
    return [re.compile(one) for one in found if re.match(r"[a-z_]+\\\.", one)]


def calls_of_say(nodes: list[ast.AST]) -> dict[str, list[set[str]]]:
    """Every constant key that is given to the words, say("…") or view.words("…"), with the names of its values."""
    found: dict[str, list[set[str]]] = {}
    for node in nodes:
        if not (isinstance(node, ast.Call) and node.args):
            continue
        if getattr(node.func, "attr", getattr(node.func, "id", "")) in ("say", "words"):
            named = {one.arg for one in node.keywords if one.arg}
            for key in constants(list(ast.walk(node.args[0]))):
                if KEY.fullmatch(key) or key in sentences(FIRST):
                    found.setdefault(key, []).append(named)
    return found


def test_the_three_languages_of_the_product_are_there_and_chinese_comes_first() -> None:
    assert LANGUAGES == ("zh-Hans", "zh-Hant", "en")
    assert sorted(LANGUAGES) == [path.stem for path in FILES]


@languages
def test_every_language_has_the_same_keys(language: str) -> None:
    assert sorted(sentences(language)) == sorted(sentences(FIRST))


@languages
def test_every_sentence_has_the_same_places_in_every_language(language: str) -> None:
    other = sentences(language)
    either = {"when.today", "when.tomorrow", "when.later"}
    differ = {
        key: (places(text), places(other[key]))
        for key, text in sentences(FIRST).items()
        if places(text) != places(other[key]) and key not in either
    }
    assert differ == {}


@languages
def test_every_place_is_filled_in_by_whoever_says_the_sentence(language: str) -> None:
    wrong = {
        key: (names, places(sentences(language)[key]))
        for key, calls in calls_of_say(code()).items()
        for names in calls
        if not set(places(sentences(language)[key])) <= names
    }
    assert wrong == {}


@languages
def test_no_sentence_is_empty_or_has_blanks_at_its_ends(language: str) -> None:
    wrong = {k: t for k, t in sentences(language).items() if not t.strip() or t != t.strip()}
    assert wrong == {}


@languages
def test_every_key_the_code_says_exists(language: str) -> None:
    said = set(calls_of_say(code()))
    assert len(said) > 60
    assert sorted(said - set(sentences(language))) == []


@languages
def test_every_notice_and_thanks_the_journey_can_give_exists(language: str) -> None:
    given = {text for text in constants(code()) if re.fullmatch(r"(notice|thanks)\.\w+", text)}
    assert len(given) > 20
    assert sorted(given - set(sentences(language))) == []


def test_every_warning_is_a_notice_that_is_given() -> None:
    assert {key for key in WARNINGS if not key.startswith("notice.")} == set()
    assert set(sentences(FIRST)) >= WARNINGS


@languages
def test_every_notice_needs_no_more_than_the_seconds_to_wait(language: str) -> None:
    """They are said by one line of code for all of them."""
    needed = {
        key: places(text) for key, text in sentences(language).items() if key.startswith("notice.")
    }
    assert {key for key, names in needed.items() if names} == {"notice.pin_wait"}
    assert needed["notice.pin_wait"] == ["seconds"]


def test_no_key_is_dead() -> None:
    known, put_together = constants(code()), patterns(code())
    dead = [
        key
        for key in sentences(FIRST)
        if key not in known and not any(one.fullmatch(key) for one in put_together)
    ]
    assert dead == []


def test_a_key_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        words.load(FIRST)("no.such.key")


def test_what_the_branch_names_in_another_language_only_is_said_in_that() -> None:
    assert words.name_in({"en": "Cash", "zh-Hans": "现金"}, "zh-Hans") == "现金"
    assert words.name_in({"en": "Cash"}, "zh-Hans") == "Cash"
    assert words.name_in({}, "en") == ""


@pytest.mark.parametrize("weight", [0, 1], ids=["regular", "bold"])
@languages
def test_every_character_is_in_the_font(language: str, weight: int) -> None:
    known = TTFont(fonts.text_font()[weight], lazy=True).getBestCmap()
    missing = {c for text in sentences(language).values() for c in text if ord(c) not in known}
    assert missing == set()


@languages
def test_every_sentence_is_written_with_the_light_face(language: str) -> None:
    assert [one for one in sentences(language).values() if not fonts.is_common(one, language)] == []


@languages
def test_every_character_for_paper_is_ascii_or_two_bytes_of_gb18030(language: str) -> None:
    on_paper = {
        key: text
        for key, text in sentences(language).items()
        if key.startswith("slip.") or key == "ticket.yours"
    }
    assert len(on_paper) >= 9
    cannot = {
        (key, c)
        for key, text in on_paper.items()
        for c in text
        if not (" " <= c <= "~") and len(c.encode("gb18030")) != 2
    }
    assert cannot == set()


def chinese(text: str) -> bool:
    return any("一" <= c <= "鿿" for c in text)


def test_no_chinese_stands_in_an_english_sentence() -> None:
    assert {key for key, text in sentences("en").items() if chinese(text)} == set()


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_every_chinese_sentence_is_chinese(language: str) -> None:
    only_places = {"when.", "speech."}
    other = {
        key
        for key, text in sentences(language).items()
        if not chinese(re.sub(r"\{\w+\}", "", text)) and not key.startswith(tuple(only_places))
    }
    assert {
        key: sentences(language)[key] for key in other if "{" not in sentences(language)[key]
    } == {}


SIMPLIFIED_ONLY = "们这请选择业务证预约没读错输检查个为点时间号码现办咨询"
TRADITIONAL_ONLY = "們這請選擇業務證預約沒讀錯輸檢查個為點時間號碼現辦諮詢"


@pytest.mark.parametrize(
    ("language", "strange"), [("zh-Hans", TRADITIONAL_ONLY), ("zh-Hant", SIMPLIFIED_ONLY)]
)
def test_simplified_and_traditional_chinese_are_not_mixed(language: str, strange: str) -> None:
    other = set(strange) - (set(SIMPLIFIED_ONLY) & set(TRADITIONAL_ONLY))
    mixed = {
        key: sorted(set(text) & other)
        for key, text in sentences(language).items()
        if set(text) & other and key != "language.name"
    }
    assert mixed == {}


def test_every_language_has_a_name_of_its_own() -> None:
    names = [sentences(language)["language.name"] for language in LANGUAGES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ('[words]\n"rate.title" = "Rate"\n', "is missing there"),
        ("", "cannot be read"),
        ("[words", "cannot be read"),
        ('[words]\n"rate.title" = 5\n', "cannot be read"),
        ('[words]\n"rate.title" = "{"\n', "cannot be read"),
    ],
)
def test_a_spoilt_file_of_words_is_said_before_anything_starts(
    tmp_path: Path, spoilt: str, said: str
) -> None:
    (tmp_path / "xx.toml").write_text(spoilt, encoding="utf-8")
    (tmp_path / "yy.toml").write_text(
        '[words]\n"rate.title" = "A"\n"done" = "B {n}"\n', encoding="utf-8"
    )
    with pytest.raises(SettingsError, match=said) as caught:
        words.check_words(tmp_path)
    assert "xx.toml" in str(caught.value)


def test_a_place_to_fill_in_that_one_language_lacks_is_said(tmp_path: Path) -> None:
    for language, sentence in (("xx", "after {seconds} s"), ("yy", "later")):
        (tmp_path / f"{language}.toml").write_text(
            f'[words]\nwait = "{sentence}"\n', encoding="utf-8"
        )
    with pytest.raises(SettingsError, match=r"yy\.toml: 'wait'"):
        words.check_words(tmp_path)
