"""The first screen: what this machine can do for you now."""

from datetime import datetime
from functools import reduce

from kiosk.journey.errands import screens_of
from kiosk.journey.events import Begun, CheckInTouched, ErrandTouched, OpinionTouched, RateTouched
from kiosk.journey.step import Screen
from kiosk.look import icons
from kiosk.screens.page import Block, Choice, Notice, Page, Picture, Role, Text, View
from kiosk.screens.pieces import named, notice

# what a customer may show, by the kinds of machines that read it
SHOWN = (
    ("welcome.way.card", {"magnetic_stripe", "card_reader", "contactless"}),
    ("welcome.way.id", {"id_card"}),
    ("welcome.way.code", {"scanner"}),
)


def page(view: View) -> Page:
    say, step = view.words, view.step
    return Page(
        Screen.WELCOME,
        say("welcome.title") if step.issuing else _closed_title(view),
        blocks=_blocks(view),
        choices=(*_tickets(view), *_others(view)),
        notice=_notice(view),
    )


def _notice(view: View) -> Notice | None:
    """What was just shown here may have its own answer; else why nothing can be had."""
    if view.step.issuing:
        return None
    return notice(view, "services.asking") or Notice(_closed(view), warning=True)


def _blocks(view: View) -> tuple[Block, ...]:
    ways = _ways(view)
    if not view.step.issuing or not ways:
        return ()
    return (Text(ways), Picture(_pictures(view.step.here.ways)))


def _tickets(view: View) -> tuple[Choice, ...]:
    if not view.step.issuing:
        return ()
    return (
        Choice("begin", view.words("welcome.begin"), Begun(), Role.MAIN, icons.TICKET),
        *_check_in(view),
        *_errands(view),
    )


def _check_in(view: View) -> tuple[Choice, ...]:
    step = view.step
    book = step.offer is not None and step.offer.appointments and step.here.reachable
    if not book and "scanner" not in step.here.ways:
        return ()
    text = view.words("welcome.check_in")
    return (Choice("check-in", text, CheckInTouched(), icon=icons.APPOINTMENT),)


def _errands(view: View) -> tuple[Choice, ...]:
    step = view.step
    errands = step.offer.errands if step.offer else []
    return tuple(
        Choice(
            f"errand-{one.code}",
            named(view, one.names),
            ErrandTouched(one.code),
            icon=icons.ERRAND,
            detail=(view.words("welcome.errand", steps=len(screens_of(step, one))),),
        )
        for one in errands
        if step.offered(one.service)
    )


def _others(view: View) -> tuple[Choice, ...]:
    step, say = view.step, view.words
    if not step.here.reachable or step.offer is None:
        return ()
    rate = Choice("rate", say("welcome.rate"), RateTouched(), icon=icons.STAR)
    opinion = Choice("opinion", say("welcome.opinion"), OpinionTouched(), icon=icons.OPINION)
    return (rate, opinion) if step.offer.topics else (rate,)


def _closed_title(view: View) -> str:
    return view.words("welcome.closed_title" if view.step.offer else "welcome.title")


def _closed(view: View) -> str:
    """Said with the nearest sensible thing to do."""
    step, say = view.step, view.words
    if step.offer is None:
        return say("welcome.starting")
    if step.here.opening is not None:
        return say("welcome.closed_until", time=_day(view, step.here.opening))
    full = any(service.note == "full" for service in step.offer.services)
    return say("welcome.full" if full else "welcome.closed")


def _day(view: View, moment: datetime) -> str:
    """Today and tomorrow by name."""
    days = (moment.date() - view.now.date()).days
    key = {0: "when.today", 1: "when.tomorrow"}.get(days, "when.later")
    return view.words(key, time=f"{moment:%H:%M}", day=moment.day, month=moment.month)


def _ways(view: View) -> str:
    """What may be shown first; nothing where no reader works."""
    say = view.words
    ways = [say(word) for word, kinds in SHOWN if kinds & view.step.here.ways]
    if not ways:
        return ""
    *firsts, last = ways
    if firsts:
        first = reduce(lambda one, more: say("welcome.ways.more", first=one, more=more), firsts)
        last = say("welcome.ways.last", first=first, more=last)
    return say("welcome.ways", ways=last)


def _pictures(ways: frozenset[str]) -> tuple[str, ...]:
    shown = ((icons.CARD, SHOWN[0][1]), (icons.ID, SHOWN[1][1]), (icons.CODE, SHOWN[2][1]))
    return tuple(icon for icon, kinds in shown if kinds & ways)
