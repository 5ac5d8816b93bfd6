"""What a motorised card reader is asked to do, and what it tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from devices.bank_card import BankCard
from devices.card_reader.protocol import Where
from devices.device import Retry
from devices.magnetic_stripe.protocol import TrackStatus

SUCCESS = "success"
CARD_LEFT = "cardLeft"  # at the gate, and nobody takes it
CARD_INSIDE = "cardInside"  # another one than was asked for


@dataclass(frozen=True, slots=True)
class AcceptCard:
    """Open the entry, wait for a card, read it. It stays inside until it is returned or captured."""

    retry: ClassVar[Retry] = Retry.MOTION
    job: str


@dataclass(frozen=True, slots=True)
class ReturnCard:
    """To the gate, and wait until it is taken, for `take_s` seconds at most."""

    retry: ClassVar[Retry] = Retry.MOTION
    job: str
    take_s: float = 25.0


@dataclass(frozen=True, slots=True)
class CaptureDecision:
    """Why a customer's card is kept: the bank's rule, who applied it, when. Raises ValueError without them."""

    policy: str
    decided_by: str
    at: datetime

    def __post_init__(self) -> None:
        if not (self.policy and self.decided_by):
            raise ValueError("say which policy keeps the card and who decided it")


@dataclass(frozen=True, slots=True)
class CaptureCard:
    """Into the bin. Nothing else puts a card there."""

    retry: ClassVar[Retry] = Retry.MOTION
    job: str
    decision: CaptureDecision


@dataclass(frozen=True, slots=True)
class StopAccepting:
    """Close the entry."""

    retry: ClassVar[Retry] = Retry.SAFE
    job: str


@dataclass(frozen=True, slots=True)
class CardTaken:
    """What became of AcceptCard. `completion` is success, invalidMedia (inside, but neither a track nor a chip
    could be read), or why there is no reading; `where` the card is then."""

    job: str
    completion: str
    tracks: Mapping[int, TrackStatus] = field(default_factory=dict)
    card: BankCard | None = None
    chip: bool = False
    where: Where = Where.UNKNOWN


@dataclass(frozen=True, slots=True)
class CardReturned:
    """What became of ReturnCard. success: it was taken."""

    job: str
    completion: str
    where: Where = Where.UNKNOWN


@dataclass(frozen=True, slots=True)
class CardCaptured:
    """What became of CaptureCard. `bin_count`: cards in the bin, None when the machine does not count."""

    job: str
    completion: str
    decision: CaptureDecision
    bin_count: int | None = None
    where: Where = Where.UNKNOWN


@dataclass(frozen=True, slots=True)
class AcceptingStopped:
    """What became of StopAccepting."""

    job: str
    completion: str


@dataclass(frozen=True, slots=True)
class CardFound:
    """A card that nobody knew of was inside when the machine came back. It has been moved out; `where` it is now."""

    where: Where


Order = AcceptCard | ReturnCard | CaptureCard | StopAccepting
Outcome = CardTaken | CardReturned | CardCaptured | AcceptingStopped
Event = Outcome | CardFound


def undone(order: Order, completion: str) -> Outcome:
    """The outcome of an order that led to nothing that is known."""
    if isinstance(order, AcceptCard):
        return CardTaken(order.job, completion)
    if isinstance(order, ReturnCard):
        return CardReturned(order.job, completion)
    if isinstance(order, CaptureCard):
        return CardCaptured(order.job, completion, order.decision)
    return AcceptingStopped(order.job, completion)
