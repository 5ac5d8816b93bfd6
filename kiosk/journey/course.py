"""What an event leads to. An event that does not fit the step changes nothing."""

from collections.abc import Mapping
from dataclasses import replace

from kiosk.journey import errands, identity, opinions, shown, staff, taking, visits
from kiosk.journey.events import (
    BACKSPACE,
    AccessTouched,
    AppointmentShown,
    Begun,
    BranchLost,
    CardRead,
    CardUnreadable,
    CheckInTouched,
    CodeUnknown,
    ComfortTouched,
    Entered,
    Event,
    Finished,
    HelpTold,
    HelpTouched,
    HereKnown,
    LanguageChosen,
    Left,
    MoreTime,
    NotTaken,
    PadUsed,
    PriorityTouched,
    ServicesKnown,
    ServiceTouched,
    Tick,
    TicketScanned,
    TicketUnreachable,
    TurnedOver,
    Typed,
    WentBack,
)
from kiosk.journey.patience import seconds_left, warned
from kiosk.journey.step import Entry, Help, Rules, Screen, Step
from kiosk.journey.wishes import CallNoPerson, CallPerson, FindAppointment, Wish

Next = tuple[Step, tuple[Wish, ...]]

LONGEST_ENTRY = 12
BACK = {  # the screen before; the start where none is named
    Screen.RATE_SCORE: Screen.RATE_FIND,
    Screen.RATE_WHY: Screen.RATE_SCORE,
    Screen.OPINION_SAY: Screen.OPINION_TOPIC,
    Screen.STAFF_DEVICES: Screen.STAFF,
}
TYPING = (Screen.CHECK_IN, Screen.RATE_FIND, Screen.STAFF_PIN)


def happen(step: Step, event: Event, rules: Rules) -> Next:
    """The step after the event, and what is wished of others."""
    after, wishes = _happened(step, event, rules)
    if step.asking and not after.asking:
        after = replace(after, touched_at=after.at)  # the answer can be read in peace
    if after.screen is not step.screen:
        after = replace(after, check=None, failed=identity.failed(step))
    if after.screen is not step.screen and not isinstance(event, WentBack | Finished):
        after = replace(after, turned=_without(after.turned, after.screen))
    if after.card is None or after.card != step.card:
        after = replace(after, failed=None)
    if after.card != step.card and after.screen is not Screen.TICKET:
        after = replace(
            after, identity="", identity_reason=""
        )  # what was shown of one card says nothing of another
    return _start_that_fits(after), wishes


def _without(turned: Mapping[Screen, int], screen: Screen) -> Mapping[Screen, int]:
    """Whoever comes to a screen anew begins with its first choice; whoever comes back finds it as they left it."""
    return {other: first for other, first in turned.items() if other is not screen}


def _start_that_fits(step: Step) -> Step:
    """Without the branch and without numbers in advance nothing begins at the welcome screen."""
    if step.here.reachable or step.screen not in (Screen.WELCOME, Screen.AWAY):
        return step
    return replace(step, screen=Screen.WELCOME if step.issuing else Screen.AWAY)


def _happened(step: Step, event: Event, rules: Rules) -> Next:
    match event:
        case Tick(now):
            return _tick(replace(step, at=now), rules), ()
        case ServicesKnown():
            return _services_known(step, event, rules), ()
        case HereKnown(here):
            known = replace(step, here=replace(here, reachable=step.here.reachable))
            return (known if known.here.reachable else _lost(known, rules)), ()
        case BranchLost():
            return _lost(step, rules), ()
        case HelpTold(help=told):
            cancelled = told is Help.ASKED and step.help is not Help.ASKING
            return (step if cancelled else replace(step, help=told)), ()
        case TicketUnreachable():
            return (_no_ticket(step, rules) if taking.waits(step) else step), ()
        case NotTaken():
            return _not_taken(step, event), ()
        case _ if identity.is_answer(event):
            return _after_check(step, identity.answered(step, event))
        case _ if taking.is_answer(event):
            return taking.answered(step, event)
        case _ if visits.is_answer(event):
            return visits.answered(step, event)
        case _ if opinions.is_answer(event):
            return opinions.answered(step, event), ()
        case _ if staff.is_answer(event):
            return staff.answered(step, event), ()
    return _touched(replace(step, touched_at=step.at), event, rules)


