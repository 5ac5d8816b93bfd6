"""The three screens of a rating: which visit, how was it, and why."""

from kiosk.journey.events import Picked, ScoreTouched
from kiosk.journey.step import Screen
from kiosk.journey.visits import reasons_of
from kiosk.look import icons
from kiosk.screens.page import Block, Choice, Entry, Facts, Page, Picture, Role, Text, View
from kiosk.screens.pieces import back, erase, free, go_on, keypad, letters, named, notice, steps

SCORES = (5, 4, 3, 2, 1)


def find(view: View) -> Page:
    say, step = view.words, view.step
    scan: tuple[Block, ...] = ()
    if "scanner" in step.here.ways:
        scan = (Text(say("rate.scan"), quiet=True), Picture((icons.TICKET, icons.CODE)))
    return Page(
        Screen.RATE_FIND,
        say("rate.title"),
        blocks=(*scan, Entry(step.entry.text, say("rate.number"), wrong=step.entry.wrong)),
        choices=_keys(view),
        foot=(back(view),),
        notice=notice(view, "rate.asking"),
        steps=steps(view, 1, 3),
    )


def score(view: View) -> Page:
    say, step = view.words, view.step
    label = step.visit.label if step.visit else ""
    return Page(
        Screen.RATE_SCORE,
        say("rate.question"),
        blocks=(Facts(((say("rate.visit"), label),)),),
        choices=tuple(_score(view, number) for number in SCORES),
        foot=(back(view),),
        notice=notice(view, "rate.sending"),
        steps=steps(view, 2, 3),
    )


def why(view: View) -> Page:
    say, step = view.words, view.step
    return Page(
        Screen.RATE_WHY,
        say("rate.why"),
        blocks=(Text(say("rate.why_hint"), quiet=True),),
        choices=tuple(
            Choice(
                f"reason-{one.code}",
                named(view, one.names),
                free(view, Picked(one.code)),
                Role.CHIP,
                chosen=one.code in step.picked,
            )
            for one in reasons_of(step)
        ),
        foot=(back(view), go_on(view, "rate.send", icon=icons.DONE)),
        notice=notice(view, "rate.sending"),
        steps=steps(view, 3, 3),
    )


def _score(view: View, number: int) -> Choice:
    icon = icons.SCORES[number - 1]
    text = view.words(f"rate.score.{number}")
    return Choice(f"score-{number}", text, free(view, ScoreTouched(number)), Role.SCORE, icon)


def _keys(view: View) -> tuple[Choice, ...]:
    """A number begins with the letters of its service: one, or two."""
    typed = view.step.entry.text
    prefixes = [one.prefix for one in view.step.offer.services] if view.step.offer else []
    longer = [prefix for prefix in prefixes if prefix.startswith(typed) and prefix != typed]
    further = letters(view, "".join(dict.fromkeys(prefix[len(typed)] for prefix in longer)))
    if not further or typed in prefixes:
        return (*keypad(view), *further)
    return (*further, erase(view)) if typed else further
