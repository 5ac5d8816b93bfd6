"""Rate the visit: scan the ticket or type its number, one question, and, for who likes, why."""

from dataclasses import replace

from edge_agent.messages import Reason
from kiosk.journey.events import (
    Entered,
    Event,
    Picked,
    Rated,
    RateTouched,
    ScoreTouched,
    TicketScanned,
    VisitFound,
    VisitUnknown,
    WentOn,
)
from kiosk.journey.step import Entry, Screen, Step
from kiosk.journey.wishes import FindVisit, RateVisit, Wish

Next = tuple[Step, tuple[Wish, ...]]
FINDING = (Screen.RATE_FIND,)
RATING = (Screen.RATE_SCORE, Screen.RATE_WHY)
SERVED = "served"
NEVER = {  # what is said of tickets of which no visit came
    "missed": "notice.visit_missed",
    "cancelled": "notice.visit_not_served",
    "expired": "notice.visit_not_served",
}
RATED = "already-rated"  # the branch's refusal: perhaps its answer to the first try was lost
MOST_REASONS = 5


def begun(step: Step, event: Event) -> Next | None:
    """None where the event begins no rating."""
    if step.offer is None or not step.here.reachable:
        return None
    match event:
        case RateTouched():
            return replace(step, screen=Screen.RATE_FIND, entry=Entry(), notice=""), ()
        case TicketScanned(ticket):
            find = replace(step, screen=Screen.RATE_FIND, entry=Entry(), asking=True)
            return find, (FindVisit(ticket=ticket),)
    return None


def touched(step: Step, event: Event) -> Next:
    match event, step.screen:
        case TicketScanned(ticket), Screen.RATE_FIND:
            find = FindVisit(ticket=ticket)
            return replace(step, asking=True, entry=Entry(), notice=""), (find,)
        case Entered(), Screen.RATE_FIND if step.entry.text:
            find = FindVisit(label=step.entry.text)
            return replace(step, asking=True, notice=""), (find,)
        case ScoreTouched(score), Screen.RATE_SCORE:
            scored = replace(step, score=score, picked=frozenset())
            if reasons_of(scored):
                return replace(scored, screen=Screen.RATE_WHY), ()
            return _rate(scored)
        case Picked(code), Screen.RATE_WHY:
            return replace(step, picked=_toggle(step.picked, code)), ()
        case WentOn(), Screen.RATE_WHY:
            return _rate(step)
    return step, ()


def reasons_of(step: Step) -> list[Reason]:
    """Those offered with this score."""
    reasons = step.offer.reasons if step.offer else []
    return [reason for reason in reasons if step.score in reason.scores]


def is_answer(event: Event) -> bool:
    return isinstance(event, VisitFound | VisitUnknown | Rated)


def answered(step: Step, event: Event) -> Next:
    finds = isinstance(event, VisitFound | VisitUnknown)
    if not step.asking or step.screen not in (FINDING if finds else RATING):
        return step, ()
    step = replace(step, asking=False)
    match event:
        case VisitFound(ticket) if ticket.rating is not None:
            return replace(step, notice="notice.visit_rated", entry=Entry()), ()
        case VisitFound(ticket) if ticket.state != SERVED:
            notice = NEVER.get(ticket.state, "notice.visit_not_over")
            return replace(step, notice=notice, entry=Entry()), ()
        case VisitFound(ticket):
            found = replace(step, screen=Screen.RATE_SCORE, visit=ticket, notice="")
            return found, ()
        case VisitUnknown():
            wrong = replace(step.entry, wrong=bool(step.entry.text))
            return replace(step, notice="notice.visit_unknown", entry=wrong), ()
        case Rated():
            thanked = "thanks.rated_low" if step.score <= 2 else "thanks.rated"
            return replace(step, screen=Screen.THANKS, thanks=thanked, notice=""), ()
    return step, ()


def _rate(step: Step) -> Next:
    if step.visit is None:
        return step, ()
    wish = RateVisit(step.visit.id, step.score, tuple(sorted(step.picked)))
    return replace(step, asking=True, notice=""), (wish,)


def _toggle(picked: frozenset[str], code: str) -> frozenset[str]:
    if code not in picked and len(picked) >= MOST_REASONS:
        return picked
    return picked ^ {code}
