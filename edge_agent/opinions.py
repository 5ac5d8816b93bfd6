"""What stays in the branch of what customers think, in the journal's notes: a suggestion or complaint as a whole, its
answer, and what was written to a rating."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from edge_agent import messages
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.journal import Journal
from edge_agent.journal.comments import Comment
from edge_agent.opinion_settings import Phrase
from edge_agent.settings import Settings


class Kept(msgspec.Struct, frozen=True):
    """`writing` is what a finger wrote; see `messages.Opinion`."""

    label: str
    at: datetime
    topic: str
    phrases: list[str]
    language: str
    writing: list[list[int]]


class Answered(msgspec.Struct, frozen=True):
    """What the customer reads."""

    text: str
    at: datetime


class Rated(msgspec.Struct, frozen=True):
    """What the entry of a rating says."""

    label: str
    business_day: date
    at: datetime
    service: str
    score: int
    reasons: list[str] = []


def keep(journal: Journal, opinion: str, kept: Kept) -> None:
    """Inside a transaction."""
    journal.keep_note(f"opinion:{opinion}", msgspec.json.encode(kept).decode())


def keep_answer(journal: Journal, opinion: str, answered: Answered) -> None:
    """Inside a transaction."""
    journal.keep_note(f"answer:{opinion}", msgspec.json.encode(answered).decode())


def kept(journal: Journal, opinion: str) -> Kept | None:
    """None for an id that nobody has, or whose answer's day is in the archive."""
    note = journal.note(f"opinion:{opinion}")
    return None if note is None else msgspec.json.decode(note, type=Kept)


def answer_of(journal: Journal, opinion: str) -> Answered | None:
    note = journal.note(f"answer:{opinion}")
    return None if note is None else msgspec.json.decode(note, type=Answered)


class OpinionViews:
    """What customers think, as callers see it. Needs the configuration for names."""

    def __init__(self, settings: Settings) -> None:
        self._names = {topic.code: topic.names for topic in settings.topics}
        self._phrases = {topic.code: topic.phrases for topic in settings.topics}
        self._reasons = {one.code: one.names for one in settings.rating_reasons}
        self.topics = [_topic(t.code, t.names, t.phrases) for t in settings.topics]
        self.reasons = [
            messages.Reason(code=one.code, names=one.names, scores=one.scores)
            for one in settings.rating_reasons
        ]

    def now(
        self, opinion: str, kept: Kept, answered: Answered | None, *, for_staff: bool = False
    ) -> messages.OpinionNow:
        phrases = {one.code: one.names for one in self._phrases.get(kept.topic, [])}
        return messages.OpinionNow(
            id=opinion,
            label=kept.label,
            at=kept.at,
            topic=_named(self._names, kept.topic),
            phrases=[_named(phrases, code) for code in kept.phrases],
            language=kept.language,
            answer=answered.text if answered else None,
            answered_at=answered.at if answered else None,
            writing=kept.writing if for_staff else [],
        )

    def written(self, comment: Comment) -> messages.WrittenRating:
        rated = msgspec.json.decode(comment.rating.body, type=Rated)
        return messages.WrittenRating(
            seq=comment.rating.seq,
            label=rated.label,
            business_day=rated.business_day,
            at=rated.at,
            service=rated.service,
            score=rated.score,
            reasons=[
                messages.Choice(code=one, names=_named(self._reasons, one)) for one in rated.reasons
            ],
            comment=comment.words,
        )


def ratings(queue: BranchQueue, visits: int) -> messages.Ratings:
    """How many of today's finished visits were rated."""
    scores = queue.day.scores
    mean = round(scores.total / scores.rated, 2) if scores.rated else None
    rated = min(scores.rated, visits)  # a finish that is being undone was perhaps rated
    return messages.Ratings(visits=visits, rated=rated, mean=mean)


def _topic(code: str, names: messages.Names, phrases: Sequence[Phrase]) -> messages.Topic:
    touched = [messages.Choice(code=one.code, names=one.names) for one in phrases]
    return messages.Topic(code=code, names=names, phrases=touched)


def _named(known: dict[str, messages.Names], code: str) -> messages.Names:
    """What the configuration no longer has is called by its code."""
    return known.get(code, {"en": code})
