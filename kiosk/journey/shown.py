"""A code held to the scanner where nobody asked for it: the screen stays, and says so."""

from dataclasses import replace

from kiosk.journey.events import AppointmentShown, CodeUnknown, Event, TicketScanned
from kiosk.journey.step import Screen, Step

CODES = (TicketScanned, AppointmentShown, CodeUnknown)
BUSY = (
    Screen.ERRAND_IDENTIFY,
    Screen.ERRAND_CHOOSE,
    Screen.ERRAND_CONFIRM,
    Screen.RATE_SCORE,
    Screen.RATE_WHY,
    Screen.OPINION_TOPIC,
    Screen.OPINION_SAY,
)


def unasked(step: Step, event: Event) -> Step | None:
    """None where the screen itself knows what the code means."""
    match event, step.screen:
        case TicketScanned(ticket), _ if step.visit is not None and step.visit.id == ticket:
            return step  # read twice
        case TicketScanned(), Screen.SERVICES | Screen.CHECK_IN:
            return replace(step, notice="notice.has_ticket")
        case AppointmentShown() | CodeUnknown(), Screen.RATE_FIND:
            return replace(step, notice="notice.visit_unknown")
        case TicketScanned() | AppointmentShown() | CodeUnknown(), screen if screen in BUSY:
            return replace(step, notice="notice.not_here")
    return None
