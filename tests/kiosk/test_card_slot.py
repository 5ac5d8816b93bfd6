"""The motorised reader's slot: open when a card would mean something, and every card comes out again."""

import pytest
from hypothesis import given, strategies as st

from devices.bank_card import BankCard
from devices.card_reader.orders import (
    AcceptCard,
    CaptureCard,
    CardFound,
    CardReturned,
    CardTaken,
    Event,
    ReturnCard,
)
from devices.card_reader.protocol import Where
from devices.device import State
from kiosk.card_slot import CardSlot
from tests.kiosk.machine_doubles import FakeKeeper

CARD = BankCard("622202", "0128", "token", luhn_ok=True)
READ = CardTaken("slot-1", "success", card=CARD, where=Where.INSIDE)


def slot(state: State = State.READY) -> tuple[CardSlot, FakeKeeper]:
    keeper = FakeKeeper("card_reader", state)
    return CardSlot(keeper), keeper  # type: ignore[arg-type]  # a double


def kinds(keeper: FakeKeeper) -> list[type]:
    return [type(order) for order in keeper.ordered]


def open_slot() -> tuple[CardSlot, FakeKeeper]:
    opened, keeper = slot()
    opened.take_cards(wanted=True)
    return opened, keeper


def test_it_is_opened_once_however_often_it_is_wanted() -> None:
    opened, keeper = open_slot()
    for _ in range(5):
        opened.take_cards(wanted=True)
    assert kinds(keeper) == [AcceptCard]


def test_nobody_wants_a_card_and_it_stays_shut() -> None:
    shut, keeper = slot()
    shut.take_cards(wanted=False)
    assert keeper.ordered == []


@pytest.mark.parametrize("state", [State.ABSENT, State.OPENING, State.PROBING, State.FAULT])
def test_a_reader_that_does_not_work_is_opened_as_soon_as_it_does(state: State) -> None:
    waiting, keeper = slot(state)
    waiting.take_cards(wanted=True)
    assert keeper.ordered == []
    keeper.becomes(State.READY)
    waiting.take_cards(wanted=True)
    assert kinds(keeper) == [AcceptCard]


def test_a_card_that_was_read_is_told_and_given_back_at_once() -> None:
    opened, keeper = open_slot()
    assert opened.heard(READ) == [CARD]
    assert kinds(keeper) == [AcceptCard, ReturnCard]


def test_an_unreadable_card_is_told_as_such_and_given_back() -> None:
    opened, keeper = open_slot()
    assert opened.heard(CardTaken("slot-1", "invalidMedia", where=Where.INSIDE)) == [None]
    assert kinds(keeper) == [AcceptCard, ReturnCard]


def test_a_card_that_stayed_inside_after_an_error_is_given_back_too() -> None:
    opened, keeper = open_slot()
    assert opened.heard(CardTaken("slot-1", "sensor", where=Where.INSIDE)) == [None]
    assert kinds(keeper) == [AcceptCard, ReturnCard]


def test_a_card_that_could_not_be_given_back_is_given_back_when_the_reader_works_again() -> None:
    opened, keeper = open_slot()
    opened.heard(READ)
    opened.heard(CardReturned("slot-2", "mediaJam", Where.INSIDE))
    opened.take_cards(wanted=True)
    told = opened.heard(CardTaken("slot-3", "cardInside", where=Where.INSIDE))
    assert told == []  # the customer was told of it before
    assert kinds(keeper) == [AcceptCard, ReturnCard, AcceptCard, ReturnCard]


def test_the_next_card_is_let_in_only_when_the_one_before_has_been_taken() -> None:
    opened, keeper = open_slot()
    opened.heard(READ)
    opened.take_cards(wanted=True)
    assert kinds(keeper) == [AcceptCard, ReturnCard]
    opened.heard(CardReturned("slot-2", "success", Where.NONE))
    opened.take_cards(wanted=True)
    assert kinds(keeper) == [AcceptCard, ReturnCard, AcceptCard]


def test_who_wants_no_card_any_more_cancels_and_the_slot_opens_again_after_that() -> None:
    opened, keeper = open_slot()
    opened.take_cards(wanted=False)
    assert keeper.patience[0].over == "canceled"
    opened.take_cards(wanted=True)
    assert kinds(keeper) == [AcceptCard]  # the first one has not ended yet
    assert opened.heard(CardTaken("slot-1", "canceled", where=Where.NONE)) == []
    opened.take_cards(wanted=True)
    assert kinds(keeper) == [AcceptCard, AcceptCard]


def test_a_card_that_came_in_as_it_was_cancelled_is_given_back() -> None:
    opened, keeper = open_slot()
    opened.take_cards(wanted=False)
    opened.heard(READ)
    assert kinds(keeper) == [AcceptCard, ReturnCard]


@pytest.mark.parametrize("why", ["absent", "notResponding", "cardLeft", "binFull", "timeOut"])
def test_where_no_card_came_in_nothing_is_told_nor_moved(why: str) -> None:
    opened, keeper = open_slot()
    assert opened.heard(CardTaken("slot-1", why)) == []
    assert kinds(keeper) == [AcceptCard]


def test_a_reader_lost_while_it_was_open_is_opened_again_when_it_is_back() -> None:
    opened, keeper = open_slot()
    keeper.becomes(State.ABSENT, "noDevice")
    opened.heard(CardTaken("slot-1", "deviceNotReady"))
    opened.take_cards(wanted=True)
    assert len(keeper.ordered) == 1
    keeper.becomes(State.READY)
    assert opened.heard(CardFound(Where.GATE)) == []
    opened.take_cards(wanted=True)
    assert kinds(keeper) == [AcceptCard, AcceptCard]


def test_without_a_reader_everything_is_in_vain() -> None:
    none = CardSlot(None)
    none.take_cards(wanted=True)
    none.take_cards(wanted=False)
    assert none.heard(CardFound(Where.GATE)) == []


WORDS = st.sampled_from(["success", "invalidMedia", "sensor", "cardInside", "canceled", "absent"])
PLACES = st.sampled_from(list(Where))
HAPPENINGS: st.SearchStrategy[bool | Event] = st.one_of(
    st.booleans(),
    st.builds(CardTaken, st.just("j"), WORDS, where=PLACES),
    st.builds(CardReturned, st.just("j"), WORDS, PLACES),
)


@given(st.lists(HAPPENINGS, max_size=30))
def test_whatever_happens_a_card_inside_comes_out_and_none_is_kept(events: list) -> None:
    opened, keeper = slot()
    for event in events:
        before = len(keeper.ordered)
        if isinstance(event, bool):
            opened.take_cards(wanted=event)
            continue
        opened.heard(event)
        if isinstance(event, CardTaken) and event.where is Where.INSIDE:
            assert kinds(keeper)[before:] == [ReturnCard]
    assert CaptureCard not in kinds(keeper)
