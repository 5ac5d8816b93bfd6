"""Is the card theirs? Asked with consent, for services that want it, after a card or an ID was read; then the ticket.

What is judged, and how, is in kiosk.identity. A customer who goes another way loses nothing: the teller looks at the card.
"""

from dataclasses import replace

from kiosk.journey.events import Agreed, AnotherWay, CheckEnded, CheckShown, Event, TriedAgain
from kiosk.journey.step import Check, Screen, Step
from kiosk.journey.wishes import CheckAgain, CheckIdentity, NoteDeclined, Wish

Next = tuple[Step, tuple[Wish, ...]]
CONFIRMED = ("face", "fingerprint")


def asked(step: Step, service: str) -> bool:
    """Whether a customer with this card, for this service, is asked now."""
    services = step.offer.services if step.offer else []
    marked = any(one.code == service and one.identity for one in services)
    return marked and step.card is not None and bool(step.here.checks) and not step.identity


def ask(step: Step, service: str) -> Step:
    return replace(step, screen=Screen.IDENTITY, service=service, notice="")


def touched(step: Step, event: Event) -> Next:
    """On its screen. Whoever has an answer goes on: see `answer`."""
    match event:
        case Agreed(method) if method in step.here.checks and step.check is None and step.card:
            opening = Check(method, f"{method}.opening")
            wish = CheckIdentity(method, step.card.token, step.comfort.slow)
            return replace(step, check=opening), (wish,)
        case TriedAgain() if step.check is not None and step.check.leads_on:
            return replace(step, check=replace(step.check, leads_on="")), (CheckAgain(),)
        case AnotherWay():
            before = failed(step)
            said, reason = ("failed", before.reason) if before else ("declined", "")
            wishes = () if step.check else (NoteDeclined(),)
            return replace(step, identity=said, identity_reason=reason), wishes
    return step, ()


def failed(step: Step) -> Check | None:
    """The last look at this card that failed."""
    check = step.check
    return check if check is not None and (check.tried or check.over) else step.failed


def answered(step: Step, event: Event) -> Step:
    """What came of a look goes to the customer who still stands before it."""
    if step.screen is not Screen.IDENTITY or step.check is None or step.check.over:
        return step
    match event:
        case CheckShown(check):
            return replace(step, check=check, failed=failed(step), touched_at=step.at)
        case CheckEnded(said) if said in CONFIRMED:
            return replace(step, identity=said, identity_reason="")
        case CheckEnded(reason=reason):
            over = Check(step.check.method, f"{step.check.method}.over", over=True, reason=reason)
            return replace(step, check=over, touched_at=step.at)
    return step


def is_answer(event: Event) -> bool:
    return isinstance(event, CheckShown | CheckEnded)
