"""Recordings that are played instead of the synthetic voice: FOLDER/LANGUAGE/NAME.wav, 16 bits.

NAME is a key of the words whose sentence has no places ("ticket.take"), a digit, a letter, or the very text that is said
("现金业务"), for names that only the bank knows. A customer's number is put together from letters and digits.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import ascii_uppercase, digits

from kiosk.speech.aloud import is_spelled
from kiosk.words import Words

LONGEST_NAME = 60
NOT_SAID = ("slip.", "language.", "header.")


class Clips:
    """`folder` None: there are no recordings."""

    def __init__(self, folder: Path | None, words: Mapping[str, Words]) -> None:
        self._folder = folder
        self._keys = {language: _keys_of(words[language]) for language in words} if folder else {}

    def find(self, text: str, language: str) -> tuple[Path, ...]:
        """To be played one after the other; empty where not all of it is recorded."""
        if self._folder is None:
            return ()
        whole = next((p for p in self._named(text, language) if p.is_file()), None)
        if whole is not None:
            return (whole,)
        letters = text.split(" ") if is_spelled(text) else []
        found = [self._folder / language / f"{letter}.wav" for letter in letters]
        return tuple(found) if all(path.is_file() for path in found) else ()

    def missing(self) -> Iterator[tuple[Path, str]]:
        """What may still be recorded, and what is said in it."""
        for language, keys in self._keys.items():
            wanted = [(names[0], text) for text, names in keys.items()]
            wanted += [(one, one) for one in digits + ascii_uppercase]
            for name, text in wanted:
                if not self.find(text, language) and self._folder is not None:
                    yield self._folder / language / f"{name}.wav", text

    def _named(self, text: str, language: str) -> Iterator[Path]:
        if self._folder is None:
            return
        for key in self._keys.get(language, {}).get(text, []):
            yield self._folder / language / f"{key}.wav"
        if "/" not in text and "\0" not in text and len(text) <= LONGEST_NAME:
            yield self._folder / language / f"{text}.wav"


def _keys_of(words: Words) -> dict[str, list[str]]:
    """Sentence -> its keys; one with places is another each time."""
    found: dict[str, list[str]] = {}
    for key in sorted(words.keys()):
        if key.startswith(NOT_SAID):
            continue
        try:
            found.setdefault(words(key), []).append(key)
        except KeyError:
            continue
    return found
