"""The slot of a motorised reader at the kiosk: a card is drawn in, read, and given back at once.

A queue needs no card for longer, so nobody can forget one inside, and nothing here ever keeps one: what is
found inside, for whatever reason, is given back.
"""

import itertools
from typing import Any

from devices.bank_card import BankCard
from devices.card_reader.orders import (
    CARD_INSIDE,
    AcceptCard,
    CardFound,
    CardReturned,
    CardTaken,
    ReturnCard,
)
from devices.card_reader.protocol import Where
from devices.device import Patience
from devices.keeper import Keeper

SLOT_EVENTS = (CardTaken, CardReturned, CardFound)
WITHIN_S = 24 * 3600.0  # a card may come at any time; who no longer wants one cancels
READ = ("success", "invalidMedia")  # a card was inside; the second: nothing on it could be read


class CardSlot:
    """Without a reader everything is in vain."""

    def __init__(self, keeper: Keeper | None) -> None:
        self._keeper = keeper
        self._jobs = itertools.count(1)
        self._open: Patience | None = None
        self._returning = False

    def take_cards(self, *, wanted: bool) -> None:
        """Called again and again: the slot is opened as soon as it can be."""
        if self._keeper is None:
            return
        if not wanted:
            if self._open is not None:
                self._open.cancel()
        elif self._open is None and not self._returning and self._keeper.health.state.works:
            self._open = self._keeper.order(AcceptCard(self._job()), WITHIN_S)

    def heard(self, event: Any) -> list[BankCard | None]:
        """The card that was read (None: unreadable), where the event tells of one."""
        match event:
            case CardTaken(completion=completion, card=card, where=where):
                self._open = None
                if completion not in READ and where is not Where.INSIDE:
                    return []
                self._give_back()
                return [] if completion == CARD_INSIDE else [card]  # that one has been told
            case CardReturned():
                self._returning = False
        return []

    def _give_back(self) -> None:
        if self._keeper is not None:
            self._returning = True
            self._keeper.order(ReturnCard(self._job()))

    def _job(self) -> str:
        return f"slot-{next(self._jobs)}"
