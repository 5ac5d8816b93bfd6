"""What staff and head office read about a machine: every kind and every cause has its words, in both languages."""

import re

import pytest

from devices.catalogue import KINDS
from tests.conftest import ROOT

PAGE = (ROOT / "program" / "pages" / "machines.js").read_text(encoding="utf-8")
# a cause stands in a Condition, a PortLost, a table of FAULTS or one of causes
CAUSE = re.compile(
    r'(?:Condition\(State\.(?:FAULT|DEGRADED), |PortLost\(|raise PortLost\()"([a-zA-Z]+)"'
)
LANGUAGES = ("zh-Hans", "en")


def words_of(table: str, language: str) -> set[str]:
    """The keys of a table of the page, in one language."""
    body = PAGE.partition(f"const {table} = {{")[2].partition("\n};")[0]
    key = f'"{language}": {{' if "-" in language else f"{language}: {{"
    return set(
        re.findall(r"^    (\w+):", body.partition(f"  {key}")[2].partition("\n  },")[0], re.M)
    )


def causes() -> set[str]:
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "devices").rglob("*.py"))
    return {cause for source in sources for cause in CAUSE.findall(source)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_a_name(language: str) -> None:
    assert set(KINDS) - words_of("KINDS", language) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_of_the_drivers_has_a_sentence(language: str) -> None:
    assert len(causes()) > 8
    assert causes() - words_of("CAUSES", language) == set()


def test_both_languages_know_the_same_words() -> None:
    for table in ("KINDS", "CAUSES"):
        assert words_of(table, "zh-Hans") == words_of(table, "en")
