"""What is asked of history, and which branches that is about: those that who asks may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import msgspec

from head_office.access import Person
from head_office.register import Place, Register

By = Literal["branch", "region", "service", "segment", "hour", "day"]
Measure = Literal["wait", "within", "missed", "service", "rating", "coverage"]
MORE_IS_BETTER: Mapping[Measure, bool] = {
    "wait": False,
    "within": True,
    "missed": False,
    "service": False,
    "rating": True,
    "coverage": True,
}
LONGEST_DAYS = 732
FIRST_YEAR = 2000


class Senseless(Exception):
    """The question cannot be answered; the text says what to ask instead."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Days from `first` to `last`, both included. `region` is one with all below it."""

    first: date
    last: date
    by: By = "day"
    region: str = ""
    branch: str = ""
    service: str = ""
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """The branches that a question is about, and what each of them counts under `by` region."""

    places: Mapping[str, Place] = field(default_factory=dict)
    depth: int = 1

    def group(self, branch: str) -> str:
        """Regions are told one step below the one that was asked for."""
        return "/".join(self.places[branch].region.split("/")[: self.depth])


def check(question: Question) -> None:
    """Raises Senseless."""
    days = (question.last - question.first).days + 1
    if days < 1:
        raise Senseless("'to' is before 'from'; name a first and a last day.")
    if question.first.year < FIRST_YEAR:
        raise Senseless(f"Nothing is kept of before {FIRST_YEAR}; ask for later days.")
    if days > LONGEST_DAYS:
        raise Senseless(f"That is {days} days; ask for at most {LONGEST_DAYS} at once.")


def scope(question: Question, person: Person, register: Register, branches: Iterable[str]) -> Scope:
    """`branches`: those of which history knows. One that is not theirs to see is as one that is not there."""
    found = {}
    for branch in branches:
        place = register.of(branch)
        if not person.sees(place.region) or question.branch not in ("", branch):
            continue
        if question.region and not f"{place.region}/".startswith(f"{question.region}/"):
            continue
        found[branch] = place
    whole = person.regions is None or question.region != ""
    depth = question.region.count("/") + 2 if question.region else 1
    return Scope(found, depth if whole else 99)
