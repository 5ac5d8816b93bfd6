"""What a contactless reader is asked to do, and what it tells."""

from dataclasses import dataclass
from typing import ClassVar

from devices.bank_card import BankCard
from devices.device import Retry


@dataclass(frozen=True, slots=True)
class Enable:
    """An order: field on, look for cards."""

    retry: ClassVar[Retry] = Retry.SAFE
    job: str


@dataclass(frozen=True, slots=True)
class Disable:
    """An order: field off; no card is told before the next Enable."""

    retry: ClassVar[Retry] = Retry.SAFE
    job: str


@dataclass(frozen=True, slots=True)
class FieldSet:
    """What became of Enable or Disable: success, or in one word why not."""

    job: str
    completion: str


@dataclass(frozen=True, slots=True)
class CardTapped:
    """A bank card was read. `aid`: the application, in hexadecimal; `label`: what it calls itself."""

    card: BankCard
    aid: str
    label: str


@dataclass(frozen=True, slots=True)
class CardUnreadable:
    """noMedia: taken away too soon; cardCollision: two cards; invalidMedia: no bank card;
    applicationBlocked; dataInvalid: it stayed, but its answers do not come through."""

    reason: str


@dataclass(frozen=True, slots=True)
class CardGone:
    """The card that was told, or the two, have left the field."""


Order = Enable | Disable
Event = CardTapped | CardUnreadable | CardGone | FieldSet
