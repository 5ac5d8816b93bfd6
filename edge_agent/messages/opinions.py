"""What customers think of the branch, and what it answers."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from edge_agent.messages.at_kiosk import Choice
from edge_agent.messages.shapes import Asked, Code, Language, Moment, Names, Shape


class Opinion(Asked, frozen=True):
    """A suggestion or complaint made of sentences to touch. `writing`: strokes of a finger, each x, y, x, y … in
    thousandths of the sheet's width; it stays in the branch."""

    topic: Code
    phrases: Annotated[list[Code], Meta(min_length=1, max_length=5)]
    language: Language = "zh-Hans"
    writing: Annotated[list[Annotated[list[int], Meta(max_length=2000)]], Meta(max_length=200)] = []


class OpinionTaken(Shape, frozen=True):
    """`label` is the number to quote; its page is `/t/{id}`."""

    id: str
    label: str
    at: Moment


class OpinionNow(Shape, frozen=True):
    """As staff and the customer's phone see it; open until it is answered. `writing` only for staff."""

    id: str
    label: str
    at: Moment
    topic: Names
    phrases: list[Names]
    language: str
    answer: str | None = None
    answered_at: Moment | None = None
    writing: list[list[int]] = []


class AnswerOpinion(Asked, frozen=True):
    """What the branch did or will do about it; the customer reads it."""

    text: Annotated[str, Meta(min_length=1, max_length=300)]


class WrittenRating(Shape, frozen=True):
    """A rating with what the customer wrote to it: for the branch's staff. `seq` is the number of its entry in the
    journal."""

    seq: int
    label: str
    business_day: date
    at: Moment
    service: str
    score: int
    reasons: list[Choice]
    comment: str
