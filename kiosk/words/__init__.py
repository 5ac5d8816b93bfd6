"""Every sentence a customer reads, by language: one file each, which a translator can edit."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent


class Words:
    """The sentences of one language. A missing key is an error of ours and raises KeyError."""

    def __init__(self, language: str, sentences: Mapping[str, str]) -> None:
        self.language = language
        self.sentences = sentences

    def __call__(self, key: str, **values: object) -> str:
        return self.sentences[key].format(**values)

    def keys(self) -> frozenset[str]:
        return frozenset(self.sentences)


def load(language: str) -> Words:
    """The words of `language`, from its file."""
    text = (HERE / f"{language}.toml").read_text(encoding="utf-8")
    return Words(language, tomllib.loads(text)["words"])


def languages() -> tuple[str, ...]:
    """One for each file here: the first is Chinese as it is written on the mainland."""
    found = {path.stem for path in HERE.glob("*.toml")}
    return tuple(sorted(found, key=lambda name: (not name.startswith("zh"), name)))


def name_in(names: Mapping[str, str], language: str) -> str:
    """What the branch calls something in this language, or in any it has."""
    return names.get(language) or next(iter(names.values()), "")
