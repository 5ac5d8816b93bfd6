"""What the journey wishes of the branch, the machines and the kiosk itself."""

from dataclasses import dataclass

from edge_agent.messages import ErrandBegun, IssuedTicket


@dataclass(frozen=True, slots=True)
class AskTicket:
    service: str
    language: str
    segment: str
    customer_token: str | None
    appointment: str | None = None
    errand: ErrandBegun | None = None
    identity: str = ""
    identity_reason: str = ""


@dataclass(frozen=True, slots=True)
class CheckIdentity:
    """Whether the owner of the card with this pseudonym stands here; the customer has agreed. `slow`: they need more time."""

    method: str
    token: str
    slow: bool = False


@dataclass(frozen=True, slots=True)
class CheckAgain:
    pass


@dataclass(frozen=True, slots=True)
class NoteDeclined:
    """The customer was asked and chose another way, before anything was looked at."""


@dataclass(frozen=True, slots=True)
class PrintTicket:
    """`errand`: whose papers to bring are printed below. `in_advance`: the slip says so."""

    ticket: IssuedTicket
    language: str
    errand: str = ""
    in_advance: bool = False


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


@dataclass(frozen=True, slots=True)
class FindAppointment:
    """By the reference that was typed, or by the customer's pseudonym."""

    reference: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class FindVisit:
    """By the id in the code on the paper, or by the number that was typed."""

    ticket: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class RateVisit:
    ticket: str
    score: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GiveOpinion:
    topic: str
    phrases: tuple[str, ...]
    language: str
    writing: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class CallPerson:
    screen: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CallNoPerson:
    """Nobody needs to come any more."""


@dataclass(frozen=True, slots=True)
class JudgePin:
    pin: str


@dataclass(frozen=True, slots=True)
class DoDuty:
    """What staff asked for; one of staff.DUTIES."""

    what: str


Wish = (
    AskTicket | CheckIdentity | CheckAgain | NoteDeclined | PrintTicket | TellPaper | GiveBack | FindAppointment | FindVisit | RateVisit
    | GiveOpinion | CallPerson | CallNoPerson | JudgePin | DoDuty
)  # fmt: skip
