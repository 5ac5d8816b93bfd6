"""Suggestions and complaints of a day: given, and answered, on whatever day that is. Pure."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from head_office.history.seen import Entry


class OpinionSeen(msgspec.Struct, frozen=True):
    """`opinion` is its id, the same where it is answered; `topic` is the branch's own code, only where it is given."""

    opinion: str
    topic: str | None
    given: datetime | None = None
    answered: datetime | None = None


def opinions(entries: Iterable[Entry]) -> list[OpinionSeen]:
    """One for each that was given or answered."""
    found = []
    for entry in entries:
        if entry.opinion is None:
            continue
        if entry.type == "OpinionGiven":
            found.append(OpinionSeen(entry.opinion, entry.topic, given=entry.at))
        elif entry.type == "OpinionAnswered":
            found.append(OpinionSeen(entry.opinion, None, answered=entry.at))
    return found