def _touched(step: Step, event: Event, rules: Rules) -> Next:
    """The customer did something that any screen understands."""
    match event:
        case LanguageChosen(language):
            return replace(step, language=language), ()
        case ComfortTouched(what):
            return replace(step, comfort=step.comfort.turned(what, rules)), ()
        case PadUsed() if step.here.can_speak and not step.comfort.speech:
            return replace(step, comfort=replace(step.comfort, speech=True)), ()
        case HelpTouched():
            return _help(step)
        case MoreTime() | PadUsed():
            return step, ()
        case TurnedOver(first):
            return replace(step, turned={**step.turned, step.screen: first}), ()
        case _ if step.asking:
            return step, ()
        case AccessTouched() if step.screen not in (Screen.ACCESS, *staff.SCREENS):
            return replace(step, screen=Screen.ACCESS, back_to=step.screen), ()
        case Left():
            return Step.fresh(rules, step), ()
        case Finished():
            return _finished(step, rules), ()
        case WentBack():
            return _back(step, rules), ()
        case Typed(key) if step.screen in TYPING:
            return replace(step, entry=_type(step.entry, key), notice=""), ()
    code = isinstance(event, shown.CODES)
    return _code(step, event, rules) if code else _on_screen(step, event)


def _code(step: Step, event: Event, rules: Rules) -> Next:
    """Something was held to the scanner; who changes how the screen is read is still where they were."""
    step = replace(step, screen=step.beneath)
    if step.screen is Screen.THANKS:
        step = _back(step, rules)
    told = shown.unasked(step, event)
    return (told, ()) if told is not None else _on_screen(step, event)


def _on_screen(step: Step, event: Event) -> Next:
    """The customer did something that this screen understands."""
    match step.screen:
        case Screen.WELCOME | Screen.SERVICES | Screen.CHECK_IN:
            return _choosing(step, event)
        case Screen.ERRAND_IDENTIFY | Screen.ERRAND_CHOOSE | Screen.ERRAND_CONFIRM:
            return errands.touched(step, event)
        case Screen.IDENTITY:
            after, wishes = identity.touched(step, event)
            on, more = _after_check(step, after)
            return on, (*wishes, *more)
        case Screen.RATE_FIND | Screen.RATE_SCORE | Screen.RATE_WHY:
            return visits.touched(step, event)
        case Screen.OPINION_TOPIC | Screen.OPINION_SAY:
            return opinions.touched(step, event)
        case Screen.STAFF_PIN | Screen.STAFF | Screen.STAFF_DEVICES:
            return staff.touched(step, event)
        case Screen.AWAY:
            return staff.begun(step, event) or (step, ())
    return step, ()


def _after_check(before: Step, step: Step) -> Next:
    """Who has shown that the card is theirs, or goes another way, goes on where they were."""
    if step.identity == before.identity:
        return step, ()
    errand = errands.errand_of(step)
    if errand is not None:
        return errands.identified(step, errand), ()
    return taking.ask(replace(step, screen=Screen.SERVICES), step.service)


def _choosing(step: Step, event: Event) -> Next:
    match event, step.screen:
        case Begun(), Screen.WELCOME if step.issuing:
            return replace(step, screen=Screen.SERVICES, notice=""), ()
        case CheckInTouched(), Screen.WELCOME:
            return replace(step, screen=Screen.CHECK_IN, entry=Entry(), notice=""), ()
        case ServiceTouched(code), Screen.SERVICES if step.offered(code):
            if identity.asked(step, code):
                return identity.ask(step, code), ()
            return taking.ask(step, code)
        case PriorityTouched(), Screen.SERVICES:
            return replace(step, priority=not step.priority), ()
        case CardRead(card), _:
            return taking.card_read(step, card)
        case CardUnreadable(together), _ if step.issuing:
            return taking.unreadable(_to_services(step), together=together), ()
        case AppointmentShown(service, booked, early_min), _:
            return taking.check_in(_to_services(step), service, booked, early_min)
        case CodeUnknown(), _ if step.issuing:
            return replace(_to_services(step), notice="notice.code_unknown"), ()
        case TicketScanned(), Screen.WELCOME if step.issuing and not step.here.reachable:
            return replace(_to_services(step), notice="notice.not_looked_up"), ()
        case Entered(), Screen.CHECK_IN if step.entry.text:
            find = FindAppointment(reference=step.entry.text)
            return replace(step, asking=True, notice=""), (find,)
    started = _start_of_another(step, event) if step.screen is Screen.WELCOME else None
    return started or (step, ())


def _start_of_another(step: Step, event: Event) -> Next | None:
    """A journey that begins on the welcome screen, but is not for a ticket of a service."""
    return (
        errands.begun(step, event)
        or visits.begun(step, event)
        or opinions.begun(step, event)
        or staff.begun(step, event)
    )


