"""What an event leads to. An event that does not fit the step changes nothing."""

from dataclasses import replace

from edge_agent.messages import Appointment
from kiosk.journey import errands, opinions, staff, taking, visits
from kiosk.journey.events import (
    BACKSPACE,
    AccessTouched,
    AppointmentFound,
    AppointmentShown,
    AppointmentUnknown,
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
    PadUsed,
    PaperElsewhere,
    PaperTold,
    PriorityTouched,
    ServicesKnown,
    ServiceTouched,
    Tick,
    TicketIssued,
    TicketRefused,
    TicketUnreachable,
    TurnedOver,
    Typed,
    WentBack,
)
from kiosk.journey.patience import seconds_left, warned
from kiosk.journey.step import Comfort, Entry, Help, Rules, Screen, Step, Theme
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
    match event:
        case Tick(now):
            return _tick(replace(step, at=now), rules), ()
        case ServicesKnown():
            return _services_known(step, event, rules), ()
        case HereKnown(here):
            return replace(step, here=replace(here, reachable=step.here.reachable)), ()
        case BranchLost():
            return _lost(step, rules), ()
        case HelpTold(help=told):
            return replace(step, help=told), ()
        case TicketIssued() | TicketRefused() | PaperTold() | PaperElsewhere():
            return taking.answered(step, event)
        case TicketUnreachable():
            return (_away(step, rules) if step.asking else step), ()
        case AppointmentFound(appointment, early_min):
            return _found(step, appointment, early_min)
        case AppointmentUnknown(asked):
            return _not_found(step, asked), ()
        case _ if visits.is_answer(event):
            return visits.answered(step, event)
        case _ if opinions.is_answer(event):
            return opinions.answered(step, event), ()
        case _ if staff.is_answer(event):
            return staff.answered(step, event), ()
    after, wishes = _touched(replace(step, touched_at=step.at), event, rules)
    return (after if after.screen is step.screen else replace(after, first=0)), wishes


def _touched(step: Step, event: Event, rules: Rules) -> Next:
    """The customer did something that any screen understands."""
    match event:
        case LanguageChosen(language):
            return replace(step, language=language), ()
        case ComfortTouched(what):
            return replace(step, comfort=_comfort(step.comfort, what, rules)), ()
        case PadUsed() if step.here.can_speak and not step.comfort.speech:
            return replace(step, comfort=replace(step.comfort, speech=True)), ()
        case AccessTouched() if step.screen is not Screen.ACCESS:
            return replace(step, screen=Screen.ACCESS, back_to=step.screen), ()
        case HelpTouched():
            return _help(step)
        case MoreTime() | PadUsed():
            return step, ()
        case TurnedOver(first):
            return replace(step, first=first), ()
        case Left():
            return Step.fresh(rules, step), ()
        case _ if step.asking:
            return step, ()
        case Finished():
            return _finished(step, rules), ()
        case WentBack():
            return _back(step, rules), ()
        case Typed(key) if step.screen in TYPING:
            return replace(step, entry=_type(step.entry, key), notice=""), ()
    return _on_screen(step, event)


def _on_screen(step: Step, event: Event) -> Next:
    """The customer did something that this screen understands."""
    match step.screen:
        case Screen.WELCOME | Screen.SERVICES | Screen.CHECK_IN:
            return _choosing(step, event)
        case Screen.ERRAND_IDENTIFY | Screen.ERRAND_CHOOSE | Screen.ERRAND_CONFIRM:
            return errands.touched(step, event)
        case Screen.RATE_FIND | Screen.RATE_SCORE | Screen.RATE_WHY:
            return visits.touched(step, event)
        case Screen.OPINION_TOPIC | Screen.OPINION_SAY:
            return opinions.touched(step, event)
        case Screen.STAFF_PIN | Screen.STAFF | Screen.STAFF_DEVICES:
            return staff.touched(step, event)
    return step, ()


