"""The customer's steps as a pure machine: (step, event) -> (step, wishes). No window, no clock, no wire.

    welcome -> services -> asking -> ticket -> welcome        and from everywhere, when the branch
                                                              cannot be reached: away -> welcome

Time comes in as Tick, in seconds of any steady clock.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from edge_agent.messages import IssuedTicket, Service


class Screen(StrEnum):
    """What is on the screen."""

    WELCOME = "welcome"
    SERVICES = "services"
    TICKET = "ticket"
    AWAY = "away"


class Paper(StrEnum):
    """What became of the paper."""

    PRINTING = "printing"
    TAKEN_FROM_PRINTER = "confirmed"
    NONE = "none"  # the number on the screen is the ticket


@dataclass(frozen=True, slots=True)
class Card:
    """What the journey needs of a card: no digits."""

    token: str
    segment: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What a bank may set: the first language, and patience in seconds."""

    language: str
    idle_s: float
    ticket_s: float
    ticket_without_paper_s: float


@dataclass(frozen=True, slots=True)
class Step:
    """Everything about the present customer; a new one starts from `Step.fresh`."""

    screen: Screen
    language: str
    services: tuple[Service, ...] = ()
    card: Card | None = None
    notice: str = ""  # a key of the words
    ways: frozenset[str] = frozenset()  # kinds of machines by which a customer can say who they are
    asking: bool = False
    ticket: IssuedTicket | None = None
    paper: Paper = Paper.PRINTING
    paper_at: str = ""  # another kiosk, where the paper comes out instead
    at: float = 0.0  # the clock's last word
    touched_at: float = 0.0

    @classmethod
    def fresh(cls, rules: Rules, before: "Step | None" = None) -> "Step":
        """Nothing of the customer before is left but what the branch offers."""
        start = cls(Screen.WELCOME, rules.language)
        if before is None:
            return start
        return replace(
            start,
            services=before.services,
            ways=before.ways,
            at=before.at,
            touched_at=before.at,
        )


# --- what happens ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""

    now: float


@dataclass(frozen=True, slots=True)
class Begun:
    """The welcome screen was touched."""


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    language: str


@dataclass(frozen=True, slots=True)
class ServiceTouched:
    code: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The customer says done, or back."""


@dataclass(frozen=True, slots=True)
class CardRead:
    card: Card


@dataclass(frozen=True, slots=True)
class CardUnreadable:
    """`together`: two were there at once."""

    together: bool = False


@dataclass(frozen=True, slots=True)
class AppointmentShown:
    """A code with a booked time (RFC 3339), or the bank's own reference."""

    service: str
    booked: str


@dataclass(frozen=True, slots=True)
class CodeUnknown:
    """A code that is no appointment of this branch."""


@dataclass(frozen=True, slots=True)
class WaysKnown:
    """The kinds of readers that work now; what does not work is not offered."""

    ways: frozenset[str]


@dataclass(frozen=True, slots=True)
class ServicesKnown:
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class BranchLost:
    """A look found nobody. A request under way goes on: its own answer ends it."""


@dataclass(frozen=True, slots=True)
class TicketIssued:
    ticket: IssuedTicket


@dataclass(frozen=True, slots=True)
class TicketRefused:
    """The branch answered, and said no; `reason` is the stable name of its refusal."""

    reason: str = ""


REFUSALS = {  # what the customer is told, by the branch's reason
    "branch-closed": "notice.branch_closed",
    "service-closed": "notice.service_closed",
    "queue-full-until-closing": "notice.queue_full",
    "too-many-tickets": "notice.too_many",
    "appointment-unusable": "notice.code_unknown",
}


@dataclass(frozen=True, slots=True)
class TicketUnreachable:
    """Nobody answered the request for a ticket, for longer than a customer waits."""


@dataclass(frozen=True, slots=True)
class PaperTold:
    """What the printer proved about a ticket's paper."""

    ticket: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class PaperElsewhere:
    """The branch lets another kiosk print it."""

    ticket: str
    kiosk: str


Event = (
    Tick
    | Begun
    | LanguageChosen
    | ServiceTouched
    | Finished
    | CardRead
    | CardUnreadable
    | AppointmentShown
    | CodeUnknown
    | WaysKnown
    | PaperElsewhere
    | ServicesKnown
    | BranchLost
    | TicketIssued
    | TicketRefused
    | TicketUnreachable
    | PaperTold
)


# --- what is wished -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskTicket:
    service: str
    language: str
    segment: str
    customer_token: str | None
    appointment: str | None = None


@dataclass(frozen=True, slots=True)
class PrintTicket:
    ticket: IssuedTicket
    language: str


@dataclass(frozen=True, slots=True)
class TellPaper:
    """The branch shall know what became of the paper: staff look after those who got none."""

    ticket: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class GiveBack:
    """A ticket that nobody waits for any more shall not be called."""

    ticket: str


Wish = AskTicket | PrintTicket | TellPaper | GiveBack
Next = tuple[Step, tuple[Wish, ...]]


