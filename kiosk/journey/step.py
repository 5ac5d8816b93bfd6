"""Everything about the present customer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from edge_agent.messages import Appointment, IssuedTicket, Services, Ticket


class Screen(StrEnum):
    """What is on the screen."""

    WELCOME = "welcome"
    SERVICES = "services"
    CHECK_IN = "check_in"
    ERRAND_IDENTIFY = "errand_identify"
    ERRAND_CHOOSE = "errand_choose"
    ERRAND_CONFIRM = "errand_confirm"
    IDENTITY = "identity"
    TICKET = "ticket"
    RATE_FIND = "rate_find"
    RATE_SCORE = "rate_score"
    RATE_WHY = "rate_why"
    OPINION_TOPIC = "opinion_topic"
    OPINION_SAY = "opinion_say"
    THANKS = "thanks"
    ACCESS = "access"
    AWAY = "away"
    STAFF_PIN = "staff_pin"
    STAFF = "staff"
    STAFF_DEVICES = "staff_devices"


class Paper(StrEnum):
    """What became of the paper."""

    PRINTING = "printing"
    TAKEN_FROM_PRINTER = "confirmed"
    NONE = "none"  # the number on the screen is the ticket


class Help(StrEnum):
    """Whether a person has been called to this kiosk."""

    NONE = ""
    ASKING = "asking"
    ASKED = "asked"
    COMING = "coming"
    UNREACHABLE = "unreachable"  # staff cannot be told


class Theme(StrEnum):
    """Colours."""

    STANDARD = "standard"
    CONTRAST = "contrast"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Comfort:
    """How this customer reads and reaches."""

    large: bool = False  # care mode: larger letters, more time
    low: bool = False  # everything to touch in the lower part of a tall panel
    speech: bool = False  # without sight, through the keypad and headphones
    theme: Theme = Theme.STANDARD

    @property
    def slow(self) -> bool:
        return self.large or self.speech

    def turned(self, what: str, rules: "Rules") -> "Comfort":
        """With this turned on, or off again."""
        match what:
            case "large":
                return replace(self, large=not self.large)
            case "low":
                return replace(self, low=not self.low)
            case "speech":
                return replace(self, speech=not self.speech)
            case "contrast":
                on = self.theme is Theme.CONTRAST
                usual = rules.theme if rules.theme is not Theme.CONTRAST else Theme.STANDARD
                return replace(self, theme=usual if on else Theme.CONTRAST)
        return self


@dataclass(frozen=True, slots=True)
class Card:
    """What the journey needs of a card or an ID: no digits. `first`: services its owner most likely comes for."""

    token: str
    segment: str
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A look whether this is the card's owner, as it stands before the customer. `says` (a key of the words) and `icon`:
    what they are asked now. `leads_on`: a key, what may be touched beside another way. `progress` from 0 to 1. `mirror`:
    they see themselves. `tried`: a try has failed. `over`: nothing more is looked at, and it was no yes. `reason`: the code
    of the last try, never shown."""

    method: str
    says: str
    icon: str = ""
    leads_on: str = ""
    progress: float = 0.0
    mirror: bool = False
    tried: bool = False
    over: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a bank may set: the first language and colours, and patience in seconds."""

    language: str
    idle_s: float
    ticket_s: float
    ticket_without_paper_s: float
    theme: Theme = Theme.STANDARD
    warning_s: float = 30.0  # of asking whether more time is needed; WCAG 2.2.1 asks for 20
    slow_idle_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Here:
    """What this kiosk can do now: what does not work is not offered. `ways`: kinds of machines by which a customer can
    say who they are. `checks`: by what they can show that a card is theirs, face or fingerprint. `numbers`: services with
    numbers in advance. `reachable`: whether the branch answers."""

    ways: frozenset[str] = frozenset()
    checks: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    reachable: bool = True
    can_lower: bool = False
    can_speak: bool = False
    opening: datetime | None = None  # when the branch opens next, in its own zone
    duties_missing: frozenset[str] = frozenset()  # what staff cannot do on this machine


@dataclass(frozen=True, slots=True)
class Entry:
    """Keys pressed so far. A refused one stays, to be mended."""

    text: str = ""
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A new customer starts from `Step.fresh`."""

    screen: Screen
    language: str
    comfort: Comfort = Comfort()
    offer: Services | None = None  # as the branch said last
    here: Here = Here()
    card: Card | None = None
    priority: bool = False
    notice: str = ""  # a key of the words
    asking: bool = False
    entry: Entry = Entry()
    errand: str = ""
    choice: str = ""
    service: str = ""  # for which the customer is asked to show that the card is theirs
    check: Check | None = None  # begun with the customer's consent, on this screen
    failed: Check | None = None  # the last that failed of this card, also before this one
    identity: str = ""  # what came of it, as the teller is told
    identity_reason: str = ""  # the code for why not, for the teller only
    appointment: Appointment | None = None
    early_min: int | None = None  # of an appointment: minutes until then, negative when late
    ticket: IssuedTicket | None = None
    in_advance: bool = False  # its number came from a block, as the branch could not be reached
    paper: Paper = Paper.PRINTING
    paper_at: str = ""  # another kiosk, where the paper comes out instead
    visit: Ticket | None = None
    score: int = 0
    picked: frozenset[str] = frozenset()  # reasons or sentences
    topic: str = ""
    writing: tuple[tuple[int, ...], ...] = ()
    thanks: str = ""  # a key of the words
    opinion: str = ""  # its number
    opinion_id: str = ""
    help: Help = Help.NONE
    back_to: Screen = Screen.WELCOME
    tries: int = 0
    turned: Mapping[Screen, int] = field(
        default_factory=dict
    )  # to which choice, where not all have room at once
    told: tuple[str, ...] = field(default=())  # what staff are told of their last wish
    at: float = 0.0  # the clock's last word
    touched_at: float = 0.0

    @classmethod
    def fresh(cls, rules: Rules, before: "Step | None" = None) -> "Step":
        """Nothing of the customer before is left but what the branch and the kiosk offer, and whether a person comes."""
        start = cls(Screen.WELCOME, rules.language, Comfort(theme=rules.theme))
        if before is None:
            return start
        known = replace(start, offer=before.offer, here=before.here, help=before.help)
        return replace(known, at=before.at, touched_at=before.at)

    @property
    def first(self) -> int:
        """Of the choices: the one to which this screen has been turned."""
        return self.turned.get(self.screen, 0)

    @property
    def beneath(self) -> Screen:
        """The screen, or the one from which the customer went to change how it is read."""
        return self.back_to if self.screen is Screen.ACCESS else self.screen

    @property
    def issuing(self) -> bool:
        """Whether a ticket can be had at all."""
        if self.offer is None:
            return False
        return any(self.offered(service.code) for service in self.offer.services)

    def offered(self, code: str) -> bool:
        """Whether a ticket of this service can be had."""
        services = self.offer.services if self.offer else []
        if not self.here.reachable:
            return code in self.here.numbers
        return any(one.code == code and one.open for one in services)