def _choosing(step: Step, event: Event) -> Next:
    match event, step.screen:
        case Begun(), Screen.WELCOME if step.issuing:
            return replace(step, screen=Screen.SERVICES), ()
        case CheckInTouched(), Screen.WELCOME:
            return replace(step, screen=Screen.CHECK_IN, entry=Entry()), ()
        case ServiceTouched(code), Screen.SERVICES if step.offered(code):
            return taking.ask(step, code)
        case PriorityTouched(), Screen.SERVICES:
            return replace(step, priority=not step.priority), ()
        case CardRead(card), _:
            return taking.card_read(step, card)
        case CardUnreadable(together), _:
            notice = "notice.cards_together" if together else "notice.card_unreadable"
            return replace(_to_services(step), notice=notice), ()
        case AppointmentShown(service, booked, early_min), _:
            return taking.check_in(_to_services(step), service, booked, early_min)
        case CodeUnknown(), _:
            return replace(_to_services(step), notice="notice.code_unknown"), ()
        case Entered(), Screen.CHECK_IN if step.entry.text:
            return replace(step, asking=True), (FindAppointment(reference=step.entry.text),)
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


def _found(step: Step, appointment: Appointment, early_min: int) -> Next:
    if step.asking and step.screen is Screen.CHECK_IN:
        step = replace(step, asking=False, entry=Entry())
        booked = appointment.at.isoformat()
        return taking.check_in(step, appointment.service, booked, early_min)
    if step.screen is Screen.SERVICES and step.card is not None and not step.asking:
        known = replace(step, appointment=appointment, early_min=early_min)
        return replace(known, notice="notice.appointment_found"), ()
    return step, ()


def _not_found(step: Step, asked: str) -> Step:
    if step.asking and step.screen is Screen.CHECK_IN:
        notice = "notice.reference_unknown" if asked == step.entry.text else "notice.no_appointment"
        wrong = replace(step.entry, wrong=bool(step.entry.text))
        return replace(step, asking=False, entry=wrong, notice=notice)
    return step


def _help(step: Step) -> Next:
    if step.help in (Help.NONE, Help.UNREACHABLE):
        return replace(step, help=Help.ASKING), (CallPerson(str(step.screen)),)
    return replace(step, help=Help.NONE), (CallNoPerson(),)


def _comfort(comfort: Comfort, what: str, rules: Rules) -> Comfort:
    match what:
        case "large":
            return replace(comfort, large=not comfort.large)
        case "low":
            return replace(comfort, low=not comfort.low)
        case "speech":
            return replace(comfort, speech=not comfort.speech)
        case "contrast":
            on = comfort.theme is Theme.CONTRAST
            usual = rules.theme if rules.theme is not Theme.CONTRAST else Theme.STANDARD
            return replace(comfort, theme=usual if on else Theme.CONTRAST)
    return comfort


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
    to = errands.before(step) or BACK.get(step.screen)
    if to is not None:
        return replace(step, screen=to, notice="", entry=Entry())
    if step.screen in (Screen.WELCOME, Screen.AWAY):
        return step
    fresh = Step.fresh(rules, step)
    return replace(fresh, language=step.language, comfort=step.comfort, help=step.help)


def _services_known(step: Step, known: ServicesKnown, rules: Rules) -> Step:
    reachable = step.here.reachable or known.fresh
    here = replace(step.here, reachable=reachable)
    called = step.help if step.help is Help.ASKING else Help(known.services.help)
    if step.screen is Screen.AWAY and known.fresh:
        step = Step.fresh(rules, step)
    return replace(step, offer=known.services, here=here, help=called if reachable else step.help)


def _lost(step: Step, rules: Rules) -> Step:
    """While numbers in advance are left, the kiosk goes on."""
    step = replace(step, here=replace(step.here, reachable=False))
    if step.asking or step.issuing:
        return step
    return _away(step, rules)


def _away(step: Step, rules: Rules) -> Step:
    """A ticket that is on the screen stays there: it is valid. Staff go on with what they do."""
    if step.screen in (Screen.TICKET, Screen.THANKS, *staff.SCREENS):
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