def _to_services(step: Step) -> Step:
    """What was shown on the welcome screen leads to the services; elsewhere the screen stays."""
    if step.screen is Screen.WELCOME and step.issuing:
        return replace(step, screen=Screen.SERVICES)
    return step


def _no_ticket(step: Step, rules: Rules) -> Step:
    """Nobody answered; numbers in advance may be left of another service."""
    if step.issuing and not step.here.reachable:
        return replace(step, asking=False, notice="notice.refused")
    return _away(step, rules)


def _not_taken(step: Step, told: NotTaken) -> Step:
    """The customer may try again, or leave; nothing is said to be written down."""
    if not step.asking:
        return step
    match step.screen:
        case Screen.CHECK_IN if taking.is_asked(step, told.asked):
            notice = "notice.not_looked_up"
        case Screen.RATE_FIND:
            notice = "notice.not_looked_up"
        case Screen.RATE_SCORE | Screen.RATE_WHY if told.reason == visits.RATED:
            notice = "notice.visit_rated"
        case Screen.RATE_SCORE | Screen.RATE_WHY | Screen.OPINION_SAY:
            notice = "notice.not_taken" if told.reason else "notice.no_answer"
        case _:
            return step  # somebody else's question
    return replace(step, asking=False, notice=notice)


def _help(step: Step) -> Next:
    if step.help in (Help.NONE, Help.UNREACHABLE):
        return replace(step, help=Help.ASKING), (CallPerson(str(step.screen)),)
    return replace(step, help=Help.NONE), (CallNoPerson(),)


def _type(entry: Entry, key: str) -> Entry:
    if key == BACKSPACE:
        return Entry(entry.text[:-1])
    return Entry((entry.text + key)[:LONGEST_ENTRY])


def _finished(step: Step, rules: Rules) -> Step:
    if step.screen is Screen.ACCESS:
        return replace(step, screen=step.back_to)
    return step if step.screen is Screen.AWAY else Step.fresh(rules, step)


def _back(step: Step, rules: Rules) -> Step:
    """One screen back; whoever comes back to the start is still the same customer, and reads as before."""
    if step.screen is Screen.ACCESS:
        return replace(step, screen=step.back_to)
    to = _before_check(step) or errands.before(step) or BACK.get(step.screen)
    if to is not None:
        card = None if to is Screen.ERRAND_IDENTIFY else step.card
        return replace(step, screen=to, notice="", entry=Entry(), card=card, told=())
    if step.screen in (Screen.WELCOME, Screen.AWAY):
        return step
    fresh = Step.fresh(rules, step)
    return replace(fresh, language=step.language, comfort=step.comfort, turned=step.turned)


def _before_check(step: Step) -> Screen | None:
    if step.screen is not Screen.IDENTITY:
        return None
    return Screen.ERRAND_IDENTIFY if step.errand else Screen.SERVICES


def _services_known(step: Step, known: ServicesKnown, rules: Rules) -> Step:
    reachable = step.here.reachable or known.fresh
    here = replace(step.here, reachable=reachable)
    called = step.help if step.help is Help.ASKING else Help(known.services.help)
    if known.fresh and step.screen is Screen.AWAY:
        step = Step.fresh(rules, step)
    elif known.fresh and step.beneath is Screen.AWAY:
        step = replace(step, back_to=Screen.WELCOME)
    return replace(step, offer=known.services, here=here, help=called if reachable else step.help)


def _lost(step: Step, rules: Rules) -> Step:
    """While numbers in advance are left, the kiosk goes on."""
    step = replace(step, here=replace(step.here, reachable=False))
    if step.asking or step.issuing:
        return step
    return _away(step, rules)


def _away(step: Step, rules: Rules) -> Step:
    """A ticket that is on the screen stays there: it is valid. Staff go on with what they do. Away once is enough."""
    if step.beneath in (Screen.TICKET, Screen.THANKS, Screen.AWAY, *staff.SCREENS):
        return step
    fresh = Step.fresh(rules, step)
    return replace(fresh, screen=Screen.AWAY, language=step.language, comfort=step.comfort)


def _tick(step: Step, rules: Rules) -> Step:
    left = seconds_left(step, rules)
    if left is None or left > 0:
        return step
    fresh = Step.fresh(rules, step)
    return replace(fresh, screen=Screen.AWAY) if step.screen is Screen.AWAY else fresh


def may_show_card(step: Step, rules: Rules) -> bool:
    """Whether a card would mean something now."""
    choosing = step.screen in (
        Screen.WELCOME,
        Screen.SERVICES,
        Screen.CHECK_IN,
        Screen.ERRAND_IDENTIFY,
    )
    free = not step.asking and step.card is None and not warned(step, rules)
    return choosing and free and step.issuing
