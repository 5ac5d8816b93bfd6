"""A one-touch service: identify, choose, confirm; then a ticket with which the teller knows it all."""

from dataclasses import replace

from edge_agent.messages import Errand, ErrandBegun
from kiosk.journey import identity, taking
from kiosk.journey.events import (
    CardRead,
    CardUnreadable,
    ChoiceTouched,
    ErrandTouched,
    Event,
    WentOn,
)
from kiosk.journey.step import Screen, Step
from kiosk.journey.wishes import Wish

Next = tuple[Step, tuple[Wish, ...]]


def errand_of(step: Step) -> Errand | None:
    """The one that has been begun."""
    errands = step.offer.errands if step.offer else []
    return next((one for one in errands if one.code == step.errand), None)


def screens_of(step: Step, errand: Errand) -> list[Screen]:
    """At most three; one is left out when no reader works, or nothing is to be chosen."""
    screens = [Screen.ERRAND_CONFIRM]
    if errand.choices:
        screens.insert(0, Screen.ERRAND_CHOOSE)
    if errand.identify and step.here.ways - {"scanner"}:
        screens.insert(0, Screen.ERRAND_IDENTIFY)
    return screens


def begun(step: Step, event: Event) -> Next | None:
    """None where the event begins no errand."""
    if not isinstance(event, ErrandTouched):
        return None
    named = replace(step, errand=event.code, choice="", notice="")
    errand = errand_of(named)
    if errand is None or not step.offered(errand.service):
        return step, ()
    return replace(named, screen=screens_of(named, errand)[0]), ()


def touched(step: Step, event: Event) -> Next:
    """On one of its screens."""
    errand = errand_of(step)
    if errand is None:  # no longer in the branch's configuration
        gone = isinstance(event, WentOn)
        return (replace(step, notice="notice.refused") if gone else step), ()
    match event, step.screen:
        case CardRead(card), Screen.ERRAND_IDENTIFY:
            read = replace(step, card=card, notice="notice.card_read_errand")
            if identity.asked(read, errand.service):
                return identity.ask(read, errand.service), ()
            return identified(read, errand), ()
        case CardUnreadable(together), Screen.ERRAND_IDENTIFY:
            return taking.unreadable(step, together=together), ()
        case WentOn(), Screen.ERRAND_IDENTIFY:
            return _next(replace(step, notice=""), errand), ()
        case ChoiceTouched(code), Screen.ERRAND_CHOOSE if _known(errand, code):
            return _next(replace(step, choice=code, notice=""), errand), ()
        case WentOn(), Screen.ERRAND_CONFIRM if step.offered(errand.service):
            said = ErrandBegun(
                code=errand.code,
                choice=step.choice or None,
                identified=step.card is not None,
            )
            return taking.ask(step, errand.service, said)
        case WentOn(), Screen.ERRAND_CONFIRM:
            return replace(step, notice="notice.refused"), ()
    return step, ()


def identified(step: Step, errand: Errand) -> Step:
    """On from the first screen."""
    return _next(replace(step, screen=Screen.ERRAND_IDENTIFY), errand)


def before(step: Step) -> Screen | None:
    """The screen before this one; None at the first, and outside errands."""
    errand = errand_of(step)
    screens = screens_of(step, errand) if errand else []
    if step.screen not in screens or step.screen is screens[0]:
        return None
    return screens[screens.index(step.screen) - 1]


def _known(errand: Errand, code: str) -> bool:
    return any(choice.code == code for choice in errand.choices)


def _next(step: Step, errand: Errand) -> Step:
    screens = screens_of(step, errand)
    after = Screen.ERRAND_CONFIRM
    if step.screen in screens[:-1]:
        after = screens[screens.index(step.screen) + 1]
    elif errand.choices:
        after = Screen.ERRAND_CHOOSE  # its reader has just failed
    return replace(step, screen=after)
