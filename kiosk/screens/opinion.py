"""The two screens of a suggestion or complaint: what it is about, and sentences to touch."""

from kiosk.journey.events import Picked, TopicTouched, Wrote
from kiosk.journey.opinions import topic_of
from kiosk.journey.step import Screen
from kiosk.look import icons
from kiosk.screens.page import Choice, Page, Role, Sheet, Text, View
from kiosk.screens.pieces import back, free, go_on, named, notice, steps


def topic(view: View) -> Page:
    say, step = view.words, view.step
    topics = step.offer.topics if step.offer else []
    return Page(
        Screen.OPINION_TOPIC,
        say("opinion.title"),
        blocks=(Text(say("opinion.hint"), quiet=True),),
        choices=tuple(
            Choice(
                f"topic-{one.code}", named(view, one.names), TopicTouched(one.code), icon=icons.NEXT
            )
            for one in topics
        ),
        foot=(back(view),),
        notice=notice(view, "opinion.sending"),
        steps=steps(view, 1, 2),
    )


def sentences(view: View) -> Page:
    say, step, about = view.words, view.step, topic_of(view.step)
    return Page(
        Screen.OPINION_SAY,
        named(view, about.names) if about else say("opinion.title"),
        blocks=(
            Text(say("opinion.sentences"), quiet=True),
            Sheet(step.writing, say("opinion.write")),
        ),
        choices=tuple(
            Choice(
                f"sentence-{one.code}",
                named(view, one.names),
                free(view, Picked(one.code)),
                Role.CHIP,
                chosen=one.code in step.picked,
            )
            for one in (about.phrases if about else [])
        ),
        foot=(back(view), _wipe(view), go_on(view, "opinion.send", icon=icons.DONE)),
        notice=notice(view, "opinion.sending"),
        steps=steps(view, 2, 2),
    )


def _wipe(view: View) -> Choice:
    does = free(view, Wrote(())) if view.step.writing else None
    return Choice("wipe", view.words("opinion.wipe"), does, Role.PLAIN, icons.ERASER)
