"""What a kiosk is told and what it asks for: services, tickets, errands, help, opinions, numbers in advance."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from edge_agent.messages.shapes import (
    Asked,
    Code,
    Language,
    Moment,
    Names,
    SegmentName,
    Shape,
    TicketId,
    Word,
)
from edge_agent.messages.tickets import Closed, EstimatedWait, Reprint

Token = Annotated[str, Meta(min_length=1, max_length=128)]
BookedFor = Annotated[str, Meta(min_length=1, max_length=64)]
ScreenCode = Annotated[str, Meta(pattern=r"^[a-z_]{1,32}\Z")]  # it stands in the journal
ReasonCode = Annotated[str, Meta(pattern=r"^[a-z_]{0,48}\Z")]
Channel = Annotated[  # whoever hands it in chooses the word, and it leaves the branch
    str,
    Meta(
        pattern=r"^(?!.*\d([_-]?\d){10})[A-Za-z0-9_-]{1,32}\Z",
        description="1 to 32 letters, digits, - and _, no 11 digits in a row, such as kiosk or app",
    ),
]
Version = Annotated[str, Meta(pattern=r"^(?!.*\d{11})[A-Za-z0-9._+=:/ -]{0,96}\Z")]
Score = Annotated[int, Meta(ge=1, le=5)]


class Choice(Shape, frozen=True):
    """One of several things to touch."""

    code: str
    names: Names


# --- what is offered ------------------------------------------------------------------------------


class Service(Shape, frozen=True):
    """`note`: what a customer must know before choosing: `closed` (until `opens_at`, where that is known), `full` (so
    many wait that nobody more can be served today), `last` (a few more can be). `identity`: whether a customer with a
    card may show at the kiosk that it is theirs."""

    code: str
    prefix: str
    names: Names
    waiting: int
    estimated_wait: EstimatedWait | None
    open: bool
    note: Literal["", "closed", "full", "last"] = ""
    opens_at: Moment | None = None
    identity: bool = False


class Errand(Shape, frozen=True):
    """A one-touch service in at most three steps: show a card or an ID (`identify`; one may always go on without),
    choose (where there are `choices`), confirm; then a ticket of `service`. `papers`: what to bring to the counter."""

    code: str
    names: Names
    service: str
    identify: bool = True
    question: Names = {}
    choices: list[Choice] = []
    papers: list[Names] = []


class Reason(Choice, frozen=True):
    """Why a visit was rated so; offered with these scores."""

    scores: list[Score]


class Topic(Choice, frozen=True):
    """What a suggestion or complaint may be about, and the sentences to touch."""

    phrases: list[Choice]


class Services(Shape, frozen=True):
    """The rest is for the kiosk's screens and paper; `public_url` is where phones reach the branch; `reprints` is
    what the kiosk that asks shall print again, marked as a reprint; `help`: whether it has called a person, and one is
    coming; `closed`: why the branch gives out no tickets at all; `at`: the branch's time."""

    services: list[Service]
    branch_name: Names
    public_url: str
    time_zone: str
    at: Moment
    business_day: date
    reprints: list[Reprint] = []
    closed: Closed | None = None
    errands: list[Errand] = []
    reasons: list[Reason] = []
    topics: list[Topic] = []
    appointments: bool = False
    help: Literal["", "asked", "coming"] = ""


# --- a ticket please ------------------------------------------------------------------------------


class ErrandBegun(Asked, frozen=True):
    """What the customer has already said at the kiosk. `identified`: by a card or an ID that was read there."""

    code: Code
    choice: Code | None = None
    identified: bool = False


class TicketRequest(Asked, frozen=True):
    """A ticket please. `customer_token` is a pseudonym made by the kiosk, never a card number; `appointment`
    is the booked time (RFC 3339), or a reference of the bank's own, which moves nobody, stays in the branch and does
    not begin like a date; `then` are the further services of the same visit, in this order; `errand` reaches the teller, and so does
    `identity`: what came of looking whether the customer is the card's owner, `identity_reason` the word of an
    IdentityCheck for why not."""

    service: Code
    segment: SegmentName = "ordinary"
    language: Language = "zh-Hans"
    channel: Channel = "kiosk"
    customer_token: Token | None = None
    appointment: BookedFor | None = None
    then: Annotated[list[Code], Meta(max_length=8)] = []
    errand: ErrandBegun | None = None
    identity: Literal["", "face", "fingerprint", "failed", "declined"] = ""
    identity_reason: ReasonCode = ""


class Appointment(Shape, frozen=True):
    """One of the day's appointments, found by its reference or by the customer's pseudonym."""

    reference: str
    service: str
    at: Moment


# --- call a person --------------------------------------------------------------------------------


class AskHelp(Asked, frozen=True):
    """`screen`: what the customer has before them; `reason`: a word of the kiosk's own, such as `printer_failed`."""

    screen: ScreenCode
    reason: Word = ""


class Helper(Asked, frozen=True):
    """Who goes to a kiosk, or was there: the counter, where there is one."""

    counter: Code | None = None


# --- is this the card's owner? --------------------------------------------------------------------


class IdentityCheck(Asked, frozen=True):
    """What a kiosk tells of looking whether a customer is the card's owner, one by one. `undecided`: it could not be
    judged; `locked`: after too many failures nobody looked. `reason` is a word of the kiosk's own such as too_dark;
    `engine` says which program judged with which limit, `consent` which text the customer agreed to. There is no place
    here for a picture, a template, a likeness or a customer."""

    method: Literal["face", "fingerprint"]
    decision: Literal["passed", "failed", "undecided", "declined", "locked"]
    engine: Version
    consent: Version
    reason: ReasonCode = ""


# --- numbers in advance, for when the branch cannot be reached -------------------------------------


class AskNumbers(Asked, frozen=True):
    """`store`: the random name of what the kiosk keeps its numbers in. A kiosk that has lost that, or a second machine
    with its token, is given other numbers: nobody knows which of the first are on paper."""

    store: TicketId


class NumberBlock(Shape, frozen=True):
    """Labels that nobody else gives out, to be used in this order."""

    service: str
    labels: list[str]


class Lease(Shape, frozen=True):
    """All that this kiosk may still give out by itself, on this business day only, which ends at `until`. `at`: the
    branch's time."""

    business_day: date
    at: Moment
    until: Moment
    blocks: list[NumberBlock]


class TakenTicket(Asked, frozen=True):
    """A ticket that the kiosk gave out from its block. `touched_at` is in the branch's time, as far as the kiosk knows
    it; `id` is the kiosk's, as hard to guess as ours."""

    id: TicketId
    label: Annotated[str, Meta(min_length=1, max_length=32)]
    business_day: date
    touched_at: Moment
    asked: TicketRequest


class HandIn(Asked, frozen=True):
    """In the order of their numbers."""

    tickets: Annotated[list[TakenTicket], Meta(max_length=200)]


class NotTaken(Shape, frozen=True):
    """`reason` is stable: unknown-number (no lease of this kiosk has it), used (another ticket has it)."""

    label: str
    reason: str


class HandedIn(Shape, frozen=True):
    """Every ticket is in one of the two: a label, or why not."""

    taken: list[str]
    refused: list[NotTaken]
