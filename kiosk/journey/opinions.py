"""A suggestion or complaint: what it is about, sentences to touch, a few words by finger; then its number."""

from dataclasses import replace

from edge_agent.messages import Topic
from kiosk.journey.events import (
    Event,
    OpinionTaken,
    OpinionTouched,
    Picked,
    TopicTouched,
    WentOn,
    Wrote,
)
from kiosk.journey.step import Screen, Step
from kiosk.journey.wishes import GiveOpinion, Wish

Next = tuple[Step, tuple[Wish, ...]]
MOST_SENTENCES = 5
MOST_STROKES = 200


def topic_of(step: Step) -> Topic | None:
    topics = step.offer.topics if step.offer else []
    return next((one for one in topics if one.code == step.topic), None)


def begun(step: Step, event: Event) -> Next | None:
    """None where the event begins no opinion."""
    offered = step.here.reachable and step.offer is not None and step.offer.topics
    if not isinstance(event, OpinionTouched) or not offered:
        return None
    return replace(step, screen=Screen.OPINION_TOPIC, notice=""), ()


def touched(step: Step, event: Event) -> Next:
    match event, step.screen:
        case TopicTouched(code), Screen.OPINION_TOPIC:
            named = replace(step, topic=code, picked=frozenset(), writing=())
            known = topic_of(named) is not None
            return (replace(named, screen=Screen.OPINION_SAY) if known else step), ()
        case Picked(code), Screen.OPINION_SAY:
            if code not in step.picked and len(step.picked) >= MOST_SENTENCES:
                return step, ()
            return replace(step, picked=step.picked ^ {code}, notice=""), ()
        case Wrote(stroke), Screen.OPINION_SAY:
            return replace(step, writing=_written(step.writing, stroke)), ()
        case WentOn(), Screen.OPINION_SAY if step.picked:
            sentences = tuple(sorted(step.picked))
            wish = GiveOpinion(step.topic, sentences, step.language, step.writing)
            return replace(step, asking=True, notice=""), (wish,)
        case WentOn(), Screen.OPINION_SAY:
            return replace(step, notice="notice.pick_a_sentence"), ()
    return step, ()


def is_answer(event: Event) -> bool:
    return isinstance(event, OpinionTaken)


def answered(step: Step, event: Event) -> Step:
    match event:
        case OpinionTaken(label, number) if step.asking and step.screen is Screen.OPINION_SAY:
            return replace(
                step,
                screen=Screen.THANKS,
                asking=False,
                thanks="thanks.opinion",
                opinion=label,
                opinion_id=number,
                writing=(),
            )
    return step


def _written(
    before: tuple[tuple[int, ...], ...], stroke: tuple[int, ...]
) -> tuple[tuple[int, ...], ...]:
    if not stroke:
        return ()
    return (*before, stroke)[:MOST_STROKES]
