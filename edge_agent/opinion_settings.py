"""The sections of branch.toml about what customers think: reasons of a rating, topics of an opinion."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from edge_agent.errand_settings import Texts
from edge_agent.messages import Code, Score
from program.settings_file import Section, SettingsError

Prefix = Annotated[
    str, Meta(pattern=r"^[A-Z]{1,2}\Z", description="one or two capital letters, such as A")
]


class RatingReason(Section, frozen=True):
    """Why a visit was rated so; offered with these scores, 1 to 5."""

    code: Code
    names: Texts
    scores: Annotated[list[Score], Meta(min_length=1)]


class Phrase(Section, frozen=True):
    """A sentence to touch."""

    code: Code
    names: Texts


class Topic(Section, frozen=True):
    """What a suggestion or complaint may be about."""

    code: Code
    names: Texts
    phrases: Annotated[list[Phrase], Meta(min_length=1)]


def check_opinion_prefix(topics: Sequence[Topic], prefix: str, taken: Sequence[str]) -> None:
    """One label must not name a ticket and an opinion. Raises SettingsError."""
    if topics and prefix in taken:
        raise SettingsError(
            f"section [services]: key 'prefix': '{prefix}' begins the numbers of suggestions and complaints "
            "as well; expected another one, or another 'opinion_prefix' at the top of the file"
        )
