"""Every sentence a customer reads, by language: one file each, which a translator can edit."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter

from program.settings_file import SettingsError

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


@cache
def load(language: str, folder: Path = HERE) -> Words:
    """The words of `language`, from its file."""
    text = (folder / f"{language}.toml").read_text(encoding="utf-8")
    return Words(language, tomllib.loads(text)["words"])


def check_words(folder: Path = HERE) -> None:
    """What one language lacks would be missed in front of a customer. Raises SettingsError."""
    every = {language: _places(language, folder) for language in languages(folder)}
    first, usual = next(iter(every.items()))
    for language, places in every.items():
        both = usual.keys() | places.keys()
        for key in sorted(key for key in both if usual.get(key) != places.get(key)):
            raise SettingsError(
                f"{folder / language}.toml: '{key}' is missing there, or it fills in something else than in "
                f"{first}.toml; expected the same keys in both, and the same words in {{…}}"
            )


def _places(language: str, folder: Path) -> dict[str, set[str | None]]:
    """What each sentence fills in. Raises SettingsError."""
    try:
        sentences = load(language, folder).sentences
        return {
            key: {part[1] for part in Formatter().parse(text)} - {None}
            for key, text in sentences.items()
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f'{folder / language}.toml: cannot be read ({error}); expected [words] and lines of key = "sentence"'
        ) from error


def languages(folder: Path = HERE) -> tuple[str, ...]:
    """One for each file here: the first is Chinese as it is written on the mainland."""
    found = {path.stem for path in folder.glob("*.toml")}
    return tuple(sorted(found, key=lambda name: (not name.startswith("zh"), name)))


def name_in(names: Mapping[str, str], language: str) -> str:
    """What the branch calls something in this language, or in any it has."""
    return names.get(language) or next(iter(names.values()), "")
