"""A ticket for a service: asked for, issued, on paper."""

from dataclasses import replace

from edge_agent.messages import Appointment, ErrandBegun, IssuedTicket
from kiosk.journey.events import (
    AppointmentFound,
    AppointmentUnknown,
    Event,
    PaperElsewhere,
    PaperTold,
    TicketIssued,
    TicketRefused,
)
from kiosk.journey.step import Card, Entry, Paper, Screen, Step
from kiosk.journey.wishes import (
    AskTicket,
    FindAppointment,
    GiveBack,
    PrintTicket,
    TellPaper,
    Wish,
)

Next = tuple[Step, tuple[Wish, ...]]

SCREENS = (Screen.SERVICES, Screen.CHECK_IN, Screen.ERRAND_CONFIRM)  # where one is asked for
ANOTHER_DAY_MIN = 12 * 60  # no branch is open for so long
REFUSALS = {  # what the customer is told, by the branch's reason
    "branch-closed": "notice.branch_closed",
    "service-closed": "notice.service_closed",
    "queue-full-until-closing": "notice.queue_full",
    "too-many-tickets": "notice.too_many",
    "appointment-unusable": "notice.code_unknown",
}


def ask(step: Step, code: str, errand: ErrandBegun | None = None) -> Next:
    """The ticket of an appointment that was found by the card is asked for as one."""
    booked = step.appointment
    if booked is not None and booked.service == code:
        return check_in(step, code, booked.at.isoformat(), step.early_min)
    wish = AskTicket(
        code,
        step.language,
        _segment(step),
        step.card.token if step.card else None,
        errand=errand,
        identity=step.identity,
        identity_reason=step.identity_reason,
    )
    return replace(step, asking=True, notice="", early_min=None), (wish,)


def check_in(step: Step, service: str, booked: str, early_min: int | None) -> Next:
    """An appointment needs no further step; where its service is not offered now, the customer chooses."""
    if step.offer is None:
        return step, ()  # nothing is known yet
    known = step.offer.services
    if not any(one.code == service for one in known):
        return replace(step, notice="notice.code_unknown"), ()
    if early_min is not None and abs(early_min) > ANOTHER_DAY_MIN:
        return replace(step, notice="notice.appointment_not_today"), ()
    if not step.offered(service):
        return replace(step, notice="notice.appointment_closed"), ()
    token = step.card.token if step.card else None
    wish = AskTicket(
        service,
        step.language,
        "appointment",
        token,
        booked,
        identity=step.identity,
        identity_reason=step.identity_reason,
    )
    asking = replace(step, asking=True, notice="", early_min=early_min)
    return asking, (wish,)


def card_read(step: Step, card: Card) -> Next:
    """Perhaps its owner has an appointment today."""
    find = FindAppointment(token=card.token)
    step = replace(step, appointment=None, early_min=None)  # of a card that was read before
    has_book = step.offer is not None and step.offer.appointments and step.here.reachable
    if step.screen is Screen.CHECK_IN and has_book:
        return replace(step, card=card, asking=True, entry=Entry()), (find,)
    if not step.issuing:
        return step, ()
    read = replace(step, screen=Screen.SERVICES, card=card, notice="notice.card_read")
    return read, (find,) if has_book else ()


def unreadable(step: Step, *, together: bool) -> Step:
    """What one may do instead depends on the screen."""
    instead = "" if step.screen is Screen.SERVICES else "_errand"
    notice = "notice.cards_together" if together else f"notice.card_unreadable{instead}"
    return replace(step, notice=notice)


def is_asked(step: Step, asked: str) -> bool:
    """Whether this is what the present customer wants to have looked up in the book."""
    token = step.card.token if step.card else ""
    return asked in ("", step.entry.text or token)


def is_answer(event: Event) -> bool:
    return isinstance(
        event,
        TicketIssued
        | TicketRefused
        | PaperTold
        | PaperElsewhere
        | AppointmentFound
        | AppointmentUnknown,
    )


def answered(step: Step, event: Event) -> Next:
    """What the branch said of a ticket or an appointment, or the printer of a paper."""
    match event:
        case AppointmentFound(asked=asked) if is_asked(step, asked):
            return _found(step, event)
        case AppointmentUnknown(asked) if _looking(step) and is_asked(step, asked):
            notice = "notice.reference_unknown" if step.entry.text else "notice.no_appointment"
            wrong = replace(step.entry, wrong=bool(step.entry.text))
            return replace(step, asking=False, entry=wrong, notice=notice), ()
        case TicketIssued(ticket, in_advance):
            return _issued(step, ticket, in_advance=in_advance)
        case TicketRefused(reason) if waits(step):
            notice = REFUSALS.get(reason, "notice.refused")
            return replace(step, asking=False, notice=notice), ()
        case PaperTold(ticket, outcome, reason):
            return _paper_told(step, event), (TellPaper(ticket, outcome, reason),)
        case PaperElsewhere(ticket, kiosk) if step.ticket and step.ticket.id == ticket:
            return replace(step, paper_at=kiosk, touched_at=step.at), ()
    return step, ()


def waits(step: Step) -> bool:
    """Whether somebody waits for a ticket."""
    return step.asking and step.screen in SCREENS


def _looking(step: Step) -> bool:
    return step.asking and step.screen is Screen.CHECK_IN


def _found(step: Step, found: AppointmentFound) -> Next:
    """One that was looked for needs no further step; else the card's owner still chooses."""
    if _looking(step):
        step = replace(step, asking=False, entry=Entry())
        booked = found.appointment.at.isoformat()
        return check_in(step, found.appointment.service, booked, found.early_min)
    if step.beneath is not Screen.SERVICES or step.card is None or step.asking:
        return step, ()
    known = replace(step, appointment=found.appointment, early_min=found.early_min)
    return replace(known, notice="notice.appointment_found"), ()


def _issued(step: Step, ticket: IssuedTicket, *, in_advance: bool) -> Next:
    if not waits(step):
        return step, (GiveBack(ticket.id),)
    shown = replace(
        step,
        screen=Screen.TICKET,
        asking=False,
        notice="",
        ticket=ticket,
        in_advance=in_advance,
        card=None,
        entry=Entry(),
        touched_at=step.at,
    )
    return shown, (PrintTicket(ticket, step.language, step.errand, in_advance),)


def _paper_told(step: Step, told: PaperTold) -> Step:
    if step.ticket is None or step.ticket.id != told.ticket:
        return step  # of a customer who has gone
    paper = Paper.TAKEN_FROM_PRINTER if told.outcome == "confirmed" else Paper.NONE
    return replace(step, paper=paper, touched_at=step.at)


def _segment(step: Step) -> str:
    if step.priority:
        return "care"
    return step.card.segment if step.card else "ordinary"


def of_appointment(step: Step) -> Appointment | None:
    """The appointment that was found by the card, when its service can be had."""
    found = step.appointment
    return found if found is not None and step.offered(found.service) else None
