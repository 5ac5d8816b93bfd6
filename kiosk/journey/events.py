"""What happens: touches, cards, answers, time."""

from dataclasses import dataclass

from edge_agent.messages import Appointment, IssuedTicket, Services, Ticket
from kiosk.journey.step import Card, Check, Help, Here


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; seconds of any steady clock."""

    now: float


# --- touches that mean the same on many screens ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    language: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The customer says done: back to the start."""


@dataclass(frozen=True, slots=True)
class Left:
    """The customer needs no more time, wherever they are."""


@dataclass(frozen=True, slots=True)
class WentBack:
    """One screen back."""


@dataclass(frozen=True, slots=True)
class WentOn:
    """Next, or without."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A key: one character, or BACKSPACE."""

    key: str


BACKSPACE = "backspace"


@dataclass(frozen=True, slots=True)
class Entered:
    """What was typed is complete."""


@dataclass(frozen=True, slots=True)
class Picked:
    """One of several that may be picked together: picked, or no longer."""

    code: str


@dataclass(frozen=True, slots=True)
class TurnedOver:
    """The next choices, from this one on."""

    first: int


@dataclass(frozen=True, slots=True)
class MoreTime:
    """I am still here."""


@dataclass(frozen=True, slots=True)
class AccessTouched:
    """How it is read and reached shall be changed."""


@dataclass(frozen=True, slots=True)
class ComfortTouched:
    """`what`: large, low, speech or contrast; on, or off again."""

    what: str


@dataclass(frozen=True, slots=True)
class PadUsed:
    """A key of the keypad for those who do not see the screen."""


# --- call a person --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HelpTouched:
    """Called, or no longer needed."""


@dataclass(frozen=True, slots=True)
class HelpTold:
    help: Help


# --- taking a ticket ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begun:
    """The welcome screen was touched."""


@dataclass(frozen=True, slots=True)
class ServiceTouched:
    code: str


@dataclass(frozen=True, slots=True)
class PriorityTouched:
    """An old, pregnant, ill or disabled customer: nobody asks for a proof."""


@dataclass(frozen=True, slots=True)
class CardRead:
    card: Card


@dataclass(frozen=True, slots=True)
class CardUnreadable:
    """`together`: two were there at once."""

    together: bool = False


@dataclass(frozen=True, slots=True)
class CheckInTouched:
    pass


@dataclass(frozen=True, slots=True)
class AppointmentShown:
    """A code with a booked time (RFC 3339), or the bank's own reference."""

    service: str
    booked: str
    early_min: int | None = None


@dataclass(frozen=True, slots=True)
class AppointmentFound:
    """In the branch's book; booked for so many minutes from now. `asked` as in AppointmentUnknown."""

    appointment: Appointment
    early_min: int
    asked: str = ""


@dataclass(frozen=True, slots=True)
class AppointmentUnknown:
    """Not in the branch's book; `asked` by a reference that was typed, or by a card's pseudonym."""

    asked: str


@dataclass(frozen=True, slots=True)
class CodeUnknown:
    """A code that is neither an appointment nor a ticket of this branch."""


@dataclass(frozen=True, slots=True)
class ErrandTouched:
    code: str


@dataclass(frozen=True, slots=True)
class ChoiceTouched:
    code: str


# --- is the card theirs? --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Agreed:
    """To this look, by face or fingerprint, for this time."""

    method: str


@dataclass(frozen=True, slots=True)
class TriedAgain:
    pass


@dataclass(frozen=True, slots=True)
class AnotherWay:
    """Without it: the teller looks at the card. Open at any moment."""


@dataclass(frozen=True, slots=True)
class CheckShown:
    """What the customer is asked now."""

    check: Check


@dataclass(frozen=True, slots=True)
class CheckEnded:
    """`said`: what the teller is told: face, fingerprint, or failed; `reason`: the code for why not."""

    said: str
    reason: str = ""


# --- the ticket -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TicketIssued:
    """`in_advance`: from a block of numbers, as the branch could not be reached."""

    ticket: IssuedTicket
    in_advance: bool = False


@dataclass(frozen=True, slots=True)
class TicketRefused:
    """The branch answered, and said no; `reason` is the stable name of its refusal."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class TicketUnreachable:
    """Nobody answered the request for a ticket for longer than a customer waits, and no number in advance is left."""


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


# --- rating, suggestions, complaints --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RateTouched:
    pass


@dataclass(frozen=True, slots=True)
class TicketScanned:
    """The code on a ticket's paper."""

    ticket: str


@dataclass(frozen=True, slots=True)
class VisitFound:
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class VisitUnknown:
    pass


@dataclass(frozen=True, slots=True)
class ScoreTouched:
    score: int


@dataclass(frozen=True, slots=True)
class OpinionTouched:
    pass


@dataclass(frozen=True, slots=True)
class TopicTouched:
    code: str


@dataclass(frozen=True, slots=True)
class Wrote:
    """A stroke of a finger: x, y, x, y … in thousandths of the sheet's width. None of them: wiped."""

    stroke: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OpinionTaken:
    """Written down by the branch under this number."""

    label: str
    id: str


@dataclass(frozen=True, slots=True)
class Rated:
    """Written down by the branch."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A rating or an opinion was not written down, or an appointment or a visit could not be looked up; `reason` is the
    branch's, empty when nobody answered; `asked`, of an appointment, as in AppointmentUnknown."""

    reason: str = ""
    asked: str = ""


# --- the branch and the machines ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HereKnown:
    """What this kiosk can do now."""

    here: Here


@dataclass(frozen=True, slots=True)
class ServicesKnown:
    """`fresh`: the branch has just said so; else it is what it said before it was lost."""

    services: Services
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class BranchLost:
    """A look found nobody. A request under way goes on: its own answer ends it."""


# --- staff ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StaffAsked:
    """The header was held for three seconds."""


@dataclass(frozen=True, slots=True)
class PinJudged:
    """`wait_s`: after too many wrong ones, so long until the next may be tried."""

    right: bool
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class StaffTouched:
    """`what`: one of staff.DUTIES."""

    what: str


@dataclass(frozen=True, slots=True)
class StaffTold:
    """What came of it: lines of words, or of facts about machines."""

    lines: tuple[str, ...]


Event = (
    Tick | LanguageChosen | Finished | Left | WentBack | WentOn | Typed | Entered | Picked | TurnedOver | MoreTime
    | AccessTouched | ComfortTouched | PadUsed | HelpTouched | HelpTold
    | Begun | ServiceTouched | PriorityTouched | CardRead | CardUnreadable | CheckInTouched
    | AppointmentShown | AppointmentFound | AppointmentUnknown | CodeUnknown
    | ErrandTouched | ChoiceTouched | Agreed | TriedAgain | AnotherWay | CheckShown | CheckEnded | TicketIssued | TicketRefused | TicketUnreachable
    | PaperTold | PaperElsewhere
    | RateTouched | TicketScanned | VisitFound | VisitUnknown | ScoreTouched
    | OpinionTouched | TopicTouched | Wrote | OpinionTaken | Rated | NotTaken
    | HereKnown | ServicesKnown | BranchLost
    | StaffAsked | PinJudged | StaffTouched | StaffTold
)  # fmt: skip
