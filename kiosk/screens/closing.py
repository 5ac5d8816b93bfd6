"""Screens on which nothing is asked any more: thanks, and away."""

from math import ceil

from kiosk.journey.patience import seconds_left
from kiosk.journey.step import Screen
from kiosk.screens.page import Block, Number, Page, Qr, Text, View
from kiosk.screens.pieces import done


def thanks(view: View) -> Page:
    say, step = view.words, view.step
    left = ceil(max(0, seconds_left(step, view.rules) or 0))
    number: tuple[Block, ...] = ()
    if step.opinion:
        number = (
            Number(say("thanks.number"), step.opinion, " ".join(step.opinion)),
            *((Qr(view.link, say("thanks.follow")),) if view.link else ()),
        )
    return Page(
        Screen.THANKS,
        say("thanks.title"),
        blocks=(Text(say(step.thanks or "thanks.rated"), large=True), *number),
        foot=(done(view, "done", say("ticket.back_in", seconds=left)),),
    )


def away(view: View) -> Page:
    """The branch cannot be reached: said politely, with the nearest sensible thing to do."""
    say = view.words
    return Page(
        Screen.AWAY,
        say("away.title"),
        blocks=(Text(say("away.text"), large=True), Text(say("away.text2"))),
    )