def happen(step: Step, event: Event, rules: Rules) -> Next:
    """What the event leads to. An event that does not fit the step changes nothing."""
    match event:
        case Tick(now):
            return _tick(replace(step, at=now), rules), ()
        case ServicesKnown(services):
            return _services_known(step, services, rules), ()
        case WaysKnown(ways):
            return replace(step, ways=ways), ()
        case PaperElsewhere(ticket, kiosk):
            mine = step.ticket is not None and step.ticket.id == ticket
            return (replace(step, paper_at=kiosk) if mine else step), ()
        case BranchLost():
            return (step if step.asking else _away(step, rules)), ()
        case TicketUnreachable():
            return (_away(step, rules) if step.asking else step), ()
        case PaperTold(ticket, outcome, reason):
            return _paper_told(step, event), (TellPaper(ticket, outcome, reason),)
        case TicketIssued(ticket):
            return _issued(step, ticket)
        case TicketRefused(reason):
            refused = replace(step, asking=False, notice=REFUSALS.get(reason, "notice.refused"))
            return (refused if step.asking else step), ()
        case _:
            return _touched(replace(step, touched_at=step.at), event, rules)


def _touched(step: Step, event: Event, rules: Rules) -> Next:
    """The customer did something."""
    match event, step.screen:
        case LanguageChosen(language), _:
            return replace(step, language=language), ()
        case Begun(), Screen.WELCOME:
            return replace(step, screen=Screen.SERVICES), ()
        case CardRead(card), Screen.WELCOME | Screen.SERVICES if not step.asking:
            return replace(step, screen=Screen.SERVICES, card=card, notice="notice.card_read"), ()
        case CardUnreadable(together), Screen.WELCOME | Screen.SERVICES if not step.asking:
            notice = "notice.cards_together" if together else "notice.card_unreadable"
            return replace(step, screen=Screen.SERVICES, notice=notice), ()
        case AppointmentShown(service, booked), Screen.WELCOME | Screen.SERVICES if not step.asking:
            return _check_in(step, service, booked)
        case CodeUnknown(), Screen.WELCOME | Screen.SERVICES if not step.asking:
            return replace(step, screen=Screen.SERVICES, notice="notice.code_unknown"), ()
        case ServiceTouched(code), Screen.SERVICES if not step.asking:
            return _ask(step, code)
        case Finished(), Screen.TICKET | Screen.SERVICES if not step.asking:
            return Step.fresh(rules, step), ()
    return step, ()


def _ask(step: Step, code: str) -> Next:
    if not any(service.code == code and service.open for service in step.services):
        return step, ()
    segment = step.card.segment if step.card else "ordinary"
    token = step.card.token if step.card else None
    return replace(step, asking=True, notice=""), (AskTicket(code, step.language, segment, token),)


def _check_in(step: Step, service: str, booked: str) -> Next:
    """An appointment needs no further step; where its service is not offered now, the customer chooses."""
    step = replace(step, screen=Screen.SERVICES)
    offered = [one for one in step.services if one.code == service]
    if not offered:
        return replace(step, notice="notice.code_unknown"), ()
    if not offered[0].open:
        return replace(step, notice="notice.appointment_closed"), ()
    token = step.card.token if step.card else None
    ask = AskTicket(service, step.language, "appointment", token, booked)
    return replace(step, asking=True, notice=""), (ask,)


def _issued(step: Step, ticket: IssuedTicket) -> Next:
    if not step.asking:
        return step, (GiveBack(ticket.id),)
    shown = replace(
        step,
        screen=Screen.TICKET,
        asking=False,
        notice="",
        ticket=ticket,
        paper=Paper.PRINTING,
        paper_at="",
        card=None,
        touched_at=step.at,
    )
    return shown, (PrintTicket(ticket, step.language),)


def _paper_told(step: Step, told: PaperTold) -> Step:
    if step.ticket is None or step.ticket.id != told.ticket:
        return step  # of a customer who has gone
    paper = Paper.TAKEN_FROM_PRINTER if told.outcome == "confirmed" else Paper.NONE
    return replace(step, paper=paper, touched_at=step.at)


def _services_known(step: Step, services: tuple[Service, ...], rules: Rules) -> Step:
    if step.screen is Screen.AWAY:
        return replace(Step.fresh(rules, step), services=services)
    return replace(step, services=services)


def _away(step: Step, rules: Rules) -> Step:
    """A ticket that is on the screen stays there: it is valid."""
    if step.screen is Screen.TICKET:
        return step
    return replace(Step.fresh(rules, step), screen=Screen.AWAY, language=step.language)


def _tick(step: Step, rules: Rules) -> Step:
    left = seconds_left(step, rules)
    if left is None or left > 0:
        return step
    fresh = Step.fresh(rules, step)
    return replace(fresh, screen=Screen.AWAY) if step.screen is Screen.AWAY else fresh


def may_show_card(step: Step) -> bool:
    """Whether a card would mean something now."""
    choosing = step.screen in (Screen.WELCOME, Screen.SERVICES) and not step.asking
    return choosing and step.card is None and any(service.open for service in step.services)


def seconds_left(step: Step, rules: Rules) -> float | None:
    """Until the screen goes back to the start by itself; None where it does not."""
    at_start = step.screen in (Screen.WELCOME, Screen.AWAY)
    if step.asking or (at_start and step.language == rules.language):
        return None
    patience = rules.idle_s
    if step.screen is Screen.TICKET:
        without = step.paper is not Paper.TAKEN_FROM_PRINTER
        patience = rules.ticket_without_paper_s if without else rules.ticket_s
    return patience - (step.at - step.touched_at)
