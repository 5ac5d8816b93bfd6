"""The section [[errands]] of branch.toml: what a customer can ask for with one touch."""

from collections.abc import Collection, Mapping
from typing import Annotated

from msgspec import Meta

from edge_agent.messages import Code, Names
from program.settings_file import Section, SettingsError

Texts = Annotated[  # what customers read, in one language at least
    Mapping[str, Annotated[str, Meta(pattern=r"\S", description="a text")]], Meta(min_length=1)
]
MOST_CHOICES = 6  # what a kiosk shows at once
MOST_PAPERS = 8


class Choice(Section, frozen=True):
    code: Code
    names: Names


class Errand(Section, frozen=True):
    """A ticket of `service` that says what it is about. `identify`: the kiosk asks for a card or an ID first;
    `question` stands above the `choices`; `papers`: what to bring to the counter."""

    code: Code
    names: Names
    service: Code
    identify: bool = True
    question: Names = {}
    choices: Annotated[list[Choice], Meta(max_length=MOST_CHOICES)] = []
    papers: Annotated[list[Names], Meta(max_length=MOST_PAPERS)] = []

    def check(self, services: Collection[str]) -> None:
        """Raises SettingsError."""
        if self.service not in services:
            raise self._wrong(
                "service", f"'{self.service}' is no service", f"one of {', '.join(services)}"
            )
        codes = [choice.code for choice in self.choices]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise self._wrong("choices", f"{', '.join(twice)} stands there twice", "each once")
        self._check_names("names", self.names)
        for choice in self.choices:
            self._check_names("choices", choice.names)
        for paper in self.papers:
            self._check_names("papers", paper)
        if self.choices:
            self._check_names("question", self.question)

    def _check_names(self, key: str, names: Names) -> None:
        if not names or not all(name.strip() for name in names.values()):
            raise self._wrong(
                key,
                "a text is missing",
                'one in at least one language, such as { "zh-Hans" = "挂失", en = "Report a loss" }',
            )

    def _wrong(self, key: str, what: str, expected: str) -> SettingsError:
        return SettingsError(
            f"section [errands]: key '{key}': of '{self.code}': {what}; expected {expected}"
        )
