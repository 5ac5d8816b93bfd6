"""The customer's number, large, whatever became of the paper."""

from math import ceil

from edge_agent.messages import IssuedTicket
from kiosk.journey.errands import errand_of
from kiosk.journey.identity import CONFIRMED
from kiosk.journey.patience import seconds_left
from kiosk.journey.step import Paper, Screen, Step
from kiosk.minutes import minutes
from kiosk.screens.page import Block, Facts, Items, Notice, Number, Page, Qr, Steps, Text, View
from kiosk.screens.pieces import done, named, steps
from kiosk.words import Words

HEAD = {
    Paper.PRINTING: "ticket.printing",
    Paper.TAKEN_FROM_PRINTER: "ticket.take",
    Paper.NONE: "ticket.no_paper",
}
NEAR_MIN = 15  # who comes so long before the booked time is on time


def page(view: View) -> Page:
    say, step, ticket = view.words, view.step, view.step.ticket
    left = ceil(max(0, seconds_left(step, view.rules) or 0))
    return Page(
        Screen.TICKET,
        "",
        blocks=_blocks(view, ticket) if ticket else (),
        foot=(done(view, "done", say("ticket.back_in", seconds=left)),),
        notice=_paper(step, say),
        steps=None if step.errand else _steps(view),
    )


def _blocks(view: View, ticket: IssuedTicket) -> tuple[Block, ...]:
    say, step = view.words, view.step
    scan = step.paper is Paper.NONE and view.link
    return (
        Number(say("ticket.yours"), ticket.label, " ".join(ticket.label)),
        Text(_service(view, ticket), large=True),
        *_appointment(view),
        *_place(view, ticket),
        *_identity(view),
        *_papers(view),
        Qr(view.link, say("ticket.no_paper.hint")) if scan else Text(say("ticket.seat")),
    )


def _steps(view: View) -> Steps:
    asked = 3 if view.step.identity else 2
    return steps(view, asked, asked)


def _identity(view: View) -> tuple[Block, ...]:
    """The same for whoever chose another way and whoever could not be confirmed."""
    said = view.step.identity
    if not said:
        return ()
    confirmed = said in CONFIRMED
    return (Text(view.words("ticket.confirmed" if confirmed else "ticket.show_card")),)


def _paper(step: Step, say: Words) -> Notice:
    if step.paper is Paper.NONE and step.paper_at:
        return Notice(say("ticket.paper_at", kiosk=step.paper_at), warning=True)
    untold = step.paper is Paper.NONE and not step.here.reachable
    return Notice(
        say("ticket.no_paper.untold" if untold else HEAD[step.paper]),
        warning=step.paper is Paper.NONE,
        waiting=step.paper is Paper.PRINTING,
        good=step.paper is Paper.TAKEN_FROM_PRINTER,
    )


def _service(view: View, ticket: IssuedTicket) -> str:
    services = view.step.offer.services if view.step.offer else []
    names = next((one.names for one in services if one.code == ticket.service), {})
    return named(view, names) or ticket.service


def _place(view: View, ticket: IssuedTicket) -> tuple[Block, ...]:
    say = view.words
    if view.step.in_advance:
        return (Text(say("ticket.in_advance")),)
    ahead = (say("ticket.ahead"), say("ticket.ahead.count", count=ticket.ahead))
    return (Facts((ahead, (say("ticket.wait"), _wait(ticket, say)))),)


def _wait(ticket: IssuedTicket, say: Words) -> str:
    wait = ticket.estimated_wait
    if wait is None:
        return say("ticket.wait.unknown")
    if wait.high_s == 0:
        return say("ticket.wait.none")
    low, high = minutes(wait)
    return say("ticket.wait.one" if low == high else "ticket.wait.range", low=low, high=high)


def _appointment(view: View) -> tuple[Block, ...]:
    """Early, on time and late said kindly."""
    say, early = view.words, view.step.early_min
    if early is None:
        return ()
    if early > NEAR_MIN:
        return (Text(say("ticket.early", minutes=early)),)
    if early < 0:
        return (Text(say("ticket.late")),)
    return (Text(say("ticket.on_time")),)


def _papers(view: View) -> tuple[Block, ...]:
    errand = errand_of(view.step)
    if errand is None or not errand.papers:
        return ()
    papers = tuple(named(view, paper) for paper in errand.papers)
    return (Items(view.words("errand.papers"), papers),)
